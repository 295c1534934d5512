"""Nearest neighbours in meaning: an HNSW graph over the vectors of all terms.

hnswlib crashes or answers wrongly on a damaged file or a query of the wrong length, so nothing
reaches it unchecked: a manifest beside the file names the file's SHA-256 and all that it was made
from, and is compared before the file is loaded; whatever differs, the graph is built anew. One
thread, one seed and one order of entries make two builds the same file. `exact` compares with all
vectors; it stands in where the graph returns too little and is the oracle of the tests.
"""

import errno
import hashlib
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import hnswlib
import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

from pipeline.model import PipelineError
from pipeline.retrieve.embedder import Embedder, ModelFileError

__all__ = ["MAX_K", "DenseIndex", "Embedder", "IndexFileError", "ModelFileError", "entries_digest"]

Report = Callable[[str, int, int], None]
"""Progress: what is being done, how much of it is done, how much there is."""

Neighbours = tuple[NDArray[np.int64], NDArray[np.float32]]
"""Row numbers and cosines, both [n, k], best first, equal cosines by row number."""

MAX_K = 200
"""The most neighbours a query may ask for."""

_FORMAT = "chartproof-dense-2"
_SPACE: Final = "ip"  # rows have length 1, so the inner product is the cosine
_M = 16
_EF_CONSTRUCTION = 160
_EF_SEARCH = 160  # what brings recall at 50 above 0.99; see benchmarks/dense_recall.py
_SEED = 20260401
_STEP = 2048


class IndexFileError(PipelineError):
    """Raised where a kept index is absent, damaged or made from something else."""


class _Manifest(BaseModel):
    """All that decides the content of an index file, and the file's own SHA-256 (hex)."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    sha256: str
    seal: str = ""
    count: int
    dim: int
    model: str
    entries: str
    format: str = _FORMAT
    space: str = _SPACE
    m: int = _M
    ef_construction: int = _EF_CONSTRUCTION
    seed: int = _SEED


def _sealed(manifest: _Manifest) -> _Manifest:
    """Return a manifest with the SHA-256 (hex) of its other fields, so that none changes unseen."""
    content = manifest.model_dump_json(exclude={"seal"}).encode()
    return manifest.model_copy(update={"seal": hashlib.sha256(content).hexdigest()})


@dataclass(frozen=True, slots=True, kw_only=True)
class _More:
    """Texts beside the graph: row numbers int64 [n] and vectors float32 [n, dim]."""

    ids: NDArray[np.int64]
    table: NDArray[np.float32]

    def merge(self, found: Neighbours, vectors: NDArray[np.float32], k: int) -> Neighbours:
        """Return the best k of what the graph found and of the texts beside it."""
        # row by row, so that no batch changes a sum
        own = np.stack([self.table @ vector for vector in vectors])
        scores = np.concatenate((found[1], own), axis=1)
        ids = np.concatenate((found[0], np.broadcast_to(self.ids, own.shape)), axis=1)
        best = np.lexsort((ids, -scores))[:, :k]
        return np.take_along_axis(ids, best, axis=1), np.take_along_axis(scores, best, axis=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class DenseIndex:
    """The graph over one list of texts, whose row numbers are the ids. Immutable.

    `count` is the number of texts that have a vector, `digest` (hex) the SHA-256 of the index
    file, with that of the texts that were added to it where any were. `notice` is empty, or a
    sentence that says why the index could not be kept.
    """

    embedder: Embedder
    count: int
    digest: str
    notice: str = ""
    _graph: hnswlib.Index
    _more: "_More | None" = None

    @classmethod
    def open(
        cls, texts: Sequence[str], embedder: Embedder, path: Path, *, report: Report | None = None
    ) -> "DenseIndex":
        """Return the index kept at `path` if it is that of these texts, else build and keep it."""
        try:
            return cls.load(path, embedder, entries_digest(texts))
        except IndexFileError:
            return cls.build(texts, embedder, path, report=report)

    @classmethod
    def build(
        cls, texts: Sequence[str], embedder: Embedder, path: Path, *, report: Report | None = None
    ) -> "DenseIndex":
        """Encode the texts, build their graph and keep it at `path` with its manifest (0600).

        The texts should be distinct: many equal vectors cut a graph into islands. A text without
        a vector is never found. Where the file cannot be kept, the index serves from memory and
        `notice` says why. An exception out of `report` stops the build and leaves no file.
        """
        report = report or _silent
        vectors = _encode(texts, embedder, report)
        known = np.flatnonzero(np.any(vectors, axis=1))
        graph = hnswlib.Index(space=_SPACE, dim=embedder.dim)
        graph.init_index(
            max(len(known), 1), M=_M, ef_construction=_EF_CONSTRUCTION, random_seed=_SEED
        )
        for start in range(0, len(known), _STEP):
            report("Indexing terms", start, len(known))
            part = known[start : start + _STEP]
            graph.add_items(vectors[part], part, num_threads=1)
        report("Indexing terms", len(known), len(known))
        count, entries = len(known), entries_digest(texts)

        def manifest(sha256: str) -> _Manifest:
            return _sealed(
                _Manifest(
                    sha256=sha256,
                    count=count,
                    dim=embedder.dim,
                    model=embedder.digest,
                    entries=entries,
                )
            )

        digest, notice = _keep(graph, manifest, path)
        graph.set_ef(_EF_SEARCH)
        return cls(embedder=embedder, count=count, digest=digest, notice=notice, _graph=graph)

    @classmethod
    def load(cls, path: Path, embedder: Embedder, digest_of_entries: str) -> "DenseIndex":
        """Load a kept index after checking it against its manifest, the model and the entries.

        IndexFileError where anything differs or is missing; then the file was not loaded.
        """
        try:
            manifest = _Manifest.model_validate_json(_manifest_path(path).read_bytes())
            with path.open("rb") as file:
                sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        except (OSError, ValidationError) as error:
            raise IndexFileError(
                f"No search index can be read at {path}; build it anew."
            ) from error
        wanted = _sealed(
            _Manifest(
                sha256=sha256,
                count=manifest.count,
                dim=embedder.dim,
                model=embedder.digest,
                entries=digest_of_entries,
            )
        )
        if manifest != wanted:
            raise IndexFileError(
                f"The search index at {path} is damaged or was made from other terms or another "
                "model; build it anew."
            )
        graph = hnswlib.Index(space=_SPACE, dim=embedder.dim)
        try:
            graph.load_index(str(path))
        except RuntimeError as error:
            raise IndexFileError(
                f"The search index at {path} cannot be loaded; build it anew."
            ) from error
        if graph.get_current_count() != manifest.count:
            raise IndexFileError(
                f"The search index at {path} does not hold the {manifest.count} terms that its "
                "manifest names; build it anew."
            )
        graph.set_ef(_EF_SEARCH)
        return cls(embedder=embedder, count=manifest.count, digest=sha256, _graph=graph)

    def extended(self, texts: Sequence[str], *, first: int) -> "DenseIndex":
        """Return this index with a few texts more, whose row numbers count on from `first`.

        The graph is shared; the new texts are compared with one by one, so they should be few.
        """
        vectors = self.embedder.encode(texts)
        known = np.flatnonzero(np.any(vectors, axis=1))
        if not len(known):
            return self
        more = _More(ids=known.astype(np.int64) + first, table=vectors[known])
        digest = hashlib.sha256(f"{self.digest}{entries_digest(texts)}".encode()).hexdigest()
        return replace(self, count=self.count + len(known), digest=digest, _more=more)

    def query(self, texts: Sequence[str], k: int) -> Neighbours:
        """Return ids int64 and cosines float32 of the nearest texts, both [n, min(k, count)].

        Best first, equal cosines by id. A text without a vector has no neighbours: its row is
        filled with id -1 and cosine 0. ValueError where `k` is not in 1..MAX_K.
        """
        return self.query_vectors(self.embedder.encode(texts), k)

    def query_vectors(self, vectors: NDArray[np.float32], k: int) -> Neighbours:
        """Return what `query` returns for rows [n, dim] that `encode` made."""
        return self._search(vectors, k, self._approximate)

    def exact(self, vectors: NDArray[np.float32], k: int) -> Neighbours:
        """Return what `query_vectors` should return, by comparing with every vector."""
        return self._search(vectors, k, self._compare)

    def _search(
        self,
        vectors: NDArray[np.float32],
        k: int,
        nearest: Callable[[NDArray[np.float32], int], Neighbours],
    ) -> Neighbours:
        if not 1 <= k <= MAX_K:
            raise ValueError(f"k is {k}; a query asks for 1 to {MAX_K} neighbours")
        if vectors.ndim != 2 or vectors.shape[1] != self.embedder.dim:  # noqa: PLR2004 - a matrix
            raise ValueError(f"vectors have shape {vectors.shape}, not [n, {self.embedder.dim}]")
        if not np.isfinite(vectors).all():
            raise ValueError("vectors hold a number that is not finite")
        k = min(k, self.count)
        ids = np.full((len(vectors), k), -1, dtype=np.int64)
        scores = np.zeros((len(vectors), k), dtype=np.float32)
        known = np.flatnonzero(np.any(vectors, axis=1))
        if k and len(known):
            found, cosines = nearest(np.ascontiguousarray(vectors[known], dtype=np.float32), k)
            order = np.lexsort((found, -cosines))
            ids[known] = np.take_along_axis(found, order, axis=1)
            scores[known] = np.take_along_axis(cosines, order, axis=1)
        return ids, scores

    def _approximate(self, vectors: NDArray[np.float32], k: int) -> Neighbours:
        in_graph = self.count - (len(self._more.ids) if self._more else 0)
        try:
            ids, distances = self._graph.knn_query(vectors, k=min(k, in_graph), num_threads=1)
        except RuntimeError:
            # The graph falls into islands where many vectors are equal and reaches fewer than k.
            return self._compare(vectors, k)
        found = ids.astype(np.int64), np.float32(1) - distances
        return found if self._more is None else self._more.merge(found, vectors, k)

    def _compare(self, vectors: NDArray[np.float32], k: int) -> Neighbours:
        labels = np.array(sorted(self._graph.get_ids_list()), dtype=np.int64)
        table = np.asarray(self._graph.get_items(labels), dtype=np.float32)
        if self._more is not None:
            labels = np.concatenate((labels, self._more.ids))
            table = np.concatenate((table, self._more.table))
        ids = np.empty((len(vectors), k), dtype=np.int64)
        scores = np.empty((len(vectors), k), dtype=np.float32)
        for row, vector in enumerate(vectors):  # row by row, so that no batch changes a sum
            cosines = table @ vector
            best = np.lexsort((labels, -cosines))[:k]
            ids[row], scores[row] = labels[best], cosines[best]
        return ids, scores


def entries_digest(texts: Sequence[str]) -> str:
    """Return the SHA-256 (hex) over the texts, their order and where each of them ends."""
    digest = hashlib.sha256()
    for text in texts:
        raw = text.encode("utf-8", "surrogatepass")
        digest.update(len(raw).to_bytes(8, "big"))
        digest.update(raw)
    return digest.hexdigest()


def _encode(texts: Sequence[str], embedder: Embedder, report: Report) -> NDArray[np.float32]:
    vectors = np.zeros((len(texts), embedder.dim), dtype=np.float32)
    for start in range(0, len(texts), _STEP):
        report("Encoding terms", start, len(texts))
        part = texts[start : start + _STEP]
        vectors[start : start + len(part)] = embedder.encode(part)
    report("Encoding terms", len(texts), len(texts))
    return vectors


def _keep(
    graph: hnswlib.Index, manifest: Callable[[str], _Manifest], path: Path
) -> tuple[str, str]:
    """Write index and manifest in place of the old ones; return the digest and a notice."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".dense-") as name:
            folder = Path(name)
            digest = _save(graph, folder / "index")
            note = folder / "manifest"
            note.write_text(manifest(digest).model_dump_json(indent=1), encoding="utf-8")
            note.chmod(0o600)
            # A reader between the two steps sees a manifest of another file and builds anew.
            (folder / "index").replace(path)
            note.replace(_manifest_path(path))
    except (OSError, RuntimeError) as error:
        return _digest_unkept(graph, path), (
            f"The search index cannot be kept at {path} ({_reason(error)}) and is built at every "
            "start; make the folder writable or choose another cache folder."
        )
    return digest, ""


def _digest_unkept(graph: hnswlib.Index, path: Path) -> str:
    # Provenance names the index by its file, so one is written even if only to be hashed.
    try:
        with tempfile.TemporaryDirectory(prefix="chartproof-") as name:
            return _save(graph, Path(name) / "index")
    except (OSError, RuntimeError) as error:
        raise IndexFileError(
            f"The search index can be written neither to {path} nor to {tempfile.gettempdir()} "
            f"({_reason(error)}); free some space there or choose another cache folder."
        ) from error


def _save(graph: hnswlib.Index, path: Path) -> str:
    """Write the graph to a file of its owner's (0600), flushed to the disk; return its SHA-256."""
    path.touch(mode=0o600)
    graph.save_index(str(path))
    with path.open("rb+") as file:
        # hnswlib does not look whether its writes succeed; on a full disk they do not.
        if os.fstat(file.fileno()).st_size != graph.index_file_size():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        os.fsync(file.fileno())
    return digest


def _reason(error: OSError | RuntimeError) -> str:
    return error.strerror or "unknown error" if isinstance(error, OSError) else "cannot be written"


def _manifest_path(path: Path) -> Path:
    return path.with_name(path.name + ".json")


def _silent(_step: str, _done: int, _total: int) -> None:
    """Report to nobody."""
