"""Results as rich tables: built here, printed by `app.cli`."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from app.coding import Coded
from app.wording import say
from pipeline.model import Route
from taxonomy import CodePage, Hit, PageNote, Step

_LANE_STYLES = {Route.AUTO: "green", Route.CONFIRM: "cyan", Route.REVIEW: "yellow"}


def coded(rows: Iterable[Coded]) -> Table:
    """Return one row an encounter: where it goes, its codes, and what is wrong with it."""
    table = _table("Encounter", "Lane", "Codes", "Excluded")
    table.columns[0].overflow = "fold"
    table.columns[3].justify = "right"
    for row in rows:
        codes = (
            Text("; ".join(row.errors), style="red") if row.failed else Text(" ".join(row.codes))
        )
        if not row.failed and not row.codes:
            codes = Text("nothing to suggest", style="dim")
        table.add_row(
            Text(row.encounter_id),
            Text("failed", style="red")
            if row.failed
            else Text(row.lane, style=_LANE_STYLES[row.lane]),
            codes,
            str(row.excluded),
        )
    return table


def hits(found: Sequence[Hit]) -> Table:
    """Return one row a code, or a line of the index that names none."""
    table = _table("Code", "Title", "Billable", "Found by")
    for hit in found:
        told = hit.matched if hit.matched not in {hit.title, hit.code} else ""
        if hit.path:
            told = " › ".join(hit.path)
        table.add_row(
            Text(hit.code, style="bold" if hit.billable else "dim"),
            Text(hit.title),
            say("incomplete", hit.incomplete) if hit.incomplete else "yes",
            Text(", ".join(filter(None, (told, *_sent(hit))))),
        )
    return table


def _sent(hit: Hit) -> list[str]:
    """Return where the line of the index sends: a see was followed, a see also may be."""
    sent = [f"see {hit.see}"] if hit.see else []
    return [*sent, f"see also {hit.see_also}"] if hit.see_also else sent


def code_page(page: CodePage) -> Group:
    """Return the page of a code: where it stands, what applies to it, what it still needs."""
    code, release = page.code, page.release
    head = Text(f"{code.code}  {code.title}", style="bold")
    steps = [*page.trail, Step(node=code.code, title="", level="code")]
    place = Text(" › ".join(say("levels", step.level, value=step.node) for step in steps))
    state = say("incomplete", page.incomplete) if page.incomplete else say("places", "billable")
    known = [f"{release.label}, {release.effective_from} to {release.effective_to}"]
    known += [f"valid from {page.valid_from}"] if page.valid_from else []
    known += [f"valid until {page.valid_to}"] if page.valid_to else []
    shown: list[RenderableType] = [head, place, Text(f"{state}; {'; '.join(known)}", style="dim")]
    for where, notes in groupby(page.notes, key=lambda note: note.place):
        shown.append(Text(f"\n{where}", style="bold"))
        shown.append(_notes(notes))
    if page.sevenths:
        shown.append(Text(f"\n{say('places', 'sevenths')}", style="bold"))
        shown.append(_codes((each.code, each.meaning, True) for each in page.sevenths))
    elif page.children:
        shown.append(Text(f"\n{say('places', 'below')}", style="bold"))
        shown.append(_codes((each.code, each.title, each.billable) for each in page.children))
    return Group(*shown)


def _notes(notes: Iterable[PageNote]) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 2))
    table.add_column(style="dim", no_wrap=True)
    kind = ""
    for found in notes:
        text = Text(found.note.text)
        for link in found.links:
            text.stylize("bold", link.start, link.end)
        if found.to_read:
            text.append(f"  ({say('places', 'read-manually')})", style="yellow")
        table.add_row("" if found.note.kind == kind else say("note_kinds", found.note.kind), text)
        kind = found.note.kind
    return table


def _codes(rows: Iterable[tuple[str, str, bool]]) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 2))
    for code, title, billable in rows:
        table.add_row(Text(code, style="bold" if billable else "dim"), Text(title))
    return table


def facts(values: Mapping[str, object]) -> Table:
    """Return names and values, one a row; nested mappings are indented below their name."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    _add_facts(table, values, indent="")
    return table


def figures(values: Mapping[str, object]) -> list[Table]:
    """Return the tables of an evaluation: scores, stages, calibration, thresholds, the rest."""
    tables: list[Table] = []
    plain: dict[str, object] = {}
    scores = _table("", "precision", "recall", "f1", right=3)
    for name, value in values.items():
        match value:
            case {"precision": precision, "recall": recall, "f1": f1}:
                scores.add_row(name.replace("_", " "), *map(_number, (precision, recall, f1)))
            case {"ece": ece, "bins": list(bins)}:
                plain["ece"] = ece
                filled = [each for each in bins if each["count"]]
                tables.append(
                    _rows(
                        "Confidence", filled, ("lower", "upper", "count", "confidence", "precision")
                    )
                )
            case {"thresholds": list(thresholds)}:
                columns = ("threshold", "count", "coverage", "precision")
                tables.append(_rows("At or above a threshold", thresholds, columns))
            case _:
                plain[name] = value
    return [facts(plain), *([scores] if scores.row_count else []), *tables]


def _add_facts(table: Table, values: Mapping[str, object], *, indent: str) -> None:
    for name, value in values.items():
        label = indent + name.replace("_", " ")
        if isinstance(value, Mapping):
            table.add_row(label, "")
            _add_facts(table, value, indent=indent + "  ")
        else:
            table.add_row(label, Text(_number(value)))


def _rows(title: str, rows: Iterable[Mapping[str, object]], columns: Sequence[str]) -> Table:
    table = _table(*columns, right=len(columns))
    table.title = title
    table.title_justify = "left"
    for row in rows:
        table.add_row(*(_number(row[column]) for column in columns))
    return table


def _table(*columns: str, right: int = 0) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for number, column in enumerate(columns):
        last = number >= len(columns) - right
        table.add_column(column, justify="right" if last else "left")
    return table


def _number(value: object) -> str:
    if value is None:
        return "–"
    return f"{value:.4f}" if isinstance(value, float) else str(value)
