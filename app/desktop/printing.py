"""The page of the open case on paper: a printer is asked for, and the event precedes the paper."""

from PySide6.QtCore import Qt
from PySide6.QtPrintSupport import QPrintDialog, QPrinter

from app.desktop.asking import Asking
from app.desktop.notices import Notice
from app.desktop.pdf import paint
from app.wording import say


class Printing(Asking):
    """Asks for a printer, and prints once the log has it that the case leaves on paper."""

    def ask(self) -> None:
        """Ask on which printer the open case goes, which may be a file, and print it there."""
        opened = self._session.case
        if opened is None:
            self.noticed.emit(Notice(text=say("printing", "no-case")))
            return
        case_id, name = opened.case.case_id, opened.case.encounter.encounter_id
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        printer.setDocName(case_id)  # a queue shows it to others: the random id, no name of a file
        printer.setCreator("Chartproof")
        dialog = QPrintDialog(printer, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle(say("printing", "title", name=name))
        dialog.accepted.connect(lambda: self._record(case_id, name, printer))
        self._over(dialog)

    def _record(self, case_id: str, name: str, printer: QPrinter) -> None:
        """Record what is about to leave; only the page that comes back with it is printed."""
        self._session.ask(
            lambda workspace: workspace.outlet.print_page(case_id),
            lambda page: self._print(page, name, printer),
        )

    def _print(self, page: str, name: str, printer: QPrinter) -> None:
        paint(page, printer)
        if printer.printerState() is QPrinter.PrinterState.Error:
            self.noticed.emit(Notice(text=say("printing", "refused", name=name), tone="bad"))
            return
        file = printer.outputFileName()
        said = say("printing", "filed" if file else "sent", name=name, file=file)
        self.noticed.emit(Notice(text=said))
