"""The use case of `chartproof code`: an intake through the workers into a store, in order."""

from collections import Counter
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from app import present
from app.assembly import Intake, Problem
from app.batch import Answering, LoadReport, Outcome, Recipe, run
from app.crew import Crew, Processes
from audit import AuditError, Case, State, Store
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
    """What was read before anything is coded: how many lines will come, what was doubtful."""

    total: int
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
        case_id = job.store.shows(encounter, message)
        if case_id is not None:
            shown[encounter.encounter_id] = case_id
        return case_id

    outcomes = run(
        intake.encounters,
        recipe=job.recipe,
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
        elif outcome.result is None:
            yield _known(outcome, job.store.case(shown[encounter_id]), refused, job)
        else:
            yield _keep(outcome, outcome.result, refused, job)


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


def _keep(outcome: Outcome, result: CodingResult, refused: tuple[Problem, ...], job: Job) -> Coded:
    if refused:
        reasons = (*result.lane_reasons, NOTE_REFUSED)
        result = replace(result, lane=Route.REVIEW, lane_reasons=reasons)
    recorded = job.store.record(outcome.encounter, result)
    new = recorded.reason == "new-case"
    state = State.OPEN if new else job.store.case(recorded.case_id).state
    return _row(outcome, result, refused, job, recorded.case_id, state, added=recorded.added)


def _known(outcome: Outcome, case: Case, refused: tuple[Problem, ...], job: Job) -> Coded:
    """Return the line of work that the store shows already; it was not done again."""
    if case.result is None:
        raise AuditError(
            f"The case {case.case_id} shows its work no longer: its texts were destroyed. "
            "Run the same command again."
        )
    return _row(outcome, case.result, refused, job, case.case_id, case.state, added=False)


def _row(
    outcome: Outcome,
    result: CodingResult,
    refused: tuple[Problem, ...],
    job: Job,
    case_id: str,
    state: State,
    *,
    added: bool,
) -> Coded:
    errors = tuple(problem.sentence for problem in refused)
    origin = result.provenance
    taxonomy = job.releases.recorded(origin.release, origin.taxonomy_digest)
    return Coded(
        shown=lambda: present.coded(
            outcome.encounter,
            result,
            taxonomy=taxonomy,
            case_id=case_id,
            state=state,
            errors=errors,
        ),
        encounter_id=outcome.encounter.encounter_id,
        case_id=case_id,
        lane=result.lane,
        codes=tuple(suggestion.code for suggestion in result.suggestions),
        excluded=len(result.excluded),
        errors=errors,
        added=added,
        seconds=outcome.seconds,
        mix=_mix(outcome.encounter, result, taxonomy, job.store),
    )


def kind_key(kind: str, store: Store) -> str:
    """Return the keyed digest of a kind of note: what counts it holds no word of a file."""
    return store.door.secret.digest("kind", plain_kind(kind))[:12]


def plain_kind(kind: str) -> str:
    """Return a kind of note as kinds are compared."""
    return " ".join(kind.casefold().split()) or "not given"


def _mix(
    encounter: Encounter, result: CodingResult, taxonomy: Taxonomy, store: Store
) -> Mapping[str, Any]:
    chapters = Counter(taxonomy.chapter(item.code) for item in result.suggestions)
    sections = Counter(m.section for item in result.suggestions for m in item.evidence)
    confidences = [round(item.confidence, 2) for item in result.suggestions]
    kinds = Counter(kind_key(note.kind, store) for note in encounter.notes)
    return {
        "chapters": dict(chapters),
        "sections": dict(sections),
        "kinds": dict(kinds),
        "confidences": confidences,
    }
