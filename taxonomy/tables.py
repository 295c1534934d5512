"""The compiled form of a release: flat columns that are quick to store and to load."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from taxonomy.defaults import assign_defaults, branch
from taxonomy.model import POINTING_KINDS, TaxonomyError
from taxonomy.references import resolve
from taxonomy.rows import Rows
from taxonomy.sevenths import assign
from taxonomy.source import Totals
from taxonomy.tabular import Node, Tabular

Report = Callable[[str, int, int], None]
"""Called with a step in words, how much is done, and of how much."""

CHAPTER, SECTION, NODE = range(3)
_STEP = "Resolving the notes of the tabular list"
_EVERY = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """A release as columns; node columns have one entry per XML code, in tabular order.

    `sevenths` holds the number of a node's set in `extensions` (pairs of character and meaning),
    -1 for none; `homes` the section a node stands in, `defaults` the node that stands for it
    when nothing more is said, -1 for none. The note columns go together: `holders` is
    the place of the note's node in its table and `levels` says which table (CHAPTER, SECTION,
    NODE). `points` is the number of the note's ranges in `bounds`, or the reason in words why it
    has none.
    """

    codes: list[str]
    titles: list[str]
    parents: list[int]
    sevenths: list[int]
    homes: list[int]
    defaults: list[int]
    extensions: list[list[list[str]]]
    chapter_names: list[str]
    chapter_titles: list[str]
    section_names: list[str]
    section_titles: list[str]
    section_chapters: list[int]
    levels: list[int]
    holders: list[int]
    kinds: list[str]
    numbers: list[int]
    texts: list[str]
    points: list[int | str]
    bounds: list[list[int]]

    def rows(self) -> Rows:
        """Return the order numbers of the nodes and what lies below them."""
        chars = ["".join(char for char, _ in pairs) for pairs in self.extensions]
        return Rows.spread(
            self.codes,
            self.parents,
            [chars[number] if number >= 0 else "" for number in self.sevenths],
        )


def compile_tables(tabular: Tabular, *, totals: Totals | None, report: Report) -> Tables:
    """Spread 7th characters and resolve notes; TaxonomyError where the totals do not come out."""
    nodes = tabular.nodes
    sevenths, extensions = assign(nodes)
    tables = Tables(
        codes=[node.code for node in nodes],
        titles=[node.title for node in nodes],
        parents=[node.parent for node in nodes],
        sevenths=sevenths,
        homes=[node.section for node in nodes],
        defaults=assign_defaults(
            [branch(node.code, node.title, _inclusions(node)) for node in nodes],
            [node.parent for node in nodes],
        ),
        extensions=[[list(pair) for pair in pairs] for pairs in extensions],
        chapter_names=[chapter.name for chapter in tabular.chapters],
        chapter_titles=[chapter.title for chapter in tabular.chapters],
        section_names=[section.name for section in tabular.sections],
        section_titles=[section.title for section in tabular.sections],
        section_chapters=[section.chapter for section in tabular.sections],
        levels=[],
        holders=[],
        kinds=[],
        numbers=[],
        texts=[],
        points=[],
        bounds=[],
    )
    rows = tables.rows()
    _check(rows, totals)
    _compile_notes(tabular, tables, rows, report)
    return tables


def _inclusions(node: Node) -> list[str]:
    return [text for kind, text in node.notes if kind == "inclusion_term"]


def _check(rows: Rows, totals: Totals | None) -> None:
    if len(rows.index) != len(rows.codes):
        raise TaxonomyError(
            "The ICD-10-CM tabular list is damaged: a code stands in it twice; "
            "import the official file."
        )
    count = rows.last[-1] if rows.last else 0
    billable = sum(len(chars) or leaf for chars, leaf in zip(rows.chars, rows.leaf, strict=True))
    if totals is not None and (count, billable) != (totals.rows, totals.billable):
        raise TaxonomyError(
            f"The ICD-10-CM tabular list gives {count:,} rows with {billable:,} billable codes, "
            f"but {totals.rows:,} and {totals.billable:,} are published for this release; "
            "import the official file."
        )


def _compile_notes(tabular: Tabular, tables: Tables, rows: Rows, report: Report) -> None:
    counts: Counter[tuple[str, str]] = Counter()
    ranges: dict[tuple[int, ...], int] = {}

    def add(level: int, holder: int, name: str, notes: list[tuple[str, str]]) -> None:
        for kind, text in notes:
            counts[name, kind] += 1
            tables.levels.append(level)
            tables.holders.append(holder)
            tables.kinds.append(kind)
            tables.numbers.append(counts[name, kind])
            tables.texts.append(text)
            if kind not in POINTING_KINDS:
                tables.points.append("no-target")
                continue
            targets = resolve(text, rows)
            tables.points.append(
                targets.unresolved or ranges.setdefault(targets.bounds, len(ranges))
            )

    for at, chapter in enumerate(tabular.chapters):
        add(CHAPTER, at, chapter.name, chapter.notes)
    for at, section in enumerate(tabular.sections):
        add(SECTION, at, section.name, section.notes)
    for at, node in enumerate(tabular.nodes):
        if at % _EVERY == 0:
            report(_STEP, at, len(tabular.nodes))
        add(NODE, at, node.code, node.notes)
    report(_STEP, len(tabular.nodes), len(tabular.nodes))
    tables.bounds.extend(list(bounds) for bounds in ranges)
