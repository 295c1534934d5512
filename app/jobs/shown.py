"""What people read of a job: how far it is, and what came of it, as figures and as sentences."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from app.coding import kind_key, plain_kind
from app.jobs import Job
from app.jobs.drift import compare, mix_of, uncovered
from app.jobs.ledger import DONE, FAILED, KNOWN, QUARANTINED, Line, Tally
from audit import AuditError, Store
from resources import examples
from taxonomy import Taxonomy

_LISTED = 1000
"""Files that could not be read that a report names; the store holds all."""


def facts(job: Job) -> dict[str, Any]:
    """Return how far a job is."""
    tally = job.ledger.tally()
    state = job.state
    return {
        "schema": 1,
        "job": job.id,
        "state": state,
        "total": tally.total,
        **_counts(tally),
        "left": tally.left,
        "per_second": round(tally.rate, 2),
        "seconds_left": tally.seconds_left if state == "running" else None,
        "lanes": dict(sorted(tally.lanes.items())),
        "store": job.plan.store,
    }


def line(facts: Mapping[str, Any]) -> str:
    """Return the facts of a job in one line."""
    lanes = ", ".join(f"{count} {lane}" for lane, count in facts["lanes"].items())
    left = facts["seconds_left"]
    time = f", about {left // 60} min {left % 60} s left" if left is not None else ""
    return (
        f"{facts['job']}: {facts['state']}; {facts['total'] - facts['left']} of {facts['total']} "
        f"({facts['coded']} coded, {facts['known']} there already, {facts['failed']} failed, "
        f"{facts['quarantined']} could not be read), {facts['per_second']}/s{time}"
        + (f"; {lanes}" if lanes else "")
    )


def figures(job: Job, store: Store, *, jobs: Iterable[Job], taxonomy: Taxonomy) -> dict[str, Any]:
    """Return the figures of a job's report; `jobs` are those it is compared with."""
    spent, bad = 0.0, list[str]()

    def read() -> Iterator[Line]:
        nonlocal spent
        for each in job.ledger.standing():
            spent += each.seconds
            if each.outcome in {FAILED, QUARANTINED} and len(bad) < _LISTED:
                bad.append(each.case_id)
            yield each

    mix = mix_of(read())
    earlier = [each for each in jobs if each.plan.store == job.plan.store]
    before = mix_of(chain.from_iterable(each.ledger.standing() for each in earlier))
    kinds = _named(mix.kinds, job.ledger.standing(), store)
    return {
        **facts(job),
        "analysis_seconds": round(spent, 2),
        "chapters": dict(sorted(mix.chapters.items(), key=lambda item: int(item[0]))),
        "sections": dict(sorted(mix.sections.items())),
        "kinds": dict(sorted(kinds.items())),
        "drift": {"jobs": len(earlier), "compared": compare(mix, before)},
        "not_in_golden_set": {
            "chapters": uncovered(mix.chapters, _golden_chapters(taxonomy)),
            "kinds": uncovered(kinds, _golden_kinds()),
        },
        "unread": [_reason(case_id, store) for case_id in bad],
    }


def told(figures: Mapping[str, Any]) -> list[str]:
    """Return the report as sentences."""
    sentences = [line(figures)]
    waiting = figures["lanes"].get("review", 0) + figures["lanes"].get("confirm", 0)
    sentences.append(f"{waiting} encounters wait for people in review and confirm.")
    moved = [row for row in figures["drift"]["compared"] if row["verdict"] in {"moved", "changed"}]
    sentences += [
        f"Against earlier jobs the mix of {row['what']} has {row['verdict']}: {row['measure']} "
        f"{row['value']:.2f}."
        for row in moved
    ]
    strange = figures["not_in_golden_set"]
    for what, names in strange.items():
        if names:
            listed = ", ".join(f"{name} ({count})" for name, count in list(names.items())[:8])
            sentences.append(f"Not in the golden examples: {what} {listed}.")
    return sentences


def _counts(tally: Tally) -> dict[str, int]:
    counts = tally.counts
    return {
        "coded": counts[DONE],
        "known": counts[KNOWN],
        "failed": counts[FAILED],
        "quarantined": counts[QUARANTINED],
    }


def _reason(case_id: str, store: Store) -> dict[str, str]:
    """Return what could not be read and why, from the store: the ledger holds no name."""
    try:
        case = store.case(case_id)
    except AuditError:
        return {"case_id": case_id, "name": "", "reason": "The case is no longer in the store."}
    return {
        "case_id": case_id,
        "name": case.encounter.encounter_id,
        "reason": " ".join(case.errors),
    }


def _named(kinds: Counter[str], lines: Iterable[Line], store: Store) -> Counter[str]:
    """Return counts of note kinds by their names, each looked up in one case that has it."""
    named: Counter[str] = Counter()
    open_ = set(kinds)
    for each in lines:
        wanted = open_ & set(each.mix.get("kinds", ()))
        if not wanted:
            continue
        try:
            notes = store.case(each.case_id).encounter.notes
        except AuditError:
            continue
        for note in notes:
            key = kind_key(note.kind, store)
            if key in wanted:
                named[plain_kind(note.kind)] += kinds[key]
                wanted.discard(key)
                open_.discard(key)
        if not open_:
            break
    return named


def _golden_chapters(taxonomy: Taxonomy) -> set[str]:
    codes = {gold.code for each in examples.load() for gold in each.reportable}
    return {taxonomy.chapter(code) for code in codes if code in taxonomy}


def _golden_kinds() -> set[str]:
    return {plain_kind(note.kind) for each in examples.load() for note in each.notes}
