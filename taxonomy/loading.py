"""From the installed package to a `Taxonomy`, through the compiled file where it is good."""

from pathlib import Path

from taxonomy.cache import cache_path, read_cache, write_cache
from taxonomy.classification import Taxonomy
from taxonomy.source import FY2026, FY2026_TOTALS, read_tabular, tabular_path
from taxonomy.tables import Report, Tables, compile_tables
from taxonomy.tabular import parse


def load(cache_dir: Path, *, rebuild: bool = False, report: Report | None = None) -> Taxonomy:
    """Return the release FY2026, from the compiled file in `cache_dir` or compiled anew.

    A compiled file that is damaged, or of another source or version, is replaced; `rebuild`
    replaces it in any case. `report(step, done, total)` is called while compiling. TaxonomyError
    where the source is missing or not the official bytes, or the file cannot be written.
    """
    path = cache_path(cache_dir, FY2026)
    tables = None if rebuild else read_cache(path, FY2026)
    if tables is None:
        tables = _compile(report or _silent)
        write_cache(path, FY2026, tables)
    return Taxonomy.from_tables(FY2026, tables)


def _compile(report: Report) -> Tables:
    report("Reading the tabular list", 0, 1)
    tabular = parse(read_tabular(tabular_path(), digest=FY2026.digest))
    report("Reading the tabular list", 1, 1)
    return compile_tables(tabular, totals=FY2026_TOTALS, report=report)


def _silent(_step: str, _done: int, _total: int) -> None:
    """Report to nobody."""
