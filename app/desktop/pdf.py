"""A page as a PDF, and on paper. Needs no display: without one Qt draws into memory."""

from functools import cache

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QThread
from PySide6.QtGui import (
    QGuiApplication,
    QPagedPaintDevice,
    QPageLayout,
    QPageSize,
    QPdfWriter,
    QTextDocument,
)

_MARGIN = 15.0
"""Millimetres on each side."""


def pdf_of(page: str) -> bytes:
    """Return an HTML page as a PDF of A4 sheets; may be called on any thread, window or not."""
    app = _application()
    if QThread.currentThread() == app.thread():
        return _drawn(page)
    press = _Press(page)  # a text needs the timers of a thread that Qt started
    press.start()
    press.wait()
    return press.content


class _Press(QThread):
    def __init__(self, page: str) -> None:
        super().__init__()
        self._page = page
        self.content = b""

    def run(self) -> None:
        """Draw the page."""
        self.content = _drawn(self._page)


def _drawn(page: str) -> bytes:
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setCreator("Chartproof")
    writer.setPageLayout(
        QPageLayout(
            QPageSize(QPageSize.PageSizeId.A4),
            QPageLayout.Orientation.Portrait,
            QMarginsF(_MARGIN, _MARGIN, _MARGIN, _MARGIN),
            QPageLayout.Unit.Millimeter,
        )
    )
    paint(page, writer)
    del writer  # the end of the file is written when it goes
    buffer.close()
    return bytes(content.data())


def paint(page: str, device: QPagedPaintDevice) -> None:
    """Draw an HTML page on the sheets of a file or a printer."""
    document = QTextDocument()
    document.setHtml(page)
    document.print_(device)


@cache
def _windowless() -> QGuiApplication:
    """Make an application that shows nothing; it stays, as Qt wants but one in a process."""
    return QGuiApplication(["chartproof", "-platform", "offscreen"])


def _application() -> QGuiApplication:
    found = QGuiApplication.instance()
    return found if isinstance(found, QGuiApplication) else _windowless()
