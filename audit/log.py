"""An append-only log of JSON bodies linked by hashes. It knows no medicine.

    leaf(n)  = SHA-256(0x00 ‖ body(n))
    chain(n) = SHA-256(0x02 ‖ chain(n-1) ‖ leaf(n)),   chain(0) = 32 zero bytes

`body(n)` are the stored bytes, canonical by RFC 8785; they are hashed as they stand and never
made canonical again. The leaf is that of RFC 9162, so that Merkle roots can be taken over it.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NoReturn, Self

from sqlalchemy import Connection, bindparam, insert, select
from sqlmodel import col

from audit.head import Head, HeadError
from audit.model import Actor, ActorKind, AuditError, AuditEvent
from audit.sql import octets
from audit.tables import EventRow

DISPOSED = "texts.disposed"
"""The kind of event whose `texts` are commitments to texts that are no longer there."""

GENESIS = Head(0, bytes(32))
IN_PARTS: Mapping[str, Any] = {"stream_results": True, "yield_per": 1000}
"""Execution options of a query whose rows may be more than fit in memory."""

_LONG = re.compile(r"[0-9]{16}")
_LARGEST = 2**53 - 1  # RFC 8785: an integer must survive a trip through a double


class Written(Mapping[str, Any]):
    """A JSON object in its canonical form; it travels as that `text` and is read when asked.

    It is made canonical, and looked at once more as it reads, where it is made and never again.
    """

    __slots__ = ("_read", "text")

    def __init__(self, value: Mapping[str, Any]) -> None:
        """Write a value; AuditError where it has no canonical form."""
        self.text: str
        self._read: dict[str, Any] | None
        self.text, self._read = _encode(value, read=True)

    @classmethod
    def plain(cls, value: Mapping[str, Any]) -> Self:
        """Write a value that is known to hold texts, small integers and ASCII names alone."""
        written = cls.__new__(cls)
        written.__setstate__(_encode(value)[0])
        return written

    def __getstate__(self) -> str:
        """Leave behind what was read: the text is all there is to it."""
        return self.text

    def __setstate__(self, text: str) -> None:
        self.text, self._read = text, None

    def __getitem__(self, key: str) -> Any:
        """Return a member."""
        return self._value[key]

    def __iter__(self) -> Iterator[str]:
        """Go through the names of members."""
        return iter(self._value)

    def __len__(self) -> int:
        """Return the number of members."""
        return len(self._value)

    @property
    def _value(self) -> Mapping[str, Any]:
        if self._read is None:
            self._read = json.loads(self.text)
        return self._read


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An event before it has a number: `blobs` are the commitments its data refer to."""

    kind: str
    data: Mapping[str, Any]
    actor: Actor
    case_id: str | None = None
    blobs: tuple[str, ...] = ()


def leaf_hash(body: bytes) -> bytes:
    """Return the leaf hash of a stored body (RFC 9162, section 2.1.1)."""
    return hashlib.sha256(b"\x00" + body).digest()


def chain_hash(prev: bytes, leaf: bytes) -> bytes:
    """Return the chain hash that follows `prev` when `leaf` is appended."""
    return hashlib.sha256(b"\x02" + prev + leaf).digest()


def canonical(value: Mapping[str, Any] | Sequence[Any]) -> str:
    """Return the RFC 8785 form of a JSON object or list without floats and with ASCII keys.

    In that domain the standard encoder with sorted keys gives the same bytes as RFC 8785 (a test
    compares them) and is ten times faster than a canonicaliser in Python. AuditError outside it.
    """
    return _encode(value, read=True)[0]


def _encode(value: Mapping[str, Any] | Sequence[Any], *, read: bool = False) -> tuple[str, Any]:
    try:
        body = _ENCODER.encode(value)
        body.encode()
        if not read:
            return body, None
        # Looking at each number costs as much as all the rest, so only where one may be too large.
        return body, (_STRICT_READER if _LONG.search(body) else _READER).decode(body)
    except (ValueError, TypeError) as error:
        # The value itself stays out of the text: it may come from a note.
        raise AuditError(
            f"An event could not be written in canonical JSON ({type(error).__name__}). Nothing "
            "was recorded; please report this."
        ) from None


_OF_STORE = (
    select(col(EventRow.body), col(EventRow.hash))
    .where(col(EventRow.case_id).is_(None), col(EventRow.seq) > bindparam("after"))
    .order_by(col(EventRow.seq))
)
_APPEND = insert(EventRow)
_NEWEST = select(col(EventRow.seq), col(EventRow.hash)).order_by(col(EventRow.seq).desc()).limit(1)


def tail(connection: Connection) -> Head:
    """Return the newest place of the chain, `GENESIS` for an empty log."""
    row = connection.execute(_NEWEST).first()
    return GENESIS if row is None else Head(row[0], row[1])


def append(
    connection: Connection,
    drafts: Sequence[Draft],
    *,
    after: Head,
    ts: str,
    new_id: Callable[[], str],
) -> tuple[AuditEvent, ...]:
    """Append drafts as one group after the newest event, inside the caller's transaction."""
    head = after
    group = (head.seq + 1, head.seq + len(drafts))
    events = []
    rows = []
    for draft in drafts:
        data = draft.data if isinstance(draft.data, Written) else Written(draft.data)
        event_id = new_id()
        body = body_of(draft, data, event_id=event_id, group=group, seq=head.seq + 1, ts=ts)
        prev, head = head, Head(head.seq + 1, chain_hash(head.hash, leaf_hash(body.encode())))
        rows.append({"seq": head.seq, "body": body, "prev": prev.hash, "hash": head.hash})
        events.append(
            AuditEvent(
                seq=head.seq,
                ts=ts,
                kind=draft.kind,
                actor=draft.actor,
                case_id=draft.case_id,
                data=data,
                hash=head.hash.hex(),
                event_id=event_id,
                group=group,
                blobs=draft.blobs,
                body=body,
            )
        )
    if rows:
        connection.execute(_APPEND, rows)
    return tuple(events)


def body_of(
    draft: Draft, data: Written, *, event_id: str, group: tuple[int, int], seq: int, ts: str
) -> str:
    """Return the canonical body: the members in their order, with the data as they are written."""
    before = _before_data(draft.actor, draft.blobs, draft.case_id)
    after = {"event_id": event_id, "group": group, "kind": draft.kind, "seq": seq, "ts_utc": ts}
    return f'{before},"data":{data.text},{canonical(after)[1:]}'


@lru_cache(maxsize=8)
def _before_data(actor: Actor, blobs: tuple[str, ...], case_id: str | None) -> str:
    """Return what stands before the data; most events of a group have it in common."""
    return canonical({"actor": _actor(actor), "blobs": blobs, "case_id": case_id})[:-1]


def _actor(actor: Actor) -> dict[str, str]:
    role = {"role": actor.role} if actor.role else {}
    return {"id": actor.id, "kind": actor.kind.value, **role}


def read_event(body: str, digest: bytes) -> AuditEvent:
    """Return the event of a stored body; KeyError, TypeError or ValueError where it is none."""
    fields = json.loads(body)
    first, last = fields["group"]
    return AuditEvent(
        seq=fields["seq"],
        ts=fields["ts_utc"],
        kind=fields["kind"],
        actor=Actor(
            kind=ActorKind(fields["actor"]["kind"]),
            id=fields["actor"]["id"],
            role=fields["actor"].get("role", ""),
        ),
        case_id=fields["case_id"],
        data=fields["data"],
        hash=digest.hex(),
        event_id=fields["event_id"],
        group=(first, last),
        blobs=tuple(fields["blobs"]),
        body=body,
    )


def read(connection: Connection, *, case_id: str | None = None) -> Iterator[AuditEvent]:
    """Yield the events of one case, or of the whole log, in order."""
    query = select(col(EventRow.body), col(EventRow.hash)).order_by(col(EventRow.seq))
    if case_id is not None:
        query = query.where(col(EventRow.case_id) == case_id)
    for body, digest in connection.execute(query):
        yield read_event(body, digest)


def stored(
    connection: Connection, *, newest_first: bool = False, after: int = 0, up_to: int = _LARGEST
) -> Iterator[tuple[int, bytes, bytes, bytes]]:
    """Yield number, body, hash before and hash of events as they are stored, in order."""
    order = col(EventRow.seq).desc() if newest_first else col(EventRow.seq)
    query = select(
        col(EventRow.seq), octets(col(EventRow.body)), col(EventRow.prev), col(EventRow.hash)
    ).order_by(order)
    if (after, up_to) != (0, _LARGEST):  # a check reads whatever number a row may have
        query = query.where(col(EventRow.seq) > after, col(EventRow.seq) <= up_to)
    with connection.execute(query, execution_options=IN_PARTS) as rows:
        for row in rows:
            yield row[0], row[1], row[2], row[3]


def read_of_store(connection: Connection, *, after: int) -> Iterator[AuditEvent]:
    """Yield the events behind number `after` that belong to no case, in order."""
    for body, digest in connection.execute(_OF_STORE, {"after": after}):
        yield read_event(body, digest)


def disposed_after(connection: Connection, known: int) -> list[str]:
    """Return the texts that events behind number `known` say were destroyed."""
    query = select(col(EventRow.body)).where(
        col(EventRow.seq) > known, col(EventRow.kind) == DISPOSED
    )
    return [
        ref for (body,) in connection.execute(query) for ref in json.loads(body)["data"]["texts"]
    ]


def newest_after(connection: Connection, known: Head, *, shared: bool = False) -> Head:
    """Return the newest place of the log, compared with the newest line of its head file.

    They agree, or the log is ahead by exactly the one group that a killed process had committed
    and not yet noted. A `shared` log may be ahead by whatever other machines appended, if it leads
    from the one place to the other without a break. Otherwise HeadError: records are missing,
    altered, or came in by another door.
    """
    newest = tail(connection)
    if newest == known:
        return newest
    if newest.seq < known.seq:
        raise HeadError(
            f"The newest {known.seq - newest.seq} records are missing: the log ends at event "
            f"{newest.seq}, and event {known.seq} had been stored."
        )
    row = connection.execute(
        select(col(EventRow.hash)).where(col(EventRow.seq) == known.seq)
    ).first()
    if row is None or row[0] != known.hash:
        raise HeadError(f"Event {known.seq} is not the one that was stored under this number.")
    if shared:
        return _followed(connection, known)
    body = connection.execute(
        select(col(EventRow.body)).where(col(EventRow.seq) == newest.seq)
    ).scalar_one()
    if json.loads(body).get("group") != [known.seq + 1, newest.seq]:
        raise HeadError(
            f"The log goes on to event {newest.seq}, but only event {known.seq} was noted in the "
            "head file: either the head file is an older one, or something else wrote to the log."
        )
    return newest


def _followed(connection: Connection, head: Head) -> Head:
    """Return the newest place of the log, gone to from `head` link by link."""
    query = (
        select(col(EventRow.seq), col(EventRow.prev), col(EventRow.hash))
        .where(col(EventRow.seq) > head.seq)
        .order_by(col(EventRow.seq))
    )
    with connection.execute(query, execution_options=IN_PARTS) as rows:
        for seq, prev, digest in rows:
            if (seq, prev) != (head.seq + 1, head.hash):
                raise HeadError(f"Event {seq} does not follow on event {head.seq}.")
            head = Head(seq, digest)
    return head


def _refuse(_literal: str) -> NoReturn:
    raise ValueError("numbers with a fraction are written as strings")


def _small(literal: str) -> int:
    number = int(literal)
    if abs(number) > _LARGEST:
        raise ValueError("integer out of the range of RFC 8785")
    return number


def _ascii_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if not all(key.isascii() for key, _ in pairs):
        raise ValueError("keys are ASCII")
    return dict(pairs)


_ENCODER = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
)
_READER = json.JSONDecoder(parse_float=_refuse, object_pairs_hook=_ascii_keys)
_STRICT_READER = json.JSONDecoder(
    parse_float=_refuse, parse_int=_small, object_pairs_hook=_ascii_keys
)
