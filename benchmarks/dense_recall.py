"""Build the vector index over all terms and compare it with an exact search. Gate: recall 0.99.

python benchmarks/dense_recall.py [DATA]

The questions are the mentions of CodiEsp English dev in DATA (default ../shared/data); without
that folder, the terms of our lexicon. One thread throughout.
"""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import taxonomy as icd
from pipeline.retrieve.dense import DenseIndex, Embedder
from pipeline.terms import Level, build, lexicon
from pipeline.train.codiesp import mentions

GATE = 0.99
LIMIT = 60.0
K = 50
MODEL = Path(__file__).parents[1] / "resources" / "models" / "embedding"


def main() -> int:
    data = Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data")
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder)
        taxonomy = icd.load(cache)
        terms = build(taxonomy, lexicon())
        texts = list(dict.fromkeys(e.text for e in terms.entries if e.level is not Level.DEFAULT))
        if (data / "codiesp_en").is_dir():
            asked = [text for text, _ in mentions(data, "dev", taxonomy)]
        else:
            asked = [entry.text for entry in lexicon()]
        asked = list(dict.fromkeys(asked))
        began = time.perf_counter()
        embedder = Embedder.load(MODEL)
        loaded = time.perf_counter()
        vectors = embedder.encode(texts)
        encoded = time.perf_counter()
        cpu = time.process_time()
        index = DenseIndex.open(texts, embedder, cache / "dense.hnsw")
        built, built_cpu = time.perf_counter() - encoded, time.process_time() - cpu
        size = (cache / "dense.hnsw").stat().st_size
        began_again = time.perf_counter()
        DenseIndex.open(texts, embedder, cache / "dense.hnsw")
        reopened = time.perf_counter() - began_again
        questions = embedder.encode(asked)
        began_query = time.perf_counter()
        ids, _ = index.query_vectors(questions, K)
        queried = time.perf_counter() - began_query
        _, exact = index.exact(questions, K)
    # A neighbour counts as found where it is as near as the 50th of the exact search: of entries
    # with equal vectors, either search may name any.
    cosines = np.einsum("nkd,nd->nk", vectors[ids], questions)
    known = questions.any(axis=1)
    recall = float(np.mean((cosines >= exact[:, -1:] - 1e-6)[known]))
    first = float(np.mean((cosines[:, 0] >= exact[:, 0] - 1e-6)[known]))
    print(f"model loaded: {loaded - began:.2f} s")
    print(f"{len(texts)} terms encoded: {encoded - loaded:.1f} s")
    print(
        f"encoded, indexed and kept: {built:.1f} s, {built_cpu:.1f} s of CPU (limit {LIMIT:.0f} s)"
    )
    print(f"index file: {size / 1e6:.0f} MB; opened from the cache in {reopened:.2f} s")
    print(f"{len(asked)} questions: {1000 * queried / len(asked):.2f} ms each for {K} neighbours")
    print(f"recall at {K} against the exact search: {recall:.4f} (gate {GATE}); at 1: {first:.4f}")
    return int(recall < GATE or built > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
