"""Lay out a release: which rows each heading and code spans, which notes each code inherits."""

from taxonomy.model import Targets
from taxonomy.rows import Rows, Span, merge
from taxonomy.tables import CHAPTER, NODE, SECTION, Tables

Spans = tuple[list[Span], list[Span], list[Span]]
"""The rows of chapters, sections and nodes, by level."""

_NOWHERE = (1, 0)


def node_name(tables: Tables, note: int) -> str:
    """Return the chapter number, section id or code at which a note stands."""
    level, holder = tables.levels[note], tables.holders[note]
    if level == CHAPTER:
        return tables.chapter_names[holder]
    return tables.section_names[holder] if level == SECTION else tables.codes[holder]


def lay_spans(tables: Tables, rows: Rows) -> Spans:
    """Return the rows of every chapter, section and node, each with all below."""
    nodes = list(zip(rows.first, rows.last, strict=True))
    chapters: dict[int, Span] = {}
    sections: dict[int, Span] = {}
    for at, section in enumerate(tables.homes):
        if tables.parents[at] < 0:
            _widen(sections, section, nodes[at])
            _widen(chapters, tables.section_chapters[section], nodes[at])
    for section, name in enumerate(tables.section_names):
        # An umbrella section (M00-M25) holds no code of its own and reaches as far as its id
        # says. The others hold theirs: J40-J4A ends with J47, since J4A stands before J45.
        if section not in sections:
            first, _, last = name.partition("-")
            sections[section] = rows.between(first, last or first) or _NOWHERE
    return (
        [chapters.get(at, _NOWHERE) for at in range(len(tables.chapter_names))],
        [sections[at] for at in range(len(tables.section_names))],
        nodes,
    )


def _widen(spans: dict[int, Span], at: int, span: Span) -> None:
    low, high = spans.get(at, span)
    spans[at] = (min(low, span[0]), max(high, span[1]))


def inherit(tables: Tables, spans: Spans) -> list[tuple[int, ...]]:
    """Return the notes that apply to each node: its own, those above, sections, chapter.

    Of several sections over a node the narrower comes first.
    """
    own: tuple[dict[int, list[int]], dict[int, list[int]], dict[int, list[int]]] = ({}, {}, {})
    for note, (level, holder) in enumerate(zip(tables.levels, tables.holders, strict=True)):
        own[level].setdefault(holder, []).append(note)
    sections = sorted(own[SECTION], key=lambda at: spans[SECTION][at][1] - spans[SECTION][at][0])
    inherited: list[tuple[int, ...]] = []
    for at, parent in enumerate(tables.parents):
        if parent >= 0:
            above = inherited[parent]
        else:
            row = spans[NODE][at][0]
            covering = [
                note
                for section in sections
                if spans[SECTION][section][0] <= row <= spans[SECTION][section][1]
                for note in own[SECTION][section]
            ]
            chapter = tables.section_chapters[tables.homes[at]]
            above = (*covering, *own[CHAPTER].get(chapter, ()))
        mine = own[NODE].get(at)
        inherited.append((*mine, *above) if mine else above)
    return inherited


def only(inherited: list[tuple[int, ...]], tables: Tables, kind: str) -> list[tuple[int, ...]]:
    """Return the inherited notes of one kind."""
    # Most nodes share their header's tuple; a kept answer keeps them shared.
    kept: dict[tuple[int, ...], tuple[int, ...]] = {}
    for notes in inherited:
        if notes not in kept:
            kept[notes] = tuple(note for note in notes if tables.kinds[note] == kind)
    return [kept[notes] for notes in inherited]


def reach(inherited: list[tuple[int, ...]], targets: list[Targets]) -> list[Targets]:
    """Return for each node all that its notes point to, so that most questions end at once."""
    kept: dict[tuple[int, ...], Targets] = {}
    for notes in inherited:
        if notes not in kept:
            bounds = [targets[note].bounds for note in notes]
            spans = [pair for flat in bounds for pair in zip(flat[::2], flat[1::2], strict=True)]
            kept[notes] = Targets(bounds=merge(spans))
    return [kept[notes] for notes in inherited]
