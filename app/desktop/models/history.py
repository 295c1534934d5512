"""The story of a case: every event in readable words, person and program in one stream."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.wording import known, say
from app.workspace import OpenCase
from audit import AuditEvent


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
    return tuple(_row(opened, event) for event in reversed(opened.events))


def _row(opened: OpenCase, event: AuditEvent) -> HistoryRow:
    kind = str(event.actor.kind)
    return HistoryRow(
        seq=event.seq,
        when=local_time(event.ts),
        who=event.actor.id,
        kind=kind,
        what=_what(opened, event),
        detail=_detail(event),
        hash=event.hash,
    )


def _what(opened: OpenCase, event: AuditEvent) -> str:
    values = {
        name: _named(opened, value) if name in {"code", "new_code"} else str(value)
        for name, value in event.data.items()
        if isinstance(value, str | int | float)
    }
    return say("events", event.kind, **values)


def _named(opened: OpenCase, code: Any) -> str:
    title = opened.title(str(code))
    return f"{code} {title}".strip()


def _detail(event: AuditEvent) -> str:
    parts: list[str] = []
    data: Mapping[str, Any] = event.data
    reason = data.get("reason")
    if isinstance(reason, str) and reason:
        kind = "reject_reasons" if known("reject_reasons", reason) else "reasons"
        parts.append(say(kind, reason))
    return " · ".join(parts)


def local_time(stamp: str) -> str:
    """Return an ISO 8601 stamp as local date and time to the second; as it is where it is none."""
    try:
        return f"{datetime.fromisoformat(stamp).astimezone():%d %b %Y %H:%M:%S}"
    except ValueError:
        return stamp
