"""Results as rich tables: built here, printed by `app.cli`."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from app.coding import Coded
from app.wording import say
from pipeline.model import Route
from taxonomy import CodePage, Hit, PageNote, Step

_FEW = 10
"""Rows of a long list that a terminal is given."""

_REASONS = 2
_LANE_STYLES = {Route.AUTO: "green", Route.CONFIRM: "cyan", Route.REVIEW: "yellow"}


def coded(rows: Iterable[Coded]) -> Table:
    """Return one row an encounter: where it goes, its codes, and what is wrong with it."""
    table = plain_table("Encounter", "Lane", "Codes", "Excluded")
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
    table = plain_table("Code", "Title", "Billable", "Found by")
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


def figures(values: Mapping[str, Any]) -> list[Table]:
    """Return the tables of an evaluation: plain figures, scores, and where things fail.

    Of blind spots, confused families and changed documents the first few; `--html` and `--json`
    hold all.
    """
    plain: dict[str, object] = {}
    shown: list[Table] = []
    for name, value in values.items():
        if name in _PARTS:
            shown += _PARTS[name](value)
        elif name not in _SCORES and name != "intervals":
            plain[name] = value
    return [facts(plain), *_scores(values), *shown]


_SCORES = ("exact", "category", "without_symptom_chapter", "evidence", "partial")


def _scores(values: Mapping[str, Any]) -> list[Table]:
    rows = {name.replace("_", " "): values[name] for name in _SCORES[:-1] if name in values}
    if not rows:
        return []
    for level, each in values.get("partial", {}).get("levels", {}).items():
        rows[f"pairs: {level}"] = each
    columns = ("precision", "recall", "f1")
    table = plain_table("", *columns, right=len(columns))
    for name, each in rows.items():
        table.add_row(name, *(_number(each[column]) for column in columns))
        if name == "exact" and "intervals" in values:
            ends = (_ends(values["intervals"][column]) for column in columns)
            table.add_row("  95 % interval", *ends, style="dim")
    return [table]


def _calibration(value: Mapping[str, Any]) -> list[Table]:
    told = {
        "ece": value["ece"],
        "mean confidence minus precision": value.get("gap"),
        "its 95 % interval": _ends(value.get("interval")),
    }
    filled = [each for each in value["bins"] if each["count"]]
    columns = ("lower", "upper", "count", "confidence", "precision")
    return [facts(told), _rows("Confidence", filled, columns)]


def _automatic(value: Mapping[str, Any]) -> list[Table]:
    columns = ("threshold", "count", "coverage", "precision", "recall")
    routed = {"threshold": "routed AUTO", **value["routed"]}
    rows = [{**each, "threshold": f"{each['threshold']:.2f}"} for each in value["thresholds"]]
    return [_rows("At or above a threshold", [*rows, routed], columns)]


def _lost(value: Mapping[str, Any]) -> list[Table]:
    rows = [
        {
            **each,
            "mostly": ", ".join(
                f"{why['reason']} {why['count']}" for why in each["reasons"][:_REASONS]
            ),
        }
        for each in value["stages"]
    ]
    return [_rows("Where codes are lost", rows, ("stage", "held", "lost", "mostly"))]


def _chapters(value: Sequence[Mapping[str, Any]]) -> list[Table]:
    columns = ("chapter", "precision", "recall", "f1", "true", "assigned", "gold")
    return [_rows("By chapter", value, columns)]


def _sections(value: Sequence[Mapping[str, Any]]) -> list[Table]:
    columns = ("section", "recall", "gold", "precision", "assigned")
    return [_rows("By section", value, columns)]


def _blind_spots(value: Sequence[Mapping[str, Any]]) -> list[Table]:
    title = f"Blind spots ({min(len(value), _FEW)} of {len(value)})"
    return [_rows(title, value[:_FEW], ("code", "gold", "stage", "reason", "title"))]


def _confusion(value: Mapping[str, Any]) -> list[Table]:
    rows = [{**each, "example": " for ".join(each["example"][::-1])} for each in value["pairs"]]
    columns = ("gold", "suggested", "count", "same_words", "example")
    return [_rows("Confused families", rows[:_FEW], columns)]


def _probed(value: Mapping[str, Any]) -> list[Table]:
    return _probes([*value["kinds"].items(), ("all", value)], value["failures"])


def _comparison(value: Mapping[str, Any]) -> list[Table]:
    grown = value["difference"]
    told = {"f1 changed by": grown["f1"], "its 95 % interval": _ends(grown["interval"])}
    return [facts(told), _changes(value["changed"][:_FEW], of=len(value["changed"]))]


_PARTS: Mapping[str, Callable[[Any], list[Table]]] = {
    "calibration": _calibration,
    "auto": _automatic,
    "losses": _lost,
    "chapters": _chapters,
    "sections": _sections,
    "blind_spots": _blind_spots,
    "confusion": _confusion,
    "comparison": _comparison,
    "probes": _probed,
}


def _changes(rows: Sequence[Mapping[str, Any]], *, of: int) -> Table:
    columns = ("gained_right", "lost_wrong", "lost_right", "gained_wrong")
    shown = [
        {"document": row["doc_id"], **{column: " ".join(row[column]) for column in columns}}
        for row in rows
    ]
    return _rows(f"Changed documents ({len(rows)} of {of})", shown, ("document", *columns))


def _ends(interval: Sequence[float] | None) -> str:
    return "–" if interval is None else f"{interval[0]:.4f} to {interval[1]:.4f}"


def _probes(
    shares: Iterable[tuple[object, Mapping[str, Any]]],
    failures: Iterable[Mapping[str, object]],
) -> list[Table]:
    """Return the shares answered as expected, and the words of the probes that were not."""
    columns = ("asked", "as_expected", "share", "elsewhere")
    rows = [{"probe": name} | {c: share[c] for c in columns} for name, share in shares]
    table = plain_table("probe", "document", "code", "expected", "found", "words")
    table.title, table.title_justify = "Failed probes", "left"
    for row in failures:
        table.add_row(
            *(
                Text(" ".join(cell) if isinstance(cell, list) else str(cell))
                for cell in map(
                    row.get, ("probe", "document", "code", "expected", "found", "words")
                )
            )
        )
    return [_rows("Probes", rows, ("probe", *columns)), *([table] if table.row_count else [])]


def _add_facts(table: Table, values: Mapping[str, object], *, indent: str) -> None:
    for name, value in values.items():
        label = indent + name.replace("_", " ")
        if isinstance(value, Mapping):
            table.add_row(label, "")
            _add_facts(table, value, indent=indent + "  ")
        else:
            table.add_row(label, Text(_number(value)))


def _rows(title: str, rows: Iterable[Mapping[str, object]], columns: Sequence[str]) -> Table:
    table = plain_table(*(column.replace("_", " ") for column in columns))
    table.title = title
    table.title_justify = "left"
    for row in rows:
        cells = [row[column] for column in columns]
        for column, cell in zip(table.columns, cells, strict=True):
            column.justify = "left" if isinstance(cell, str) else "right"
        table.add_row(*(Text(_number(cell)) for cell in cells))
    return table


def plain_table(*columns: str, right: int = 0) -> Table:
    """Return an empty table with these columns, the last `right` of them for numbers."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for number, column in enumerate(columns):
        last = number >= len(columns) - right
        table.add_column(column, justify="right" if last else "left")
    return table


def _number(value: object) -> str:
    if value is None:
        return "–"
    return f"{value:.4f}" if isinstance(value, float) else str(value)
