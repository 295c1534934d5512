"""Score the coded visits, totals only: how many of the codes a coder assigned are suggested.

    python benchmarks/visits.py NOTES.jsonl [--locked]

The labels and the split are those of `tests/golden/visits`; the notes lie outside the repository.
The 40 tuning visits are coded, or with `--locked` the 27 others. Of the locked ones nothing but
totals is printed, whatever happens: no code, no note, not even which note failed. Nothing is
written anywhere; who runs it notes the run in `docs/evaluation.md`.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from platformdirs import user_cache_path

import taxonomy
from app import intervals, scores
from app.gold import GoldDocument
from app.scores import Scored
from pipeline.engine import EngineSettings, load
from pipeline.model import CodingResult, Encounter, Note
from pipeline.run import analyse

VISITS = Path(__file__).parents[1] / "tests" / "golden" / "visits"

Coder = Callable[[Encounter], CodingResult]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("notes", type=Path)
    parser.add_argument("--locked", action="store_true", help="The 27 locked visits.")
    parser.add_argument("--labels", type=Path, default=VISITS, help="Folder of labels and split.")
    options = parser.parse_args()
    cache = user_cache_path("chartproof")
    engine = load(cache, taxonomy=taxonomy.load(cache), settings=EngineSettings())
    part = "locked" if options.locked else "tuning"
    for line in report(
        options.notes, options.labels, part, lambda visit: analyse(visit, engine, lambda _: None)
    ):
        print(line)


def report(notes: Path, labels: Path, part: str, code: Coder) -> Iterator[str]:
    """Yield the lines of totals over a part of the visits; `code` codes one of them."""
    try:
        scored = [
            Scored(gold=visit, result=code(visit.encounter))
            for visit in visits(notes, labels, part)
        ]
    except Exception:
        if part == "locked":  # an error may name a note or quote one
            sys.exit("A locked visit could not be read or coded; nothing is shown of it.")
        raise
    exact, ranges = scores.codes(scored, scores.exact), intervals.micro(intervals.counts(scored))
    yield f"{part}: {len(scored)} visits, scope reportable"
    for name in ("precision", "recall", "f1"):
        low, high = ranges[name]
        yield f"{name} {exact[name]:.3f} (95 % interval {low:.3f} to {high:.3f})"
    yield f"{exact['true']} right, {exact['assigned']} suggested, {exact['gold']} assigned"
    yield f"F1 of categories {scores.codes(scored, scores.category)['f1']:.3f}"
    gap, ece = intervals.gap(scored), scores.calibration(scored)["ece"]
    if ece is None:
        yield "nothing was suggested, so there is no confidence to judge"
        return
    low, high = gap["interval"]
    zero = "holds 0" if gap["holds_zero"] else "without 0"
    yield (
        f"mean confidence minus precision {gap['gap']:+.3f} "
        f"(95 % interval {low:+.3f} to {high:+.3f}, {zero})"
    )
    yield f"ECE {ece:.3f}"


def visits(notes: Path, labels: Path, part: str) -> Iterator[GoldDocument]:
    """Yield the visits of a part with their final labels; lines of other visits are passed over."""
    wanted = set(json.loads((labels / "split.json").read_text("utf-8"))[part])
    gold = {
        row["note_id"]: row["labels"]
        for row in map(json.loads, (labels / "final.jsonl").read_text("utf-8").splitlines())
        if row["note_id"] in wanted
    }
    for line in notes.read_text("utf-8").splitlines():
        row = json.loads(line)
        if row["note_id"] in wanted:
            digest = hashlib.sha256(row["text"].encode()).hexdigest()
            note = Note(note_id=row["note_id"], text=row["text"], sha256=digest)
            yield GoldDocument(
                encounter=Encounter(encounter_id=row["note_id"], notes=(note,)),
                codes={label["code"]: () for label in gold[row["note_id"]]},
            )


if __name__ == "__main__":
    main()
