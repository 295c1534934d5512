"""A bundle: events as they are stored, what proves them, and a program that checks them.

`docs/audit-format.md` describes each file. A whole log is proven by its root, a part of one by a
proof for each event that it is a leaf of that root, so that an auditor of one case sees no other.
"""

import base64
import hashlib
import json
from array import array
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from sqlalchemy import Connection

from audit import blobs, log
from audit.blobs import Blob
from audit.checkpoints import Kept
from audit.choice import Choice, choose
from audit.export.files import new_folder, private_file
from audit.handling import Handling
from audit.merkle import Tree
from audit.model import AuditError
from audit.people import roles_notice
from audit.signednote import SigningKey
from audit.store import Store

FORMAT = "chartproof-export-1"
VERIFIER = "chartproof_verify.py"
_BUFFER = 1 << 16
_BITS = 1 << 24
KEYS = frozenset({"store.created", "signer.registered"})
"""Kinds that go along with every part of a log: they name the store and who signs for it."""
KEPT_BACK = frozenset({"person.enrolled"})
"""Kinds whose texts never leave: the signing keys of people, if only under their passphrases."""


@dataclass(slots=True, kw_only=True)
class Source:
    """What a bundle is made of: the log up to a checkpoint, and the key that signs.

    `roles` is what a reader must know of the roles of the store.
    """

    connection: Connection
    store_id: str
    checkpoints: tuple[Kept, ...]
    key: SigningKey
    roles: str
    cases: frozenset[str] = field(default_factory=frozenset)

    @property
    def size(self) -> int:
        """Return the number of events under the newest checkpoint."""
        return self.checkpoints[-1].checkpoint.size


def export_bundle(store: Store, out: Path, choice: Choice, *, texts: bool) -> dict[str, Any]:
    """Write a bundle into a new folder, whole or not at all, and return its manifest.

    The export is an event before a byte of it leaves, and that event is in it. AuditError where
    the person may not export, nothing is as chosen, something lies there already, or the disk does
    not take it.
    """
    with new_folder(out) as folder:
        with store.door.reading() as connection:
            cases = choose(connection, choice)
        Handling(store).leaves("bundle", choice, texts=texts, cases=cases)
        checkpoints, key = store.door.vouched()
        with store.door.reading() as connection:
            source = Source(
                connection=connection,
                store_id=store.store_id,
                checkpoints=checkpoints,
                key=key,
                roles=roles_notice(enforced=store.door.enforced),
                cases=frozenset(cases),
            )
            return write_bundle(folder, source, choice, texts=texts, made=store.door.watch.time())


def write_bundle(
    folder: Path, source: Source, choice: Choice, *, texts: bool, made: str
) -> dict[str, Any]:
    """Write the files of a bundle into an empty folder and return its manifest."""
    writer = _Writer(folder)
    with TemporaryFile(dir=folder, buffering=_BUFFER) as refs:
        named = _Named(whole=choice.whole, refs=refs)
        with TemporaryFile(dir=folder, buffering=_BUFFER) as nodes:
            tree = Tree(_events(writer, source, named), nodes)
            _proofs(writer, source, tree, named.numbers)
        if texts:
            found = blobs.with_keys(source.connection, named.leaving())
            writer.write("texts.jsonl", (_text(blob) for blob in found))
    writer.write("checkpoints.txt", [f"{each.content}\n" for each in source.checkpoints])
    writer.write("key.txt", [f"{source.key.public.vkey}\n"])
    manifest = {
        "cases": len(source.cases),
        "choice": _choice(choice, source.cases),
        "events": named.count,
        "files": dict(sorted(writer.digests.items())),
        "format": FORMAT,
        "made": made,
        "roles": source.roles,
        "size": source.size,
        "store": source.store_id,
        "texts": texts,
        "whole": choice.whole,
    }
    content = log.canonical(manifest)
    writer.write("manifest.json", [content])
    digest = hashlib.sha256(content.encode()).hexdigest()
    signed = source.key.sign(f"{source.key.name}/export\n{digest}\n")
    writer.write("manifest.sig", [signed])
    program = files("resources").joinpath("verifier", VERIFIER).read_text("utf-8")
    writer.write(VERIFIER, [program])
    return manifest


@dataclass(slots=True)
class _Named:
    """What the exported events name: `refs` is a nameless file of it, as it may be much.

    `numbers` are those of the events of a part, which need a proof each. A text that no event
    names does not leave, and one that two events name leaves once: `twice` holds those and the few
    that fell on the same bit as another.
    """

    whole: bool
    refs: IO[bytes]
    count: int = 0
    numbers: "array[int]" = field(default_factory=lambda: array("q"))
    kept_back: set[str] = field(default_factory=set)
    twice: set[str] = field(default_factory=set)
    _bits: bytearray = field(default_factory=lambda: bytearray(_BITS // 8))

    def note(self, number: int, kind: str, refs: Iterable[str]) -> None:
        """Take in an event that leaves."""
        self.count += 1
        if not self.whole:
            self.numbers.append(number)
        if kind in KEPT_BACK:
            self.kept_back.update(refs)
            return
        for ref in refs:
            self.refs.write(json.dumps(ref).encode() + b"\n")
            byte, bit = divmod(hash(ref) % _BITS, 8)
            if self._bits[byte] >> bit & 1:
                self.twice.add(ref)
            self._bits[byte] |= 1 << bit

    def leaving(self) -> Iterator[str]:
        """Yield each text that goes along, once, in the order of the events."""
        done = set(self.kept_back)
        self.refs.seek(0)
        for line in self.refs:
            ref = json.loads(line)
            if ref in done:
                continue
            if ref in self.twice:
                done.add(ref)
            yield ref


def _events(writer: "_Writer", source: Source, named: _Named) -> Iterator[bytes]:
    """Write the events and, of a whole log, their hashes; yield all leaves."""
    number = 0
    with (
        writer.open("events.jsonl") as events,
        writer.open("hashes.txt", wanted=named.whole) as hashes,
    ):
        for _, body, _, digest in log.stored(source.connection, after=0, up_to=source.size):
            number += 1
            yield log.leaf_hash(body)
            fields = json.loads(body)
            if named.whole or fields["case_id"] in source.cases or fields["kind"] in KEYS:
                named.note(number, fields["kind"], fields["blobs"])
                events.write(body + b"\n")
                hashes.write(digest.hex().encode() + b"\n")
    if number != source.size:
        raise AuditError(
            "The log has fewer events than were signed. Run `chartproof audit verify`; nothing "
            "was exported."
        )


def _proofs(writer: "_Writer", source: Source, tree: Tree, numbers: Iterable[int]) -> None:
    size = source.size

    def lines() -> Iterator[str]:
        for kept in source.checkpoints:
            old = kept.checkpoint.size
            if old < size:
                yield _proof({"new": size, "nodes": tree.consistency(old, size), "old": old})
        for number in numbers:
            yield _proof({"nodes": tree.inclusion(number - 1, size), "seq": number})

    if tree.root() != source.checkpoints[-1].checkpoint.root:
        raise AuditError(
            "The log is not the one that was signed. Run `chartproof audit verify`; nothing was "
            "exported."
        )
    writer.write("proofs.jsonl", lines())


def _proof(fields: Mapping[str, Any]) -> str:
    nodes = [base64.b64encode(node).decode() for node in fields["nodes"]]
    return json.dumps({**fields, "nodes": nodes}, sort_keys=True, separators=(",", ":")) + "\n"


def _text(blob: Blob) -> str:
    """Return a text as a line: in words where it is Unicode, else its bytes in base64."""
    try:
        content = {"text": blob.body.decode()}
    except UnicodeDecodeError:
        content = {"base64": base64.b64encode(blob.body).decode()}
    return log.canonical({"key": blob.key.hex(), "ref": blob.ref, **content}) + "\n"


def _choice(choice: Choice, cases: Iterable[str]) -> dict[str, Any]:
    """Return what was asked for; a case is named by its own id, as another may be a file name."""
    return {
        "cases": sorted(cases) if choice.cases else [],
        "coder": choice.coder,
        "first": None if choice.first is None else choice.first.isoformat(),
        "lane": None if choice.lane is None else choice.lane.value,
        "last": None if choice.last is None else choice.last.isoformat(),
    }


class _Writer:
    """Writes the files of a bundle, each with its digest."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.digests: dict[str, str] = {}

    def write(self, name: str, lines: Iterable[str]) -> None:
        """Write a file of lines."""
        with self.open(name) as stream:
            for line in lines:
                stream.write(line.encode())

    @contextmanager
    def open(self, name: str, *, wanted: bool = True) -> "Iterator[_Digested]":
        """Open a file of the bundle; one that is not wanted swallows what is written."""
        if not wanted:
            yield _Digested(None)
            return
        with private_file(self._folder / name) as stream:
            digested = _Digested(stream)
            yield digested
        self.digests[name] = digested.digest.hexdigest()


class _Digested:
    def __init__(self, stream: IO[bytes] | None) -> None:
        self._stream = stream
        self.digest = hashlib.sha256()

    def write(self, content: bytes) -> None:
        if self._stream is not None:
            self._stream.write(content)
            self.digest.update(content)
