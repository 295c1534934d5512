"""The commands `chartproof audit …`, mounted by `app.cli`.

As there, standard output carries the result alone and everything else goes to standard error.
Heavy modules are loaded when a command runs, so that `--help` stays fast.
"""

from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.terminal import StoreOption, emit, out, say
from pipeline.model import Route

if TYPE_CHECKING:
    from app.settings import Settings
    from audit import Where


class Form(StrEnum):
    """What the record leaves a store as; a test holds it to what can be written."""

    BUNDLE = "bundle"
    CSV = "csv"
    JSON = "json"
    FHIR = "fhir"
    HTML = "html"
    PDF = "pdf"


app = typer.Typer(help="Check, vouch for and export the audit record.", no_args_is_help=True)

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]


@app.command()
def verify(
    context: typer.Context,
    *,
    store: StoreOption = None,
    bundle: Annotated[
        Path | None, typer.Option("--bundle", metavar="DIR", help="Check an export, not a store.")
    ] = None,
    key: Annotated[
        str | None,
        typer.Option("--key", help="Trusted key of an export: file, vkey, or fingerprint."),
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option("--against", metavar="FILE", help="A checkpoint that was kept elsewhere."),
    ] = None,
    record: Annotated[
        bool,
        typer.Option("--record", help="Append to the log of the store what the check found."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Derive every hash again, of a store or of an export; without --record nothing is written.

    Exit 0 intact, 1 altered or events missing, 2 unreadable or absent, 3 head, checkpoint or
    anchor missing or newer than the log, or the signer of an export not established.
    """
    from app import compose
    from audit.export import verify_bundle

    if key is not None and bundle is None:
        raise typer.BadParameter("--key is for an export; give it with --bundle.")
    if record and bundle is not None:
        raise typer.BadParameter("--record is for a store; an export takes no events.")
    unrecorded = None
    if bundle is not None:
        folder: Path | Where = bundle
        report = verify_bundle(bundle, key=key, against=against)
    else:
        settings, folder = chosen(context, store)
        report = compose.verify_store(settings, folder, against=against)
        if record:
            unrecorded = compose.record_check(settings, folder, report)
    if as_json:
        kept = {"recorded": unrecorded is None} if record else {}
        emit(
            {
                "schema": 1,
                "store": str(folder),
                "status": report.status,
                "exit_code": report.exit_code,
                "events": report.events,
                "problems": list(report.problems),
                **kept,
            }
        )
    else:
        out.print(f"{folder}: {report.status}, {report.events} events checked")
        for problem in report.problems:
            say(problem)
    if unrecorded is not None:
        say(f"What the check found was not recorded. {unrecorded}")
    raise typer.Exit(report.exit_code)


@app.command()
def create(context: typer.Context, *, store: StoreOption = None) -> None:
    """Make a store; on PostgreSQL as the owner of the database, who then grants roles to people."""
    from app import compose

    settings, where = chosen(context, store)
    with compose.open_store(settings, where) as opened:
        say(f"{where} is a store; its id is {opened.store_id}.")
        if opened.shared:
            say(
                "Let people in by its database: grant chartproof_coder (or _reviewer, _compliance, "
                "_admin) to ROLE; and give their computers the store's key."
            )
        if opened.notice:
            say(f"Note: {opened.notice}")


@app.command()
def password(
    context: typer.Context,
    *,
    forget: Annotated[bool, typer.Option("--forget", help="Remove it again.")] = False,
    store: StoreOption = None,
) -> None:
    """Keep the password of a database role in the system keyring, where no file shows it."""
    from app import UsageError
    from audit.address import Address
    from audit.postgres_login import forget_password, keep_password

    _, where = chosen(context, store)
    if not isinstance(where, Address):
        raise UsageError(f"{where} is a folder; only a database asks for a password.")
    if forget:
        say("It is removed." if forget_password(where) else "None was kept.")
        return
    given = typer.prompt(f"Password of {where.account}", hide_input=True)
    keep_password(where, given)
    say(f"The password of {where.account} is in the system keyring.")


@app.command()
def checkpoint(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="Where to write it; else it is printed.")
    ] = None,
    *,
    store: StoreOption = None,
    key: Annotated[
        bool, typer.Option("--key", help="Give the public key that signs, not a checkpoint.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Sign the log as it is now; keep the result where nobody who writes to the store can reach it.

    `verify --against FILE` later shows that nothing up to here was changed or lost.
    """
    from app import compose, handout

    settings, folder = chosen(context, store)
    with compose.open_existing(settings, folder) as opened:
        issued = (handout.issue_key if key else handout.issue_checkpoint)(opened, file)
    if as_json:
        emit({"schema": 1, "store": str(folder), **issued.facts})
    elif file is None:
        out.print(issued.content, end="")
    if not as_json:
        say(f"Signed by the key SHA256:{issued.facts['fingerprint']}.")
    if file is not None:
        say(f"{file} is written. Keep it on another machine, or on paper.")


@app.command()
def export(
    context: typer.Context,
    out_folder: Annotated[
        Path, typer.Argument(metavar="OUT", help="Folder to make; must not exist yet.")
    ],
    *,
    store: StoreOption = None,
    cases: Annotated[
        list[str] | None,
        typer.Option("--case", metavar="ID", help="Case or encounter; may be given again."),
    ] = None,
    coder: Annotated[
        str | None, typer.Option("--coder", metavar="NAME", help="Who acted on the case.")
    ] = None,
    lane: Annotated[
        Route | None,
        typer.Option("--lane", case_sensitive=False, help="The lane the case is in now."),
    ] = None,
    first: Annotated[
        datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d"], metavar="DATE", help="First day, in UTC."),
    ] = None,
    last: Annotated[
        datetime | None,
        typer.Option("--to", formats=["%Y-%m-%d"], metavar="DATE", help="Last day, in UTC."),
    ] = None,
    forms: Annotated[
        list[Form] | None,
        typer.Option("--form", case_sensitive=False, help="Of each case; may be given again."),
    ] = None,
    without_text: Annotated[
        bool, typer.Option("--without-text", help="Commitments only, no words of a note.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Export the record: events, proofs, a signed checkpoint, and a program that checks them.

    Without a filter it is the whole log; with one, the whole cases that have what is asked for.
    With --form, a file of each case in that form instead.
    """
    from app import compose, handout
    from audit.export import Choice

    settings, folder = chosen(context, store)
    choice = Choice(
        cases=tuple(cases or ()), coder=coder, lane=lane, first=_day(first), last=_day(last)
    )
    wanted = {each.value for each in forms or ()}
    with compose.open_existing(settings, folder) as opened:
        if wanted - {Form.BUNDLE.value}:
            count = handout.export_forms(
                opened,
                out_folder,
                choice,
                forms=sorted(wanted),
                texts=not without_text,
                title=compose.titles(settings),
            )
            if as_json:
                emit({"schema": 1, "store": str(folder), "out": str(out_folder), "cases": count})
            say(f"{out_folder} is written: {count} cases as {', '.join(sorted(wanted))}.")
            return
        done = handout.export(opened, out_folder, choice, texts=not without_text)
    if as_json:
        emit({"schema": 1, "store": str(folder), "out": str(out_folder), **done})
        return
    say(f"{out_folder} is written: {done['cases']} cases, {done['events']} events.")
    say(f"Check it with: python3 {out_folder / 'chartproof_verify.py'} {out_folder} --key KEY")


def _day(given: datetime | None) -> date | None:
    return None if given is None else given.date()


def chosen(context: typer.Context, store: str | None) -> "tuple[Settings, Where]":
    """Return the settings, and the store given here, or before the command, or the default."""
    from app import compose, settings

    loaded = settings.load()
    return loaded, compose.store_of(loaded, store or context.obj)
