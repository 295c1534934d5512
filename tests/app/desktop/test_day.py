"""A coder's day by key events alone: whole cases, two in a row, the focus intact all the way."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.desktop.main import open_window
from app.desktop.models.cards import CardRow
from app.desktop.widgets.commentdialog import CommentDialog
from app.desktop.widgets.dialogs import ReasonDialog
from app.desktop.widgets.encoder import CodeDialog
from app.desktop.widgets.querydialog import QueryDialog
from app.desktop.widgets.signing import SignDialog
from app.desktop.widgets.summary import SummaryDialog
from app.desktop.window import MainWindow
from audit import State
from pipeline.model import Claim, Encounter, Setting
from taxonomy import Taxonomy
from tests.app.desktop import builders
from tests.app.desktop.hands import Keys, events, open_case, status_of

ENTER = Qt.Key.Key_Return


def state(window: MainWindow) -> State:
    assert window._session.case is not None
    return window._session.case.case.state


def card(keys: Keys, code: str) -> CardRow:
    return next(card for card in keys.window.review.cards if card.code == code)


def kinds(root: Path, encounter_id: str) -> list[str]:
    with builders.open_store(root) as store:
        quiet = {"case.viewed", "note.viewed", "encounter.received"}
        found = [event.kind for event in events(store, encounter_id) if event.actor.id == "coder"]
        return [kind for kind in found if kind not in quiet]


def press_alt(keys: Keys, key: Qt.Key) -> None:
    QTest.keyClick(keys.focus, key, Qt.KeyboardModifier.AltModifier)


PHRASE = "five red herrings"


def sign(keys: Keys, *, first: bool = False) -> None:
    """Type what a signature asks for: the passphrase, with the first one name and passphrase."""
    keys.dialog(SignDialog)
    if first:
        keys.write("Ada Okonkwo")
        keys.press(ENTER)
        keys.write(PHRASE)
        keys.press(ENTER)
    keys.write(PHRASE)
    keys.press(ENTER)


def reopen(keys: Keys) -> None:
    """Say why a submitted case is opened again, by one key."""
    keys.dialog(ReasonDialog)
    keys.press("1")


def select(window: MainWindow, words: str) -> None:
    """Select words of the note that is read, as Shift and arrows would."""
    view = window.panes.note.view
    start = view.note_text.index(words)
    view.select(start, start + len(words))


def test_two_cases_from_the_first_look_to_the_signature_by_keys_alone(  # noqa: PLR0915 - one sitting, told in order
    keys: Keys, window: MainWindow, root: Path
) -> None:
    assert open_case(window) == "visit-1"
    scrolled = window.panes.note.view.verticalScrollBar().value()
    keys.press("a")
    keys.press("a")
    assert keys.card().code == "R05.9"
    keys.press("t")
    keys.recorded(lambda: status_of(window, "R05.9") == "rejected")
    keys.press("z", ctrl=True)
    keys.recorded(lambda: status_of(window, "R05.9") == "open")
    assert window.panes.note.view.verticalScrollBar().value() == scrolled, "the note stays"

    select(window, "likely viral")
    keys.press("s")
    keys.recorded(lambda: [q.text for q in card(keys, "R05.9").quotes] == ["Cough", "likely viral"])
    assert card(keys, "R05.9").quotes[1].by_person

    keys.press("c")
    keys.dialog(CommentDialog)
    keys.write("no x-ray")
    keys.press(ENTER)
    keys.on_cards()
    keys.recorded(lambda: bool(card(keys, "R05.9").comments))
    assert card(keys, "R05.9").comments == ("coder: no x-ray",)

    keys.press("q")
    query: QueryDialog = keys.dialog(QueryDialog)
    query.question.selectAll()
    keys.write("Would you agree that this is acute?")
    keys.press(ENTER, ctrl=True)
    assert query.isVisible(), "a query that leads is refused"
    query.question.selectAll()
    keys.write("What further detail describes the cough in this encounter?")
    keys.press(ENTER, ctrl=True)
    keys.on_cards()
    keys.recorded(lambda: "query.written" in [e.kind for e in window._session.case.events])  # type: ignore[union-attr]

    keys.press("w")
    keys.dialog(ReasonDialog)
    keys.press("1")
    keys.on_cards()
    keys.recorded(lambda: state(window) is State.HELD)
    keys.press(ENTER, ctrl=True)
    summary: SummaryDialog = keys.dialog(SummaryDialog)
    assert [check.rule for check in summary.checks.rows][:2] == ["held", "undecided"]
    keys.press(ENTER, ctrl=True)
    assert summary.isVisible(), "errors stop"
    keys.press(Qt.Key.Key_Down)
    keys.press(ENTER)
    keys.on_cards()
    assert keys.card().code == "R05.9", "Enter goes there"
    keys.press("w")
    keys.recorded(lambda: state(window) is State.OPEN)
    keys.press("1")
    keys.recorded(lambda: status_of(window, "R05.1") == "added")

    first = [each.code for each in window.review.cards if each.place == 1]
    while keys.card().code != "I10":
        keys.press(Qt.Key.Key_Up)
    press_alt(keys, Qt.Key.Key_Up)
    assert card(keys, "I10").place == 1, "seen before it is recorded"
    press_alt(keys, Qt.Key.Key_Down)
    keys.press("m")
    keys.recorded(lambda: card(keys, "I10").first == "chosen")
    assert first == ["E11.40"]

    keys.press("k", ctrl=True)
    dialog: CodeDialog = keys.dialog(CodeDialog)
    keys.write("hyperlipidemia unspecified")
    keys.bot.waitUntil(lambda: any(hit.code == "E78.5" for hit in dialog.hits.rows))
    while (at := dialog.hits.row_at(dialog._list.currentIndex())) and at.code != "E78.5":
        keys.press(Qt.Key.Key_Down)
    keys.press(ENTER)
    if dialog.isVisible():
        keys.write("told by telephone")
        keys.press(ENTER)
    keys.on_cards()
    keys.recorded(lambda: status_of(window, "E78.5") == "added")
    assert card(keys, "E78.5").path[0] == "Searched “hyperlipidemia unspecified”"

    keys.press(ENTER, ctrl=True)
    summary = keys.dialog(SummaryDialog)
    assert summary.lines.rows[0].code == "I10"
    assert not [each for each in summary.checks.rows if each.severity == "error"]
    keys.press(ENTER, ctrl=True)
    if summary.isVisible():
        keys.press(ENTER, ctrl=True)
    sign(keys, first=True)
    keys.bot.waitUntil(lambda: open_case(window) == "visit-2")
    keys.on_cards()
    assert keys.card().code == "J45.20"
    keys.press("a")
    keys.press(ENTER, ctrl=True)
    keys.dialog(SummaryDialog)
    keys.press(ENTER)
    sign(keys)
    keys.recorded(lambda: state(window) is State.SUBMITTED)
    keys.on_cards()

    keys.press("z", ctrl=True)
    reopen(keys)
    keys.recorded(lambda: state(window) is State.REOPENED)
    keys.on_cards()
    keys.press("z", ctrl=True)
    keys.recorded(lambda: status_of(window, "J45.20") == "open")
    keys.press("z", ctrl=True)
    reopen(keys)
    keys.bot.waitUntil(lambda: open_case(window) == "visit-1")
    keys.recorded(lambda: state(window) is State.REOPENED)
    keys.on_cards()
    keys.press(ENTER, ctrl=True)
    summary = keys.dialog(SummaryDialog)
    keys.press(ENTER, ctrl=True)
    if summary.isVisible():
        keys.press(ENTER, ctrl=True)
    sign(keys)
    keys.recorded()
    window.close()

    assert kinds(root, "visit-1") == [
        "decision.accepted",
        "decision.accepted",
        "decision.asserted",
        "decision.undone",
        "evidence.attached",
        "comment.added",
        "query.written",
        "case.held",
        "case.resumed",
        "decision.replaced",
        "codes.ordered",
        "codes.ordered",
        "codes.ordered",
        "decision.added",
        "case.submitted",
        "case.signed",
        "case.reopened",
        "case.submitted",
        "case.signed",
    ]
    assert kinds(root, "visit-2") == [
        "decision.accepted",
        "case.submitted",
        "case.signed",
        "case.reopened",
        "decision.undone",
    ]
    with builders.open_store(root) as store:
        case_id = next(row.case_id for row in store.cases() if row.encounter_id == "visit-1")
        case = store.case(case_id)
    (kept,) = case.queries
    assert (
        "• “3. Cough, likely viral.” (Progress note, Assessment, physician, 2026-03-02 09:30)"
        in kept.text
    )
    assert "[ ] Unable to determine" in kept.text


FIVE = """ASSESSMENT:
Hypertension at goal, continue lisinopril.
Asthma, mild intermittent, continue albuterol.
Hyperlipidemia, continue statin.
Hypothyroidism, continue levothyroxine.
Gout of the left foot, continue allopurinol.
"""


def five() -> Encounter:
    return builders.encounter("visit-5", builders.note("clinic", FIVE))


def test_an_all_correct_case_of_five_codes_takes_at_most_eight_key_presses(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, icd: Taxonomy
) -> None:
    source = five()
    named = {
        "I10": "Hypertension",
        "J45.20": "Asthma, mild intermittent",
        "E78.5": "Hyperlipidemia",
        "E03.9": "Hypothyroidism",
        "M10.072": "Gout of the left foot",
    }
    with builders.open_store(tmp_path) as store:
        codes = [
            builders.suggestion(code, builders.mention(source, words))
            for code, words in named.items()
        ]
        store.record(source, builders.result(source, *codes))
    window = open_window(
        qapp, lambda: builders.workspace(tmp_path, icd), config_dir=tmp_path / "config"
    )
    qtbot.addWidget(window)
    with qtbot.waitActive(window):
        window.activateWindow()
    qtbot.waitUntil(lambda: window.review.current is not None)
    keys = Keys(window, qtbot)
    keys.on_cards()
    presses = 0
    for _ in named:
        keys.press("a")
        presses += 1
    keys.press(ENTER, ctrl=True)
    presses += 1
    summary: SummaryDialog = keys.dialog(SummaryDialog)
    assert not summary.checks.rows
    keys.press(ENTER, ctrl=True)
    presses += 1
    sign(keys, first=True)  # the passphrase is typed, and Enter after it is a press
    presses += 1
    keys.recorded(lambda: state(window) is State.SUBMITTED)
    keys.on_cards()
    assert presses <= 8
    window.close()


def test_an_inpatient_case_is_not_signed_before_every_indicator_is_given(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, icd: Taxonomy
) -> None:
    source = builders.encounter("stay-1", builders.note("clinic", FIVE))
    source = Encounter(
        encounter_id="stay-1",
        notes=source.notes,
        setting=Setting.INPATIENT,
        claim=Claim.FACILITY,
        service_date=source.service_date,
        discharged=source.service_date,
        age=61.0,
        sex="F",
    )
    with builders.open_store(tmp_path) as store:
        code = builders.suggestion("J45.20", builders.mention(source, "Asthma, mild intermittent"))
        store.record(source, builders.result(source, code))
    window = open_window(
        qapp, lambda: builders.workspace(tmp_path, icd), config_dir=tmp_path / "config"
    )
    qtbot.addWidget(window)
    with qtbot.waitActive(window):
        window.activateWindow()
    qtbot.waitUntil(lambda: window.review.current is not None)
    keys = Keys(window, qtbot)
    keys.on_cards()
    keys.press("a")
    keys.press(ENTER, ctrl=True)
    summary: SummaryDialog = keys.dialog(SummaryDialog)
    assert [each.rule for each in summary.checks.rows if each.severity == "error"] == [
        "poa-missing"
    ]
    keys.press(ENTER)
    keys.on_cards()
    for expected in ("Y", "N", "U", "W", "", None, "Y"):
        keys.press("o")
        assert keys.card().poa == expected, "shown before it is recorded"
    keys.recorded(lambda: keys.card().poa == "Y")
    keys.press(ENTER, ctrl=True)
    summary = keys.dialog(SummaryDialog)
    assert summary.lines.rows[0].poa == "Y"
    keys.press(ENTER, ctrl=True)
    if summary.isVisible():
        keys.press(ENTER, ctrl=True)
    sign(keys, first=True)
    keys.recorded(lambda: state(window) is State.SUBMITTED)
    window.close()
