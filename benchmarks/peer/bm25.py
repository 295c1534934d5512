"""Peer: BM25 (bm25s) over the terms, asked with every short run of words of a note.

Settings: `longest` run in words, `floor` as a share of the term's own score, `b` of BM25.
"""

from functools import lru_cache

import bm25s
import numpy as np
import Stemmer

from benchmarks.peer.exchange import Coder, Job, Settings, nearest, serve
from benchmarks.peer.windows import best, clauses, places, tokens


def make(job: Job, settings: Settings) -> Coder:
    """Build the index and return its coder."""
    terms = nearest(job.terms)
    caps = frozenset(term.text for term in terms if term.caps)
    stem = lru_cache(maxsize=None)(Stemmer.Stemmer("english").stemWord)
    corpus = [tokens(term.text, caps, stem) for term in terms]
    terms = [term for term, words in zip(terms, corpus, strict=True) if words]
    corpus = [words for words in corpus if words]
    index = bm25s.BM25(method="lucene", b=settings["b"])
    index.index(corpus, show_progress=False)
    ranks = np.array([term.rank for term in terms], dtype=np.int64)
    own = np.bincount(
        index.scores["indices"], weights=index.scores["data"], minlength=len(terms)
    ).astype(np.float32)
    known = index.vocab_dict

    @lru_cache(maxsize=200_000)
    def ask(words: tuple[str, ...]) -> tuple[int, float] | None:
        if words[0] not in known or words[-1] not in known:
            return None
        scores = index.get_scores([word for word in dict.fromkeys(words) if word in known])
        winner = best(scores, own, ranks, settings["floor"])
        return None if winner is None else (winner, float(scores[winner]))

    def code(text: str) -> set[str]:
        return {
            terms[place.term].code
            for clause in clauses(text)
            for place in places(tokens(clause, caps, stem), settings["longest"], ask)
        }

    return code


if __name__ == "__main__":
    serve(make)
