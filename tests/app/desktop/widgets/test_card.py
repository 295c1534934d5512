from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from app.desktop.models.cards import CardRow, Group, Option, Quote, Remark
from app.desktop.theme import LIGHT, Theme
from app.desktop.widgets.card import CodeCard, spoken
from app.desktop.widgets.cardparts import ConfidenceBar, quote_markup
from app.hcc import Badge
from pipeline.model import EvidenceSpan, Route

SPAN = EvidenceSpan(note_id="n", start=0, end=5)


def row(**changes: object) -> CardRow:
    values: dict[str, object] = {
        "key": "code:I10",
        "group": Group.ASSIGN,
        "code": "I10",
        "title": "Essential (primary) hypertension",
        "status": "open",
        "quotes": (Quote(span=SPAN, text="<b>HTN</b> & co", place="Assessment", before="has "),),
        "remarks": (Remark(text="Excludes1 conflict", tone="warn"),),
        "options": (Option(number=1, code="I16.0", title="Hypertensive urgency"),),
        "confidence": 0.5,
        "route": Route.CONFIRM,
    }
    return CardRow(**(values | changes))  # type: ignore[arg-type]


def card(qtbot: QtBot, theme: Theme, shown: CardRow, *, current: bool = True) -> CodeCard:
    made = CodeCard(shown, theme, current=current)
    qtbot.addWidget(made)
    made.show()
    return made


def words(made: CodeCard) -> list[str]:
    body = made._body
    if body is None:
        return made.slip(400).texts
    return [label.text() for label in body.findChildren(QLabel) if label.text()]


def buttons(made: CodeCard) -> list[str]:
    body = made._body
    if body is None:
        return []
    return [button.text() for button in body.findChildren(QPushButton)]


def test_confidence_comes_after_everything_it_could_bias(qtbot: QtBot, theme: Theme) -> None:
    said = words(card(qtbot, theme, row()))
    assert said[:2] == ["I10", "Essential (primary) hypertension"]
    last = said.index("0.50")
    assert all(said.index(text) < last for text in ("Excludes1 conflict", "I16.0", "1"))


def test_what_moved_the_confidence_stands_below_it_on_the_current_card(
    qtbot: QtBot, theme: Theme
) -> None:
    moved = "Confidence raised by match of the words"
    said = words(card(qtbot, theme, row(moved=moved)))
    assert said.index(moved) == said.index("0.50") + 1
    assert moved not in words(card(qtbot, theme, row(moved=moved), current=False))


def test_words_of_a_note_are_never_markup() -> None:
    quote = row().quotes[0]
    markup = quote_markup(quote, LIGHT)
    assert "&lt;b&gt;HTN&lt;/b&gt; &amp; co" in markup


def test_a_card_in_passing_shows_less(qtbot: QtBot, theme: Theme) -> None:
    said = words(card(qtbot, theme, row(), current=False))
    assert "I16.0" not in said
    assert "Excludes1 conflict" in said, "what warns is always seen"
    assert buttons(card(qtbot, theme, row(), current=False)) == []


def test_buttons_are_those_that_can_be_done(qtbot: QtBot, theme: Theme) -> None:
    assert buttons(card(qtbot, theme, row())) == ["Accept", "Reject", "Replace"]
    assert buttons(card(qtbot, theme, row(status="accepted"))) == ["Reject", "Replace"]
    assert buttons(card(qtbot, theme, row(status="rejected"))) == ["Accept"]
    excluded = row(status="excluded", group=Group.EXCLUDED)
    assert buttons(card(qtbot, theme, excluded)) == ["Add this code"]
    assert buttons(card(qtbot, theme, row(status="replaced"))) == []


def test_a_category_offers_the_codes_below_it(qtbot: QtBot, theme: Theme) -> None:
    assert buttons(card(qtbot, theme, row(billable=False))) == ["Choose a code below", "Reject"]
    excluded = row(status="excluded", group=Group.EXCLUDED, billable=False)
    assert buttons(card(qtbot, theme, excluded)) == ["Choose a code below"]


def test_a_button_asks_for_its_action_by_id(qtbot: QtBot, theme: Theme) -> None:
    made = card(qtbot, theme, row())
    asked: list[tuple[str, str]] = []
    made.asked.connect(lambda key, action: asked.append((key, action)))
    body = made._body
    assert body is not None
    for button in body.findChildren(QPushButton):
        button.click()
    assert asked == [("code:I10", name) for name in ("accept", "reject", "replace")]


def test_a_card_is_made_anew_only_when_it_changes(qtbot: QtBot, theme: Theme) -> None:
    made = card(qtbot, theme, row())
    body = made._body
    made.show_row(row(), current=True)
    assert made._body is body
    made.show_row(row(status="accepted"), current=True)
    assert made._body is not body


def test_a_screen_reader_hears_code_title_state_words_and_warnings() -> None:
    said = spoken(row())
    for part in ("I10", "Essential", "Open", "HTN", "Excludes1 conflict"):
        assert part in said


def test_a_bar_takes_any_number(qtbot: QtBot) -> None:
    for value in (-1.0, 0.0, 1.0, 7.0):
        bar = ConfidenceBar(value, LIGHT)
        qtbot.addWidget(bar)
        bar.show()
        assert not bar.grab().isNull()


def test_a_payment_category_is_a_small_sign_beside_the_code(qtbot: QtBot, theme: Theme) -> None:
    badge = Badge(text="HCC 226", label="CMS-HCC V28, payment year 2027. 226: Heart Failure")
    made = card(qtbot, theme, row(badge=badge))
    (sign,) = made.findChildren(QLabel, "hcc")
    assert (sign.text(), sign.toolTip()) == (badge.text, badge.label)
    assert sign.accessibleName() == badge.label
    assert card(qtbot, theme, row()).findChildren(QLabel, "hcc") == []
