"""The use case of `chartproof audit replay`: history done again, as recorded or otherwise.

As recorded, each pass is run with the scope and options its provenance names, by the program and
the files of today: the result is identical, or the provenance names what is another now. With other
settings it says what today's engine would have said, and only that: nothing is recorded but that
somebody asked. What a chat model was asked is answered from the record, and nobody is asked again.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from app.batch import LoadReport, Outcome, Recipe, run
from app.coding import NOTE_REFUSED
from app.custody import Config, Wanted
from app.present import Json
from app.recorded import Record, Speaking, speaking
from audit import Store
from audit.choice import acted_on
from audit.model import AuditError
from audit.replay import Difference, Past, allow_replay, compare, past, record_replay
from pipeline.engine import EngineSettings, config_digest
from pipeline.model import Route, Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """What became of a pass: how it differs, or why it was not done again.

    `stray` are columns of the worklist that the events of its case do not give.
    """

    past: Past
    difference: Difference | None = None
    reason: str = ""
    errors: tuple[str, ...] = ()
    stray: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    """How passes are done again: with one engine, and a chat model of the record or none."""

    scope: Scope
    sex_advisory: bool
    speaking: Speaking | None

    def fault(self, prompts: Path) -> str:
        """Return why it cannot be gone, empty where it can."""
        return "" if self.speaking is None else self.speaking.fault(prompts)

    def options(self, prompts: Path) -> dict[str, object]:
        """Return what the recipe's options are changed to."""
        found: dict[str, object] = {"scope": self.scope, "sex_advisory": self.sex_advisory}
        return found if self.speaking is None else {**found, "chat": self.speaking.options(prompts)}


def replay(
    store: Store,
    wanted: Wanted,
    *,
    config: Config,
    recipe: Recipe,
    prompts: Path,
    workers: int,
    report: LoadReport | None = None,
) -> Iterator[Again]:
    """Yield what became of each pass wanted: all of a case that was named, else the newest of each.

    `recipe` makes an engine; scope and options of each pass go into it. `prompts` is the folder of
    a site's own.

    Raises:
        AuditError: there is no such case, or the person may not replay.
        BatchError: the engine cannot be loaded.
    """
    allow_replay(store)
    counts: Counter[str] = Counter()
    groups: dict[_Way, list[Again]] = {}
    for each in _chosen(store, wanted):
        way = _way(each.past, config)
        reason = "texts-destroyed" if each.past.gone else way.fault(prompts)
        if reason:
            counts["not_replayed"] += 1
            yield replace(each, reason=reason)
        else:
            groups.setdefault(way, []).append(each)
    for way, rows in groups.items():
        record = Record.of(store, [each.past for each in rows])
        outcomes = run(
            [each.past.encounter for each in rows],
            recipe=replace(recipe, options={**recipe.options, **way.options(prompts)}),
            workers=workers,
            report=report,
            answering=record,
        )
        for each, outcome in zip(rows, outcomes, strict=True):
            done = _judge(each, outcome, record)
            counts[_verdict(done)] += 1
            yield done
    record_replay(
        store,
        config=config.name,
        passes=counts.total(),
        same=counts["same"],
        changed=counts["changed"],
        not_replayed=counts["not_replayed"],
    )


def summary(rows: Sequence[Again], *, config: Config) -> Json:
    """Return the counts of a replay: what is the same, which codes and lanes changed, and why not.

    `unexplained` are passes that gave another result though nothing that decides it is another;
    `rebuilt` are cases whose row in the worklist is not what their events give.
    """
    done = [(each, each.difference) for each in rows if each.difference is not None]
    gained = Counter(code for _, found in done for code in found.gained)
    lost = Counter(code for _, found in done for code in found.lost)
    lanes = Counter(f"{d.lane[0]} → {d.lane[1]}" for _, d in done if d.lane is not None)
    names = Counter(name for _, found in done for name, _, _ in found.provenance)
    return {
        "config": config.name,
        "passes": len(rows),
        "replayed": len(done),
        "same": sum(found.same for _, found in done),
        "changed_codes": sum(bool(found.gained or found.lost) for _, found in done),
        "changed_lanes": sum(lanes.values()),
        "changed_otherwise": sum(
            not found.same and not (found.gained or found.lost or found.lane) for _, found in done
        ),
        "unexplained": sum(found.unexplained for _, found in done),
        "not_replayed": dict(Counter(each.reason for each in rows if each.reason)),
        "gained": dict(gained.most_common()),
        "lost": dict(lost.most_common()),
        "lanes": dict(sorted(lanes.items())),
        "provenance": dict(names.most_common()),
        "not_rebuilt": sorted({each.past.case_id for each in rows if each.stray}),
    }


def _chosen(store: Store, wanted: Wanted) -> Iterator[Again]:
    cases = wanted.cases or tuple(row.case_id for row in store.cases(lane=wanted.lane))
    if wanted.coder:
        with store.door.reading() as connection:
            theirs = acted_on(connection, wanted.coder)
        cases = tuple(case_id for case_id in cases if case_id in theirs)
    for case_id in cases:
        stray, found = past(store, case_id)
        if wanted.cases and not found:
            raise AuditError(
                f"The case {case_id} has no finished analysis, so there is nothing to replay."
            )
        for each in found if wanted.cases else found[-1:]:
            day = each.ts[:10]
            if wanted.first_day <= day and (not wanted.last_day or day <= wanted.last_day):
                yield Again(past=each, stray=stray)


def _way(each: Past, config: Config) -> "_Way":
    """Return how a pass is done again: as the settings say, else as it was made."""
    origin = each.result.provenance
    recorded = next(
        (
            sex
            for sex in (False, True)
            if config_digest(EngineSettings(scope=origin.scope, sex_advisory=sex))
            == origin.config_digest
        ),
        False,
    )
    sex = recorded if config.sex_advisory is None else config.sex_advisory
    return _Way(scope=config.scope or origin.scope, sex_advisory=sex, speaking=speaking(each))


def _judge(each: Again, outcome: Outcome, record: Record) -> Again:
    result = outcome.result
    if result is None:
        return replace(each, reason="failed", errors=outcome.errors)
    recorded = each.past.result
    if NOTE_REFUSED in recorded.lane_reasons:  # added after the pipeline, for a note it never saw
        reasons = (*result.lane_reasons, NOTE_REFUSED)
        result = replace(result, lane=Route.REVIEW, lane_reasons=reasons)
    difference = record.judged(each.past, result, compare(recorded, result))
    return replace(each, difference=difference)


def _verdict(done: Again) -> str:
    if done.difference is None:
        return "not_replayed"
    return "same" if done.difference.same else "changed"


def row(each: Again) -> Json:
    """Return one pass as JSON."""
    found = each.difference
    return {
        "case_id": each.past.case_id,
        "encounter_id": each.past.encounter.encounter_id,
        "pass": each.past.number,
        "recorded": each.past.ts,
        "same": found is not None and found.same,
        "not_replayed": each.reason,
        "gained": list(found.gained) if found else [],
        "lost": list(found.lost) if found else [],
        "lane": [lane.value for lane in found.lane] if found and found.lane else None,
        "parts": list(found.parts) if found else [],
        "provenance": [list(item) for item in found.provenance] if found else [],
        "not_rebuilt": list(each.stray),
    }
