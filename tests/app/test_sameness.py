"""What codes in one run is one thing: differences are found, and named."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app import sameness
from app.batch import BatchError, Recipe
from app.coding import encoded
from app.sameness import agree, differing, holds
from pipeline.model import Provenance
from tests.app.jobs.driver import PROVENANCE

RECIPE = Recipe(factory="x:y")


def _change_rule(root: Path) -> None:
    (root / "rules.json").write_text('{"least": 2}')


def _change_code(root: Path) -> None:
    (root / "deep" / "b.py").write_text("b = 2\n")


def _move(root: Path) -> None:
    (root / "rules.json").rename(root / "other.json")


def _compile(root: Path) -> None:
    (root / "__pycache__").mkdir()
    (root / "__pycache__" / "a.pyc").write_bytes(b"x")


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (_change_rule, ("rules and models",)),
        (_move, ("rules and models",)),
        (_change_code, ("program",)),
        (_compile, ()),
    ],
)
def test_a_changed_file_is_another_holding(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[Path], None],
    found: tuple[str, ...],
) -> None:
    root = tmp_path / f"held_{tmp_path.name}"
    (root / "deep").mkdir(parents=True)
    (root / "__init__.py").write_text("")
    (root / "deep" / "b.py").write_text("b = 1\n")
    (root / "rules.json").write_text('{"least": 1}')
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sameness, "CODE", (root.name,))
    before = holds(RECIPE)
    assert holds(RECIPE) == before
    change(root)
    assert differing(before, holds(RECIPE)) == found


def test_another_library_of_releases_is_another_holding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The recipe is looked into as a job hands it over: wrapped in the one that encodes."""
    monkeypatch.setattr(sameness, "CODE", ())
    options = {"cache": tmp_path / "cache", "library": tmp_path / "library"}
    recipe = encoded(Recipe(factory="app.engine:open_coder", options=options, calls=True))
    ours = holds(recipe)
    monkeypatch.setattr("taxonomy.Releases.all", lambda _self: ())
    assert differing(ours, holds(recipe)) == ("releases",)
    assert "releases" not in holds(RECIPE)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"code_version": "2"}, "version of the program"),
        ({"index_digest": "x"}, "index"),
        ({"taxonomy_digest": "x"}, "list of codes"),
        ({"model_digest": "x", "rules_digest": "y"}, "model, set of rules"),
        ({"release": "FY2027", "rules_digest": "y"}, "set of rules"),
        ({"release": "FY2027", "taxonomy_digest": "x", "index_digest": "x"}, ""),
    ],
)
def test_a_worker_may_differ_in_nothing_but_the_release(change: dict[str, Any], says: str) -> None:
    other: Provenance = replace(PROVENANCE, **change)
    agree(PROVENANCE, [])
    agree(PROVENANCE, [PROVENANCE])
    if not says:
        agree(other, [PROVENANCE])
        return
    with pytest.raises(BatchError, match=f"codes with another {says} than the workers before"):
        agree(other, [PROVENANCE])
