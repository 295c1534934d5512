"""Which wording of a note was before a person."""

from pathlib import Path

import pytest

from audit import AuditError, Places, Store
from audit.handling import Handling
from tests.audit.builders import CODER, encounter, result
from tests.audit.conftest import ticking


def test_a_note_is_seen_in_its_newest_wording_and_an_unknown_one_is_refused(
    folder: Path, where: Places
) -> None:
    with Store.create_or_open(folder, places=where, actor=CODER, clock=ticking()) as store:
        first = encounter()
        case_id = store.record(first, result()).case_id
        note_id = first.notes[0].note_id
        Handling(store).note_seen(case_id, note_id)
        assert store.events()[-1].data == {"revision": 1, "note": 0}
        before = len(store.events())
        with pytest.raises(AuditError, match="no such note"):
            Handling(store).note_seen(case_id, "another")
        assert len(store.events()) == before
