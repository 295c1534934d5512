"""Time the taxonomy (`python benchmarks/taxonomy_speed.py`): load, index, keystrokes, pairs.

Limits: load 0.5 s and 150 MB from a compiled cache, index 1 s, keystroke 15 ms at p95. The peer is
`simple_icd_10_cm`, which needs about 3 s and 190 MB to import and has no search.
"""

import json
import random
import resource
import tempfile
import time
from collections.abc import Callable
from functools import partial
from itertools import combinations
from pathlib import Path

from taxonomy import CodeSearch, Excludes1, Taxonomy, load

QUERIES = 300
SETS = 200
CODES = 25


def milliseconds(values: list[float], part: float) -> float:
    return round(1000 * sorted(values)[int(part * (len(values) - 1))], 2)


def timed(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def all_pairs(taxonomy: Taxonomy, codes: list[str]) -> list[Excludes1 | None]:
    return [taxonomy.excludes1(a, b) for a, b in combinations(codes, 2)]


def main() -> None:
    chance = random.Random(3)
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder)
        figures: dict[str, float] = {"compile_s": timed(lambda: load(cache, rebuild=True))}
        figures["load_s"] = timed(lambda: load(cache))
        taxonomy = load(cache)
    figures["index_s"] = timed(lambda: CodeSearch(taxonomy))
    search = CodeSearch(taxonomy)
    texts = [term.text for term in taxonomy.terms()]
    keystrokes = [
        timed(partial(search.search, typed))
        for text in chance.sample(texts, QUERIES)
        for typed in (text[:size] for size in range(2, min(len(text), 30), 3))
    ]
    billable = [code.code for code in taxonomy.codes() if code.billable]
    sets = [chance.sample(billable, CODES) for _ in range(SETS)]
    pairs = [timed(partial(all_pairs, taxonomy, codes)) for codes in sets]
    figures["keystroke_p50_ms"] = milliseconds(keystrokes, 0.5)
    figures["keystroke_p95_ms"] = milliseconds(keystrokes, 0.95)
    figures["excludes1_25_codes_p95_ms"] = milliseconds(pairs, 0.95)
    figures["peak_mb_with_compile"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({name: round(value, 3) for name, value in figures.items()}, indent=1))


if __name__ == "__main__":
    main()
