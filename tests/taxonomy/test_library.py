import subprocess
import sys
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest
from pydantic import ValidationError

from taxonomy import TaxonomyError
from taxonomy.library import Library, Manifest, PartRecord

ACTIVATE = """
import sys
from datetime import date
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from tests_of_library import manifest
from taxonomy.library import Library
for number in range(5):
    made, data = manifest(sys.argv[3], f"{sys.argv[3]} {number}".encode())
    assert Library(Path(sys.argv[2])).activate(made, data)
"""


def manifest(label: str, data: bytes) -> tuple[Manifest, dict[str, bytes]]:
    record = PartRecord(
        kind="index", name="index.csv", year=None, sha256=sha256(data).hexdigest(), counts={}
    )
    made = Manifest(
        label=label,
        effective_from=date(2026, 10, 1),
        effective_to=date(2027, 9, 30),
        parts=(record,),
    )
    return made, {"index": data}


def test_no_library_is_an_empty_one(tmp_path: Path) -> None:
    assert Library(tmp_path / "none").active() == {}
    assert not list(tmp_path.iterdir())


def test_what_was_activated_is_read_and_the_old_stays_readable(tmp_path: Path) -> None:
    library = Library(tmp_path / "library")
    assert library.activate(*manifest("FY2027", b"old"))
    old = library.active()["FY2027"]
    assert library.activate(*manifest("FY2027", b"new"))
    assert library.active()["FY2027"].read("index") == b"new"
    assert old.read("index") == b"old"
    assert not library.activate(*manifest("FY2027", b"new"))
    assert library.activate(*manifest("FY2027", b"old"))
    assert library.active()["FY2027"].read("index") == b"old"
    with pytest.raises(TaxonomyError, match="imported without its drugs"):
        old.read("drugs")


def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    library = Library(tmp_path / "library")
    library.activate(*manifest("FY2027", b"data"))
    for path in library.folder.rglob("*"):
        assert path.name == ".lock" or not path.stat().st_mode & 0o077


def test_two_processes_may_import_at_once(tmp_path: Path) -> None:
    (tmp_path / "tests_of_library.py").write_text(Path(__file__).read_text())
    root = str(Path(__file__).parents[2])
    started = [
        subprocess.Popen(
            [sys.executable, "-c", ACTIVATE, str(tmp_path), str(tmp_path / "library"), label],
            env={"PYTHONPATH": root},
        )
        for label in ("FY2027", "FY2028")
    ]
    assert [process.wait() for process in started] == [0, 0]
    active = Library(tmp_path / "library").active()
    assert {label: kept.read("index") for label, kept in active.items()} == {
        "FY2027": b"FY2027 4",
        "FY2028": b"FY2028 4",
    }


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(TaxonomyError, match="were in force still are"):
        Library(tmp_path / "file" / "library").activate(*manifest("FY2027", b"data"))


@pytest.mark.parametrize("label", ["FY1999", "../FY2027", "FY2027/x", "FY2027-", ""])
def test_a_label_cannot_be_a_path(label: str) -> None:
    with pytest.raises(ValidationError):
        manifest(label, b"data")
