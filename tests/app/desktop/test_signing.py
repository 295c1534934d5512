"""A window that nobody is at shows nothing, and opens for its person; signatures are asked for."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from app.desktop.main import open_window
from app.desktop.widgets.dialogs import ReasonDialog
from app.desktop.widgets.signing import LockDialog, SignDialog
from app.desktop.window import MainWindow
from app.seat import Seat, Signature
from audit.governance import Role
from audit.passphrase import WrongPassphraseError
from audit.people import LOCAL_NOTICE
from audit.staff import Staff
from taxonomy import Taxonomy
from tests.app.desktop import builders
from tests.app.desktop.hands import Keys

PHRASE = "five red herrings"
ENTER = Qt.Key.Key_Return


def told(root: Path) -> list[str]:
    with builders.open_store(root) as store:
        return [event.kind for event in store.events() if event.case_id is None][1:]


def enrol(root: Path) -> None:
    with builders.open_store(root) as store:
        Staff(store).enrol("Ada Okonkwo", PHRASE)


def test_a_covered_window_shows_nothing_and_opens_with_the_passphrase_alone(
    keys: Keys, window: MainWindow, root: Path, qtbot: QtBot
) -> None:
    enrol(root)
    window.lock._timer.timeout.emit()  # as when the time is up
    assert window.lock.covered
    assert not window.panes.isVisible(), "at once, before the store has answered"
    assert not window.isEnabled(), "no key acts on what is covered"
    assert "visit-1" not in window.windowTitle()
    dialog: LockDialog = keys.dialog(LockDialog)
    keys.press(Qt.Key.Key_Escape)
    dialog.close()
    assert dialog.isVisible()
    keys.write("something else")
    keys.press(ENTER)
    qtbot.waitUntil(lambda: "not the passphrase" in dialog._wrong.text())
    assert window.lock.covered
    keys.write(PHRASE)
    keys.press(ENTER)
    qtbot.waitUntil(lambda: not window.lock.covered)
    assert window.panes.isVisible()
    assert window.isEnabled()
    assert "visit-1" in window.windowTitle()
    window.close()
    assert told(root) == [
        "session.started",
        "person.enrolled",
        "session.locked",
        "signing.refused",
        "session.unlocked",
        "session.ended",
    ]


@pytest.mark.qt_log_ignore("Keyboard event not accepted", "propagateSizeHints")
def test_without_a_passphrase_the_window_says_that_anybody_may_uncover_it(
    keys: Keys, window: MainWindow, root: Path, qtbot: QtBot
) -> None:
    keys.press("l", ctrl=True, shift=True)
    keys.dialog(LockDialog)
    assert not window.panes.isVisible()
    keys.press(Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: not window.lock.covered)
    with builders.open_store(root) as store:
        unlocked = store.events()[-1]
    assert (unlocked.kind, unlocked.data["authenticated"]) == ("session.unlocked", False)


def test_a_touch_starts_the_time_again_and_0_minutes_never_cover(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, icd: Taxonomy, root: Path
) -> None:
    window = open_window(
        qapp,
        lambda: builders.workspace(root, icd),
        config_dir=tmp_path / "config",
        idle_minutes=10,
    )
    qtbot.addWidget(window)
    timer = window.lock._timer
    assert (timer.isActive(), timer.interval(), timer.isSingleShot()) == (True, 600_000, True)
    timer.stop()
    QTest.keyClick(window, Qt.Key.Key_Shift)
    assert timer.isActive()
    window.close()
    never = open_window(qapp, lambda: builders.workspace(root, icd), config_dir=tmp_path / "config")
    qtbot.addWidget(never)
    QTest.keyClick(never, Qt.Key.Key_Shift)
    assert not never.lock._timer.isActive()
    never.close()


def test_a_first_signature_wants_a_name_and_the_same_passphrase_twice(
    qtbot: QtBot, window: MainWindow, root: Path
) -> None:
    with builders.open_store(root) as store:
        seat = Seat(store)
        assert seat.notice == LOCAL_NOTICE
        dialog = SignDialog(
            window, person=seat.me(), what="You sign.", notice=seat.notice, action="Sign"
        )
    given: list[Signature] = []
    dialog.signed.connect(given.append)
    name, phrase, again = dialog._name, dialog._phrase, dialog._again
    assert name is not None
    assert again is not None
    for values, words in (
        (("", PHRASE, PHRASE), "Type the name"),
        (("Ada", "short", "short"), "at least 8"),
        (("Ada", PHRASE, PHRASE + "!"), "not the same"),
    ):
        for field, value in zip((name, phrase, again), values, strict=True):
            field.setText(value)
        dialog._answer()
        assert words in dialog._wrong.text()
    assert given == []
    again.setText(PHRASE)
    dialog._answer()
    assert given == [Signature(passphrase=PHRASE, name="Ada")]
    assert PHRASE not in repr(given[0])


def test_a_wrong_passphrase_brings_the_case_back_unsigned(root: Path, icd: Taxonomy) -> None:
    enrol(root)
    space = builders.workspace(root, icd)
    case_id = space.worklist().rows[0].case_id
    with pytest.raises(WrongPassphraseError):
        space.second(case_id, Signature(passphrase="something else"))
    assert space.look(case_id).case.signatures == ()
    space.close()


def test_a_lost_passphrase_is_reset_with_a_reason_and_the_person_signs_with_another_key(
    keys: Keys, window: MainWindow, root: Path, qtbot: QtBot
) -> None:
    said: list[str] = []
    window.signing.noticed.connect(lambda notice: said.append(notice.text))
    window.made["lost-passphrase"].trigger()
    qtbot.waitUntil(
        lambda: (
            said == ["coder has no signing key in this store yet; the first signature makes one."]
        )
    )
    enrol(root)
    window.signing._ask("You sign.", "Sign", lambda _: None)
    dialog: SignDialog = keys.dialog(SignDialog)
    (lost,) = (b for b in dialog.findChildren(QPushButton) if b.text() == "Passphrase lost…")
    lost.click()
    reason: ReasonDialog = keys.dialog(ReasonDialog)
    told = " ".join(each.text() for each in reason.findChildren(QLabel))
    assert LOCAL_NOTICE in told
    keys.press("1")
    keys.dialog(SignDialog)
    for words in ("Ada Okonkwo", "another phrase", "another phrase"):
        keys.write(words)
        keys.press(ENTER)
    qtbot.waitUntil(lambda: said[-1] == "You have a new signing key.")
    window.close()
    assert told_of(root) == ["person.enrolled", "signing.reset", "person.enrolled"]
    with builders.open_store(root) as store:
        Staff(store).authenticate("another phrase")
        with pytest.raises(WrongPassphraseError):
            Staff(store).authenticate(PHRASE)


def told_of(root: Path) -> list[str]:
    return [kind for kind in told(root) if not kind.startswith("session.")]


def test_the_window_says_who_is_signed_in_and_what_roles_are_worth(
    window: MainWindow, root: Path, icd: Taxonomy, qtbot: QtBot, qapp: QApplication
) -> None:
    said = window._seated
    qtbot.waitUntil(lambda: "coder" in said.text())
    assert said.text() == "Signed in as coder  ·  all roles, since none were given"
    assert said.toolTip() == LOCAL_NOTICE
    window.close()
    with builders.open_store(root) as store:
        Staff(store).assign("coder", [Role.ADMIN, Role.CODER])
    again = open_window(qapp, lambda: builders.workspace(root, icd), config_dir=root / "other")
    qtbot.addWidget(again)
    qtbot.waitUntil(lambda: again._seated.text() == "Signed in as coder  ·  coder, admin")
    again.close()
