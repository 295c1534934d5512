"""Where gold codes are lost: each code that is not suggested, once, at the stage that lost it.

A code that some stage still held was lost by the next one; what counts is the furthest it came by
any mention of its document. The counts therefore fall from stage to stage and end at the codes that
were suggested.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from app.gold import GoldDocument
from app.scores import RETRIEVED, Base, Figures, Scored, prf
from pipeline.extract.sections import Headings
from pipeline.model import CodingResult, EvidenceSpan, MentionTrace, Support
from pipeline.route import UNLIKELY
from taxonomy import Taxonomy

STAGES = ("analysis", "release", "evidence", "extract", "retrieve", "verify", "validate", "route")
"""Where a code can be lost, in order: its document failed; it is no billable code of the release;
the gold names no words for it; no mention touches them; it is not among the ten candidates of any
mention; no mention that supports it was taken; rules turned it down after that; its confidence is
too low to suggest it."""

FOUND = "found"
SYSTEMATIC = 3
"""Times a code must be gold, and never found, to be a blind spot."""

ELSEWHERE = "–"
"""Stands for the chapter of codes that the release does not have."""

_NO_REASON = {
    "release": "not-billable",
    "evidence": "no-words",
    "extract": "no-mention",
    "retrieve": "no-candidate",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What became of a gold code of one document.

    `stage` is FOUND or the one of STAGES that lost it, `reason` an id of that stage; `sections`
    are those its gold words stand in.
    """

    code: str
    stage: str
    reason: str
    sections: frozenset[str]


def fates(documents: Sequence[Scored], taxonomy: Taxonomy, base: Base) -> list[Fate]:
    """Return the fate of every gold code, document by document, codes in order."""
    headings = Headings.read()
    found: list[Fate] = []
    for document in documents:
        sections = _sections(document.gold, headings)
        for code, spans in sorted(document.gold.codes.items()):
            stage, reason = _lost(code, spans, document.result, taxonomy, base)
            named = frozenset(sections(span) for span in spans)
            found.append(Fate(code=code, stage=stage, reason=reason, sections=named))
    return found


def funnel(told: Sequence[Fate]) -> Figures:
    """Return how many gold codes each stage still holds, and why those it lost were lost."""
    lost = Counter(fate.stage for fate in told)
    reasons = Counter((fate.stage, fate.reason) for fate in told if fate.stage != FOUND)
    held = len(told)
    rows = []
    for stage in STAGES:
        held -= lost[stage]
        why = [
            {"reason": reason, "count": count}
            for (where, reason), count in sorted(reasons.items(), key=lambda item: -item[1])
            if where == stage
        ]
        rows.append({"stage": stage, "held": held, "lost": lost[stage], "reasons": why})
    return {"gold": len(told), "found": lost[FOUND], "stages": rows}


def chapters(documents: Sequence[Scored], taxonomy: Taxonomy) -> list[Figures]:
    """Return micro figures by chapter of the code, in the order of the book."""

    def chapter(code: str) -> str:
        return taxonomy.chapter(code) if code in taxonomy else ""

    table = _by(documents, lambda document: document.gold.codes, chapter)
    return [
        {
            "chapter": name or ELSEWHERE,
            "title": taxonomy.title(name) if name else "Not in the release",
            **prf(**table[name]),
        }
        for name in sorted(table, key=lambda each: int(each or 99))
    ]


def sections(documents: Sequence[Scored], told: Sequence[Fate]) -> list[Figures]:
    """Return recall by the section of the gold words, precision by that of the best own words.

    A code whose gold words stand in several sections counts in each of them.
    """
    gold, found = Counter[str](), Counter[str]()
    assigned, right = Counter[str](), Counter[str]()
    for fate in told:
        gold.update(fate.sections)
        found.update(fate.sections if fate.stage == FOUND else ())
    for document in documents:
        for suggestion in document.suggestions:
            section = suggestion.evidence[0].section
            assigned[section] += 1
            right[section] += suggestion.code in document.gold.codes
    return [
        {
            "section": name,
            "recall": _share(found[name], gold[name]),
            "gold": gold[name],
            "precision": _share(right[name], assigned[name]),
            "assigned": assigned[name],
        }
        for name in sorted({*gold, *assigned}, key=lambda each: (-gold[each], each))
    ]


def blind_spots(told: Sequence[Fate], taxonomy: Taxonomy) -> list[Figures]:
    """Return the codes that are gold at least three times and never found, the commonest first.

    Those that the release cannot give come last: no change of the program finds them. `stage` and
    `reason` are where most of them were lost; the earlier stage where two are level.
    """
    spots: list[Figures] = []
    for code, group in groupby(sorted(told, key=lambda fate: fate.code), lambda fate: fate.code):
        members = list(group)
        if len(members) < SYSTEMATIC or any(fate.stage == FOUND for fate in members):
            continue
        (stage, reason), _ = max(
            Counter((fate.stage, fate.reason) for fate in members).items(),
            key=lambda item: (item[1], -STAGES.index(item[0][0]), item[0][1]),
        )
        known = taxonomy.get(code)
        spots.append(
            {
                "code": code,
                "title": known.title if known else "",
                "gold": len(members),
                "stage": stage,
                "reason": reason,
            }
        )
    return sorted(spots, key=lambda spot: (spot["stage"] == "release", -spot["gold"], spot["code"]))


def _lost(
    code: str,
    spans: Sequence[EvidenceSpan],
    result: CodingResult | None,
    taxonomy: Taxonomy,
    base: Base,
) -> tuple[str, str]:
    """Return the stage that lost a code and why; FOUND where it is suggested."""
    if result is None:
        return "analysis", "failed"
    if any(suggestion.code == code for suggestion in result.suggestions):
        return FOUND, ""
    known = taxonomy.get(code)
    if known is None or not known.billable:
        return "release", "unknown" if known is None else _NO_REASON["release"]
    ours = [trace for trace in result.traces if trace.code and base(trace.code) == base(code)]
    if any(trace.verdict.support is Support.SUPPORTED for trace in ours):
        reason = _turned_down(code, result, base)
        return "route" if reason == UNLIKELY else "validate", reason
    if _is_candidate(code, result.traces, base):
        return "verify", _doubt(ours)
    touched = any(span.meets(trace.mention.span) for span in spans for trace in result.traces)
    stage = "retrieve" if touched else "extract" if spans else "evidence"
    return stage, _NO_REASON[stage]


def _is_candidate(code: str, traces: Iterable[MentionTrace], base: Base) -> bool:
    return any(base(c.code) == base(code) for t in traces for c in t.candidates[:RETRIEVED])


def _doubt(ours: Sequence[MentionTrace]) -> str:
    """Return why the mentions a code was taken for do not carry it; the best match speaks."""
    if not ours:
        return "outranked"
    best = max(ours, key=lambda trace: trace.candidates[0].score if trace.candidates else 0.0)
    return _name(best.verdict.reasons[0]) if best.verdict.reasons else str(best.verdict.support)


def _turned_down(code: str, result: CodingResult, base: Base) -> str:
    for exclusion in result.excluded:
        if base(exclusion.code) == base(code):
            return _name(exclusion.reason)
    same = any(base(suggestion.code) == base(code) for suggestion in result.suggestions)
    return "other-seventh-character" if same else "unexplained"


def _name(reason: str) -> str:
    """Return a reason without its parameter."""
    return reason.partition("=")[0]


def _sections(gold: GoldDocument, headings: Headings) -> Callable[[EvidenceSpan], str]:
    """Return the function that names the section a span of a document begins in."""
    parts = {note.note_id: headings.split(note.text) for note in gold.encounter.notes}

    def section(span: EvidenceSpan) -> str:
        return next(p.id for p in parts[span.note_id] if p.start <= span.start < p.end)

    return section


def _by(
    documents: Sequence[Scored],
    gold: Callable[[Scored], Iterable[str]],
    key: Callable[[str], str],
) -> dict[str, dict[str, int]]:
    table: dict[str, dict[str, int]] = {}
    for document in documents:
        theirs = set(gold(document))
        for code in theirs | document.assigned:
            row = table.setdefault(key(code), {"true": 0, "assigned": 0, "gold": 0})
            row["gold"] += code in theirs
            row["assigned"] += code in document.assigned
            row["true"] += code in theirs and code in document.assigned
    return table


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
