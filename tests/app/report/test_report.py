"""The page is whole, needs nothing from elsewhere, and shows whatever is put in as text."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from app import evaluate, families, losses, runs, scores
from app.report import page
from app.report.markup import number, span, table
from app.wording import known
from pipeline.model import Scope
from taxonomy import Taxonomy
from tests.app.builders import failed, scored, suggestion, trace

HOSTILE = "<script>alert('x')</script> & \"gold\""
EMPTY_TAGS = {"meta", "br"}


class Balance(HTMLParser):
    """Keeps what is open, what is shown, and every attribute that would load something."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.loads: list[str] = []
        self.ids: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag not in EMPTY_TAGS:
            self.open.append(tag)
        for name, value in attrs:
            assert not name.startswith("on"), "no script in an attribute"
            if name in {"src", "href", "data", "action"}:
                self.loads.append(value or "")
            if name == "id":
                self.ids.append(value or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def read(text: str) -> Balance:
    found = Balance()
    found.feed(text)
    found.close()
    assert found.open == []
    return found


@pytest.fixture
def figures(icd: Taxonomy) -> dict[str, Any]:
    documents = [
        scored(
            {"I10": ((0, 5),), "E11.9": ((20, 25),), "R51": ((40, 45),)},
            suggestion("I10", (0, 5), confidence=0.9),
            suggestion("E11.65", (20, 25), confidence=0.6),
            traces=(
                trace(0, 5, "I10", taken="I10"),
                trace(20, 25, "E11.65", "E11.9", taken="E11.65"),
            ),
        ),
        *[failed("N18.30")] * 3,
    ]
    return evaluate.figures(documents, [0.1] * 4, taxonomy=icd, scope=Scope.REPORTABLE)


def test_the_page_shows_the_figures_and_stands_alone(figures: dict[str, Any]) -> None:
    text = page(figures, dataset="gold.jsonl", provenance={"model_digest": "abc"})
    found = read(text)
    said = " ".join(found.text)
    assert "script" not in found.tags
    assert all(target.startswith("#") for target in found.loads)
    assert {target[1:] for target in found.loads} == set(found.ids), "every link has its place"
    assert not re.search(r"https?:|url\(|@import", text)
    assert "prefers-color-scheme: dark" in text
    for words in (
        "Evaluation of gold.jsonl", "4 documents, 3 of them failed", "Micro F1", "0.250",
        "another candidate was taken for the words", "Chronic kidney disease, stage 3", "E11",
        "Mean confidence minus precision", "model digest", "abc",
    ):  # fmt: skip
        assert words in said
    assert text.count("<svg") == 3, "stages, reliability, chapters"


def test_a_comparison_is_shown_where_there_is_one(figures: dict[str, Any]) -> None:
    assert "Changes" not in page(figures, dataset="g", provenance={})
    before, after = (
        runs.of(
            [scored({"I10": ()}, *given)],
            dataset="g",
            scope=Scope.REPORTABLE,
            release="FY2026",
        )
        for given in ([suggestion("R05.9")], [suggestion("I10")])
    )
    whole = {**figures, "comparison": runs.compare(before, after)}
    said = " ".join(read(page(whole, dataset="g", provenance={})).text)
    assert "F1 changed by +1.0000" in said
    assert "1 of 1 documents were given other codes." in said
    assert "R05.9" in said


def test_retrieval_is_shown_where_it_was_measured(figures: dict[str, Any]) -> None:
    assert "MRR" not in page(figures, dataset="g", provenance={})
    ranked = {**scores.ranking([1, 3, None]), "header_gold": 1, "unknown_gold": 0}
    said = " ".join(read(page({**figures, "mentions": ranked}, dataset="g", provenance={})).text)
    assert "3 pairs of words and code" in said
    assert "0.444" in said, "the mean of 1, 1/3 and 0"


def test_what_is_put_in_is_text_and_never_markup(figures: dict[str, Any]) -> None:
    run = runs.of([scored({"I10": ()})], dataset="", scope=Scope.REPORTABLE, release="FY2026")
    hostile = run.documents[0].model_copy(update={"doc_id": HOSTILE})
    other = runs.of(
        [scored({"I10": ()}, suggestion("I10"))],
        dataset="",
        scope=Scope.REPORTABLE,
        release="FY2026",
    )
    renamed = other.documents[0].model_copy(update={"doc_id": HOSTILE})
    compared = runs.compare(
        run.model_copy(update={"documents": (hostile,)}),
        other.model_copy(update={"documents": (renamed,)}),
    )
    spot = {"code": HOSTILE, "title": HOSTILE, "gold": 3, "stage": "verify", "reason": HOSTILE}
    whole = {**figures, "release": HOSTILE, "comparison": compared, "blind_spots": [spot]}
    text = page(whole, dataset=HOSTILE, provenance={HOSTILE: HOSTILE})
    assert "<script" not in text
    assert " ".join(read(text).text).count("alert('x')") >= 8


def test_a_page_without_a_suggestion_is_still_a_page(icd: Taxonomy) -> None:
    empty = evaluate.figures([failed("I10")], [0.1], taxonomy=icd, scope=Scope.DOCUMENTED)
    said = " ".join(read(page(empty, dataset="g", provenance={})).text)
    assert "there is no confidence to judge" in said
    assert "1 document, 1 of them failed" in said


def test_every_stage_level_and_reason_of_the_report_has_words() -> None:
    assert [each for each in losses.STAGES if not known("held_after", each)] == []
    assert [each for each in losses.STAGES if not known("lost_at", each)] == []
    assert [each for each in families.WEIGHTS if not known("credit", each)] == []
    own = {*losses._NO_REASON.values(), "failed", "unknown", "outranked"}
    assert [each for each in own if not known("losses", each)] == []


def test_cells_are_read_as_figures_or_as_text() -> None:
    assert [number(each) for each in (None, 0.12345, -0.5, 1234, "<b>")] == [
        "–",
        "0.123",
        "−0.500",
        "1,234",
        "&lt;b&gt;",
    ]
    assert span([-0.1, 0.25]) == "−0.100 to 0.250"
    assert span(None) == "–"
    made = table(("Name", "Share"), [("a", "12%"), ("b", "3%")])
    assert made.count('class="number"') == 3, "head and cells of the second column"
