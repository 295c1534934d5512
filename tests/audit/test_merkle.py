"""The tree against the text of RFC 9162, written down a second time as the RFC has it."""

import hashlib
import os
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.log import leaf_hash
from audit.merkle import EMPTY, Frontier, Tree, consistent, included

# The tree of RFC 6962's test vectors, which RFC 9162 keeps: eight inputs and their roots.
INPUTS = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)

sizes = st.integers(1, 70)


def mth(leaves: list[bytes]) -> bytes:
    """MTH of section 2.1.1, as the RFC defines it."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def path(m: int, leaves: list[bytes]) -> list[bytes]:
    """PATH of section 2.1.3.1."""
    if len(leaves) == 1:
        return []
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def subproof(m: int, leaves: list[bytes], *, b: bool) -> list[bytes]:
    """SUBPROOF of section 2.1.4.1."""
    if m == len(leaves):
        return [] if b else [mth(leaves)]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m <= k:
        return [*subproof(m, leaves[:k], b=b), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], b=False), mth(leaves[:k])]


def leaves_of(count: int) -> list[bytes]:
    return [leaf_hash(str(number).encode()) for number in range(count)]


def test_the_roots_of_the_published_vectors() -> None:
    frontier = Frontier()
    assert frontier.root() == EMPTY
    leaves = [leaf_hash(each) for each in INPUTS]
    for size, (leaf, root) in enumerate(zip(leaves, ROOTS, strict=True), 1):
        frontier.append(leaf)
        assert frontier.root().hex() == root
        assert Tree(leaves).root(size).hex() == root
        assert frontier.fits()


@given(sizes)
def test_frontier_tree_and_rfc_give_one_root(size: int) -> None:
    leaves = leaves_of(size)
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    assert frontier.root() == Tree(leaves).root() == mth(leaves)


@given(sizes, st.data())
def test_every_proof_is_that_of_the_rfc_and_leads_to_the_root(
    size: int, data: st.DataObject
) -> None:
    leaves = leaves_of(size + 3)
    tree = Tree(leaves)
    index = data.draw(st.integers(0, size - 1))
    proof = tree.inclusion(index, size)
    assert proof == path(index, leaves[:size])
    assert included(leaves[index], index, size, proof) == mth(leaves[:size])
    old = data.draw(st.integers(1, size))
    steps = tree.consistency(old, size)
    assert steps == subproof(old, leaves[:size], b=True)
    assert consistent(old, size, steps, mth(leaves[:old]), mth(leaves[:size]))


def test_a_large_tree_lies_in_a_file_and_its_proofs_hold_in_any_order(tmp_path: Path) -> None:
    leaves = leaves_of(1300)
    with (tmp_path / "nodes").open("w+b") as nodes:
        tree = Tree(iter(leaves), nodes)
        assert nodes.seek(0, os.SEEK_END) == 32 * (2 * 1300 - (1300).bit_count())
        root = mth(leaves)
        for index in random.Random(5).sample(range(1300), 1300):
            assert included(leaves[index], index, 1300, tree.inclusion(index, 1300)) == root
        for old in (1, 255, 256, 257, 1024, 1299):
            assert tree.consistency(old, 1300) == subproof(old, leaves, b=True)


def test_no_proof_holds_for_another_leaf_place_size_or_root() -> None:
    chance = random.Random(3)
    leaves = leaves_of(40)
    tree = Tree(leaves)
    for _ in range(400):
        size = chance.randrange(2, 41)
        index = chance.randrange(size)
        proof = tree.inclusion(index, size)
        root = tree.root(size)
        other = chance.choice([n for n in range(size) if n != index])
        assert included(leaves[other], index, size, proof) != root
        assert included(leaves[index], other, size, proof) != root
        assert included(leaves[index], index, size, [*proof, bytes(32)]) != root
        assert included(leaves[index], index, size, proof[:-1]) != root
        old = chance.randrange(1, size)
        steps = tree.consistency(old, size)
        assert not consistent(
            old, size, steps, tree.root(other + 1 if other + 1 != old else 40), root
        )
        assert not consistent(old, size, steps[1:], tree.root(old), root)
        assert not consistent(old, size, [*steps, bytes(32)], tree.root(old), root)
        assert not consistent(old, size, steps, tree.root(old), bytes(32))


def test_places_that_are_not_in_a_tree_are_refused() -> None:
    tree = Tree(leaves_of(3))
    assert included(bytes(32), 3, 3, []) is None
    assert not consistent(0, 3, [], EMPTY, tree.root())
    assert not consistent(2, 3, [], tree.root(2), tree.root())
    for index, size in ((3, 3), (0, 4), (-1, 2)):
        with pytest.raises(IndexError):
            tree.inclusion(index, size)
    for old, new in ((0, 3), (2, 4), (3, 2)):
        with pytest.raises(IndexError):
            tree.consistency(old, new)
