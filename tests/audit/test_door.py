"""Real processes at one store: killed at any moment, and appending at the same time."""

import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from filelock import FileLock

import audit.door
from audit import Accept, Places, Store, StoreBusyError, verify
from tests.audit.builders import CODER, encounter, places, result
from tests.soak import times

WRITER = """
import sys
from pathlib import Path
from audit import Accept, Store
from tests.audit.builders import CODER, encounter, places, result

root, name, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
with Store.create_or_open(root / "store", places=places(root), actor=CODER) as store:
    print("open", flush=True)
    for number in range(count):
        recorded = store.record(encounter(f"{name}-{number}"), result(f"{name}-{number}"))
        print(f"r {recorded.case_id}", flush=True)
        if recorded.added:
            store.decide(recorded.case_id, Accept(code="I10"))
            print(f"d {recorded.case_id}", flush=True)
"""


Start = Callable[[Path, str, int], "subprocess.Popen[str]"]


@pytest.fixture
def writer() -> Iterator[Start]:
    """Start writers, and leave none behind where a test fails."""
    with ExitStack() as started:

        def start(root: Path, name: str, count: int) -> "subprocess.Popen[str]":
            process = started.enter_context(popen(root, name, count))
            started.callback(process.kill)
            return process

        yield start


def popen(root: Path, name: str, count: int) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(root), name, str(count)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "CHARTPROOF_KEYRING": "off"},
    )


@pytest.mark.soak
@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_a_writer_killed_at_any_moment_loses_nothing_it_said_was_stored(
    tmp_path: Path, writer: Start
) -> None:
    """Killed after a random number of its messages, so between and inside later appends.

    In `make soak` 60 times.
    """
    chance = random.Random(11)
    where = places(tmp_path)
    recorded: set[str] = set()
    decided: set[str] = set()
    for trial in range(times(3, 60)):
        process = writer(tmp_path, f"t{trial}", 100_000)
        assert process.stdout is not None
        assert process.stderr is not None
        heard = [process.stdout.readline() for _ in range(chance.randrange(1, 30))]
        process.send_signal(signal.SIGKILL)
        heard += process.stdout.readlines()
        assert process.wait() == -signal.SIGKILL, "each round is a kill"
        assert process.stderr.read() == ""
        for line in heard:
            if line.endswith("\n") and line.startswith(("r ", "d ")):
                (recorded if line[0] == "r" else decided).add(line[2:].strip())
        report = verify(tmp_path / "store", places=where)
        assert report.exit_code == 0, report
    with Store.open(tmp_path / "store", places=where, actor=CODER) as store:
        rows = {row.case_id: row for row in store.cases()}
        assert recorded <= rows.keys()
        assert len({row.encounter_id for row in rows.values()}) == len(rows)
        assert all(rows[case_id].decided_count == 1 for case_id in decided)
        assert store.notice is not None
        assert "recorded" not in store.notice
        assert store.record(encounter("after"), result("after")).added
    assert verify(tmp_path / "store", places=where).exit_code == 0


@pytest.mark.soak
def test_processes_that_make_and_fill_one_store_at_once_share_one_chain(
    tmp_path: Path, writer: Start
) -> None:
    """They start together, so that they also race to make the store and to record one case."""
    count = times(12, 120)
    names = ("a", "b", "same", "same")
    processes = [writer(tmp_path, name, count) for name in names]
    where = places(tmp_path)
    checked = 0
    while any(process.poll() is None for process in processes):
        report = verify(tmp_path / "store", places=where)
        assert report.exit_code == 0 or not report.events, report
        checked += report.events > 0
    said = [process.communicate() for process in processes]
    assert [error for _, error in said] == [""] * len(names)
    assert [process.returncode for process in processes] == [0] * len(names)
    assert checked
    report = verify(tmp_path / "store", places=where)
    assert (report.exit_code, report.problems) == (0, ())
    assert report.events == 1 + 3 * count * 8
    with Store.open(tmp_path / "store", places=where, actor=CODER) as store:
        assert len(store.cases()) == 3 * count
        assert {row.decided_count for row in store.cases()} == {1}
        keys = sorted(path.name for path in (where.config / "keys").iterdir())
        assert store.store_id in keys


def test_a_store_held_by_another_process_for_long_is_said_and_nothing_is_done(
    store: Store, where: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = store.record(encounter(), result()).case_id
    with FileLock(where.lock(store.store_id)):
        store.door._lock.timeout = 0.05
        for call in (
            lambda: store.record(encounter("2"), result("2")),
            lambda: store.decide(case_id, Accept(code="I10")),
        ):
            with pytest.raises(StoreBusyError, match="held by another process"):
                call()
        assert len(store.events()) == 8  # reading goes on meanwhile
    assert store.record(encounter("2"), result("2")).added
    assert audit.door.LOCK_SECONDS >= 30


def test_two_stores_in_one_process_follow_each_other(
    store: Store, folder: Path, where: Places
) -> None:
    case_id = store.record(encounter(), result()).case_id
    with Store.open(folder, places=where, actor=CODER) as other:
        other.decide(case_id, Accept(code="I10"))
        assert store.case(case_id).can_undo
        store.undo(case_id)
        assert other.redo(case_id).version == 10
    assert verify(folder, places=where).exit_code == 0
