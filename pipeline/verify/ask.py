"""Ask the chat model what the rules leave open, and believe only what can be checked.

A deterministic router decides whether a mention is asked about at all: not where the best candidate
is clearly ahead and the confidence of its code is enough. Else a closed question goes out over at
most ten titles, in an order drawn from the words themselves. An answer that passes
the gate moves the candidates or takes the code away. Anything else is dropped: the rules' verdict
stands, the reason is kept, and a person sees the case.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from pipeline.chat import Answer, Question, Talk, Task
from pipeline.model import (
    Candidate,
    Encounter,
    Extraction,
    Finder,
    MentionTrace,
    Support,
    Verdict,
)
from pipeline.verify.gate import Asked, Dropped, check
from pipeline.verify.window import around
from taxonomy import Taxonomy

MOST = 10
"""Titles that are shown; more of them cost precision (F1 0.92 without others, 0.87 with ten)."""

_LEVEL = 0.1

Settled = Callable[[Sequence[MentionTrace]], bool]
"""Tells of the mentions that carry one code whether its confidence is enough not to ask."""


def settle(
    encounter: Encounter,
    extraction: Extraction,
    traces: Sequence[MentionTrace],
    taxonomy: Taxonomy,
    talk: Talk,
    settled: Settled,
) -> list[MentionTrace]:
    """Return the traces, those in doubt as the model's checked answer leaves them.

    Traces beyond the mentions of the extraction are never asked about.
    """
    result = list(traces)
    if not talk.asks(Task.VERIFY):
        return result
    ours = traces[: len(extraction.mentions)]
    sure = _sure(ours, settled)
    asked = [
        _ask(number, encounter, extraction, trace, taxonomy)
        for number, trace in enumerate(ours)
        if in_doubt(trace, extraction.finders[number], sure)
    ]
    asked = [each for each in asked if each.shown]
    answers = talk.ask([each.question for each in asked])
    for each, answer in zip(asked, answers, strict=True):
        result[each.number] = _apply(traces[each.number], each, answer, extraction)
    return result


def in_doubt(trace: MentionTrace, finder: Finder, sure: AbstractSet[str]) -> bool:
    """Tell whether a mention is asked about: the router, the same for the same traces.

    `sure` are the codes whose confidence is enough.
    """
    if trace.verdict.support is not Support.SUPPORTED or not trace.candidates:
        return False
    if Finder.ASKED in finder:
        return True
    best = trace.candidates[0]
    second = trace.candidates[1].score if len(trace.candidates) > 1 else 0.0
    return best.score - second < _LEVEL or trace.code not in sure


def _sure(traces: Sequence[MentionTrace], settled: Settled) -> frozenset[str]:
    by_code: dict[str, list[MentionTrace]] = defaultdict(list)
    for trace in traces:
        if trace.verdict.support is Support.SUPPORTED and trace.candidates:
            by_code[trace.code].append(trace)
    return frozenset(code for code, ours in by_code.items() if settled(ours))


def _ask(
    number: int,
    encounter: Encounter,
    extraction: Extraction,
    trace: MentionTrace,
    taxonomy: Taxonomy,
) -> Asked:
    window = around(encounter, extraction.sentences, extraction.places[number], trace.mention.span)
    titles: dict[str, Candidate] = {}
    for candidate in trace.candidates:
        code = taxonomy.get(candidate.code)
        if code is not None and code.billable:
            titles.setdefault(code.title, candidate)
    order = list(titles)[:MOST]
    random.Random(f"{window.text}\0{window.marked}").shuffle(order)
    question = Question(
        task=Task.VERIFY, passage=window.text, marked=window.marked, options=tuple(order)
    )
    return Asked(number, window, tuple(titles[title] for title in order), question)


def _apply(
    trace: MentionTrace, asked: Asked, answer: Answer, extraction: Extraction
) -> MentionTrace:
    """Return the trace as an answer leaves it; the chosen candidate comes first."""
    if answer.fault:
        return _kept(trace, f"model-failed={answer.fault}")
    try:
        said = check(asked, answer, extraction)
    except Dropped as dropped:
        return _kept(trace, f"model-dropped={dropped.reason}")
    if said.chosen is None:
        verdict = Verdict(support=Support.INSUFFICIENT, reasons=said.reasons, by=answer.by)
        return replace(trace, verdict=verdict)
    others = tuple(candidate for candidate in trace.candidates if candidate is not said.chosen)
    return replace(
        trace,
        code=said.chosen.code,
        candidates=(said.chosen, *others),
        verdict=Verdict(
            support=Support.SUPPORTED,
            reasons=(*trace.verdict.reasons, *said.reasons),
            by=answer.by,
        ),
    )


def _kept(trace: MentionTrace, reason: str) -> MentionTrace:
    """Return a trace with the rules' verdict, and why the model's word did not count."""
    reasons = (*trace.verdict.reasons, reason)
    return replace(trace, verdict=replace(trace.verdict, reasons=reasons))
