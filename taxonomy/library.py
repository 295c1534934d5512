"""Where imported releases are kept: immutable folders, and one small file that says which count.

    library/active.json              which folder is in force for each release, with its digest
    library/FY2027-3f2a…/release.json   what the release is and holds, with digests
    library/FY2027-3f2a…/tabular.gz …   the official files, byte for byte

A folder is written beside its place, flushed, and moved there whole; then `active.json` is
replaced in one step. So a reader sees the old release or the new one and nothing between, and
the old folder stays readable for whoever has it open.
"""

import gzip
import hashlib
import os
import shutil
import tempfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from filelock import FileLock
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from taxonomy.model import Release, TaxonomyError

_ACTIVE = "active.json"
_MANIFEST = "release.json"
_STAGING = ".staging-"
_LABEL = r"^FY20\d\d(-[A-Za-z0-9]{1,20})?$"
_DIGEST = r"^[0-9a-f]{64}$"
_LARGEST = 64 << 20


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class PartRecord(_Strict):
    """One imported file: `name` as it was given, `sha256` of its bytes out of any wrapper."""

    kind: str = Field(pattern=r"^[a-z-]{1,30}$")
    name: str
    year: int | None
    sha256: str = Field(pattern=_DIGEST)
    counts: dict[str, int]


class Manifest(_Strict):
    """A release as imported; dates are inclusive.

    Without a tabular part it adds to the list that comes with the program.
    """

    format: Literal["chartproof-release-1"] = "chartproof-release-1"
    label: str = Field(pattern=_LABEL)
    effective_from: date
    effective_to: date
    parts: tuple[PartRecord, ...]

    def part(self, kind: str) -> PartRecord | None:
        """Return the record of a part; None where the release was imported without it."""
        return next((part for part in self.parts if part.kind == kind), None)

    def release(self) -> Release | None:
        """Return the release as a value; None where the built-in list is its list."""
        tabular = self.part("tabular")
        if tabular is None:
            return None
        return Release(
            label=self.label,
            effective_from=self.effective_from,
            effective_to=self.effective_to,
            digest=tabular.sha256,
            source=f"imported from {Path(tabular.name).name}",
        )


class _Place(_Strict):
    folder: str = Field(pattern=r"^FY20[A-Za-z0-9-]{1,80}$")
    sha256: str = Field(pattern=_DIGEST)


class _Active(_Strict):
    format: Literal["chartproof-library-1"] = "chartproof-library-1"
    releases: dict[str, _Place] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A release as it lies in its folder; stays readable when another takes its place."""

    manifest: Manifest
    folder: Path

    def read(self, kind: str) -> bytes:
        """Return the bytes of a part.

        Raises:
            TaxonomyError: there is no such part, or its file is not the one that was imported.
        """
        record = self.manifest.part(kind)
        if record is None:
            raise TaxonomyError(
                f"{self.manifest.label} was imported without its {kind}; import it."
            )
        path = self.folder / f"{kind}.gz"
        try:
            with gzip.open(path) as file:
                data = file.read(_LARGEST + 1)
        except (OSError, EOFError, ValueError, zlib.error) as error:
            raise TaxonomyError(f"{path} is missing or damaged; import the file again.") from error
        if hashlib.sha256(data).hexdigest() != record.sha256:
            raise TaxonomyError(f"{path} is not the file that was imported; import the file again.")
        return data


class Library:
    """The imported releases in a folder, which need not exist yet."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def active(self) -> dict[str, "Kept"]:
        """Return the releases in force by label; TaxonomyError where a file is damaged."""
        return {
            label: Kept(manifest=self._manifest(place), folder=self.folder / place.folder)
            for label, place in self._active().releases.items()
        }

    def kept(self, label: str, digest: str) -> "Kept | None":
        """Return a release by the SHA-256 of its tabular list, in force or not; None if gone.

        The bytes are compared with the digest when they are read.
        """
        for path in sorted(self.folder.glob(f"{label}-*/{_MANIFEST}")):
            try:
                manifest = Manifest.model_validate_json(path.read_bytes())
            except (OSError, ValidationError):
                continue
            tabular = manifest.part("tabular")
            if manifest.label == label and tabular is not None and tabular.sha256 == digest:
                return Kept(manifest=manifest, folder=path.parent)
        return None

    def activate(self, manifest: Manifest, data: Mapping[str, bytes]) -> bool:
        """Put a release into force; False where it is in force already, unchanged.

        `data` holds the bytes of each part by kind. One import at a time; a second one waits.
        """
        body = manifest.model_dump_json(indent=1).encode() + b"\n"
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with FileLock(self.folder / ".lock"):
                self._sweep()
                return self._activate(manifest, body, data)
        except OSError as error:
            raise TaxonomyError(
                f"The release cannot be kept in {self.folder} ({error.strerror}); make the folder "
                "writable. The releases that were in force still are."
            ) from error

    def _activate(self, manifest: Manifest, body: bytes, data: Mapping[str, bytes]) -> bool:
        active = self._active()
        digest = hashlib.sha256(body).hexdigest()
        current = active.releases.get(manifest.label)
        if current is not None and current.sha256 == digest and self._whole(current, manifest):
            return False
        staged = Path(tempfile.mkdtemp(prefix=_STAGING, dir=self.folder))
        try:
            for kind, plain in data.items():
                _write(staged / f"{kind}.gz", gzip.compress(plain, mtime=0))
            _write(staged / _MANIFEST, body)
            _flush_folder(staged)
            name = self._free_name(f"{manifest.label}-{digest[:12]}")
            staged.rename(self.folder / name)
        except BaseException:
            shutil.rmtree(staged, ignore_errors=True)
            raise
        releases = {**active.releases, manifest.label: _Place(folder=name, sha256=digest)}
        written = _Active(releases=releases).model_dump_json(indent=1).encode() + b"\n"
        beside = self.folder / f"{_STAGING}{_ACTIVE}"
        _write(beside, written)
        beside.replace(self.folder / _ACTIVE)
        _flush_folder(self.folder)
        return True

    def _whole(self, place: _Place, manifest: Manifest) -> bool:
        try:
            kept = Kept(manifest=manifest, folder=self.folder / place.folder)
            for record in manifest.parts:
                kept.read(record.kind)
        except TaxonomyError:
            return False
        return True

    def _free_name(self, name: str) -> str:
        tries = (name, *(f"{name}-{number}" for number in range(2, 1000)))
        return next(each for each in tries if not (self.folder / each).exists())

    def _sweep(self) -> None:
        """Remove what an import left that was killed; under the lock nobody else is writing."""
        for left in self.folder.glob(f"{_STAGING}*"):
            if left.is_dir():
                shutil.rmtree(left, ignore_errors=True)
            else:
                left.unlink(missing_ok=True)

    def _active(self) -> _Active:
        path = self.folder / _ACTIVE
        try:
            return _Active.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            return _Active()
        except (OSError, ValidationError) as error:
            raise TaxonomyError(
                f"{path} is damaged, so the imported releases cannot be used; remove the folder "
                f"{self.folder} and import the official files again."
            ) from error

    def _manifest(self, place: _Place) -> Manifest:
        path = self.folder / place.folder / _MANIFEST
        try:
            body = path.read_bytes()
            manifest = Manifest.model_validate_json(body)
        except (OSError, ValidationError) as error:
            raise _changed(path) from error
        if hashlib.sha256(body).hexdigest() != place.sha256:
            raise _changed(path)
        return manifest


def _changed(path: Path) -> TaxonomyError:
    return TaxonomyError(
        f"{path} is missing or was changed; import the official files of this release again."
    )


def _write(path: Path, data: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
