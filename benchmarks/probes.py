"""Probe the sets we may tune on: CodiEsp-English train and dev, the 40 tuning visits, the examples.

    python benchmarks/probes.py ../shared/data [--count 100] [--seed 1] [--failures]

Scope `documented` for CodiEsp, `reportable` for visits and examples. The locked visits are not
read. `chartproof evaluate --probes` does the same with any one file of coded notes.
"""

import argparse
import hashlib
import json
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from app import compose, demo, gold, probes, settings
from app.gold import GoldDocument
from app.probes import Answer, Kind, Verdict
from pipeline.model import Encounter, EvidenceSpan, Note, Scope
from resources import examples

VISITS = Path(__file__).parents[1] / "tests" / "golden" / "visits"


def codiesp(data: Path, part: str) -> list[GoldDocument]:
    path = data / "codiesp_en" / f"codiesp_en_{part}.jsonl.gz"
    documents, _ = gold.read_documents(path, setting=None)
    return list(documents)


def visits(data: Path) -> list[GoldDocument]:
    tuning = set(json.loads((VISITS / "split.json").read_text("utf-8"))["tuning"])
    labels = {
        row["note_id"]: row["labels"]
        for row in map(json.loads, (VISITS / "final.jsonl").read_text("utf-8").splitlines())
        if row["note_id"] in tuning
    }
    found = []
    for line in (data / "notes" / "aci_train.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        name = row["note_id"]
        if name in tuning:
            digest = hashlib.sha256(row["text"].encode()).hexdigest()
            note = Note(note_id=name, text=row["text"], sha256=digest)
            codes = {
                label["code"]: tuple(
                    EvidenceSpan(note_id=name, start=start, end=end)
                    for start, end in label["evidence"]
                )
                for label in labels[name]
            }
            found.append(
                GoldDocument(encounter=Encounter(encounter_id=name, notes=(note,)), codes=codes)
            )
    return found


def invented() -> list[GoldDocument]:
    found = []
    for example, encounter in zip(examples.load(), demo.encounters(), strict=True):
        codes = {
            each.code: tuple(
                EvidenceSpan(note_id=quote.note_id, start=low, end=high)
                for quote in each.evidence
                for low, high in [example.span(quote)]
            )
            for each in example.reportable
        }
        found.append(GoldDocument(encounter=encounter, codes=codes))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--count", type=int, default=probes.COUNT)
    parser.add_argument("--seed", type=int, default=probes.SEED)
    parser.add_argument("--documents", type=int, help="of each set at most, drawn by the seed")
    parser.add_argument("--only", default="", help="sets whose name holds this")
    parser.add_argument("--failures", action="store_true", help="print the failures too")
    options = parser.parse_args()
    chosen = settings.load()
    codes = compose.load_taxonomy(chosen)
    sets = {
        "CodiEsp train": (codiesp(options.data, "train"), Scope.DOCUMENTED),
        "CodiEsp dev": (codiesp(options.data, "dev"), Scope.DOCUMENTED),
        "tuning visits": (visits(options.data), Scope.REPORTABLE),
        "examples": (invented(), Scope.REPORTABLE),
    }
    every: list[Answer] = []
    for title, (documents, scope) in sets.items():
        if options.only not in title:
            continue
        if options.documents and options.documents < len(documents):
            documents = random.Random(options.seed).sample(documents, options.documents)  # noqa: PLW2901
        answers = probes.run(
            documents,
            recipe=compose.recipe(chosen, scope),
            taxonomy=codes,
            scope=scope,
            workers=1,
            count=options.count,
            seed=options.seed,
        )
        every.extend(answers)
        print(f"\n{title}, {len(documents)} documents, {scope}: {_line(answers)}", flush=True)
        for kind in Kind:
            print(f"  {kind:13}{_line([a for a in answers if a.broken.kind is kind])}")
        for failed in answers if options.failures else ():
            if failed.verdict is Verdict.FAILED:
                broken = failed.broken
                found = " ".join(failed.found) or "nothing"
                wanted = f", not {' or '.join(sorted(broken.expected))}" if broken.expected else ""
                print(f"    {broken.kind} {broken.code}: {found}{wanted} | {broken.words}")
    print(f"\nall: {_line(every)}")


def _line(answers: Sequence[Answer]) -> str:
    verdicts = Counter(answer.verdict for answer in answers)
    right, elsewhere = verdicts[Verdict.EXPECTED], verdicts[Verdict.ELSEWHERE]
    asked = len(answers) - elsewhere
    share = f"{right / asked:.3f}" if asked else "–"
    return f"{right} of {asked} as expected ({share}), {elsewhere} carried elsewhere too"


if __name__ == "__main__":
    main()
