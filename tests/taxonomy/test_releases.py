from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from taxonomy import Releases, Taxonomy, TaxonomyError, releases
from taxonomy.library import Library, Manifest, PartRecord
from taxonomy.releases import ReleaseFacts

CHANGE = date(2026, 10, 1)


@pytest.fixture(scope="module")
def at_hand(
    cache_dir: Path, taxonomy: Taxonomy, tmp_path_factory: pytest.TempPathFactory
) -> Releases:
    return releases(cache_dir, tmp_path_factory.mktemp("library") / "none")


def test_i42_0_is_valid_until_the_last_day_of_fy2026(at_hand: Releases) -> None:
    before, note = at_hand.for_date(CHANGE - timedelta(days=1))
    old = before.get("I42.0")
    assert (before.release.label, note) == ("FY2026", "")
    assert old is not None
    assert old.billable
    after, note = at_hand.for_date(CHANGE)
    new = after.get("I42.0")
    assert (after.release.label, note) == ("FY2027-provisional", "")
    assert new is not None
    assert not new.billable
    assert after.children("I42.0") == ("I42.00", "I42.01", "I42.09")


@pytest.mark.parametrize(
    ("day", "label", "note"),
    [
        (date(2025, 10, 1), "FY2026", ""),
        (date(2027, 9, 30), "FY2027-provisional", ""),
        (date(2025, 9, 30), "FY2026", "missing"),
        (date(1999, 1, 1), "FY2026", "missing"),
        (date(2027, 10, 1), "FY2027-provisional", "missing"),
        (None, "FY2026", "assumed"),
    ],
)
def test_a_day_chooses_its_release_or_the_nearest(
    at_hand: Releases, day: date | None, label: str, note: str
) -> None:
    taxonomy, said = at_hand.for_date(day)
    assert (taxonomy.release.label, said) == (label, note)


def test_a_release_is_loaded_once(at_hand: Releases) -> None:
    assert at_hand.get("FY2026") is at_hand.for_date(date(2026, 1, 1))[0]
    assert at_hand.supplements("FY2026") is at_hand.supplements("FY2026")
    assert at_hand.supplements("FY2026").index is None


def test_an_unknown_label_is_named(at_hand: Releases) -> None:
    with pytest.raises(TaxonomyError, match="no release FY2020; there are FY2026, FY2027-prov"):
        at_hand.get("FY2020")


def test_the_facts_say_what_is_missing_and_where_it_is_published(tmp_path: Path) -> None:
    whole, provisional = releases(tmp_path / "cache", tmp_path / "library").facts()
    assert not list(tmp_path.iterdir())
    assert _size(whole) == (98_186, 74_719)
    assert _size(provisional) == (98_403, 74_879)
    assert not whole.release.provisional
    missing = dict(whole.missing)
    assert "tabular list" not in missing
    assert "POA Exempt Codes" in missing["POA-exempt list"]
    assert "cdc.gov/nchs" in missing["Alphabetic Index"]
    assert "tabular list" in dict(provisional.missing)


def _size(facts: ReleaseFacts) -> tuple[int, int]:
    return facts.rows, facts.billable


def test_what_was_taken_out_of_use_is_known_by_comparison(at_hand: Releases) -> None:
    before, after = at_hand.get("FY2026"), at_hand.get("FY2027-provisional")
    assert (before.before, after.before) == (None, before.release)
    gone = {code.base for code in before.codes() if code.billable}
    gone -= {code.base for code in after.codes() if code.billable}
    assert len(gone) == 20
    for base in gone:
        known = after.superseded(base)
        assert known is not None
        assert (known.code, known.before) == (base, "FY2026")
        children = after.leaves(base) if base in after else ()
        assert known.successors == children
        assert before.superseded(base) is None
    assert after.superseded("i4209") == after.superseded("I42.0")
    assert after.superseded("I42.1") is None


def test_a_result_is_read_in_the_release_it_was_made_with(
    at_hand: Releases, cache_dir: Path, tmp_path: Path
) -> None:
    newest = at_hand.newest().release
    assert at_hand.recorded("FY2026", newest.digest) is at_hand.get("FY2026")
    library = Library(tmp_path / "library")
    for data in (_list(b"first"), _list(b"second")):
        assert library.activate(*_import("FY2026", data))
    later = releases(cache_dir, library.folder)
    first, second = sha256(_list(b"first")).hexdigest(), sha256(_list(b"second")).hexdigest()
    assert later.newest().title("A00") == "second"
    assert later.recorded("FY2026", first).title("A00") == "first"
    assert later.recorded("FY2026", second) is later.newest()
    assert later.recorded("FY2026", newest.digest).release == newest
    assert later.recorded("FY2026", "0" * 64) is later.newest()
    assert later.recorded("FY2019", "0" * 64) is later.newest()
    with pytest.raises(TaxonomyError, match="no release FY2019"):
        later.get("FY2019")


def test_the_facts_say_what_coding_rests_on(cache_dir: Path, tmp_path: Path) -> None:
    library = Library(tmp_path / "library")
    data = {"edits": b"{}", "hcc": b"x", "index": b"y", "poa-exempt": b"z"}
    records = [_record(kind, body) for kind, body in data.items()]
    assert library.activate(_manifest("FY2026", *records), data)
    whole, provisional = releases(cache_dir, library.folder).facts()
    assert whole.coding == (
        "tabular list (built in)",
        "Medicare Code Editor lists",
        "POA-exempt list",
    )
    assert provisional.coding == ("tabular list (provisional)",)
    assert library.activate(*_import("FY2027", _list(b"first")))
    assert releases(cache_dir, library.folder).facts()[-1].coding == ("tabular list (imported)",)


def _list(title: bytes) -> bytes:
    return (
        b'<?xml version="1.0"?><ICD10CM.tabular><version>2026</version><chapter><name>1</name>'
        b'<desc>One</desc><section id="A00-A00"><desc>One</desc><diag><name>A00</name><desc>'
        + title
        + b"</desc></diag></section></chapter></ICD10CM.tabular>"
    )


def _record(kind: str, data: bytes) -> PartRecord:
    counts = {"rows": 1, "billable": 1}
    return PartRecord(
        kind=kind, name=kind, year=2026, sha256=sha256(data).hexdigest(), counts=counts
    )


def _manifest(label: str, *records: PartRecord) -> Manifest:
    year = int(label.removeprefix("FY"))
    return Manifest(
        label=label,
        effective_from=date(year - 1, 10, 1),
        effective_to=date(year, 9, 30),
        parts=records,
    )


def _import(label: str, data: bytes) -> tuple[Manifest, dict[str, bytes]]:
    return _manifest(label, _record("tabular", data)), {"tabular": data}
