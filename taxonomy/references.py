"""Resolve what a note points to: codes, ranges, lists and conditions on characters.

A note names its targets in brackets at its end, more rarely in the sentence. The grammar:

    references = item (separator item)* [","] ["with" condition]
    item       = code ["-" or "to" code]          trailing dots and dashes mean "all below"
    condition  = .42 | .51-.52 | .150, .250 | fifth character 4 | 7th character B or C | …

Ranges run in tabular order, never in the order of letters (C43, C4A, C44). Only words that are
codes of this release count, so that G6PD or vitamin B12 are left alone. What cannot be read
whole is not read in part: it stays unresolved, with the reason.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from taxonomy.conditions import condition_rows
from taxonomy.model import Targets
from taxonomy.rows import Rows, Span, merge

_CODE = r"[A-Z][0-9A-Z]{2}(?:\.[0-9A-Z]{1,4})?"
_TAIL = r"\.?-{0,2}"
_ITEM = re.compile(
    rf"(?<![0-9A-Za-z.])({_CODE}){_TAIL}(?:\s*(?:-|to\b)\s*({_CODE}){_TAIL}(?![0-9A-Za-z.]))"
    rf"|(?<![0-9A-Za-z.])({_CODE})({_TAIL})(?![0-9A-Z])"
)
_SEPARATOR = re.compile(r"(?:\s|,|;|\.(?=\s)|\band\b|\bor\b)*")
_WITH = re.compile(r"[\s,]*\bwith\b\s*(.*)", re.DOTALL)
_WITH_CHARACTERS = re.compile(
    r"[\s,]*\bwith\b\s*((?:final|fifth|sixth|seventh|[567]th)\b.*|\..*|ketoacidosis.*)", re.DOTALL
)
_BRACKETS = re.compile(r"\(([^(){}]*)(?:\)|\}|$)")
_CONDITION_OUTSIDE = re.compile(r"\)\s*(with (?:fifth|sixth|seventh|final|[567]th)\b[^()]*)$")


class _UnreadableError(Exception):
    """Carries the reason a run of references cannot be resolved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    spans: list[Span]
    end: int


def resolve(text: str, rows: Rows) -> Targets:
    """Return the rows a note points to, or why it points to none that can be read."""
    joined = _CONDITION_OUTSIDE.sub(r" \1)", text)
    try:
        found = [
            span
            for group in _BRACKETS.finditer(joined)
            for span in _read_group(group.group(1), rows)
        ]
        if not found:
            if text.endswith(":"):
                return Targets(unresolved="lead-in")
            found = _read_sentence(_BRACKETS.sub(" ", joined), rows)
    except _UnreadableError as error:
        return Targets(unresolved=str(error))
    if not found:
        return Targets(unresolved="words")
    return Targets(bounds=merge(found))


def _read_group(text: str, rows: Rows) -> list[Span]:
    """Read a bracket that holds references and nothing else; [] for any other."""
    run = _read_run(text, 0, rows)
    if run is None:
        return []
    rest = text[run.end :]
    condition = _WITH.fullmatch(rest)
    if condition is not None:
        return _under(condition.group(1), run.spans, rows)
    if rest.strip(" ,;."):
        raise _UnreadableError("qualifier")
    return run.spans


def _read_sentence(text: str, rows: Rows) -> list[Span]:
    """Read every run of references in running text."""
    found: list[Span] = []
    at = 0
    while (item := _ITEM.search(text, at)) is not None:
        run = _read_run(text, item.start(), rows)
        if run is None:
            at = item.start() + 1
            continue
        at = run.end
        condition = _WITH_CHARACTERS.match(text, at)
        if condition is None:
            found += run.spans
        else:
            found += _under(condition.group(1), run.spans, rows)
            at = len(text)
    return found


def _read_run(text: str, start: int, rows: Rows) -> _Run | None:
    """Read items and separators from `start`; None where no code of the release stands there."""
    spans: list[Span] = []
    at = _separator_end(text, start)
    end = at
    while (item := _ITEM.match(text, at)) is not None:
        span = _item_span(item, rows)
        if span is None:
            break
        spans.append(span)
        end = item.end()
        at = _separator_end(text, end)
    return _Run(spans=spans, end=end) if spans else None


def _separator_end(text: str, at: int) -> int:
    separator = _SEPARATOR.match(text, at)
    return separator.end() if separator is not None else at


def _item_span(item: re.Match[str], rows: Rows) -> Span | None:
    """Return the rows of a code or range; None for a word that merely looks like a code."""
    first, last, single, tail = item.groups()
    if single is not None:
        span = rows.below(single)
        if span is None and ("." in single or tail):
            raise _UnreadableError("dangling")
        return span
    spanned = rows.between(first, last)
    if spanned is None:
        raise _UnreadableError("dangling")
    return spanned


def _under(condition: str, spans: Iterable[Span], rows: Rows) -> list[Span]:
    narrowed = condition_rows(condition, spans, rows)
    if not narrowed:
        raise _UnreadableError("qualifier")
    return narrowed
