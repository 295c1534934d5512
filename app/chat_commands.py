"""The commands `chartproof chat …`, mounted by `app.cli`.

As there, standard output carries the result alone and everything else goes to standard error.
Heavy modules are loaded when a command runs, so that `--help` stays fast.
"""

from datetime import date, datetime
from typing import Annotated

import typer

from app.audit_commands import JsonOption, chosen
from app.terminal import StoreOption, emit, err, out, say

app = typer.Typer(help="Check and allow the chat model, if there is one.", no_args_is_help=True)


@app.command()
def check(
    context: typer.Context, *, store: StoreOption = None, as_json: JsonOption = False
) -> None:
    """Try the servers on an invented example: shapes, time, how much is read. Sends no chart."""
    from app import chatcheck, chattables, chatting, compose
    from app.progress import Bars

    settings, folder = chosen(context, store)
    with Bars(err) as bars, compose.open_store(settings, folder) as opened:
        chat = chatting.direct(opened, settings.chat, site=compose.prompt_folder(settings))
        found = chatcheck.check(chat, bars.steps())
    if as_json:
        emit(chattables.checked_json(found, settings.chat))
    else:
        out.print(*chattables.checked(found, chatcheck.preview(chat), settings.chat), sep="\n")
    raise typer.Exit(0 if found and all(each.best for each in found) else 1)


@app.command()
def allow(
    context: typer.Context,
    url: Annotated[str, typer.Argument(metavar="URL", help="Like https://models.example.org/v1.")],
    *,
    reason: Annotated[str, typer.Option("--reason", help="Why words may leave this machine.")],
    agreement: Annotated[str, typer.Option("--agreement", help="Reference of the agreement.")],
    until: Annotated[datetime, typer.Option("--until", formats=["%Y-%m-%d"], help="Its last day.")],
    store: StoreOption = None,
) -> None:
    """Let a server off this machine be asked, until a day. The log keeps who, why and how long.

    Names and numbers are masked by rules before anything is sent. Masking is no de-identification:
    see `chartproof chat masking` for what it misses.
    """
    from app import chatting, compose

    settings, folder = chosen(context, store)
    with compose.open_store(settings, folder) as opened:
        permit = chatting.allow(
            opened, url, reason=reason, agreement=agreement, until=until.date(), today=_today()
        )
    say(f"{permit.endpoint} ({permit.network} address) may be asked until {permit.expires}.")


@app.command()
def forbid(
    context: typer.Context,
    url: Annotated[str, typer.Argument(metavar="URL", help="The server that was allowed.")],
    *,
    store: StoreOption = None,
) -> None:
    """Take the permission of a server back, from now on."""
    from app import compose
    from pipeline.chat.address import Endpoint

    settings, folder = chosen(context, store)
    origin = Endpoint(url=url, model="").origin
    with compose.open_store(settings, folder) as opened:
        opened.chat.forbid(origin)
    say(f"{origin} is not asked any more.")


@app.command()
def masking(*, as_json: JsonOption = False) -> None:
    """Show what masking finds of each class in 200 invented notes, and what it misses."""
    from app import chattables
    from resources import read_json

    measured = read_json("rules/masking_recall.json")
    if as_json:
        emit({"schema": 1, **measured})
    else:
        out.print(chattables.masking(measured))


@app.command()
def usage(
    context: typer.Context, *, store: StoreOption = None, as_json: JsonOption = False
) -> None:
    """Show calls, tokens, seconds and money: today, in all, and for each case that was settled."""
    from app import chattables, chatting, compose

    settings, folder = chosen(context, store)
    with compose.open_store(settings, folder) as opened:
        figures = chatting.figures(opened, today=_today())
    if as_json:
        emit({"schema": 1, "store": str(folder), **figures})
    else:
        out.print(chattables.usage(figures))


def _today() -> date:
    return datetime.now().astimezone().date()
