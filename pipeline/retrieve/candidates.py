"""From a node with its score to a candidate that says why it is there.

The reasons of a node are words of few kinds and figures of two places, the same ones over and over;
each is kept once, so that results are small in memory and between processes.
"""

from dataclasses import dataclass
from functools import lru_cache
from sys import intern

from pipeline.model import Candidate, Channel, Finder
from pipeline.retrieve.nodes import Hit
from pipeline.retrieve.rank import WORTH, Row
from pipeline.terms import Level

_STRONG_LEXICAL = 0.6
_STRONG_DENSE = 0.7
_TERMS = {level: f"term-{level.name.lower()}" for level in Level}
_ORDER, _LEAD, _COMMON, _HEADER = map(WORTH.index, ("order", "lead", "common", "header"))


@dataclass(frozen=True, slots=True)
class Scored:
    """A node for one phrase: what orders it (`rank.FEATURES`), its worth and its score.

    Far down the list worth is not weighed; the score there is that of the last one that was.
    """

    hit: Hit
    features: Row
    worth: tuple[float, ...]
    score: float


def candidate(scored: Scored, code: str) -> Candidate:
    """Return a candidate with the channels that found it and their measures as reasons."""
    hit = scored.hit
    return Candidate(code=code, score=scored.score, channels=_channels(hit), reasons=_reasons(hit))


def first(scored: Scored, code: str, finders: Finder) -> Candidate:
    """Return the best candidate of a mention, with what its confidence asks besides."""
    if not scored.worth:
        return candidate(scored, code)
    hit, worth = scored.hit, scored.worth
    found = _found(finders)
    return Candidate(
        code=code,
        score=scored.score,
        channels=_channels(hit),
        reasons=(
            *_reasons(hit),
            intern(f"order={worth[_ORDER]:.2f}"),
            intern(f"lead={worth[_LEAD]:.2f}"),
            intern(f"common={worth[_COMMON]:.2f}"),
            *((found,) if found else ()),
            *(("header",) if worth[_HEADER] else ()),
        ),
    )


@lru_cache(maxsize=64)
def _found(finders: Finder) -> str:
    names = "+".join(one.name.lower() for one in finders if one.name)
    return f"found={names}" if names else ""


def _channels(hit: Hit) -> tuple[Channel, ...]:
    return tuple(
        channel
        for channel, there in (
            (Channel.DICTIONARY, hit.level is not None or bool(hit.learned)),
            (Channel.LEXICAL, hit.lexical >= _STRONG_LEXICAL),
            (Channel.DENSE, hit.dense >= _STRONG_DENSE),
        )
        if there
    ) or ((Channel.LEXICAL,) if hit.lexical else (Channel.DENSE,))


def _reasons(hit: Hit) -> tuple[str, ...]:
    reasons = []
    if hit.level is not None:
        reasons.append(_TERMS[hit.level])
    if hit.from_lexicon:
        reasons.append("lexicon")
    if hit.learned:
        reasons.append(f"learned={hit.learned:.2f}")
        reasons.append(f"coded={hit.rate:.2f}")
        reasons.append(f"seen={hit.seen}")
    if hit.lexical:
        reasons.append(f"lexical={hit.lexical:.2f}")
    if hit.dense:
        reasons.append(f"dense={hit.dense:.2f}")
    return tuple(map(intern, reasons))
