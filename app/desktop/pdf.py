"""A page as a PDF, and on paper. Needs no display: without one Qt draws into memory."""

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF
from PySide6.QtGui import (
    QGuiApplication,
    QPageLayout,
    QPageSize,
    QPdfWriter,
    QTextDocument,
)

_MARGIN = 15.0
"""Millimetres on each side."""


def pdf_of(page: str) -> bytes:
    """Return an HTML page as a PDF of A4 sheets; may be called with and without a window."""
    app = _application()
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
    document = QTextDocument()
    document.setHtml(page)
    document.print_(writer)
    del writer  # the end of the file is written when it goes
    buffer.close()
    del app
    return bytes(content.data())


def _application() -> QGuiApplication:
    """Return the application, or make one that shows nothing."""
    found = QGuiApplication.instance()
    if isinstance(found, QGuiApplication):
        return found
    return QGuiApplication(["chartproof", "-platform", "offscreen"])
