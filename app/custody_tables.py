"""What the commands on recorded work show, as rich tables; `app.custody_commands` prints them."""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from app.present import Json
from app.tables import plain_table
from audit.disposal import Kept
from audit.governance import Role
from audit.people import Person

if TYPE_CHECKING:  # it brings the engine with it, which the other tables do without
    from app.replay import Again

_FEW = 12
"""Codes, or passes, of a long list that a terminal is given."""


def replayed(rows: "Sequence[Again]", figures: Json) -> list[RenderableType]:
    """Return one row for each pass that is not simply the same, then the counts."""
    table = plain_table("Encounter", "Pass", "Outcome", "Codes", "Lane")
    for each in rows:
        if each.difference is None or not each.difference.same or each.stray:
            table.add_row(*_told(each))
    counts = plain_table("Replayed", "", right=1)
    for name in ("passes", "same", "changed_codes", "changed_lanes", "changed_otherwise"):
        counts.add_row(name.replace("_", " "), str(figures[name]))
    counts.add_row("unexplained", str(figures["unexplained"]))
    for title in ("not_replayed", "gained", "lost", "lanes", "provenance"):
        found = figures[title]
        assert isinstance(found, dict)
        for name, number in islice(found.items(), _FEW):
            counts.add_row(f"{title.replace('_', ' ')}: {name}", str(number))
        if len(found) > _FEW:
            counts.add_row(f"{title}: others", str(len(found) - _FEW))
    return [table, counts] if table.row_count else [counts]


def kept(rows: Iterable[Kept]) -> Table:
    """Return one row a case: how many texts it has, until when they stay, whether they are held."""
    table = plain_table("Case", "Texts", "Kept until", "Hold")
    for each in rows:
        until = "for ever" if each.due is None else each.due.isoformat()
        table.add_row(each.case_id, str(each.texts), until, "yes" if each.on_hold else "")
    return table


def people(known: Iterable[Person]) -> Table:
    """Return one row a person: name, roles, and the public signing key."""
    table = plain_table("Person", "Name", "Roles", "Signing key")
    for each in known:
        roles = ", ".join(role for role in Role if role in each.roles)
        table.add_row(Text(each.id), Text(each.name), roles, each.key or "none")
    return table


def _told(each: "Again") -> tuple[Text, str, str, str, str]:
    name = Text(each.past.encounter.encounter_id)
    number = str(each.past.number)
    found = each.difference
    outcome = each.reason.replace("-", " ")
    if found is not None:
        outcome = "same" if found.same else f"differs in {', '.join(found.parts)}"
        if found.unexplained:
            outcome += ", and nothing that decides it is another"
    if each.stray:
        outcome += f"; not what its events give: {', '.join(each.stray)}"
    if found is None:
        return name, number, outcome, "", ""
    codes = " ".join([*(f"+{code}" for code in found.gained), *(f"−{code}" for code in found.lost)])
    return name, number, outcome, codes, " → ".join(found.lane) if found.lane else ""
