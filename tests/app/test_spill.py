"""What is put aside comes back as it was, and no word of it can be read beside this process."""

import random
import resource
import subprocess
import sys
import textwrap
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import AppError, spill
from app.spill import Spill
from pipeline.model import Note

TEXTS = st.text(st.characters(codec=None), max_size=200)


@given(st.lists(TEXTS, max_size=30), st.integers())
def test_what_is_put_comes_back_in_whatever_order(texts: list[str], seed: int) -> None:
    shelf = Spill()
    notes = [Note(note_id=str(n), text=text, sha256="") for n, text in enumerate(texts)]
    places = {shelf.put(note): note for note in notes}
    assert len(places) == len(notes)
    for place in random.Random(seed).sample(sorted(places), len(places)):
        assert shelf.get(place) == places[place]


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc")
def test_a_file_without_a_name_takes_what_does_not_fit_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spill, "IN_MEMORY", 1000)
    shelf = Spill(tmp_path)
    places = [shelf.put(f"Mrs Secret has gout, visit {n}") for n in range(200)]
    assert shelf.get(places[7]) == "Mrs Secret has gout, visit 7"
    assert list(tmp_path.iterdir()) == []
    handles = list(Path("/proc/self/fd").iterdir())
    (ours,) = [each for each in handles if _leads_to(each).startswith(str(tmp_path))]
    assert ours.stat().st_size > 1000
    assert b"Secret" not in ours.read_bytes()
    del shelf
    assert not _leads_to(ours).startswith(str(tmp_path))


def _leads_to(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:
        return ""


def test_a_full_disk_is_told_once_and_leaves_no_trace(tmp_path: Path) -> None:
    script = """
        import sys
        from pathlib import Path

        from app import AppError, spill

        spill.IN_MEMORY = 1000
        shelf = spill.Spill(Path(sys.argv[1]))
        try:
            while True:
                shelf.put("Mrs Secret has gout")
        except AppError as error:
            print(error)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), tmp_path],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000,) * 2),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "cannot be put aside" in done.stdout
    assert "(File too large)" in done.stdout


def test_a_folder_that_cannot_take_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spill, "IN_MEMORY", 10)
    with TemporaryDirectory() as name:
        shelf = Spill(Path(name))
    with pytest.raises(AppError, match=r"put aside in .* \(No such file or directory\)") as error:
        shelf.put("Mrs Secret")
    assert "Secret" not in str(error.value)
