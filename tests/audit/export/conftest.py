"""Bundles of a filled store, whole and in part."""

from pathlib import Path
from types import ModuleType

import pytest

from audit import Places, Store
from audit.export import Choice, export_bundle
from audit.staff import Staff
from tests.audit.builders import CODER
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
