"""What every rule asks of a set of codes, worked out once per set and once per code."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from pipeline.model import Finding, Severity
from pipeline.validate.codeset import CodeSet, Ledger, Lists, Options, Role
from pipeline.validate.notes import Notes, notes_of
from pipeline.validate.selectors import Selectors
from taxonomy import Taxonomy

_CACHED_CODES = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the release says of one code, as far as the rules ask for it."""

    code: str
    order: int
    base: str
    title: str
    billable: bool
    parent: str
    notes: Notes


@lru_cache(maxsize=_CACHED_CODES)
def facts(code: str, taxonomy: Taxonomy) -> Facts | None:
    """Return the facts of a code in any spelling; None where the release has none such."""
    found = taxonomy.get(code)
    if found is None:
        return None
    return Facts(
        code=found.code,
        order=found.order,
        base=found.base,
        title=found.title.lower(),
        billable=found.billable,
        parent=found.parent or "",
        notes=notes_of(found.base, taxonomy.ancestors(found.base), taxonomy),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One set of codes, ready to be asked.

    `facts` are those of the codes the release has, each once, in the order of the claim, the
    first-listed before all, or in tabular order where nobody chose one; `place` gives the order
    somebody chose and is else empty; `hits` says which codes are in each set of the tables.
    """

    given: CodeSet
    taxonomy: Taxonomy
    lists: Lists
    options: Options
    ledger: Ledger
    facts: tuple[Facts, ...]
    place: Mapping[str, int]
    hits: Mapping[int, Sequence[str]]

    @classmethod
    def of(
        cls,
        given: CodeSet,
        taxonomy: Taxonomy,
        selectors: Selectors,
        *,
        lists: Lists,
        options: Options,
    ) -> "Context":
        """Work out what the rules ask for."""
        entries = sorted(given.entries, key=lambda entry: entry.role is not Role.PRINCIPAL)
        found_facts = [facts(entry.code, taxonomy) for entry in entries]
        present = [found for found in found_facts if found is not None]
        if not given.is_ordered:
            present.sort(key=lambda found: found.order)
        known = {found.code: found for found in present}
        hits: dict[int, list[str]] = {}
        for found in known.values():
            for number in selectors.of(found.code, found.order):
                hits.setdefault(number, []).append(found.code)
        place = {code: at for at, code in enumerate(known)} if given.is_ordered else {}
        return cls(
            given=given,
            taxonomy=taxonomy,
            lists=lists,
            options=options,
            ledger=Ledger(release=taxonomy.release.label),
            facts=tuple(known.values()),
            place=place,
            hits=hits,
        )

    @property
    def first(self) -> Facts | None:
        """The principal or first-listed code; None where there is none or no order."""
        return self.facts[0] if self.place else None

    def say(
        self,
        rule: str,
        severity: Severity,
        codes: tuple[str, ...],
        source: str,
        *detail: str,
    ) -> None:
        """Record a finding."""
        self.ledger.findings.append(
            Finding(
                rule=rule,
                severity=severity,
                codes=codes,
                source=source,
                release=self.ledger.release,
                detail=detail,
            )
        )

    def skip(self, rule: str, missing: str, source: str, codes: tuple[str, ...] = ()) -> None:
        """Record that a rule could not be asked for want of something."""
        self.ledger.unchecked.append(
            Finding(
                rule="not-checked",
                severity=Severity.INFO,
                codes=codes,
                source=source,
                release=self.ledger.release,
                detail=(f"rule={rule}", f"missing={missing}"),
            )
        )
