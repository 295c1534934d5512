"""A code's page, as a coder reads the tabular list: where it stands and every note that applies.

The book prints a note once, at the place it governs; the reader has to look up the page, the
section and the chapter for what applies to a code. Here all of it is gathered, each note with
the place it was printed at, the codes in its words found, and what it points to resolved.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from taxonomy.classification import Taxonomy
from taxonomy.fy2027 import changes, provisional_release
from taxonomy.model import (
    NOTE_KINDS,
    POINTING_KINDS,
    Code,
    Release,
    TabularNote,
    UnknownCodeError,
)

_TOKEN = re.compile(r"(?<![0-9A-Za-z.])[A-Z][0-9A-Z]{2}(?:\.[0-9A-Z]{1,4})?(?![0-9A-Za-z])")
_NOT_PASSED_DOWN = frozenset({"inclusion_term"})
"""An inclusion term names its own code; it says nothing of those below."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A place above a code: `level` is `chapter`, `section` or `code`."""

    node: str
    title: str
    level: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A code in the words of a note: `text[start:end]` names it, in Python code points."""

    start: int
    end: int
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Rows a note points to, from `first` to `last` with all between; often one code."""

    first: str
    last: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PageNote:
    """A note that applies to a code.

    `own` tells a note at the code from one inherited, `place` names where it is printed in
    words. `unresolved` is the reason why no machine can say what the note points to, so that it
    is to be read; "" where `targets` say it, and for kinds of notes that point nowhere.
    """

    note: TabularNote
    own: bool
    place: str
    links: tuple[Link, ...]
    targets: tuple[Target, ...]
    unresolved: str

    @property
    def to_read(self) -> bool:
        """Say whether a person has to read what the note points to.

        The codes of a heading ("underlying disease, such as:") stand in the notes after it.
        """
        return self.unresolved not in {"", "lead-in"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seventh:
    """A 7th character a code may take, its meaning, and the code it makes, placeholders filled."""

    char: str
    meaning: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CodePage:
    """A code with its place, its notes, what is below and beside it.

    `trail` leads from the chapter to the header above. `sevenths` are the choices of a base and
    of every full code made from it. `default` is the code that is taken when the record says no
    more (I.A.18), None where none stands out. `valid_from` and `valid_to` are the first and last
    day on which the code is known to be valid, None where no change is known.
    """

    code: Code
    release: Release
    trail: tuple[Step, ...]
    notes: tuple[PageNote, ...]
    children: tuple[Code, ...]
    siblings: tuple[Code, ...]
    sevenths: tuple[Seventh, ...]
    default: str | None
    valid_from: date | None
    valid_to: date | None

    @property
    def incomplete(self) -> str:
        """Return why the code cannot be assigned as it stands: as `Hit.incomplete`."""
        if self.code.billable:
            return ""
        return "seventh" if self.sevenths else "category"


def code_page(taxonomy: Taxonomy, code: str) -> CodePage:
    """Return the page of a code; UnknownCodeError where the release has none such."""
    found = taxonomy.get(code)
    if found is None:
        raise UnknownCodeError(
            f"{code} is no ICD-10-CM code of {taxonomy.release.label}; check its spelling."
        )
    first, last = _validity(taxonomy.release, found)
    return CodePage(
        code=found,
        release=taxonomy.release,
        trail=_trail(taxonomy, found),
        notes=_notes(taxonomy, found),
        children=_values(taxonomy, taxonomy.children(found.code)),
        siblings=_values(taxonomy, taxonomy.siblings(found.code)),
        sevenths=_sevenths(taxonomy, found.base),
        default=taxonomy.default_leaf(found.code),
        valid_from=first,
        valid_to=last,
    )


def code_links(taxonomy: Taxonomy, text: str) -> tuple[Link, ...]:
    """Return the codes of the release that stand in a text; what merely looks like one is none."""
    return tuple(
        Link(start=token.start(), end=token.end(), code=token.group())
        for token in _TOKEN.finditer(text)
        if token.group() in taxonomy
    )


def _trail(taxonomy: Taxonomy, code: Code) -> tuple[Step, ...]:
    chapter, section = taxonomy.chapter(code.code), taxonomy.section(code.code)
    above = tuple(reversed(taxonomy.ancestors(code.code)))
    return (
        Step(node=chapter, title=taxonomy.title(chapter), level="chapter"),
        Step(node=section, title=taxonomy.title(section), level="section"),
        *(Step(node=node, title=taxonomy.title(node), level="code") for node in above),
    )


def _notes(taxonomy: Taxonomy, code: Code) -> tuple[PageNote, ...]:
    """Return the notes of the code, then those from above, nearest first; within a place by kind.

    Of a full code the notes of its base are its own: the book has no line for it.
    """
    own = {(note.node, note.level) for note in taxonomy.notes(code.base, inherited=False)}
    places: dict[tuple[str, str], list[TabularNote]] = {}
    for note in taxonomy.notes(code.base):
        place = (note.node, note.level)
        if place in own or note.kind not in _NOT_PASSED_DOWN:
            places.setdefault(place, []).append(note)
    return tuple(
        _page_note(taxonomy, note, own=place in own)
        for place, notes in places.items()
        for note in sorted(notes, key=lambda note: (NOTE_KINDS.index(note.kind), note.number))
    )


def _page_note(taxonomy: Taxonomy, note: TabularNote, *, own: bool) -> PageNote:
    targets = taxonomy.targets(note)
    bounds = zip(targets.bounds[::2], targets.bounds[1::2], strict=True)
    name = f"Chapter {note.node}" if note.level == "chapter" else note.node
    return PageNote(
        note=note,
        own=own,
        place=f"{name} {taxonomy.title(note.node)}",
        links=code_links(taxonomy, note.text),
        targets=tuple(_target(taxonomy, first, last) for first, last in bounds),
        unresolved=targets.unresolved if note.kind in POINTING_KINDS else "",
    )


def _target(taxonomy: Taxonomy, first: int, last: int) -> Target:
    """Name a range by the shortest codes: E10–E11, and not E10 to the last row below E11."""
    begin, end = taxonomy.at(first), taxonomy.at(last)
    for above in taxonomy.ancestors(end.code):
        header = taxonomy.get(above)
        if header is None or header.order < first or _last_row(taxonomy, above) != last:
            break
        end = header
    return Target(first=begin.code, last=end.code)


def _last_row(taxonomy: Taxonomy, code: str) -> int:
    below = taxonomy.children(code)
    while below:
        code = below[-1]
        below = taxonomy.children(code)
    return taxonomy.order(code)


def _sevenths(taxonomy: Taxonomy, base: str) -> tuple[Seventh, ...]:
    return tuple(
        Seventh(char=char, meaning=meaning, code=code)
        for char, meaning in taxonomy.seventh_characters(base).items()
        if (code := taxonomy.with_seventh(base, char)) is not None
    )


def _values(taxonomy: Taxonomy, codes: tuple[str, ...]) -> tuple[Code, ...]:
    return tuple(value for code in codes if (value := taxonomy.get(code)) is not None)


def _validity(release: Release, code: Code) -> tuple[date | None, date | None]:
    """Return the first and the last day of a code, as far as the facts of FY2027 tell them."""
    turn = provisional_release().effective_from
    kind = _changed().get(code.code) or _changed().get(code.base)
    if kind in {"billable", "header"} and release.effective_from >= turn:
        return turn, None
    if kind in {"deleted", "demoted"} and release.effective_from < turn:
        return None, turn - timedelta(days=1)
    return None, None


@cache
def _changed() -> dict[str, str]:
    return {change.code: change.kind for change in changes()}
