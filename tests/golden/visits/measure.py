"""Measure how far the two coding passes agree, with each other and with the final labels.

Run from the repository: `python tests/golden/visits/measure.py` prints what `agreement.json`
holds. `--write` writes that file and the digests of the files beside it; `--notes FILE` with
`--write` also renews the digests of the note texts (a file of one JSON object per line).
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path

HERE = Path(__file__).resolve().parent
SOURCES = {"a": "pass_a.jsonl", "b": "pass_b.jsonl", "final": "final.jsonl"}
DIGESTED = (*SOURCES.values(), "agreement.json", "decisions.jsonl", "split.json")

Codes = Mapping[str, frozenset[str]]


def read_codes(path: Path) -> Codes:
    """Return the set of codes of each note in a labels file."""
    rows = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    return {row["note_id"]: frozenset(label["code"] for label in row["labels"]) for row in rows}


def micro_f1(left: Codes, right: Codes) -> float:
    """Return 2·TP / (codes left + codes right) over all notes; symmetric in its arguments."""
    both = sum(len(left[note] & right[note]) for note in left)
    return 2 * both / sum(len(left[note]) + len(right[note]) for note in left)


def mean_jaccard(left: Codes, right: Codes) -> float:
    """Return the mean over notes of shared codes divided by all codes of either side."""
    return sum(len(left[n] & right[n]) / len(left[n] | right[n]) for n in left) / len(left)


def categories(codes: Codes) -> Codes:
    """Return the three-character categories of each note's codes."""
    return {note: frozenset(code[:3] for code in found) for note, found in codes.items()}


def agreement(folder: Path = HERE) -> dict[str, dict[str, float]]:
    """Return what `agreement.json` holds, computed from the labels in `folder`.

    Figures are rounded to four places.

    Raises:
        ValueError: if the files do not label the same notes.
    """
    sets = {name: read_codes(folder / file) for name, file in SOURCES.items()}
    if len({frozenset(codes) for codes in sets.values()}) != 1:
        raise ValueError(f"The label files in {folder} do not hold the same notes; compare them.")
    figures: dict[str, dict[str, float]] = {
        "codes": {name: sum(map(len, codes.values())) for name, codes in sets.items()}
    }
    for left, right in combinations(sets, 2):
        one, two = sets[left], sets[right]
        figures[f"{left}_{right}"] = {
            "micro_f1_exact": round(micro_f1(one, two), 4),
            "micro_f1_category": round(micro_f1(categories(one), categories(two)), 4),
            "mean_jaccard": round(mean_jaccard(one, two), 4),
        }
    return figures


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file's bytes as lower-case hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def note_digests(path: Path) -> dict[str, str]:
    """Return the SHA-256 of each note's text as UTF-8, by note."""
    rows = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    return {row["note_id"]: hashlib.sha256(row["text"].encode()).hexdigest() for row in rows}


def write(folder: Path, notes: Path | None) -> None:
    """Write `agreement.json` and `sha256.json`; keep the note digests unless `notes` is given."""
    (folder / "agreement.json").write_text(
        json.dumps(agreement(folder), indent=1) + "\n", encoding="utf-8"
    )
    target = folder / "sha256.json"
    digests = note_digests(notes) if notes else json.loads(target.read_text())["notes"]
    files = {name: file_digest(folder / name) for name in sorted(DIGESTED)}
    target.write_text(
        json.dumps({"files": files, "notes": dict(sorted(digests.items()))}, indent=1) + "\n",
        encoding="utf-8",
    )


def main() -> None:
    """Print the agreement, and write it if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--notes", type=Path)
    options = parser.parse_args()
    if options.write:
        write(HERE, options.notes)
    sys.stdout.write(json.dumps(agreement(), indent=1) + "\n")


if __name__ == "__main__":
    main()
