"""Whole events as somebody would forge them with other tools: what they say, and their bodies."""

import copy
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from audit import log
from audit.head import Head
from audit.permits import PROGRAM
from tests.postgres import PEOPLE

CASE = "f" * 32
REF = "a" * 64


def statement(who: str, case_id: str, meaning: str) -> dict[str, Any]:
    """Return the data of a signature that has all its members; no key made it."""
    said = {
        "store_id": "b" * 32,
        "case_id": case_id,
        "version": 1,
        "meaning": meaning,
        "person": who,
        "name": "Somebody",
        "role": PEOPLE[who],
        "at": "2026-05-04T09:00:00.000000Z",
        "after": [3, REF],
        "content": REF,
        "codes": [],
    }
    return {"statement": said, "key": REF, "signature": "c" * 128}


def data_of(kind: str, *, who: str, case_id: str = CASE) -> dict[str, Any]:
    """Return what an event of a kind carries, so far as a server looks at it."""
    if kind in PROGRAM:
        return {"requested_by": {"kind": "person", "id": who}}
    known: dict[str, dict[str, Any]] = {
        "person.enrolled": {"person": who, "name": "Somebody", "key": REF, "locked": REF},
        "signing.refused": {"person": who},
        "signing.reset": {"person": who, "reason": REF},
        "retention.set": {"years": 10},
        "hold.placed": {"matter": REF},
        "hold.lifted": {"matter": REF},
        "texts.disposed": {"texts": [REF], "basis": "order", "due": "2030-01-01", "reason": REF},
        "case.claimed": {"minutes": 30},
        "case.released": {},
        "case.reopened": {"version": 2, "reason": REF},
        "case.signed": statement(who, case_id, "coded"),
    }
    return known.get(kind, {})


def body_of(kind: str, data: dict[str, Any], *, who: str, case_id: str | None) -> dict[str, Any]:
    """Return a body with all its members; number and group are those of `sealed`."""
    program = kind in PROGRAM
    return {
        "actor": {"id": "chartproof", "kind": "program"}
        if program
        else {"id": who, "kind": "person", "role": PEOPLE[who]},
        "blobs": [],
        "case_id": case_id,
        "data": data,
        "event_id": "0",
        "group": [0, 0],
        "kind": kind,
        "seq": 0,
        "ts_utc": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    }


def sealed(body: dict[str, Any], after: Head) -> tuple[int, str, bytes, bytes]:
    """Return the row of a body behind the newest event, hashed as it must be."""
    written = log.canonical(body)
    digest = log.chain_hash(after.hash, log.leaf_hash(written.encode()))
    return after.seq + 1, written, after.hash, digest


def paths(value: dict[str, Any], before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield where each member of a body stands, those within others as well."""
    for name, inner in value.items():
        yield (*before, name)
        if isinstance(inner, dict):
            yield from paths(inner, (*before, name))


OUT = "left out"


def spoilt(body: dict[str, Any], path: tuple[str, ...], value: object) -> dict[str, Any]:
    """Return a body without the member at a path where `value` is OUT, else with that there."""
    made = copy.deepcopy(body)
    holder = made
    for name in path[:-1]:
        holder = holder[name]
    if value == OUT:
        del holder[path[-1]]
    else:
        holder[path[-1]] = value
    return made
