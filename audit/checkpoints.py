"""Signed checkpoints: what a log was at some size, so that a rewritten one shows.

A checkpoint is a signed text of three lines (C2SP *tlog-checkpoint*): the name of the store, the
number of events, and the Merkle root over them in base64. Those of this machine lie in one file
beside the head file, oldest first, an empty line behind each; any of them may be kept elsewhere.
Made every thousand events, when a writer closes, and when somebody asks for one.
"""

import base64
import binascii
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from audit import log
from audit.head import Head, write_private
from audit.merkle import Frontier
from audit.model import AuditError, Places
from audit.signednote import SignatureError, SignedText, SigningKey, read_signed, signer_name

EVERY = 1000
"""Events after which a writer signs anew."""

_SIZE = re.compile(r"[1-9][0-9]{0,15}")
_HASH_BYTES = 32
_TAIL = 4096  # more than one checkpoint
_DASH = "\u2014 ".encode()


class CheckpointError(AuditError):
    """A checkpoint, or the file of them, is missing, damaged, or not what the log says."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The root over the first `size` events of the log `origin`."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """Return the three lines that are signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


@dataclass(frozen=True, slots=True)
class Kept:
    """A checkpoint with its signatures, as it was found."""

    checkpoint: Checkpoint
    signed: SignedText
    content: str


def read_checkpoint(content: bytes) -> Kept:
    """Return one signed checkpoint; CheckpointError where it is none."""
    try:
        signed = read_signed(content)
    except SignatureError as error:
        raise CheckpointError(str(error)) from None
    lines = signed.text.removesuffix("\n").split("\n")
    if len(lines) < 3 or not lines[0] or not _SIZE.fullmatch(lines[1]):  # noqa: PLR2004
        raise CheckpointError("is no checkpoint")
    try:
        root = base64.b64decode(lines[2], validate=True)
    except (binascii.Error, ValueError):
        root = b""
    if len(root) != _HASH_BYTES or not all(lines[3:]):
        raise CheckpointError("is no checkpoint")
    return Kept(Checkpoint(lines[0], int(lines[1]), root), signed, content.decode())


def read_checkpoints(content: bytes) -> tuple[Kept, ...]:
    """Return the checkpoints of a file; CheckpointError where anything else is in it.

    A last one without its line feed was being written when the process died, and counts as
    absent.
    """
    found = []
    *parts, rest = content.split(b"\n\n")
    if len(parts) % 2:
        parts = [*parts, rest.removesuffix(b"\n")] if rest.endswith(b"\n") else parts[:-1]
    for text, signatures in zip(parts[::2], parts[1::2], strict=True):
        found.append(read_checkpoint(text + b"\n\n" + signatures + b"\n"))
    return tuple(found)


class CheckpointFile:
    """The checkpoints that this machine signed of one store."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> tuple[Kept, ...]:
        """Return all, oldest first; CheckpointError where the file is missing or damaged."""
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            raise CheckpointError(
                f"The checkpoint file {self.path} is missing, so a log that was rewritten as a "
                "whole cannot be told from the true one."
            ) from None
        except OSError as error:
            raise CheckpointError(
                f"The checkpoint file {self.path} cannot be read: {error.strerror}."
            ) from None
        try:
            kept = read_checkpoints(content)
        except CheckpointError as error:
            raise CheckpointError(
                f"The checkpoint file {self.path} is damaged: a part of it {error}."
            ) from None
        if not kept:
            raise CheckpointError(f"The checkpoint file {self.path} is empty.")
        return kept

    def append(self, content: str) -> None:
        """Add a signed checkpoint and flush it; call only while holding the store's lock."""
        if not self.path.exists():
            write_private(self.path, f"{content}\n".encode())
            return
        with self.path.open("r+b") as stream:
            end = stream.seek(0, os.SEEK_END)
            stream.seek(max(0, end - _TAIL))
            *_, before, last = [b"", b"", *stream.read().split(b"\n\n")]
            if last or not before.startswith(_DASH):  # cut off what a killed process began
                stream.seek(0)
                whole = read_checkpoints(stream.read())
                stream.seek(sum(len(each.content.encode()) + 1 for each in whole))
                stream.truncate()
            stream.write(f"{content}\n".encode())
            stream.flush()
            os.fsync(stream.fileno())


class Notary:
    """Signs checkpoints of one store as its log grows.

    The tree over the events is carried on from the last checkpoint: the few hashes it takes lie
    beside the file, and are believed only where they give the root that was signed.
    """

    def __init__(self, places: Places, store_id: str) -> None:
        self.origin = signer_name(store_id)
        self.file = CheckpointFile(places.checkpoints(store_id))
        self._beside = self.file.path.with_suffix(".tree")
        self._tree: Frontier | None = None
        self._last: Kept | None = None
        self._looked = False

    @property
    def size(self) -> int:
        """Return the number of events under the newest checkpoint, 0 where there is none."""
        if not self._looked:
            self._looked = True
            try:
                self._last = self.file.read()[-1]
            except CheckpointError:
                self._last = None
        return 0 if self._last is None else self._last.checkpoint.size

    def sign(self, connection: Connection, head: Head, key: SigningKey) -> Kept:
        """Sign the log as it is at `head`, under the store's lock; nothing new is signed twice.

        CheckpointError where the log is not the one that was signed before.
        """
        if self._last is not None and self.size == head.seq:
            return self._last
        tree = self._tree or self._resumed()
        self._tree = None  # not to be used again if anything below fails
        signed = self._signed() if tree.size == 0 else {}
        for seq, body, _, _ in log.stored(connection, after=tree.size, up_to=head.seq):
            tree.append(log.leaf_hash(body))
            if seq in signed and tree.root() != signed[seq]:
                raise CheckpointError(
                    f"The log is not the one that was signed when it had {seq} events. Run "
                    "`chartproof audit verify`."
                )
        checkpoint = Checkpoint(self.origin, tree.size, tree.root())
        kept = read_checkpoint(key.sign(checkpoint.text).encode())
        self.file.append(kept.content)
        self._write(tree)
        self._tree, self._last, self._looked = tree, kept, True
        return kept

    def _signed(self) -> dict[int, bytes]:
        if not self.file.path.exists():
            return {}
        return {kept.checkpoint.size: kept.checkpoint.root for kept in self.file.read()}

    def _resumed(self) -> Frontier:
        """Return the tree as it was at the last checkpoint, an empty one where that is not kept."""
        try:
            size, *nodes = self._beside.read_text("ascii").split()
            tree = Frontier(int(size), [bytes.fromhex(node) for node in nodes])
        except (OSError, ValueError):
            return Frontier()
        last = None if not self.size else self._last
        known = last is not None and (tree.size, tree.root()) == (
            last.checkpoint.size,
            last.checkpoint.root,
        )
        return tree if known and tree.fits() else Frontier()

    def _write(self, tree: Frontier) -> None:
        """Keep the tree for the next process; lost or wrong, it is made anew from the log."""
        lines = [str(tree.size), *(node.hex() for node in tree.nodes)]
        new = self._beside.with_suffix(".tree-new")
        new.touch(mode=0o600)
        new.write_text("\n".join(lines), "ascii")
        new.replace(self._beside)


def roots(kept: Iterable[Kept]) -> frozenset[int]:
    """Return the sizes at which a log must be looked at to compare it with checkpoints."""
    return frozenset(each.checkpoint.size for each in kept)
