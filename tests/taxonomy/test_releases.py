from datetime import date, timedelta
from pathlib import Path

import pytest

from taxonomy import Releases, Taxonomy, TaxonomyError, releases
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
