"""The stand-alone verifier's own cryptography, against the RFCs' vectors and other programs."""

import ast
import random
import sys
from types import ModuleType

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from audit.log import leaf_hash
from audit.merkle import Frontier, Tree
from audit.signednote import SignatureError, SigningKey, read_signed
from tests.verifier import PROGRAM, loaded

# RFC 8032, section 7.1: secret key, public key, message, signature.
VECTORS = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9"
        "b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f1"
        "1d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984d"
        "c6594a7c15e9716ed28dc027beceea1ec40a",
    ),
    (
        "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3fe"
        "ebbd454d4423643ce80e2a9ac94fa54ca49f",
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431"
        "e0303dca179c138ac17ad9bef1177331a704",
    ),
]


@pytest.fixture(scope="session")
def standalone() -> ModuleType:
    return loaded()


@pytest.mark.parametrize(("secret", "public", "message", "signature"), VECTORS)
def test_the_vectors_of_rfc_8032(
    standalone: ModuleType, secret: str, public: str, message: str, signature: str
) -> None:
    private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret))
    assert private.public_key().public_bytes_raw().hex() == public
    assert private.sign(bytes.fromhex(message)).hex() == signature
    key, said = bytes.fromhex(public), bytes.fromhex(message)
    assert standalone.signed(key, said, bytes.fromhex(signature))
    assert not standalone.signed(key, said + b"x", bytes.fromhex(signature))


def accepted(key: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def test_signatures_good_and_bad_are_judged_as_another_library_judges_them(
    standalone: ModuleType,
) -> None:
    chance = random.Random(21)
    good = 0
    for number in range(60):
        private = Ed25519PrivateKey.from_private_bytes(chance.randbytes(32))
        message = chance.randbytes(number)
        parts = [
            bytearray(private.public_key().public_bytes_raw()),
            bytearray(message),
            bytearray(private.sign(message)),
        ]
        if number % 3:
            part = chance.choice([part for part in parts if part])
            part[chance.randrange(len(part))] ^= 1 << chance.randrange(8)
        key, said, signature = map(bytes, parts)
        verdict = standalone.signed(key, said, signature)
        assert verdict == accepted(key, said, signature)
        good += verdict
    assert good == 20


def test_a_signature_is_not_accepted_in_a_second_form(standalone: ModuleType) -> None:
    """S plus the order of the group gives the same point, and RFC 8032 forbids it."""
    private = Ed25519PrivateKey.from_private_bytes(bytes(32))
    key, signature = private.public_key().public_bytes_raw(), private.sign(b"x")
    scalar = int.from_bytes(signature[32:], "little") + standalone.ORDER
    again = signature[:32] + scalar.to_bytes(32, "little")
    assert standalone.signed(key, b"x", signature)
    assert not standalone.signed(key, b"x", again)
    assert not standalone.signed(key, b"x", signature[:-1])
    assert not standalone.signed(b"\xff" * 32, b"x", signature)


def test_trees_and_proofs_are_those_of_the_program(standalone: ModuleType) -> None:
    leaves = [leaf_hash(bytes([number])) for number in range(40)]
    tree, grown, frontier = Tree(leaves), standalone.Tree(), Frontier()
    for size, leaf in enumerate(leaves, 1):
        grown.add(leaf)
        frontier.append(leaf)
        assert grown.root() == frontier.root()
        for index in range(0, size, 5):
            proof = tree.inclusion(index, size)
            root = standalone.root_by_inclusion(leaves[index], index, size, proof)
            assert root == tree.root(size)
        for old in range(1, size, 4):
            steps = tree.consistency(old, size)
            assert standalone.begins(old, size, steps, tree.root(old), tree.root(size))
            assert not standalone.begins(old, size, steps, bytes(32), tree.root(size))


def test_signed_texts_are_read_alike(standalone: ModuleType) -> None:
    key = SigningKey("chartproof/ab", bytes(range(32)))
    theirs = standalone.read_key(key.public.vkey)
    assert (theirs.name, theirs.public, theirs.id) == (key.name, key.public.value, key.public.id)
    assert theirs.fingerprint == key.public.fingerprint
    good = key.sign("chartproof/ab\n12\nAAAA\n").encode()
    chance = random.Random(4)
    for number in range(200):
        damaged = bytearray(good)
        if number:
            damaged[chance.randrange(len(good))] ^= 1 << chance.randrange(8)
        try:
            ours = read_signed(bytes(damaged)).checked(key.public)
        except SignatureError:
            ours = False
        try:
            verdict = standalone.read_note(bytes(damaged)).signed_by(theirs)
        except standalone.Wrong:
            verdict = False
        assert verdict == ours == (number == 0)


def test_it_needs_the_standard_library_alone_and_nothing_of_ours() -> None:
    tree = ast.parse(PROGRAM.read_text("utf-8"))
    names = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert names <= set(sys.stdlib_module_names)
    assert not names & {"socket", "urllib", "http", "subprocess", "ctypes", "pickle"}
