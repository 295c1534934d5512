"""No change without an event: what writes to a store appends to its log in the same transaction.

Every line that writes is found in the source and has to be reached by the steps that run all
commands; each is then seen at work: a transaction that writes anything appends an event. A new
one that nobody runs fails, and so does one that leaves no event. One that is made on a line and
run on another counts as not run. What an upgrade does to the tables stands in `tables.UPGRADES`,
and `test_founding` runs that.
"""

import ast
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event

import audit
from audit import Store
from tests.audit.builders import encounter, result
from tests.audit.steps import STEPS, play

PACKAGE = Path(audit.__file__).parent

WRITING = {"insert", "update", "delete", "fill"}
WORDS = re.compile(r"\s*(?i:insert\s+into|insert\s+or|update|delete\s+from|replace\s+into)\s")
SERVER = {"postgres_schema.py"}
"""What the owner of a database runs once, to let people in; a file knows none of it."""

INSIDE = {f"audit.{name}" for name in ("blobs", "change", "database", "log", "rebuild", "tables")}

WRITERS = Counter(
    {
        "backup.py": 4,
        "blobs.py": 2,
        "change.py": 2,
        "founding.py": 2,
        "log.py": 1,
        "rebuild.py": 2,
        "restore.py": 2,
    }
)
"""How many statements of each file write: the search finds no fewer."""

Place = tuple[str, int]


def _calls(node: ast.AST) -> bool:
    return any(
        isinstance(each, ast.Call) and isinstance(each.func, ast.Name) and each.func.id in WRITING
        for each in ast.walk(node)
    )


def _in_words(node: ast.AST) -> bool:
    return any(
        isinstance(each, ast.Constant) and isinstance(each.value, str) and WORDS.match(each.value)
        for each in ast.walk(node)
    )


def _names(node: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def _parts(tree: ast.Module) -> Iterator[ast.stmt | ast.expr]:
    """Yield what functions do one after another: statements, and what decides on blocks of them."""
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
    for node in (each for function in functions for each in ast.walk(function)):
        if not isinstance(node, ast.stmt):
            continue
        if not hasattr(node, "body"):
            yield node
            continue
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                yield child
            elif isinstance(child, ast.withitem):
                yield child.context_expr


@cache
def places() -> dict[Place, range]:
    """Return every statement that writes to a store: file, first line, and the lines it spans."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        name = str(path.relative_to(PACKAGE))
        if name in SERVER:
            continue
        tree = ast.parse(path.read_text("utf-8"))
        prepared = {
            target.id
            for node in tree.body
            if isinstance(node, ast.Assign) and (_calls(node.value) or _in_words(node.value))
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for part in _parts(tree):
            if _calls(part) or _in_words(part) or _names(part) & prepared:
                assert part.end_lineno is not None
                found[name, part.lineno] = range(part.lineno, part.end_lineno + 1)
    return found


def place_of(frame: Any) -> Place | None:
    """Return the statement that writes at which a frame stands."""
    name = str(Path(frame.f_code.co_filename).relative_to(PACKAGE))
    return next(
        (
            place
            for place, lines in places().items()
            if place[0] == name and frame.f_lineno in lines
        ),
        None,
    )


@dataclass
class Watch:
    """What was written in each open transaction, and where; what was committed without an event."""

    tables: dict[int, set[str]] = field(default_factory=dict)
    reached: set[Place] = field(default_factory=set)
    silent: list[set[str]] = field(default_factory=list)
    committed: int = 0

    def statement(self, connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        words = statement.lower().split()
        if words[0] not in {"insert", "update", "delete", "replace"}:
            return
        table = words[1] if words[0] == "update" else words[2]
        self.tables.setdefault(id(connection), set()).add(table.partition("(")[0])
        frame: Any = sys._getframe(1)
        while frame is not None:
            path = Path(frame.f_code.co_filename)
            place = place_of(frame) if path.is_relative_to(PACKAGE) else None
            if place is not None:
                self.reached.add(place)
            frame = frame.f_back

    def commit(self, connection: Connection) -> None:
        tables = self.tables.pop(id(connection), set())
        self.committed += bool(tables)
        if tables and "audit_event" not in tables:
            self.silent.append(tables)

    def rollback(self, connection: Connection) -> None:
        self.tables.pop(id(connection), None)


@contextmanager
def watching() -> Iterator[Watch]:
    """Hear of every statement and every end of a transaction, of whatever store."""
    seen = Watch()
    listeners: dict[str, Callable[..., None]] = {
        "before_cursor_execute": seen.statement,
        "commit": seen.commit,
        "rollback": seen.rollback,
    }
    for name, heard in listeners.items():
        event.listen(Engine, name, heard)
    try:
        yield seen
    finally:
        for name, heard in listeners.items():
            event.remove(Engine, name, heard)


@pytest.fixture(scope="module")
def watch(tmp_path_factory: pytest.TempPathFactory) -> Watch:
    """What was seen while all commands ran."""
    with watching() as seen:
        for step in STEPS:
            play(step, tmp_path_factory.mktemp(step.__name__))
    return seen


def test_every_statement_that_writes_is_run(watch: Watch) -> None:
    found = Counter(name for name, _ in places())
    assert found >= WRITERS
    assert sorted(places().keys() - watch.reached) == []


def test_no_transaction_writes_without_an_event(watch: Watch) -> None:
    """But the one in which this very test makes a backup look older."""
    assert watch.committed > 50
    assert watch.silent == [{"store"}]


def test_a_write_without_an_event_would_be_seen(store: Store) -> None:
    store.record(encounter(), result())
    with watching() as seen:
        store.claims.take(store.cases()[0].case_id)
        with store.door._database.write() as connection:
            connection.exec_driver_sql("update case_row set claimed_by = 'nobody'")
    assert (seen.silent, seen.committed) == ([{"case_row"}], 2)


def test_only_a_change_appends_and_only_the_log_and_a_copy_write_events() -> None:
    """Whoever would append by another way than `emit` is found here."""
    appends, drafts, inserts = [], [], []
    for path in sorted(PACKAGE.rglob("*.py")):
        name = str(path.relative_to(PACKAGE))
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = ast.unparse(node.func)
            if called == "log.append":
                appends.append(name)
            elif called == "draft":
                drafts.append(name)
            elif called in WRITING and any("EventRow" in ast.unparse(each) for each in node.args):
                inserts.append(name)
        text = path.read_text("utf-8")
        assert name == "change.py" or not re.search(r"from audit\.log import .*\bappend\b", text)
    assert (appends, drafts) == (["change.py"], ["change.py"])
    assert inserts == ["backup.py", "log.py", "restore.py"]  # a copy is walked as it is written


def test_nothing_above_the_record_writes_to_a_store_by_itself() -> None:
    """The window and the commands reach a store through `audit` alone."""
    for path in sorted((PACKAGE.parent / "app").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module is not None:
                named = {node.module, *(f"{node.module}.{each.name}" for each in node.names)}
                assert not named & INSIDE, path
