"""The composition root: settings → taxonomy, store, workspace, and the demo store."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path

import audit
import taxonomy
from app import AppError, chatting, coding, demo, hcc, ingest
from app.assembly import Intake
from app.batch import LoadReport, Recipe
from app.chatdesk import ChatDesk
from app.chatsettings import Mode
from app.chatting import Clerk
from app.coding import Begun, Coded, Job
from app.jobs import begin, planning
from app.jobs.pulse import Pulses
from app.jobs.work import work
from app.settings import Settings
from app.settings import load as load_settings
from app.workspace import Workspace
from audit import Actor, ActorKind, Places, Store, Where, locate
from audit.export import Title
from pipeline.model import Provenance, Scope
from pipeline.terms import lexicon
from pipeline.validate import Options, Validator, lists_of
from taxonomy import Encoder, Releases, Taxonomy, Term


def places(settings: Settings) -> Places:
    """Return the folders outside a store."""
    return Places(state=settings.state, config=settings.config)


def store_of(settings: Settings, chosen: str | None) -> Where:
    """Return the store a command works on: the one it was given, else the default.

    AuditError where an address of a database cannot be used.
    """
    usual = locate(settings.database or str(settings.store))
    where = locate(chosen) if chosen else usual
    if str(where) == str(usual):
        where = usual  # the same, with its password where it has one
    return where.expanduser().absolute() if isinstance(where, Path) else where


def open_store(settings: Settings, where: Where) -> Store:
    """Open a store for a person at this machine, making it where there is none."""
    actor = Actor(kind=ActorKind.PERSON, id=settings.actor)
    return Store.create_or_open(where, places=places(settings), actor=actor)


def open_existing(settings: Settings, where: Where) -> Store:
    """Open a store for a person at this machine; AuditError where there is none."""
    actor = Actor(kind=ActorKind.PERSON, id=settings.actor)
    return Store.open(where, places=places(settings), actor=actor)


def open_releases(settings: Settings, *, report: LoadReport | None = None) -> Releases:
    """Return the releases at hand, built in and imported; each is loaded when it is asked for."""
    return taxonomy.releases(settings.cache, settings.library, report=report)


def load_taxonomy(settings: Settings, *, report: LoadReport | None = None) -> Taxonomy:
    """Return the newest complete release, from the cache or compiled anew."""
    return open_releases(settings, report=report).newest()


def encoder(settings: Settings, codes: Taxonomy) -> Encoder:
    """Return the encoder over a release, our own lexicon, and the index if one was imported."""
    known = (entry for entry in lexicon() if entry.code in codes)
    terms = [Term(text=e.text, code=e.code, kind=e.source) for e in known]
    lists = open_releases(settings).supplements(codes.release.label)
    return Encoder(codes, terms, lists.book)


def validator(settings: Settings, codes: Taxonomy) -> Validator:
    """Return the rules with the lists that were imported for a release."""
    lists = lists_of(open_releases(settings).supplements(codes.release.label))
    return Validator.read(lists=lists, options=Options(sex=settings.sex_advisory))


def recipe(settings: Settings, scope: Scope, store: Store | None = None) -> Recipe:
    """Return how a worker makes its engine.

    A chat model is asked only with a store that keeps what is asked and says where it may be sent.
    """
    options: dict[str, object] = {
        "cache": settings.cache,
        "library": settings.library,
        "scope": scope,
        "sex_advisory": settings.sex_advisory,
    }
    if store is not None and settings.chat.mode is not Mode.OFF:
        options["chat"] = chatting.options(store, settings.chat, site=prompt_folder(settings))
    return Recipe(factory="app.engine:open_coder", options=options, calls=True)


def prompt_folder(settings: Settings) -> Path:
    """Return the folder of a site's own prompts."""
    return settings.config / "prompts"


def clerk(settings: Settings, store: Store) -> Clerk:
    """Return what keeps for workers what they ask a chat model."""
    return Clerk(store, settings.chat)


def _reader(settings: Settings) -> Callable[[Provenance | None], Taxonomy]:
    """Return what gives the release that a result was made with, or the newest."""
    opened = cache(lambda: open_releases(settings))

    def read(origin: Provenance | None) -> Taxonomy:
        if origin is None:
            return opened().newest()
        return opened().recorded(origin.release, origin.taxonomy_digest)

    return read


def titles(settings: Settings) -> Title:
    """Return what gives the title of a code in the release it was coded in."""
    read = _reader(settings)

    def title(code: str, origin: Provenance | None) -> str:
        entry = read(origin).get(code)
        return "" if entry is None else entry.title

    return title


def workspace(settings: Settings, where: Where) -> Workspace:
    """Return the use cases of the window on a store."""
    store = open_store(settings, where)
    return Workspace(
        store=store,
        load_taxonomy=_reader(settings),
        load_encoder=lambda codes: encoder(settings, codes),
        load_validator=lambda codes: validator(settings, codes),
        load_categories=hcc.load if settings.hcc else None,
        chat=ChatDesk(
            store=store,
            file=settings.file,
            site=prompt_folder(settings),
            load=lambda: load_settings().chat,
        ),
    )


def code_paths(
    settings: Settings,
    where: Where,
    paths: Sequence[Path],
    report: LoadReport,
    stopped: Callable[[], bool],
) -> Iterator[Begun | Coded]:
    """Code files and folders into a store while other work goes on, one worker at a time.

    Yields what was read, then a line for each encounter once it is committed. It is a job like any
    other: what was stopped can be resumed. Another process, or another thread of this one, may have
    the same store open.

    Raises:
        UsageError: none of the paths exists.
        BatchError: the engine cannot be loaded.
        AuditError: the store cannot be written to; what was yielded is in it.
    """
    intake = ingest.read(paths, setting=settings.setting)
    job = begin(planning.root(settings), planning.plan(settings, paths, store=where, workers=1))
    total = len(intake.encounters) + len(intake.problems)
    yield Begun(total=total, job=job.id, warnings=intake.warnings)
    with open_store(settings, where) as store:
        means = Job(
            store=store,
            releases=open_releases(settings, report=report),
            recipe=recipe(settings, settings.scope),
            scope=settings.scope,
            workers=1,
        )
        for step in work(job, means, first=intake, report=report, stopped=stopped):
            yield step.row


def pulses(settings: Settings, where: Where) -> Pulses:
    """Return what looks at the jobs that run on a store."""
    return Pulses(planning.root(settings), str(where))


def verify_store(settings: Settings, where: Where, *, against: Path | None = None) -> audit.Report:
    """Check a store's log without writing to it; `against` is a checkpoint kept elsewhere."""
    return audit.verify(where, places=places(settings), against=against)


def record_check(settings: Settings, where: Where, report: audit.Report) -> str | None:
    """Append what a check found to the log it was of; return why it could not be, if so."""
    try:
        with open_existing(settings, where) as store:
            store.record_check(
                status=report.status, events=report.events, problems=len(report.problems)
            )
    except audit.AuditError as error:
        return str(error)
    return None


def has_demo(settings: Settings) -> bool:
    """Tell whether the demo store was built to its end."""
    return settings.demo.exists()


def demo_size() -> int:
    """Return how many example encounters there are."""
    return len(demo.encounters())


def build_demo(settings: Settings, *, report: LoadReport) -> Iterator[Coded]:
    """Code the example encounters into a new demo store; yields each as it is recorded.

    The store grows beside its place and moves there when it is whole, so that an interrupted build
    is no demo store.

    Raises:
        AppError: a build that was interrupted cannot be removed.
    """
    growing = settings.demo.with_name(f"{settings.demo.name}.partial")
    _remove(growing)
    with open_store(settings, growing) as store:
        job = Job(
            store=store,
            releases=open_releases(settings, report=report),
            recipe=recipe(settings, Scope.REPORTABLE),
            scope=Scope.REPORTABLE,
            workers=settings.workers,
        )
        yield from coding.code(Intake(encounters=demo.encounters()), job, report=report)
    growing.rename(settings.demo)


def remove_demo(settings: Settings) -> None:
    """Remove the demo store, with every decision made in it."""
    _remove(settings.demo)


def _remove(folder: Path) -> None:
    """Remove a store of ours, never anything else that happens to lie there."""
    if not folder.exists():
        return
    foreign = [entry.name for entry in folder.iterdir() if not entry.name.startswith("store.db")]
    if foreign:
        raise AppError(f"{folder} holds {foreign[0]!r}, which is no part of a store; remove it.")
    shutil.rmtree(folder)
