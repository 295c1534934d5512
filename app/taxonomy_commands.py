"""The commands `taxonomy import` and `taxonomy info`, mounted by `app.cli`.

As there, standard output carries the result alone and everything else goes to standard error.
Heavy modules are loaded when a command runs, so that `--help` stays fast.
"""

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from app.progress import Bars
from app.terminal import emit, err, out

if TYPE_CHECKING:
    from taxonomy import ReleaseFacts
    from taxonomy.library import PartRecord

app = typer.Typer(help="Look at and import releases of ICD-10-CM.", no_args_is_help=True)

_SHORT_DIGEST = 12

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]


@app.command("import")
def import_release(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE", help="Zips, XML, text, CSV, JSON."),
    ],
    *,
    release: Annotated[
        str,
        typer.Option(
            "--release", metavar="LABEL", help="FY2027, or FY2027-April; where no file says it."
        ),
    ] = "",
    from_: Annotated[
        datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d"], metavar="DATE", help="First day in force."),
    ] = None,
    to: Annotated[
        datetime | None,
        typer.Option("--to", formats=["%Y-%m-%d"], metavar="DATE", help="Last day in force."),
    ] = None,
    other_year: Annotated[
        bool, typer.Option("--other-year", help="Take index, tables and edits of another year.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Import official files of CDC and CMS; a file that is not whole is refused with its reason.

    Takes the tabular list, the Alphabetic Index, the Index to External Causes, the tables of drugs
    and neoplasms, the order file, the POA-exempt list, Medicare code edits and HCC maps.
    """
    from app import settings
    from taxonomy import Library
    from taxonomy.importing.command import ImportOptions, import_files

    chosen = settings.load()
    with Bars(err) as bars:
        done = import_files(
            files,
            library=Library(chosen.library),
            cache_dir=chosen.cache,
            options=ImportOptions(
                label=release,
                effective_from=_day(from_),
                effective_to=_day(to),
                other_year=other_year,
            ),
            report=bars.load,
        )
    manifest = done.manifest
    for name in done.passed_over:
        err.print(f"Note: {name} is no file an import needs, and was passed over.")
    if as_json:
        emit(
            {
                "schema": 1,
                "label": manifest.label,
                "effective_from": manifest.effective_from.isoformat(),
                "effective_to": manifest.effective_to.isoformat(),
                "changed": done.changed,
                "taken": [_part(record) for record in done.taken],
                "kept": [_part(record) for record in done.kept],
                "passed_over": list(done.passed_over),
            }
        )
        return
    out.print(_parts((*done.taken, *done.kept)))
    how = "is in force" if done.changed else "was in force already, unchanged,"
    err.print(f"{manifest.label} {how} from {manifest.effective_from} to {manifest.effective_to}.")


@app.command()
def info(*, as_json: JsonOption = False) -> None:
    """Show releases, their dates, counts and digests, and what is missing and where it is."""
    from app import settings
    from taxonomy import releases

    chosen = settings.load()
    found = releases(chosen.cache, chosen.library).facts()
    if as_json:
        emit(
            {
                "schema": 1,
                "library": str(chosen.library),
                "releases": [_facts(each) for each in found],
            }
        )
        return
    for each in found:
        state = "provisional: import the official release" if each.release.provisional else ""
        out.print(Text(f"{each.release.label}  {state}".rstrip(), style="bold"))
        out.print(f"  in force   {each.release.effective_from} to {each.release.effective_to}")
        out.print(f"  size       {each.rows:,} rows, {each.billable:,} billable")
        out.print(f"  source     {each.release.source}")
        out.print(f"  SHA-256    {each.release.digest}")
        out.print(f"  coding     uses {', '.join(each.coding)}")
        if each.parts:
            out.print(_parts(each.parts))
        missing: dict[str, list[str]] = {}
        for name, where in each.missing:
            missing.setdefault(where, []).append(name)
        for where, names in missing.items():
            out.print(f"  missing    {', '.join(names)}: {where}")
        out.print()


def _facts(facts: "ReleaseFacts") -> dict[str, object]:
    release = facts.release
    return {
        "label": release.label,
        "provisional": release.provisional,
        "effective_from": release.effective_from.isoformat(),
        "effective_to": release.effective_to.isoformat(),
        "rows": facts.rows,
        "billable": facts.billable,
        "digest": release.digest,
        "source": release.source,
        "coding": list(facts.coding),
        "parts": [_part(record) for record in facts.parts],
        "missing": [{"part": name, "published": where} for name, where in facts.missing],
    }


def _part(record: "PartRecord") -> dict[str, object]:
    return {
        "kind": record.kind,
        "file": record.name,
        "year": record.year,
        "sha256": record.sha256,
        "counts": dict(record.counts),
    }


def _parts(records: "tuple[PartRecord, ...]") -> Table:
    """Return one row a part: what it is, of which year, how much it holds, and its file."""
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 2))
    for record in records:
        counts = ", ".join(f"{count:,} {what}" for what, count in record.counts.items())
        table.add_row(
            record.kind,
            "" if record.year is None else f"FY{record.year}",
            counts,
            record.sha256[:_SHORT_DIGEST],
            Text(Path(record.name).name),
        )
    return table


def _day(given: datetime | None) -> date | None:
    return None if given is None else given.date()
