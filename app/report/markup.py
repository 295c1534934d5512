"""Pieces of HTML: tables, sentences, numbers; whatever goes in is escaped here."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

Values = Mapping[str, Any]
Row = Sequence[object]


def prf_table(rows: Iterable[tuple[str, Values]]) -> str:
    """Return a table of precision, recall and F1, one row a name."""
    return table(
        ("", "Precision", "Recall", "F1"),
        [(name, each["precision"], each["recall"], each["f1"]) for name, each in rows],
    )


def table(
    heads: Sequence[str], rows: Sequence[Row], *, first: str = "", kinds: Sequence[str] = ()
) -> str:
    """Return a table; numbers are set right, `first` is the class of the first column's cells."""
    numeric = [bool(rows) and all(_is_figure(row[at]) for row in rows) for at in range(len(heads))]

    def kind(at: int) -> str:
        if kinds:
            return kinds[at]
        return "number" if numeric[at] else first if at == 0 else ""

    head = "".join(
        f'<th class="{"number" if kind(at) == "number" else ""}">{escape(name)}</th>'
        for at, name in enumerate(heads)
    )
    body = "".join(
        "<tr>"
        + "".join(f'<td class="{kind(at)}">{number(cell)}</td>' for at, cell in enumerate(row))
        + "</tr>"
        for row in rows
    )
    return (
        f'<div class="scroll"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def prose(sentence: str) -> str:
    """Return a sentence that explains."""
    return f'<p class="told">{escape(sentence)}</p>'


def span(interval: Sequence[float] | None) -> str:
    """Return the ends of an interval in words."""
    return "–" if interval is None else f"{number(interval[0])} to {number(interval[1])}"


def number(value: object) -> str:
    """Return a cell: figures to three places, counts with commas, all else escaped."""
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:.3f}".replace("-", "−")
    return f"{value:,}" if isinstance(value, int) else escape(str(value))


def _is_figure(value: object) -> bool:
    return value is None or isinstance(value, int | float) or str(value).endswith("%")
