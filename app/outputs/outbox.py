"""The outbox: each submission of a case is put into a folder once, as one HL7 message.

What is to be sent follows from the log; what was sent is a list of control ids, flushed to the disk
after each message. A process that is killed between the two puts the same bytes under the same name
again, so a consumer is right if it takes a control id once.
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from app import AppError
from app.outputs.dft import Diagnosis, Submission, changed, control_id, message
from audit import AuditEvent, State, Store
from audit.choice import Choice
from audit.handling import Handling
from taxonomy import Releases

SUBMITTED = "case.submitted"


class OutboxError(AppError):
    """The outbox cannot be used; says why and what to do."""


class Outbox:
    """A folder that messages are put into; `state` is where the list of those sent lies."""

    def __init__(self, folder: Path, state: Path, store: Store, releases: Releases) -> None:
        self._folder = folder
        self._store = store
        self._releases = releases
        name = store.door.secret.digest("outbox", str(folder.resolve()))[:16]
        self._list = state / "outbox" / f"{store.store_id}-{name}"

    def fill(self) -> Iterator[Path]:
        """Put the messages of all new submissions into the folder; yield each once it is there.

        Raises:
            OutboxError: the folder cannot be written, or another process fills it.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._list.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = FileLock(f"{self._list}.lock", timeout=0, mode=0o600)
            with lock:
                sent = self._sent()
                waiting = self._waiting(sent)
                if not waiting:
                    return
                cases = tuple(dict.fromkeys(each.case_id for each in waiting))
                Handling(self._store).leaves("hl7", Choice(), texts=False, cases=cases)
                for submission in waiting:
                    path = self._put(submission)
                    self._note(submission.control_id)
                    yield path
        except Timeout:
            raise OutboxError(f"Another process fills {self._folder}; let it finish.") from None
        except OSError as error:
            raise OutboxError(
                f"{self._folder} cannot be written ({error.strerror}); what was put there stays, "
                "and the rest follows when it can be."
            ) from None

    def _waiting(self, sent: frozenset[str]) -> list[Submission]:
        """Return the newest submission of each case that is submitted now and not yet sent."""
        found = []
        for row in self._store.cases(state=State.SUBMITTED):
            events = [e for e in self._store.events(row.case_id) if e.kind == SUBMITTED]
            if events and self._control_id(events[-1]) not in sent:
                before = next(
                    (e for e in reversed(events[:-1]) if self._control_id(e) in sent), None
                )
                found.append(self._submission(events[-1], before))
        return sorted(found, key=lambda each: each.seq)

    def _control_id(self, event: AuditEvent) -> str:
        return control_id(self._store.store_id, str(event.case_id), event.seq)

    def _submission(self, newest: AuditEvent, before: AuditEvent | None) -> Submission:
        case = self._store.case(str(newest.case_id))
        taxonomy = self._releases.newest()
        if case.result is not None:
            origin = case.result.provenance
            taxonomy = self._releases.recorded(origin.release, origin.taxonomy_digest)
        diagnoses = []
        for code, poa in newest.data["codes"]:
            known = taxonomy.get(code)
            title = known.title if known else ""
            diagnoses.append(Diagnosis(code=code, title=title, poa=poa))
        earlier = [] if before is None else [code for code, _ in before.data["codes"]]
        return Submission(
            control_id=self._control_id(newest),
            case_id=case.case_id,
            seq=newest.seq,
            when=newest.ts,
            by=newest.actor.id,
            encounter=case.encounter,
            diagnoses=changed(diagnoses, earlier),
        )

    def _put(self, submission: Submission) -> Path:
        path = self._folder / f"{submission.control_id}.hl7"
        partial = path.with_suffix(".partial")
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(message(submission))
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
        _flush_folder(self._folder)
        return path

    def _sent(self) -> frozenset[str]:
        try:
            lines = self._list.read_text(encoding="ascii").splitlines()
        except FileNotFoundError:
            return frozenset()
        # A line that a killed process cut short names nothing: its message is put there again.
        return frozenset(lines)

    def _note(self, control_id: str) -> None:
        handle = os.open(self._list, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            size = os.fstat(handle).st_size
            whole = not size or os.pread(handle, 1, size - 1) == b"\n"
            os.write(handle, b"" if whole else b"\n")
            os.write(handle, f"{control_id}\n".encode("ascii"))
            os.fsync(handle)
        finally:
            os.close(handle)


def _flush_folder(folder: Path) -> None:
    with contextlib.suppress(OSError):  # a file system that cannot do it keeps its own order
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
