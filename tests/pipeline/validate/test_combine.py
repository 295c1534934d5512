"""Combination codes take the place of their parts, with the words of all of them."""

import pytest

from pipeline.model import (
    Assertion,
    Candidate,
    Channel,
    EvidenceSpan,
    Mention,
    MentionTrace,
    Proposal,
    Support,
    Verdict,
)
from pipeline.validate import combine
from taxonomy import Taxonomy

_ROWS = combine.read()


def proposal(code: str, start: int = 0, assertion: Assertion = Assertion.PRESENT) -> Proposal:
    mention = Mention(
        span=EvidenceSpan(note_id="n1", start=start, end=start + 3),
        section="assessment",
        assertion=assertion,
    )
    trace = MentionTrace(
        mention=mention,
        candidates=(Candidate(code=code, score=0.9, channels=(Channel.LEXICAL,)),),
        code=code,
        verdict=Verdict(support=Support.SUPPORTED),
    )
    return Proposal(code=code, traces=(trace,))


def run(*codes: str) -> combine.Combined:
    return combine.combine(
        [proposal(code, 10 * n) for n, code in enumerate(codes)], _ROWS, "FY2026"
    )


@pytest.mark.parametrize(
    ("codes", "kept"),
    [
        (("I10", "I50.9"), ["I11.0", "I50.9"]),
        (("I10", "N18.4"), ["I12.9", "N18.4"]),
        (("I10", "N18.6"), ["I12.0", "N18.6"]),
        (("I10", "I50.22", "N18.31"), ["I13.0", "I50.22", "N18.31"]),
        (("I10", "I50.22", "N18.5"), ["I13.2", "I50.22", "N18.5"]),
        (("I10", "I12.9", "I50.9", "N18.4"), ["I13.0", "I50.9", "N18.4"]),
        (("I11.0", "I50.9", "N18.6"), ["I13.2", "I50.9", "N18.6"]),
        (("E11.9", "N18.4", "I10"), ["E11.22", "N18.4", "I12.9"]),
        (("I25.10", "I20.9"), ["I25.119"]),
        (("E11.9", "R73.9"), ["E11.65"]),
        (("E11.9", "G62.9"), ["E11.42"]),
        (("E11.65", "L97.519"), ["E11.621", "E11.65", "L97.519"]),
        (("I10", "I51.9"), ["I11.9", "I51.9"]),
        (("D64.9", "N18.4"), ["D63.1", "N18.4"]),
        (("I10", "E78.5"), ["I10", "E78.5"]),
        (("E11.42", "N18.4"), ["E11.42", "N18.4"]),
    ],
)
def test_what_combines(codes: tuple[str, ...], kept: list[str]) -> None:
    assert [p.code for p in run(*codes).kept] == kept


def test_every_part_is_accounted_for() -> None:
    found = run("I10", "I50.9")
    assert [(e.code, e.reason) for e in found.excluded] == [("I10", "combined-into=I11.0")]
    combined = found.kept[0]
    assert {trace.mention.span.start for trace in combined.traces} == {0, 10}
    assert combined.traces[0].candidates[0].reasons == ("combination=I10+I50.9",)
    assert found.findings[0].codes == ("I11.0", "I10", "I50.9")
    assert found.findings[0].source == "guideline I.C.9.a.1"


def test_a_possible_part_is_not_linked() -> None:
    possible = proposal("N18.4", 10, Assertion.POSSIBLE)
    found = combine.combine([proposal("I10"), possible], _ROWS, "FY2026")
    assert [p.code for p in found.kept] == ["I10", "N18.4"]


def test_a_combination_that_is_there_is_not_proposed_twice() -> None:
    assert [p.code for p in run("I10", "I11.0", "I50.9").kept] == ["I11.0", "I50.9"]


def test_all_codes_of_the_table_exist(taxonomy: Taxonomy) -> None:
    for row in _ROWS:
        found = taxonomy.get(row.gives)
        assert found is not None
        assert found.billable
        assert all(code in taxonomy for prefixes in row.needs for code in prefixes)
        assert all(code in taxonomy for code in row.replaces)
