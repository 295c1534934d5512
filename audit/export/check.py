"""The check of a bundle, by the rules of `docs/audit-format.md`, with the code that checks stores.

The verifier that travels with a bundle was written from the same page and shares nothing with
this; a test damages bundles by the hundred and compares what the two say.
"""

import base64
import binascii
import hashlib
import json
import operator
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from audit.anchors import Anchors, read_anchor
from audit.blobs import commitment
from audit.chain import Walk
from audit.check import Report, Standing, told
from audit.checkpoints import CheckpointError, Kept, read_checkpoints
from audit.export.bundle import FORMAT, KEPT_BACK
from audit.head import Head
from audit.log import leaf_hash
from audit.merkle import consistent, included
from audit.model import AuditError
from audit.signednote import (
    PublicKey,
    SignatureError,
    read_signed,
    read_vkey,
    signer_name,
    trusted_key,
)

_HASH_BYTES = 32
_HASH = re.compile(rb"[0-9a-f]{64}")
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=1)]


class Manifest(BaseModel):
    """What a bundle says of itself."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True, hide_input_in_errors=True)

    format: str
    store: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    made: str
    whole: bool
    texts: bool
    size: Count
    events: Count
    cases: Annotated[int, Field(ge=0)]
    choice: dict[str, Any]
    files: dict[str, Digest]

    def expected(self) -> set[str]:
        """Return the names of the files such a bundle has."""
        names = {"checkpoints.txt", "events.jsonl", "key.txt", "proofs.jsonl"}
        return names | ({"hashes.txt"} if self.whole else set()) | self._texts()

    def _texts(self) -> set[str]:
        return {"texts.jsonl"} if self.texts else set()


class _UnreadableError(AuditError):
    """The bundle cannot be read at all."""


def verify_bundle(folder: Path, *, key: str | None = None, against: Path | None = None) -> Report:
    """Check a bundle; `key` is what is trusted, `against` a checkpoint that was kept elsewhere.

    Whatever is wrong comes back as a sentence, not as an error.
    """
    try:
        trusted = None if key is None else trusted_key(key)[1]
        brought = () if against is None else read_anchor(against)
        check = _Check(folder, _manifest(folder), brought)
        return check.run(trusted)
    except (AuditError, OSError) as error:
        return Report(status=Standing.UNREADABLE, events=0, problems=(str(error),))


def _manifest(folder: Path) -> Manifest:
    try:
        content = json.loads((folder / "manifest.json").read_bytes().decode())
        manifest = Manifest.model_validate(content)
    except OSError:
        raise _UnreadableError(
            f"There is no bundle in {folder}: manifest.json cannot be read."
        ) from None
    except (ValueError, RecursionError):  # no UTF-8, no JSON, or not these fields
        raise _UnreadableError(f"The manifest.json of {folder} is not one of a bundle.") from None
    if manifest.format != FORMAT or set(manifest.files) != manifest.expected():
        raise _UnreadableError(
            f"The bundle {folder} has another format than {FORMAT}, or other files. Update "
            "Chartproof."
        )
    return manifest


@dataclass(slots=True)
class _Check:
    folder: Path
    manifest: Manifest
    against: tuple[Kept, ...]
    altered: list[str] = field(default_factory=list)
    named: dict[str, int] = field(default_factory=dict)
    kept_back: set[str] = field(default_factory=set)
    disposed: set[str] = field(default_factory=set)
    key: PublicKey | None = None
    kept: tuple[Kept, ...] = ()
    walk: Walk = field(default_factory=Walk)

    def run(self, trusted: str | None) -> Report:
        for name, digest in self.manifest.files.items():
            if self._digest(name) != digest:
                self.altered.append(f"The file {name} is not the one the manifest names.")
        self._signature()
        try:
            self.kept = read_checkpoints(self._read("checkpoints.txt"))
        except CheckpointError as error:
            self.altered.append(f"The file checkpoints.txt was altered: a part of it {error}.")
        if not self.kept:
            self.altered.append("The bundle has no checkpoint.")
        anchors = Anchors(store_id=self.manifest.store, kept=self.kept, against=self.against)
        self.walk.sizes = anchors.sizes()
        proofs = self._lines("proofs.jsonl") if self.kept else None
        if proofs is not None:
            self._beginnings(proofs)
        self._whole() if self.manifest.whole else self._part(proofs)
        if proofs is not None and next(proofs, None) is not None:
            self.altered.append("The file proofs.jsonl has more lines than it must.")
        self._checkpoints(anchors)
        if self.manifest.texts:
            self._texts()
        return self._report(anchors, trusted)

    def _report(self, anchors: Anchors, trusted: str | None) -> Report:
        vouched = list(anchors.missing)
        if trusted is None:
            vouched.append("Consistent, signer not established: no trusted key was given.")
        elif self.key is None or self.key.fingerprint != trusted:
            vouched.append("The bundle is signed, but not with the key you trust.")
        altered = [*self.walk.problems, *self.altered, *anchors.altered]
        status = Standing.ALTERED if altered else Standing.ANCHOR if vouched else Standing.INTACT
        return Report(
            status=status, events=self.manifest.events, problems=told((*altered, *vouched))
        )

    def _read(self, name: str) -> bytes:
        try:
            return (self.folder / name).read_bytes()
        except OSError:
            raise self._lacking(name) from None

    def _digest(self, name: str) -> str:
        try:
            with (self.folder / name).open("rb") as stream:
                return hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError:
            raise self._lacking(name) from None

    def _lacking(self, name: str) -> _UnreadableError:
        return _UnreadableError(f"The bundle {self.folder} has no {name} to read.")

    def _lines(self, name: str) -> Iterator[bytes]:
        with (self.folder / name).open("rb") as stream:
            for line in stream:
                if not line.endswith(b"\n"):
                    self.altered.append(f"The file {name} is cut: its last line does not end.")
                yield line.removesuffix(b"\n")

    def _signature(self) -> None:
        name = signer_name(self.manifest.store)
        signed = self._read("manifest.sig")
        digest = hashlib.sha256(self._read("manifest.json")).hexdigest()
        try:
            self.key = read_vkey(self._read("key.txt").decode())
        except (SignatureError, UnicodeDecodeError):
            self.altered.append("The file key.txt is no key.")
            return
        if self.key.name != name:
            self.altered.append("The file key.txt is a key of another store.")
        try:
            note = read_signed(signed)
            good = note.text == f"{name}/export\n{digest}\n" and note.checked(self.key)
        except SignatureError:
            good = False
        if not good:
            self.altered.append("The manifest was altered: its signature does not hold.")

    def _whole(self) -> None:
        hashes = self._lines("hashes.txt")
        count = 0
        for count, body in enumerate(self._lines("events.jsonl"), 1):
            written = next(hashes, b"")
            digest = bytes.fromhex(written.decode()) if _HASH.fullmatch(written) else b""
            self.walk.step(count, body, self.walk.head.hash, digest)
            self._event(body, count)
        self.walk.finish()
        if next(hashes, None) is not None or count != self.manifest.size:
            self.altered.append(
                f"The bundle has {count} events, and {self.manifest.size} were signed."
            )
        if count != self.manifest.events:
            self.altered.append(f"There are {count} events; the manifest counts otherwise.")

    def _part(self, proofs: Iterator[bytes] | None) -> None:
        last = count = 0
        for count, body in enumerate(self._lines("events.jsonl"), 1):
            seq = self._event(body, count)
            if not last < seq <= self.manifest.size:
                self.altered.append(f"Event {seq} stands out of order.")
            if proofs is not None:
                self._proof(next(proofs, b""), seq, body)
            last = seq
        if count != self.manifest.events:
            self.altered.append(f"There are {count} events; the manifest counts otherwise.")

    def _event(self, body: bytes, line: int) -> int:
        """Take in what an event says of keys and texts; return its number, 0 where it has none."""
        try:
            fields = json.loads(body)
            seq, kind, data, refs = (fields[name] for name in ("seq", "kind", "data", "blobs"))
            began = kind == "store.created" and data["store_id"] == self.manifest.store
            signer = data.get("signer" if line == 1 else "vkey")
            disposed = data.get("texts", []) if kind == "texts.disposed" else []
            self.disposed.update(disposed)
            refs = ["".join(ref) for ref in refs]
            if kind in KEPT_BACK:
                self.kept_back.update(refs)
            elif not self.manifest.whole:
                self.named.update(dict.fromkeys(refs, line))
            seq = operator.index(seq)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            if not self.manifest.whole or line == 1:  # of a whole log the walk has said so
                self.altered.append(f"Line {line} of events.jsonl was altered: it is no event.")
            return 0
        if line == 1 and not (began and seq == 1):
            self.altered.append("The first event did not begin this store.")
        if not self.manifest.whole and (line == 1 or kind == "signer.registered") and signer:
            self.walk.signers.append(str(signer))
        return seq

    def _checkpoints(self, anchors: Anchors) -> None:
        if not self.manifest.whole:
            # The roots of a part are those of its checkpoints, which the proofs lead to.
            self.walk.roots = {k.checkpoint.size: k.checkpoint.root for k in self.kept}
            self.walk.head = Head(self.manifest.size, b"")
        signers = anchors.judge_bundle(self.walk, part=not self.manifest.whole)
        if self.key is not None and self.key not in signers:
            self.altered.append("The log does not name the key of this bundle as one that signs.")
        sizes = [each.checkpoint.size for each in self.kept]
        if sizes != sorted(sizes) or sizes[-1:] != [self.manifest.size]:
            self.altered.append("The checkpoints are out of order, or not those of this bundle.")
        if self.key is not None and self.kept and not self.kept[-1].signed.checked(self.key):
            self.altered.append("The last checkpoint is not signed with the key of this bundle.")

    def _beginnings(self, proofs: Iterator[bytes]) -> None:
        size, root = self.kept[-1].checkpoint.size, self.kept[-1].checkpoint.root
        for each in self.kept:
            old = each.checkpoint.size
            if old < self.manifest.size:
                nodes = _nodes(next(proofs, b""), {"old": old, "new": self.manifest.size})
                if nodes is None or not consistent(old, size, nodes, each.checkpoint.root, root):
                    self.altered.append(f"No proof shows that {old} events begin the log.")

    def _proof(self, line: bytes, seq: int, body: bytes) -> None:
        size, root = self.kept[-1].checkpoint.size, self.kept[-1].checkpoint.root
        nodes = _nodes(line, {"seq": seq})
        if nodes is None or included(leaf_hash(body), seq - 1, size, nodes) != root:
            self.altered.append(f"Event {seq} was altered: its proof does not hold.")

    def _texts(self) -> None:
        named = self.walk.refs if self.manifest.whole else self.named
        for kept in self.kept_back:
            named.pop(kept, None)
        for number, line in enumerate(self._lines("texts.jsonl"), 1):
            ref = _text(line)
            if ref is None or named.pop(ref, None) is None:
                self.altered.append(f"The text in line {number} of texts.jsonl was altered.")
        self.altered += [
            f"The text {ref[:12]} is missing." for ref in sorted(named.keys() - self.disposed)
        ]


def _nodes(line: bytes, expected: dict[str, int]) -> Sequence[bytes] | None:
    """Return the nodes of a proof of what is expected; None where the line is no such proof."""
    try:
        fields = json.loads(line)
        written = fields.pop("nodes")
        nodes = [base64.b64decode(node, validate=True) for node in written]
        # Python takes true and 1.0 for 1, and an empty text or object for an empty list.
        exact = isinstance(written, list) and all(type(each) is int for each in fields.values())
    except (ValueError, TypeError, KeyError, AttributeError, binascii.Error, RecursionError):
        return None
    sized = all(len(node) == _HASH_BYTES for node in nodes)
    return nodes if exact and sized and fields == expected else None


def _text(line: bytes) -> str | None:
    """Return the commitment of a text that agrees with it."""
    try:
        fields = json.loads(line)
        key, ref = bytes.fromhex(fields.pop("key")), fields.pop("ref")
        match fields:
            case {"text": str(text), **rest} if not rest:
                body = text.encode()
            case {"base64": str(text), **rest} if not rest:
                body = base64.b64decode(text, validate=True)
            case _:
                return None
    except (ValueError, TypeError, KeyError, AttributeError, binascii.Error, RecursionError):
        return None
    return str(ref) if commitment(key, body) == ref else None
