"""What became of one case, in numbers: the codes that were judged, when, and what waits.

Read from the log alone, without any text of a note.
"""

from dataclasses import dataclass

from audit import log
from audit.acts import CaseSubmitted
from audit.door import Door
from audit.lines import Origin, Status, lines
from audit.model import ActorKind
from audit.review import Review, State, project


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A suggested code that a person judged: with which confidence it came, and what they did."""

    code: str
    confidence: float
    status: Status

    @property
    def accepted(self) -> bool:
        """Return whether the code stayed."""
        return self.status in {Status.ACCEPTED, Status.ADDED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """One case in numbers; times are ISO 8601 in UTC, empty where it did not happen.

    `decisions` has time and person of every act on a code, those taken back later as well.
    `submitted` and `held` are when the case got into the state it is in.
    """

    case_id: str
    version: int
    judged: tuple[Judged, ...] = ()
    decisions: tuple[tuple[str, str], ...] = ()
    submitted: str = ""
    submitted_by: str = ""
    held: str = ""


def tally(door: Door, case_id: str) -> Tally:
    """Return the numbers of one case."""
    with door.reading() as connection:
        events = tuple(log.read(connection, case_id=case_id))
    review = project(events, case_id=case_id)
    last = {event.kind: event for event in events}
    submitted = last["case.submitted"] if review.state is State.SUBMITTED else None
    return Tally(
        case_id=case_id,
        version=review.version,
        judged=_judged(review),
        decisions=tuple(
            (event.ts, event.actor.id)
            for event in events
            if event.actor.kind is ActorKind.PERSON and event.kind.startswith("decision.")
        ),
        submitted=submitted.ts if submitted else "",
        submitted_by=submitted.actor.id if submitted else "",
        held=last["case.held"].ts if review.state is State.HELD else "",
    )


def _judged(review: Review) -> tuple[Judged, ...]:
    """Return the suggested codes with what was decided; a submission accepts those left open."""
    if review.current is None:
        return ()
    analysis = review.current.analysis
    confidence = {
        row[0]: float(routed[0])
        for row, routed in zip(
            analysis.validated.suggestions, analysis.routed.suggestions, strict=True
        )
    }
    signed: set[str] = set()
    if review.state is State.SUBMITTED:
        signed = {
            code
            for made in review.done
            if isinstance(made.data, CaseSubmitted)
            for code, _ in made.data.codes
        }
    judged = []
    for line in lines(review):
        status = (
            Status.ACCEPTED if line.status is Status.OPEN and line.code in signed else line.status
        )
        if (
            line.origin is Origin.SUGGESTED
            and status is not Status.OPEN
            and line.code in confidence
        ):
            judged.append(Judged(code=line.code, confidence=confidence[line.code], status=status))
    return tuple(judged)
