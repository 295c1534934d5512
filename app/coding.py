"""The use case of `chartproof code`: an intake through the workers into a store, in order."""

from collections import Counter
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from app import present
from app.assembly import Intake, Problem
from app.batch import Answering, LoadReport, Outcome, Recipe, run
from app.crew import Call, Coder, Crew, Processes, load
from audit import AuditError, State, Store
from audit.encoded import Encoded, ResultRefusedError, wording
from audit.results import Stages, encode_result
from pipeline.model import CodingResult, Encounter, Provenance, Route, Scope
from taxonomy import Releases, Taxonomy

NOTE_REFUSED = "note-refused"
"""Lane reason of an encounter of which a note could not be read: it goes to a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coded:
    """One line of the outcome: the JSON object, and what a table shows of it.

    `added` is False where the store has the same work already; `seconds` is analysis time; `mix`
    counts chapters, sections and kinds of note and lists confidences, for the watch on drift.
    """

    shown: Callable[[], present.Json]
    encounter_id: str
    case_id: str
    lane: Route
    codes: tuple[str, ...] = ()
    excluded: int = 0
    errors: tuple[str, ...] = ()
    failed: bool = False
    added: bool = True
    seconds: float = 0.0
    mix: Mapping[str, Any] = field(default_factory=dict)

    @property
    def json(self) -> present.Json:
        """Return the object; made when asked for, because most who run a batch do not."""
        return self.shown()

    def brief(self) -> "Coded":
        """Return the line without the result behind it, to be kept in numbers."""
        return replace(self, shown=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What a line says of a result; all of it is asked for only where the line is shown."""

    stages: Stages
    origin: Provenance
    result: Callable[[], CodingResult]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What coding needs besides the notes."""

    store: Store
    releases: Releases
    recipe: Recipe
    scope: Scope
    workers: int
    crew_of: Callable[[Recipe, LoadReport], Crew] = Processes
    answering: Answering | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """What was read before anything is coded: how many lines will come, what was doubtful.

    `job` is the name of the job that codes it.
    """

    total: int
    job: str = ""
    warnings: tuple[str, ...] = ()


def code(
    intake: Intake,
    job: Job,
    *,
    report: LoadReport | None = None,
    stopped: Callable[[], bool] | None = None,
) -> Generator[Coded]:
    """Record what was refused, then code and record each encounter; yields in that order.

    Each encounter is committed before it is yielded, so that stopping loses nothing yielded.
    `stopped` is asked while it goes on; where it says True nothing more comes.

    Raises:
        BatchError: the engine cannot be loaded.
        AuditError: the store cannot be written to; what was yielded is in it.
    """
    for problem in intake.problems:
        yield _refuse(problem, job)
    shown: dict[str, str] = {}

    def answering(encounter: Encounter, message: object) -> object:
        if not isinstance(message, Provenance):
            return None if job.answering is None else job.answering(encounter, message)
        case_id = job.store.analyses.shows(encounter, message)
        if case_id is not None:
            shown[encounter.encounter_id] = case_id
        return case_id

    outcomes = run(
        intake.encounters,
        recipe=encoded(job.recipe),
        workers=job.workers,
        report=report,
        stopped=stopped,
        answering=answering,
        crew_of=job.crew_of,
    )
    for outcome in outcomes:
        encounter_id = outcome.encounter.encounter_id
        refused = intake.refused(encounter_id)
        if outcome.errors:
            yield _fail(outcome, job)
        elif outcome.encoded is None:
            yield _known(outcome, shown[encounter_id], refused, job)
        else:
            yield _keep(outcome, outcome.encoded, refused, job)


def encoded(recipe: Recipe) -> Recipe:
    """Return the recipe of the same coder, whose results come back as the log keeps them."""
    return Recipe(
        factory=f"{__name__}:open_encoding", options={"recipe": recipe}, calls=recipe.calls
    )


def open_encoding(*, recipe: Recipe, call: Call | None = None, report: LoadReport) -> Coder:
    """Return the coder of a recipe in a worker, with what it finds encoded there.

    The one process that writes is what more workers wait for; what can be done here is done here.
    """
    code = load(recipe, call, report)

    def encode(encounter: Encounter) -> Encoded | None:
        found = code(encounter)
        return Encoded.of(found, encounter) if isinstance(found, CodingResult) else found

    return encode


def _refuse(problem: Problem, job: Job) -> Coded:
    recorded = job.store.record_failure(None, source=problem.source, errors=(problem.sentence,))
    return Coded(
        shown=lambda: present.refused(problem, case_id=recorded.case_id, scope=job.scope),
        encounter_id=problem.encounter_id or problem.note_id or problem.source,
        case_id=recorded.case_id,
        lane=Route.REVIEW,
        errors=(problem.sentence,),
        failed=True,
        added=recorded.added,
    )


def _fail(outcome: Outcome, job: Job) -> Coded:
    encounter = outcome.encounter
    recorded = job.store.record_failure(
        encounter, source=encounter.notes[0].source, errors=outcome.errors
    )
    return Coded(
        shown=lambda: present.failed(
            encounter, case_id=recorded.case_id, scope=job.scope, errors=outcome.errors
        ),
        encounter_id=encounter.encounter_id,
        case_id=recorded.case_id,
        lane=Route.REVIEW,
        errors=outcome.errors,
        failed=True,
        added=recorded.added,
        seconds=outcome.seconds,
    )


def _keep(outcome: Outcome, found: Encoded, refused: tuple[Problem, ...], job: Job) -> Coded:
    try:
        if refused:
            found = found.for_a_person(NOTE_REFUSED)
        recorded = job.store.record(outcome.encounter, found)
    except ResultRefusedError as error:
        # It costs its own encounter; whatever else `record` raises is about the store.
        return _fail(replace(outcome, encoded=None, errors=(str(error),)), job)
    new = recorded.reason == "new-case"
    state = State.OPEN if new else job.store.case(recorded.case_id).state
    said = _Found(
        stages=found.stages,
        origin=found.provenance,
        result=lambda: found.result(outcome.encounter),
    )
    return _row(outcome, said, refused, job, recorded.case_id, state, added=recorded.added)


def _known(outcome: Outcome, case_id: str, refused: tuple[Problem, ...], job: Job) -> Coded:
    """Return the line of work that the store shows already; it was not done again."""
    case = job.store.case(case_id)
    result = case.result
    if result is None:
        raise AuditError(
            f"The case {case_id} shows its work no longer: it got other words, or its texts were "
            "destroyed. Run the same command again."
        )
    if wording(case.encounter) != wording(outcome.encounter):
        # Others recorded another wording meanwhile, and the result names words of that one.
        outcome = replace(outcome, encounter=case.encounter)
    said = _Found(
        stages=encode_result(result, outcome.encounter),
        origin=result.provenance,
        result=lambda: result,
    )
    return _row(outcome, said, refused, job, case_id, case.state, added=False)


def _row(
    outcome: Outcome,
    found: _Found,
    refused: tuple[Problem, ...],
    job: Job,
    case_id: str,
    state: State,
    *,
    added: bool,
) -> Coded:
    errors = tuple(problem.sentence for problem in refused)
    encounter, stages = outcome.encounter, found.stages
    return Coded(
        shown=lambda: present.coded(
            encounter,
            found.result(),
            taxonomy=_taxonomy(found.origin, job),
            case_id=case_id,
            state=state,
            errors=errors,
        ),
        encounter_id=encounter.encounter_id,
        case_id=case_id,
        lane=stages.routed.lane,
        codes=tuple(row[0] for row in stages.validated.suggestions),
        excluded=len(stages.validated.excluded),
        errors=errors,
        added=added,
        seconds=outcome.seconds,
        mix=_mix(encounter, found, job),
    )


def kind_key(kind: str, store: Store) -> str:
    """Return the keyed digest of a kind of note: what counts it holds no word of a file."""
    return store.door.secret.digest("kind", plain_kind(kind))[:12]


def plain_kind(kind: str) -> str:
    """Return a kind of note as kinds are compared."""
    return " ".join(kind.casefold().split()) or "not given"


def _taxonomy(origin: Provenance, job: Job) -> Taxonomy:
    return job.releases.recorded(origin.release, origin.taxonomy_digest)


def _mix(encounter: Encounter, found: _Found, job: Job) -> Mapping[str, Any]:
    taxonomy, stages = _taxonomy(found.origin, job), found.stages
    mentions = stages.extracted.mentions
    proposed = stages.validated.suggestions
    return {
        "chapters": dict(Counter(taxonomy.chapter(row[0]) for row in proposed)),
        "sections": dict(Counter(mentions[n][3] for row in proposed for n in row[1])),
        "kinds": dict(Counter(kind_key(note.kind, job.store) for note in encounter.notes)),
        "confidences": [round(float(row[0]), 2) for row in stages.routed.suggestions],
    }
