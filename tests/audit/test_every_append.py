"""No act without its event: each command is run and its events named, and no append can be missed.

`steps.STEPS` are all commands of a store with the events each appends. Every place in the program
that emits an event is found in the source, has to be reached by them, and is then made to do
nothing, one at a time: the steps that reach it must no longer hold. A new command without a step
fails the test, and so does an append that nobody would miss. Nothing reaches the log but by `emit`.
"""

import ast
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import audit
from audit import AuditError
from audit.change import Change
from tests.audit.steps import STEPS, Desk, play

PACKAGE = Path(audit.__file__).parent

Site = tuple[str, int]
Emit = Callable[..., None]


@cache
def sites() -> dict[Site, range]:
    """Return every call of `emit` in the program: file and first line, and the lines it spans."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "emit"
            ):
                name = str(path.relative_to(PACKAGE))
                assert node.end_lineno is not None
                found[name, node.lineno] = range(node.lineno, node.end_lineno + 1)
    return found


def site_of(frame: Any) -> Site:
    name = str(Path(frame.f_code.co_filename).relative_to(PACKAGE))
    return next(
        site for site, lines in sites().items() if site[0] == name and frame.f_lineno in lines
    )


def run(step: Callable[[Desk], None], root: Path, emit: Callable[[Emit], Emit]) -> None:
    """Run one step in a store of its own, with `Change.emit` wrapped."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Change, "emit", emit(Change.emit))
        play(step, root)


@pytest.fixture(scope="module")
def reached(tmp_path_factory: pytest.TempPathFactory) -> dict[Site, Callable[[Desk], None]]:
    """Run every step as the program is, and note which places they reach."""
    found: dict[Site, Callable[[Desk], None]] = {}
    for step in STEPS:

        def noting(real: Emit, *, step: Callable[[Desk], None] = step) -> Emit:
            def emit(self: Change, *args: Any, **kwargs: Any) -> None:
                found.setdefault(site_of(sys._getframe(1)), step)
                real(self, *args, **kwargs)

            return emit

        run(step, tmp_path_factory.mktemp(step.__name__), noting)
    return found


def test_every_place_that_appends_is_reached(
    reached: dict[Site, Callable[[Desk], None]],
) -> None:
    assert sorted(sites().keys() - reached.keys()) == []


@pytest.fixture(params=sorted(sites()), ids=lambda site: f"{site[0]}:{site[1]}")
def site(request: pytest.FixtureRequest) -> Site:
    found: Site = request.param
    return found


def test_no_append_can_be_taken_away_unnoticed(
    site: Site, reached: dict[Site, Callable[[Desk], None]], tmp_path: Path
) -> None:
    dropped = 0

    def dropping(real: Emit) -> Emit:
        def emit(self: Change, *args: Any, **kwargs: Any) -> None:
            nonlocal dropped
            if site_of(sys._getframe(1)) == site:
                dropped += 1
                return
            real(self, *args, **kwargs)

        return emit

    with pytest.raises((AssertionError, AuditError, IndexError, LookupError)):
        run(reached[site], tmp_path, dropping)
    assert dropped
