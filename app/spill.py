"""What would not fit in memory, put aside until it is wanted: enciphered, gone with the process.

What was put lies in memory up to a few megabytes, then in a file without a name, under a key that
only this process has: neither a kill nor a copy of the disk leaves a word of a note behind.
"""

import os
import pickle
import weakref
from contextlib import suppress
from pathlib import Path
from tempfile import SpooledTemporaryFile, gettempdir
from typing import IO, Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app import AppError

IN_MEMORY = 16_000_000
"""Bytes that are held before a file is made."""

_LENGTH, _NONCE = 4, 12


class Spill:
    """Takes values and gives them back by their place, in whatever order."""

    def __init__(self, folder: Path | None = None) -> None:
        """Use a folder for the file, the system's folder for temporary files without one."""
        self._folder = folder
        self._cipher = AESGCM(AESGCM.generate_key(bit_length=256))
        self._file = SpooledTemporaryFile(max_size=IN_MEMORY, dir=str(folder) if folder else None)  # noqa: SIM115 - below
        self._end = 0
        weakref.finalize(self, _close, self._file)

    def put(self, value: object) -> int:
        """Keep a value and return its place.

        Raises:
            AppError: the disk is full or cannot be written.
        """
        place = self._end
        # A place is used once and a key by one spill, so that no nonce comes twice.
        sealed = self._cipher.encrypt(_nonce(place), pickle.dumps(value), None)
        try:
            self._file.seek(place)
            self._file.write(len(sealed).to_bytes(_LENGTH) + sealed)
        except OSError as error:
            raise self._failed(error) from None
        self._end = place + _LENGTH + len(sealed)
        return place

    def get(self, place: int) -> Any:
        """Return the value that was put at a place.

        Raises:
            AppError: the file cannot be read.
        """
        try:
            self._file.seek(place)
            size = int.from_bytes(self._file.read(_LENGTH))
            sealed = self._file.read(size)
        except OSError as error:
            raise self._failed(error) from None
        # What the key opens, this process sealed.
        return pickle.loads(self._cipher.decrypt(_nonce(place), sealed, None))  # noqa: S301

    def _failed(self, error: OSError) -> AppError:
        folder = self._folder or gettempdir()
        reason = error.strerror or os.strerror(error.errno or 0)
        return AppError(
            f"The texts of the input cannot be put aside in {folder} ({reason}); make room there "
            "and run it again."
        )


def _close(file: IO[bytes]) -> None:
    # What could not be written was told by `put`; closing would try once more and fail again.
    with suppress(OSError):
        file.close()


def _nonce(place: int) -> bytes:
    return place.to_bytes(_NONCE)
