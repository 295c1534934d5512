"""From files to a release in force: gather, agree on the release, check, compile, activate."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from taxonomy.importing import parts
from taxonomy.importing.containers import Member, members
from taxonomy.importing.fit import check_fit, lines
from taxonomy.importing.lists import PoaExempt
from taxonomy.importing.parts import OFFICIAL, TABULAR, Limits, Part
from taxonomy.importing.recognise import check_known, recognise
from taxonomy.importing.refusal import ImportRefusedError, TooShortError
from taxonomy.library import Kept, Library, Manifest, PartRecord
from taxonomy.loading import carried_list, compiled, imported_cache
from taxonomy.tables import Report
from taxonomy.tabular import Tabular

_LABEL = re.compile(r"FY(20\d\d)(?:-([A-Za-z0-9]{1,20}))?")
_APRIL = "April"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """What a person says about the files.

    `label` (FY2027, FY2027-April) is needed where no file names its year; the dates, inclusive,
    follow from it and are needed only for a label with another suffix. `other_year` takes index,
    tables and code edits of another year, on purpose.
    """

    label: str = ""
    effective_from: date | None = None
    effective_to: date | None = None
    other_year: bool = False
    limits: Limits = OFFICIAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import did: the parts it took, those it kept of before, the files it passed over.

    `changed` is False where the very same release was in force already.
    """

    manifest: Manifest
    taken: tuple[PartRecord, ...]
    kept: tuple[PartRecord, ...]
    passed_over: tuple[str, ...]
    changed: bool


def import_files(
    paths: Sequence[Path],
    *,
    library: Library,
    cache_dir: Path,
    options: ImportOptions | None = None,
    report: Report | None = None,
) -> Imported:
    """Take official files into the library and put their release into force.

    Parts that the release has from before and no file brings anew are kept. The list is compiled
    before it comes into force, so that what was imported can be loaded.

    Raises:
        ImportRefusedError: a file is damaged, short, hostile, twice or of another release; the
            text names it. Nothing has changed.
        TaxonomyError: the library or the cache cannot be written.
    """
    options = options or ImportOptions()
    new, passed_over = _gather(paths, options.limits)
    label = options.label or _label(new.values())
    _check_years(new.values(), label, options)
    effective_from, effective_to = _dates(label, options)
    before = library.active().get(label)
    old = _kept(before, new, options.limits)
    together = {**old, **new}
    tabular = _list(label, together.get(TABULAR))
    known = lines(tabular)
    for part in together.values():
        check_fit(part, known, label=label, lagging=part.year is not None and _lags(part, label))
    manifest = Manifest(
        label=label,
        effective_from=effective_from,
        effective_to=effective_to,
        parts=tuple(_record(part) for _, part in sorted(together.items())),
    )
    release = manifest.release()
    if release is not None:
        compiled(release, lambda: tabular, imported_cache(cache_dir), totals=None, report=report)
    changed = library.activate(manifest, {kind: part.data for kind, part in together.items()})
    return Imported(
        manifest=manifest,
        taken=tuple(map(_record, new.values())),
        kept=tuple(map(_record, old.values())),
        passed_over=passed_over,
        changed=changed,
    )


def _gather(paths: Sequence[Path], limits: Limits) -> tuple[dict[str, Part], tuple[str, ...]]:
    """Return the parts that files hold, by kind, and the names of files in zips passed over."""
    found: dict[str, Part] = {}
    passed_over: list[str] = []
    for path in paths:
        short: list[TooShortError] = []
        here: list[Part] = []
        for member in members(path):
            try:
                part = recognise(member, limits)
            except TooShortError as error:
                if not member.packed:
                    raise
                short.append(error)
                continue
            if part is not None:
                here.append(part)
            else:
                passed_over.append(member.name)
        if not here:
            raise short[0] if short else _strange(path)
        # A zip of the POA list carries lists of changes in the same form.
        if short and parts.POA not in {part.kind for part in here}:
            raise short[0]
        passed_over += [str(error).partition(" is too short")[0] for error in short]
        for part in here:
            _add(found, part)
    return found, tuple(passed_over)


def _add(found: dict[str, Part], part: Part) -> None:
    other = found.setdefault(part.kind, part)
    if other.digest != part.digest:
        raise ImportRefusedError(
            f"{other.name} and {part.name} both hold the {parts.NAMES[part.kind]}, and differ; "
            "import one of them."
        )


def _strange(path: Path) -> ImportRefusedError:
    return ImportRefusedError(
        f"{path} holds no file that an import takes: tabular list, index, tables, order file, "
        "POA-exempt list, code edits or HCC map, as published; check which file it is."
    )


def _label(found: Iterable[Part]) -> str:
    """Return the release that the files name; ImportRefusedError where none or two are named."""
    named = [part for part in found if part.year is not None]
    if not named:
        raise ImportRefusedError(
            "None of the files names its release; say which it is, such as --release FY2026."
        )
    for part in named[1:]:
        if part.year != named[0].year:
            raise ImportRefusedError(
                f"{named[0].name} belongs to FY{named[0].year}, {part.name} to FY{part.year}; "
                "import files of one release together."
            )
    april = any(isinstance(part.value, PoaExempt) and part.value.april for part in named)
    return f"FY{named[0].year}-{_APRIL}" if april else f"FY{named[0].year}"


def _check_years(found: Iterable[Part], label: str, options: ImportOptions) -> None:
    match = _LABEL.fullmatch(label)
    if match is None:
        raise ImportRefusedError(
            f"{label[:40]!r} names no release; write it as FY2027, or FY2027-April for an update."
        )
    for part in found:
        if part.year is None or not _lags(part, label):
            plain = part.kind == TABULAR and match.group(2) is None
            if plain and (totals := options.limits.known.get((TABULAR, int(match.group(1))))):
                check_known(part, totals)
        elif part.kind not in parts.LAGGING:
            raise ImportRefusedError(
                f"{part.name} belongs to FY{part.year}, not to {label}; import the file of {label}."
            )
        elif not options.other_year:
            raise ImportRefusedError(
                f"{part.name} belongs to FY{part.year}, not to {label}; import the file of "
                f"{label}, or say --other-year to use this one until you have it."
            )


def _lags(part: Part, label: str) -> bool:
    return not label.startswith(f"FY{part.year}")


def _dates(label: str, options: ImportOptions) -> tuple[date, date]:
    match = _LABEL.fullmatch(label)
    assert match is not None
    year, suffix = int(match.group(1)), match.group(2)
    first = {None: date(year - 1, 10, 1), _APRIL: date(year, 4, 1)}.get(suffix)
    effective_from = options.effective_from or first
    effective_to = options.effective_to or date(year, 9, 30)
    if effective_from is None:
        raise ImportRefusedError(f"From when {label} is in force is not known; say --from DATE.")
    if effective_from > effective_to:
        raise ImportRefusedError(
            f"{label} cannot be in force from {effective_from} to {effective_to}; correct the "
            "dates."
        )
    return effective_from, effective_to


def _kept(before: Kept | None, new: dict[str, Part], limits: Limits) -> dict[str, Part]:
    """Return the parts of the release in force that no file brings anew, read and checked again."""
    kept: dict[str, Part] = {}
    for record in before.manifest.parts if before is not None else ():
        if before is None or record.kind in new:
            continue
        member = Member(name=record.name, data=before.read(record.kind))
        part = recognise(member, limits)
        if part is None:
            raise ImportRefusedError(
                f"{record.name}, imported before, is damaged; import it again."
            )
        kept[record.kind] = replace(part, year=record.year)
    return kept


def _list(label: str, part: Part | None) -> Tabular:
    """Return the tabular list of a release: the one imported, or the one that is built in."""
    if part is not None:
        assert isinstance(part.value, Tabular)
        return part.value
    carried = carried_list(label)
    if carried is None:
        raise ImportRefusedError(
            f"{label} has no tabular list yet; import it first, or together with these files."
        )
    return carried


def _record(part: Part) -> PartRecord:
    return PartRecord(
        kind=part.kind, name=part.name, year=part.year, sha256=part.digest, counts=dict(part.counts)
    )
