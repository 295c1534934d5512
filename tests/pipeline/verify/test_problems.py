"""Problem lines are told from the argument below them."""

from collections.abc import Callable

import pytest

from pipeline.model import Encounter, Extraction
from pipeline.verify import problems

Read = Callable[..., tuple[Encounter, Extraction]]

NOTE = """HPI
Here for his gout.

ASSESSMENT AND PLAN
1. Gout, well controlled.
- Medical Reasoning: No flare since spring. Anemia was mild.
- Patient Education: Discussed kidney stones.
2. Hypertension: continue lisinopril.
"""
FOUND = {"out": "M10.9", "Anemia": "D64.9", "kidney stones": "N20.0", "Hypertension": "I10"}


def test_a_line_that_only_names_is_a_problem_and_holds_what_is_argued_below(read: Read) -> None:
    chart, cut = read(NOTE, FOUND)
    outline = problems.read(chart, cut)
    texts = [chart.quote(sentence.span) for sentence in cut.sentences]
    names = [chart.note("n1").text[low:high] for low, high in outline.headings.values()]
    assert [name.strip(" .") for name in names] == ["Gout, well controlled", "Hypertension"]
    gout, pressure = outline.headings
    assert [texts[at] for at in outline.below(gout)][-1].startswith("Discussed") or any(
        "Anemia" in texts[at] for at in outline.below(gout)
    )
    assert outline.block[pressure] == pressure


def test_advice_is_known_by_its_label(read: Read) -> None:
    chart, cut = read(
        "ASSESSMENT AND PLAN\n\nGout.\n- Education and Counseling: Told of kidney stones.\n", FOUND
    )
    outline = problems.read(chart, cut)
    told = {chart.quote(cut.sentences[at].span) for at in outline.advice}
    sections = {s.section for s in cut.sentences if "kidney" in chart.quote(s.span)}
    assert any("kidney" in text for text in told) or sections == {"instructions"}


@pytest.mark.parametrize(
    "line",
    [
        "She has gout.",
        "Start allopurinol for gout.",
        "Recommend ice for gout",
        "Ms. Vale is a 50-year-old female with gout who presents for follow up of her conditions.",
    ],
)
def test_a_sentence_or_an_order_is_no_problem_line(read: Read, line: str) -> None:
    chart, cut = read(f"ASSESSMENT\n{line}\n", {"gout": "M10.9"})
    assert not problems.read(chart, cut).headings


def test_there_are_none_outside_an_assessment(read: Read) -> None:
    chart, cut = read("PAST MEDICAL HISTORY\nGout.\n", {"Gout": "M10.9"})
    assert not problems.read(chart, cut).headings
