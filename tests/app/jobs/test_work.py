"""Jobs that are killed, resumed, retried, cancelled and watched: nothing lost, nothing twice."""

import gc
import json
import os
import resource
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app import AppError, UsageError
from app.assembly import Assembly
from app.batch import AHEAD
from app.coding import NOTE_REFUSED
from app.crew import DEPTH
from app.jobs import JobRunningError, begin, find
from app.jobs.ledger import Follower, Ledger, Tally
from app.jobs.work import encounter_key, work
from audit import Places, Store, verify
from pipeline.model import Encounter, Note
from tests.app.jobs.builders import REPOSITORY, analyses, killed, plan, run, write
from tests.app.jobs.driver import means, open_store
from tests.soak import SOAK, times

ENCOUNTERS, KILLS = times(300, 10_000), times(3, 60)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path) as store:
        yield store


def test_a_job_codes_all_and_running_it_again_adds_nothing(tmp_path: Path, store: Store) -> None:
    source = write(tmp_path / "n.jsonl", 20, bad=1)
    job = begin(tmp_path / "jobs", plan(tmp_path, source))
    assert len(run(job, tmp_path, store)) == 21
    assert job.state == "finished"
    tally = job.ledger.tally()
    assert tally.counts == Counter(done=20, quarantined=1)
    assert (tally.total, tally.left) == (21, 0)
    events = len(store.events())
    again = begin(tmp_path / "jobs", plan(tmp_path, source))
    assert all(not added for _, added in run(again, tmp_path, store))
    assert again.ledger.tally().counts == Counter(known=20, quarantined=1)
    assert len(store.events()) == events
    assert run(job, tmp_path, store)[0][1] is False
    assert job.ledger.tally().counts == Counter(done=20, quarantined=1)


def test_a_job_never_holds_more_notes_than_its_workers_need(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each encounter has its notes at two ends of the input; all are read before one is coded."""
    source = tmp_path / "n.jsonl"
    rows = write(source, 150).read_text().splitlines()
    source.write_text("\n".join([*rows[::2], *rows[1::2]]))
    before, most = _notes_held(), 0

    def look() -> None:
        nonlocal most
        most = max(most, _notes_held() - before)

    add, calls = Assembly.add, count()

    def looked(*given: Any, **named: Any) -> None:
        add(*given, **named)
        if next(calls) % 50 == 0:
            look()

    monkeypatch.setattr(Assembly, "add", looked)
    job = begin(tmp_path / "jobs", plan(tmp_path, source))
    for number, _ in enumerate(work(job, means(tmp_path, store))):
        if number % 20 == 0:
            look()
    assert next(calls) == 300
    assert job.ledger.tally().counts == {"done": 150}
    at_hand = 2 * (AHEAD + DEPTH) + 2
    assert 0 < most <= 2 * at_hand, "two notes an encounter"


def _notes_held() -> int:
    gc.collect()
    return sum(type(each) is Note for each in gc.get_objects())


def test_a_note_that_could_not_be_read_sends_its_encounter_to_a_person_after_a_resume_too(
    tmp_path: Path, store: Store
) -> None:
    source = write(tmp_path / "n.jsonl", 2)
    with source.open("a") as file:
        file.write(json.dumps({"note_id": "bad", "encounter_id": "e1", "text": " "}) + "\n")
    job = begin(tmp_path / "jobs", plan(tmp_path, source))
    steps = work(job, means(tmp_path, store))
    assert next(steps).row.failed, "the note is refused, and the job is stopped"
    steps.close()  # type: ignore[attr-defined]
    names = {
        row.encounter_id: row for row in (step.row for step in work(job, means(tmp_path, store)))
    }
    assert set(names) == {"e0", "e1"}
    reasons = {name: store.case(row.case_id).lane_reasons for name, row in names.items()}
    assert NOTE_REFUSED not in reasons["e0"]
    assert NOTE_REFUSED in reasons["e1"]


def test_the_lines_that_stand_keep_their_mix(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.jsonl")
    ledger.open()
    for key, outcome, chapter in (
        ("a", "failed", "1"),
        ("b", "done", "2"),
        ("a", "done", "3"),
        ("b", "known", "4"),
    ):
        given = {"case_id": "c", "lane": "review", "seconds": 0.1}
        ledger.add(key, outcome=outcome, mix={"chapters": {chapter: 1}}, **given)  # type: ignore[arg-type]
    ledger.close()
    found = {line.key: (line.outcome, dict(line.mix)) for line in ledger.standing()}
    assert found == {"a": ("done", {"chapters": {"3": 1}}), "b": ("done", {"chapters": {"2": 1}})}
    assert ledger.tally().keys("done") == {"a", "b"}


@settings(deadline=None)  # each line is flushed to the disk
@given(
    st.lists(st.sampled_from(("run", "end", *"abc")), max_size=30),
    st.lists(st.floats(0, 1), max_size=8),
)
def test_a_ledger_that_is_followed_adds_up_as_one_that_is_read(
    kinds: list[str], shares: list[float]
) -> None:
    with TemporaryDirectory() as name:
        path = Path(name) / "ledger.jsonl"
        ledger, whole = Ledger(path), Path(name) / "whole"
        ledger.open()
        for number, kind in enumerate(kinds):
            if kind == "run":
                ledger.begin(number)
            elif kind == "end":
                ledger.end()
            else:
                outcome = ("done", "known", "failed")[number % 3]
                lane = ("review", "auto")[number % 2]
                given = {"case_id": "c", "lane": lane, "seconds": 0.1, "mix": {}}
                ledger.add(kind, outcome=outcome, **given)  # type: ignore[arg-type]
        ledger.close()
        path.rename(whole)
        written, follower = whole.read_bytes(), Follower(path)
        assert follower.look() == Tally()
        cuts = [round(share * len(written)) for share in shares]
        for cut in (*sorted(cuts), len(written)):
            path.write_bytes(written[:cut])
            follower.look()
        assert follower.look() == Ledger(whole).tally()
        standing = list(Ledger(whole).standing())
        assert follower.look().counts == Counter(line.outcome for line in standing)
        assert follower.look().lanes == dict(
            Counter(line.lane for line in standing if line.outcome in {"done", "known"})
        )
        assert follower.look().dealt == len(standing) == len({line.key for line in standing})


def test_the_ledger_holds_no_name_and_no_word(tmp_path: Path, store: Store) -> None:
    source = write(tmp_path / "n.jsonl", 3, bad=1)
    job = begin(tmp_path / "jobs", plan(tmp_path, source))
    run(job, tmp_path, store)
    text = (job.folder / "ledger.jsonl").read_text()
    for word in ("gout", "n.jsonl", "progress", '"e1"', "visit"):
        assert word not in text
    assert (job.folder / "ledger.jsonl").stat().st_mode & 0o077 == 0


def test_a_changed_encounter_is_a_new_analysis_of_its_case(tmp_path: Path, store: Store) -> None:
    source = write(tmp_path / "n.jsonl", 3)
    run(begin(tmp_path / "jobs", plan(tmp_path, source)), tmp_path, store)
    source.write_text(source.read_text().replace("visit 2.", "visit 2, no gout."))
    job = begin(tmp_path / "jobs", plan(tmp_path, source))
    assert dict(run(job, tmp_path, store)) == {"e0": False, "e1": True, "e2": False}
    assert analyses(store) == Counter(e0=1, e1=2, e2=1)
    assert len(store.cases()) == 3


def test_failures_are_left_alone_by_resume_and_tried_again_by_retry(
    tmp_path: Path, store: Store
) -> None:
    source = write(tmp_path / "n.jsonl", 3, bad=1)
    source.write_text(source.read_text().replace("visit 2.", "fail"))
    job = begin(tmp_path / "jobs", plan(tmp_path, source))
    run(job, tmp_path, store)
    assert job.ledger.tally().counts == Counter(done=2, failed=1, quarantined=1)
    assert {name for name, _ in run(job, tmp_path, store)} == {"e0", "e2"}
    names = {name for name, _ in run(job, tmp_path, store, retry=True)}
    assert "e1" in names
    assert not names & {"e0", "e2"}
    source.write_text(source.read_text().replace("fail", "visit 2.").replace("{broken\n", ""))
    assert run(job, tmp_path, store, retry=True) == [("e1", True)]
    assert {row.state for row in store.cases() if row.encounter_id == "e1"} == {"open"}


def test_a_job_is_worked_on_by_one_process_at_a_time(tmp_path: Path, store: Store) -> None:
    job = begin(tmp_path / "jobs", plan(tmp_path, write(tmp_path / "n.jsonl", 3)))
    steps = work(job, means(tmp_path, store, workers=1))
    next(steps)
    assert job.state == "running"
    with pytest.raises(JobRunningError, match="worked on by another process"):
        next(work(job, means(tmp_path, store)))
    steps.close()  # type: ignore[attr-defined]
    assert job.state == "stopped"


def test_a_resumed_job_takes_up_what_is_new_first(tmp_path: Path, store: Store) -> None:
    job = begin(tmp_path / "jobs", plan(tmp_path, write(tmp_path / "n.jsonl", 20)))
    steps = work(job, means(tmp_path, store, workers=1))
    done = [next(steps).row.encounter_id for _ in range(5)]
    steps.close()  # type: ignore[attr-defined]
    rows = run(job, tmp_path, store)
    assert rows == [(f"e{n}", True) for n in range(5, 20)] + [(name, False) for name in done]


def test_cancelling_stops_after_the_encounter_in_hand(tmp_path: Path, store: Store) -> None:
    job = begin(tmp_path / "jobs", plan(tmp_path, write(tmp_path / "n.jsonl", 50)))
    done = []
    for step in work(job, means(tmp_path, store)):
        done.append(step)
        job.cancel()
    assert len(done) == 1
    assert job.state == "cancelled"
    assert len(store.cases()) == 1


def test_a_drop_folder_is_watched_until_cancelled(tmp_path: Path, store: Store) -> None:
    drop = tmp_path / "drop"
    drop.mkdir()
    (drop / "a.txt").write_text("Assessment: gout.")
    job = begin(tmp_path / "jobs", plan(tmp_path, drop, watch=0.01))
    names = []
    for step in work(job, means(tmp_path, store, workers=1)):
        names.append(step.row.encounter_id)
        if names == ["a.txt"]:
            (drop / "sub").mkdir()
            (drop / "sub" / "a.txt").write_text("Assessment: gout of the left foot.")
        if "sub/a.txt" in names:
            job.cancel()
    assert names == ["a.txt", "sub/a.txt"]


def test_jobs_are_found_by_the_beginning_of_their_name(tmp_path: Path) -> None:
    root = tmp_path / "jobs"
    with pytest.raises(UsageError, match="no job yet"):
        find(root, None)
    first = begin(root, plan(tmp_path, tmp_path))
    later = begin(root, plan(tmp_path).model_copy(update={"created": "2026-04-01T00:00:00+00:00"}))
    assert find(root, None) == later
    assert find(root, first.id[:8]) == first
    with pytest.raises(UsageError, match="beginning of 2 jobs"):
        find(root, "2026")
    with pytest.raises(UsageError, match="no job x"):
        find(root, "x")
    (first.folder / "plan.json").write_text('{"paths": "Mr Secret"}')
    with pytest.raises(AppError, match="start the job anew") as error:
        _ = first.plan
    assert "Secret" not in str(error.value)


def test_a_line_cut_short_is_passed_over_and_the_next_one_stands_alone(
    tmp_path: Path, store: Store
) -> None:
    source = write(tmp_path / "n.jsonl", 5)
    job = begin(tmp_path / "jobs", plan(tmp_path, source))
    run(job, tmp_path, store)
    path = job.folder / "ledger.jsonl"
    data = path.read_bytes()
    for cut in (len(data) - 20, len(data) - 150, 10, 0):
        path.write_bytes(data[:cut])
        rows = run(job, tmp_path, store)
        assert all(not added for _, added in rows)
        assert job.ledger.tally().dealt == 5
        assert job.state == "finished"


@pytest.mark.soak
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc")
@pytest.mark.parametrize(
    "factory", ["", pytest.param("engine", marks=pytest.mark.skipif(SOAK == 1, reason="soak"))]
)
def test_nothing_is_lost_and_nothing_twice_when_workers_and_writer_are_killed(
    tmp_path: Path, cache: Path, factory: str
) -> None:
    job = begin(tmp_path / "jobs", plan(tmp_path, write(tmp_path / "n.jsonl", ENCOUNTERS)))
    where = str(cache) if factory else ""
    killed(job, tmp_path, encounters=ENCOUNTERS, kills=KILLS, seed=7, of_workers=0.5, factory=where)
    with open_store(tmp_path) as store:
        run(job, tmp_path, store, retry=True) if job.ledger.tally().keys("failed") else None
        assert analyses(store) == {f"e{n}": 1 for n in range(ENCOUNTERS)}
        assert len(store.cases()) == ENCOUNTERS
        assert {row.state for row in store.cases()} == {"open"}
    tally = job.ledger.tally()
    assert tally.dealt == tally.total == ENCOUNTERS
    assert not tally.keys("failed", "quarantined")
    assert job.state == "finished"
    places = Places(state=tmp_path / "state", config=tmp_path / "config")
    assert verify(tmp_path / "store", places=places).status == "intact"


def test_a_full_disk_stops_the_job_with_a_sentence_and_it_goes_on_afterwards(
    tmp_path: Path,
) -> None:
    job = begin(tmp_path / "jobs", plan(tmp_path, write(tmp_path / "n.jsonl", 60)))
    with open_store(tmp_path):
        pass
    size = max(path.stat().st_size for path in (tmp_path / "store").iterdir())
    full = subprocess.run(
        [sys.executable, "-m", "tests.app.jobs.driver", str(job.folder), str(tmp_path)],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size + 80_000,) * 2),
    )
    assert full.returncode not in {0, -signal.SIGXFSZ}, full.stderr
    *_, last = full.stderr.strip().splitlines()
    assert last.startswith(("audit.", "OSError")), last
    assert job.state == "stopped"
    with open_store(tmp_path) as store:
        before = len(store.cases())
        assert before < 60
        run(job, tmp_path, store)
        assert analyses(store) == {f"e{n}": 1 for n in range(60)}


def test_the_key_of_an_encounter_is_keyed_by_the_store(tmp_path: Path, store: Store) -> None:
    note = Note(note_id="n", text="gout", sha256="")
    one, other = (Encounter(encounter_id=name, notes=(note,)) for name in ("a", "b"))
    assert encounter_key(one, store) != encounter_key(other, store)
    with open_store(tmp_path / "elsewhere") as second:
        assert encounter_key(one, store) != encounter_key(one, second)
