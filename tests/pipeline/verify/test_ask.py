"""A model's answer is believed only where it can be checked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest

from pipeline.chat import ChatReply, ChatRequest, SilentChat
from pipeline.model import (
    Candidate,
    Channel,
    Encounter,
    EvidenceSpan,
    Extraction,
    Finder,
    Mention,
    MentionTrace,
    Sentence,
    Support,
    Verdict,
)
from pipeline.verify.ask import settle
from taxonomy import Taxonomy


@dataclass
class Scripted:
    """A chat model that says what it is told to, and keeps what it was asked."""

    reply: ChatReply | None
    name: str = "scripted"
    asked: list[ChatRequest] = field(default_factory=list)

    def choose(self, request: ChatRequest) -> ChatReply | None:
        self.asked.append(request)
        return self.reply


def trace(scores: Sequence[float], support: Support = Support.SUPPORTED) -> MentionTrace:
    codes = ("M10.9", "M1A.9XX0")
    return MentionTrace(
        mention=Mention(span=EvidenceSpan(note_id="n1", start=0, end=4), section="assessment"),
        candidates=tuple(
            Candidate(code=code, score=score, channels=(Channel.LEXICAL,))
            for code, score in zip(codes, scores, strict=True)
        ),
        code=codes[0],
        verdict=Verdict(support=support, reasons=("asserted-present",)),
    )


@pytest.fixture
def ask(
    encounter: Callable[..., Encounter], taxonomy: Taxonomy
) -> Callable[[MentionTrace, Scripted | SilentChat], MentionTrace]:
    def run(one: MentionTrace, chat: Scripted | SilentChat) -> MentionTrace:
        chart = encounter("Gout for years, tophi on both hands.")
        whole = EvidenceSpan(note_id="n1", start=0, end=len(chart.notes[0].text))
        extraction = Extraction(
            mentions=(one.mention,),
            sentences=(Sentence(span=whole, section="assessment", role="assessed"),),
            places=(0,),
            finders=(Finder.DICTIONARY,),
            phrases=("",),
        )
        return settle(chart, extraction, [one], taxonomy, chat)[0]

    return run


Ask = Callable[[MentionTrace, Scripted | SilentChat], MentionTrace]


def test_only_what_is_nearly_level_and_supported_is_asked(ask: Ask) -> None:
    for one in (trace((0.9, 0.5)), trace((0.9, 0.88), Support.REFUTED)):
        chat = Scripted(ChatReply(choice=1, quote="tophi"))
        assert ask(one, chat) == one
        assert chat.asked == []


def test_titles_are_shown_and_no_codes(ask: Ask) -> None:
    chat = Scripted(None)
    one = trace((0.9, 0.88))
    assert ask(one, chat) == one
    (request,) = chat.asked
    assert request.mention == "Gout"
    assert "Gout, unspecified" in request.titles
    assert not any("M1" in title for title in request.titles)


def test_a_checked_choice_is_taken_and_signed(ask: Ask) -> None:
    found = ask(trace((0.9, 0.88)), Scripted(ChatReply(choice=1, quote="tophi")))
    assert found.code == "M1A.9XX0"
    assert found.candidates[0].code == "M1A.9XX0"
    assert found.verdict == Verdict(
        support=Support.SUPPORTED, reasons=("model-chose",), by="scripted"
    )


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (ChatReply(choice=None, quote=""), "model-none-of-these"),
        (ChatReply(choice=2, quote="tophi"), "model-outside-the-list"),
        (ChatReply(choice=-1, quote="tophi"), "model-outside-the-list"),
        (ChatReply(choice=1, quote="tophus"), "model-quote-not-in-note"),
        (ChatReply(choice=1, quote=" "), "model-quote-not-in-note"),
    ],
)
def test_an_answer_that_cannot_be_checked_is_none(ask: Ask, reply: ChatReply, reason: str) -> None:
    found = ask(trace((0.9, 0.88)), Scripted(reply))
    assert found.code == "M10.9"
    assert (found.verdict.support, found.verdict.reasons) == (Support.INSUFFICIENT, (reason,))


def test_silence_leaves_the_rules_verdict(ask: Ask) -> None:
    one = trace((0.9, 0.88))
    assert ask(one, SilentChat()) == one
