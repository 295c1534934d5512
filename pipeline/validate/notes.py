"""What the notes of the tabular list point to, worked out once per node and release."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from taxonomy import POINTING_KINDS, TabularNote, Taxonomy

_CACHED_NODES = 20_000
_OPTIONAL = ("applicable", "if known", "such as")
_LEAD_IN = "lead-in"
OWN_LEVELS = frozenset({"category", "code"})
"""The levels of notes that stand at a code or its category, not at a section or chapter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointing:
    """A note that points to other codes: where it stands, and the rows it names.

    `optional` says that the note or the heading above it asks only where it applies or is known,
    or gives examples. `bounds` is flat: first row, row after the last, first row, …, sorted
    and disjoint.
    """

    source: str
    level: str
    optional: bool
    bounds: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """What the notes that apply to a code point to, the nearest first.

    `excluded` are the rows that its type 1 excludes notes name and `allowed` those that type 2
    notes of its own category name, as the bounds of `Pointing`. `unread` are the notes that name
    codes in words only, each with its place and why no machine can read it.
    """

    excluded: tuple[int, ...] = ()
    allowed: tuple[int, ...] = ()
    excludes2: tuple[Pointing, ...] = ()
    code_first: tuple[Pointing, ...] = ()
    use_additional: tuple[Pointing, ...] = ()
    code_also: tuple[Pointing, ...] = ()
    unread: tuple[tuple[str, str], ...] = ()


@lru_cache(maxsize=_CACHED_NODES)
def notes_of(node: str, above: tuple[str, ...], taxonomy: Taxonomy) -> Notes:
    """Return what the notes of a node and of those above point to.

    Built on the notes of the node above, so that each note is read once; 7th characters change
    none of it.
    """
    upper = notes_of(above[0], above[1:], taxonomy) if above else _headings(node, taxonomy)
    return _on_top(taxonomy.notes(node, *POINTING_KINDS, inherited=False), upper, taxonomy)


def _headings(category: str, taxonomy: Taxonomy) -> Notes:
    """Return the notes of sections and chapter above a category, one value for a section."""
    known = _known_headings(taxonomy)
    section = taxonomy.section(category)
    if section not in known:
        notes = taxonomy.notes(category, *POINTING_KINDS)
        above = [note for note in notes if note.level not in OWN_LEVELS]
        known[section] = _on_top(above, Notes(), taxonomy)
    return known[section]


@lru_cache(maxsize=8)
def _known_headings(taxonomy: Taxonomy) -> dict[str, Notes]:  # noqa: ARG001 - one for each release
    """Return where `_headings` keeps what it has worked out."""
    return {}


def _on_top(notes: Sequence[TabularNote], upper: Notes, taxonomy: Taxonomy) -> Notes:
    """Put the notes of one node before those above it."""
    if not notes:
        return upper
    by_kind: dict[str, list[TabularNote]] = {}
    unread = []
    for note in notes:
        by_kind.setdefault(note.kind, []).append(note)
        reason = taxonomy.targets(note).unresolved
        if reason and reason != _LEAD_IN:
            unread.append((_place(note), reason))
    excludes1 = [span for note in by_kind.get("excludes1", ()) for span in _spans(note, taxonomy)]
    excludes2 = _pointing(by_kind.get("excludes2", ()), taxonomy)
    own = [pair for e in excludes2 if e.level in OWN_LEVELS for pair in _pairs(e.bounds)]
    return Notes(
        excluded=_merged(excludes1, upper.excluded),
        allowed=_merged(own, upper.allowed),
        excludes2=(*excludes2, *upper.excludes2),
        code_first=(*_pointing(by_kind.get("code_first", ()), taxonomy), *upper.code_first),
        use_additional=(
            *_pointing(by_kind.get("use_additional", ()), taxonomy),
            *upper.use_additional,
        ),
        code_also=(*_pointing(by_kind.get("code_also", ()), taxonomy), *upper.code_also),
        unread=(*unread, *upper.unread),
    )


def _pairs(bounds: Sequence[int]) -> Iterator[tuple[int, int]]:
    return zip(bounds[::2], bounds[1::2], strict=True)


def _merged(spans: list[tuple[int, int]], bounds: tuple[int, ...]) -> tuple[int, ...]:
    if not spans:
        return bounds
    merged: list[int] = []
    for low, high in sorted((*spans, *_pairs(bounds))):
        if merged and low <= merged[-1]:
            merged[-1] = max(merged[-1], high)
        else:
            merged += [low, high]
    return tuple(merged)


def _pointing(notes: Sequence[TabularNote], taxonomy: Taxonomy) -> tuple[Pointing, ...]:
    found = []
    leads: dict[str, bool] = {}
    for note in notes:
        optional = any(words in note.text for words in _OPTIONAL)
        # A heading such as "code, if applicable, to identify:" speaks for the notes below it.
        if note.text.endswith(":"):
            leads[note.node] = optional
        spans = _spans(note, taxonomy)
        if spans:
            found.append(
                Pointing(
                    source=_place(note),
                    level=note.level,
                    optional=optional or leads.get(note.node, False),
                    bounds=tuple(edge for span in spans for edge in span),
                )
            )
    return tuple(found)


def _place(note: TabularNote) -> str:
    return f"tabular {note.node} {note.kind} {note.number}"


def _spans(note: TabularNote, taxonomy: Taxonomy) -> list[tuple[int, int]]:
    """Return the rows a note names as half-open ranges, so that one bisection answers."""
    return [(low, high + 1) for low, high in _pairs(taxonomy.targets(note).bounds)]
