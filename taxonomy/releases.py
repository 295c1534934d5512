"""The releases at hand, and which is in force on a day.

Two come with the program: FY2026 whole, and FY2027 provisional. An imported release of the same
year takes their place; one without a tabular list adds to them. Taxonomies are loaded when first
asked for.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from taxonomy.classification import Taxonomy
from taxonomy.fy2027 import FY2027, FY2027_TOTALS, provisional_release
from taxonomy.importing import parts
from taxonomy.library import Kept, Library, PartRecord
from taxonomy.loading import compiled, imported_cache, load, load_provisional
from taxonomy.model import Release, TaxonomyError
from taxonomy.source import FY2026, FY2026_TOTALS
from taxonomy.supplements import Supplements
from taxonomy.tables import Report
from taxonomy.tabular import parse

DateNote = Literal["", "assumed", "missing"]
"""How a release was chosen: by its date, without one, or as the nearest to a date outside all."""

_WANTED = (
    parts.TABULAR,
    parts.INDEX,
    parts.EXTERNAL,
    parts.DRUGS,
    parts.NEOPLASMS,
    parts.POA,
    parts.EDITS,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseFacts:
    """What a person should know of a release: its size, its parts, and what it lacks.

    `missing` names each part that is wanted and not there, with the page that publishes it.
    """

    release: Release
    rows: int
    billable: int
    parts: tuple[PartRecord, ...]
    missing: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    release: Release
    kept: Kept | None

    @property
    def imported(self) -> bool:
        return self.kept is not None and self.kept.manifest.part(parts.TABULAR) is not None


class Releases:
    """All releases, oldest first; made by `releases`."""

    def __init__(self, cache_dir: Path, library: Library, report: Report | None = None) -> None:
        self._cache_dir = cache_dir
        self._report = report
        self._entries = _entries(library)
        self._loaded: dict[str, Taxonomy] = {}
        self._supplements: dict[str, Supplements] = {}

    def all(self) -> tuple[Release, ...]:
        """Return every release, oldest first."""
        return tuple(entry.release for entry in self._entries)

    def for_date(self, day: date | None) -> tuple[Taxonomy, DateNote]:
        """Return the release in force on the day of discharge or service, and how it was chosen.

        Of two in force the later update counts. "assumed" without a day: the newest complete
        release. "missing" where none is in force: the nearest one.
        """
        if day is None:
            whole = [each for each in self.all() if not each.provisional] or self.all()
            return self.get(whole[-1].label), "assumed"
        for release in reversed(self.all()):
            if release.effective_from <= day <= release.effective_to:
                return self.get(release.label), ""
        nearest = min(self.all(), key=lambda each: _distance(each, day))
        return self.get(nearest.label), "missing"

    def get(self, label: str) -> Taxonomy:
        """Return a release by its label, loaded once; TaxonomyError where there is none such."""
        if label not in self._loaded:
            self._loaded[label] = self._load(self._entry(label))
        return self._loaded[label]

    def supplements(self, label: str) -> Supplements:
        """Return what was imported for a release beside its list; the same value each time."""
        if label not in self._supplements:
            entry = self._entry(label)
            older = tuple(
                each.kept
                for each in reversed(self._entries)
                if each.kept is not None
                and each.release.effective_from < entry.release.effective_from
            )
            self._supplements[label] = Supplements(entry.kept, older)
        return self._supplements[label]

    def facts(self) -> tuple[ReleaseFacts, ...]:
        """Return what there is to know of every release, without loading any."""
        return tuple(map(_facts, self._entries))

    def _entry(self, label: str) -> _Entry:
        for entry in self._entries:
            if entry.release.label == label:
                return entry
        known = ", ".join(release.label for release in self.all())
        raise TaxonomyError(f"There is no release {label}; there are {known}.")

    def _load(self, entry: _Entry) -> Taxonomy:
        kept = entry.kept
        if kept is not None and entry.imported:
            return compiled(
                entry.release,
                lambda: parse(kept.read(parts.TABULAR)),
                imported_cache(self._cache_dir),
                totals=None,
                report=self._report,
            )
        if entry.release.provisional:
            return load_provisional(self._cache_dir, report=self._report)
        return load(self._cache_dir, report=self._report)


def releases(cache_dir: Path, library_dir: Path, *, report: Report | None = None) -> Releases:
    """Return the releases built in and imported.

    `cache_dir` holds compiled lists, `library_dir` what was imported; neither need exist.

    Raises:
        TaxonomyError: the library is damaged; the text says which file and what to do.
    """
    return Releases(cache_dir, Library(library_dir), report)


def _entries(library: Library) -> tuple[_Entry, ...]:
    active = library.active()
    entries: list[_Entry] = []
    for label, built_in in ((FY2026.label, FY2026), (FY2027, provisional_release())):
        kept = active.pop(label, None)
        release = None if kept is None else kept.manifest.release()
        entries.append(_Entry(release=release or built_in, kept=kept))
    for label, kept in active.items():
        release = kept.manifest.release()
        if release is None:
            raise TaxonomyError(
                f"{label} in {library.folder} has no tabular list; import it again."
            )
        entries.append(_Entry(release=release, kept=kept))
    # Of two from one day on, the update that was named apart comes later and counts.
    return tuple(
        sorted(entries, key=lambda entry: (entry.release.effective_from, entry.release.label))
    )


def _facts(entry: _Entry) -> ReleaseFacts:
    records = entry.kept.manifest.parts if entry.kept is not None else ()
    there = {record.kind: record for record in records}
    totals = FY2027_TOTALS if entry.release.provisional else FY2026_TOTALS
    rows, billable = totals.rows, totals.billable
    if entry.imported:
        counts = there[parts.TABULAR].counts
        rows, billable = counts["rows"], counts["billable"]
    built_in = not entry.imported and not entry.release.provisional
    return ReleaseFacts(
        release=entry.release,
        rows=rows,
        billable=billable,
        parts=records,
        missing=tuple(
            (parts.NAMES[kind], parts.PUBLISHED_AT[kind])
            for kind in _WANTED
            if kind not in there and not (kind == parts.TABULAR and built_in)
        ),
    )


def _distance(release: Release, day: date) -> int:
    return max((release.effective_from - day).days, (day - release.effective_to).days)
