"""Open the window: application, theme, session, and what is done with a fault nobody caught."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QSettings, QTimer
from PySide6.QtWidgets import QApplication

from app.desktop import sizes
from app.desktop.actions import Keys
from app.desktop.display import require_display
from app.desktop.intake import CodePaths, Intake, LookAtJobs
from app.desktop.notices import notice_of
from app.desktop.place import last_place
from app.desktop.session import Session
from app.desktop.tasks import Tasks
from app.desktop.theme import Theme
from app.desktop.window import MainWindow
from app.workspace import Workspace
from audit import default_places


def settings_file(config_dir: Path) -> QSettings:
    """Return the file that remembers the window's layout and the place last seen."""
    return QSettings(str(config_dir / "window.ini"), QSettings.Format.IniFormat)


def open_window(
    app: QApplication,
    workspace_factory: Callable[[], Workspace],
    *,
    config_dir: Path,
    code: CodePaths | None = None,
    jobs: LookAtJobs | None = None,
    idle_minutes: int = 0,
) -> MainWindow:
    """Return the window on the screen; the store is opened on its own lane once it is painted."""
    settings = settings_file(config_dir)
    scale = str(settings.value("window/scale", 1))
    sizes.choose(float(scale) if scale.replace(".", "", 1).isdecimal() else 1.0)
    theme = Theme(app, choice=str(settings.value("window/theme", "system")))
    session = Session(workspace_factory, tasks=Tasks())
    keys = Keys(config_dir / "keys.json", parent=app)
    last = last_place(settings)
    window = MainWindow(
        session,
        intake=Intake(code, jobs),
        theme=theme,
        settings=settings,
        keys=keys,
        idle_minutes=idle_minutes,
    )
    window.show()
    window.floats.restore()
    case_id = last.case_id if last else None
    QTimer.singleShot(0, window, lambda: session.start(case_id=case_id))
    return window


def run(
    workspace_factory: Callable[[], Workspace],
    *,
    code: CodePaths | None = None,
    jobs: LookAtJobs | None = None,
    config_dir: Path | None = None,
    idle_minutes: int = 0,
    argv: Sequence[str] = (),
) -> int:
    """Show the window until it is closed and return the exit code.

    `workspace_factory` is called on the store's thread after the first paint, and all of the
    workspace but `encoder` is used there alone. `code` codes files that are dropped on the
    window; without it none can be. `jobs` says which jobs run on the store. `config_dir` holds the
    files that remember layout, place and keys; this user's folder where it is not given.
    NoDisplayError, before Qt is started, where there is no screen; its text names `chartproof
    code`.
    """
    require_display()
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication(["chartproof", *argv])
    app.setApplicationName("chartproof")
    app.setApplicationDisplayName("Chartproof")
    app.setDesktopFileName("chartproof")
    app.setStyle("Fusion")
    window = open_window(
        app,
        workspace_factory,
        code=code,
        jobs=jobs,
        idle_minutes=idle_minutes,
        config_dir=config_dir or default_places().config,
    )
    before = sys.excepthook
    sys.excepthook = _hook(window)
    try:
        return int(app.exec())
    finally:
        sys.excepthook = before


def _hook(
    window: MainWindow,
) -> Callable[[type[BaseException], BaseException, TracebackType | None], None]:
    """Return what is done with an exception nobody caught: tell it, and go on."""

    def told(_kind: type[BaseException], error: BaseException, _tb: TracebackType | None) -> None:
        if isinstance(error, KeyboardInterrupt):
            window.close()
            return
        notice = notice_of(error)
        if notice is None:
            window.report_fault(error)
        else:
            window.panes.notice.show_notice(notice)

    return told
