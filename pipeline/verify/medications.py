"""Codes that follow from drugs: current long-term use (I.C.21.c.3), and underdosing (I.C.19.e.5.c).

Long-term use is read from a drug the patient is on: not one started, stopped, tried or given once
today. Underdosing takes a drug, or a class of drugs named by its purpose, and words that say the
patient takes less of it than prescribed; why (cost, choice, chance) decides the Z code beside it.
"""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

from pipeline.model import Encounter, EvidenceSpan, Extraction, MentionTrace, Support
from pipeline.verify.told import Told, is_turned, trace
from resources import read_json

_ROLES = frozenset({"assessed", "account", "listing", "unheaded", "checklist", "history"})
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

    drugs: re.Pattern[str]
    class_of: Mapping[str, str]
    own_underdosing: Mapping[str, str]
    classes: Mapping[str, DrugClass]
    words: Mapping[str, re.Pattern[str]]

    @classmethod
    def read(cls) -> "Medications":
        """Read the tables from `resources`."""
        raw = files("resources").joinpath("rules/drugs.csv").read_text("utf-8")
        rows = list(csv.DictReader(io.StringIO(raw)))
        class_of = {row["name"]: row["class"] for row in rows}
        longest = sorted(class_of, key=lambda name: (-len(name), name))
        data = read_json("rules/medications.json")
        return cls(
            re.compile(rf"\b(?:{'|'.join(map(re.escape, longest))})\b", re.IGNORECASE),
            class_of,
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

    def traces(
        self, encounter: Encounter, extraction: Extraction, traces: Sequence[MentionTrace]
    ) -> list[MentionTrace]:
        """Return the traces that the drugs of an encounter add to those of its conditions."""
        drugs = self._drugs(encounter, extraction)
        codes = {t.code for t in traces if t.verdict.support is Support.SUPPORTED}
        return [
            *self._long_term(encounter, extraction, drugs, codes),
            *self._underdosing(encounter, extraction, drugs),
        ]

    def _drugs(self, encounter: Encounter, extraction: Extraction) -> list[Drug]:
        found = []
        for at, sentence in enumerate(extraction.sentences):
            if sentence.role not in _ROLES or sentence.section in {"allergies", "family-history"}:
                continue
            text = encounter.quote(sentence.span)
            for hit in self.drugs.finditer(text):
                if is_turned(text, hit.start()):
                    continue
                start = sentence.span.start + hit.start()
                span = EvidenceSpan(
                    note_id=sentence.span.note_id, start=start, end=start + len(hit.group())
                )
                found.append(Drug(Told(at, span), hit.group().lower()))
        return found

    def _long_term(
        self,
        encounter: Encounter,
        extraction: Extraction,
        drugs: Sequence[Drug],
        codes: set[str],
    ) -> list[MentionTrace]:
        added = []
        for drug in drugs:
            rule = self.classes[self.class_of[drug.name]]
            if not rule.long_term or not self._is_on(encounter, extraction, drug, rule):
                continue
            if rule.needs and not any(code.startswith(rule.needs) for code in codes):
                continue
            added.append(trace(extraction, drug.told, rule.long_term, "long-term-drug"))
        return added

    def _is_on(
        self, encounter: Encounter, extraction: Extraction, drug: Drug, rule: DrugClass
    ) -> bool:
        """Tell whether a sentence says that the patient is on a drug for long."""
        sentence = extraction.sentences[drug.told.at]
        text = encounter.quote(sentence.span)
        if self.words["not_taking"].search(text):
            return False
        if rule.lasting and not rule.lasting.search(text):
            return False
        return sentence.section in _DRUG_LISTS or bool(self.words["taking"].search(text))

    def _underdosing(
        self, encounter: Encounter, extraction: Extraction, drugs: Sequence[Drug]
    ) -> list[MentionTrace]:
        """Return the underdosed class and the reason, where the assessment speaks of it."""
        said: list[tuple[Told, str]] = []
        for at, sentence in enumerate(extraction.sentences):
            if sentence.role not in {"assessed", "account", "unheaded"}:
                continue
            text = encounter.quote(sentence.span)
            hit = self.words["less"].search(text)
            named = [drug for drug in drugs if drug.told.at == at]
            if hit and (named or self.words["medication"].search(text)):
                start = sentence.span.start + hit.start()
                span = EvidenceSpan(
                    note_id=sentence.span.note_id, start=start, end=start + len(hit.group())
                )
                said.append((Told(at, span), text))
        if not any(extraction.sentences[told.at].role == "assessed" for told, _ in said):
            return []
        under = {
            (self._underdosed(drug.name), drug.told)
            for told, text in said
            for drug in self._meant(extraction, told, text, drugs)
        }
        texts = " ".join(text for _, text in said)
        why = self._why(texts)
        if not under or not why:
            return []
        added = [
            trace(extraction, told, code, "underdosing")
            for code, told in sorted(under, key=lambda item: (item[0], item[1].at))
        ]
        return [*added, *(trace(extraction, told, why, "underdosing") for told, _ in said)]

    def _meant(
        self, extraction: Extraction, told: Told, text: str, drugs: Sequence[Drug]
    ) -> list[Drug]:
        """Return the drugs a sentence on underdosing means: named in it, or by their purpose."""
        named = [drug for drug in drugs if drug.told.at == told.at]
        if named:
            return named
        return [
            drug
            for drug in drugs
            if (purpose := self.classes[self.class_of[drug.name]].purpose)
            and purpose.search(text)
            and extraction.sentences[drug.told.at].role == "assessed"
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
