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

_YEAR = len("FY2027")
_REPLACED = "replaced"
"""Below the compiled imports: those that are no longer in force, so that neither evicts another."""
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

    `missing` names each part that is wanted and not there, with the page that publishes it;
    `coding` says what coding in this release rests on.
    """

    release: Release
    rows: int
    billable: int
    parts: tuple[PartRecord, ...]
    missing: tuple[tuple[str, str], ...]
    coding: tuple[str, ...]


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
        self._library = library
        self._loaded: dict[tuple[str, str], Taxonomy] = {}
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

    def newest(self) -> Taxonomy:
        """Return the newest complete release, the one to read where no date says otherwise."""
        return self.for_date(None)[0]

    def get(self, label: str) -> Taxonomy:
        """Return a release by its label, loaded once; TaxonomyError where there is none such.

        It knows which codes of the release before it are no longer billable.
        """
        entry = self._entry(label)
        key = (label, entry.release.digest)
        if key not in self._loaded:
            loaded = self._load(entry)
            before = self._older(entry)
            self._loaded[key] = loaded.after(self._load(before[-1])) if before else loaded
        return self._loaded[key]

    def recorded(self, label: str, digest: str) -> Taxonomy:
        """Return the release that a result was made with, or the one that took its place.

        A release that an import replaced is read from where it was kept, so that what was cited
        then can be quoted now. Where it is there no more, a release of the same year stands in, or
        the newest.
        """
        key = (label, digest)
        if any(_names(release, key) for release in self.all()):
            return self.get(label)
        if key not in self._loaded:
            found = self._replaced(key)
            if found is None:
                return self._stand_in(label)
            self._loaded[key] = self._load(found, folder=_REPLACED)
        return self._loaded[key]

    def supplements(self, label: str) -> Supplements:
        """Return what was imported for a release beside its list; the same value each time."""
        if label not in self._supplements:
            entry = self._entry(label)
            older = (each.kept for each in reversed(self._older(entry)))
            self._supplements[label] = Supplements(entry.kept, tuple(filter(None, older)))
        return self._supplements[label]

    def facts(self) -> tuple[ReleaseFacts, ...]:
        """Return what there is to know of every release, without loading any."""
        return tuple(map(_facts, self._entries))

    def _replaced(self, key: tuple[str, str]) -> "_Entry | None":
        """Return a built-in or imported release that another took the place of."""
        for built_in in (FY2026, provisional_release()):
            if _names(built_in, key):
                return _Entry(release=built_in, kept=None)
        kept = self._library.kept(*key)
        release = None if kept is None else kept.manifest.release()
        return None if release is None else _Entry(release=release, kept=kept)

    def _stand_in(self, label: str) -> Taxonomy:
        same_year = [each for each in self.all() if each.label[:_YEAR] == label[:_YEAR]]
        return self.get(same_year[-1].label) if same_year else self.newest()

    def _entry(self, label: str) -> _Entry:
        for entry in self._entries:
            if entry.release.label == label:
                return entry
        known = ", ".join(release.label for release in self.all())
        raise TaxonomyError(f"There is no release {label}; there are {known}.")

    def _older(self, entry: _Entry) -> list[_Entry]:
        start = entry.release.effective_from
        return [each for each in self._entries if each.release.effective_from < start]

    def _load(self, entry: _Entry, *, folder: str = "") -> Taxonomy:
        kept = entry.kept
        if kept is not None and entry.imported:
            return compiled(
                entry.release,
                lambda: parse(kept.read(parts.TABULAR)),
                imported_cache(self._cache_dir) / folder,
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
    origin = "imported" if entry.imported else "built in" if built_in else "provisional"
    lists = [kind for kind in parts.DECIDING if kind in there and kind != parts.TABULAR]
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
        coding=(f"tabular list ({origin})", *(parts.NAMES[kind] for kind in lists)),
    )


def _names(release: Release, key: tuple[str, str]) -> bool:
    return (release.label, release.digest) == key


def _distance(release: Release, day: date) -> int:
    return max((release.effective_from - day).days, (day - release.effective_to).days)
