"""A walk along events names each fault where it is, once."""

import json
from dataclasses import dataclass

import pytest

from audit import log
from audit.chain import Walk
from audit.head import Head


@dataclass
class Stored:
    """Three groups of events: 1, 2 to 4, 5 to 6."""

    rows: list[tuple[int, bytes, bytes, bytes]]

    def walk(self) -> Walk:
        walk = Walk()
        for row in self.rows:
            walk.step(*row)
        walk.finish()
        return walk


def body(seq: int, group: tuple[int, int], **more: object) -> bytes:
    fields = {"seq": seq, "ts_utc": f"t{seq}", "case_id": None, "group": list(group), "blobs": []}
    return log.canonical(fields | more).encode()


def chained(bodies: list[bytes]) -> Stored:
    rows = []
    prev = bytes(32)
    for seq, each in enumerate(bodies, start=1):
        digest = log.chain_hash(prev, log.leaf_hash(each))
        rows.append((seq, each, prev, digest))
        prev = digest
    return Stored(rows)


@pytest.fixture
def stored() -> Stored:
    return chained(
        [
            body(1, (1, 1)),
            body(2, (2, 4), case_id="c", blobs=["r1"]),
            body(3, (2, 4), case_id="c", blobs=["r1", "r2"]),
            body(4, (2, 4), case_id="d"),
            body(5, (5, 6), case_id="c"),
            body(6, (5, 6)),
        ]
    )


def test_a_good_chain_has_no_fault(stored: Stored) -> None:
    walk = stored.walk()
    assert walk.problems == []
    assert walk.events == 6
    assert walk.head == Head(6, stored.rows[-1][3])
    assert walk.refs == {"r1": 2, "r2": 3}
    assert walk.cases == {"c": (3, "t5"), "d": (1, "t4")}
    assert json.loads(walk.first_body)["seq"] == 1


def test_every_single_byte_of_a_body_is_covered(stored: Stored) -> None:
    seq, content, prev, digest = stored.rows[2]
    for at in range(len(content)):
        damaged = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
        stored.rows[2] = (seq, damaged, prev, digest)
        assert stored.walk().problems[0] == (
            "Event 3 was altered: its content does not give its hash."
        )


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ([0, 1, 2, 3, 4], "Event 6 is missing, written in one transaction with event 5."),
        ([0, 1, 2], "Event 4 is missing, written in one transaction with event 3."),
        ([1, 2, 3, 4, 5], "Event 1 is missing."),
        ([0, 4, 5], "Events 2 to 4 are missing."),
        ([0, 1, 1, 2, 3, 4, 5], "Event 2 stands in the log more than once."),
        ([], "The log is empty; the event that began it is missing."),
    ],
)
def test_what_is_not_there_is_named_once(stored: Stored, rows: list[int], problem: str) -> None:
    stored.rows = [stored.rows[row] for row in rows]
    assert stored.walk().problems == [problem]


@pytest.mark.parametrize(
    ("bodies", "problem"),
    [
        ([body(1, (1, 1)), body(7, (2, 2))], "Event 2 was moved: its content is that of event 7."),
        (
            [body(1, (1, 1)), b"no json"],
            "not that of an event",
        ),
        ([body(1, (1, 1)), b"[1]"], "not that of an event"),
        ([body(1, (1, 1)), body(2, (1, 2))], "Event 2 does not belong to the group"),
        ([body(1, (1, 2)), body(2, (2, 2))], "Event 2 does not belong to the group"),
        ([body(1, (1, 1)), body(2, (2, 1))], "Event 2 does not belong to the group"),
    ],
)
def test_a_chain_of_good_hashes_over_bad_contents_is_found(
    bodies: list[bytes], problem: str
) -> None:
    found = chained(bodies).walk().problems
    assert len(found) == 1
    assert problem in found[0]
