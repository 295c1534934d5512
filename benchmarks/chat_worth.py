"""What a chat model must be worth before it is asked: a simulated verifier, right by chance p.

The 40 tuning visits are coded with the router in force, and with one that asks about every
supported mention. The simulated verifier knows the codes a coder assigned: with chance p it answers
rightly (of the titles shown that are assigned, the one most like the words; else none), otherwise
one of the other letters by chance. Question, gate, validation and routing are real. Prints F1 and
calls for each p, and writes the plot.

    python benchmarks/chat_worth.py NOTES.jsonl [--repeats N] [--svg docs/results/chat_worth.svg]
"""

import argparse
import json
import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from platformdirs import user_cache_path

import taxonomy
from app.gold import GoldDocument
from benchmarks.visits import VISITS, visits
from pipeline.chat import Answer, Question, Talk, Task
from pipeline.chat.passage import Passage
from pipeline.engine import Engine, EngineSettings, load
from pipeline.model import Candidate, Encounter, Extraction, Provenance
from pipeline.route import Lines, Policy
from pipeline.run import analyse
from pipeline.words import stems

CHANCES = (0.0, 0.25, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)
LETTERS = "ABCDEFGHIJ"


@dataclass
class Simulated:
    """Right with probability `chance`; `titles` are those of the codes a coder assigned.

    `read` are those of them that the rules read from the same words: one mention may rightly lead
    to two codes, and the one that is there already is as right as the other.
    """

    chance: float
    titles: frozenset[str]
    draw: random.Random
    read: Mapping[str, frozenset[str]]
    name: str = "simulated"
    sources: tuple[tuple[str, str], ...] = ()
    outcomes: Counter[str] = field(default_factory=Counter)
    calls: int = 0

    def about(self, _encounter: Encounter, _provenance: Provenance) -> Talk:
        """Return itself: it says the same of everyone."""
        return self

    def asks(self, task: Task) -> bool:
        """Tell that it verifies alone."""
        return task is Task.VERIFY

    def ask(self, questions: Sequence[Question]) -> tuple[Answer, ...]:
        """Answer each question."""
        self.calls += len(questions)
        return tuple(self._answer(question) for question in questions)

    def _answer(self, question: Question) -> Answer:
        assert question.marked is not None
        words = question.passage[slice(*question.marked)]
        ours = set(stems(words))
        shown = [n for n, title in enumerate(question.options) if title in self.titles]
        known = self.read.get(words, frozenset())
        best = max(
            shown,
            key=lambda n: (
                question.options[n] in known,
                len(ours & set(stems(question.options[n]))),
            ),
            default=None,
        )
        right = "none" if best is None else LETTERS[best]
        letters = [*LETTERS[: len(question.options)], "none"]
        wrong = [letter for letter in letters if letter != right]
        letter = right if self.draw.random() < self.chance else self.draw.choice(wrong)
        fields = {
            "choice": letter,
            "supports": "" if letter == "none" else words,
            "contradicts": "",
            "documented": True,
            "current": True,
            "patient": True,
            "specific": True,
            "laterality": True,
        }
        return Answer(fields=fields, passage=Passage.plain(question.passage), by=self.name)


@dataclass
class Once:
    """A stage that is the same whatever the model says, run once for each encounter."""

    stage: Any
    known: dict[str, Any] = field(default_factory=dict)

    def extract(self, encounter: Encounter) -> Extraction:
        """Extract, or give what was extracted."""
        if encounter.encounter_id not in self.known:
            self.known[encounter.encounter_id] = self.stage.extract(encounter)
        found: Extraction = self.known[encounter.encounter_id]
        return found

    def supplement(
        self, _encounter: Encounter, extraction: Extraction, _talk: Talk
    ) -> tuple[Extraction, tuple[str, ...]]:
        """Add nothing."""
        return extraction, ()

    def retrieve(
        self, encounter: Encounter, extraction: Extraction
    ) -> Sequence[tuple[Candidate, ...]]:
        """Retrieve, or give what was retrieved."""
        if encounter.encounter_id not in self.known:
            self.known[encounter.encounter_id] = self.stage.retrieve(encounter, extraction)
        found: Sequence[tuple[Candidate, ...]] = self.known[encounter.encounter_id]
        return found


def main() -> None:
    """Run every chance, print the table and write the plot."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("notes", type=Path)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--svg", type=Path)
    options = parser.parse_args()
    cache = user_cache_path("chartproof")
    engine = load(cache, taxonomy=taxonomy.load(cache), settings=EngineSettings())
    engine = replace(
        engine,
        extractor=cast("Any", Once(engine.extractor)),
        retriever=cast("Any", Once(engine.retriever)),
    )
    every = Policy(strata={}, otherwise=Lines(auto=None, confirm=1.0))
    asking = {
        "router": engine,
        "every mention": replace(engine, router=replace(engine.router, policy=every)),
    }
    documents = tuple(visits(options.notes, VISITS, "tuning"))
    off = _score(engine, documents, None, 1)[0]
    print(f"no model: F1 {off:.3f} on {len(documents)} tuning visits")
    rows: dict[str, list[tuple[float, float]]] = {}
    for name, chosen in asking.items():
        rows[name] = []
        for chance in CHANCES:
            f1, calls = _score(chosen, documents, chance, options.repeats)
            rows[name].append((f1, calls))
            print(f"{name}: p {chance:.2f}  F1 {f1:.3f} ({f1 - off:+.3f})  calls {calls:.1f} each")
    if options.svg:
        options.svg.parent.mkdir(parents=True, exist_ok=True)
        options.svg.write_text(_svg(off, rows), encoding="utf-8")
        figures: dict[str, object] = {"no_model": round(off, 4), "chances": CHANCES}
        figures |= {name: [[round(a, 4), round(b, 2)] for a, b in r] for name, r in rows.items()}
        options.svg.with_suffix(".json").write_text(json.dumps(figures) + "\n", encoding="utf-8")


def _score(
    engine: Engine, documents: Iterable[GoldDocument], chance: float | None, repeats: int
) -> tuple[float, float]:
    """Return micro F1 and calls an encounter, over repeats."""
    right = assigned = gold = calls = count = 0
    for document in documents:
        wanted = set(document.codes)
        titles = frozenset(found.title for c in wanted if (found := engine.taxonomy.get(c)))
        read = _read(engine, document, titles)
        for repeat in range(repeats):
            draw = random.Random(f"{repeat} {document.encounter.encounter_id}")
            chat = Simulated(chance or 0.0, titles, draw, read)
            asking = engine if chance is None else replace(engine, chat=chat)
            result = analyse(document.encounter, asking, lambda _: None)
            found_codes = {suggestion.code for suggestion in result.suggestions}
            right += len(found_codes & wanted)
            assigned += len(found_codes)
            gold += len(wanted)
            calls += chat.calls
            count += 1
    return 2 * right / (assigned + gold), calls / count


def _read(
    engine: Engine, document: GoldDocument, titles: frozenset[str]
) -> Mapping[str, frozenset[str]]:
    """Return the assigned titles that the rules alone read from each words of a visit."""
    found: dict[str, frozenset[str]] = {}
    for suggestion in analyse(document.encounter, engine, lambda _: None).suggestions:
        code = engine.taxonomy.get(suggestion.code)
        for mention in suggestion.evidence:
            words = document.encounter.quote(mention.span)
            if code is not None and code.title in titles:
                found[words] = found.get(words, frozenset()) | {code.title}
    return found


def _svg(off: float, rows: dict[str, list[tuple[float, float]]]) -> str:
    """Return the plot: F1 against p, one line a way of asking, and the line of no model."""
    left, top, width, height = 60, 30, 520, 260
    values = [off, *(f1 for found in rows.values() for f1, _ in found)]
    low, high = min(values) - 0.02, max(values) + 0.02

    def x(chance: float) -> float:
        return left + width * chance

    def y(f1: float) -> float:
        return top + height * (high - f1) / (high - low)

    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" width="640" height="340" font-size="12">',
        '<rect width="640" height="340" fill="white"/>',
        f'<text x="{left}" y="18">F1 against the chance p that the verifier is right</text>',
        f'<path d="M{left} {y(off):.1f}h{width}" stroke="#777" stroke-dasharray="4 3"/>',
        f'<text x="{left + 4}" y="{y(off) - 5:.1f}" fill="#555">no model: {off:.3f}</text>',
    ]
    for name, colour in zip(rows, ("#0b6e99", "#b4532a"), strict=True):
        points = " ".join(
            f"{x(p):.1f},{y(f1):.1f}" for p, (f1, _) in zip(CHANCES, rows[name], strict=True)
        )
        calls = rows[name][-1][1]
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
        )
        parts.append(
            f'<text x="{left + width - 190}" y="{top + 200 + 18 * list(rows).index(name)}" '
            f'fill="{colour}">{name}: {calls:.1f} calls an encounter</text>'
        )
    parts += [
        f'<text x="{x(chance) - 8:.1f}" y="{top + height + 18}">{chance:g}</text>'
        for chance in (0.0, 0.25, 0.5, 0.75, 1.0)
    ]
    for n in range(5):
        f1 = low + (high - low) * n / 4
        parts.append(f'<text x="16" y="{y(f1) + 4:.1f}">{f1:.2f}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


if __name__ == "__main__":
    main()
