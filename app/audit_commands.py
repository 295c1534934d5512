"""The commands `chartproof audit …`, mounted by `app.cli`.

As there, standard output carries the result alone and everything else goes to standard error.
Heavy modules are loaded when a command runs, so that `--help` stays fast.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.terminal import emit, out, say

if TYPE_CHECKING:
    from app.settings import Settings

app = typer.Typer(help="Check the audit log.", no_args_is_help=True)

StoreOption = Annotated[
    Path | None, typer.Option("--store", metavar="DIR", help="Store to use instead of the default.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]


@app.command()
def verify(
    context: typer.Context, *, store: StoreOption = None, as_json: JsonOption = False
) -> None:
    """Derive every hash again.

    Exit 0 intact, 1 altered or events missing, 2 unreadable or absent, 3 head or anchor missing or
    newer than the log.
    """
    from app import compose

    settings, folder = chosen(context, store)
    report = compose.verify_store(settings, folder)
    if as_json:
        emit(
            {
                "schema": 1,
                "store": str(folder),
                "status": report.status,
                "exit_code": report.exit_code,
                "events": report.events,
                "problems": list(report.problems),
            }
        )
    else:
        out.print(f"{folder}: {report.status}, {report.events} events checked")
        for problem in report.problems:
            say(problem)
    raise typer.Exit(report.exit_code)


def chosen(context: typer.Context, store: Path | None) -> "tuple[Settings, Path]":
    """Return the settings, and the store given here, or before the command, or the default."""
    from app import compose, settings

    loaded = settings.load()
    return loaded, compose.store_folder(loaded, store or context.obj)
