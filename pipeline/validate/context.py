"""What every rule asks of a set of codes, worked out once per set and once per code."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from pipeline.model import Finding, Severity
from pipeline.validate.codeset import CodeSet, Ledger, Lists, Options, Role
from pipeline.validate.selectors import Selectors
from taxonomy import TabularNote, Taxonomy

_CACHED_CODES = 20_000
_OPTIONAL = ("applicable", "if known", "such as")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointing:
    """A note that points to other codes: where it stands, and the rows it names.

    `optional` says that the note or the heading above it asks only where it applies or is known,
    or gives examples. `bounds` is flat: first row, row after the last, first row, …, sorted
    and disjoint.
    """

    source: str
    level: str
    optional: bool
    bounds: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the release says of one code, as far as the rules ask for it.

    `excluded` are the rows that its type 1 excludes notes name, as the bounds of `Pointing`.
    """

    code: str
    order: int
    base: str
    title: str
    billable: bool
    parent: str
    excluded: tuple[int, ...]
    code_first: tuple[Pointing, ...]
    use_additional: tuple[Pointing, ...]


@lru_cache(maxsize=_CACHED_CODES)
def facts(code: str, taxonomy: Taxonomy) -> Facts | None:
    """Return the facts of a code in any spelling; None where the release has none such."""
    found = taxonomy.get(code)
    if found is None:
        return None
    excluded, code_first, use_additional = _notes(found.base, taxonomy)
    return Facts(
        code=found.code,
        order=found.order,
        base=found.base,
        title=found.title.lower(),
        billable=found.billable,
        parent=found.parent or "",
        excluded=excluded,
        code_first=code_first,
        use_additional=use_additional,
    )


@lru_cache(maxsize=_CACHED_CODES)
def _notes(
    base: str, taxonomy: Taxonomy
) -> tuple[tuple[int, ...], tuple[Pointing, ...], tuple[Pointing, ...]]:
    """Return what the notes of a code point to; its 7th characters change none of it."""
    by_kind: dict[str, list[TabularNote]] = {}
    for note in taxonomy.notes(base, "excludes1", "code_first", "use_additional"):
        by_kind.setdefault(note.kind, []).append(note)
    return (
        _rows(by_kind.get("excludes1", ()), taxonomy),
        _pointing(by_kind.get("code_first", ()), taxonomy),
        _pointing(by_kind.get("use_additional", ()), taxonomy),
    )


def _rows(notes: Sequence[TabularNote], taxonomy: Taxonomy) -> tuple[int, ...]:
    spans: list[tuple[int, int]] = []
    for note in notes:
        spans += _spans(note, taxonomy)
    merged: list[int] = []
    for low, high in sorted(spans):
        if merged and low <= merged[-1]:
            merged[-1] = max(merged[-1], high)
        else:
            merged += [low, high]
    return tuple(merged)


def _pointing(notes: Sequence[TabularNote], taxonomy: Taxonomy) -> tuple[Pointing, ...]:
    found = []
    leads: dict[str, bool] = {}
    for note in notes:
        optional = any(words in note.text for words in _OPTIONAL)
        # A heading such as "code, if applicable, to identify:" speaks for the notes below it.
        if note.text.endswith(":"):
            leads[note.node] = optional
        spans = _spans(note, taxonomy)
        if spans:
            found.append(
                Pointing(
                    source=f"tabular {note.node} {note.kind} {note.number}",
                    level=note.level,
                    optional=optional or leads.get(note.node, False),
                    bounds=tuple(edge for span in spans for edge in span),
                )
            )
    return tuple(found)


def _spans(note: TabularNote, taxonomy: Taxonomy) -> list[tuple[int, int]]:
    """Return the rows a note names as half-open ranges, so that one bisection answers."""
    bounds = taxonomy.targets(note).bounds
    return [(low, high + 1) for low, high in zip(bounds[::2], bounds[1::2], strict=True)]


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
