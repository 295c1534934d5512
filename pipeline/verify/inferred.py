"""Codes that words lead to by themselves: tobacco, status, examinations, how an injury came about.

They name no condition that extraction looks for, or name it by what the patient does. Each rule is
a line of `resources/rules/told.json`, `external.json` or `history.json` with its guideline there.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.model import Assertion, Mention, MentionTrace, Support
from pipeline.verify.problems import Problems
from pipeline.verify.told import Reading, Told, trace
from resources import read_json

_STORY = frozenset({"account", "unheaded", "assessed"})
_DEALT = frozenset({"assessed", "advice"})
_INJURIES = ("S", "T0", "T1", "T20", "T21", "T22", "T23", "T24", "T25")
_PAST = re.compile(
    r"\b(?:years? ago|as a child|history of|prior|previous(?:ly)?|in the past|childhood|denies|"
    r"precautions?|risk)\b",
    re.IGNORECASE,
)
_SOME_PROCEDURE = "Z98.890"
"""What a status post anything is; a row that knows the procedure says more."""
_PAINS = ("M25.5", "M79.6", "M54", "R51", "M79.1")
_LOOSE_CAUSES = frozenset({"W19.XXXA", "W18.40XA", "X50.0XXA"})
_BMI = re.compile(r"\b(?:BMI|body mass index)\b[^\d\n]{0,20}(\d{2}(?:\.\d+)?)", re.IGNORECASE)
_BMI_NEEDS = ("E66", "E44", "E46", "R63.4", "R63.5", "R63.6", "E43", "E45")
_BMI_ROLES = frozenset({"assessed", "finding", "account", "unheaded"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of `told.json`."""

    group: str
    words: re.Pattern[str]
    quick: re.Pattern[str]
    gives: str
    roles: frozenset[str]
    sections: frozenset[str]
    needs: tuple[str, ...]
    without: tuple[str, ...]
    unless: re.Pattern[str] | None
    assessed: re.Pattern[str] | None
    heading: bool
    rises: tuple[str, re.Pattern[str]] | None


@dataclass(frozen=True, slots=True)
class Inferences:
    """The rules, ready to be asked."""

    rows: tuple[Row, ...]
    causes: tuple[tuple[re.Pattern[str], str], ...]
    activities: tuple[tuple[re.Pattern[str], str], ...]
    past: tuple[tuple[str, str], ...]

    @classmethod
    def read(cls) -> "Inferences":
        """Read the rules from `resources`."""
        external = read_json("rules/external.json")
        return cls(
            tuple(_row(row) for row in read_json("rules/told.json")["rows"]),
            tuple((_words(row["words"]), row["gives"]) for row in external["causes"]),
            tuple((_words(row["words"]), row["gives"]) for row in external["activities"]),
            tuple((old, gives) for old, gives in read_json("rules/history.json")["rows"]),
        )

    def traces(
        self, reading: Reading, outline: Problems, traces: Sequence[MentionTrace]
    ) -> list[MentionTrace]:
        """Return what the rules add to the traces of an encounter's conditions."""
        codes = {t.code for t in traces if t.verdict.support is Support.SUPPORTED}
        told = self._told(reading, outline, codes)
        past = self._past(reading, outline, traces, {at for at, _ in told})
        # Some rows need what others gave: radiation in the past belongs to a cancer in the past.
        given = {t.code for t in (*(each for _, each in told), *past)}
        if given:
            told = self._told(reading, outline, codes, frozenset(given))
        return [
            *(each for _, each in told),
            *past,
            *self._external(reading, codes),
            *_body_mass(reading, codes),
        ]

    def _told(
        self,
        reading: Reading,
        outline: Problems,
        codes: set[str],
        given: frozenset[str] = frozenset(),
    ) -> list[tuple[int, MentionTrace]]:
        """Return the traces of `told.json`, each with the sentence it stands on.

        `codes` are those of conditions, `given` those that rules have added to them.
        """
        dealt = "\n".join(reading.texts[at] for at in reading.places(_DEALT))
        whole = "\n".join(reading.texts).lower()
        found: list[tuple[int, MentionTrace]] = []
        done: set[str] = set()
        for row in self.rows:
            if row.group in done or (row.assessed and not row.assessed.search(dealt)):
                continue
            if row.needs and not any(code.startswith(row.needs) for code in codes | given):
                continue
            if row.without and any(code.startswith(row.without) for code in codes):
                continue
            if not row.quick.search(whole):
                continue
            hits = [told for told in _hits(reading, row) if _fits(told, row, outline)]
            if hits and row.group:
                done.add(row.group)
            code = row.gives
            if row.rises and row.rises[1].search(dealt):
                code = row.rises[0]
            found += [(told.at, trace(reading, told, code, "said-in-words")) for told in hits]
        specific = {at for at, each in found if each.code != _SOME_PROCEDURE}
        return [
            (at, each) for at, each in found if each.code != _SOME_PROCEDURE or at not in specific
        ]

    def _external(self, reading: Reading, codes: set[str]) -> Iterator[MentionTrace]:
        """Yield cause and activity of an injury in its active phase (I.C.20.a.2, c).

        Pain in a limb after an accident counts too, if the accident is told plainly.
        """
        hurt = any(code.startswith(_INJURIES) and code.endswith("A") for code in codes)
        if not hurt and not any(code.startswith(_PAINS) for code in codes):
            return
        places = [at for at in reading.places(_STORY) if not _PAST.search(reading.texts[at])]
        for rules in (self.causes, self.activities):
            found = (
                (told, code)
                for words, code in rules
                if (told := next(reading.hits(words, places), None))
            )
            told, code = next(found, (None, ""))
            if told is not None and (hurt or code not in _LOOSE_CAUSES):
                yield trace(reading, told, code, "external-cause")
            elif not hurt:
                return

    def _past(
        self,
        reading: Reading,
        outline: Problems,
        traces: Sequence[MentionTrace],
        told: set[int],
    ) -> list[MentionTrace]:
        """Return the personal-history code of what a problem line calls past (I.C.21.c.4).

        `told` are sentences that have led to a status code already.
        """
        found = []
        for each, at in zip(traces, reading.extraction.places, strict=False):
            if (
                each.mention.assertion is Assertion.HISTORICAL
                and "historical" in each.verdict.reasons
                and outline.names(each.mention, at)
                and at not in told
            ):
                code = next((new for old, new in self.past if each.code.startswith(old)), None)
                if code is not None:
                    words = Told(at, each.mention.span)
                    score = each.candidates[0].score
                    found.append(trace(reading, words, code, "history-of", score))
        return found


def _row(row: dict[str, object]) -> Row:
    rises = row.get("rises")
    return Row(
        group=str(row["group"]),
        words=_words(str(row["words"])),
        # On text in small letters and without IGNORECASE, a search that fails is far faster.
        quick=re.compile(str(row["words"])),
        gives=str(row["gives"]),
        roles=frozenset(_list(row, "roles")),
        sections=frozenset(_list(row, "sections")),
        needs=tuple(_list(row, "needs")),
        without=tuple(_list(row, "without")),
        unless=_words(str(row["unless"])) if "unless" in row else None,
        assessed=_words(str(row["assessed"])) if "assessed" in row else None,
        heading=bool(row.get("heading")),
        rises=(str(rises["code"]), re.compile(str(rises["words"]), re.IGNORECASE))
        if isinstance(rises, dict)
        else None,
    )


def _list(row: dict[str, object], key: str) -> list[str]:
    found = row.get(key, [])
    return [str(each) for each in found] if isinstance(found, list) else []


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{pattern})", re.IGNORECASE)


def _hits(reading: Reading, row: Row) -> Iterator[Told]:
    sentences = reading.extraction.sentences
    places = [
        at
        for at in reading.places(row.roles)
        if (not row.sections or sentences[at].section in row.sections)
        and not (row.unless and row.unless.search(reading.texts[at]))
    ]
    return reading.hits(row.words, places)


def _fits(told: Told, row: Row, outline: Problems) -> bool:
    if told.at in outline.advice:
        return False
    if not row.heading:
        return True
    mention = Mention(span=told.span, section="")
    return outline.names(mention, told.at)


def _body_mass(reading: Reading, codes: set[str]) -> Iterator[MentionTrace]:
    """Yield the body mass index of an adult beside a diagnosis it belongs to (I.B.14)."""
    if not any(code.startswith(_BMI_NEEDS) for code in codes):
        return
    for told in reading.hits(_BMI, reading.places(_BMI_ROLES)):
        start = reading.extraction.sentences[told.at].span.start
        hit = _BMI.match(reading.texts[told.at], told.span.start - start)
        if hit is not None:
            yield trace(reading, told, _index_code(float(hit.group(1))), "body-mass-index")


def _index_code(value: float) -> str:
    """Return the code for a body mass index in kg/m2, for adults."""
    for low, code in (
        (70, "Z68.45"),
        (60, "Z68.44"),
        (50, "Z68.43"),
        (45, "Z68.42"),
        (40, "Z68.41"),
    ):
        if value >= low:
            return code
    return "Z68.1" if value < 20 else f"Z68.{int(value)}"  # noqa: PLR2004 - as the titles divide
