"""Keep compiled tables in one file that is believed only while its digests agree.

First line: JSON with the digest of the source, of the code that compiled it, and of the body.
Second line: the body, JSON again. A file that is absent, damaged, of another source or of other
code reads as None and is compiled anew. Writing replaces the file in one step, so that two
processes may compile at once and a reader never sees half a file.
"""

import hashlib
import json
import os
import tempfile
from dataclasses import asdict, fields
from functools import cache
from importlib.resources import files
from pathlib import Path

from taxonomy.model import Release, TaxonomyError
from taxonomy.tables import Tables

_COMPILERS = (
    "cache.py",
    "conditions.py",
    "defaults.py",
    "fy2027.py",
    "model.py",
    "references.py",
    "rows.py",
    "sevenths.py",
    "tables.py",
    "tabular.py",
    "words.py",
)


def cache_path(folder: Path, release: Release) -> Path:
    """Return where a release is kept below the cache folder."""
    return folder / f"taxonomy-{release.label}.json"


def read_cache(path: Path, release: Release) -> Tables | None:
    """Return the tables, or None where the file is absent, damaged or not of this source."""
    try:
        head, _, body = path.read_bytes().partition(b"\n")
        if head != _head(release, body):
            return None
        columns = json.loads(body)
    except (OSError, ValueError):
        return None
    if not isinstance(columns, dict) or set(columns) != {each.name for each in fields(Tables)}:
        return None
    return Tables(**columns)


def write_cache(path: Path, release: Release, tables: Tables) -> None:
    """Write the tables in place of the old file, readable by their owner alone (0600)."""
    body = json.dumps(asdict(tables), ensure_ascii=False, separators=(",", ":")).encode()
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".taxonomy-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(_head(release, body) + b"\n" + body)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise TaxonomyError(
            f"The compiled ICD-10-CM list cannot be kept in {path.parent} ({error.strerror}); "
            "make the folder writable or choose another cache folder."
        ) from error


def _head(release: Release, body: bytes) -> bytes:
    head = {
        "format": "chartproof-taxonomy",
        "source": release.digest,
        "compiler": _compiler_digest(),
        "body": hashlib.sha256(body).hexdigest(),
    }
    return json.dumps(head, sort_keys=True).encode()


@cache
def _compiler_digest() -> str:
    # The rules are part of what the file says: a new rule makes every old file another version.
    digest = hashlib.sha256()
    for name in _COMPILERS:
        digest.update(files("taxonomy").joinpath(name).read_bytes())
    return digest.hexdigest()
