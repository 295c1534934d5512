"""The head of the open case: which it is, why it is here, what the rules say of it as a whole."""

from dataclasses import dataclass
from datetime import datetime

from app.desktop.models.cards import CardRow, Remark
from app.desktop.models.deck import case_remarks
from app.desktop.models.worklist import held_for
from app.wording import count, say
from app.workspace import OpenCase
from audit import State
from pipeline.model import Encounter, Route

_SHOWN_STATES = frozenset({State.HELD, State.SUBMITTED, State.REOPENED})


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseHead:
    """What stands above the note; a chip is its words and its tone."""

    title: str
    facts: str
    chips: tuple[tuple[str, str], ...] = ()
    remarks: tuple[Remark, ...] = ()


def case_head(opened: OpenCase, cards: tuple[CardRow, ...]) -> CaseHead:
    """Return the head of a case."""
    case = opened.case
    failed = str(case.state) == "failed"
    tones = {Route.REVIEW: "warn", Route.CONFIRM: "info", Route.AUTO: "good"}
    chips = [(say("lanes", str(case.lane)), tones[case.lane])]
    if failed:
        chips = [(say("states_short", "failed"), "bad")]
    if case.state in _SHOWN_STATES:
        tone = "good" if case.state is State.SUBMITTED else "warn"
        chips.insert(0, (say("states", str(case.state)), tone))
    remarks: tuple[Remark, ...] = tuple(Remark(text=error, tone="bad") for error in case.errors)
    if case.result is not None and case.lane is Route.REVIEW:
        why = "; ".join(say("reasons", reason) for reason in case.result.lane_reasons)
        remarks += (Remark(text=say("places", "why-here", why=why), tone="query"),)
    remarks = (*_said(opened), *remarks, *case_remarks(opened))
    return CaseHead(
        title=case.encounter.encounter_id,
        facts=encounter_facts(case.encounter),
        chips=(*chips, *_progress(cards)),
        remarks=tuple(dict.fromkeys(remarks)),
    )


def _said(opened: OpenCase) -> tuple[Remark, ...]:
    """Return why a case is on hold and since when, the comments on it, and its queries."""
    case = opened.case
    found = []
    if case.hold is not None:
        reason = say("hold_reasons", case.hold.text)
        found.append(Remark(text=f"{held_for(case.hold.when)}: {reason}", tone="warn"))
    found += [
        Remark(text=f"{each.by}: {each.text}", tone="comment")
        for each in case.comments
        if not each.codes
    ]
    found += [
        Remark(
            text=say("places", "query-kept", day=_day(each.when), codes=", ".join(each.codes)),
            tone="comment",
            source=each.text,
        )
        for each in case.queries
    ]
    return tuple(found)


def _day(when: str) -> str:
    return f"{datetime.fromisoformat(when).astimezone():%d %b %Y}"


def _progress(cards: tuple[CardRow, ...]) -> tuple[tuple[str, str], ...]:
    waiting = sum(1 for card in cards if card.open)
    if waiting:
        return ((f"{waiting} to decide", ""),)
    return (("All decided", "good"),) if cards else ()


def encounter_facts(encounter: Encounter) -> str:
    """Return setting, dates, age and sex of an encounter in one line."""
    parts = [say("settings", str(encounter.setting)), say("claims", str(encounter.claim))]
    if encounter.service_date is not None:
        parts.append(f"{encounter.service_date:%d %b %Y}")
    if encounter.admitted is not None and encounter.discharged is not None:
        parts.append(f"{encounter.admitted:%d %b %Y} to {encounter.discharged:%d %b %Y}")
    if encounter.age is not None:
        parts.append(f"{encounter.age:g} years")
    if encounter.sex:
        parts.append(encounter.sex)
    parts.append(count(len(encounter.notes), "document"))
    return "  ·  ".join(parts)
