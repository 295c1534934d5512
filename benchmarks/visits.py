"""Score the coded visits, totals only: how many of the codes a coder assigned are suggested.

    python benchmarks/visits.py NOTES.jsonl [--part tuning|locked]

The labels and the split are those of `tests/golden/visits`; the notes lie outside the repository.
Of the locked part nothing but totals is ever printed, and each run on it is written down in
`docs/evaluation.md`.
"""

import argparse
import hashlib
import json
from pathlib import Path

from platformdirs import user_cache_path

import taxonomy
from pipeline.engine import EngineSettings, load
from pipeline.model import Encounter, Note
from pipeline.run import analyse

VISITS = Path(__file__).parents[1] / "tests" / "golden" / "visits"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("notes", type=Path)
    parser.add_argument("--part", choices=("tuning", "locked"), default="tuning")
    options = parser.parse_args()
    part = set(json.loads((VISITS / "split.json").read_text("utf-8"))[options.part])
    labels = [json.loads(line) for line in (VISITS / "final.jsonl").read_text("utf-8").splitlines()]
    gold = {row["note_id"]: {label["code"] for label in row["labels"]} for row in labels}
    cache = user_cache_path("chartproof")
    engine = load(cache, taxonomy=taxonomy.load(cache), settings=EngineSettings())
    exact = [0, 0, 0]
    category = [0, 0, 0]
    for line in options.notes.read_text("utf-8").splitlines():
        row = json.loads(line)
        if row["note_id"] not in part:
            continue
        digest = hashlib.sha256(row["text"].encode()).hexdigest()
        note = Note(note_id=row["note_id"], text=row["text"], sha256=digest)
        chart = Encounter(encounter_id=row["note_id"], notes=(note,))
        ours = {s.code for s in analyse(chart, engine, lambda _: None).suggestions}
        _add(exact, ours, gold[row["note_id"]])
        _add(category, {c[:3] for c in ours}, {c[:3] for c in gold[row["note_id"]]})
    print(f"{options.part}: {len(part)} visits, scope reportable")
    for name, (right, suggested, assigned) in (("exact", exact), ("category", category)):
        print(
            f"{name}: precision {right / suggested:.3f}, recall {right / assigned:.3f}, "
            f"F1 {2 * right / (suggested + assigned):.3f} "
            f"({right} right, {suggested} suggested, {assigned} assigned)"
        )


def _add(totals: list[int], ours: set[str], theirs: set[str]) -> None:
    totals[0] += len(ours & theirs)
    totals[1] += len(ours)
    totals[2] += len(theirs)


if __name__ == "__main__":
    main()
