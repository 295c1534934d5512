"""Build taxonomy and index from nothing, then load them from the cache. Limit: 60 s to build.

python benchmarks/index_build.py
"""

import sys
import tempfile
import time
from pathlib import Path

import taxonomy
from app.engine import load
from pipeline.model import Scope

LIMIT = 60.0


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder)
        steps: dict[str, float] = {}

        def report(label: str, done: int, _total: int) -> None:
            if done == 0:
                steps[label] = time.perf_counter()

        start = time.perf_counter()
        taxonomy.load(cache, report=report)
        compiled = time.perf_counter()
        load(cache=cache, library=cache / "none", scope=Scope.REPORTABLE, report=report)
        built = time.perf_counter()
        load(
            cache=cache,
            library=cache / "none",
            scope=Scope.REPORTABLE,
            report=lambda _label, _done, _total: None,
        )
        cached = time.perf_counter()
        size = sum(file.stat().st_size for file in cache.rglob("*") if file.is_file())
    print(f"taxonomy compiled: {compiled - start:.1f} s")
    print(f"index built and engine loaded: {built - compiled:.1f} s")
    print(f"both: {built - start:.1f} s (limit {LIMIT:.0f} s); cache {size / 1e6:.0f} MB")
    print(f"engine loaded from the cache: {cached - built:.1f} s")
    for label, begun in steps.items():
        print(f"  {label}: began after {begun - start:.1f} s")
    return int(built - start > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
