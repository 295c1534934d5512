"""What a person does with a store, as calls without Qt: look, open, decide, undo, find codes.

A `Workspace` is made and used on one thread (the store's), except `find_codes`, `code_page` and
`index_line`, which touch the taxonomy alone. Taxonomy and encoder are loaded when first needed, so
that the worklist is on the screen before them. What it returns are whole frozen values; a widget
never sees the store.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock

from app.hcc import Badge, Categories
from app.worklist import NO_FILTER, Filter, Roll, Worklist
from audit import AuditEvent, Case, Decision, Store
from pipeline.model import CodingResult, Finding, Provenance
from pipeline.validate import message, words_of
from taxonomy import CodePage, Encoder, Hit, IndexLine, Taxonomy


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCase:
    """All the window shows of a case: its state, its events, titles and findings in words.

    `headers` are the codes of the case that are categories of the release, not to be assigned;
    `badges` are their payment categories, where a person wants to see them.
    """

    case: Case
    events: tuple[AuditEvent, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)
    messages: Mapping[Finding, str] = field(default_factory=dict)
    headers: frozenset[str] = frozenset()
    badges: Mapping[str, Badge] = field(default_factory=dict)

    def title(self, code: str) -> str:
        """Return the title of a code of this case, empty where the release has none such."""
        return self.titles.get(code, "")


class Workspace:
    """A store with the classification its codes are read in.

    `load_taxonomy` and `load_encoder` are called when first needed: the one once for each release,
    with the provenance of a result that was made in it, or None for the newest; the other once, to
    make the encoder over the newest. `load_categories` is None unless payment categories are to be
    shown.
    """

    def __init__(
        self,
        *,
        store: Store,
        load_taxonomy: Callable[[Provenance | None], Taxonomy],
        load_encoder: Callable[[Taxonomy], Encoder],
        load_categories: Callable[[], Categories] | None = None,
    ) -> None:
        self._store = store
        self._load_taxonomy = load_taxonomy
        self._load_encoder = load_encoder
        self._load_categories = load_categories
        self._categories: Categories | None = None
        self._taxonomies: dict[tuple[str, str], Taxonomy] = {}
        self._roll = Roll()
        self._encoder: Encoder | None = None
        self._loading = Lock()
        self._searching = Lock()

    @property
    def notice(self) -> str | None:
        """Return what the person should know of the store, or None."""
        return self._store.notice

    def worklist(self, chosen: Filter = NO_FILTER, *, sort: bool = False) -> Worklist:
        """Return the cases under a filter, with what any process has recorded up to now.

        Lines keep their order until there are new cases, another order is chosen, or `sort` asks.
        """
        self._roll.merge(*self._store.changes(since=self._roll.known))
        if sort:
            self._roll.sort()
        return self._roll.select(chosen)

    def open(self, case_id: str) -> OpenCase:
        """Return a case with all that is shown of it; that it was opened is recorded."""
        return self._opened(self._store.view(case_id))

    def decide(self, case_id: str, decision: Decision) -> OpenCase:
        """Record a decision and return the case after it."""
        return self._opened(self._store.decide(case_id, decision))

    def undo(self, case_id: str) -> OpenCase:
        """Take back the last decision; that is an event too."""
        return self._opened(self._store.undo(case_id))

    def redo(self, case_id: str) -> OpenCase:
        """Do again what was taken back."""
        return self._opened(self._store.redo(case_id))

    def find_codes(self, text: str, *, limit: int) -> tuple[Hit, ...]:
        """Find codes by words or by code, best first; may be called on any thread."""
        return self._codes().search(text, limit=limit)

    def code_page(self, code: str) -> CodePage:
        """Return the page of a code in the tabular list; may be called on any thread."""
        return self._codes().page(code)

    def index_line(self, kind: str, number: int) -> IndexLine:
        """Return a line of the index and what it leads to; may be called on any thread."""
        return self._codes().line(kind, number)

    def close(self) -> None:
        """Let go of the store."""
        self._store.close()

    def _codes(self) -> Encoder:
        with self._searching:
            if self._encoder is None:
                self._encoder = self._load_encoder(self._classification(None))
            return self._encoder

    def _classification(self, result: CodingResult | None) -> Taxonomy:
        """Return the release a result was made with; the newest complete one without a result."""
        origin = None if result is None else result.provenance
        key = ("", "") if origin is None else (origin.release, origin.taxonomy_digest)
        with self._loading:
            if key not in self._taxonomies:
                self._taxonomies[key] = self._load_taxonomy(origin)
            return self._taxonomies[key]

    def _opened(self, case: Case) -> OpenCase:
        taxonomy = self._classification(case.result)
        found = [entry for code in codes_of(case) if (entry := taxonomy.get(code)) is not None]
        return OpenCase(
            case=case,
            events=self._store.events(case.case_id),
            titles={entry.code: entry.title for entry in found},
            messages={item: _said(item, case, taxonomy) for item in _findings(case.result)},
            headers=frozenset(entry.code for entry in found if not entry.billable),
            badges=self._badges(case),
        )

    def _badges(self, case: Case) -> dict[str, Badge]:
        """Return the payment categories of the codes to assign, where they are wanted."""
        if self._load_categories is None:
            return {}
        if self._categories is None:
            self._categories = self._load_categories()
        day = None if case.encounter is None else case.encounter.decisive_day
        known = ((row.code, self._categories.badge(row.code, day)) for row in case.assigned)
        return {code: badge for code, badge in known if badge is not None}


def codes_of(case: Case) -> frozenset[str]:
    """Return every code that is shown somewhere in a case."""
    codes = {row.code for row in case.assigned}
    codes |= {row.replaced_by for row in case.assigned if row.replaced_by}
    if case.result is not None:
        codes |= {item.code for item in case.result.excluded}
        codes |= {
            candidate.code for item in case.result.suggestions for candidate in item.candidates
        }
    return frozenset(codes)


def _said(finding: Finding, case: Case, taxonomy: Taxonomy) -> str:
    """Return the sentence of a finding, with the words of the notes it points to."""
    quoted = (case.encounter.quote(span) for span in words_of(finding, case.encounter))
    words = ", ".join(f"“{' '.join(quote.split())}”" for quote in quoted)
    sentence = message(finding, taxonomy)
    return f"{sentence} The words: {words}." if words else sentence


def _findings(result: CodingResult | None) -> tuple[Finding, ...]:
    if result is None:
        return ()
    return (*result.findings, *(f for item in result.suggestions for f in item.findings))
