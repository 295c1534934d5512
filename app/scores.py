"""Scores of coded documents against gold; every figure is defined where it is made."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from app.gold import GoldDocument
from pipeline.model import CodingResult, EvidenceSpan, Route, Suggestion, Support

THRESHOLDS = (0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)
BINS = 10
RETRIEVED = 10
SYMPTOM_CHAPTER = "R"

Figures = dict[str, Any]
"""Figures by name, as `evaluate --json` prints them."""

Base = Callable[[str], str]
"""Gives a code without its 7th character."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """A gold document and the result it was given; None where the analysis failed."""

    gold: GoldDocument
    result: CodingResult | None

    @property
    def suggestions(self) -> tuple[Suggestion, ...]:
        """Return every suggestion, whatever its route."""
        return self.result.suggestions if self.result else ()

    @property
    def assigned(self) -> frozenset[str]:
        """Return every suggested code, whatever its route."""
        return frozenset(s.code for s in self.suggestions)


def codes(documents: Sequence[Scored], key: Callable[[str], str | None]) -> Figures:
    """Micro precision, recall and F1 of code sets.

    A code counts once a document, under `key` (itself, its category, …); None leaves it out of
    both sides. A document whose analysis failed has assigned nothing.
    """
    true = assigned = gold = 0
    for document in documents:
        mine = {k for k in map(key, document.assigned) if k}
        theirs = {k for k in map(key, document.gold.codes) if k}
        true += len(mine & theirs)
        assigned += len(mine)
        gold += len(theirs)
    return prf(true=true, assigned=assigned, gold=gold)


def exact(code: str) -> str:
    """Key of the whole code."""
    return code


def category(code: str) -> str:
    """Key of the first three characters."""
    return code[:3]


def without_symptoms(code: str) -> str | None:
    """Key of the whole code, leaving out chapter 18 (R codes) on both sides."""
    return None if code.startswith(SYMPTOM_CHAPTER) else code


def evidence(documents: Sequence[Scored]) -> Figures:
    """Overlap of evidence, code by code.

    A span of a suggestion is right when it shares a character with a gold span of the same code
    in the same document. Precision: right spans among all spans of all suggestions, those of wrong
    codes included. Recall: gold spans met by a span of a suggestion of the same code, among all
    gold spans. `matched` is the same for codes that are both gold (with evidence) and suggested.
    """
    whole, matched = _Overlap(), _Overlap()
    for document in documents:
        mine: dict[str, list[EvidenceSpan]] = {}
        for suggestion in document.suggestions:
            spans = [mention.span for mention in suggestion.evidence]
            mine.setdefault(suggestion.code, []).extend(spans)
        for code in {*mine, *document.gold.codes}:
            theirs = document.gold.codes.get(code, ())
            whole.add(mine.get(code, ()), theirs)
            if code in mine and theirs:
                matched.add(mine[code], theirs)
    return {**whole.figures(), "matched": matched.figures()}


def stages(documents: Sequence[Scored], base: Base) -> Figures:
    """How many gold codes each stage still holds; a gold code counts once a document.

    `gold`: all. `with_evidence`: those that have a span. `extraction`: of these, those with a span
    that shares a character with an extracted mention. `retrieval`: those found, without their 7th
    character, among the ten best candidates of any mention of the document. `verification`: those
    taken for a mention, without their 7th character, and supported. `validation`: those
    suggested, whole. Retrieval and later look at the code alone, so a code found in other words
    than the annotator's counts, and retrieval may exceed extraction. Where each code that is not
    found was lost, each once, is told by `app.losses`.
    """
    counts = dict.fromkeys(
        ("gold", "with_evidence", "extraction", "retrieval", "verification", "validation"), 0
    )
    for document in documents:
        traces = document.result.traces if document.result else ()
        mentions = [trace.mention.span for trace in traces]
        found = {base(c.code) for trace in traces for c in trace.candidates[:RETRIEVED]}
        taken = {
            base(trace.code)
            for trace in traces
            if trace.code and trace.verdict.support is Support.SUPPORTED
        }
        for code, spans in document.gold.codes.items():
            counts["gold"] += 1
            counts["with_evidence"] += bool(spans)
            counts["extraction"] += any(any(map(span.meets, mentions)) for span in spans)
            counts["retrieval"] += base(code) in found
            counts["verification"] += base(code) in taken
            counts["validation"] += code in document.assigned
    return dict(counts)


def calibration(documents: Sequence[Scored]) -> Figures:
    """Reliability of confidence over all suggestions: ten equal bins, right-closed at 1.

    `ece` is the expected calibration error: the mean over suggestions of the distance between mean
    confidence and precision of their bin (Guo et al. 2017); None without suggestions.
    """
    points = _points(documents)
    bins: list[Figures] = []
    error = 0.0
    for number in range(BINS):
        inside = [p for p in points if min(int(p[0] * BINS), BINS - 1) == number]
        mean = sum(p[0] for p in inside) / len(inside) if inside else None
        right = sum(p[1] for p in inside) / len(inside) if inside else None
        if mean is not None and right is not None:
            error += abs(mean - right) * len(inside) / len(points)
        bins.append(
            {
                "lower": number / BINS,
                "upper": (number + 1) / BINS,
                "count": len(inside),
                "confidence": _round(mean),
                "precision": _round(right),
            }
        )
    return {"ece": _round(error) if points else None, "bins": bins}


def automatic(documents: Sequence[Scored]) -> Figures:
    """Coverage, precision and recall of suggestions at or above each confidence threshold.

    Coverage is their share of all suggestions; recall the share of all gold codes that are right
    among them. `routed` is the same for suggestions whose route is
    AUTO, whatever their confidence.
    """
    points = _points(documents)
    gold = sum(len(document.gold.codes) for document in documents)

    def figures(chosen: list[tuple[float, bool, Route]]) -> Figures:
        right = sum(p[1] for p in chosen)
        return {
            "count": len(chosen),
            "coverage": _round(len(chosen) / len(points)) if points else None,
            "precision": _round(right / len(chosen)) if chosen else None,
            "recall": _round(right / gold) if gold else None,
        }

    return {
        "thresholds": [
            {"threshold": threshold, **figures([p for p in points if p[0] >= threshold])}
            for threshold in THRESHOLDS
        ],
        "routed": figures([p for p in points if p[2] is Route.AUTO]),
    }


def seconds(times: Sequence[float]) -> Figures:
    """50th and 95th percentile (nearest rank) of analysis seconds per note."""
    ordered = sorted(times)

    def rank(share: float) -> float | None:
        return _round(ordered[ceil(share * len(ordered)) - 1]) if ordered else None

    return {"p50": rank(0.5), "p95": rank(0.95)}


def ranking(ranks: Iterable[int | None]) -> Figures:
    """Recall at 1, 10 and 50, and the mean reciprocal rank, from ranks that count from 1."""
    ranks = list(ranks)
    figures: Figures = {"pairs": len(ranks)}
    for depth in (1, 10, 50):
        hits = sum(1 for rank in ranks if rank is not None and rank <= depth)
        figures[f"r_at_{depth}"] = _round(hits / len(ranks)) if ranks else None
    reciprocal = sum(1 / rank for rank in ranks if rank is not None)
    figures["mrr"] = _round(reciprocal / len(ranks)) if ranks else None
    return figures


class _Overlap:
    """Counts of spans that meet a span of the other side."""

    def __init__(self) -> None:
        self._right = self._mine = self._met = self._theirs = 0

    def add(self, mine: Sequence[EvidenceSpan], theirs: Sequence[EvidenceSpan]) -> None:
        self._mine += len(mine)
        self._theirs += len(theirs)
        self._right += sum(any(map(span.meets, theirs)) for span in mine)
        self._met += sum(any(map(span.meets, mine)) for span in theirs)

    def figures(self) -> Figures:
        precision = self._right / self._mine if self._mine else 0.0
        recall = self._met / self._theirs if self._theirs else 0.0
        return {
            "precision": _round(precision),
            "recall": _round(recall),
            "f1": _round(_harmonic(precision, recall)),
            "spans": self._mine,
            "gold_spans": self._theirs,
        }


def _points(documents: Sequence[Scored]) -> list[tuple[float, bool, Route]]:
    return [
        (suggestion.confidence, suggestion.code in document.gold.codes, suggestion.route)
        for document in documents
        for suggestion in document.suggestions
    ]


def prf(*, true: int, assigned: int, gold: int) -> Figures:
    """Return precision, recall, F1 and the counts they come from; nothing of nothing is 0."""
    precision = true / assigned if assigned else 0.0
    recall = true / gold if gold else 0.0
    return {
        "precision": _round(precision),
        "recall": _round(recall),
        "f1": _round(_harmonic(precision, recall)),
        "true": true,
        "assigned": assigned,
        "gold": gold,
    }


def _harmonic(a: float, b: float) -> float:
    return 2 * a * b / (a + b) if a + b else 0.0


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
