"""The rules that are rows of `resources/rules/guidelines.json`, by the shape of what they say.

    apart      a code of `codes` and one of `with` are not reported together
    needs      a code of `codes` asks for one of `with` somewhere in the set
    after      a code of `codes` stands after one of `with`, where both are there
    first      a code of `codes` is first-listed, unless one of `with` is
    not-first  a code of `codes` is never first-listed
    one        at most one code of `codes`
    ask        a code of `codes` is worth a word by itself
    age        a code of `codes` fits ages from `min` to `max` years
    sex        a code of `codes` fits this sex; advice, asked only when switched on

`keep` names which of two codes stays, `use` the code that stands for both. A row with `unless` is
silent where one of those codes is in the set, one with `setting` speaks in those settings only. A
row is asked about the codes in `codes`; those are what a pass counts.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from pipeline.model import Setting, Severity
from pipeline.validate.context import Context
from resources import read_json

_SHOWN = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One rule of the table; `codes`, `others` and `unless` are numbers of sets, -1 for none."""

    rule: str
    shape: str
    severity: Severity
    source: str
    say: str
    codes: int
    others: int = -1
    unless: int = -1
    settings: frozenset[Setting] = frozenset(Setting)
    youngest: float = 0
    oldest: float = 999
    sex: str = ""
    keep: str = ""
    use: str = ""
    add: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """The rows, and the sets of codes they name, by number; one table equals itself only."""

    rows: tuple[Row, ...]
    sets: tuple[tuple[str, ...], ...]


@cache
def read() -> Table:
    """Read the table from `resources`; the rule of a row is `name.id`, the id from §7 of it."""
    data = read_json("rules/guidelines.json")
    sets: dict[tuple[str, ...], int] = {}

    def number(texts: Sequence[str] | None) -> int:
        return -1 if texts is None else sets.setdefault(tuple(texts), len(sets))

    rows = tuple(_row(row, number) for row in data["rows"])
    return Table(rows, tuple(sets))


def _row(row: dict[str, Any], number: Callable[[Sequence[str] | None], int]) -> Row:
    given = row["source"]
    return Row(
        rule=f"{row['rule']}.{row['id']}",
        shape=row["shape"],
        severity=Severity(row["severity"]),
        source=given if given.startswith("tabular ") else f"guideline {given}",
        say=row["say"],
        codes=number(row["codes"]),
        others=number(row.get("with")),
        unless=number(row.get("unless")),
        settings=frozenset(Setting(name) for name in row.get("setting", list(Setting))),
        youngest=row.get("min", 0),
        oldest=row.get("max", 999),
        sex=row.get("sex", ""),
        keep=row.get("keep", ""),
        use=row.get("use", ""),
        add=tuple(f"add={text}" for text in row.get("with", ()) if text[0] != "!")[:_SHOWN],
    )


def run(context: Context, table: Table) -> None:
    """Ask every row of the table that names a code of the set."""
    for row in table.rows:
        codes = context.hits.get(row.codes)
        if not codes or context.given.setting not in row.settings:
            continue
        if row.unless >= 0 and context.hits.get(row.unless):
            continue
        _SHAPES[row.shape](context, row, codes)


def _apart(context: Context, row: Row, codes: Sequence[str]) -> None:
    context.ledger.look(row.rule, len(codes))
    others = context.hits.get(row.others, ())
    for code in codes:
        other = next((other for other in others if other != code), None)
        if other is not None:
            keep = {"codes": code, "with": other}.get(row.keep)
            detail = (f"keep={keep}",) if keep else (f"use={row.use}",) if row.use else ()
            context.say(row.rule, row.severity, (code, other), row.source, *detail)


def _needs(context: Context, row: Row, codes: Sequence[str]) -> None:
    context.ledger.look(row.rule, len(codes))
    others = context.hits.get(row.others, ())
    for code in codes:
        if not any(other != code for other in others):
            context.say(row.rule, row.severity, (code,), row.source, *row.add)


def _after(context: Context, row: Row, codes: Sequence[str]) -> None:
    others = context.hits.get(row.others)
    if not others or not context.place:
        return
    context.ledger.look(row.rule, len(codes))
    place = context.place
    lead = min(others, key=place.__getitem__)
    for code in codes:
        if code != lead and place[code] < place[lead]:
            context.say(row.rule, row.severity, (code, lead), row.source, f"first={lead}")


def _first(context: Context, row: Row, codes: Sequence[str]) -> None:
    leading = context.first
    if leading is None:
        return
    context.ledger.look(row.rule, len(codes))
    if leading.code not in codes and leading.code not in context.hits.get(row.others, ()):
        say = (codes[0], leading.code)
        context.say(row.rule, row.severity, say, row.source, f"first={codes[0]}")


def _not_first(context: Context, row: Row, codes: Sequence[str]) -> None:
    leading = context.first
    if leading is None:
        return
    context.ledger.look(row.rule, len(codes))
    if leading.code in codes:
        context.say(row.rule, row.severity, (leading.code,), row.source)


def _one(context: Context, row: Row, codes: Sequence[str]) -> None:
    context.ledger.look(row.rule, len(codes))
    if len(codes) > 1:
        context.say(row.rule, row.severity, tuple(codes), row.source)


def _ask(context: Context, row: Row, codes: Sequence[str]) -> None:
    context.ledger.look(row.rule, len(codes))
    for code in codes:
        context.say(row.rule, row.severity, (code,), row.source)


def _age(context: Context, row: Row, codes: Sequence[str]) -> None:
    age = context.given.age
    if age is None:
        return
    context.ledger.look(row.rule, len(codes))
    if not row.youngest <= age < row.oldest + 1:
        for code in codes:
            span = f"age={row.youngest:g}-{row.oldest:g}"
            context.say(row.rule, row.severity, (code,), row.source, span)


def _sex(context: Context, row: Row, codes: Sequence[str]) -> None:
    given = context.given.sex.strip().lower()[:1]
    if not context.options.sex or given not in {"f", "m"}:
        return
    context.ledger.look(row.rule, len(codes))
    if given != row.sex:
        for code in codes:
            context.say(row.rule, row.severity, (code,), row.source)


_SHAPES: MappingProxyType[str, Callable[[Context, Row, Sequence[str]], None]] = MappingProxyType(
    {
        "apart": _apart,
        "needs": _needs,
        "after": _after,
        "first": _first,
        "not-first": _not_first,
        "one": _one,
        "ask": _ask,
        "age": _age,
        "sex": _sex,
    }
)
