"""Probes: break coded notes on purpose, and ask whether the codes follow.

A statement is negated, made a relative's, hypothetical or past, deleted, or its side or stage is
exchanged; the code must vanish, or change to its sibling. Asked about are only gold codes that the
program suggests on the unbroken note, since else vanishing proves nothing. After the counterfactual
tests of Kaushik et al. (ICLR 2020) and CheckList (Ribeiro et al., ACL 2020).

Public: `run`, which codes, breaks and codes again; `figures` of its answers.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.batch import LoadReport, Recipe
from app.batch import run as code
from app.gold import GoldDocument
from app.probes.breaking import Breaker, Broken
from app.probes.sentences import Kind
from app.scores import Figures
from pipeline.model import CodingResult, Scope
from taxonomy import Taxonomy

__all__ = ["COUNT", "SEED", "Answer", "Kind", "Verdict", "figures", "judge", "run"]

COUNT = 100
"""Probes of a kind at most, drawn by the seed."""
SEED = 1


class Verdict(StrEnum):
    """How a broken note was answered; ELSEWHERE says that unbroken words carry the code too."""

    EXPECTED = "expected"
    FAILED = "failed"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of one probe; `found` are the codes that should not be, or are all there is."""

    broken: Broken
    verdict: Verdict
    found: tuple[str, ...] = ()


def run(
    gold: Sequence[GoldDocument],
    *,
    recipe: Recipe,
    taxonomy: Taxonomy,
    scope: Scope,
    workers: int,
    count: int = COUNT,
    seed: int = SEED,
    report: LoadReport | None = None,
    advance: Callable[[str, int], None] = lambda _step, _total: None,
) -> tuple[Answer, ...]:
    """Return how each probe was answered, by kind and then by document.

    `advance` is called once a document and once a probe, with the step and how many it has. An
    encounter whose analysis fails is a failed probe.
    """
    breaker = Breaker(taxonomy, scope=scope, seed=seed)
    possible: dict[Kind, list[Broken]] = {kind: [] for kind in Kind}
    charts = [document.encounter for document in gold]
    for document, outcome in zip(
        gold, code(charts, recipe=recipe, workers=workers, report=report), strict=True
    ):
        for broken in breaker.of(document, outcome.result) if outcome.result else ():
            possible[broken.kind].append(broken)
        advance("Coding", len(gold))
    asked = [
        broken
        for kind, ours in possible.items()
        for broken in sorted(
            random.Random(f"{seed}:{kind}").sample(ours, min(count, len(ours))),
            key=lambda each: each.encounter.encounter_id,
        )
    ]
    answers = []
    outcomes = code([b.encounter for b in asked], recipe=recipe, workers=workers, report=report)
    for broken, outcome in zip(asked, outcomes, strict=True):
        answers.append(judge(broken, outcome.result))
        advance("Probing", len(asked))
    return tuple(answers)


def judge(broken: Broken, result: CodingResult | None) -> Answer:
    """Return how a broken note was answered.

    Where a code must vanish, a code of its category read from the new words is a failure too. The
    code itself, read from words that no edit touched, is a matter of those words.
    """
    if result is None:
        return Answer(broken=broken, verdict=Verdict.FAILED)
    codes = {suggestion.code: suggestion for suggestion in result.suggestions}
    if broken.expected:
        right = bool(broken.expected & codes.keys()) and broken.code not in codes
        verdict = Verdict.EXPECTED if right else Verdict.FAILED
        near = (c for c in codes if c[:3] in {broken.code[:3], *(e[:3] for e in broken.expected)})
        return Answer(broken=broken, verdict=verdict, found=() if right else tuple(sorted(near)))
    wrong = tuple(
        name
        for name, suggestion in codes.items()
        if name[:3] == broken.code[:3]
        and any(any(map(m.span.meets, broken.written)) for m in suggestion.evidence)
    )
    if wrong:
        return Answer(broken=broken, verdict=Verdict.FAILED, found=wrong)
    elsewhere = broken.code in codes
    return Answer(broken=broken, verdict=Verdict.ELSEWHERE if elsewhere else Verdict.EXPECTED)


def figures(answers: Sequence[Answer]) -> Figures:
    """Return the share answered as expected, in all and per probe, and the failures by their words.

    Answers that prove nothing count in `elsewhere` alone.
    """
    return {
        **_share(answers),
        "kinds": {
            kind.value: _share([a for a in answers if a.broken.kind is kind]) for kind in Kind
        },
        "failures": [
            {
                "probe": answer.broken.kind.value,
                "document": answer.broken.document,
                "code": answer.broken.code,
                "words": answer.broken.words,
                "expected": sorted(answer.broken.expected),
                "found": list(answer.found),
            }
            for answer in answers
            if answer.verdict is Verdict.FAILED
        ],
    }


def _share(answers: Sequence[Answer]) -> Figures:
    elsewhere = sum(answer.verdict is Verdict.ELSEWHERE for answer in answers)
    right = sum(answer.verdict is Verdict.EXPECTED for answer in answers)
    asked = len(answers) - elsewhere
    return {
        "asked": asked,
        "as_expected": right,
        "share": right / asked if asked else None,
        "elsewhere": elsewhere,
    }
