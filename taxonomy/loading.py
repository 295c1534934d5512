"""From the installed package to a `Taxonomy`, through the compiled file where it is good."""

from collections.abc import Callable
from pathlib import Path

from taxonomy.cache import cache_path, read_cache, write_cache
from taxonomy.classification import Taxonomy
from taxonomy.fy2027 import FY2027, FY2027_TOTALS, apply_changes, changes, provisional_release
from taxonomy.model import Release
from taxonomy.source import FY2026, FY2026_TOTALS, Totals, read_tabular, tabular_path
from taxonomy.tables import Report, compile_tables
from taxonomy.tabular import Tabular, parse


def load(cache_dir: Path, *, rebuild: bool = False, report: Report | None = None) -> Taxonomy:
    """Return the release FY2026, from the compiled file in `cache_dir` or compiled anew.

    A compiled file that is damaged, or of another source or version, is replaced; `rebuild`
    replaces it in any case. `report(step, done, total)` is called while compiling. TaxonomyError
    where the source is missing or not the official bytes, or the file cannot be written.
    """
    return compiled(
        FY2026, _carried, cache_dir, totals=FY2026_TOTALS, rebuild=rebuild, report=report
    )


def load_provisional(cache_dir: Path, *, report: Report | None = None) -> Taxonomy:
    """Return FY2027 as far as it is known without its official files; compiled once, as `load`."""
    return compiled(
        provisional_release(),
        _provisional,
        cache_dir,
        totals=FY2027_TOTALS,
        report=report,
    )


def compiled(
    release: Release,
    read: Callable[[], Tabular],
    folder: Path,
    *,
    totals: Totals | None,
    rebuild: bool = False,
    report: Report | None = None,
) -> Taxonomy:
    """Return a release from its compiled file, or read its source and compile it anew."""
    path = cache_path(folder, release)
    tables = None if rebuild else read_cache(path, release)
    if tables is None:
        report = report or _silent
        report("Reading the tabular list", 0, 1)
        tabular = read()
        report("Reading the tabular list", 1, 1)
        tables = compile_tables(tabular, totals=totals, report=report)
        write_cache(path, release, tables)
    return Taxonomy.from_tables(release, tables)


def carried_list(label: str) -> Tabular | None:
    """Return the tabular list that comes with the program for a release; None for any other."""
    if label == FY2026.label:
        return _carried()
    return _provisional() if label == FY2027 else None


def imported_cache(cache_dir: Path) -> Path:
    """Return where imported releases are kept compiled, apart from the one that is built in."""
    return cache_dir / "imported"


def _provisional() -> Tabular:
    return apply_changes(_carried(), changes())


def _carried() -> Tabular:
    return parse(read_tabular(tabular_path(), digest=FY2026.digest))


def _silent(_step: str, _done: int, _total: int) -> None:
    """Report to nobody."""
