"""Sealed columns: they open in their place with their key, and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.cipher import Plain, SealError, Sealing, open_text, seal_text

KEY = bytes(range(32))


@given(st.binary(max_size=200), st.text(max_size=20))
def test_what_was_sealed_opens_and_is_sealed_alike_again(value: bytes, place: str) -> None:
    cipher = Sealing(KEY)
    sealed = cipher.seal(place, value)
    assert cipher.open(place, sealed) == value
    assert sealed == Sealing(KEY).seal(place, value)
    assert len(sealed) == len(value) + 16


@given(st.binary(min_size=1, max_size=60), st.data())
def test_a_changed_bit_a_moved_value_or_another_key_is_refused(
    value: bytes, data: st.DataObject
) -> None:
    sealed = bytearray(Sealing(KEY).seal("blob.body a", value))
    with pytest.raises(SealError):
        Sealing(KEY).open("blob.body b", bytes(sealed))
    with pytest.raises(SealError):
        Sealing(bytes(32)).open("blob.body a", bytes(sealed))
    bit = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(SealError):
        Sealing(KEY).open("blob.body a", bytes(sealed))


def test_the_vector_of_docs_audit_format() -> None:
    """Fixed for ever: a store written today must open in ten years."""
    sealed = Sealing(KEY).seal("blob.body 00", b"gout")
    assert sealed.hex() == "3d7a14f5e04c5e0913fb1db0869cb54dbb78fe10"


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_a_text_stays_a_text(text: str) -> None:
    for cipher in (Plain(), Sealing(KEY)):
        held = seal_text(cipher, "case_row.words x", text)
        assert open_text(cipher, "case_row.words x", held) == text
    assert Plain().hides is False


@pytest.mark.parametrize("held", ["", "zz", "00", "ab" * 40, "é"])
def test_a_column_that_was_written_over_is_refused(held: str) -> None:
    with pytest.raises(SealError):
        open_text(Sealing(KEY), "case_row.words x", held)
