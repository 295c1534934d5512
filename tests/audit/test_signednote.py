"""Signed texts and keys, against the examples of C2SP and against each other."""

import random

import pytest

from audit import Places
from audit.signednote import (
    PublicKey,
    SignatureError,
    SigningKey,
    find_signing_key,
    keep_signing_key,
    new_signing_key,
    read_signed,
    read_vkey,
    trusted_key,
)

# Of the Go package golang.org/x/mod/sumdb/note, whose format C2SP writes down.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
SIGNED = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqd"
    "ngotpRZb6KE6RyyBwJnAM=\n"
)
KEY = SigningKey("chartproof/ab", bytes(range(32)))


def test_a_published_signature_is_accepted_and_a_changed_one_is_not() -> None:
    key = read_vkey(PETER)
    assert key.vkey == PETER
    assert read_signed(SIGNED.encode()).checked(key)
    changed = SIGNED.replace("answer", "Answer")
    assert not read_signed(changed.encode()).checked(key)
    assert not read_signed(SIGNED.encode()).checked(KEY.public)


def test_what_is_signed_is_read_back_and_every_flipped_bit_is_seen() -> None:
    good = KEY.sign("chartproof/ab\n12\nAAAA\n").encode()
    note = read_signed(good)
    assert note.text == "chartproof/ab\n12\nAAAA\n"
    assert note.checked(KEY.public)
    chance = random.Random(5)
    for _ in range(500):
        damaged = bytearray(good)
        damaged[chance.randrange(len(good))] ^= 1 << chance.randrange(8)
        try:
            read = read_signed(bytes(damaged))
        except SignatureError:
            continue
        assert not read.checked(KEY.public)


@pytest.mark.parametrize("text", ["", "no line end", "a\tb\n", "a\x00\n"])
def test_only_whole_lines_are_signed(text: str) -> None:
    with pytest.raises(SignatureError):
        KEY.sign(text)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"text\n",
        b"text\n\n",
        b"text\n\nno signature\n",
        b"text\n\n\xe2\x80\x94 name !!!!\n",
        b"text\n\n\xe2\x80\x94 name AAAA\n",
        b"text\xff\n\n\xe2\x80\x94 name AAAAAAAA\n",
        b"te\x00xt\n\n\xe2\x80\x94 name AAAAAAAA\n",
        b"text\n\n\xe2\x80\x94 na+me AAAAAAAA\n",
        b"text\n\n\xe2\x80\x94 name AAAAAAAA",
    ],
)
def test_what_is_no_signed_text_is_refused(content: bytes) -> None:
    with pytest.raises(SignatureError):
        read_signed(content)


def test_a_key_is_trusted_by_file_line_or_fingerprint(tmp_path: object, where: Places) -> None:
    public = KEY.public
    file = where.state.parent / "key.txt"
    file.write_text(f"{public.vkey}\n")
    assert trusted_key(str(file)) == (public, public.fingerprint)
    assert trusted_key(public.vkey) == (public, public.fingerprint)
    assert trusted_key(public.fingerprint.upper()) == (None, public.fingerprint)
    assert trusted_key(f"SHA256:{public.fingerprint}") == (None, public.fingerprint)
    for wrong in ("nowhere", public.vkey[:-4], public.vkey.replace("ab+", "ac+"), "a+b+c", "12ab"):
        with pytest.raises(SignatureError, match="key"):
            trusted_key(wrong)


def test_the_private_key_is_kept_and_not_shown(where: Places) -> None:
    assert find_signing_key(where, "ab", "store") is None
    made = new_signing_key("ab")
    keep_signing_key(where, "ab", made)
    assert find_signing_key(where, "ab", "store") == made
    assert where.key("ab.sign").stat().st_mode & 0o777 == 0o600
    assert made.seed.hex() not in repr(made)
    assert isinstance(made.public, PublicKey)
