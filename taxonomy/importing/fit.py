"""Find out whether lists belong to a tabular list, by the codes they name."""

from collections.abc import Iterable, Mapping

from taxonomy.importing import parts
from taxonomy.importing.lists import CodeEdits, HccMap, OrderFile, PoaExempt
from taxonomy.importing.parts import Part
from taxonomy.importing.refusal import ImportRefusedError
from taxonomy.index import Index
from taxonomy.rows import Rows
from taxonomy.sevenths import assign, full_code
from taxonomy.tabular import Tabular

Lines = Mapping[str, tuple[int, bool]]
"""Order number and billable of every row of a release, by code, in tabular order."""

_LEAST_SHARE = {parts.HCC: 0.8}
_LEAST_SHARE_ELSE = 0.95


def lines(tabular: Tabular) -> Lines:
    """Return the rows a tabular list gives once 7th characters are spread."""
    numbers, extensions = assign(tabular.nodes)
    chars = ["".join(char for char, _ in pairs) for pairs in extensions]
    rows = Rows.spread(
        [node.code for node in tabular.nodes],
        [node.parent for node in tabular.nodes],
        [chars[number] if number >= 0 else "" for number in numbers],
    )
    found: dict[str, tuple[int, bool]] = {}
    for at, code in enumerate(rows.codes):
        order, sevenths = rows.first[at], rows.chars[at]
        found[code] = (order, rows.leaf[at] and not sevenths)
        for number, char in enumerate(sevenths, start=1):
            found[full_code(code, char)] = (order + number, True)
    return found


def check_fit(part: Part, known: Lines, *, label: str, lagging: bool) -> None:
    """Refuse a part that belongs to another release than the tabular list.

    Order file and POA list must agree row by row. Of the others nearly all codes must exist; an
    index of another year (`lagging`), which a person asked for, is held to nothing.
    """
    match part.value:
        case OrderFile():
            _check_order(part, part.value, known, label)
        case PoaExempt():
            _check_poa(part, part.value, known, label)
        case CodeEdits() if not lagging:
            _check_share(
                part,
                (code for each in part.value.lists.values() for code in each),
                {code for code, (_, billable) in known.items() if billable},
                label,
            )
        case HccMap():
            _check_share(
                part,
                (code for each in part.value.models.values() for code in each),
                known.keys(),
                label,
            )
        case Index() if not lagging:
            _check_share(
                part,
                (code for path in part.value.paths() for code in path.codes),
                known.keys(),
                label,
            )


def _check_order(part: Part, order: OrderFile, known: Lines, label: str) -> None:
    expected = ((code, billable) for code, (_, billable) in known.items())
    for number, (found, wanted) in enumerate(zip(order.rows, expected, strict=False), start=1):
        if found != wanted:
            raise ImportRefusedError(
                f"{part.name} does not belong to the tabular list of {label}: row {number:05d} is "
                f"{_row(found)} in it, and {_row(wanted)} in the list. Import both from one "
                "release together."
            )
    if len(order.rows) != len(known):
        raise ImportRefusedError(
            f"{part.name} does not belong to the tabular list of {label}: it has "
            f"{len(order.rows):,} rows, the list {len(known):,}. Import both from one release "
            "together."
        )


def _row(row: tuple[str, bool]) -> str:
    return f"{row[0]} ({'billable' if row[1] else 'header'})"


def _check_poa(part: Part, exempt: PoaExempt, known: Lines, label: str) -> None:
    for code, order in exempt.orders.items():
        if known.get(code) != (order, True):
            raise ImportRefusedError(
                f"{part.name} does not belong to the tabular list of {label}: {code} is not its "
                f"billable row {order:05d}. Import both from one release together."
            )


def _check_share(part: Part, codes: Iterable[str], known: Iterable[str], label: str) -> None:
    named, there = set(codes), set(known)
    strange = sorted(named - there)
    if len(strange) > (1 - _LEAST_SHARE.get(part.kind, _LEAST_SHARE_ELSE)) * len(named):
        raise ImportRefusedError(
            f"{part.name} belongs to another release than {label}: {len(strange):,} of its "
            f"{len(named):,} codes are not in it, such as {strange[0]}. Import the file of {label}."
        )
