"""What the program makes of encounters: analyses, and failures to come to one."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from audit import log
from audit.change import Change, case_of
from audit.door import PROGRAM, Door
from audit.encoded import Encoded
from audit.encounters import content_digest, encode_encounter
from audit.events import AnalysisFailed, InputRefused, RequestedBy
from audit.results import provenance_json, start_of
from audit.review import project
from pipeline.model import CodingResult, Encounter, Provenance


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What became of a piece of work; `reason`: new-case, new-analysis, failed or repeated."""

    case_id: str
    added: bool
    reason: str


class Analyses:
    """The analyses of one store: what is known of a piece of work, and what is added to it.

    A piece of work is what an encounter says, analysed with one provenance.
    """

    def __init__(self, door: Door) -> None:
        self._door = door

    def content_key(self, encounter: Encounter) -> str:
        """Return the keyed digest of what an encounter says, without where it was read from."""
        return content_digest(encounter, self._door.secret)

    def work(self, content: str, provenance: Provenance) -> str:
        """Return the keyed digest of a piece of work on what has this content key."""
        return self._door.secret.digest("work", content + provenance_json(provenance))

    def shows(self, encounter: Encounter, provenance: Provenance) -> str | None:
        """Return the case that shows this work already, so that `add` would add nothing."""
        work = self.work(self.content_key(encounter), provenance)
        with self._door.reading() as connection:
            case_id = case_of(connection, encounter)
            if case_id is None:
                return None
            review = project(log.read(connection, case_id=case_id), case_id=case_id)
        return case_id if work in review.works else None

    def add(self, encounter: Encounter, result: CodingResult | Encoded) -> Recorded:
        """Append an analysis; see `Store.record`."""
        encoded = result if isinstance(result, Encoded) else Encoded.of(result, encounter)
        encoded.insist(encounter)
        content = self.content_key(encounter)
        work = self.work(content, encoded.provenance)

        def command(change: Change) -> Recorded:
            case_id, fresh = change.case_of(encounter)
            review = change.review(case_id)
            if work in review.works:
                return Recorded(case_id=case_id, added=False, reason="repeated")
            received = self.receive(change, case_id, encounter, content)
            started = start_of(encoded.provenance, work=work, by=self._door.actor)
            if received or review.running != (started,):
                change.emit(started, case_id=case_id, actor=PROGRAM)
            for data, text in zip(encoded.stages.in_order(), encoded.texts, strict=True):
                change.emit(data, case_id=case_id, actor=PROGRAM, written=text)
            reason = "new-case" if fresh else "new-analysis"
            return Recorded(case_id=case_id, added=True, reason=reason)

        return self._door.execute(command)

    def fail(
        self, encounter: Encounter | None, *, source: str, errors: Sequence[str], reason: str
    ) -> Recorded:
        """Append that there is none; see `Store.record_failure`."""
        named = encounter or Encounter(encounter_id=source, notes=())
        content = "" if encounter is None else self.content_key(encounter)
        work = self._door.secret.digest(
            "failure", json.dumps([content, source, list(errors), reason])
        )

        def command(change: Change) -> Recorded:
            case_id, _ = change.case_of(named)
            if work in change.review(case_id).works:
                return Recorded(case_id=case_id, added=False, reason="repeated")
            if encounter is not None:
                self.receive(change, case_id, encounter, content)
            failed = AnalysisFailed(
                work=work,
                requested_by=RequestedBy(kind=self._door.actor.kind.value, id=self._door.actor.id),
                reason=reason,
                count=len(errors),
                errors=change.seal(json.dumps(list(errors))),
            )
            if encounter is None:
                failed = InputRefused(**dict(failed), source=change.seal(source))
            change.emit(failed, case_id=case_id, actor=PROGRAM)
            return Recorded(case_id=case_id, added=True, reason="failed")

        return self._door.execute(command)

    def receive(self, change: Change, case_id: str, encounter: Encounter, content: str) -> bool:
        """Append the wording of an encounter, unless the case's newest one is the same."""
        review = change.review(case_id)
        received = review.received
        if received and received[-1].content == content and not review.disposed:
            return False
        data = encode_encounter(
            encounter,
            revision=len(received) + 1,
            content=content,
            secret=self._door.secret,
            seal=change.seal,
        )
        change.name(case_id, encounter)
        change.emit(data, case_id=case_id, actor=PROGRAM)
        return True
