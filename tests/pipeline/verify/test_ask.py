"""A model is asked about what is open, and its answer is believed only where it can be checked."""

from collections.abc import Callable, Sequence

import pytest

from pipeline.chat import SILENT, Answer, Question, Talk, Task
from pipeline.model import (
    Assertion,
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
from tests.pipeline.chat_scripts import Scripted, answer, marked

TEXT = "Seen today. Gout for years, tophi on both hands, no fever, mother had gout too. Rest."
RULES = Verdict(support=Support.SUPPORTED, reasons=("asserted-present",))
CHRONIC = "Chronic gout, unspecified, without tophus (tophi)"

Ask = Callable[..., MentionTrace]


def trace(
    scores: Sequence[float] = (0.9, 0.88),
    support: Support = Support.SUPPORTED,
    channels: tuple[Channel, ...] = (Channel.LEXICAL,),
) -> MentionTrace:
    codes = ("M10.9", "M1A.9XX0", "M10")
    start = TEXT.index("Gout")
    return MentionTrace(
        mention=Mention(
            span=EvidenceSpan(note_id="n1", start=start, end=start + 4), section="assessment"
        ),
        candidates=tuple(
            Candidate(code=code, score=score, channels=channels)
            for code, score in zip(codes, scores, strict=False)
        ),
        code=codes[0],
        verdict=Verdict(support=support, reasons=("asserted-present",)),
    )


@pytest.fixture
def ask(encounter: Callable[..., Encounter], taxonomy: Taxonomy) -> Ask:
    def run(one: MentionTrace, talk: Talk, *, settled: bool = False) -> MentionTrace:
        chart = encounter(TEXT)
        cuts = [(0, 11), (12, TEXT.index(" Rest")), (TEXT.index("Rest"), len(TEXT))]
        fever = TEXT.index("fever")
        denied = Mention(
            span=EvidenceSpan(note_id="n1", start=fever, end=fever + 5),
            section="assessment",
            assertion=Assertion.NEGATED,
        )
        extraction = Extraction(
            mentions=(one.mention, denied),
            sentences=tuple(
                Sentence(
                    span=EvidenceSpan(note_id="n1", start=low, end=high),
                    section="assessment",
                    role="assessed",
                )
                for low, high in cuts
            ),
            places=(1, 1),
            finders=(Finder.DICTIONARY, Finder.DICTIONARY),
            phrases=("", ""),
        )
        other = MentionTrace(mention=denied)
        found = settle(chart, extraction, [one, other], taxonomy, talk, lambda _traces: settled)
        assert found[1] == other
        return found[0]

    return run


def choosing(title: str, **fields: object) -> Scripted:
    """A model that chooses the description that begins so, with a good quote."""

    def say(question: Question) -> Answer:
        at = next((n for n, t in enumerate(question.options) if t.startswith(title)), 9)
        given = {"choice": "ABCDEFGHIJ"[at], "supports": "tophi on both hands"} | fields
        return answer(question, **given)

    return Scripted(say)


def test_the_router_asks_only_about_what_is_open(ask: Ask) -> None:
    every = tuple(Channel)
    for one, settled, asked in (
        (trace((0.9, 0.5), channels=every), True, False),  # clearly ahead and likely enough
        (trace((0.9, 0.5)), True, False),
        (trace((0.9, 0.88), support=Support.REFUTED), False, False),
        (trace((0.9, 0.88), channels=every), True, True),  # nearly level
        (trace((0.9, 0.5)), False, True),  # ahead, and not likely enough
    ):
        talk = Scripted(lambda question: Answer(fault="timeout"))
        ask(one, talk, settled=settled)
        assert bool(talk.asked) is asked


def test_titles_are_shown_shuffled_the_same_way_each_time_and_no_codes(ask: Ask) -> None:
    talk = choosing("Gout, unspecified")
    ask(trace((0.9, 0.88, 0.87)), talk)
    ask(trace((0.9, 0.88, 0.87)), talk)
    first, again = talk.asked
    assert first == again
    assert first.task is Task.VERIFY
    assert marked(first) == "Gout"
    assert first.passage == TEXT
    assert set(first.options) == {"Gout, unspecified", CHRONIC}  # M10 is a header, not billable
    assert not any("M1" in title for title in first.options)


def test_a_checked_choice_is_taken_and_signed_with_its_quote(ask: Ask) -> None:
    found = ask(trace(), choosing("Chronic gout"))
    assert found.code == "M1A.9XX0"
    assert [c.code for c in found.candidates] == ["M1A.9XX0", "M10.9"]
    at = TEXT.index("tophi")
    assert found.verdict == Verdict(
        support=Support.SUPPORTED,
        reasons=("asserted-present", "model-chose", f"model-quote={at}:{at + 19}"),
        by="scripted",
    )


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"choice": "J"}, "outside-the-list"),
        ({"supports": "tophus on both hands"}, "quote-not-in-note"),
        ({"supports": "t\u043ephi on both hands"}, "quote-not-in-note"),  # a Cyrillic o
        ({"supports": " "}, "quote-not-in-note"),
        ({"supports": "to"}, "quote-not-in-note"),
        ({"supports": "Seen today"}, "quote-elsewhere"),
        ({"supports": "no fever"}, "quote-not-asserted"),
        ({"contradicts": "the patient denies gout"}, "quote-not-in-note"),
    ],
)
def test_an_answer_that_cannot_be_checked_is_dropped(
    ask: Ask, fields: dict[str, object], reason: str
) -> None:
    one = trace()
    found = ask(one, choosing("Chronic gout", **fields))
    assert (found.code, found.candidates) == (one.code, one.candidates)
    assert found.verdict == Verdict(
        support=Support.SUPPORTED, reasons=("asserted-present", f"model-dropped={reason}")
    )


def test_none_of_these_takes_the_code_away(ask: Ask) -> None:
    found = ask(trace(), choosing("Gout", choice="none", supports=""))
    assert (found.verdict.support, found.verdict.reasons, found.verdict.by) == (
        Support.INSUFFICIENT,
        ("model-none-of-these",),
        "scripted",
    )


@pytest.mark.parametrize("name", ["documented", "current", "patient"])
def test_what_must_hold_and_does_not_takes_the_code_away(ask: Ask, name: str) -> None:
    found = ask(trace(), choosing("Chronic gout", **{name: False}))
    assert found.verdict.support is Support.INSUFFICIENT
    assert found.verdict.reasons == (f"model-says-not={name}",)


def test_doubts_and_repairs_are_said(ask: Ask) -> None:
    found = ask(
        trace(),
        choosing(
            "Chronic gout",
            supports="Tophi on  BOTH hands",
            contradicts="for years",
            specific=False,
            laterality=False,
        ),
    )
    assert found.code == "M1A.9XX0"
    assert found.verdict.reasons[3:] == (
        "model-quote-repaired",
        "model-doubts=specific",
        "model-doubts=laterality",
        "model-contradicted",
    )


def test_a_fault_leaves_the_rules_verdict_and_says_its_kind(ask: Ask) -> None:
    found = ask(trace(), Scripted(lambda question: Answer(fault="timeout")))
    assert found.verdict.support is Support.SUPPORTED
    assert found.verdict.reasons == ("asserted-present", "model-failed=timeout")
    assert found.verdict.by == "rules"


def test_silence_leaves_everything(ask: Ask) -> None:
    assert ask(trace(), SILENT) == trace()
