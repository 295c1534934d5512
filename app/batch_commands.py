"""The commands `chartproof batch …`, mounted by `app.cli`.

As there, standard output carries the result alone and everything else goes to standard error.
Heavy modules are loaded when a command runs, so that `--help` stays fast.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.terminal import StoreOption, emit, err, out, say
from pipeline.model import Scope, Setting

if TYPE_CHECKING:
    from app.coding import Coded
    from app.jobs import Job
    from app.progress import Bars
    from app.settings import Settings
    from audit import Store, Where

INTERRUPTED = 130

AsOption = Annotated[
    str | None,
    typer.Option(
        "--store",
        "--database",
        metavar="DIR|URL",
        help="The job's store by another name: on a server, as the person whose role may do this.",
    ),
]

app = typer.Typer(
    help="Code many charts: stopped and resumed at will, nothing lost and nothing twice.",
    no_args_is_help=True,
)

JobArgument = Annotated[
    str | None,
    typer.Argument(metavar="JOB", help="Its name, or the beginning of it; else the newest."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
HtmlOption = Annotated[
    Path | None, typer.Option("--html", metavar="FILE", help="Write the report as a page.")
]
CsvOption = Annotated[
    Path | None, typer.Option("--csv", metavar="FILE", help="Write one line for each encounter.")
]


@app.command()
def start(
    context: typer.Context,
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH", help="Notes, or folders of them, or their address (docs/inputs.md)."
        ),
    ],
    *,
    store: StoreOption = None,
    scope: Annotated[Scope | None, typer.Option("--scope", case_sensitive=False)] = None,
    setting: Annotated[
        Setting | None,
        typer.Option("--setting", case_sensitive=False, help="For notes that name none."),
    ] = None,
    encounters: Annotated[
        Path | None,
        typer.Option("--encounters", metavar="CSV", help="Column path, and encounter fields."),
    ] = None,
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, max=64, metavar="N", help="Processes.")
    ] = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on with what is dropped there until cancelled.")
    ] = False,
    every: Annotated[
        float, typer.Option("--every", min=0.1, metavar="SECONDS", help="Between two looks.")
    ] = 10.0,
    cluster: Annotated[
        str,
        typer.Option("--cluster", metavar="ADDRESS", help="Ray cluster to run the workers on."),
    ] = "",
    html: HtmlOption = None,
    csv: CsvOption = None,
) -> None:
    """Start a job and work on it; it can be stopped at any moment and resumed."""
    from app import compose, jobs
    from app.jobs import planning

    settings = _settings()
    where = compose.store_of(settings, store or context.obj)
    plan = planning.plan(
        settings,
        paths,
        store=where,
        scope=scope,
        setting=setting,
        encounters=encounters,
        workers=workers,
        watch=every if watch else 0.0,
        cluster=cluster,
    )
    job = jobs.begin(planning.root(settings), plan)
    _work(job, settings, where=where, html=html, csv=csv)


@app.command()
def resume(job: JobArgument = None, *, html: HtmlOption = None, csv: CsvOption = None) -> None:
    """Go on with a job that was stopped, killed or ran out of disk."""
    settings, found = _job(job)
    _refuse_cancelled(found)
    _work(found, settings, html=html, csv=csv)


@app.command()
def retry(
    job: JobArgument = None,
    *,
    failed: Annotated[
        bool, typer.Option("--failed", help="What failed or could not be read.")
    ] = False,
    html: HtmlOption = None,
    csv: CsvOption = None,
) -> None:
    """Try again what failed or could not be read, after its cause was removed."""
    if not failed:
        raise typer.BadParameter("Name what to try again: --failed.")
    settings, found = _job(job)
    _refuse_cancelled(found)
    _work(found, settings, again=True, html=html, csv=csv)


@app.command()
def cancel(job: JobArgument = None) -> None:
    """Stop a job for good after the encounter in hand; what is coded stays in the store."""
    _, found = _job(job)
    running = found.running
    found.cancel()
    say(f"The job {found.id} {'stops after the encounter in hand' if running else 'is cancelled'}.")


@app.command()
def status(
    job: JobArgument = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="List all jobs.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show how far a job is: counts, rate, time left, lanes."""
    from app import jobs
    from app.jobs import planning, shown

    settings, found = (_settings(), None) if every else _job(job)
    listed = list(jobs.jobs(planning.root(settings))) if found is None else [found]
    for each in listed:
        facts = shown.facts(each)
        if as_json:
            emit(facts)
        else:
            out.print(shown.line(facts))


@app.command()
def report(
    job: JobArgument = None,
    *,
    html: HtmlOption = None,
    csv: CsvOption = None,
    store: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Report what was coded, what waits for people and what could not be read."""
    from app import compose
    from app.jobs import shown

    settings, found = _job(job)
    with (
        compose.open_existing(
            settings, compose.store_of(settings, store or found.plan.store)
        ) as own,
        _bars() as bars,
    ):
        figures = shown.figures(
            found,
            own,
            jobs=_others(found),
            taxonomy=compose.load_taxonomy(settings, report=bars.load),
        )
        _write(found, own, bars, figures, html=html, csv=csv)
    if as_json:
        emit(figures)
    elif html is None and csv is None:
        for sentence in shown.told(figures):
            out.print(sentence)


@app.command()
def export(
    job: JobArgument = None,
    *,
    jsonl: Annotated[
        Path | None, typer.Option("--jsonl", metavar="FILE", help="As of `code --json`.")
    ] = None,
    csv: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="One row for each code.")
    ] = None,
    parquet: Annotated[
        Path | None, typer.Option("--parquet", metavar="FILE", help="The same rows.")
    ] = None,
    fhir: Annotated[
        Path | None, typer.Option("--fhir", metavar="FILE", help="Conditions, one a line.")
    ] = None,
    store: AsOption = None,
) -> None:
    """Write the results of a job, words included; codes are *suggested* until submitted."""
    from app import AppError, UsageError, compose
    from app.outputs import results
    from audit.choice import Choice
    from audit.handling import Handling

    forms = {"jsonl": jsonl, "csv": csv, "parquet": parquet, "fhir": fhir}
    wanted = {form: path for form, path in forms.items() if path is not None}
    if not wanted:
        raise UsageError("Name what to write: --jsonl, --csv, --parquet or --fhir, with a file.")
    settings, found = _job(job)
    where = compose.store_of(settings, store or found.plan.store)
    with compose.open_existing(settings, where) as own, _bars() as bars:
        cases = tuple(dict.fromkeys(line.case_id for line in found.ledger.standing()))
        releases = compose.open_releases(settings, report=bars.load)
        for form, path in wanted.items():
            Handling(own).leaves(form, Choice(), texts=results.FORMS[form].texts, cases=cases)
            each = bars.each(map(own.case, cases), f"Writing {path.name}", len(cases))
            try:
                count = results.write(path, form, each, releases)
            except OSError as error:
                raise AppError(f"{path} cannot be written ({error.strerror}).") from None
            say(f"{path} is written: {count} rows of {len(cases)} cases.")


@app.command()
def outbox(
    context: typer.Context,
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Where a message for each submission is put.")
    ],
    *,
    store: StoreOption = None,
) -> None:
    """Put each newly submitted case into a folder once, as HL7 v2 DFT with its diagnoses."""
    from app import compose
    from app.outputs.outbox import Outbox

    settings = _settings()
    where = compose.store_of(settings, store or context.obj)
    with compose.open_store(settings, where) as opened, _bars() as bars:
        releases = compose.open_releases(settings, report=bars.load)
        paths = list(Outbox(folder, settings.state, opened, releases).fill())
    say(f"{len(paths)} messages are put into {folder}.")


def _work(
    job: "Job",
    settings: "Settings",
    *,
    where: "Where | None" = None,
    again: bool = False,
    html: Path | None,
    csv: Path | None,
) -> None:
    from app import compose
    from app.jobs import running, shown

    say(f"Job {job.id}; `chartproof batch status {job.id}` shows how far it is.")
    counted: Counter[str] = Counter()
    # A plan holds no password, so what was given at the start is used while it is at hand.
    where = compose.store_of(settings, job.plan.store) if where is None else where
    with _bars() as bars, compose.open_store(settings, where) as store:
        if store.notice:
            say(f"Note: {store.notice}")
        try:
            for row in running.rows(job, store, settings, bars, retry=again, told=_note):
                counted[_outcome(row)] += 1
                for sentence in row.errors if row.failed else ():
                    say(sentence)
        except KeyboardInterrupt:
            say(f"Stopped; `chartproof batch resume {job.id}` goes on.")
            raise typer.Exit(INTERRUPTED) from None
        figures = shown.figures(
            job, store, jobs=_others(job), taxonomy=compose.load_taxonomy(settings)
        )
        _write(job, store, bars, figures, html=html, csv=csv)
    for sentence in shown.told(figures):
        say(sentence)
    say(
        f"This run: {counted['coded']} coded, {counted['known']} there already, "
        f"{counted['failed']} failed."
    )
    raise typer.Exit(1 if counted["failed"] else 0)


def _outcome(row: "Coded") -> str:
    return "failed" if row.failed else "coded" if row.added else "known"


def _note(sentence: str) -> None:
    say(f"Note: {sentence}")


def _write(
    job: "Job",
    store: "Store",
    bars: "Bars",
    figures: dict[str, Any],
    *,
    html: Path | None,
    csv: Path | None,
) -> None:
    from app import AppError
    from app.jobs import pages

    try:
        if html is not None:
            html.write_text(pages.page(figures), encoding="utf-8")
            say(f"{html} is written.")
        if csv is not None:
            lines = job.ledger.standing()
            total = sum(figures[each] for each in ("coded", "known", "failed", "quarantined"))
            count = pages.write_csv(csv, store, bars.each(lines, "Writing the report", total))
            say(f"{csv} is written: {count} lines.")
    except OSError as error:
        raise AppError(f"The report cannot be written: {error.strerror}.") from None


def _refuse_cancelled(job: "Job") -> None:
    from app import UsageError

    if job.cancelled:
        raise UsageError(f"The job {job.id} was cancelled; start it anew.")


def _others(job: "Job") -> "Iterator[Job]":
    """Yield the jobs before this one."""
    from app import jobs

    return (each for each in jobs.jobs(job.folder.parent) if each.id < job.id)


def _job(name: str | None) -> "tuple[Settings, Job]":
    from app import jobs
    from app.jobs import planning

    settings = _settings()
    return settings, jobs.find(planning.root(settings), name)


def _settings() -> "Settings":
    from app import settings

    return settings.load()


@contextmanager
def _bars() -> "Iterator[Bars]":
    from app.progress import Bars

    with Bars(err) as bars:
        yield bars
