import subprocess
import sys
from pathlib import Path

import pytest

from app.desktop.display import NoDisplayError, display_available, display_problem, require_display

LINUX = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="asked of X11 and Wayland only"
)


@LINUX
def test_no_display_is_a_sentence_that_names_the_command() -> None:
    problem = display_problem({})
    assert problem is not None
    assert "chartproof code" in problem


@LINUX
@pytest.mark.parametrize(
    "environ",
    [
        {"QT_QPA_PLATFORM": "offscreen"},
        {"QT_QPA_PLATFORM": "offscreen:size=10x10"},
        {"WAYLAND_DISPLAY": "wayland-0"},
    ],
)
def test_a_place_to_paint_is_no_problem(environ: dict[str, str]) -> None:
    assert display_problem(environ) is None


@LINUX
def test_a_display_that_does_not_answer_is_said_and_not_tried() -> None:
    problem = display_problem({"DISPLAY": ":4711"})
    assert problem is not None
    assert "chartproof code" in problem


@LINUX
def test_the_error_is_raised_before_qt_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    assert not display_available()
    with pytest.raises(NoDisplayError, match="chartproof code"):
        require_display()


def test_asking_does_not_import_qt() -> None:
    code = "import sys, app.desktop.display; sys.exit('PySide6' in sys.modules)"
    root = Path(__file__).resolve().parents[3]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0
