"""Ask every rule about a set of codes: `RuleBook.check`."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from pipeline.model import Finding, Severity
from pipeline.validate import (
    chapters,
    combine,
    conventions,
    eligibility,
    shapes,
    specifics,
    structure,
)
from pipeline.validate.codeset import Checked, CodeEntry, CodeSet, Lists, Options, Role
from pipeline.validate.combine import Combination
from pipeline.validate.context import Context
from pipeline.validate.selectors import Selectors
from pipeline.validate.shapes import Table
from taxonomy import Taxonomy

_ORDER_RULES = "sequence"


@lru_cache(maxsize=8)
def _selectors(table: Table, taxonomy: Taxonomy) -> Selectors:
    return Selectors.compile(table.sets, taxonomy)


@dataclass(frozen=True, slots=True)
class RuleBook:
    """The rules with their tables; never changes."""

    table: Table
    combinations: tuple[Combination, ...]

    @classmethod
    def read(cls) -> "RuleBook":
        """Read the tables from `resources/rules`."""
        return cls(shapes.read(), combine.read())

    def check(
        self,
        given: CodeSet,
        taxonomy: Taxonomy,
        *,
        lists: Lists | None = None,
        options: Options | None = None,
    ) -> Checked:
        """Return what the rules find, which passed, and which could not be asked.

        Pure: the same set, release, lists and options give the same answer. Findings on the
        codes by themselves come first, in the order of the claim.
        """
        return self.run(self.context(given, taxonomy, lists=lists, options=options))

    def context(
        self,
        given: CodeSet,
        taxonomy: Taxonomy,
        *,
        lists: Lists | None = None,
        options: Options | None = None,
    ) -> Context:
        """Make a set of codes ready to be asked; one context is run once."""
        return Context.of(
            given,
            taxonomy,
            _selectors(self.table, taxonomy),
            lists=lists or Lists(),
            options=options or Options(),
        )

    def run(self, context: Context) -> Checked:
        """Ask every rule."""
        codes = [entry.code for entry in context.given.entries]
        self._by_themselves(context, codes if context.given.is_ordered else sorted(codes))
        if not context.place and context.facts:
            context.skip(_ORDER_RULES, "order", "guideline II")
        _release(context)
        _unread(context)
        conventions.run(context)
        specifics.run(context, self.combinations)
        shapes.run(context, self.table)
        chapters.run(context)
        eligibility.run(context)
        return context.ledger.close()

    def check_codes(self, codes: Sequence[str], taxonomy: Taxonomy) -> Checked:
        """Ask the rules on codes by themselves and type 1 excludes, in the order given."""
        entries = tuple(CodeEntry(code=code, role=Role.UNORDERED) for code in codes)
        context = self.context(CodeSet(entries=entries), taxonomy)
        self._by_themselves(context, codes)
        _unread(context)
        return context.ledger.close()

    @staticmethod
    def _by_themselves(context: Context, codes: Sequence[str]) -> None:
        ledger = context.ledger
        for rule in structure.asked(context.taxonomy):
            ledger.look(rule, len(codes))
        found = structure.structure(codes, context.taxonomy)
        ledger.findings += found
        known = sorted(fact.code for fact in context.facts)
        ledger.look("excludes1.V06", len(known))
        excludes = conventions.excludes1(known, context.taxonomy)
        ledger.findings += excludes
        for rule in {finding.rule for finding in (*found, *excludes)}:
            number = structure.IDS.get(rule) or conventions.IDS[rule]
            ledger.looked.pop(f"{rule}.{number}", None)


def _unread(context: Context) -> None:
    """Name the notes on these codes that only a person can read."""
    readers: dict[tuple[str, str], list[str]] = {}
    for found in context.facts:
        for note in found.notes.unread:
            readers.setdefault(note, []).append(found.code)
    for (source, reason), codes in readers.items():
        context.ledger.unchecked.append(
            Finding(
                rule="read-manually",
                severity=Severity.INFO,
                codes=tuple(codes),
                source=source,
                release=context.ledger.release,
                detail=(f"reason={reason}",),
            )
        )


def _release(context: Context) -> None:
    """Say where the day lies outside the release the codes were looked up in (V04)."""
    day, release = context.given.day, context.taxonomy.release
    if day is None:
        context.skip("release-missing.V04", "date", "guideline introduction")
        return
    context.ledger.look("release-missing", len(context.facts))
    if not release.effective_from <= day <= release.effective_to:
        context.say("release-missing", Severity.QUERY, (), "guideline introduction")
