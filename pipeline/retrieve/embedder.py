"""Words to vectors: our own static embedding model, read without torch.

The folder is the layout of a sentence-transformers `StaticEmbedding`: a table with one row per
token and the tokenizer. A text's vector is the mean of its tokens' rows, scaled to length 1; so it
is a look-up, exact and the same on every machine up to the last bits of a sum. Both files are
believed only with the SHA-256 that `manifest.json` beside them names; `pipeline.train.embedding`
makes all three.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors
from tokenizers import Tokenizer

from pipeline.model import PipelineError

MANIFEST = "manifest.json"
TABLE = "model.safetensors"
TOKENIZER = "tokenizer.json"
WEIGHT = "embedding.weight"
"""The name that sentence-transformers gives the table inside the file."""

_CHUNK = 4096


class ModelFileError(PipelineError):
    """Raised where a learned file is absent, altered or not of the shape it should have."""


class ModelManifest(BaseModel):
    """What the folder of an embedding model holds; `files` maps names to SHA-256 (hex)."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    format: str
    dim: int
    vocabulary: int
    files: dict[str, str]


class Embedder:
    """Encodes texts with the model of one folder; immutable, safe to share between threads.

    `dim` is the length of a vector, `digest` (hex) names table and tokenizer together.
    """

    def __init__(self, table: NDArray[np.float32], tokenizer: Tokenizer, digest: str) -> None:
        self._table = table
        self._tokenizer = tokenizer
        self.dim = int(table.shape[1])
        self.digest = digest

    @classmethod
    def load(cls, folder: Path) -> "Embedder":
        """Read the model of a folder; ModelFileError where a file is missing or altered."""
        try:
            manifest = ModelManifest.model_validate_json((folder / MANIFEST).read_bytes())
            contents = {name: (folder / name).read_bytes() for name in (TABLE, TOKENIZER)}
        except OSError as error:
            raise ModelFileError(
                f"The embedding model in {folder} cannot be read ({error.strerror}: "
                f"{error.filename}); reinstall the program."
            ) from error
        except ValidationError as error:
            raise ModelFileError(
                f"{folder / MANIFEST} is not the manifest of an embedding model; "
                "reinstall the program."
            ) from error
        for name, content in contents.items():
            if hashlib.sha256(content).hexdigest() != manifest.files.get(name):
                raise ModelFileError(
                    f"{folder / name} is not the file that was shipped (its SHA-256 differs from "
                    "the manifest); reinstall the program."
                )
        return cls(
            _table(contents[TABLE], manifest, folder),
            _tokenizer(contents[TOKENIZER], manifest, folder),
            model_digest(manifest),
        )

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row per text, float32 [n, dim], each of length 1.

        A text without a token the model knows (empty, blank, an emoji) gives a row of zeros. A
        row depends on its own text alone, whatever else is in the batch.
        """
        rows = np.zeros((len(texts), self.dim), dtype=np.float32)
        for start in range(0, len(texts), _CHUNK):
            part = texts[start : start + _CHUNK]
            rows[start : start + len(part)] = self._encode(part)
        return rows

    def _encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        encodings = self._tokenizer.encode_batch(
            [text.encode("utf-8", "replace").decode() for text in texts], add_special_tokens=False
        )
        tokens = [encoding.ids for encoding in encodings]
        lengths = np.array([len(ids) for ids in tokens], dtype=np.int64)
        sums = np.zeros((len(texts), self.dim), dtype=np.float32)
        filled = np.flatnonzero(lengths)
        if not len(filled):
            return sums
        flat = np.concatenate([np.asarray(tokens[row], dtype=np.int64) for row in filled])
        starts = np.cumsum(lengths[filled]) - lengths[filled]
        sums[filled] = np.add.reduceat(self._table[flat], starts, axis=0)
        # The mean differs from the sum by a factor only, which scaling to length 1 takes out.
        norms = np.sqrt(np.sum(sums * sums, axis=1, dtype=np.float32))
        known = norms > 0
        sums[known] /= norms[known, None]
        return sums


def model_digest(manifest: ModelManifest) -> str:
    """Return the SHA-256 (hex) over the names and digests of the model's files."""
    lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(manifest.files.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def _table(content: bytes, manifest: ModelManifest, folder: Path) -> NDArray[np.float32]:
    try:
        table = load_tensors(content)[WEIGHT].astype(np.float32)
    except (SafetensorError, KeyError, ValueError) as error:
        raise ModelFileError(
            f"{folder / TABLE} holds no table of vectors; reinstall the program."
        ) from error
    if table.shape != (manifest.vocabulary, manifest.dim) or not np.isfinite(table).all():
        raise ModelFileError(
            f"{folder / TABLE} does not hold {manifest.vocabulary} finite vectors of length "
            f"{manifest.dim}; reinstall the program."
        )
    return table


def _tokenizer(content: bytes, manifest: ModelManifest, folder: Path) -> Tokenizer:
    try:
        tokenizer = Tokenizer.from_buffer(content)
    except ValueError as error:
        raise ModelFileError(
            f"{folder / TOKENIZER} is not a tokenizer; reinstall the program."
        ) from error
    if tokenizer.get_vocab_size() != manifest.vocabulary:
        raise ModelFileError(
            f"{folder / TOKENIZER} does not have the {manifest.vocabulary} tokens that the table "
            "has rows for; reinstall the program."
        )
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer
