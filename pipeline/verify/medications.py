"""Codes that follow from drugs: current long-term use (I.C.21.c.3), and underdosing (I.C.19.e.5.c).

Long-term use is read from a drug the patient is on: not one started, stopped, tried or given once
today. Underdosing takes a drug, or a class of drugs named by its purpose, and words that say the
patient takes less of it than prescribed; why (cost, choice, chance) decides the Z code beside it.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

from pipeline.model import MentionTrace, Support
from pipeline.verify.told import Reading, Told, is_turned, trace
from resources import read_json

_ROLES = frozenset({"assessed", "account", "listing", "unheaded", "checklist", "history"})
_TOLD = frozenset({"assessed", "account", "unheaded"})
_WORD = re.compile(r"[^\W_]+(?:[-'][^\W_]+)*")
_MOST_WORDS = 4
_DRUG_LISTS = frozenset({"medications"})


@dataclass(frozen=True, slots=True, kw_only=True)
class DrugClass:
    """What a class of drugs leads to; see `resources/rules/medications.json`."""

    long_term: str
    needs: tuple[str, ...]
    lasting: re.Pattern[str] | None
    underdosing: str
    purpose: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class Drug:
    """A drug named in a note."""

    told: Told
    name: str


@dataclass(frozen=True, slots=True)
class Medications:
    """The drugs with their classes, and the words that say how they are taken."""

    class_of: Mapping[str, str]
    first_words: frozenset[str]
    own_underdosing: Mapping[str, str]
    classes: Mapping[str, DrugClass]
    words: Mapping[str, re.Pattern[str]]

    @classmethod
    def read(cls) -> "Medications":
        """Read the tables from `resources`."""
        raw = files("resources").joinpath("rules/drugs.csv").read_text("utf-8")
        rows = list(csv.DictReader(io.StringIO(raw)))
        class_of = {row["name"]: row["class"] for row in rows}
        data = read_json("rules/medications.json")
        return cls(
            class_of,
            frozenset(found.group() for name in class_of if (found := _WORD.match(name))),
            {row["name"]: row["underdosing"] for row in rows if row["underdosing"]},
            {
                name: DrugClass(
                    long_term=row.get("long_term", ""),
                    needs=tuple(row.get("needs", ())),
                    lasting=_pattern(row.get("lasting")),
                    underdosing=row["underdosing"],
                    purpose=_pattern(row["for"]),
                )
                for name, row in data["classes"].items()
            },
            {
                name: re.compile(pattern, re.IGNORECASE)
                for name, pattern in data.items()
                if name not in {"about", "classes"}
            },
        )

    def traces(self, reading: Reading, traces: Sequence[MentionTrace]) -> list[MentionTrace]:
        """Return the traces that the drugs of an encounter add to those of its conditions."""
        drugs = self._drugs(reading)
        codes = {t.code for t in traces if t.verdict.support is Support.SUPPORTED}
        return [*self._long_term(reading, drugs, codes), *self._underdosing(reading, drugs)]

    def _drugs(self, reading: Reading) -> list[Drug]:
        return [
            Drug(Told(at, reading.span(at, start, end)), name)
            for at in reading.places(_ROLES)
            if reading.extraction.sentences[at].section != "allergies"
            for start, end, name in self._named(reading.texts[at])
            if not is_turned(reading.texts[at], start)
        ]

    def _named(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Yield the drugs named in a text, the longest name at each place."""
        found = list(_WORD.finditer(text))
        at = 0
        while at < len(found):
            known = found[at].group().lower() in self.first_words
            for length in range(min(_MOST_WORDS, len(found) - at), 0, -1) if known else ():
                start, end = found[at].start(), found[at + length - 1].end()
                name = text[start:end].lower()
                if name in self.class_of:
                    yield start, end, name
                    at += length - 1
                    break
            at += 1

    def _long_term(
        self, reading: Reading, drugs: Sequence[Drug], codes: set[str]
    ) -> list[MentionTrace]:
        added = []
        for drug in drugs:
            rule = self.classes[self.class_of[drug.name]]
            if not rule.long_term or not self._is_on(reading, drug, rule):
                continue
            if rule.needs and not any(code.startswith(rule.needs) for code in codes):
                continue
            added.append(trace(reading, drug.told, rule.long_term, "long-term-drug"))
        return added

    def _is_on(self, reading: Reading, drug: Drug, rule: DrugClass) -> bool:
        """Tell whether a sentence says that the patient is on a drug for long."""
        text = reading.texts[drug.told.at]
        if self.words["not_taking"].search(text):
            return False
        if rule.lasting and not rule.lasting.search(text):
            return False
        listed = reading.extraction.sentences[drug.told.at].section in _DRUG_LISTS
        return listed or bool(self.words["taking"].search(text))

    def _underdosing(self, reading: Reading, drugs: Sequence[Drug]) -> list[MentionTrace]:
        """Return the underdosed class and the reason, where the assessment speaks of it."""
        sentences = reading.extraction.sentences
        said: list[Told] = []
        for at in reading.places(_TOLD):
            text = reading.texts[at]
            hit = self.words["less"].search(text)
            named = any(drug.told.at == at for drug in drugs)
            if hit and (named or self.words["medication"].search(text)):
                said.append(Told(at, reading.span(at, hit.start(), hit.end())))
        if not any(sentences[told.at].role == "assessed" for told in said):
            return []
        why = self._why(" ".join(reading.texts[told.at] for told in said))
        under = {
            (self._underdosed(drug.name), drug.told)
            for told in said
            for drug in self._meant(reading, told, drugs)
        }
        if not under or not why:
            return []
        return [
            *(
                trace(reading, told, code, "underdosing")
                for code, told in sorted(under, key=lambda item: (item[0], item[1].span))
            ),
            *(trace(reading, told, why, "underdosing") for told in said),
        ]

    def _meant(self, reading: Reading, told: Told, drugs: Sequence[Drug]) -> list[Drug]:
        """Return the drugs a sentence on underdosing means: named in it, or by their purpose."""
        named = [drug for drug in drugs if drug.told.at == told.at]
        if named:
            return named
        return [
            drug
            for drug in drugs
            if (purpose := self.classes[self.class_of[drug.name]].purpose)
            and purpose.search(reading.texts[told.at])
            and reading.extraction.sentences[drug.told.at].role == "assessed"
        ]

    def _underdosed(self, name: str) -> str:
        return self.own_underdosing.get(name) or self.classes[self.class_of[name]].underdosing

    def _why(self, text: str) -> str:
        if self.words["cost"].search(text):
            return "Z91.120"
        if self.words["by_choice"].search(text):
            return "Z91.128"
        return "Z91.138" if self.words["by_chance"].search(text) else ""


def _pattern(words: str | None) -> re.Pattern[str] | None:
    return re.compile(rf"\b(?:{words})", re.IGNORECASE) if words else None
