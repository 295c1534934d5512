"""Working on a job: read its inputs, code what is not coded yet, note each in the ledger.

Each encounter is in the store before its line is in the ledger. A process that is killed between
the two leaves an encounter that the store knows and the ledger does not: the next run asks the
store, which adds nothing.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from app import coding, ingest
from app.assembly import Intake, Problem, chosen
from app.batch import LoadReport
from app.coding import Coded
from app.jobs import Job, Plan
from app.jobs.ledger import DONE, FAILED, KNOWN, OUTCOMES, QUARANTINED, Ledger
from app.jobs.watch import drops
from app.reading.remote import is_address
from audit import Store
from pipeline.model import Encounter

Told = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One encounter or file dealt with, and how many the job has in all."""

    row: Coded
    total: int


def work(
    job: Job,
    means: coding.Job,
    *,
    first: Intake | None = None,
    retry: bool = False,
    report: LoadReport | None = None,
    told: Told = lambda _sentence: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Iterator[Step]:
    """Go on with a job until all is dealt with, or somebody cancels it.

    `first` is the input where it was read already. With `retry`, what failed or was not readable is
    tried again; else it is left alone. A job that watches goes on until it is cancelled. `told`
    receives what was doubtful in the inputs. `stopped` is asked while it goes on; where it says
    True the job ends as if it had been interrupted, and can be resumed.

    Raises:
        JobRunningError: another process works on it.
        UsageError: nothing of its input exists.
        RemoteError: what lies at an address cannot be read, or no longer.
        BatchError: the engine cannot be loaded.
        AuditError: the store cannot be written to; nothing that was yielded is lost.
    """
    plan = job.plan
    lock, ledger = job.lock(), job.ledger
    try:
        ledger.open()
        said: set[str] = set()
        seen: set[str] = set()
        for intake in [first] if first else _intakes(job, plan):
            for sentence in intake.warnings:
                if sentence not in said:
                    said.add(sentence)
                    told(sentence)
            yield from _round(
                job, ledger, intake, means, retry=retry, seen=seen, report=report, stopped=stopped
            )
            if job.cancelled or stopped():
                return
        ledger.end()
    finally:
        ledger.close()
        lock.release()


def _intakes(job: Job, plan: Plan) -> Iterator[Intake]:
    """Yield the input once, or each time that something new has settled in the drop folder."""
    roster = Path(plan.encounters) if plan.encounters else None
    if not plan.watch:
        paths = [path if is_address(path) else Path(path) for path in plan.paths]
        yield ingest.read(paths, setting=plan.setting, encounters=roster, spill=job.folder)
        return
    folders = [Path(path) for path in plan.paths]
    for settled in drops(folders, every=plan.watch, stop=lambda: job.cancelled):
        # All that lies there is read: an encounter may have got one more note.
        yield ingest.read(
            folders, setting=plan.setting, encounters=roster, only=settled, spill=job.folder
        )


def _round(
    job: Job,
    ledger: Ledger,
    intake: Intake,
    means: coding.Job,
    *,
    retry: bool,
    seen: set[str],
    report: LoadReport | None,
    stopped: Callable[[], bool],
) -> Iterator[Step]:
    tally = job.ledger.tally()
    left_alone = seen | tally.keys(*((DONE, KNOWN) if retry else (FAILED, QUARANTINED)))
    problems = [_problem_key(each, means.store) for each in intake.problems]
    # Encounters are made one after the other for their keys, and made again when it is their turn.
    encounters = [encounter_key(each, means.store) for each in intake.encounters]
    total = len({*problems, *encounters, *tally.keys(*OUTCOMES)})
    dealt = tally.keys(DONE, KNOWN)
    del tally
    ledger.begin(total)
    fresh = [place for place, key in enumerate(problems) if key not in left_alone]
    waiting = [place for place, key in enumerate(encounters) if key not in left_alone]
    # What was done before is only asked of the store again: new work does not wait for it.
    waiting.sort(key=lambda place: encounters[place] in dealt)
    todo = replace(
        intake,
        problems=tuple(intake.problems[place] for place in fresh),
        recorded=tuple(
            problem
            for problem, key in zip(intake.problems, problems, strict=True)
            if key in left_alone
        ),
        encounters=chosen(intake.encounters, waiting),
    )
    keys = [*(problems[place] for place in fresh), *(encounters[place] for place in waiting)]
    rows = coding.code(todo, means, report=report, stopped=stopped)
    for number, row in enumerate(rows):
        key = keys[number]
        ledger.add(
            key,
            outcome=_outcome(row, quarantined=number < len(fresh)),
            case_id=row.case_id,
            lane=row.lane,
            seconds=row.seconds,
            mix=row.mix,
        )
        seen.add(key)
        yield Step(row=row, total=total)
        if job.cancelled:
            rows.close()
            return


def _outcome(row: Coded, *, quarantined: bool) -> str:
    if quarantined:
        return QUARANTINED
    if row.failed:
        return FAILED
    return DONE if row.added else KNOWN


def encounter_key(encounter: Encounter, store: Store) -> str:
    """Return the keyed digest of an encounter's content, as the store reckons it."""
    return store.analyses.content_key(encounter)[:32]


def _problem_key(problem: Problem, store: Store) -> str:
    text = json.dumps([problem.source, problem.sha256, problem.sentence])
    return store.door.secret.digest("problem", text)[:32]
