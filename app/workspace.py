"""What a person does with a store, as calls without Qt: look, open, decide, undo, find codes.

A `Workspace` is made and used on one thread (the store's), except `encoder` and what `figures` says
of itself. Taxonomy and encoder are loaded when first needed, so that the worklist is on the screen
before them. What it returns are whole frozen values; a widget never sees the store.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial

from app.chatdesk import ChatDesk
from app.figures import Figures
from app.hand import Hand
from app.handout import Outlet
from app.hcc import Categories
from app.opencase import OpenCase, open_case
from app.seat import Seat, Signature
from app.shelf import Shelf
from app.signoff import Summary, summarise
from app.worklist import NO_FILTER, Filter, Roll, Worklist
from audit import AuditError, AuditEvent, Case, Decision, Store
from audit.handling import Handling
from audit.texts import texts_of
from pipeline.model import Provenance
from pipeline.validate import Validator
from taxonomy import Encoder, Taxonomy

__all__ = ["OpenCase", "Workspace"]


class Workspace:
    """A store with the classification its codes are read in.

    `load_taxonomy` and `load_encoder` are called when first needed: the one once for each release,
    with the provenance of a result that was made in it, or None for the newest; the other once, to
    make the encoder over the newest. `load_validator` gives the rules with the lists imported for
    a release. `load_categories` is None unless payment categories are to be shown. `chat` is the
    page of the chat model, where there are settings to change.
    """

    def __init__(
        self,
        *,
        store: Store,
        load_taxonomy: Callable[[Provenance | None], Taxonomy],
        load_encoder: Callable[[Taxonomy], Encoder],
        load_validator: Callable[[Taxonomy], Validator] = lambda _codes: Validator.read(),
        load_categories: Callable[[], Categories] | None = None,
        chat: ChatDesk | None = None,
    ) -> None:
        self._store = store
        self.chat = chat
        self.seat = Seat(store)
        self.uses = Handling(store)
        self._shelf = Shelf(
            load_taxonomy=load_taxonomy,
            load_encoder=load_encoder,
            load_validator=load_validator,
            load_categories=load_categories,
        )
        self.outlet = Outlet(store, title=self._shelf.title)
        self._seen: dict[str, int] = {}
        self._hand = Hand(store)
        self._latest: OpenCase | None = None
        self._roll = Roll()
        self.figures = Figures(store, self._shelf, self._roll)

    @property
    def notice(self) -> str | None:
        """Return what the person should know of the store, or None."""
        return self._store.notice

    def worklist(self, chosen: Filter = NO_FILTER, *, sort: bool = False) -> Worklist:
        """Return the cases under a filter, with what any process has recorded up to now.

        Lines keep their order, new cases among them, until another is chosen or `sort` asks.
        """
        self._roll.follow(self._store)
        self._roll.changed = False
        if sort:
            self._roll.sort()
        return self._roll.select(chosen)

    def news(self) -> bool:
        """Take in what any process has recorded; say whether the worklist read last is out of date.

        That is said until it is read again, whichever question took the change in.
        """
        self._roll.follow(self._store)
        return self._roll.changed

    def open(self, case_id: str) -> OpenCase:
        """Return a case with all that is shown of it; that it was opened is recorded."""
        self._hand.leave(case_id)
        return self._opened(self._store.view(case_id))

    def look(self, case_id: str) -> OpenCase:
        """Return a case as it stands without recording that it was seen: to have it at hand."""
        return self._opened(self._store.case(case_id))

    def summary(self, case_id: str) -> Summary:
        """Return what would be submitted of a case now, and what speaks against it."""
        case = self._store.case(case_id)
        taxonomy = self._shelf.taxonomy(case.result)
        return summarise(case, taxonomy, self._shelf.validator(taxonomy))

    def submit(self, case_id: str, seen: Summary, signature: Signature) -> OpenCase:
        """Sign a case off as the summary shows it; AuditError where it no longer stands so."""
        now = self.summary(case_id)
        if now.errors or now.submit() != seen.submit():
            raise AuditError(
                "The case has changed since the summary was opened. Open it again and look."
            )
        return self._act(case_id, partial(self.seat.submit, case_id, seen.submit(), signature))

    def second(self, case_id: str, signature: Signature) -> OpenCase:
        """Sign a submitted case as a second person who had no hand in it."""
        return self._opened(self.seat.second(case_id, signature))

    def reopen(self, case_id: str, reason: str) -> OpenCase:
        """Open a submitted case again; what was signed stays."""
        return self._act(case_id, partial(self.seat.reopen, case_id, reason))

    def decide(self, case_id: str, decision: Decision) -> OpenCase:
        """Record a decision and return the case after it.

        StaleError where others changed the case since it was last handed out here; ClaimedError
        where another person has it in hand. On a store that others work on, the first act takes
        the case in hand, and opening another one lets it go.
        """
        return self._act(case_id, partial(self._store.decide, case_id, decision))

    def undo(self, case_id: str) -> OpenCase:
        """Take back the last decision; that is an event too."""
        return self._act(case_id, partial(self._store.undo, case_id))

    def redo(self, case_id: str) -> OpenCase:
        """Do again what was taken back."""
        return self._act(case_id, partial(self._store.redo, case_id))

    def searched(self, text: str) -> None:
        """Record that the worklist was searched for `text`, with the number of cases found."""
        self._roll.follow(self._store)
        self.uses.searched(text, found=self._roll.select(Filter(text=text)).total)

    def texts(self, event: AuditEvent) -> Mapping[str, str]:
        """Return by commitment the texts an event of a case refers to: reasons, prompts, replies.

        Not those of `encounter.received`: the notes are in the case.
        """
        return {} if event.kind == "encounter.received" else texts_of(self._store.door, event)

    def encoder(self) -> Encoder:
        """Return what finds codes and opens pages; may be called and asked on any thread."""
        return self._shelf.encoder()

    def close(self) -> None:
        """Let go of the store, and of the case in hand where that can be said."""
        with suppress(AuditError):
            self._hand.let_go()
        self._store.close()

    def _act(self, case_id: str, act: Callable[..., Case]) -> OpenCase:
        """Do something to a case as it was last handed out, and return it."""
        seen = self._seen.get(case_id)
        self._hand.take(case_id, seen=seen)
        case = act(seen=seen)
        self._hand.after(case)
        return self._opened(case)

    def _opened(self, case: Case) -> OpenCase:
        self._seen[case.case_id] = case.version
        self._latest = open_case(
            case,
            self._store.events(case.case_id),
            self._shelf.taxonomy(case.result),
            badges=self._shelf.badges(case),
            before=self._latest,
        )
        return self._latest
