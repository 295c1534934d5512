"""A process apart for documents that foreign or native code opens.

A hostile PDF may crash its library, a hostile RTF may keep it busy for ever: here that costs the
document, not the run. The process lives as long as the documents are well; it is started when the
first one comes.
"""

import multiprocessing
import signal
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import Self

from app.canonical import RefusedTextError
from app.reading import office

PATIENCE = 60.0
"""Seconds one document may take."""

_MEMORY = 2_000_000_000
"""Bytes of address space the process may have, library code included."""


class Apart:
    """Hands documents to a process of its own; a context manager."""

    def __init__(self, *, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None

    def text_of(self, kind: str, data: bytes) -> str:
        """Return the canonical text of a document, as `office.text_of` does.

        Raises:
            RefusedTextError: as there, or the document ended the process or took too long.
        """
        pipe = self._started()
        try:
            pipe.send((kind, data))
            if not pipe.poll(self._patience):
                self._end()
                raise RefusedTextError(
                    f"took longer than {self._patience:.0f} s to open; export it as plain text"
                )
            text, refusal = pipe.recv()
        except (EOFError, OSError):
            self._end()
            raise RefusedTextError(
                "ended the program that opens documents; it is damaged or hostile"
            ) from None
        if refusal:
            raise RefusedTextError(refusal)
        return str(text)

    def _started(self) -> Connection:
        if self._pipe is None or self._process is None or not self._process.is_alive():
            self._end()
            context = multiprocessing.get_context("spawn")
            self._pipe, theirs = context.Pipe()
            self._process = context.Process(target=_serve, args=(theirs,), daemon=True)
            self._process.start()
            theirs.close()
        return self._pipe

    def _end(self) -> None:
        if self._pipe is not None:
            self._pipe.close()
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process.close()
        self._pipe = self._process = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()


def _serve(pipe: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends us
    with suppress(ImportError, ValueError, OSError):
        import resource  # noqa: PLC0415 - not on every system

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    with suppress(EOFError, OSError):
        while True:
            kind, data = pipe.recv()
            pipe.send(_answer(kind, data))


def _answer(kind: str, data: bytes) -> tuple[str, str]:
    try:
        return office.text_of(kind, data), ""
    except RefusedTextError as error:
        return "", str(error)
    except Exception:  # noqa: BLE001 - foreign code over foreign bytes may raise anything
        return "", "cannot be opened: it is damaged; export it again"
