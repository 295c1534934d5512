"""Imports under fuzzing, killing and tampering: a release is in force whole, or not at all."""

import gzip
import random
import subprocess
import sys
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from taxonomy import TaxonomyError, releases
from taxonomy.importing.command import Imported
from taxonomy.importing.refusal import ImportRefusedError
from taxonomy.library import Library
from tests.soak import SOAK

Take = Callable[..., Imported]
Snapshot = Callable[[], dict[str, bytes]]
ROUNDS = 40 * SOAK


def zipped(data: bytes) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x", data)
    return buffer.getvalue()


@pytest.mark.soak
@pytest.mark.parametrize("kind", ["plain", "zip", "gzip"])
def test_no_damaged_file_crashes_or_half_activates(
    take: Take,
    files: dict[str, bytes],
    csv_index: bytes,
    edits_text: bytes,
    library: Library,
    snapshot: Snapshot,
    tmp_path: Path,
    kind: str,
) -> None:
    take(files["tabular"].replace(b"2099", b"2097"))
    files |= {"csv-index": csv_index, "edits-text": edits_text}
    chance = random.Random(f"{kind} 11")
    wraps: dict[str, Callable[[bytes], bytes]] = {
        "plain": bytes,
        "gzip": gzip.compress,
        "zip": zipped,
    }
    wrap = wraps[kind]
    for _ in range(ROUNDS):
        name = chance.choice(sorted(files))
        data = bytearray(wrap(files[name]))
        for _ in range(chance.randrange(1, 4)):
            at = chance.randrange(len(data))
            how = chance.randrange(4)
            if how == 0:
                data[at] ^= 1 << chance.randrange(8)
            elif how == 1:
                del data[at:]
            elif how == 2:
                data[at:at] = data[: chance.randrange(1, len(data) + 1)]
            else:
                data[at : at + chance.randrange(1, 30)] = chance.randbytes(chance.randrange(30))
            if not data:
                break
        before = snapshot()
        given = [bytes(data)] if name == "tabular" else [files["tabular"], bytes(data)]
        try:
            done = take(*given)
        except ImportRefusedError:
            assert snapshot() == before
            continue
        at_hand = releases(tmp_path / "cache", library.folder)
        assert len(at_hand.get(done.manifest.label)) >= 3
        found = at_hand.supplements(done.manifest.label)
        for each in ("index", "drugs", "poa_exempt", "edits", "hcc", "hcc_labels"):
            getattr(found, each)


KILLED = """
import os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[4])
from taxonomy import library as kept
from taxonomy.importing.command import ImportOptions, import_files
from taxonomy.importing.parts import Limits
count = int(sys.argv[3])
def dying(real):
    def step(*arguments, **options):
        global count
        count -= 1
        if count == 0: os._exit(9)
        return real(*arguments, **options)
    return step
os.fsync = dying(os.fsync)
os.open = dying(os.open)
Path.rename = dying(Path.rename)
Path.replace = dying(Path.replace)
import_files([Path(sys.argv[1]), Path(sys.argv[2])], library=kept.Library(Path("library")),
             cache_dir=Path("cache"), options=ImportOptions(limits=Limits(least={}, known={})))
"""


def test_killed_at_any_step_the_old_release_or_the_new_is_there(
    take: Take, files: dict[str, bytes], library: Library, tmp_path: Path
) -> None:
    take(files["tabular"], files["index"])
    old = library.active()["FY2099"]
    new = tmp_path / "new.xml"
    new.write_bytes(files["tabular"].replace(b"Broken ear", b"Ear, broken"))
    (tmp_path / "poa.txt").write_bytes(files["poa-exempt"])
    root = str(Path(__file__).parents[3])
    outcomes = []
    for step in range(1, 60):
        done = subprocess.run(
            [sys.executable, "-c", KILLED, str(new), "poa.txt", str(step), root],
            cwd=tmp_path,
            check=False,
        )
        now = library.active()["FY2099"]
        kinds = {part.kind for part in now.manifest.parts}
        assert kinds in ({"tabular", "index"}, {"tabular", "index", "poa-exempt"})
        for kind in kinds:
            now.read(kind)
        title = releases(tmp_path / "cache", library.folder).get("FY2099").title("A01")
        assert title == ("Ear, broken" if "poa-exempt" in kinds else "Broken ear")
        outcomes.append(done.returncode)
        if done.returncode == 0:
            break
    assert outcomes[-1] == 0
    assert set(outcomes[:-1]) == {9}
    assert len(outcomes) > 10
    assert old.read("tabular") == files["tabular"]
    assert not list(library.folder.glob(".staging-*"))


def test_a_release_that_was_tampered_with_is_not_believed(
    take: Take, files: dict[str, bytes], library: Library, tmp_path: Path
) -> None:
    take(files["tabular"], files["poa-exempt"])
    folder = library.active()["FY2099"].folder
    part = folder / "poa-exempt.gz"
    good = part.read_bytes()
    for bad in (good[:-5], gzip.compress(files["poa-exempt"].replace(b"00003", b"00002")), b""):
        part.write_bytes(bad)
        with pytest.raises(TaxonomyError, match="import the file again"):
            _ = releases(tmp_path / "cache", library.folder).supplements("FY2099").poa_exempt
    part.unlink()
    assert take(files["tabular"], files["poa-exempt"]).changed
    manifest = library.active()["FY2099"].folder / "release.json"
    manifest.write_bytes(manifest.read_bytes().replace(b"2099-09-30", b"2099-12-31"))
    with pytest.raises(TaxonomyError, match="was changed; import"):
        library.active()
    (library.folder / "active.json").write_bytes(b"{")
    with pytest.raises(TaxonomyError, match="is damaged"):
        library.active()
