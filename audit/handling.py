"""What people do with the record of a store itself; every call is an event."""

from audit.case import Case
from audit.change import Change
from audit.checkpoints import Kept
from audit.choice import Choice
from audit.model import AuditError
from audit.people import Right
from audit.results import encode_span
from audit.signednote import PublicKey
from audit.store import Store
from audit.uses import (
    CasesSearched,
    CheckpointIssued,
    NoteViewed,
    RecordExported,
    TextCopied,
)
from pipeline.model import EvidenceSpan


class Handling:
    """Seeing, searching, copying and handing out what one store holds."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def note_seen(self, case_id: str, note_id: str) -> None:
        """Record that a note was before the person, in its newest wording.

        AuditError where no wording of the case has such a note.
        """

        def command(change: Change) -> None:
            change.require(Right.READ)
            case = change.case(case_id)
            # Another program may have brought a wording without it while it was read.
            for revision in range(len(case.encounters), 0, -1):
                ids = [note.note_id for note in case.encounters[revision - 1].notes]
                if note_id in ids:
                    data = NoteViewed(revision=revision, note=ids.index(note_id))
                    change.emit(data, case_id=case_id)
                    return
            raise AuditError(f"The case {case_id} has no such note. Nothing was recorded.")

        self._store.door.execute(command)

    def copied(self, case_id: str, *spans: EvidenceSpan, revision: int | None = None) -> bool:
        """Record that words were copied at once, unless they lie in one quote of the evidence.

        `spans` lie in the wording `revision` of the case, the newest where it is not given.
        """

        def command(change: Change) -> bool:
            change.require(Right.READ)
            case = change.case(case_id)
            wording = len(case.encounters) if revision is None else revision
            for quote in quotes(case, wording):
                if all(_within(span, quote) for span in spans):
                    return False
            for span in spans:
                place = encode_span(span, case.encounters[wording - 1])
                change.emit(TextCopied(revision=wording, span=place), case_id=case_id)
            return True

        return self._store.door.execute(command)

    def searched(self, text: str, *, found: int) -> None:
        """Record that the worklist was searched; the words are kept apart from the chain."""

        def command(change: Change) -> None:
            change.require(Right.READ)
            change.emit(CasesSearched(query=change.seal(text), found=found), case_id=None)

        self._store.door.execute(command)

    def leaves(self, form: str, choice: Choice, *, texts: bool, cases: tuple[str, ...]) -> None:
        """Record that cases are about to leave the store; call before the first byte does.

        AuditError where the person may not hand out what the record holds.
        """

        def command(change: Change) -> None:
            change.require(Right.EXPORT)
            data = RecordExported(
                form=form,
                texts=texts,
                cases=len(cases),
                chosen=cases if choice.cases else (),
                lane=choice.lane,
                coder=choice.coder,
                first_day=None if choice.first is None else choice.first.isoformat(),
                last_day=None if choice.last is None else choice.last.isoformat(),
            )
            change.emit(data, case_id=cases[0] if len(cases) == 1 else None)

        self._store.door.execute(command)

    def checkpoint(self) -> tuple[Kept, PublicKey]:
        """Sign the log as it is and record that the checkpoint was handed out."""
        self._store.door.people().role_for(self._store.door.actor.id, Right.CHECK)
        checkpoints, key = self._store.door.vouched()
        kept = checkpoints[-1]

        def command(change: Change) -> None:
            change.require(Right.CHECK)
            data = CheckpointIssued(size=kept.checkpoint.size, root=kept.checkpoint.root.hex())
            change.emit(data, case_id=None)

        self._store.door.execute(command)
        return kept, key.public


def quotes(case: Case, revision: int) -> frozenset[EvidenceSpan]:
    """Return the words of one wording that are evidence of a case, by place."""
    found = {span for row in case.assigned if row.revision == revision for span in row.evidence}
    if case.result is not None and revision == len(case.encounters):
        found |= {trace.mention.span for trace in case.result.traces}
    return frozenset(found)


def _within(span: EvidenceSpan, quote: EvidenceSpan) -> bool:
    return span.note_id == quote.note_id and quote.start <= span.start and span.end <= quote.end
