"""The Merkle tree of RFC 9162 over the leaves of a log. It knows no medicine.

    leaf(n)    = SHA-256(0x00 ‖ body(n))                (`audit.log.leaf_hash`)
    node(l, r) = SHA-256(0x01 ‖ l ‖ r)

The tree over n leaves splits at the largest power of two below n (section 2.1.1). A proof that a
leaf is in it, or that one tree is the beginning of another, is a few nodes, and needs nothing of
what the other leaves say.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import IO

HASH_BYTES = 32
EMPTY = hashlib.sha256(b"").digest()
"""The root of a tree without leaves."""


_NEAR = 8
"""From this level on a node is kept once it was read: there are few, and proofs share them."""


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(slots=True)
class Frontier:
    """A tree that only grows: the roots of its full subtrees, largest first.

    `nodes` has one hash for each 1 in the binary form of `size`, so that a million leaves take a
    score of hashes, and taking the root costs no more than that.
    """

    size: int = 0
    nodes: list[bytes] = field(default_factory=list)

    def append(self, leaf: bytes) -> list[bytes]:
        """Add the hash of the next leaf; return it and the subtrees that end with it."""
        made = [leaf]
        rest = self.size
        while rest & 1:
            made.append(node_hash(self.nodes.pop(), made[-1]))
            rest >>= 1
        self.nodes.append(made[-1])
        self.size += 1
        return made

    def root(self) -> bytes:
        """Return the Merkle tree hash of the leaves so far (RFC 9162, section 2.1.1)."""
        if not self.nodes:
            return EMPTY
        root = self.nodes[-1]
        for left in reversed(self.nodes[:-1]):
            root = node_hash(left, root)
        return root

    def fits(self) -> bool:
        """Tell whether there are as many nodes as a tree of this size has."""
        return self.size >= 0 and len(self.nodes) == self.size.bit_count()


class Tree:
    """A tree for making proofs, whose nodes lie in a file and not in memory.

    Every full subtree that starts at a multiple of its size is hashed once and written when its
    last leaf has come: a leaf, then each subtree that ends with it, from small to large.
    """

    def __init__(self, leaves: Iterable[bytes], nodes: IO[bytes] | None = None) -> None:
        """Take in all leaves; `nodes` is an empty file to write and read, else memory."""
        self._nodes: IO[bytes] = BytesIO() if nodes is None else nodes
        self._kept: dict[tuple[int, int], bytes] = {}
        grown = Frontier()
        for leaf in leaves:
            self._nodes.writelines(grown.append(leaf))
        self.size = grown.size

    def root(self, size: int | None = None) -> bytes:
        """Return the root over the first `size` leaves, over all where None."""
        size = self.size if size is None else size
        return self._span(0, size) if size else EMPTY

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """Return the proof that leaf `index` is in the first `size` (RFC 9162, 2.1.3.1)."""
        if not 0 <= index < size <= self.size:
            raise IndexError("no such leaf in a tree of this size")
        start, end = 0, size
        proof = []
        while end - start > 1:
            middle = start + _split(end - start)
            if index < middle:
                proof.append(self._span(middle, end))
                end = middle
            else:
                proof.append(self._span(start, middle))
                start = middle
        return proof[::-1]

    def consistency(self, old: int, new: int) -> list[bytes]:
        """Return the proof that the first `old` leaves begin the first `new` (2.1.4.1)."""
        if not 0 < old <= new <= self.size:
            raise IndexError("no trees of these sizes")
        start, end = 0, new
        proof = []
        whole = True  # what is left of the old tree is a full subtree of its own
        while end != old:
            middle = start + _split(end - start)
            if old <= middle:
                proof.append(self._span(middle, end))
                end = middle
            else:
                proof.append(self._span(start, middle))
                start = middle
                whole = False
        if not whole:
            proof.append(self._span(start, end))
        return proof[::-1]

    def _span(self, start: int, end: int) -> bytes:
        """Return the hash of the subtree over leaves `start` to `end`."""
        found = self._kept.get((start, end))
        if found is not None:
            return found
        length = end - start
        level = length.bit_length() - 1
        if length == 1 << level and start % length == 0:
            before = end - 1
            self._nodes.seek(HASH_BYTES * (2 * before - before.bit_count() + level))
            found = self._nodes.read(HASH_BYTES)
            if level < _NEAR:
                return found
        else:
            middle = start + _split(length)
            found = node_hash(self._span(start, middle), self._span(middle, end))
        self._kept[start, end] = found
        return found


def included(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes | None:
    """Return the root that a proof of inclusion leads to; None where its length cannot be.

    RFC 9162, section 2.1.3.2.
    """
    if not 0 <= index < size:
        return None
    node, last = index, size - 1
    root = leaf
    for step in proof:
        if last == 0:
            return None
        if node & 1 or node == last:
            root = node_hash(step, root)
            while not node & 1 and node:
                node >>= 1
                last >>= 1
        else:
            root = node_hash(root, step)
        node >>= 1
        last >>= 1
    return root if last == 0 else None


def consistent(
    old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes
) -> bool:
    """Tell whether a proof shows that one tree begins another (RFC 9162, section 2.1.4.2)."""
    if not 0 < old <= new:
        return False
    if old == new:
        return not proof and old_root == new_root
    steps = list(proof)
    if old & (old - 1) == 0:
        steps.insert(0, old_root)
    if not steps:
        return False
    node, last = old - 1, new - 1
    while node & 1:
        node >>= 1
        last >>= 1
    was = now = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            was = node_hash(step, was)
            now = node_hash(step, now)
            while not node & 1 and node:
                node >>= 1
                last >>= 1
        else:
            now = node_hash(now, step)
        node >>= 1
        last >>= 1
    return last == 0 and was == old_root and now == new_root


def _split(length: int) -> int:
    """Return the largest power of two below a length of at least two."""
    return 1 << ((length - 1).bit_length() - 1)
