"""A walk along stored events that makes every hash again."""

import json
from dataclasses import dataclass, field

from audit.head import Head
from audit.log import GENESIS, chain_hash, leaf_hash
from audit.merkle import Frontier
from audit.vouched import Vouched


@dataclass(slots=True)
class Walk:
    """What a walk has seen so far; `step` takes the stored events in order, then `finish`.

    After a bad event the walk goes on from the hash stored with it, so that one change is told
    once. `refs` maps each commitment to the first event that names it, `group` is that of the
    newest event, `cases` each case to the number of its events and the time of its newest,
    `signers` are the keys the log names as signing for it. `roots` has the Merkle root at each
    size that `sizes` asks for. `vouched` knows of signatures and of what was destroyed.
    """

    sizes: frozenset[int] = frozenset()
    roots: dict[int, bytes] = field(default_factory=dict)
    signers: list[str] = field(default_factory=list)

    events: int = 0
    head: Head = GENESIS
    problems: list[str] = field(default_factory=list)
    refs: dict[str, int] = field(default_factory=dict)
    cases: dict[str, tuple[int, str]] = field(default_factory=dict)
    first_body: str = ""
    _tree: Frontier = field(default_factory=Frontier)
    vouched: Vouched = field(default_factory=Vouched)
    _jumped: bool = False
    group: tuple[int, int] = (0, 0)

    def step(self, seq: int, body: bytes, prev: bytes, digest: bytes) -> None:
        """Check one stored event against the one before it."""
        expected = self.head.seq + 1
        if seq < expected:
            self.problems.append(f"Event {seq} stands in the log more than once.")
        elif seq > expected:
            last = seq - 1
            one = f"Event {last} is missing."
            self.problems.append(
                one if last == expected else f"Events {expected} to {last} are missing."
            )
        elif prev != self.head.hash:
            self.problems.append(
                f"Event {seq} does not follow on event {seq - 1}: an event was taken out, put in "
                "or exchanged here."
            )
        leaf = leaf_hash(body)
        self._tree.append(leaf)
        if seq in self.sizes:
            self.roots[seq] = self._tree.root()
        if chain_hash(prev, leaf) != digest:
            self.problems.append(f"Event {seq} was altered: its content does not give its hash.")
        self._jumped = seq != expected
        if self._jumped:
            self.group = (0, 0)
        self._content(seq, body)
        self.events += 1
        self.head = Head(seq, digest)

    def finish(self) -> None:
        """Check that the log does not end inside a group of events written together."""
        if not self.events:
            self.problems.append("The log is empty; the event that began it is missing.")
        elif self.head.seq < self.group[1]:
            first, last = self.head.seq + 1, self.group[1]
            missing = f"Event {last} is" if first == last else f"Events {first} to {last} are"
            self.problems.append(
                f"{missing} missing, written in one transaction with event {self.head.seq}."
            )

    def _content(self, seq: int, body: bytes) -> None:
        try:
            fields = json.loads(body)
            number, ts, case_id = fields["seq"], fields["ts_utc"], fields["case_id"]
            first, last = fields["group"]
            refs = [str(ref) for ref in fields["blobs"]]
            fits = self._fits(seq, first, last)
            self.vouched.note(seq, fields)
        except (ValueError, TypeError, KeyError):
            self.problems.append(f"Event {seq} was altered: its content is not that of an event.")
            return
        if number != seq:
            self.problems.append(f"Event {seq} was moved: its content is that of event {number}.")
        if not fits:
            self.problems.append(
                f"Event {seq} does not belong to the group of events it was written with."
            )
        self.group = (first, last)
        if not self.events:
            self.first_body = body.decode()
        for ref in refs:
            self.refs.setdefault(ref, seq)
        if fields.get("kind") == "signer.registered" or seq == 1:
            signer = fields.get("data", {}).get("vkey" if seq > 1 else "signer")
            self.signers += [signer] if isinstance(signer, str) else []
        if isinstance(case_id, str):
            self.cases[case_id] = (self.cases.get(case_id, (0, ""))[0] + 1, str(ts))

    def _fits(self, seq: int, first: int, last: int) -> bool:
        """Tell whether a group may stand here: the one that is open, or a new one in order."""
        if seq <= self.group[1]:
            return (first, last) == self.group
        return first <= seq <= last and (first == seq or self._jumped)
