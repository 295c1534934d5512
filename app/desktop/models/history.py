"""The story of a case: every event in readable words, person and program in one stream."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.desktop.models.cards import one_line
from app.wording import count, say
from app.workspace import OpenCase
from audit import AuditEvent, Case
from pipeline.model import Encounter

_TO_READ = "read-manually"
QUOTED = 80
"""Characters of a quote shown in the history; the card shows all of it."""

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryRow:
    """One event: when, who, what, and its place in the log."""

    seq: int
    when: str
    who: str
    kind: str
    what: str
    detail: str
    hash: str


def history_rows(opened: OpenCase) -> tuple[HistoryRow, ...]:
    """Return the events of a case, the newest first."""
    events = {event.seq: event for event in opened.events}
    newest = {event.data["code"]: event.seq for event in opened.events if "code" in event.data}
    wording = 0
    rows: list[HistoryRow] = []
    for event in opened.events:
        wording += event.kind == "encounter.received"
        details = [*_person(opened, event, newest, wording), *_program(event.kind, event.data)]
        rows.append(
            HistoryRow(
                seq=event.seq,
                when=local_time(event.ts),
                who=event.actor.id,
                kind=str(event.actor.kind),
                what=_what(event, events),
                detail="\n".join(detail for detail in details if detail),
                hash=event.hash,
            )
        )
    return tuple(reversed(rows))


def _what(event: AuditEvent, events: Mapping[int, AuditEvent]) -> str:
    data = event.data
    about = events.get(data.get("undoes") or data.get("redoes") or 0)
    values = {name: value for name, value in data.items() if isinstance(value, str)}
    if "lane" in values:
        values["lane"] = say("lane_tabs", values["lane"])
    if "assertion" in values:
        values["assertion"] = say("assertions", values["assertion"])
    if "poa" in data:
        given = "taken" if data["poa"] is None else data["poa"] or "exempt"
        values["poa"] = say("poa_long", given)
    return say("events", event.kind, **values, what=_what(about, events) if about else "")


def _person(
    opened: OpenCase, event: AuditEvent, newest: Mapping[str, int], wording: int
) -> list[str]:
    """Return titles, words and reason of a decision; nothing for other events."""
    data = event.data
    code = data.get("code")
    if not isinstance(code, str):
        return []
    details = [opened.title(str(data.get("new_code", code)))]
    if 0 < wording <= len(opened.case.encounters):
        encounter = opened.case.encounters[wording - 1]
        details += [_quoted(encounter, span) for span in data.get("evidence", ())]
    if data.get("reason"):
        # A reason is a text apart from the log; the case holds it for what is in force.
        known = _reason(opened.case, data) if newest[code] == event.seq else ""
        details.append(say("reject_reasons", known) if known else say("places", "typed-reason"))
    return details


def _quoted(encounter: Encounter, span: tuple[int, int, int]) -> str:
    note, start, end = span
    words = one_line(encounter.notes[note].text[start:end])
    return f"“{words[:QUOTED]}…”" if len(words) > QUOTED else f"“{words}”"


def _reason(case: Case, data: Data) -> str:
    row = case.row(str(data["code"]))
    return row.reason if row is not None else ""


def _program(kind: str, data: Data) -> list[str]:
    """Return what a stage came to, in numbers; nothing for other events."""
    tell = _TOLD.get(kind)
    return [tell(data)] if tell is not None else []


def _validated(data: Data) -> str:
    """Return what the rules found, which found nothing, and what was left to a person."""
    findings = data["findings"]
    aside = [findings[at] for at in data.get("unchecked", ())]
    counts = (
        f"{count(len(data['suggestions']), 'code')} suggested",
        f"{count(len(data['excluded']), 'code')} excluded",
        count(len(findings) - len(aside), "finding"),
    )
    lines = [" · ".join(counts)]
    passes = [
        f"{say('rules', rule)}: {count(codes, 'code')}" for rule, codes in data.get("passes", ())
    ]
    if passes:
        lines.append(f"Checked, nothing found: {'; '.join(passes)}")
    # A finding aside is [rule, severity, codes, source, release, detail].
    asked = [row for row in aside if row[0] != _TO_READ]
    if asked:
        names = dict.fromkeys(_parameter(row, "rule") for row in asked)
        lines.append(f"Not checked: {'; '.join(say('rules', name) for name in names)}")
    unread = [
        f"{row[3].removeprefix('tabular ')} ({', '.join(row[2])})"
        for row in aside
        if row not in asked
    ]
    if unread:
        lines.append(f"Notes for a person to read: {'; '.join(unread)}")
    return "\n".join(lines)


def _parameter(row: Sequence[Any], name: str) -> str:
    """Return a parameter of a finding's row, such as the rule that was not asked."""
    parts = (each.partition("=") for each in row[5])
    return next((value for key, _, value in parts if key == name), "")


def _submitted(data: Data) -> str:
    """Return the codes that were signed off, and how many warnings were seen."""
    codes = ", ".join(code if poa is None else f"{code} ({poa})" for code, poa in data["codes"])
    seen = len(data["warnings"])
    return f"{codes} · {count(seen, 'warning')} seen" if seen else codes


_TOLD: Mapping[str, Callable[[Data], str]] = {
    "codes.ordered": lambda data: ", ".join(data["codes"]),
    "query.written": lambda data: ", ".join(data["codes"]),
    "case.submitted": _submitted,
    "encounter.received": lambda data: count(len(data["notes"]), "document"),
    "analysis.started": lambda data: (
        f"{data['release']} · {say('scopes', data['scope'])} · version {data['code_version']}"
    ),
    "evidence.extracted": lambda data: count(len(data["mentions"]), "mention"),
    "candidates.retrieved": lambda data: count(
        len({candidate[0] for candidate in data["candidates"]}), "code"
    ),
    "candidates.verified": lambda data: count(
        sum(data["verdicts"][at][0] == "supported" for _, at in data["traces"]),
        "mention supported",
        "mentions supported",
    ),
    "codes.validated": _validated,
    "chat.asked": lambda data: f"{data['prompt']} · attempt {data['attempt']}",
    "chat.answered": lambda data: f"{data['milliseconds'] / 1000:.1f} s",
    "case.routed": lambda data: "; ".join(say("reasons", item) for item in data["lane_reasons"]),
}


def local_time(stamp: str) -> str:
    """Return an ISO 8601 stamp as local date and time to the second; as it is where it is none."""
    try:
        return f"{datetime.fromisoformat(stamp).astimezone():%d %b %Y %H:%M:%S}"
    except ValueError:
        return stamp
