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
    assert display_problem(environ, has=lambda _: True) is None


@LINUX
@pytest.mark.parametrize(
    ("environ", "library", "package"),
    [
        ({"DISPLAY": ":4711"}, "libxcb-icccm.so.4", "libxcb-icccm4"),
        ({"DISPLAY": ":4711"}, "libEGL.so.1", "libegl1"),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "libGL.so.1", "libgl1"),
        ({"QT_QPA_PLATFORM": "offscreen"}, "libfontconfig.so.1", "libfontconfig1"),
    ],
)
def test_a_missing_library_is_named_with_the_command_that_installs_it(
    environ: dict[str, str], library: str, package: str
) -> None:
    problem = display_problem(environ, has=lambda name: name != library)
    assert problem is not None
    assert f"apt-get install {package}'" in problem


@LINUX
def test_what_x11_needs_is_not_asked_for_elsewhere() -> None:
    assert display_problem({"WAYLAND_DISPLAY": "w"}, has=lambda name: "xcb" not in name) is None


@LINUX
def test_a_display_that_does_not_answer_is_said_and_not_tried() -> None:
    problem = display_problem({"DISPLAY": ":4711"}, has=lambda _: True)
    assert problem is not None
    assert ":4711" in problem
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
