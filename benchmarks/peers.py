"""Measure Chartproof beside its peers: the same terms, the same notes, one run.

    python benchmarks/peers.py DATA --environments DIR [--tune] [--only PEER …] [--json FILE]

BM25 (bm25s), medspaCy and MedCAT each live in a virtual environment of their own under DIR, made
with pip where it is absent; nothing of them is needed here. DATA is the shared data folder. Each
peer gets the terms of `pipeline.terms` (titles, inclusion terms, lexicon) as phrase → code, without
and with the phrases learned from CodiEsp train, and answers in files (`benchmarks/peer`).

`--tune` chooses the settings of each peer again and writes `benchmarks/peer/settings.json`: for
scope documented by F1 on 150 notes of CodiEsp train (a peer that learns, learns from the other
350), for scope reportable by F1 on the 40 tuning visits themselves, which favours the peers. The
learned phrases are left out while tuning: they come from those very notes. The locked visits are
not touched.

Expected: at least 1.5 times the F1 of the best peer on CodiEsp dev and on the 40 visits. The exit
code is 1 where it is less, 2 where a peer or a file is missing.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import venv
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import product
from math import ceil
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path

import taxonomy
from benchmarks.peer.exchange import Answer, Job, Settings, Term, Trial, read_answers, write_job
from benchmarks.peer.material import TUNED_ON, Material, load

ROOT = Path(__file__).parents[1]
CHOSEN = ROOT / "benchmarks" / "peer" / "settings.json"
LEAST_RATIO = 1.5
OURS = "chartproof"
SCOPES = ("documented", "reportable")
PLAIN = "release and lexicon"
TAUGHT = "and learned phrases"

ENVIRONMENT: Mapping[str, str] = {
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
    "PYTHONHASHSEED": "0",
}
"""What each peer is told beside the environment it is started from."""

REQUIREMENTS: Mapping[str, tuple[str, ...]] = {
    "bm25": ("bm25s==0.3.16", "PyStemmer==3.1.0"),
    "medspacy": ("medspacy==1.3.1",),
    "medcat": ("medcat==2.9.0", "gensim==4.4.0"),
}
"""What each environment holds; its name is the peer's module in `benchmarks/peer` too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A line of the table; `tune` tries every combination of `grid`."""

    module: str
    label: str
    grid: Mapping[str, Sequence[Any]]
    with_plain: bool = True


_NEGATED = ["is_negated"]
_ELSEWHERE = [*_NEGATED, "is_family", "is_hypothetical"]
_MEDCAT: Mapping[str, Sequence[Any]] = {
    "ambiguous": [False, True],
    "gate": [False, True],
    "threshold": [0.0, 0.25],
}
PEERS: Mapping[str, Peer] = {
    "bm25": Peer(
        module="bm25",
        label="BM25 (bm25s 0.3.16)",
        grid={"longest": [3, 5, 7], "floor": [0.6, 0.8, 0.9, 0.99], "b": [0.75]},
    ),
    "medspacy": Peer(
        module="medspacy",
        label="medspaCy 1.3.1",
        grid={
            "drop": [[], _NEGATED, _ELSEWHERE, [*_ELSEWHERE, "is_historical", "is_uncertain"]],
            "assessed": [False, True],
        },
    ),
    "medcat": Peer(
        module="medcat",
        label="MedCAT 2.9.0, unsupervised",
        grid={"train": ["texts"], **_MEDCAT},
    ),
    "medcat-supervised": Peer(
        module="medcat",
        label="MedCAT 2.9.0, supervised as well",
        grid={"train": ["mentions"], **_MEDCAT},
        with_plain=False,
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Micro precision, recall and F1 of whole codes; notes per processor second, p95 of seconds."""

    precision: float
    recall: float
    f1: float
    notes_per_second: float
    p95: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table; scores go by scope."""

    name: str
    terms: str
    scores: Mapping[str, Score]


Gold = Mapping[str, frozenset[str]]
"""The codes a note should be given, by its id."""


class BenchmarkError(Exception):
    """A sentence about what is missing; ends the benchmark with code 2."""


def main() -> int:
    """Run the benchmark as the command line says."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [*PEERS, OURS]
    parser.add_argument("data", type=Path)
    parser.add_argument("--environments", type=Path, required=True)
    parser.add_argument("--tune", action="store_true")
    parser.add_argument("--only", nargs="+", choices=names, default=names)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    try:
        pythons = {
            name: environment(options.environments / peer.module, REQUIREMENTS[peer.module])
            for name, peer in PEERS.items()
            if name in options.only
        }
        material = load(options.data, taxonomy.load(user_cache_path("chartproof")))
        if options.tune:
            for name, python in pythons.items():
                tune(name, python, material)
        rows = measure(pythons, material, own=OURS in options.only)
    except (BenchmarkError, FileNotFoundError) as error:
        print(error, file=sys.stderr)
        return 2
    print("\n".join(table(rows)))
    if options.json:
        figures = json.dumps([asdict(row) for row in rows], indent=1)
        options.json.write_text(figures + "\n", encoding="utf-8")
    return verdict(rows)


def environment(folder: Path, requirements: Sequence[str]) -> Path:
    """Return the interpreter of a peer's environment, which is made where it is absent."""
    python = folder / "bin" / "python"
    if not python.is_file():
        print(f"Installing {', '.join(requirements)} into {folder} …", flush=True)
        venv.create(folder, with_pip=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        if subprocess.run([*pip, *requirements], check=False).returncode:
            raise BenchmarkError(f"pip could not fill {folder}; remove it and try again.")
    return python


def ask(module: str, python: Path, job: Job, golds: Sequence[Gold]) -> list[Score]:
    """Let a peer do the trials of a job; one score per trial, by the codes that belong to it."""
    with tempfile.TemporaryDirectory(prefix="peers-") as made:
        folder = Path(made)
        write_job(folder, job)
        done = subprocess.run(
            command(module, python, folder),
            cwd=ROOT,
            env=os.environ | ENVIRONMENT,
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise failed(module, done.returncode, done.stderr)
        answers = read_answers(folder)
    return [
        score([answer for answer in answers if answer.trial == number], gold)
        for number, gold in enumerate(golds)
    ]


def command(module: str, python: Path, folder: Path) -> list[str]:
    """Return the command by which a peer answers the job in a folder."""
    return [str(python), "-m", f"benchmarks.peer.{module}", str(folder)]


def failed(module: str, code: int, told: str) -> BenchmarkError:
    """Return the error of a peer that ended with a code, by the last line it told."""
    last = (told.strip().splitlines() or ["nothing"])[-1]
    return BenchmarkError(f"{module} ended with code {code}; it said: {last}")


def score(answers: Sequence[Answer], gold: Gold) -> Score:
    """Score the answers of one trial against the codes of the same notes."""
    if sorted(answer.note for answer in answers) != sorted(gold):
        raise BenchmarkError("A peer did not answer for each note once; its figures are void.")
    right = sum(len(gold[answer.note].intersection(answer.codes)) for answer in answers)
    given = sum(len(answer.codes) for answer in answers)
    assigned = sum(map(len, gold.values()))
    seconds = sorted(answer.seconds for answer in answers)
    return Score(
        precision=right / given if given else 0.0,
        recall=right / assigned,
        f1=2 * right / (given + assigned),
        notes_per_second=len(seconds) / max(sum(seconds), 1e-9),
        p95=seconds[ceil(0.95 * len(seconds)) - 1],
    )


def tune(name: str, python: Path, material: Material, scopes: Sequence[str] = SCOPES) -> None:
    """Try every setting of a peer's grid in each scope and record the best of each."""
    peer = PEERS[name]
    tries = [dict(zip(peer.grid, values, strict=True)) for values in product(*peer.grid.values())]
    chosen = json.loads(CHOSEN.read_text("utf-8")) if CHOSEN.is_file() else {}
    for scope in scopes:
        on_train = scope == "documented"
        coded = material.train if on_train else material.sets[scope]
        job = Job(
            terms=material.plain,
            headings=material.headings,
            lessons=material.lessons[:-TUNED_ON] if on_train else material.lessons,
            notes=coded.texts,
            trials=tuple(Trial(settings=each, notes=tuple(coded.texts)) for each in tries),
        )
        scores = ask(peer.module, python, job, [coded.gold] * len(tries))
        for settings, each in zip(tries, scores, strict=True):
            print(
                f"{name}, {scope}: F1 {each.f1:.3f}, p95 {each.p95:.3f} s, {settings}", flush=True
            )
        best = max(range(len(tries)), key=lambda number: (scores[number].f1, -number))
        chosen.setdefault(name, {})[scope] = tries[best]
    CHOSEN.write_text(json.dumps(chosen, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def measure(pythons: Mapping[str, Path], material: Material, *, own: bool) -> list[Row]:
    """Return the rows of the table, peers first."""
    chosen = json.loads(CHOSEN.read_text("utf-8"))
    rows = []
    for name, python in pythons.items():
        peer = PEERS[name]
        for words, terms in ((PLAIN, material.plain), (TAUGHT, material.taught)):
            if terms is material.taught or peer.with_plain:
                scores = scores_of(peer.module, python, material, terms, chosen[name])
                rows.append(Row(name=peer.label, terms=words, scores=scores))
    if own:
        settings = {scope: {"scope": scope} for scope in SCOPES}
        scores = scores_of(OURS, Path(sys.executable), material, (), settings)
        rows.append(Row(name="Chartproof", terms=TAUGHT, scores=scores))
    return rows


def scores_of(
    module: str,
    python: Path,
    material: Material,
    terms: tuple[Term, ...],
    settings: Mapping[str, Settings],
) -> dict[str, Score]:
    """Score a peer in each scope, with the settings chosen for it."""
    job = Job(
        terms=terms,
        headings=material.headings,
        lessons=material.lessons,
        notes={
            note: text for coded in material.sets.values() for note, text in coded.texts.items()
        },
        trials=tuple(
            Trial(settings=settings[scope], notes=tuple(coded.texts))
            for scope, coded in material.sets.items()
        ),
    )
    golds = [coded.gold for coded in material.sets.values()]
    found = dict(zip(material.sets, ask(module, python, job, golds), strict=True))
    f1 = ", ".join(f"{scope} F1 {each.f1:.3f}" for scope, each in found.items())
    print(f"{module}: {f1}", file=sys.stderr, flush=True)
    return found


def table(rows: Sequence[Row]) -> list[str]:
    """Return the figures as a table in Markdown; speed is that on CodiEsp dev."""
    lines = [
        "| | terms | dev P | dev R | dev F1 | visits P | visits R | visits F1 | notes/s | p95 s |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        dev, visits = (row.scores[scope] for scope in SCOPES)
        figures = [dev.precision, dev.recall, dev.f1, visits.precision, visits.recall, visits.f1]
        cells = [f"{figure:.3f}" for figure in figures]
        cells += [f"{dev.notes_per_second:.0f}", f"{dev.p95:.3f}"]
        lines.append(f"| {' | '.join([row.name, row.terms, *cells])} |")
    return lines


def verdict(rows: Sequence[Row]) -> int:
    """Print our F1 beside the best peer's; return 1 where it is less than expected, else 0."""
    ours = [row for row in rows if row.name == "Chartproof"]
    others = [row for row in rows if row.name != "Chartproof"]
    if not ours or not others:
        return 0
    short = False
    for scope in SCOPES:
        best = max(others, key=lambda row: row.scores[scope].f1)
        ratio = ours[0].scores[scope].f1 / best.scores[scope].f1
        short |= ratio < LEAST_RATIO
        print(
            f"{scope}: {ratio:.2f} times the best peer, {best.name} ({best.terms}); "
            f"expected {LEAST_RATIO}"
        )
    return int(short)


if __name__ == "__main__":
    sys.exit(main())
