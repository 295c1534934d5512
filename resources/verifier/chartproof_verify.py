#!/usr/bin/env python3
"""Check an export of a Chartproof audit log on a machine without Chartproof.

    python3 chartproof_verify.py FOLDER [--key KEY] [--against CHECKPOINT] [--json]

One file, the standard library of Python 3.9 or newer, no network, nothing is written. Written from
the description of the format (docs/audit-format.md), not from the program that makes exports.

KEY is the public key you trust: a file with it, the key itself, or its fingerprint. It must have
reached you another way than with the export, and so should this program. CHECKPOINT is a file with
a checkpoint of the same log that was kept elsewhere.

Exit codes: 0 intact; 1 altered; 2 unreadable; 3 not vouched for (no key given, signed by another
key, or older than the checkpoint given).
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import hmac
import json
import re
import sys
from pathlib import Path
from typing import Any, BinaryIO, Dict, Iterator, List, NamedTuple, Optional, Set, Tuple

FORMAT = "chartproof-export-1"
HEX32 = re.compile(r"[0-9a-f]{32}")
HEX64 = re.compile(r"[0-9a-f]{64}")
HEX64_LINE = re.compile(rb"[0-9a-f]{64}")
NUMBER = re.compile(r"[1-9][0-9]{0,15}")
NAME = re.compile(r"[^\s+]{1,200}")
DASH = "\u2014"
TOLD = 20


class Unreadable(Exception):
    """The export, or what it is to be compared with, cannot be read."""


class Wrong(Exception):
    """A piece of the export is not what it must be; the text completes a sentence."""


# --- Ed25519, RFC 8032 section 5.1 ----------------------------------------------------------------

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)
Point = Tuple[int, int, int, int]


def recover(y: int, odd: int) -> Optional[int]:
    """Return x of a point (5.1.3), None where there is none."""
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if square == 0:
        return None if odd else 0
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P:
        return None
    return P - x if (x & 1) != odd else x


def add(a: Point, b: Point) -> Point:
    """Add two points in extended coordinates (5.1.4)."""
    left = (a[1] - a[0]) * (b[1] - b[0]) % P
    right = (a[1] + a[0]) * (b[1] + b[0]) % P
    c = 2 * a[3] * b[3] * D % P
    d = 2 * a[2] * b[2] % P
    e, f, g, h = right - left, d - c, d + c, right + left
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(factor: int, point: Point) -> Point:
    """Multiply a point."""
    total: Point = (0, 1, 1, 0)
    while factor:
        if factor & 1:
            total = add(total, point)
        point = add(point, point)
        factor >>= 1
    return total


def compress(point: Point) -> bytes:
    """Encode a point (5.1.2)."""
    inverse = pow(point[2], P - 2, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def decompress(encoded: bytes) -> Optional[Point]:
    """Decode a point (5.1.3)."""
    value = int.from_bytes(encoded, "little")
    y = value & ((1 << 255) - 1)
    x = recover(y, value >> 255)
    return None if x is None else (x, y, 1, x * y % P)


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE_X = recover(BASE_Y, 0) or 0
BASE: Point = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


def signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether a signature is that of a public key over a message (5.1.7)."""
    if len(public) != 32 or len(signature) != 64:
        return False
    point = decompress(public)
    scalar = int.from_bytes(signature[32:], "little")
    if point is None or scalar >= ORDER:
        return False
    digest = hashlib.sha512(signature[:32] + public + message).digest()
    factor = int.from_bytes(digest, "little") % ORDER
    negative: Point = (P - point[0], point[1], 1, P - point[3])
    return compress(add(times(scalar, BASE), times(factor, negative))) == signature[:32]


# --- Merkle tree, RFC 9162 section 2.1 ------------------------------------------------------------


def node(left: bytes, right: bytes) -> bytes:
    """Hash an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """The roots of the full subtrees of a growing list of leaves."""

    def __init__(self) -> None:
        self.parts: List[Tuple[int, bytes]] = []

    def add(self, leaf: bytes) -> None:
        """Add a leaf: two subtrees of one size become one of twice the size."""
        size = 1
        while self.parts and self.parts[-1][0] == size:
            leaf = node(self.parts.pop()[1], leaf)
            size *= 2
        self.parts.append((size, leaf))

    def root(self) -> bytes:
        """Return the root over all leaves."""
        result = self.parts[-1][1]
        for _, part in reversed(self.parts[:-1]):
            result = node(part, result)
        return result


def root_by_inclusion(leaf: bytes, index: int, size: int, path: List[bytes]) -> Optional[bytes]:
    """Return the root an inclusion proof leads to (2.1.3.2)."""
    fn, sn, result = index, size - 1, leaf
    for step in path:
        if sn == 0:
            return None
        if fn % 2 == 1 or fn == sn:
            result = node(step, result)
            while fn % 2 == 0 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            result = node(result, step)
        fn, sn = fn >> 1, sn >> 1
    return result if sn == 0 else None


def begins(old: int, new: int, path: List[bytes], first: bytes, second: bytes) -> bool:
    """Tell whether a consistency proof holds (2.1.4.2), for 0 < old < new."""
    if old & (old - 1) == 0:
        path = [first, *path]
    if not path:
        return False
    fn, sn = old - 1, new - 1
    while fn % 2 == 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for step in path[1:]:
        if sn == 0:
            return False
        if fn % 2 == 1 or fn == sn:
            fr, sr = node(step, fr), node(step, sr)
            while fn % 2 == 0 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node(sr, step)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and fr == first and sr == second


# --- Keys and signed texts, C2SP ------------------------------------------------------------------


class Key(NamedTuple):
    """A public key and its name."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n\x01" + self.public).digest()[:4]

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(self.public).hexdigest()


class Note(NamedTuple):
    """A signed text with its signatures: name, key id, signature."""

    text: str
    signatures: List[Tuple[str, bytes, bytes]]

    def signed_by(self, key: Key) -> bool:
        for name, identity, signature in self.signatures:
            if name == key.name and identity == key.id:
                return signed(key.public, self.text.encode(), signature)
        return False


class Checkpoint(NamedTuple):
    """A checkpoint as it was found."""

    origin: str
    size: int
    root: bytes
    note: Note


def unbase64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Wrong("holds what is no base64") from None


def read_key(line: str) -> Key:
    """Read a vkey."""
    name, _, rest = line.strip().partition("+")
    identity, _, encoded = rest.partition("+")
    value = unbase64(encoded)
    if not NAME.fullmatch(name) or len(value) != 33 or value[0] != 1:
        raise Wrong("is no key")
    key = Key(name, value[1:])
    if key.id.hex() != identity:
        raise Wrong("has an id that is not that of its key")
    return key


def read_note(content: bytes) -> Note:
    """Take a signed text apart."""
    try:
        whole = content.decode()
    except UnicodeDecodeError:
        raise Wrong("is not UTF-8") from None
    text, gap, lines = whole.rpartition("\n\n")
    if not gap or not lines.endswith("\n") or any(c < " " and c != "\n" for c in whole):
        raise Wrong("is no signed text")
    signatures = []
    for line in lines[:-1].split("\n"):
        parts = line.split(" ")
        if len(parts) != 3 or parts[0] != DASH or not NAME.fullmatch(parts[1]):
            raise Wrong("has a line that is no signature")
        value = unbase64(parts[2])
        if len(value) <= 4:
            raise Wrong("has a line that is no signature")
        signatures.append((parts[1], value[:4], value[4:]))
    return Note(text + "\n", signatures)


def read_checkpoint(content: bytes) -> Checkpoint:
    """Read one checkpoint."""
    note = read_note(content)
    lines = note.text[:-1].split("\n")
    if len(lines) < 3 or not all(lines) or not NUMBER.fullmatch(lines[1]):
        raise Wrong("is no checkpoint")
    root = unbase64(lines[2])
    if len(root) != 32:
        raise Wrong("is no checkpoint")
    return Checkpoint(lines[0], int(lines[1]), root, note)


def read_checkpoints(content: bytes) -> List[Checkpoint]:
    """Read checkpoints that follow on each other, an empty line behind each."""
    *parts, rest = content.split(b"\n\n")
    if len(parts) % 2:  # the last one came without its empty line, or without its line feed
        parts = [*parts, rest[:-1]] if rest.endswith(b"\n") else parts[:-1]
    return [
        read_checkpoint(parts[n] + b"\n\n" + parts[n + 1] + b"\n") for n in range(0, len(parts), 2)
    ]


def read_trust(given: str) -> str:
    """Return the fingerprint of the key that is trusted."""
    plain = given.strip().lower().replace("sha256:", "").replace(":", "")
    if HEX64.fullmatch(plain):
        return plain
    text = given
    if "+" not in given or Path(given).exists():
        try:
            text = Path(given).read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            raise Unreadable(f"The key {given} is neither a file nor a fingerprint.") from None
    try:
        return read_key(text).fingerprint
    except Wrong as wrong:
        raise Unreadable(f"The key {given} {wrong}.") from None


def read_anchor(path: str) -> List[Checkpoint]:
    """Return the checkpoints of a file that was kept elsewhere."""
    try:
        content = Path(path).read_bytes().replace(b"\r\n", b"\n")
    except OSError:
        raise Unreadable(f"The checkpoint {path} cannot be read.") from None
    try:
        found = read_checkpoints(content.rstrip(b"\n") + b"\n\n") if content.strip() else []
    except Wrong as wrong:
        raise Unreadable(f"The file {path} is no checkpoint: a part of it {wrong}.") from None
    if not found:
        raise Unreadable(f"The file {path} holds no checkpoint.")
    return found


# --- The export -----------------------------------------------------------------------------------


def is_count(value: Any, least: int = 0) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def read_manifest(folder: Path) -> Dict[str, Any]:
    """Return the manifest; Unreadable where it is none of this format."""
    try:
        fields = json.loads((folder / "manifest.json").read_bytes().decode())
    except OSError:
        raise Unreadable(f"There is no export in {folder}: no manifest.json can be read.") from None
    except (ValueError, RecursionError):
        raise Unreadable("manifest.json is not JSON.") from None
    if not isinstance(fields, dict) or fields.get("format") != FORMAT:
        raise Unreadable(f"manifest.json is not that of an export of the format {FORMAT}.")
    files = fields.get("files")
    good = (
        isinstance(fields.get("store"), str)
        and HEX32.fullmatch(fields["store"])
        and isinstance(fields.get("made"), str)
        and isinstance(fields.get("whole"), bool)
        and isinstance(fields.get("texts"), bool)
        and is_count(fields.get("size"), 1)
        and is_count(fields.get("events"), 1)
        and is_count(fields.get("cases"))
        and isinstance(fields.get("choice"), dict)
        and isinstance(files, dict)
        and all(isinstance(each, str) and HEX64.fullmatch(each) for each in files.values())
    )
    if not good or not isinstance(files, dict):
        raise Unreadable("manifest.json lacks a field, or one is not of its type.")
    names = {"checkpoints.txt", "events.jsonl", "key.txt", "proofs.jsonl"}
    names |= {"hashes.txt"} if fields["whole"] else set()
    names |= {"texts.jsonl"} if fields["texts"] else set()
    if set(files) != names:
        raise Unreadable("manifest.json does not name the files that such an export has.")
    return fields


class Export:
    """One export under examination; `wrong` and `open` are the sentences found."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest = read_manifest(folder)
        self.size: int = self.manifest["size"]
        self.origin = "chartproof/" + self.manifest["store"]
        self.wrong: List[str] = []
        self.open: List[str] = []
        self.keys: List[Key] = []
        self.named: Set[str] = set()
        self.disposed: Set[str] = set()
        self.checkpoints: List[Checkpoint] = []
        self.roots: Dict[int, bytes] = {}
        self.key: Optional[Key] = None

    def check(self, trusted: Optional[str], against: List[Checkpoint]) -> None:
        """Do all of it."""
        self.digests()
        self.signature()
        self.read_checkpoints()
        wanted = {each.size for each in (*self.checkpoints, *against)}
        proofs = self.lines("proofs.jsonl") if self.checkpoints else iter(())
        good = self.beginnings(proofs)
        provable = good and bool(self.checkpoints) and not self.manifest["whole"]
        good = self.events(wanted, proofs if provable else None) and good
        if good and self.checkpoints and next(proofs, None) is not None:
            self.wrong.append("proofs.jsonl has more lines than it must.")
        self.vouched()
        if self.manifest["texts"]:
            self.texts()
        if not self.wrong or against:
            self.anchors(trusted, against)

    def open_file(self, name: str) -> BinaryIO:
        try:
            return (self.folder / name).open("rb")
        except OSError:
            raise Unreadable(f"The export has no {name} that can be read.") from None

    def read(self, name: str) -> bytes:
        with self.open_file(name) as stream:
            return stream.read()

    def lines(self, name: str) -> Iterator[bytes]:
        with self.open_file(name) as stream:
            for line in stream:
                if not line.endswith(b"\n"):
                    self.wrong.append(f"{name} is cut: its last line does not end.")
                yield line.rstrip(b"\n")

    def digests(self) -> None:
        for name, expected in sorted(self.manifest["files"].items()):
            digest = hashlib.sha256()
            with self.open_file(name) as stream:
                for part in iter(lambda: stream.read(1 << 20), b""):
                    digest.update(part)
            if digest.hexdigest() != expected:
                self.wrong.append(f"{name} is not the file the manifest names: it was altered.")
        self.open_file("manifest.sig").close()

    def signature(self) -> None:
        try:
            self.key = read_key(self.read("key.txt").decode())
            if self.key.name != self.origin:
                raise Wrong("is a key of another store")
        except (Wrong, UnicodeDecodeError) as wrong:
            self.key = None
            self.wrong.append(f"key.txt is no key of this store ({wrong}).")
            return
        digest = hashlib.sha256(self.read("manifest.json")).hexdigest()
        try:
            note = read_note(self.read("manifest.sig"))
            good = note.text == f"{self.origin}/export\n{digest}\n" and note.signed_by(self.key)
        except Wrong:
            good = False
        if not good:
            self.wrong.append("The manifest was altered: its signature does not hold.")

    def read_checkpoints(self) -> None:
        try:
            self.checkpoints = read_checkpoints(self.read("checkpoints.txt"))
            if not self.checkpoints:
                raise Wrong("is empty")
        except Wrong as wrong:
            self.wrong.append(f"checkpoints.txt was altered: it {wrong}.")

    def events(self, wanted: Set[int], proofs: Optional[Iterator[bytes]]) -> bool:
        """Read events, of a whole log hashes and roots, of a part proofs; tell if these hold."""
        held = True
        whole: bool = self.manifest["whole"]
        hashes = self.lines("hashes.txt") if whole else iter(())
        chain, group, last, count = bytes(32), (0, 0), 0, 0
        tree = Tree()
        for body in self.lines("events.jsonl"):
            count += 1
            leaf = hashlib.sha256(b"\x00" + body).digest()
            try:
                seq, group = self.event(body, count, group, last)
            except Wrong as wrong:
                seq = count if whole else last + 1
                self.wrong.append(f"Event {seq} {wrong}.")
            last = seq
            if proofs is not None and held:
                held = self.included(next(proofs, b""), seq, leaf)
            if whole:
                tree.add(leaf)
                if count in wanted:
                    self.roots[count] = tree.root()
                expected = hashlib.sha256(b"\x02" + chain + leaf).digest()
                written = next(hashes, b"")
                if written != expected.hex().encode():
                    self.wrong.append(f"Event {count} was altered: it does not give its hash.")
                chain = (
                    bytes.fromhex(written.decode()) if HEX64_LINE.fullmatch(written) else expected
                )
        if count != self.manifest["events"]:
            self.wrong.append(f"There are {count} events; the manifest counts otherwise.")
        if whole:
            if next(hashes, None) is not None:
                self.wrong.append("hashes.txt has more lines than there are events.")
            if count != self.size:
                self.wrong.append(f"There are {count} events, and {self.size} were signed.")
            elif group[1] != count:
                self.wrong.append("The log ends within a group of events written together.")
        return held

    def event(
        self, body: bytes, line: int, group: Tuple[int, int], last: int
    ) -> Tuple[int, Tuple[int, int]]:
        """Check what an event says of its place; return its number and group."""
        try:
            fields = json.loads(body)
            seq, refs, kind, data = (fields[n] for n in ("seq", "blobs", "kind", "data"))
            first, end = fields["group"]
        except (ValueError, TypeError, KeyError, RecursionError):
            raise Wrong("was altered: it is not an event") from None
        if not (
            is_count(seq)
            and is_count(first)
            and is_count(end)
            and isinstance(refs, list)
            and all(isinstance(ref, str) for ref in refs)
            and isinstance(data, dict)
        ):
            raise Wrong("was altered: it is not an event")
        if line == 1 and not (
            seq == 1 and kind == "store.created" and data.get("store_id") == self.manifest["store"]
        ):
            raise Wrong("did not begin this store")
        if self.manifest["whole"]:
            if seq != line:
                raise Wrong(f"was moved: it says it is event {seq}")
            if not (
                first <= seq <= end
                and ((first, end) == group if seq != first else last == group[1])
            ):
                raise Wrong("does not belong to the group of events it stands in")
        elif not last < seq <= self.size:
            raise Wrong("stands out of order")
        if kind == "signer.registered" or line == 1:
            self.name_key(data.get("signer" if line == 1 else "vkey"))
        if kind != "person.enrolled":
            self.named.update(refs)
        if kind == "texts.disposed" and isinstance(data.get("texts"), list):
            self.disposed.update(ref for ref in data["texts"] if isinstance(ref, str))
        return seq, (first, end)

    def name_key(self, line: Any) -> None:
        if isinstance(line, str):
            try:
                self.keys.append(read_key(line))
            except Wrong:
                self.wrong.append("An event names a key that is none.")

    def vouched(self) -> None:
        """Check who signed the checkpoints, and their roots where the whole log is there."""
        if self.key is not None and self.key not in self.keys:
            self.wrong.append("The log does not name the key of this export as one that signs.")
        before = 0
        for each in self.checkpoints:
            if each.origin != self.origin:
                self.wrong.append("A checkpoint is one of another store.")
            elif not any(each.note.signed_by(key) for key in self.keys):
                self.wrong.append(f"The checkpoint over {each.size} events is not signed.")
            if each.size < before:
                self.wrong.append("The checkpoints are out of order.")
            if self.manifest["whole"] and self.roots.get(each.size) != each.root:
                self.wrong.append(f"Events up to {each.size} are not as they were signed.")
            before = each.size
        if self.checkpoints:
            last = self.checkpoints[-1]
            if last.size != self.size:
                self.wrong.append(f"The last checkpoint is not over {self.size} events.")
            if self.key is not None and not last.note.signed_by(self.key):
                self.wrong.append("The last checkpoint is not signed with the key of this export.")

    def beginnings(self, proofs: Iterator[bytes]) -> bool:
        """Check the proofs that each checkpoint's log begins the last one's; tell whether good."""
        try:
            for each in self.checkpoints:
                if each.size < self.size:
                    fields, nodes = self.proof(next(proofs, b""), {"new", "nodes", "old"})
                    fits = (fields["old"], fields["new"]) == (each.size, self.size)
                    root = self.checkpoints[-1].root
                    if not fits or not begins(each.size, self.size, nodes, each.root, root):
                        raise Wrong(f"does not show that {each.size} events begin the log")
        except Wrong as wrong:
            self.wrong.append(f"proofs.jsonl {wrong}.")
            return False
        return True

    def included(self, line: bytes, seq: int, leaf: bytes) -> bool:
        """Check the proof that an event of a part is in the log; tell whether it is good."""
        try:
            fields, nodes = self.proof(line, {"nodes", "seq"})
            if fields["seq"] != seq or not 1 <= seq <= self.size:
                raise Wrong(f"has no proof for event {seq}")
            if root_by_inclusion(leaf, seq - 1, self.size, nodes) != self.checkpoints[-1].root:
                raise Wrong(f"does not show that event {seq} is in the log: it was altered")
        except Wrong as wrong:
            self.wrong.append(f"proofs.jsonl {wrong}.")
            return False
        return True

    @staticmethod
    def proof(line: bytes, names: Set[str]) -> Tuple[Dict[str, Any], List[bytes]]:
        try:
            fields = json.loads(line)
        except (ValueError, RecursionError):
            raise Wrong("lacks a proof, or has a line that is none") from None
        if not isinstance(fields, dict) or set(fields) != names:
            raise Wrong("has a line that is no such proof")
        nodes = fields.pop("nodes")
        good = isinstance(nodes, list) and all(isinstance(each, str) for each in nodes)
        if not good or not all(is_count(value) for value in fields.values()):
            raise Wrong("has a line that is no proof")
        decoded = [unbase64(each) for each in nodes]
        if any(len(each) != 32 for each in decoded):
            raise Wrong("has a line that is no proof")
        return fields, decoded

    def texts(self) -> None:
        for line in self.lines("texts.jsonl"):
            try:
                ref = self.text(line)
                if ref not in self.named:
                    raise Wrong("stands there twice, or no event names it")
                self.named.remove(ref)
            except Wrong as wrong:
                self.wrong.append(f"A text {wrong}.")
        for ref in sorted(self.named - self.disposed):
            self.wrong.append(f"The text {ref[:12]} is missing.")

    @staticmethod
    def text(line: bytes) -> str:
        """Return the commitment of a text that agrees with it."""
        try:
            fields = json.loads(line)
            kind = "text" if "text" in fields else "base64"
            ref, key, content = fields["ref"], bytes.fromhex(fields["key"]), fields[kind]
            body = content.encode() if kind == "text" else unbase64(content)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise Wrong("was altered: its line is none") from None
        if not isinstance(ref, str) or set(fields) != {"key", "ref", kind}:
            raise Wrong("was altered: its line is none")
        if hmac.new(key, body, hashlib.sha256).hexdigest() != ref:
            raise Wrong(f"was altered ({ref[:12]})")
        return ref

    def anchors(self, trusted: Optional[str], against: List[Checkpoint]) -> None:
        """Check who vouches for the export, and what was kept elsewhere."""
        if trusted is None:
            self.open.append("Consistent, signer not established: no trusted key was given.")
        elif self.key is None or self.key.fingerprint != trusted:
            self.open.append("The export is signed, but not with the key you trust.")
        known = self.roots
        if not self.manifest["whole"]:
            known = {each.size: each.root for each in self.checkpoints}
        for each in against:
            if each.origin != self.origin:
                self.open.append("The checkpoint given is one of another store.")
                continue
            if not any(each.note.signed_by(key) for key in self.keys):
                self.open.append("The checkpoint given is not signed by a key of this log.")
            if each.size > self.size:
                self.open.append(
                    f"The export is older than the checkpoint given: it has {self.size} events of "
                    f"{each.size}; the newest, {each.size - self.size} of them, are not in it."
                )
            elif each.size not in known:
                self.open.append(
                    f"This part of a log cannot be compared with a checkpoint over {each.size} "
                    "events; ask for the whole."
                )
            elif known[each.size] != each.root:
                self.wrong.append(
                    f"Events up to {each.size} are not those of the checkpoint given: the log was "
                    "written anew or changed."
                )


def examine(folder: str, key: Optional[str], against: Optional[str]) -> Dict[str, Any]:
    """Return the verdict on an export, its exit code and what was found."""
    try:
        trusted = None if key is None else read_trust(key)
        brought = [] if against is None else read_anchor(against)
        export = Export(Path(folder))
        export.check(trusted, brought)
    except (Unreadable, OSError) as error:
        return {"verdict": "unreadable", "exit_code": 2, "problems": [str(error)]}
    facts = {
        "store": export.manifest["store"],
        "events": export.manifest["events"],
        "size": export.size,
        "whole": export.manifest["whole"],
        "fingerprint": "" if export.key is None else export.key.fingerprint,
    }
    problems = export.wrong + export.open
    if export.wrong:
        return {"verdict": "altered", "exit_code": 1, "problems": problems, **facts}
    if export.open:
        return {"verdict": "anchor", "exit_code": 3, "problems": problems, **facts}
    return {"verdict": "intact", "exit_code": 0, "problems": [], **facts}


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(
        description="Check an export of a Chartproof audit log.",
        epilog="Exit codes: 0 intact, 1 altered, 2 unreadable, 3 not vouched for.",
    )
    parser.add_argument("folder", metavar="FOLDER", help="the export")
    parser.add_argument("--key", metavar="KEY", help="trusted key: file, vkey, or fingerprint")
    parser.add_argument("--against", metavar="CHECKPOINT", help="checkpoint kept elsewhere")
    parser.add_argument("--json", action="store_true", help="print JSON")
    given = parser.parse_args()
    found = examine(given.folder, given.key, given.against)
    if given.json:
        print(json.dumps(found))
        return int(found["exit_code"])
    problems: List[str] = found["problems"]
    print(f"{given.folder}: {found['verdict']}")
    if "events" in found:
        part = "whole log" if found["whole"] else "part of a log"
        print(f"{part} of the store {found['store']}, {found['events']} events")
        print(f"signed with the key SHA256:{found['fingerprint'] or 'none'}")
    for sentence in problems[:TOLD]:
        print(sentence, file=sys.stderr)
    if len(problems) > TOLD:
        print(f"There are {len(problems) - TOLD} more problems like these.", file=sys.stderr)
    return int(found["exit_code"])


if __name__ == "__main__":
    sys.exit(main())
