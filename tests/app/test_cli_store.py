"""Stores that cannot be worked with: one sentence that names them, and no traceback."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

NOTE = "ASSESSMENT: gout, continue allopurinol."


@pytest.fixture
def note(tmp_path: Path) -> Path:
    path = tmp_path / "note.txt"
    path.write_text(NOTE)
    return path


@pytest.fixture
def store(tmp_path: Path, note: Path, run: Callable[..., Any]) -> Path:
    folder = tmp_path / "store"
    assert run("code", note, "--store", folder).code == 0
    return folder


def refused(done: Any, folder: Path) -> None:
    """Hold a refusal against what is promised of one."""
    assert done.code != 0
    assert str(folder) in done.err
    assert NOTE not in done.err
    assert done.out == ""


def test_a_store_whose_first_page_is_damaged(
    store: Path, note: Path, run: Callable[..., Any]
) -> None:
    file = store / "store.db"
    content = bytearray(file.read_bytes())
    content[100:164] = bytes(64)
    file.write_bytes(content)
    refused(run("code", note, "--store", store, "--json"), store)
    checked = run("audit", "verify", "--store", store)
    assert checked.code == 2
    assert str(store) in checked.err


def test_a_store_whose_key_is_gone(
    tmp_path: Path, store: Path, note: Path, run: Callable[..., Any]
) -> None:
    (head,) = (tmp_path / "home").rglob("heads/*")
    (key,) = (tmp_path / "home").rglob(f"keys/{head.name}")
    key.rename(tmp_path / "elsewhere")
    refused(run("code", note, "--store", store, "--json"), store)
    assert run("audit", "verify", "--store", store).code == 2


def test_a_store_whose_head_is_gone_takes_nothing_more(
    tmp_path: Path, store: Path, note: Path, run: Callable[..., Any]
) -> None:
    (head,) = (tmp_path / "home").rglob("heads/*")
    head.unlink()
    note.write_text(NOTE + " Asthma, continue albuterol.")
    done = run("code", note, "--store", store, "--json")
    assert done.code != 0
    assert "head" in done.err
    assert run("audit", "verify", "--store", store).code == 3


def test_a_file_where_the_store_should_be(
    tmp_path: Path, note: Path, run: Callable[..., Any]
) -> None:
    (tmp_path / "store").write_text("x")
    refused(run("code", note, "--store", tmp_path / "store", "--json"), tmp_path / "store")
    assert run("audit", "verify", "--store", tmp_path / "store").code == 2


def test_no_store_at_all_is_no_intact_store(tmp_path: Path, run: Callable[..., Any]) -> None:
    done = run("audit", "verify", "--store", tmp_path / "nowhere")
    assert done.code == 2
    assert not (tmp_path / "nowhere").exists()
