"""What the benchmark and a peer say to each other: JSON lines in one folder, standard library only.

A peer runs in an environment of its own, so nothing of Chartproof is imported here. The folder
holds `terms.jsonl`, `headings.json`, `notes.jsonl`, `lessons.jsonl` (coded notes a peer may learn
from) and `trials.jsonl` (settings, done one after the other); the peer writes `answers.jsonl`.
"""

import json
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

Settings = Mapping[str, Any]
"""What a peer was told to do, by name."""

Coder = Callable[[str], Iterable[str]]
"""Gives the codes of a text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A phrase for a code that may be assigned; the smaller its `rank`, the nearer the phrase.

    `caps`: only in these very letters. `title`: the phrase is the code's own title. `learned`: it
    comes from the notes of CodiEsp train.
    """

    text: str
    code: str
    rank: int
    caps: bool
    title: bool
    learned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """A coded note: half-open code-point ranges of single-piece mentions, with their codes."""

    text: str
    mentions: tuple[tuple[int, int, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Codes of one note in the trial of this number, and the processor seconds they took."""

    trial: int
    note: str
    codes: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """Settings, and the ids of the notes to be coded under them."""

    settings: Settings
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Everything a peer is given.

    `notes` is text by id, `headings` the role of a section by its heading.
    """

    terms: tuple[Term, ...]
    headings: Mapping[str, str]
    lessons: tuple[Lesson, ...]
    notes: Mapping[str, str]
    trials: tuple[Trial, ...]


def write_job(folder: Path, job: Job) -> None:
    """Write a job into a folder, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "terms.jsonl", map(asdict, job.terms))
    _write(folder / "lessons.jsonl", map(asdict, job.lessons))
    _write(folder / "notes.jsonl", ({"id": id_, "text": text} for id_, text in job.notes.items()))
    (folder / "headings.json").write_text(json.dumps(dict(job.headings)), encoding="utf-8")
    _write(folder / "trials.jsonl", map(asdict, job.trials))


def read_job(folder: Path) -> Job:
    """Read the job of a folder."""
    return Job(
        terms=tuple(Term(**row) for row in _read(folder / "terms.jsonl")),
        headings=json.loads((folder / "headings.json").read_text("utf-8")),
        lessons=tuple(
            Lesson(
                text=row["text"],
                mentions=tuple((start, end, code) for start, end, code in row["mentions"]),
            )
            for row in _read(folder / "lessons.jsonl")
        ),
        notes={row["id"]: row["text"] for row in _read(folder / "notes.jsonl")},
        trials=tuple(
            Trial(settings=row["settings"], notes=tuple(row["notes"]))
            for row in _read(folder / "trials.jsonl")
        ),
    )


def write_answers(folder: Path, answers: Iterable[Answer]) -> None:
    """Write what a peer answered, one line per note and setting."""
    _write(folder / "answers.jsonl", map(asdict, answers))


def read_answers(folder: Path) -> tuple[Answer, ...]:
    """Read what a peer answered."""
    return tuple(
        Answer(**{**row, "codes": tuple(row["codes"])}) for row in _read(folder / "answers.jsonl")
    )


def nearest(terms: Iterable[Term]) -> list[Term]:
    """Keep one term per phrase, the one of the smallest rank; capitals count in `caps` terms."""
    kept: dict[str, Term] = {}
    for term in sorted(terms, key=lambda term: term.rank):
        kept.setdefault(term.text if term.caps else term.text.lower(), term)
    return list(kept.values())


def serve(make: Callable[[Job, Settings], Coder]) -> None:
    """Answer the job of the folder named on the command line.

    A note is timed by the processor time of all threads (the benchmark allows one), so that other
    work on the machine does not count; loading, training and the first note, coded once more
    beforehand, do not either.
    """
    folder = Path(sys.argv[1])
    job = read_job(folder)
    answers: list[Answer] = []
    for number, trial in enumerate(job.trials):
        coder = make(job, trial.settings)
        set(coder(job.notes[trial.notes[0]]))
        for note in trial.notes:
            start = time.process_time()
            codes = sorted(set(coder(job.notes[note])))
            seconds = time.process_time() - start
            answers.append(Answer(trial=number, note=note, codes=tuple(codes), seconds=seconds))
    write_answers(folder, answers)


def _write(path: Path, rows: Iterable[object]) -> None:
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_text(lines, encoding="utf-8")


def _read(path: Path) -> list[Any]:
    # Split at "\n" only: a note may hold other line separators.
    return [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]
