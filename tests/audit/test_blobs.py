"""A commitment binds a text and tells nothing of it."""

import hashlib
import hmac

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from audit import Store, blobs


@settings(deadline=None)
@given(st.text(st.characters(codec=None)))
def test_a_commitment_is_the_hmac_of_the_text_under_its_own_key(words: str) -> None:
    blob = blobs.seal(words)
    body = words.encode(errors="surrogatepass")
    assert blob.body == body
    assert blob.ref == hmac.new(blob.key, body, hashlib.sha256).hexdigest()
    assert len(blob.key) == 32
    assert blobs.seal(words).ref != blob.ref  # equal texts cannot be told to be equal


def test_many_texts_come_back_and_an_erased_one_is_left_out(store: Store) -> None:
    sealed = [blobs.seal(f"text {number}") for number in range(1200)]
    with store.door._database.write() as connection:
        blobs.put(connection, sealed)
        connection.execute(text("delete from blob where ref = :ref"), {"ref": sealed[3].ref})
    with store.door.reading() as connection:
        found = blobs.get(connection, [blob.ref for blob in sealed])
    assert len(found) == 1199
    assert found[sealed[7].ref] == "text 7"
    assert sealed[3].ref not in found
