"""The use case of `chartproof code`: an intake through the workers into a store, in order."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from app import present
from app.assembly import Intake, Problem
from app.batch import LoadReport, Outcome, Recipe, run
from audit import State, Store
from pipeline.model import CodingResult, Route, Scope
from taxonomy import Releases

NOTE_REFUSED = "note-refused"
"""Lane reason of an encounter of which a note could not be read: it goes to a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coded:
    """One line of the outcome: the JSON object, and what a table shows of it.

    `added` is False where the store has the same work already; `seconds` is analysis time.
    """

    json: present.Json
    encounter_id: str
    case_id: str
    lane: Route
    codes: tuple[str, ...] = ()
    excluded: int = 0
    errors: tuple[str, ...] = ()
    failed: bool = False
    added: bool = True
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What coding needs besides the notes."""

    store: Store
    releases: Releases
    recipe: Recipe
    scope: Scope
    workers: int


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
) -> Iterator[Coded]:
    """Record what was refused, then code and record each encounter; yields in that order.

    Each encounter is committed before it is yielded, so that stopping loses nothing yielded.
    `stopped` is asked while it goes on; where it says True nothing more comes.

    Raises:
        BatchError: the engine cannot be loaded.
        AuditError: the store cannot be written to; what was yielded is in it.
    """
    for problem in intake.problems:
        yield _refuse(problem, job)
    outcomes = run(
        intake.encounters,
        recipe=job.recipe,
        workers=job.workers,
        report=report,
        stopped=stopped,
    )
    for outcome in outcomes:
        refused = intake.refused(outcome.encounter.encounter_id)
        if outcome.result is None:
            yield _fail(outcome, job)
        else:
            yield _keep(outcome, outcome.result, refused, job)


def _refuse(problem: Problem, job: Job) -> Coded:
    recorded = job.store.record_failure(None, source=problem.source, errors=(problem.sentence,))
    json = present.refused(problem, case_id=recorded.case_id, scope=job.scope)
    return Coded(
        json=json,
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
    json = present.failed(
        encounter, case_id=recorded.case_id, scope=job.scope, errors=outcome.errors
    )
    return Coded(
        json=json,
        encounter_id=encounter.encounter_id,
        case_id=recorded.case_id,
        lane=Route.REVIEW,
        errors=outcome.errors,
        failed=True,
        added=recorded.added,
        seconds=outcome.seconds,
    )


def _keep(outcome: Outcome, result: CodingResult, refused: tuple[Problem, ...], job: Job) -> Coded:
    errors = tuple(problem.sentence for problem in refused)
    if refused:
        reasons = (*result.lane_reasons, NOTE_REFUSED)
        result = replace(result, lane=Route.REVIEW, lane_reasons=reasons)
    recorded = job.store.record(outcome.encounter, result)
    origin = result.provenance
    new = recorded.reason == "new-case"
    json = present.coded(
        outcome.encounter,
        result,
        taxonomy=job.releases.recorded(origin.release, origin.taxonomy_digest),
        case_id=recorded.case_id,
        state=State.OPEN if new else job.store.case(recorded.case_id).state,
        errors=errors,
    )
    return Coded(
        json=json,
        encounter_id=outcome.encounter.encounter_id,
        case_id=recorded.case_id,
        lane=result.lane,
        codes=tuple(suggestion.code for suggestion in result.suggestions),
        excluded=len(result.excluded),
        errors=errors,
        added=recorded.added,
        seconds=outcome.seconds,
    )
