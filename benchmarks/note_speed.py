"""How long a note takes: `OMP_NUM_THREADS=1 python benchmarks/note_speed.py DATASET.jsonl.gz`.

Every document is analysed once in scope `documented`, by one engine, after twenty others that warm
its memory; in seconds of the processor, over all threads. Printed for the notes of 350 to 450
words, for all notes, and for all notes as if each had 400 words. The limit is 0.06 s at the 95th
percentile of 400-word notes.
"""

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from platformdirs import user_cache_path

import taxonomy as icd
from app.gold import read_documents
from pipeline.engine import Engine, EngineSettings, load
from pipeline.model import Encounter, Progress, Scope
from pipeline.run import analyse

LIMIT = 0.06
"""Seconds at the 95th percentile of notes of 400 words."""

WARM = 20
"""Notes that warm the engine's memory before any counts."""

LOW, HIGH = 350, 450
"""Words of a note of the usual length, both included."""

_WORDS = 400


def main() -> None:
    """Analyse, and print the percentiles."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--cache", type=Path, default=user_cache_path("chartproof"))
    options = parser.parse_args()
    engine = load(
        options.cache,
        taxonomy=icd.load(options.cache),
        settings=EngineSettings(scope=Scope.DOCUMENTED),
    )
    taken, words = [], []
    for _, spent, count in timed(engine, options.dataset):
        taken.append(spent)
        words.append(count)
    seconds, length = np.array(taken[WARM:]), np.array(words[WARM:])
    typical = seconds[(length >= LOW) & (length <= HIGH)]
    for name, found in (
        (f"{len(typical)} notes of {LOW} to {HIGH} words", typical),
        (f"{len(seconds)} notes of {length.mean():.0f} words on average", seconds),
        (f"the same, as if each had {_WORDS} words", seconds / length * _WORDS),
    ):
        p50, p95 = np.quantile(found, (0.5, 0.95))
        print(f"{name}: p50 {p50:.3f} s, p95 {p95:.3f} s")
    print(f"limit for notes of {_WORDS} words: p95 {LIMIT} s")


def timed(engine: Engine, dataset: Path) -> Iterator[tuple[Encounter, float, int]]:
    """Analyse each document of a dataset once: yield it, processor seconds, and its words."""
    for document in read_documents(dataset, setting=None)[0]:
        chart = document.encounter
        began = time.process_time()
        analyse(chart, engine, _quiet)
        taken = time.process_time() - began
        yield chart, taken, sum(len(note.text.split()) for note in chart.notes)


def _quiet(_step: Progress) -> None:
    """Report to nobody."""


if __name__ == "__main__":
    main()
