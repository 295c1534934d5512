"""A month of invented work on the examples, so that the picture of the dashboard shows something.

Each example is coded once more under other ids on each of thirty days, and most of the cases are
decided on, submitted or put on hold, by lot. Nobody made these decisions; they say nothing of how
well the program codes.
"""

import random
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from audit import Accept, Actor, ActorKind, AuditError, Case, Places, Reject, State, Status, Store
from audit.decisions import Hold, Submit
from audit.signoff import SignOff
from audit.staff import Staff

PHRASE = "of an invented coder"
CODER = Actor(kind=ActorKind.PERSON, id="coder")
DAYS = 30
A_DAY = 4
LIKELY = 0.82
"""Share of codes that are accepted, where the confidence is middling."""


def invent(source: Store, folder: Path, places: Places) -> None:
    """Write the month into a new store, from the cases of another."""
    draw = random.Random(20_261_126)
    cases = [source.case(row.case_id) for row in source.cases() if row.state is not State.FAILED]
    start = datetime.now(UTC) - timedelta(days=DAYS - 1)
    moment = [start]

    def clock() -> datetime:
        moment[0] += timedelta(seconds=20)
        return moment[0]

    with Store.create_or_open(folder, places=places, actor=CODER, clock=clock) as store:
        Staff(store).enrol("Ada Okonkwo", PHRASE)
        for day in range(DAYS):
            moment[0] = max(moment[0], start + timedelta(days=day))
            weekend = moment[0].weekday() > 4  # noqa: PLR2004 - Saturday and Sunday
            for number in range(1 if weekend else A_DAY + draw.randint(-1, 2)):
                _work(store, draw.choice(cases), f"{day:02}-{number}", draw, day)


def _work(store: Store, case: Case, name: str, draw: random.Random, day: int) -> None:
    if case.result is None:
        return
    encounter_id = f"{case.encounter.encounter_id}-{name}"
    encounter = replace(case.encounter, encounter_id=encounter_id)
    recorded = store.record(encounter, replace(case.result, encounter_id=encounter_id))
    if draw.random() < (0.5 if day > DAYS - 4 else 0.04):
        return  # still to be worked on
    sure = {item.code: item.confidence for item in case.result.suggestions}
    for code, confidence in sure.items():
        yes = draw.random() < LIKELY + (confidence - 0.7) * 0.6
        decided = Accept(code=code) if yes else Reject(code=code, reason="not-documented")
        store.decide(recorded.case_id, decided)
    if draw.random() < 0.12:  # noqa: PLR2004
        store.decide(recorded.case_id, Hold(reason="waits for the pathology report"))
        return
    final = store.case(recorded.case_id)
    codes = [row.code for row in final.assigned if row.status is Status.ACCEPTED]
    submission = Submit(codes=tuple((code, None) for code in codes))
    with suppress(AuditError):  # a case that cannot be submitted stays open, as on any day
        SignOff(store).submit(recorded.case_id, submission, PHRASE)
