"""Recorded work brought back from the events alone, and compared with the same work done again."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields

from sqlalchemy import Connection

from audit import blobs, log
from audit.change import Change
from audit.chatevents import ChatAsked
from audit.encounters import decode_encounter
from audit.events import parse
from audit.governance import HistoryReplayed
from audit.model import AuditError, AuditEvent
from audit.people import Right
from audit.rebuild import strays
from audit.results import decode_result
from audit.review import project
from audit.store import Store
from pipeline.chat.model import Request, Task
from pipeline.model import CodingResult, Encounter, Provenance, Route, Suggestion


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A finished pass as it was recorded: the `number`th of its case, at `ts`, and what it read.

    `gone` tells that texts of the encounter were destroyed, so that it cannot be done again;
    `requests` are what a chat model had been asked about the case until the pass was finished.
    """

    case_id: str
    number: int
    ts: str
    encounter: Encounter
    result: CodingResult
    gone: bool
    requests: tuple[Request, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What another run gives that is not what was recorded.

    `provenance` has `(name, recorded, now)` of what decides a result and is another now; `parts`
    names the parts of the result that differ; `lane` is `(recorded, now)` where they differ.
    """

    provenance: tuple[tuple[str, str, str], ...] = ()
    gained: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    lane: tuple[Route, Route] | None = None
    parts: tuple[str, ...] = ()

    @property
    def same(self) -> bool:
        """Tell whether the results are the same in every part."""
        return not self.parts

    @property
    def unexplained(self) -> bool:
        """Tell whether the results differ though nothing that decides them is another."""
        return bool(self.parts) and not self.provenance


def past(store: Store, case_id: str) -> tuple[tuple[str, ...], tuple[Past, ...]]:
    """Return the columns of the worklist that the events do not give, and every finished pass."""
    with store.door.reading() as connection:
        events = tuple(log.read(connection, case_id=case_id))
        review = project(events, case_id=case_id)
        if not review.version:
            raise AuditError(f"There is no case {case_id} in the store {store.name}.")
        texts = blobs.get(connection, review.refs())
        stray = strays(connection, case_id)
        asked = _requests(connection, events)
    ends = [event for event in events if event.kind == "case.routed"]
    found = []
    for number, (done, end) in enumerate(zip(review.passes, ends, strict=True), start=1):
        received = review.received[done.revision - 1]
        encounter = decode_encounter(received, texts)
        found.append(
            Past(
                case_id=case_id,
                number=number,
                ts=end.ts,
                encounter=encounter,
                result=decode_result(done.analysis, done.analysis.provenance, encounter),
                gone=any(ref not in texts for ref in received.refs()),
                requests=tuple(request for seq, request in asked if seq < end.seq),
            )
        )
    return stray, tuple(found)


def compare(recorded: CodingResult, now: CodingResult) -> Difference:
    """Return how a result differs from the recorded one of the same encounter."""
    before = {item.code for item in recorded.suggestions}
    after = {item.code for item in now.suggestions}
    return Difference(
        provenance=tuple(_provenance(recorded.provenance, now.provenance)),
        gained=tuple(sorted(after - before)),
        lost=tuple(sorted(before - after)),
        lane=None if recorded.lane is now.lane else (recorded.lane, now.lane),
        parts=tuple(_parts(recorded, now)),
    )


def record_replay(
    store: Store, *, config: str, passes: int, same: int, changed: int, not_replayed: int
) -> None:
    """Append that history was replayed, with the counts."""
    data = HistoryReplayed(
        config=config, passes=passes, same=same, changed=changed, not_replayed=not_replayed
    )

    def command(change: Change) -> None:
        change.require(Right.REPLAY)
        change.emit(data, case_id=None)

    store.door.execute(command)


def allow_replay(store: Store) -> None:
    """Refuse, before the long work, a person who has no role for it."""
    actor = store.door.actor
    store.door.people().role_for(actor.id, Right.REPLAY)


def _requests(
    connection: Connection, events: Iterable[AuditEvent]
) -> tuple[tuple[int, Request], ...]:
    """Return what a chat model was asked, each with its event; without those that were erased."""
    asked = [
        (event.seq, data)
        for event in events
        if event.kind == "chat.asked" and isinstance(data := parse(event), ChatAsked)
    ]
    bodies = blobs.get(connection, [data.body for _, data in asked])
    return tuple(
        (
            seq,
            Request(
                task=Task(data.task),
                prompt=data.prompt,
                prompt_digest=data.prompt_digest,
                model=data.model,
                endpoint=data.endpoint,
                remote=data.remote,
                masked=data.masked,
                attempt=data.attempt,
                body=bodies[data.body],
            ),
        )
        for seq, data in asked
        if data.body in bodies
    )


def _provenance(recorded: Provenance, now: Provenance) -> Iterator[tuple[str, str, str]]:
    for field in fields(Provenance):
        before, after = getattr(recorded, field.name), getattr(now, field.name)
        if isinstance(before, tuple):
            old, new = dict(before), dict(after)
            for name in sorted(old.keys() | new.keys()):
                if old.get(name) != new.get(name):
                    yield f"{field.name} {name}", old.get(name, "none"), new.get(name, "none")
        elif before != after:
            yield field.name, str(before), str(after)


def _parts(recorded: CodingResult, now: CodingResult) -> Iterator[str]:
    for field in fields(CodingResult):
        if field.name in {"provenance", "suggestions"}:
            continue
        if getattr(recorded, field.name) != getattr(now, field.name):
            yield field.name
    if recorded.suggestions == now.suggestions:
        return
    codes = [tuple(item.code for item in each.suggestions) for each in (recorded, now)]
    if codes[0] != codes[1]:
        yield "codes"
    after = {item.code: item for item in now.suggestions}
    pairs = [(item, after[item.code]) for item in recorded.suggestions if item.code in after]
    for field in fields(Suggestion):
        if any(getattr(one, field.name) != getattr(other, field.name) for one, other in pairs):
            yield f"suggestions.{field.name}"
