"""One code in place of the conditions it stands for (I.B.9), and of linked ones (I.A.15)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.model import Assertion, Candidate, Exclusion, Finding, Proposal, Severity
from resources import read_json

_MAX_PARTS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Combination:
    """What must be there (one prefix of each of `needs`), what goes, and what stands for it.

    Where nothing goes, the code is one more beside its parts (I.C.4.a: as many as needed).
    """

    source: str
    needs: tuple[tuple[str, ...], ...]
    replaces: tuple[str, ...]
    gives: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Combined:
    """The proposals after combining, the parts that went, and a finding for each combination."""

    kept: list[Proposal]
    excluded: list[Exclusion]
    findings: list[Finding]


def read() -> tuple[Combination, ...]:
    """Read the combinations from `resources`; the first that fits wins."""
    data = read_json("rules/combinations.json")
    return tuple(
        Combination(
            source=row["source"],
            needs=tuple(tuple(prefixes) for prefixes in row["needs"]),
            replaces=tuple(row["replaces"]),
            gives=row["gives"],
        )
        for row in data["rows"]
    )


def combine(
    proposals: Sequence[Proposal], combinations: Sequence[Combination], release: str
) -> Combined:
    """Put combination codes in place of their parts, until no row fits.

    A part must be asserted outright: what is only possible is not linked. Where the combination
    code is proposed already, its parts go all the same.
    """
    result = Combined(kept=list(proposals), excluded=[], findings=[])
    for row in combinations:
        parts = _parts(result.kept, row)
        if parts is not None:
            _apply(result, row, parts, release)
    return result


def _parts(kept: Sequence[Proposal], row: Combination) -> tuple[Proposal, ...] | None:
    """Return one proposal for each thing a row needs, or None where one is missing."""
    found = []
    for prefixes in row.needs:
        part = next((p for p in kept if p.code.startswith(prefixes) and _is_certain(p)), None)
        if part is None:
            return None
        found.append(part)
    return tuple(found)


def _is_certain(proposal: Proposal) -> bool:
    return any(trace.mention.assertion is Assertion.PRESENT for trace in proposal.traces)


def _apply(result: Combined, row: Combination, parts: tuple[Proposal, ...], release: str) -> None:
    gone = [p for p in result.kept if p.code.startswith(row.replaces)]
    there = next((p for p in result.kept if p.code == row.gives), None)
    place = result.kept.index(gone[0] if gone else parts[0])
    for proposal in gone:
        result.kept.remove(proposal)
        result.excluded.append(
            Exclusion(
                code=proposal.code,
                reason=f"combined-into={row.gives}",
                evidence=tuple(trace.mention for trace in proposal.traces),
            )
        )
    if there is None:
        result.kept.insert(place, _proposal(row, parts))
    result.findings.append(
        Finding(
            rule="combination",
            severity=Severity.INFO,
            codes=(row.gives, *(part.code for part in parts)),
            source=row.source,
            release=release,
        )
    )


def _proposal(row: Combination, parts: tuple[Proposal, ...]) -> Proposal:
    """Return the combination with the words of all its parts, as sure as the least sure of them."""
    firsts = [part.traces[0] for part in parts]
    weakest = min(firsts, key=lambda trace: trace.candidates[0].score)
    candidate = Candidate(
        code=row.gives,
        score=weakest.candidates[0].score,
        channels=weakest.candidates[0].channels,
        reasons=("combination=" + "+".join(part.code for part in parts),),
    )
    others = tuple(c for c in firsts[0].candidates if c.code != row.gives)
    lead = replace(firsts[0], code=row.gives, candidates=(candidate, *others)[:_MAX_PARTS])
    rest = [trace for part in parts for trace in part.traces if trace is not firsts[0]]
    return Proposal(code=row.gives, traces=(lead, *rest))
