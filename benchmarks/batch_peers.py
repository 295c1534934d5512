"""Rate of a batch beside the peers': the same notes of 400 words, the same number of processes.

    python -m benchmarks.batch_peers DATA --environments DIR [--notes 400] [--workers 2] [--runs 3]

DATA and DIR are those of `benchmarks/peers.py`; so are the terms (ours, learned phrases included)
and the settings (scope reportable). Each run asks all, one after the other, each in as many
processes at once as a batch has workers, the notes dealt out among them. A peer only finds codes:
its rate is notes by processor second of each process, added up, without loading and training.
`engine` is ours measured the same way. `batch` is the whole of it, by the wall clock: worker
processes, validation, encryption, the log and its commits. Prints the median of the runs and the
spread from the least to the greatest. No limit: the figure stands beside the quality that
`benchmarks/peers.py` measures.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path

import taxonomy
from app.crew import Processes
from benchmarks import batch_speed
from benchmarks.peer.exchange import Job, Trial, read_answers, write_job
from benchmarks.peer.material import Material, load
from benchmarks.peers import (
    CHOSEN,
    ENVIRONMENT,
    OURS,
    REQUIREMENTS,
    ROOT,
    BenchmarkError,
    command,
    environment,
    failed,
)

ENGINE, BATCH = "engine", "batch"


def main() -> int:
    """Run the benchmark as the command line says."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [*REQUIREMENTS, ENGINE, BATCH]
    parser.add_argument("data", type=Path)
    parser.add_argument("--environments", type=Path, required=True)
    parser.add_argument("--notes", type=int, default=400)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", nargs="+", choices=names, default=names)
    options = parser.parse_args()
    try:
        pythons = {
            name: environment(options.environments / name, REQUIREMENTS[name])
            for name in REQUIREMENTS
            if name in options.only
        }
        material = load(options.data, taxonomy.load(user_cache_path("chartproof")))
    except (BenchmarkError, FileNotFoundError) as error:
        print(error, file=sys.stderr)
        return 2
    rows = list(batch_speed.notes(options.notes))
    rates: dict[str, list[float]] = {name: [] for name in options.only}
    for number in range(options.runs):
        for name in options.only:
            rate = (
                whole(rows, workers=options.workers)
                if name == BATCH
                else alone(name, pythons.get(name), material, rows, workers=options.workers)
            )
            rates[name].append(rate)
            print(f"run {number + 1}, {name}: {rate:.1f} notes/s", file=sys.stderr, flush=True)
    for name, found in rates.items():
        print(
            json.dumps(
                {
                    "name": name,
                    "processes": options.workers,
                    "notes": options.notes,
                    **batch_speed.spread(found),
                }
            )
        )
    return 0


def whole(rows: Sequence[Mapping[str, str]], *, workers: int) -> float:
    """Return notes a second of a batch with everything that belongs to it."""
    with tempfile.TemporaryDirectory(prefix="batch-") as made:
        folder = Path(made)
        source = folder / "notes.jsonl"
        batch_speed.write(source, rows)
        figures = batch_speed.measure(
            folder, source, count=len(rows), workers=workers, crew_of=Processes
        )
    return figures["notes_per_second"]


def alone(
    name: str,
    python: Path | None,
    material: Material,
    rows: Sequence[Mapping[str, str]],
    *,
    workers: int,
) -> float:
    """Return notes by processor second of one who only finds codes, over all its processes."""
    module = OURS if name == ENGINE else name
    with ExitStack() as stack:
        folders = [
            Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="peers-")))
            for _ in range(workers)
        ]
        for number, folder in enumerate(folders):
            texts = {row["note_id"]: row["text"] for row in rows[number::workers]}
            write_job(folder, _job(module, material, texts))
        asked = [
            subprocess.Popen(
                command(module, python or Path(sys.executable), folder),
                cwd=ROOT,
                env=os.environ | ENVIRONMENT,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
            )
            for folder in folders
        ]
        for each in asked:
            _, told = each.communicate()
            if each.returncode:
                raise failed(module, each.returncode, told)
        answers = [read_answers(folder) for folder in folders]
    return sum(len(each) / sum(answer.seconds for answer in each) for each in answers)


def _job(module: str, material: Material, texts: Mapping[str, str]) -> Job:
    settings: dict[str, Any] = {"scope": "reportable"}
    if module != OURS:
        settings = json.loads(CHOSEN.read_text("utf-8"))[module]["reportable"]
    return Job(
        terms=() if module == OURS else material.taught,
        headings=material.headings,
        lessons=material.lessons,
        notes=texts,
        trials=(Trial(settings=settings, notes=tuple(texts)),),
    )


if __name__ == "__main__":
    sys.exit(main())
