"""Bundles of a filled store, whole and in part."""

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from audit import Accept, Add, Places, Reject, Store
from audit.decisions import Comment
from audit.export import Choice, export_bundle
from audit.staff import Staff
from tests.audit.builders import CODER, PHRASE, encounter, result, span
from tests.audit.conftest import ticking
from tests.audit.export.desk import REASON
from tests.verifier import loaded


@pytest.fixture(scope="session")
def standalone() -> ModuleType:
    return loaded()


@pytest.fixture
def whole(filled: Path, where: Places, tmp_path: Path) -> Path:
    with Store.open(filled, places=where, actor=CODER) as store:
        Staff(store).enrol("Robin Marlow", "a long passphrase")
        export_bundle(store, tmp_path / "whole", Choice(), texts=True)
    return tmp_path / "whole"


@pytest.fixture
def part(filled: Path, where: Places, tmp_path: Path) -> Path:
    with Store.open(filled, places=where, actor=CODER) as store:
        export_bundle(store, tmp_path / "part", Choice(cases=("e-1", "e-2")), texts=True)
    return tmp_path / "part"


@pytest.fixture
def desk(folder: Path, where: Places) -> Iterator[Store]:
    """A store with one case of a confirmed, a rejected and an entered code, not submitted."""
    with Store.create_or_open(folder, places=where, actor=CODER, clock=ticking()) as store:
        Staff(store).enrol("Robin Marlow", PHRASE)
        case_id = store.record(encounter(), result(more=("R07.9",))).case_id
        store.decide(case_id, Accept(code="I10"))
        store.decide(case_id, Reject(code="E11.9", reason=REASON))
        store.decide(case_id, Add(code="Z79.4", evidence=(span("metformin"),)))
        store.decide(case_id, Comment(text="Ask Dr Ashgrove."))
        yield store
