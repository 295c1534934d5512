"""Near misses: credit for a code of the right family, and which families stand for which.

Both pair what was missed with what was suggested instead, one to one, the nearest first.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from app.scores import Figures, Scored, prf
from pipeline.extract.document import sentences
from pipeline.model import EvidenceSpan
from taxonomy import Taxonomy

WEIGHTS = {
    "code": 1.0,
    "five-characters": 0.8,
    "four-characters": 0.6,
    "category": 0.4,
    "block": 0.2,
}
"""Levels of agreement, the finest first, with the credit a pair that agrees no further is given."""

SHOWN = 50
"""Confused pairs of families that are listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Confusion:
    """A gold code that was missed, the wrong one in its place, and whether on the same words."""

    gold: str
    suggested: str
    same_words: bool


def partial(documents: Sequence[Scored], taxonomy: Taxonomy) -> Figures:
    """Return micro figures where agreement up to each level counts as right.

    Within a document each gold code is paired with at most one suggested code: first the equal
    ones, then those that share five characters, four, three (the category), then the block of the
    tabular list; so the figures of coarser levels hold those of the finer ones. `weighted` gives a
    pair the credit of its level (`WEIGHTS`; the scale is ours) instead of all or nothing.
    """
    pairs = Counter[str]()
    assigned = gold = 0
    for document in documents:
        mine, theirs = set(document.assigned), set(document.gold.codes)
        assigned += len(mine)
        gold += len(theirs)
        for level in WEIGHTS:
            pairs[level] += _pair_off(mine, theirs, _key(level, taxonomy))
    levels: Figures = {}
    true = 0
    for level in WEIGHTS:
        true += pairs[level]
        levels[level] = prf(true=true, assigned=assigned, gold=gold)
    credit = sum(WEIGHTS[level] * count for level, count in pairs.items())
    return {
        "levels": levels,
        "weighted": {
            "precision": round(credit / assigned, 4) if assigned else 0.0,
            "recall": round(credit / gold, 4) if gold else 0.0,
            "f1": round(2 * credit / (assigned + gold), 4) if assigned + gold else 0.0,
            "weights": WEIGHTS,
        },
    }


def confusion(documents: Sequence[Scored]) -> Figures:
    """Return which families are suggested in place of which, the commonest first.

    A missed gold code is confused with the wrong suggestion whose words overlap its own, else with
    the nearest one in the same sentence. Equal families stand for a wrong detail. `missed` counts
    the gold codes that were missed, `alone` those of them with no wrong suggestion beside them.
    """
    found: list[Confusion] = []
    missed = 0
    for document in documents:
        lost = sorted(document.gold.codes.keys() - document.assigned)
        missed += len(lost)
        found.extend(each for code in lost if (each := _confused(code, document)))
    families = Counter((each.gold[:3], each.suggested[:3]) for each in found)
    codes = Counter((each.gold, each.suggested) for each in found)
    same = Counter((e.gold[:3], e.suggested[:3]) for e in found if e.same_words)
    rows = []
    for (gold, suggested), count in sorted(families.items(), key=lambda item: (-item[1], item[0])):
        inside = [
            (-number, pair)
            for pair, number in codes.items()
            if (pair[0][:3], pair[1][:3]) == (gold, suggested)
        ]
        rows.append(
            {
                "gold": gold,
                "suggested": suggested,
                "count": count,
                "same_words": same[gold, suggested],
                "example": list(min(inside)[1]),
            }
        )
    return {"missed": missed, "alone": missed - len(found), "pairs": rows[:SHOWN]}


def _confused(code: str, document: Scored) -> Confusion | None:
    theirs = document.gold.codes[code]
    wrong = [
        (suggestion.code, mention.span)
        for suggestion in document.suggestions
        if suggestion.code not in document.gold.codes
        for mention in suggestion.evidence
    ]
    for suggested, span in wrong:
        if any(map(span.meets, theirs)):
            return Confusion(gold=code, suggested=suggested, same_words=True)
    near = [
        (abs(span.start - gold.start), suggested)
        for gold in theirs
        for whole in (_sentence(gold, document),)
        for suggested, span in wrong
        if span.meets(whole)
    ]
    return Confusion(gold=code, suggested=min(near)[1], same_words=False) if near else None


def _sentence(span: EvidenceSpan, document: Scored) -> EvidenceSpan:
    """Return the sentence that a span begins in."""
    text = document.gold.encounter.note(span.note_id).text
    for start, end in sentences(text):
        if start <= span.start < end:
            return EvidenceSpan(note_id=span.note_id, start=start, end=end)
    return span


def _pair_off(mine: set[str], theirs: set[str], key: Callable[[str], str]) -> int:
    """Take as many pairs with equal keys out of both sets as there are, and return how many."""
    taken = 0
    for code in sorted(theirs):
        partner = _first(mine, key, key(code))
        if partner is not None:
            mine.remove(partner)
            theirs.remove(code)
            taken += 1
    return taken


def _first(codes: Iterable[str], key: Callable[[str], str], wanted: str) -> str | None:
    return next((code for code in sorted(codes) if wanted and key(code) == wanted), None)


def _key(level: str, taxonomy: Taxonomy) -> Callable[[str], str]:
    """Return the function that names what two codes share at a level; empty where a code has none.

    A code shorter than five characters has no first five, and so on; a code that the release does
    not have stands in no block.
    """
    lengths = {"five-characters": 5, "four-characters": 4, "category": 3}

    def key(code: str) -> str:
        if level == "code":
            return code
        if level == "block":
            return taxonomy.section(code) if code in taxonomy else ""
        plain = code.replace(".", "")
        return plain[: lengths[level]] if len(plain) >= lengths[level] else ""

    return key
