import json
import os
import random
from dataclasses import replace
from pathlib import Path

import pytest

from taxonomy import TaxonomyError, cache
from taxonomy.cache import cache_path, read_cache, write_cache
from taxonomy.source import FY2026
from taxonomy.tables import Tables, compile_tables
from taxonomy.tabular import parse
from tests.soak import SOAK

FLIPS = 300 * SOAK


@pytest.fixture(scope="module")
def tables() -> Tables:
    data = (
        "<ICD10CM.tabular><version>1</version><chapter><name>1</name><desc>One</desc>"
        "<section id='A00'><desc>Cholera (A00)</desc><diag><name>A00</name>"
        "<desc>Choléra</desc><excludes1><note>none (A00)</note></excludes1></diag>"
        "</section></chapter></ICD10CM.tabular>"
    )
    return compile_tables(parse(data.encode()), totals=None, report=lambda *_: None)


@pytest.fixture
def path(tmp_path: Path, tables: Tables) -> Path:
    path = cache_path(tmp_path / "new" / "folder", FY2026)
    write_cache(path, FY2026, tables)
    return path


def test_what_was_written_is_read(path: Path, tables: Tables) -> None:
    assert read_cache(path, FY2026) == tables


def test_only_the_owner_may_read_it(path: Path) -> None:
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_file_cut_short_anywhere_is_not_believed(path: Path) -> None:
    data = path.read_bytes()
    for size in range(len(data)):
        path.write_bytes(data[:size])
        assert read_cache(path, FY2026) is None


@pytest.mark.soak
def test_a_changed_bit_anywhere_is_not_believed(path: Path) -> None:
    data = path.read_bytes()
    chance = random.Random(7)
    for _ in range(FLIPS):
        changed = bytearray(data)
        changed[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        path.write_bytes(changed)
        assert read_cache(path, FY2026) is None


def test_bytes_added_are_not_believed(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\n")
    assert read_cache(path, FY2026) is None


def test_another_source_or_other_rules_make_another_version(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert read_cache(path, replace(FY2026, digest="0" * 64)) is None
    monkeypatch.setattr(cache, "_compiler_digest", lambda: "other rules")
    assert read_cache(path, FY2026) is None


def test_a_whole_file_without_a_column_is_not_believed(path: Path) -> None:
    columns = json.loads(path.read_bytes().partition(b"\n")[2])
    del columns["titles"]
    body = json.dumps(columns).encode()
    path.write_bytes(cache._head(FY2026, body) + b"\n" + body)
    assert read_cache(path, FY2026) is None


def test_no_file_and_a_folder_in_its_place_read_as_none(tmp_path: Path) -> None:
    assert read_cache(tmp_path / "none.json", FY2026) is None
    assert read_cache(tmp_path, FY2026) is None


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path, tables: Tables) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(TaxonomyError, match="choose another cache folder"):
        write_cache(tmp_path / "file" / "taxonomy.json", FY2026, tables)


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(
    path: Path, tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    before = path.read_bytes()
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(TaxonomyError, match="No space left on device"):
        write_cache(path, FY2026, replace(tables, titles=["other"]))
    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir()] == [path.name]
