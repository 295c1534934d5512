"""FY2027 before its official files are at hand: FY2026 and the plain facts of what changed.

`resources/rules/fy2027.csv` says which codes became billable, became headers, were deleted or
were demoted to a header on 2026-10-01, with the titles of the new ones. Notes, index and the
titles of old codes are still those of FY2026, so every answer from here is provisional. The
totals that come out are the published ones (98,403 rows, 74,879 billable).
"""

import csv
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib.resources import files
from io import StringIO

from taxonomy.model import Release, TaxonomyError
from taxonomy.source import FY2026, Totals
from taxonomy.tabular import Node, Tabular

FY2027_TOTALS = Totals(rows=98_403, billable=74_879)
FY2027 = "FY2027"
"""The label of the official release, which takes the place of the provisional one."""
_LABEL = "FY2027-provisional"
_COLUMNS = ["code", "change", "title", "before"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One fact: `kind` is billable, header, deleted, demoted, retitled or term-moved.

    A new code without a title is made by a 7th character, and needs no node of its own.
    `before` names the code it stands before where that is not the order of letters (F2 in
    K74.0A stands between F1 and F3); for a moved term `title` is the term that left the code.
    """

    code: str
    kind: str
    title: str
    before: str


@cache
def changes() -> tuple[Change, ...]:
    """Return the facts of FY2027 in the order of their codes."""
    rows = csv.reader(StringIO(_facts().decode("utf-8")))
    if next(rows) != _COLUMNS:
        raise TaxonomyError(
            "The facts of FY2027 that come with the program are damaged; reinstall."
        )
    return tuple(
        Change(code=code, kind=kind, title=title, before=before)
        for code, kind, title, before in rows
    )


@cache
def billable_changes() -> Mapping[str, bool]:
    """Return the codes whose validity changed on the first day of FY2027: True for the new ones."""
    kinds = {"billable": True, "deleted": False, "demoted": False}
    return {fact.code: kinds[fact.kind] for fact in changes() if fact.kind in kinds}


@cache
def provisional_release() -> Release:
    """Return the release FY2027 as it can be derived; its digest covers list and facts."""
    return Release(
        label=_LABEL,
        effective_from=date(2026, 10, 1),
        effective_to=date(2027, 9, 30),
        digest=hashlib.sha256(FY2026.digest.encode() + _facts()).hexdigest(),
        source=f"{FY2026.source}, with the code changes of October 1 2026",
        provisional=True,
    )


def apply_changes(tabular: Tabular, facts: Iterable[Change]) -> Tabular:
    """Return the list with nodes added, removed, renamed; TaxonomyError where a fact has no place.

    A demotion needs nothing: the new codes below make a header of it.
    """
    tree = _Tree(tabular)
    for fact in sorted(facts, key=lambda fact: (len(fact.code), fact.code)):
        if fact.kind in {"billable", "header"} and fact.title:
            tree.add(fact)
        elif fact.kind == "deleted":
            tree.remove(fact.code)
        elif fact.kind == "retitled":
            tree.node(fact.code).title = fact.title
        elif fact.kind == "term-moved":
            tree.drop_term(fact)
    return replace(tabular, nodes=tree.flatten())


class _Tree:
    """The nodes of a list with their children by code, "" for the categories."""

    def __init__(self, tabular: Tabular) -> None:
        self._nodes = {node.code: replace(node, notes=list(node.notes)) for node in tabular.nodes}
        self._children: dict[str, list[str]] = {"": []}
        for node in tabular.nodes:
            parent = tabular.nodes[node.parent].code if node.parent >= 0 else ""
            self._children.setdefault(parent, []).append(node.code)

    def node(self, code: str) -> Node:
        """Return a node; TaxonomyError where the list has none such."""
        found = self._nodes.get(code)
        if found is None:
            raise TaxonomyError(f"{code}, which changed in FY2027, is not in the list it changed.")
        return found

    def drop_term(self, fact: Change) -> None:
        """Take an inclusion term away from a code."""
        node = self.node(fact.code)
        left = [note for note in node.notes if note != ("inclusion_term", fact.title)]
        if len(left) == len(node.notes):
            raise TaxonomyError(f"{fact.code} has no term {fact.title!r} that could have moved.")
        node.notes = left

    def add(self, fact: Change) -> None:
        """Put a new code among its siblings; a category joins the section before it."""
        parent = fact.code[:-1].removesuffix(".") if len(fact.code) > len("A00") else ""
        siblings = self._children.setdefault(parent, [])
        at = next(
            (
                n
                for n, code in enumerate(siblings)
                if (code == fact.before if fact.before else code > fact.code)
            ),
            len(siblings),
        )
        neighbour = self.node(parent or siblings[at - 1])
        self._nodes[fact.code] = Node(
            code=fact.code,
            title=fact.title,
            parent=-1,
            section=neighbour.section,
            notes=[],
            sevenths=None,
        )
        siblings.insert(at, fact.code)

    def remove(self, code: str) -> None:
        """Take a node out; one that a 7th character makes goes with its base."""
        if self._nodes.pop(code, None) is not None:
            self._children[code[:-1].removesuffix(".")].remove(code)

    def flatten(self) -> list[Node]:
        """Return the nodes in tabular order with the places of their parents."""
        ordered: list[Node] = []

        def walk(code: str, parent: int) -> None:
            here = len(ordered)
            ordered.append(replace(self._nodes[code], parent=parent))
            for child in self._children.get(code, ()):
                if child in self._nodes:
                    walk(child, here)

        for code in self._children[""]:
            walk(code, -1)
        return ordered


def _facts() -> bytes:
    return files("resources").joinpath("rules", "fy2027.csv").read_bytes()
