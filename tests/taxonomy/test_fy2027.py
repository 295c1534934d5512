import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from taxonomy import Taxonomy, TaxonomyError
from taxonomy.fy2027 import Change, apply_changes, changes, provisional_release
from taxonomy.loading import load_provisional
from taxonomy.tabular import parse


@pytest.fixture(scope="module")
def later(cache_dir: Path) -> Taxonomy:
    return load_provisional(cache_dir)


def test_the_published_totals_come_out(later: Taxonomy) -> None:
    codes = list(later.codes())
    assert len(codes) == len(later) == 98_403
    assert sum(code.billable for code in codes) == 74_879
    assert [code.order for code in codes] == list(range(1, 98_404))


def test_every_fact_holds(later: Taxonomy, taxonomy: Taxonomy) -> None:
    for fact in changes():
        before, after = taxonomy.get(fact.code), later.get(fact.code)
        if fact.kind == "billable":
            assert before is None
            assert after is not None
            assert after.billable
        elif fact.kind == "header":
            assert before is None
            assert after is not None
            assert not after.billable
        elif fact.kind == "deleted":
            assert before is not None
            assert after is None
        elif fact.kind == "demoted":
            assert before is not None
            assert before.billable
            assert after is not None
            assert not after.billable
            assert later.children(fact.code)


def test_nothing_else_changed(later: Taxonomy, taxonomy: Taxonomy) -> None:
    named = {fact.code for fact in changes()}
    before = {code.code: (code.title, code.billable) for code in taxonomy.codes()}
    after = {code.code: (code.title, code.billable) for code in later.codes()}
    assert {code for code in before | after if before.get(code) != after.get(code)} <= named


def test_codes_stand_where_the_book_has_them(later: Taxonomy) -> None:
    ordered = [code.code for code in later.codes()]
    for first, second in (
        ("K74.01", "K74.0A"),
        ("K74.0A", "K74.02"),
        ("K31.1", "K31.B"),
        ("J4A.9", "J4B"),
        ("J4B", "J45"),
        ("K65.9", "K6A"),
        ("F64.9", "F64.A"),
        ("M67.99", "M67.A"),
    ):
        assert ordered.index(second) == ordered.index(first) + 1


def test_a_moved_term_leads_to_its_new_code(later: Taxonomy, taxonomy: Taxonomy) -> None:
    def named(release: Taxonomy) -> set[str]:
        return {term.code for term in release.terms() if term.text == "Plantar fasciitis"}

    assert named(taxonomy) == {"M72.2"}
    assert named(later) == {"M67.A"}
    assert later.default_leaf("M67.A") == "M67.A09"


def test_seventh_characters_of_new_codes_come_from_their_category(later: Taxonomy) -> None:
    found = later.get("t52811d")
    assert found is not None
    assert found.title == (
        "Toxic effect of alkenes, accidental (unintentional), subsequent encounter"
    )
    assert set(later.seventh_characters("O31.40")) == set("0123459")
    assert later.get("S23.420A") is None


def test_it_says_that_it_is_provisional(later: Taxonomy) -> None:
    assert later.release == provisional_release()
    assert later.release.provisional
    assert later.release.label == "FY2027-provisional"


def test_the_facts_are_those_of_the_shared_list(shared: Path, later: Taxonomy) -> None:
    path = shared / "fy2027-delta" / "icd10cm-fy2027-delta-derived.json"
    given = json.loads(path.read_bytes())
    kinds = Counter(fact.kind for fact in changes())
    ours = {kind: {f.code for f in changes() if f.kind == kind} for kind in kinds}
    assert ours["billable"] == {each["code"] for each in given["added_billable"]}
    assert ours["header"] == {each["code"] for each in given["added_headers"]}
    assert ours["deleted"] == {each["code"] for each in given["deleted"]}
    assert ours["demoted"] == {each["code"] for each in given["demoted_to_header"]}
    for each in (*given["added_billable"], *given["added_headers"]):
        if each["title"] is not None:
            assert later.title(each["code"]) == each["title"]


def test_a_fact_without_a_place_is_refused(small: bytes) -> None:
    tabular = parse(small)
    new = Change(code="A00.2", kind="billable", title="Low fever", before="A00.1")
    nodes = apply_changes(tabular, [new]).nodes
    assert [node.code for node in nodes][:4] == ["A00", "A00.0", "A00.2", "A00.1"]
    assert nodes[2].parent == 0
    assert [node.code for node in tabular.nodes][:3] == ["A00", "A00.0", "A00.1"]
    for fact in (
        replace(new, code="Z99.1"),
        replace(new, code="A00.9", kind="retitled"),
        replace(new, code="A00.1", kind="term-moved", title="Cold ear"),
    ):
        with pytest.raises(TaxonomyError, match=fact.code[:3]):
            apply_changes(tabular, [fact])
