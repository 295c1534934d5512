"""Ask the chat model what the rules leave open, and believe only what can be checked.

Asked is about supported mentions whose best candidates are nearly level. An answer that is no title
of the list, or whose quote does not stand in the sentence word for word, is no answer: the mention
is `insufficient`, with the reason, and a person sees it.
"""

from collections.abc import Sequence
from dataclasses import replace

from pipeline.chat import ChatModel, ChatReply, ChatRequest
from pipeline.model import (
    Encounter,
    Extraction,
    MentionTrace,
    Support,
    Verdict,
)
from taxonomy import Taxonomy

_LEVEL = 0.1


def settle(
    encounter: Encounter,
    extraction: Extraction,
    traces: Sequence[MentionTrace],
    taxonomy: Taxonomy,
    chat: ChatModel,
) -> list[MentionTrace]:
    """Return the traces, those in doubt as the model's checked answer leaves them."""
    settled = []
    for trace, place in zip(traces, extraction.places, strict=True):
        reply = None
        sentence = encounter.quote(extraction.sentences[place].span)
        if _in_doubt(trace):
            reply = chat.choose(
                ChatRequest(
                    sentence=sentence,
                    mention=encounter.quote(trace.mention.span),
                    titles=tuple(_title(c.code, taxonomy) for c in trace.candidates),
                )
            )
        settled.append(trace if reply is None else _apply(trace, reply, sentence, chat.name))
    return settled


def _in_doubt(trace: MentionTrace) -> bool:
    scores = [candidate.score for candidate in trace.candidates[:2]]
    return (
        trace.verdict.support is Support.SUPPORTED
        and len(scores) > 1
        and scores[0] - scores[1] < _LEVEL
    )


def _title(code: str, taxonomy: Taxonomy) -> str:
    found = taxonomy.get(code)
    return found.title if found else code


def _apply(trace: MentionTrace, reply: ChatReply, sentence: str, name: str) -> MentionTrace:
    """Return the trace as an answer leaves it; the chosen candidate comes first."""
    if reply.choice is None:
        return _insufficient(trace, "model-none-of-these", name)
    if not 0 <= reply.choice < len(trace.candidates):
        return _insufficient(trace, "model-outside-the-list", name)
    if not reply.quote.strip() or reply.quote not in sentence:
        return _insufficient(trace, "model-quote-not-in-note", name)
    chosen = trace.candidates[reply.choice]
    others = tuple(candidate for candidate in trace.candidates if candidate is not chosen)
    return replace(
        trace,
        code=chosen.code,
        candidates=(chosen, *others),
        verdict=Verdict(support=Support.SUPPORTED, reasons=("model-chose",), by=name),
    )


def _insufficient(trace: MentionTrace, reason: str, name: str) -> MentionTrace:
    verdict = Verdict(support=Support.INSUFFICIENT, reasons=(reason,), by=name)
    return replace(trace, verdict=verdict)
