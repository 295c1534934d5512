from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.desktop.models.deck import card_rows
from app.hcc import Categories
from app.opencase import codes_of
from app.worklist import Filter
from app.workspace import Workspace
from audit import Accept, Add, AuditError, Reject, Replace
from pipeline.model import Finding, Provenance, Route, Severity
from taxonomy import Encoder, Releases, Taxonomy
from tests.app.desktop import builders


@pytest.fixture
def space(tmp_path: Path, icd: Taxonomy) -> Iterator[Workspace]:
    builders.fill(tmp_path)
    space = builders.workspace(tmp_path, icd)
    yield space
    space.close()


def case_id(space: Workspace, encounter_id: str) -> str:
    rows = space.worklist().rows
    return next(row.case_id for row in rows if row.encounter_id == encounter_id)


def test_the_worklist_begins_with_what_needs_a_person_most(space: Workspace) -> None:
    worklist = space.worklist()
    assert [row.encounter_id for row in worklist.rows] == ["visit-1", "visit-2"]
    assert worklist.counts == {Route.REVIEW: 1, Route.CONFIRM: 1, Route.AUTO: 0}
    assert worklist.total == 2


def test_counts_are_of_every_lane_while_one_is_shown(space: Workspace) -> None:
    worklist = space.worklist(Filter(lane=Route.CONFIRM))
    assert [row.encounter_id for row in worklist.rows] == ["visit-2"]
    assert worklist.counts[Route.REVIEW] == 1
    assert space.worklist(Filter(text="visit-2")).counts[Route.REVIEW] == 0


@pytest.mark.parametrize(
    "takes_in",
    [Workspace.news, lambda space: space.searched("visit"), lambda space: space.figures.rows()],
    ids=["news", "search", "dashboard"],
)
def test_what_others_changed_is_news_until_the_worklist_is_read(
    space: Workspace, tmp_path: Path, takes_in: Callable[[Workspace], object]
) -> None:
    space.worklist()
    assert not space.news()
    case = case_id(space, "visit-1")
    with builders.open_store(tmp_path) as others:
        others.decide(case, Accept(code="I10"))
    takes_in(space)
    assert space.news()
    decided = {row.encounter_id: row.decided_count for row in space.worklist().rows}
    assert decided == {"visit-1": 1, "visit-2": 0}
    assert not space.news()


def test_opening_is_recorded_and_brings_titles_and_findings_in_words(space: Workspace) -> None:
    opened = space.open(case_id(space, "visit-1"))
    assert opened.events[-1].kind == "case.viewed"
    assert opened.title("I10") == "Essential (primary) hypertension"
    assert opened.title("E11.42") != "", "alternatives are shown with their titles"
    assert opened.title("R07.9") != "", "so are excluded codes"
    (sentence,) = opened.messages.values()
    assert "R05.9" in sentence


def test_categories_among_the_codes_of_a_case_are_known(space: Workspace) -> None:
    case = case_id(space, "visit-1")
    assert space.open(case).headers == frozenset()
    added = space.decide(case, Add(code="J45", reason="by telephone"))
    assert added.headers == {"J45"}


def test_decisions_undo_and_redo_come_back_in_the_case(space: Workspace) -> None:
    case = case_id(space, "visit-1")
    assert space.decide(case, Accept(code="I10")).case.row("I10").status == "accepted"  # type: ignore[union-attr]
    assert space.undo(case).case.row("I10").status == "open"  # type: ignore[union-attr]
    again = space.redo(case)
    assert again.case.row("I10").status == "accepted"  # type: ignore[union-attr]
    assert [event.kind for event in again.events[-3:]] == [
        "decision.accepted",
        "decision.undone",
        "decision.redone",
    ]


def test_a_code_a_person_brings_has_its_title_too(space: Workspace) -> None:
    case = case_id(space, "visit-1")
    added = space.decide(case, Add(code="J45.20", reason="by telephone"))
    assert added.title("J45.20") == "Mild intermittent asthma, uncomplicated"
    replaced = space.decide(case, Replace(code="I10", new_code="I16.0", reason="urgency"))
    assert replaced.title("I16.0") != ""


def test_what_the_store_refuses_is_said_and_changes_nothing(space: Workspace) -> None:
    case = case_id(space, "visit-1")
    with pytest.raises(AuditError, match="words of the notes or a reason"):
        space.decide(case, Add(code="J45.20"))
    with pytest.raises(AuditError, match=r"A00\.0"):
        space.decide(case, Reject(code="A00.0"))
    assert space.open(case).case.version == space.open(case).case.version - 1


def test_codes_are_found_by_words_and_by_code(space: Workspace) -> None:
    assert "I10" in {hit.code for hit in space.encoder().search("essential hypertension", limit=10)}
    assert space.encoder().search("E11.42", limit=1)[0].code == "E11.42"


def test_heavy_parts_are_loaded_when_needed_and_once(tmp_path: Path, icd: Taxonomy) -> None:
    builders.fill(tmp_path)
    loads: list[str] = []

    def load_taxonomy(origin: Provenance | None) -> Taxonomy:
        loads.append("newest" if origin is None else origin.release)
        return icd

    def load_encoder(codes: Taxonomy) -> Encoder:
        loads.append("encoder")
        return Encoder(codes)

    space = Workspace(
        store=builders.open_store(tmp_path),
        load_taxonomy=load_taxonomy,
        load_encoder=load_encoder,
    )
    try:
        rows = space.worklist().rows
        assert loads == []
        space.open(rows[0].case_id)
        space.open(rows[1].case_id)
        assert loads == ["FY2026"]
        space.encoder().search("asthma", limit=1)
        assert space.encoder().page("J45.20").code.parent == "J45.2"
        assert loads == ["FY2026", "newest", "encoder"]
    finally:
        space.close()


def test_a_case_that_could_not_be_coded_opens_with_its_errors(
    tmp_path: Path, icd: Taxonomy
) -> None:
    with builders.open_store(tmp_path) as store:
        store.record_failure(None, source="scan.txt", errors=["scan.txt is empty."])
    space = builders.workspace(tmp_path, icd)
    try:
        opened = space.open(space.worklist().rows[0].case_id)
    finally:
        space.close()
    assert opened.case.errors == ("scan.txt is empty.",)
    assert codes_of(opened.case) == frozenset()


def test_a_case_is_read_in_the_release_it_was_coded_in(tmp_path: Path, built_in: Releases) -> None:
    chart, result = builders.first_case()
    later = built_in.get("FY2027-provisional")
    finding = Finding(
        rule="superseded",
        severity=Severity.INFO,
        codes=("I42.00",),
        release=later.release.label,
        detail=("was=I42.0", "before=FY2026", "now=I42.00", "now=I42.01"),
    )
    origin = replace(
        result.provenance, release=later.release.label, taxonomy_digest=later.release.digest
    )
    with builders.open_store(tmp_path) as store:
        changed = replace(result, findings=(finding,), provenance=origin)
        case_id = store.record(chart, changed).case_id
    space = Workspace(
        store=builders.open_store(tmp_path),
        load_taxonomy=lambda origin: (
            built_in.newest()
            if origin is None
            else built_in.recorded(origin.release, origin.taxonomy_digest)
        ),
        load_encoder=Encoder,
    )
    try:
        opened = space.decide(case_id, Add(code="I42.00", reason="by telephone"))
        assert opened.title("I42.00") == "Dilated cardiomyopathy, unspecified"
        said = opened.messages[finding]
        assert "I42.00 and I42.01" in said
        assert said.endswith("(Provisional: import the official release.)")
    finally:
        space.close()


def test_payment_categories_are_shown_only_when_asked_for(tmp_path: Path, icd: Taxonomy) -> None:
    builders.fill(tmp_path)
    maps = {2027: {("I10", "CMS-HCC Model V28"): {"999"}, ("R079", "CMS-HCC Model V28"): {"1"}}}
    with_them = Workspace(
        store=builders.open_store(tmp_path),
        load_taxonomy=lambda _origin: icd,
        load_encoder=Encoder,
        load_categories=lambda: Categories(maps=maps, labels={}),
    )
    try:
        opened = with_them.open(case_id(with_them, "visit-1"))
    finally:
        with_them.close()
    assert {code: badge.text for code, badge in opened.badges.items()} == {"I10": "HCC 999"}
    cards = {card.code: card.badge for card in card_rows(opened)}
    assert cards["I10"] is opened.badges["I10"]
    assert [code for code, badge in cards.items() if badge] == ["I10"], "not on what is excluded"
    without = builders.workspace(tmp_path, icd)
    try:
        plain = without.open(case_id(without, "visit-1"))
    finally:
        without.close()
    assert plain.badges == {}
    assert plain.case.result == opened.case.result
