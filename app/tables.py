"""Results as rich tables: built here, printed by `app.cli`."""

from collections.abc import Iterable, Mapping, Sequence

from rich import box
from rich.table import Table
from rich.text import Text

from app.coding import Coded
from pipeline.model import Route
from taxonomy import Hit

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
    """Return one row a code."""
    table = _table("Code", "Title", "Billable", "Found by")
    for hit in found:
        table.add_row(
            Text(hit.code, style="bold" if hit.billable else "dim"),
            Text(hit.title),
            "yes" if hit.billable else "no",
            Text(hit.matched if hit.matched != hit.title else ""),
        )
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
            case {"kinds": dict(kinds), "failures": list(failures), **whole}:
                tables += _probes([*kinds.items(), ("all", whole)], failures)
            case _:
                plain[name] = value
    return [facts(plain), *([scores] if scores.row_count else []), *tables]


def _probes(
    shares: Iterable[tuple[object, Mapping[object, object]]],
    failures: Iterable[Mapping[str, object]],
) -> list[Table]:
    """Return the shares answered as expected, and the words of the probes that were not."""
    columns = ("asked", "as_expected", "share", "elsewhere")
    rows = [{"probe": name} | {c: share[c] for c in columns} for name, share in shares]
    table = _table("probe", "document", "code", "expected", "found", "words")
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
