"""The commands `chartproof prompts …`, mounted by `app.cli`.

As there, standard output carries the result alone and everything else goes to standard error.
Heavy modules are loaded when a command runs, so that `--help` stays fast.
"""

import difflib
from typing import Annotated

import typer

from app.audit_commands import JsonOption, chosen
from app.terminal import StoreOption, emit, err, out, say
from pipeline.chat.model import Task

app = typer.Typer(help="Look at prompts and put versions in force.", no_args_is_help=True)


@app.command("list")
def list_(
    context: typer.Context, *, store: StoreOption = None, as_json: JsonOption = False
) -> None:
    """List every version of every prompt, with its digest, and which are in force."""
    from app import chattables, chatting, compose

    settings, folder = chosen(context, store)
    with compose.open_store(settings, folder) as opened:
        prompts = chatting.prompts(opened, compose.prompt_folder(settings))
    if as_json:
        emit(chattables.prompts_json(prompts))
    else:
        out.print(chattables.prompts(prompts))


@app.command()
def show(
    prompt: Annotated[str, typer.Argument(metavar="PROMPT", help="Like verify-1.")],
) -> None:
    """Print the file of a prompt."""
    from app import compose, settings
    from pipeline.chat.prompts import Prompts

    found = Prompts.read(compose.prompt_folder(settings.load())).get(prompt)
    out.print(found.text.rstrip())
    say(f"SHA-256 {found.digest}")


@app.command()
def diff(
    before: Annotated[str, typer.Argument(metavar="PROMPT", help="Like verify-1.")],
    after: Annotated[str, typer.Argument(metavar="PROMPT", help="Like verify-2.")],
) -> None:
    """Show what differs between two prompts, line by line."""
    from app import compose, settings
    from pipeline.chat.prompts import Prompts

    prompts = Prompts.read(compose.prompt_folder(settings.load()))
    old, new = prompts.get(before), prompts.get(after)
    lines = difflib.unified_diff(
        old.text.splitlines(), new.text.splitlines(), old.id, new.id, lineterm=""
    )
    for line in lines:
        out.print(line)


@app.command()
def activate(
    context: typer.Context,
    prompt: Annotated[str, typer.Argument(metavar="PROMPT", help="Like verify-2.")],
    *,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask the golden questions with both versions; put the new one in force if it is no worse."""
    from app import chattables, chatting, compose, promptgate
    from app.progress import Bars

    settings, folder = chosen(context, store)
    with Bars(err) as bars, compose.open_store(settings, folder) as opened:
        chat = chatting.direct(opened, settings.chat, site=compose.prompt_folder(settings))
        steps = bars.steps()
        done = promptgate.trial(
            prompt,
            chat,
            compose.load_taxonomy(settings, report=bars.load),
            report=lambda _done, total: steps("Asking the golden questions", total),
        )
        promptgate.activate(opened, done)
    if as_json:
        emit(chattables.trial_json(done))
    else:
        out.print(chattables.trial(done))
    say(f"{done.prompt.id} is in force in {folder}.")


@app.command()
def rollback(
    context: typer.Context,
    task: Annotated[Task, typer.Argument(metavar="TASK", help="verify, extract or audit.")],
    *,
    store: StoreOption = None,
) -> None:
    """Put the version back in force that was before."""
    from app import compose, promptgate
    from pipeline.chat.prompts import Prompts

    settings, folder = chosen(context, store)
    with compose.open_store(settings, folder) as opened:
        back = promptgate.rollback(opened, task, Prompts.read(compose.prompt_folder(settings)))
    say(f"{back.id} is in force in {folder} again.")
