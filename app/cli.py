"""The command line.

Standard output carries results alone: a table, or JSON with `--json`. Progress, warnings and
errors go to standard error, each a sentence. Exit codes: 0 done; 1 done in part or not, with a
sentence for each note or case it concerns; 2 the command was given something it cannot work with;
130 interrupted. `audit verify` has codes of its own. Each command imports what it needs when it
runs, so that `--help` stays fast.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from app import (
    audit_commands,
    batch_commands,
    chat_commands,
    custody_commands,
    faults,
    prompt_commands,
    taxonomy_commands,
)
from app.terminal import StoreOption, emit, err, out, say
from pipeline.model import Scope, Setting

if TYPE_CHECKING:
    from app.coding import Coded
    from app.progress import Bars
    from app.settings import Settings
    from audit import Where

INTERRUPTED = 130
FAULT = 70

app = typer.Typer(
    name="chartproof",
    help="Review ICD-10-CM codes suggested from clinical notes, each proven by words in the chart.",
    epilog="Assistive: every case needs a person's sign-off.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
audit_commands.app.add_typer(custody_commands.app)  # without a name: commands beside the others
app.add_typer(audit_commands.app, name="audit")
app.add_typer(batch_commands.app, name="batch")
app.add_typer(chat_commands.app, name="chat")
app.add_typer(prompt_commands.app, name="prompts")
app.add_typer(taxonomy_commands.app, name="taxonomy")

ScopeOption = Annotated[
    Scope | None,
    typer.Option(
        "--scope",
        case_sensitive=False,
        help="reportable: conditions of this encounter, by guideline sections III and IV. "
        "documented: every asserted mention, symptoms included.",
    ),
]
SettingOption = Annotated[
    Setting | None,
    typer.Option("--setting", case_sensitive=False, help="For notes that name none."),
]
WorkersOption = Annotated[
    int | None, typer.Option("--workers", min=1, max=64, metavar="N", help="Worker processes.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]


def main() -> NoReturn:
    """Run the command line; never shows a traceback, never the text of a foreign error."""
    try:
        app()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # so that the flush at exit stays quiet
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        say("Stopped.")
        raise SystemExit(INTERRUPTED) from None
    except Exception as error:  # noqa: BLE001 - the last place that can turn a fault into a line
        say(faults.sentence(error))
        code = getattr(error, "exit_code", 1) if faults.is_ours(error) else FAULT
        raise SystemExit(code) from None
    raise SystemExit(0)


@app.callback(invoke_without_command=True)
def _start(
    context: typer.Context,
    *,
    store: StoreOption = None,
    version: Annotated[bool, typer.Option("--version", help="Print the version and end.")] = False,
) -> None:
    """Open the window on a store; commands work without it."""
    context.obj = store
    if version:
        from importlib.metadata import version as installed

        print(f"chartproof {installed('chartproof')}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        from app import compose

        settings = _settings()
        raise typer.Exit(_window(settings, compose.store_of(settings, store)))


@app.command()
def code(
    context: typer.Context,
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH", help="Notes, or folders of them (docs/inputs.md)."),
    ],
    *,
    store: StoreOption = None,
    scope: ScopeOption = None,
    setting: SettingOption = None,
    encounters: Annotated[
        Path | None,
        typer.Option("--encounters", metavar="CSV", help="Column path, and encounter fields."),
    ] = None,
    workers: WorkersOption = None,
    as_json: JsonOption = False,
) -> None:
    """Code notes into a store: suggestions with their evidence, for a person to review."""
    from app import compose, ingest, jobs, tables
    from app.jobs import planning, running

    settings = _settings()
    intake = ingest.read(paths, setting=setting or settings.setting, encounters=encounters)
    for sentence in intake.warnings:
        say(f"Note: {sentence}")
    rows: list[Coded] = []
    total = len(intake.encounters) + len(intake.problems)
    where = compose.store_of(settings, store or context.obj)
    plan = planning.plan(
        settings,
        paths,
        store=where,
        scope=scope,
        setting=setting,
        encounters=encounters,
        workers=workers,
    )
    with _bars() as bars, compose.open_store(settings, where) as opened:
        if opened.notice:
            say(f"Note: {opened.notice}")
        job = jobs.begin(planning.root(settings), plan)
        try:
            for row in running.rows(job, opened, settings, bars, first=intake):
                rows.append(row.brief())
                for sentence in row.errors if row.failed else ():
                    say(sentence)
                if as_json:
                    emit(row.json)
        except KeyboardInterrupt:
            say(
                f"Stopped: {len(rows)} of {total} encounters are in the store. Run the same "
                "command again to code the rest; what is there is not recorded twice."
            )
            raise typer.Exit(INTERRUPTED) from None
    if not as_json:
        out.print(tables.coded(rows))
    failed = sum(row.failed for row in rows)
    repeated = sum(not row.added for row in rows)
    summary = f"{len(rows) - failed} encounters coded into {where}"
    summary += f", {failed} failed" if failed else ""
    summary += f"; {repeated} were there already, unchanged" if repeated else ""
    say(f"{summary}.")
    raise typer.Exit(1 if failed else 0)


@app.command()
def search(
    text: Annotated[list[str], typer.Argument(metavar="TEXT", help="Words, or part of a code.")],
    *,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="How many.")] = 20,
    as_json: JsonOption = False,
) -> None:
    """Find codes by words, cut short and in any order, or by code; a whole code shows its page."""
    from app import compose, lookup, tables

    settings = _settings()
    wanted = " ".join(text)
    with _bars() as bars:
        codes = compose.load_taxonomy(settings, report=bars.load)
        encoder = compose.encoder(settings, codes)
    page = encoder.page(wanted) if encoder.names_code(wanted) else None
    found = encoder.search(wanted, limit=limit)
    if as_json:
        emit(lookup.answer(encoder, wanted, found, page))
    elif page is not None:
        out.print(tables.code_page(page))
    elif found:
        out.print(tables.hits(found))
    if not found:
        say("No code found; try other words, or the beginning of a code.")


@app.command()
def evaluate(
    dataset: Annotated[
        Path | None, typer.Argument(metavar="DATASET", help="Coded notes (.gz accepted).")
    ] = None,
    *,
    mentions: Annotated[
        Path | None,
        typer.Option("--mentions", metavar="PAIRS.jsonl", help="Mention and code pairs."),
    ] = None,
    probes: Annotated[
        Path | None,
        typer.Option(
            "--probes",
            metavar="DATASET",
            help="Coded notes to break on purpose: do the codes vanish or change as they must?",
        ),
    ] = None,
    probe_count: Annotated[
        int, typer.Option("--probe-count", min=1, metavar="N", help="Probes of a kind at most.")
    ] = 100,
    seed: Annotated[int, typer.Option("--seed", help="Draws probes and their wording.")] = 1,
    scope: ScopeOption = None,
    setting: SettingOption = None,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="REPORT.html", help="Write a page of it all.")
    ] = None,
    save: Annotated[
        Path | None, typer.Option("--save", metavar="RUN.json", help="Keep the codes; no words.")
    ] = None,
    compare: Annotated[
        Path | None, typer.Option("--compare", metavar="RUN.json", help="Say what changed since.")
    ] = None,
    workers: WorkersOption = None,
    as_json: JsonOption = False,
) -> None:
    """Score the pipeline on coded notes, retrieval on pairs; --probes breaks notes and looks."""
    from app import compose, tables
    from app import evaluate as evaluation

    settings = _settings()
    chosen = scope or settings.scope
    inputs = evaluation.read(
        dataset=dataset,
        mentions=mentions,
        compare=compare,
        broken=probes,
        setting=setting or settings.setting,
        written=[path for path in (html, save) if path],
    )
    with _bars() as bars:
        tools = evaluation.Tools(
            taxonomy=compose.load_taxonomy(settings, report=bars.load),
            recipe=compose.recipe(settings, chosen),
            cache=settings.cache,
            library=settings.library,
            scope=chosen,
            workers=workers or settings.workers,
            report=bars.load,
            counter=bars.counter,
            steps=bars.steps(),
        )
        figures = evaluation.evaluate(
            inputs, tools, html=html, save=save, probe_count=probe_count, seed=seed
        )
    for sentence in inputs.problems:
        say(sentence)
    if as_json:
        emit(figures)
    else:
        out.print(*tables.figures(figures))
    for path in (html, save):
        if path:
            say(f"{path} is written.")
    raise typer.Exit(1 if inputs.problems or figures.get("failed") else 0)


@app.command()
def info(context: typer.Context, *, as_json: JsonOption = False) -> None:
    """Show versions, release, digests, the store, and where things lie."""
    from app import about, compose, tables

    settings = _settings()
    with _bars() as bars:
        facts = about.facts(
            settings, store=compose.store_of(settings, context.obj), report=bars.load
        )
    if as_json:
        emit(facts)
    else:
        out.print(tables.facts(facts))


@app.command(hidden=True)
def demo(
    *,
    reset: Annotated[bool, typer.Option("--reset", help="Remove it and code it anew.")] = False,
    window: Annotated[bool, typer.Option("--window/--no-window", help="Open it.")] = True,
) -> None:
    """Code the example encounters into the demo store, once, and open the window on it."""
    from app import compose
    from app.desktop.display import display_problem

    settings = _settings()
    if reset:
        compose.remove_demo(settings)
    if not compose.has_demo(settings):
        with _bars() as bars:
            rows = compose.build_demo(settings, report=bars.load)
            count = sum(1 for _ in bars.each(rows, "Coding the examples", compose.demo_size()))
        say(f"{count} example encounters are coded into {settings.demo}.")
    if not window:
        return
    problem = display_problem()
    if problem:
        say(problem)
        return  # the set-up itself is done, and the sentence names what to do instead
    raise typer.Exit(_window(settings, settings.demo))


def _window(settings: "Settings", where: "Where") -> int:
    """Open the window and return its exit code."""
    from app.desktop.display import require_display

    require_display()
    if settings.hcc:
        from app import hcc

        hcc.require()
    import signal
    from functools import partial

    from app import compose
    from app.desktop.main import run

    # Qt's loop runs no Python while it waits, so Ctrl+C would be heard at the next mouse move only.
    # Ending at once loses nothing: each decision is committed before it is shown.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    return run(
        lambda: compose.workspace(settings, where),
        code=partial(compose.code_paths, settings, where),
        jobs=compose.pulses(settings, where).look,
        config_dir=settings.config,
        idle_minutes=settings.idle_minutes,
    )


def _settings() -> "Settings":
    from app import settings

    return settings.load()


@contextmanager
def _bars() -> "Iterator[Bars]":
    from app.progress import Bars

    with Bars(err) as bars:
        yield bars
