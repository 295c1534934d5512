"""The published lists, where they are at hand: the Medicare Code Editor and the POA exempt list."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.model import Claim, Finding, Setting, Severity
from pipeline.validate import CodeEntry, CodeSet, Lists, Validator
from taxonomy import Taxonomy
from taxonomy.importing.lists import AGES, CodeEdits, read_edits_json, read_poa

Fired = Callable[..., dict[str, Finding]]
SHARED = Path(__file__).resolve().parents[4] / "shared" / "data" / "icd10cm"


@pytest.fixture(scope="module")
def edits() -> CodeEdits:
    path = SHARED / "mce" / "mce_edits_fy2026.json"
    if not path.is_file():
        pytest.skip(f"the Medicare Code Editor's lists are not at {path}")
    return read_edits_json(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def exempt() -> frozenset[str]:
    path = SHARED / "fy2026-apr" / "POAexemptCodesFY26.txt.gz"
    if not path.is_file():
        pytest.skip(f"the POA exempt list is not at {path}")
    return frozenset(read_poa(gzip.decompress(path.read_bytes()).decode("latin-1")).orders)


@pytest.fixture(scope="module")
def lists(edits: CodeEdits, exempt: frozenset[str]) -> Lists:
    return Lists(
        manifestation=edits.lists["manifestation"],
        unacceptable=edits.lists["unacceptable"],
        unless_secondary=edits.lists["unless-secondary"],
        ages={name: (*years, edits.lists[name]) for name, years in AGES.items()},
        poa_exempt=exempt,
    )


def test_every_listed_code_is_billable(
    taxonomy: Taxonomy, edits: CodeEdits, exempt: frozenset[str]
) -> None:
    assert {name: len(codes) for name, codes in edits.lists.items()} == {
        "newborn": 42,
        "pediatric": 125,
        "maternity": 2_543,
        "adult": 856,
        "manifestation": 422,
        "unacceptable": 2_656,
        "unless-secondary": 1,
    }
    assert len(exempt) == 38_349
    for code in exempt.union(*edits.lists.values()):
        found = taxonomy.get(code)
        assert found is not None, code
        assert found.billable, code


def test_the_list_and_the_titles_differ_as_is_known(taxonomy: Taxonomy, edits: CodeEdits) -> None:
    named = {
        code.code
        for code in taxonomy.codes()
        if code.billable and "classified elsewhere" in code.title.lower()
    }
    listed = edits.lists["manifestation"]
    assert len(named) == 316
    assert len(named - listed) == 46
    assert all(code.startswith(("B95", "B96", "B97")) for code in named - listed)
    assert named - listed <= edits.lists["unacceptable"]
    assert len(listed - named) == 152


@pytest.mark.parametrize(
    ("name", "rule"),
    [("manifestation", "manifestation-list.P02"), ("unacceptable", "unacceptable-principal.P03")],
)
def test_no_listed_code_leads(
    fired: Fired, edits: CodeEdits, lists: Lists, name: str, rule: str
) -> None:
    for code in sorted(edits.lists[name])[::5]:
        found = fired(f"{code} I10", lists=lists, setting=Setting.INPATIENT)
        assert found[rule].severity is Severity.ERROR, code
        assert found[rule].codes == (code,)


def test_ages_are_those_of_the_list(fired: Fired, edits: CodeEdits, lists: Lists) -> None:
    for name, (low, high) in AGES.items():
        for code in sorted(edits.lists[name])[::100]:
            assert "age-list.A01" not in fired(code, age=float(low), lists=lists)
            told = fired(code, age=high + 1.0, lists=lists)["age-list.A01"]
            assert (told.codes, told.detail) == ((code,), (f"age={low}-{high}",))


def test_the_exempt_list_decides_which_indicator_stays_blank(
    taxonomy: Taxonomy, lists: Lists, exempt: frozenset[str]
) -> None:
    validator = Validator.read(lists=lists)
    for code in sorted(exempt)[::4000]:
        for poa, wrong in (("", False), ("Y", True)):
            given = CodeSet(
                entries=(CodeEntry(code="I10", poa="Y"), CodeEntry(code=code, poa=poa)),
                setting=Setting.INPATIENT,
                claim=Claim.FACILITY,
            )
            found = {each.rule for each in validator.check_set(given, taxonomy).findings}
            assert ("poa-exempt.Q12" in found) == wrong, code
