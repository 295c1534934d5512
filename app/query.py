"""A query to the provider: put together from the chart's own words, and refused where it leads.

It states clinical indicators with where each stands, asks an open question, and offers answers that
always end with *other* and *unable to determine* (AHIMA and ACDIS, compliant query practice). The
text that is kept is exactly what `compose` returns.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from app.wording import say
from pipeline.model import Encounter, EvidenceSpan
from resources import read_json

OTHER = "Other (please specify): ______"
UNABLE = "Unable to determine"
LINE = 240
"""Code points of a line that is cited whole."""

LEAST = 2
"""Answers a query offers besides *other* and *unable to determine*."""

_WORDS = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """Words of a note, with where they stand in words."""

    span: EvidenceSpan
    quote: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A query as it is being written; `options` are the answers without the two that are fixed."""

    encounter_id: str
    about: str
    indicators: tuple[Indicator, ...]
    question: str
    options: tuple[str, ...]


def whole_line(encounter: Encounter, span: EvidenceSpan) -> EvidenceSpan:
    """Return the line a span stands in: a provider reads a finding in its sentence.

    A line that is too long is not cited whole; the span stays as it is.
    """
    text = encounter.note(span.note_id).text
    start = text.rfind("\n", 0, span.start) + 1
    end = text.find("\n", span.end)
    line = text[start : len(text) if end < 0 else end]
    if len(line) > LINE:
        return span
    begin = start + len(line) - len(line.lstrip())
    return EvidenceSpan(note_id=span.note_id, start=begin, end=begin + len(line.strip()))


def indicator(encounter: Encounter, span: EvidenceSpan, *, section: str = "") -> Indicator:
    """Return the words under a span with document, section, author and time."""
    note = encounter.note(span.note_id)
    kind = note.kind.replace("_", " ").replace("-", " ").strip() or note.note_id
    parts = (kind[:1].upper() + kind[1:], section, note.author, note.author_role, note.time)
    quote = " ".join(encounter.quote(span).split())
    source = ", ".join(
        part.replace("T", " ") if part == note.time else part for part in parts if part
    )
    return Indicator(span=span, quote=quote, source=source)


def compose(draft: Draft) -> str:
    """Return the query as it goes out."""
    lines = [f"Query to the provider · {draft.encounter_id}", "", "Clinical indicators"]
    lines += [f"• “{each.quote}” ({each.source})" for each in draft.indicators]
    lines += ["", "Question", " ".join(draft.question.split()), "", "Please choose one"]
    lines += [f"[ ] {option}" for option in (*answers(draft), OTHER, UNABLE)]
    return "\n".join(lines)


def answers(draft: Draft) -> tuple[str, ...]:
    """Return the answers that were written, each once, without the two that always follow."""
    fixed = {OTHER.lower(), UNABLE.lower(), "other", "other (please specify)"}
    written = (" ".join(option.split()) for option in draft.options)
    return tuple(dict.fromkeys(each for each in written if each and each.lower() not in fixed))


def problems(draft: Draft) -> tuple[str, ...]:
    """Return in sentences why a query may not go out; nothing where it may."""
    return tuple(_problems(draft))


def _problems(draft: Draft) -> Iterator[str]:
    question, offered = draft.question.strip().lower(), answers(draft)
    if not draft.indicators:
        yield say("query", "no-indicator")
    if not question:
        yield say("query", "no-question")
    if len(offered) < LEAST:
        yield say("query", "few-options")
    rules = _rules()
    for words in (question, *(option.lower() for option in offered)):
        if (money := rules.money.search(words)) is not None:
            yield say("query", "money", value=money[0].strip())
            break
    if (leading := rules.leading.search(question)) is not None:
        yield say("query", "leading", value=leading[0].strip())
    if rules.closed.match(question) is not None:
        yield say("query", "closed")
    named = next((option for option in offered if _names(question, option, draft.about)), None)
    if named is not None:
        yield say("query", "names-answer", value=named)


def _names(question: str, option: str, about: str) -> bool:
    """Say whether a question gives one of its answers away, beyond what it is about."""
    asked = set(_WORDS.findall(question))
    known = set(_WORDS.findall(about.lower()))
    told = [word for word in _WORDS.findall(option.lower()) if word not in known]
    return bool(told) and all(word in asked for word in told)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rules:
    leading: re.Pattern[str]
    money: re.Pattern[str]
    closed: re.Pattern[str]


@cache
def _rules() -> _Rules:
    data = read_json("ui/query.json")
    return _Rules(
        leading=re.compile(rf"\b(?:{'|'.join(data['leading'])})"),
        money=re.compile("|".join(data["money"])),
        closed=re.compile(rf"(?:{'|'.join(data['closed'])})\b"),
    )
