"""The commands `chartproof audit …` on what was recorded: done again, kept, held, destroyed, saved.

As in `app.cli`, standard output carries the result alone and everything else goes to standard
error. Heavy modules are loaded when a command runs, so that `--help` stays fast.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app import UsageError
from app.audit_commands import JsonOption, chosen
from app.terminal import StoreOption, counted, emit, out, say
from pipeline.model import Route

if TYPE_CHECKING:
    from app.settings import Settings

app = typer.Typer()

CasesArgument = Annotated[
    list[str] | None, typer.Argument(metavar="CASE", help="Ids of cases or of encounters.")
]

ReasonOption = Annotated[str, typer.Option("--reason", help="Why; kept as a text.")]


@app.command()
def replay(
    context: typer.Context,
    cases: CasesArgument = None,
    *,
    other: Annotated[
        str,
        typer.Option(
            "--with",
            metavar="CONFIG",
            help="A file like settings.toml, or `today` for the settings in force: what would "
            "today's engine have said?",
        ),
    ] = "",
    coder: Annotated[
        str, typer.Option("--coder", metavar="NAME", help="Who acted on the case.")
    ] = "",
    lane: Annotated[
        Route | None,
        typer.Option("--lane", case_sensitive=False, help="The lane the case is in now."),
    ] = None,
    first_day: Annotated[
        str, typer.Option("--from", metavar="DAY", help="Passes from this day, YYYY-MM-DD.")
    ] = "",
    last_day: Annotated[
        str, typer.Option("--to", metavar="DAY", help="Passes until this day.")
    ] = "",
    workers: Annotated[int | None, typer.Option("--workers", min=1, max=64, metavar="N")] = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Rebuild cases from their events alone and run the pipeline again on what was recorded.

    Without CASE: the newest analysis of every case. What a chat model was asked is answered from
    the record; nothing is sent. Exit 1 where a result differs though nothing
    that decides it is another, where a case is not what its events say, or where a run failed.
    """
    from app import compose, custody, custody_tables, replay
    from app.progress import Bars
    from app.terminal import err

    settings, folder = chosen(context, store)
    config = custody.replay_config(settings, other)
    with Bars(err) as bars, custody.opened(settings, folder) as opened:
        wanted = custody.Wanted(
            cases=custody.case_ids(opened, cases or []),
            coder=coder,
            lane=lane,
            first_day=custody.day(first_day),
            last_day=custody.day(last_day),
        )
        rows = []
        total = len(wanted.cases) or len(opened.cases(lane=lane))
        for row in bars.each(
            replay.replay(
                opened,
                wanted,
                config=config,
                recipe=compose.recipe(settings, settings.scope),
                prompts=compose.prompt_folder(settings),
                workers=workers or settings.workers,
                report=bars.load,
            ),
            "Replaying",
            total,
        ):
            rows.append(row)
            for sentence in row.errors:
                say(sentence)
    figures = replay.summary(rows, config=config)
    if as_json:
        emit({"schema": 1, "store": str(folder), **figures, "rows": list(map(replay.row, rows))})
    else:
        out.print(*custody_tables.replayed(rows, figures))
    bad = any(each.reason == "failed" for each in rows)
    raise typer.Exit(1 if bad or figures["unexplained"] or figures["not_rebuilt"] else 0)


@app.command()
def retain(
    context: typer.Context,
    years: Annotated[
        int | None, typer.Argument(metavar="YEARS", min=0, max=200, help="Years to keep texts.")
    ] = None,
    *,
    forever: Annotated[bool, typer.Option("--for-ever", help="No rule: texts stay.")] = False,
    store: StoreOption = None,
) -> None:
    """Set for how many years texts are kept after discharge or service, or show the rule."""
    from app import custody
    from audit.disposal import Custody

    settings, folder = chosen(context, store)
    with custody.opened(settings, folder) as opened:
        rule = Custody(opened)
        if forever or years is not None:
            rule.keep(None if forever else years)
        out.print("for ever" if rule.years is None else counted(rule.years, "year"))


@app.command()
def hold(
    context: typer.Context,
    cases: CasesArgument = None,
    *,
    matter: Annotated[str, typer.Option("--matter", help="What the hold is for.")],
    lift: Annotated[bool, typer.Option("--lift", help="End the hold.")] = False,
    store: StoreOption = None,
) -> None:
    """Keep the texts of these cases, or without CASE of all, from being destroyed."""
    from app import custody
    from audit.disposal import Custody

    settings, folder = chosen(context, store)
    with custody.opened(settings, folder) as opened:
        ids = custody.case_ids(opened, cases or [])
        (Custody(opened).lift if lift else Custody(opened).hold)(ids, matter)
    which = counted(len(ids), "case") if ids else "all cases"
    say(f"{'Lifted' if lift else 'Held'}: {which} of {folder}.")


@app.command()
def dispose(
    context: typer.Context,
    cases: CasesArgument = None,
    *,
    due: Annotated[bool, typer.Option("--due", help="All whose day has come.")] = False,
    early: Annotated[bool, typer.Option("--early", help="Before their day; needs a reason.")] = (
        False
    ),
    reason: ReasonOption = "",
    keys: Annotated[
        list[Path] | None,
        typer.Option("--keys", metavar="FILE", help="Backups of keys: destroy them there too."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without it, only show.")] = False,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Destroy the texts of cases by destroying their keys; events, codes and the chain stay."""
    from app import custody, custody_tables

    settings, folder = chosen(context, store)
    with custody.opened(settings, folder) as opened:
        order = custody.Order(
            cases=custody.case_ids(opened, cases or []), due=due, early=early, reason=reason
        )
        done = custody.dispose(opened, order, do=yes)
        for path in keys or () if yes else ():
            asked = custody.is_locked(path)
            passphrase = typer.prompt(f"Passphrase of {path}", hide_input=True) if asked else ""
            count = custody.destroy_keys(opened, settings, path, passphrase)
            say(f"{count} keys are destroyed in {path}.")
    if as_json:
        told = {"done": yes, **done.figures, "hindrances": list(done.hindrances)}
        emit({"schema": 1, "store": str(folder), **told})
    else:
        out.print(custody_tables.kept(done.rows))
    for sentence in done.hindrances:
        say(sentence)
    what = f"{counted(done.figures['texts'], 'text')} of {counted(done.figures['cases'], 'case')}"
    if yes:
        say(f"{what} destroyed.")
    elif done.hindrances:
        say("Nothing would be destroyed: it is all or none.")
    else:
        say(f"{what} would be destroyed; give --yes to do it.")


@app.command()
def backup(
    context: typer.Context,
    to: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where the copy goes.")],
    *,
    keys: Annotated[
        Path, typer.Option("--keys", metavar="FOLDER", help="Where its keys go, apart from it.")
    ],
    ask: Annotated[
        bool, typer.Option("--passphrase", help="Ask for one that locks the keys.")
    ] = False,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write an encrypted copy of the store, and its keys apart: neither is of use alone."""
    from app import custody

    settings, folder = _a_folder(context, store)
    passphrase = ""
    if ask:
        passphrase = typer.prompt("Passphrase", hide_input=True, confirmation_prompt=True)
    with custody.opened(settings, folder) as opened:
        made = custody.back_up(opened, folder, settings, to=to, keys_to=keys, passphrase=passphrase)
    if as_json:
        emit({"schema": 1, "store": str(folder), **made})
    else:
        out.print(f"{made['backup']}\n{made['keys']}")
    saved = f"{counted(made['events'], 'event')} and {counted(made['texts'], 'text')}"
    say(f"{saved} are saved. Keep the keys elsewhere.")


@app.command()
def restore(
    context: typer.Context,
    backup: Annotated[Path, typer.Argument(metavar="BACKUP", help="The copy.")],
    *,
    keys: Annotated[Path, typer.Option("--keys", metavar="FILE", help="The file of its keys.")],
    lose: Annotated[
        int,
        typer.Option("--lose", min=0, metavar="N", help="How many of the newest events may go."),
    ] = 0,
    replace: Annotated[bool, typer.Option("--replace", help="The store that lies there goes.")] = (
        False
    ),
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put a store back. What was destroyed since stays destroyed; what is lost is named first."""
    from app import custody

    settings, folder = _a_folder(context, store)
    passphrase = (
        typer.prompt("Passphrase of the keys", hide_input=True) if custody.is_locked(keys) else ""
    )
    done = custody.restore(
        settings,
        folder,
        backup=backup,
        keys=keys,
        lose=lose,
        replace=replace,
        passphrase=passphrase,
    )
    if as_json:
        emit({"schema": 1, "store": str(folder), **done})
    else:
        out.print(str(folder))
    say(
        f"{counted(done['events'], 'event')} and {counted(done['texts'], 'text')} are back; of the "
        f"texts that were destroyed, {done['left_out']} stay so."
    )
    if done["lost"] is None:
        say("This machine knew no head of the store: whether events are missing cannot be told.")
    elif done["lost"]:
        say(f"Lost is what had been stored after the backup: {counted(done['lost'], 'event')}.")
    if done["lost"] is not None and not replace:
        say(
            f"From now on this machine follows the store in {folder}; the check of another copy "
            "will say that it is not the one."
        )


def _a_folder(context: typer.Context, store: str | None) -> "tuple[Settings, Path]":
    """Return the settings and the chosen store, which has to be a folder to be copied."""
    settings, where = chosen(context, store)
    if not isinstance(where, Path):
        raise UsageError(
            f"{where} is copied and put back with the server's own means (pg_dump, pg_restore); "
            "this command does it for a store in a folder."
        )
    return settings, where


@app.command()
def people(
    context: typer.Context,
    person: Annotated[str, typer.Argument(metavar="PERSON", help="Whose roles to set.")] = "",
    *,
    roles: Annotated[
        str, typer.Option("--roles", help="coder, reviewer, compliance, admin; comma between.")
    ] = "",
    reset: Annotated[
        bool,
        typer.Option("--reset", help="Their passphrase is lost: their next signature makes a key."),
    ] = False,
    reason: ReasonOption = "",
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show who has which role, set the roles of a person, or reset their signing key."""
    from app import custody, custody_tables
    from audit.people import LOCAL_NOTICE, SHARED_NOTICE
    from audit.staff import Staff

    settings, folder = chosen(context, store)
    with custody.opened(settings, folder) as opened:
        staff = Staff(opened)
        if reset and (roles or not person):
            raise UsageError("Name the person to reset, and set roles in a call of its own.")
        if reset:
            staff.reset(person, reason)
        elif person:
            staff.assign(person, custody.roles(roles))
        found = staff.everyone()
    if as_json:
        emit({"schema": 1, "people": [custody.person(each) for each in found]})
    else:
        out.print(custody_tables.people(found))
    say(SHARED_NOTICE if opened.shared else LOCAL_NOTICE)
