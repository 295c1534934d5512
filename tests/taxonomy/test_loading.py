import subprocess
import sys
from pathlib import Path

from taxonomy import Taxonomy, load
from taxonomy.cache import cache_path
from taxonomy.source import FY2026

_LOAD = """
import sys
from pathlib import Path
from taxonomy import load
print(len(load(Path(sys.argv[1]))))
"""


def test_a_damaged_cache_is_compiled_anew(taxonomy: Taxonomy, cache_dir: Path) -> None:
    path = cache_path(cache_dir, FY2026)
    good = path.read_bytes()
    damaged = bytearray(good)
    damaged[len(good) // 2] ^= 0x20
    path.write_bytes(damaged)
    steps: list[str] = []
    again = load(cache_dir, report=lambda step, _done, _total: steps.append(step))
    assert len(again) == len(taxonomy)
    assert path.read_bytes() == good
    assert steps


def test_a_good_cache_is_not_compiled_again(cache_dir: Path, taxonomy: Taxonomy) -> None:
    steps: list[str] = []
    assert len(load(cache_dir, report=lambda step, *_: steps.append(step))) == len(taxonomy)
    assert steps == []


def test_two_processes_may_compile_at_once(tmp_path: Path) -> None:
    started = [
        subprocess.Popen([sys.executable, "-c", _LOAD, str(tmp_path)], stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    assert [process.communicate()[0].strip() for process in started] == [b"98186", b"98186"]
    assert [each.name for each in tmp_path.iterdir()] == [cache_path(tmp_path, FY2026).name]


def test_the_release_says_when_and_from_what(taxonomy: Taxonomy) -> None:
    assert taxonomy.release is FY2026
    assert str(taxonomy.release.effective_from) == "2025-10-01"
    assert str(taxonomy.release.effective_to) == "2026-09-30"
