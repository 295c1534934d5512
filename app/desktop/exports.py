"""The export of the record from the window: one dialog, and the work on the store's lane."""

from app.desktop.asking import Asking
from app.desktop.notices import Notice
from app.desktop.widgets.exportdialog import ExportDialog
from app.handout import Wanted


class Exports(Asking):
    """Asks what to hand out, and tells when it is written."""

    def ask(self) -> None:
        """Ask what to hand out of the store, and do it."""
        opened = self._session.case

        def show(roles: str) -> None:
            dialog = ExportDialog(
                self._window,
                case_id="" if opened is None else opened.case.case_id,
                name="" if opened is None else opened.case.encounter.encounter_id,
                roles=roles,
            )
            dialog.answered.connect(self._write)
            self._over(dialog)

        self._session.ask(lambda workspace: workspace.seat.notice, show)

    def _write(self, wanted: Wanted) -> None:
        self.noticed.emit(Notice(text=f"Writing {wanted.out}…"))
        self._session.ask(
            lambda workspace: workspace.outlet.write(wanted),
            lambda sentence: self.noticed.emit(Notice(text=sentence)),
        )
