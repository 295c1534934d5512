"""Rate and memory of a batch job: notes of 400 words through workers into a store, log included.

    python benchmarks/batch_speed.py [--notes 400] [--workers 1 2] [--cluster ADDRESS] [--runs 1]
                                     [--alone]

The notes are paragraphs of the invented examples, drawn anew for each note, so that no two are the
same. Prints, for each number of workers, notes a second over the second half of the notes (over the
first half the second worker is still loading, and words are met for the first time), the
processor time a note costs the writer and a worker (milliseconds; what others do on the machine
changes it little), the largest memory of them all, and how much that of the workers and that of the
writer grew over the second half. Limits: 30 notes/s with 2 workers, 1.5 GB in all, 1.7 times the
rate of one worker. From 10,000 notes on, 100 MB more over the second half end it with code 1.
`--alone` has the same workers do the same notes with nobody writing: how far this machine lets two
of them go beside each other, whatever the writer takes.
"""

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from app import batch, coding, compose, ingest, settings
from app.crew import Crew, LoadReport, Processes, Recipe
from app.jobs import Plan, begin
from app.jobs.work import work
from audit import Actor, ActorKind, Places, Store
from pipeline.model import Scope
from resources import examples

WORDS = 400
FLAT_FROM, FLAT_MB = 10_000, 100


def notes(count: int) -> Iterator[dict[str, str]]:
    """Yield rows of notes of about 400 words."""
    pieces = [
        piece
        for each in examples.load()
        for note in each.notes
        for piece in note.text.split("\n\n")
        if piece.strip()
    ]
    draw = random.Random(3)
    for number in range(count):
        chosen: list[str] = []
        words = 0
        while words < WORDS:
            piece = " ".join(draw.choice(pieces).split(" ")[: WORDS - words])
            chosen.append(piece)
            words += len(piece.split())
        yield {"note_id": f"n{number}", "encounter_id": f"e{number}", "text": "\n\n".join(chosen)}


def write(source: Path, rows: Iterable[Mapping[str, str]]) -> None:
    """Write rows of notes as a file that a batch reads."""
    with source.open("w", encoding="utf-8") as file:
        file.writelines(f"{json.dumps(row)}\n" for row in rows)


def spread(found: Sequence[float]) -> dict[str, float]:
    """Return the median of the rates of several runs, the least and the greatest."""
    return {
        "notes_per_second": round(statistics.median(found), 1),
        "least": round(min(found), 1),
        "greatest": round(max(found), 1),
    }


def children() -> list[int]:
    """Return the processes this one started."""
    found = Path(f"/proc/self/task/{os.getpid()}/children").read_text()
    return [int(pid) for pid in found.split()]


def memory(pid: int | str) -> int:
    """Return the resident memory of a process in bytes, 0 where it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    (found,) = (int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))
    return found * 1024


def spent(pid: int) -> float:
    """Return the processor time of a process in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(
    folder: Path,
    source: Path,
    *,
    count: int,
    workers: int,
    crew_of: Callable[[Recipe, LoadReport], Crew],
) -> dict[str, float]:
    """Return the figures of one job."""
    chosen = settings.load()
    places = Places(state=folder / "state", config=folder / "config")
    actor = Actor(kind=ActorKind.PERSON, id="benchmark")
    plan = Plan(
        created="2026-01-01T00:00:00+00:00",
        paths=(str(source),),
        store=str(folder / "store"),
        scope=Scope.REPORTABLE,
        workers=workers,
    )
    job = begin(folder / "jobs", plan)
    with Store.create_or_open(folder / "store", places=places, actor=actor) as store:
        means = coding.Job(
            store=store,
            releases=compose.open_releases(chosen),
            recipe=compose.recipe(chosen, Scope.REPORTABLE),
            scope=Scope.REPORTABLE,
            workers=workers,
            crew_of=crew_of,
        )
        began, most, half, half_writer = 0.0, 0, 0, 0
        for number, _ in enumerate(work(job, means), start=1):
            if number == count // 2:
                began, first = time.perf_counter(), number
                used = (time.process_time(), sum(map(spent, children())))
            if number % 50 == 0 or number == count:
                writer, now = memory("self"), sum(memory(pid) for pid in children())
                most = max(most, writer + now)
                if number <= count // 2:
                    half, half_writer = now, writer
                last, last_writer = now, writer
            if number == count:
                done = (time.process_time(), sum(map(spent, children())))
        passed = time.perf_counter() - began
    size = sum(file.stat().st_size for file in (folder / "store").iterdir())
    return {
        "workers": workers,
        "notes": count,
        "notes_per_second": round((count - first) / passed, 1),
        "writer_ms": round((done[0] - used[0]) / (count - first) * 1e3, 1),
        "worker_ms": round((done[1] - used[1]) / (count - first) * 1e3, 1),
        "memory_mb": round(most / 1e6),
        "growth_mb": round((last - half) / 1e6),
        "writer_growth_mb": round((last_writer - half_writer) / 1e6),
        "store_kb_per_note": round(size / 1e3 / count, 1),
    }


def alone(
    source: Path, *, count: int, workers: int, crew_of: Callable[[Recipe, LoadReport], Crew]
) -> dict[str, float]:
    """Return the rate of workers whose results nobody records."""
    chosen = settings.load()
    recipe = coding.encoded(compose.recipe(chosen, Scope.REPORTABLE))
    encounters = ingest.read([source]).encounters
    began, first = 0.0, 0
    outcomes = batch.run(
        encounters,
        recipe=recipe,
        workers=workers,
        crew_of=crew_of,
        answering=lambda _encounter, _message: None,
    )
    for number, _ in enumerate(outcomes, start=1):
        if number == count // 2:
            began, first = time.perf_counter(), number
            used = sum(map(spent, children()))
        if number == count:
            done = sum(map(spent, children()))
            passed = time.perf_counter() - began
    return {
        "workers": workers,
        "notes": count,
        "notes_per_second": round((count - first) / passed, 1),
        "worker_ms": round((done - used) / (count - first) * 1e3, 1),
    }


def main() -> int:
    """Print one line of JSON for each number of workers and run; return 1 where memory grew."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--notes", type=int, default=400)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--cluster", default="")
    parser.add_argument("--alone", action="store_true")
    chosen = parser.parse_args()
    grew = False
    crew_of: Callable[[Recipe, LoadReport], Crew] = Processes
    if chosen.cluster:
        from app.cluster import Cluster  # noqa: PLC0415 - an extra

        crew_of = Cluster(chosen.cluster).crew
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / "notes.jsonl"
        write(source, notes(chosen.notes))
        for run in range(chosen.runs):
            for workers in chosen.workers:
                if chosen.alone:
                    rate = alone(source, count=chosen.notes, workers=workers, crew_of=crew_of)
                    print(json.dumps({"crew": "nobody writes", **rate}))
                    continue
                place = folder / f"{run}-{workers}"
                place.mkdir()
                figures = measure(
                    place, source, count=chosen.notes, workers=workers, crew_of=crew_of
                )
                print(json.dumps({"crew": "ray" if chosen.cluster else "local", **figures}))
                growth = figures["growth_mb"] + figures["writer_growth_mb"]
                grew |= chosen.notes >= FLAT_FROM and growth > FLAT_MB
    return int(grew)


if __name__ == "__main__":
    sys.exit(main())
