from dataclasses import replace
from pathlib import Path

import pytest

from app.desktop.models.cards import Group, grouped, next_open, quote
from app.desktop.models.deck import card_rows, case_remarks
from app.workspace import OpenCase
from audit import Accept, Add, Decision, Reject, Replace
from pipeline.model import (
    Assertion,
    Candidate,
    Channel,
    EvidenceSpan,
    Finding,
    MentionTrace,
    Severity,
)
from taxonomy import Taxonomy
from tests.app.desktop import builders


def after(root: Path, icd: Taxonomy, *decisions: Decision) -> OpenCase:
    space = builders.workspace(root, icd)
    try:
        case_id = space.worklist().rows[0].case_id
        opened = space.open(case_id)
        for decision in decisions:
            opened = space.decide(case_id, decision)
        return opened
    finally:
        space.close()


def codes(opened: OpenCase, group: Group) -> list[str]:
    return [card.code for card in grouped(card_rows(opened))[group]]


def test_codes_stand_in_three_groups(opened: OpenCase) -> None:
    assert codes(opened, Group.ASSIGN) == ["E11.40", "I10"]
    assert codes(opened, Group.NEEDS) == ["R05.9"]
    assert codes(opened, Group.EXCLUDED) == ["R07.9", "C50.919"]


def test_what_was_decided_moves_to_where_it_belongs(root: Path, icd: Taxonomy) -> None:
    opened = after(
        root,
        icd,
        Accept(code="R05.9"),
        Reject(code="I10", reason="history"),
        Replace(code="E11.40", new_code="E11.42", reason="polyneuropathy"),
        Add(code="R07.9", evidence=(builders.span(builders.first_case()[0], "chest pain"),)),
    )
    assert codes(opened, Group.ASSIGN) == ["R05.9", "E11.42", "R07.9"]
    assert codes(opened, Group.NEEDS) == []
    assert codes(opened, Group.EXCLUDED) == ["E11.40", "I10", "C50.919"]
    cards = {card.code: card for card in card_rows(opened)}
    assert cards["I10"].note == "Rejected: Past condition, not current"
    assert cards["E11.40"].note == "Replaced by E11.42: polyneuropathy"
    assert cards["E11.42"].by_person
    assert not cards["R05.9"].by_person
    assert [each.text for each in cards["R07.9"].quotes] == ["chest pain"]
    assert len({card.key for card in cards.values()}) == len(cards)


def test_a_card_says_why_and_why_not_before_its_confidence(opened: OpenCase) -> None:
    card = next(card for card in card_rows(opened) if card.code == "R05.9")
    assert card.title == "Cough, unspecified"
    assert [each.text for each in card.quotes] == ["Cough"]
    assert card.quotes[0].after == ", likely viral."
    tones = [remark.tone for remark in card.remarks]
    assert tones == ["warn", "query"], "the finding, then the low confidence, neither twice"
    assert card.remarks[0].source == "guideline IV.H"
    assert [(each.number, each.kind, each.code) for each in card.options] == [
        (1, "detail", "R05.1"),
        (2, "detail", "R05.2"),
        (3, "detail", "R05.3"),
        (4, "detail", "R05.4"),
        (5, "", "R05.8"),
    ], "what the code leaves open comes first, and nothing twice"
    assert card.confidence == 0.41


def test_a_card_says_what_raised_and_what_lowered_its_confidence(opened: OpenCase) -> None:
    result = opened.case.result
    assert result is not None
    parts = ("raises=score:1.3", "lowers=status:0.8", "raises=margin:0.4", "raises=new-one:0.2")
    first = replace(result.suggestions[0], parts=parts)
    changed = replace(result, suggestions=(first, *result.suggestions[1:]))
    case = replace(opened.case, result=changed)
    cards = {card.code: card for card in card_rows(replace(opened, case=case))}
    assert cards[first.code].moved == (
        "Confidence raised by match of the words, lead over the next code, new-one"
        " · lowered by being a factor or status"
    )
    assert cards["R05.9"].moved == "", "a result of an older version has no parts"


def test_alternatives_are_few_and_can_be_assigned(opened: OpenCase) -> None:
    result = opened.case.result
    assert result is not None
    scores = (0.9, 0.8, 0.5, 0.3, 0.45, 0.2)
    others = ("E11.42", "E11.4", "E11.9", "I11.9", "J45.20", "J45.21")
    first = replace(
        result.suggestions[0],
        candidates=tuple(
            Candidate(code=code, score=score, channels=(Channel.LEXICAL,))
            for code, score in zip(others, scores, strict=True)
        ),
    )
    changed = replace(result, suggestions=(first, *result.suggestions[1:]))
    case = replace(opened.case, result=changed)
    card = card_rows(replace(opened, case=case, headers=frozenset({"E11.4"}), finer={}))[0]
    assert [(each.number, each.code) for each in card.options] == [
        (1, "E11.42"),
        (2, "E11.9"),
        (3, "I11.9"),
        (4, "J45.20"),
    ]


def test_an_exclusion_has_its_reason_and_words_that_speak_against(opened: OpenCase) -> None:
    card = next(card for card in card_rows(opened) if card.code == "R07.9")
    assert card.status == "excluded"
    assert card.note == "The note says it is absent"
    assert card.quotes[0].against
    assert card.quotes[0].place.endswith("negated")
    assert card.quotes[0].trigger is not None


def test_words_of_an_older_wording_are_quoted_and_not_marked(root: Path, icd: Taxonomy) -> None:
    opened = after(
        root,
        icd,
        Add(code="J45.20", evidence=(EvidenceSpan(note_id="clinic", start=0, end=10),)),
    )
    source, result = builders.second_case()
    changed = replace(source, encounter_id="visit-1")
    with builders.open_store(root) as store:
        store.record(changed, replace(result, encounter_id="visit-1"))
    newer = after(root, icd)
    assert opened.case.case_id == newer.case.case_id
    card = next(card for card in card_rows(newer) if card.code == "J45.20")
    assert "ASSESSMENT" in {each.text for each in card.quotes if not each.shown}
    assert all(span in {q.span for q in card.quotes if q.shown} for span in card.evidence)


def test_the_cursor_goes_to_the_next_open_card_and_round(opened: OpenCase) -> None:
    cards = card_rows(opened)
    first, second, third, *_ = (card.key for card in cards)
    assert next_open(cards, None) == first
    assert next_open(cards, first) == second
    assert next_open(cards, third) == first, "excluded cards wait for nobody"
    done = tuple(replace(card, status="accepted") for card in cards)
    assert next_open(done, second) == second
    assert next_open((), None) is None


def test_findings_on_the_encounter_come_the_gravest_first(opened: OpenCase) -> None:
    assert case_remarks(opened) == ()
    result = opened.case.result
    assert result is not None
    told = tuple(
        Finding(rule=rule, severity=severity)
        for rule, severity in (
            ("setting-assumed", Severity.INFO),
            ("nothing-documented", Severity.QUERY),
            ("exists", Severity.ERROR),
        )
    )
    case = replace(opened.case, result=replace(result, findings=told))
    remarks = case_remarks(replace(opened, case=case))
    assert [remark.tone for remark in remarks] == ["bad", "query", "info"]


@pytest.mark.parametrize(
    ("words", "before", "after"),
    [("Hypertension", "2. ", ", at goal, continue lisinopril."), ("Denies", "", " chest pain.")],
)
def test_a_quote_is_read_in_its_own_line(words: str, before: str, after: str) -> None:
    source, _ = builders.first_case()
    got = quote(source, builders.span(source, words))
    assert (got.text, got.before) == (words, before)
    assert got.after.startswith(after)


def test_a_long_line_is_cut_between_words() -> None:
    text = "word " * 40 + "asthma" + " more" * 40
    source = builders.encounter("e", builders.note("clinic", text))
    got = quote(source, builders.span(source, "asthma"))
    assert got.before.startswith("…word ")
    assert got.after.endswith("more…")


def test_words_that_deny_the_code_stand_on_its_card_as_against_it(opened: OpenCase) -> None:
    result = opened.case.result
    assert result is not None
    source = opened.case.encounter
    denied = MentionTrace(
        mention=builders.mention(
            source, "chest pain", assertion=Assertion.NEGATED, trigger="Denies"
        ),
        code="R05.9",
    )
    case = replace(opened.case, result=replace(result, traces=(*result.traces, denied)))
    card = next(c for c in card_rows(replace(opened, case=case)) if c.code == "R05.9")
    assert [(quote.text, quote.against) for quote in card.quotes] == [
        ("Cough", False),
        ("chest pain", True),
    ]


def test_a_card_names_the_notes_of_the_book_and_its_place_on_the_claim(opened: OpenCase) -> None:
    cards = {card.code: card for card in card_rows(opened)}
    assert any(
        remark.text.startswith("Use additional code to identify")
        for remark in cards["I10"].instructions
    )
    assert [cards[code].place for code in ("E11.40", "I10", "R05.9", "R07.9")] == [1, 2, 3, 0]


def test_the_first_code_is_proposed_by_a_rule_and_chosen_by_a_person(opened: OpenCase) -> None:
    assert [card.first for card in card_rows(opened)][:2] == ["", ""]
    result = opened.case.result
    assert result is not None
    proposed = Finding(rule="principal-proposed.Q05", severity=Severity.INFO, codes=("I10",))
    head, *rest = result.suggestions
    changed = replace(result, suggestions=(replace(head, findings=(proposed,)), *rest))
    shown = card_rows(replace(opened, case=replace(opened.case, result=changed)))
    assert [(card.code, card.first) for card in shown][:2] == [("I10", "proposed"), ("E11.40", "")]
    chosen = card_rows(replace(opened, case=replace(opened.case, ordered=True)))
    assert [(card.code, card.first) for card in chosen][:2] == [("E11.40", "chosen"), ("I10", "")]
