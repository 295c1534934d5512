"""Peer: MedCAT with a concept database of the terms, trained on notes as its documentation says.

Settings: `train` is "texts" (unsupervised) or "mentions" (supervised after that); `ambiguous`
keeps every code of a phrase instead of the nearest one; `gate` asks a likely context of every
phrase and not only of those with several codes; `threshold` is the least similarity of context.
"""

import logging
import random
import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import pandas as pd
from gensim.models import Word2Vec
from medcat.cat import CAT
from medcat.config import Config
from medcat.model_creation.cdb_maker import CDBMaker
from medcat.vocab import Vocab

from benchmarks.peer.exchange import Coder, Job, Lesson, Settings, Term, nearest, serve

_SEED = 20261125
_WORD = re.compile(r"\w+")


def make(job: Job, settings: Settings) -> Coder:
    """Return the coder of a setting, its model built and trained once for all that share it."""
    cat = _model(
        job.terms,
        job.lessons,
        ambiguous=settings["ambiguous"],
        train=settings["train"],
    )
    linking = cat.config.components.linking
    linking.always_calculate_similarity = settings["gate"]
    linking.similarity_threshold = settings["threshold"]

    def code(text: str) -> set[str]:
        return {entity["cui"] for entity in cat.get_entities(text)["entities"].values()}

    return code


@lru_cache(maxsize=1)
def _model(
    terms: tuple[Term, ...],
    lessons: tuple[Lesson, ...],
    *,
    ambiguous: bool,
    train: str,
) -> CAT:
    logging.disable(logging.INFO)
    random.seed(_SEED)
    np.random.seed(_SEED)  # noqa: NPY002, the generator MedCAT draws from
    config = Config()
    config.general.spell_check = False
    kept = terms if ambiguous else nearest(terms)
    rows = [
        {"cui": term.code, "name": term.text, "name_status": "P" if term.title else "A"}
        for term in kept
    ]
    cdb = CDBMaker(config).prepare_csvs([pd.DataFrame(rows, dtype=str)])
    cat = CAT(cdb=cdb, vocab=_vocabulary(terms, lessons), config=config)
    cat.trainer.train_unsupervised([lesson.text for lesson in lessons])
    if train == "mentions":
        cat.trainer.train_supervised_raw(
            _export(lessons, kept), devalue_others=True, disable_progress=True
        )
    return cat


@lru_cache(maxsize=1)
def _vocabulary(terms: tuple[Term, ...], lessons: tuple[Lesson, ...]) -> Vocab:
    """Count words and learn their vectors from the notes to learn from and the terms."""
    texts = [lesson.text for lesson in lessons] + [term.text for term in terms]
    sentences = [_WORD.findall(text.lower()) for text in texts]
    counts = Counter(word for sentence in sentences for word in sentence)
    model = Word2Vec(sentences, vector_size=100, window=8, min_count=2, workers=1, seed=_SEED)
    vocab = Vocab()
    vectors = {word: model.wv[word] for word in model.wv.index_to_key}
    for word, count in counts.items():
        vocab.add_word(word, count, vectors.get(word))
    return vocab


def _export(lessons: Sequence[Lesson], terms: Sequence[Term]) -> dict[str, object]:
    """Return the lessons as an export of MedCATtrainer; codes without a term are left out."""
    known = {term.code for term in terms}
    documents = [
        {
            "id": str(number),
            "name": str(number),
            "text": lesson.text,
            "annotations": [
                {"start": start, "end": end, "cui": code, "value": lesson.text[start:end]}
                for start, end, code in lesson.mentions
                if code in known
            ],
        }
        for number, lesson in enumerate(lessons)
    ]
    return {"projects": [{"id": "0", "name": "lessons", "cuis": "", "documents": documents}]}


if __name__ == "__main__":
    serve(make)
