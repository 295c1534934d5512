import pytest

from app.desktop.notices import notice_of, report
from audit import AuditError


def raised(error: Exception) -> Exception:
    """Return the error with the place it was raised at."""
    with pytest.raises(type(error)) as caught:
        raise error
    return caught.value


def test_an_error_of_ours_is_a_notice_with_its_sentence() -> None:
    notice = notice_of(AuditError("The store is locked. Close the other window."))
    assert notice is not None
    assert notice.text == "The store is locked. Close the other window."


def test_an_error_of_the_system_says_what_the_system_said() -> None:
    notice = notice_of(PermissionError(13, "Permission denied", "/data/mrs-miller.txt"))
    assert notice is not None
    assert "Permission denied" in notice.text
    assert "miller" not in notice.text


def test_anything_else_is_a_bug_and_no_notice() -> None:
    assert notice_of(KeyError("x")) is None


def test_a_report_names_places_and_no_word_of_a_note() -> None:
    error = raised(ValueError("Mrs Miller has asthma"))
    error.__cause__ = raised(KeyError("Miller"))
    text = report(error)
    assert "Miller" not in text
    assert "ValueError" in text
    assert "KeyError" in text
    assert "test_notices.py" in text
    assert "/home/" not in text
