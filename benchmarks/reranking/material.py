"""The lists that rerankers learn from and are measured on: the first ten candidates of a mention.

Each mention of CodiEsp train is looked up by an engine made without its document (`folds`), those
of dev by the engine that ships, all without the sentence around them. Kept in one JSON file of the
work folder, since making them takes minutes; nothing of it enters the repository.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pipeline.engine import Engine
from pipeline.retrieve import Phrase, Retriever
from pipeline.train.codiesp import Mention, mentions, mentions_by_document
from pipeline.train.folds import FOLDS, unseen

TEN = 10
SHIPPED = FOLDS
"""The number of the files that ship, after those of the folds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A gold mention and its first candidates, best first, as the shipped weights order them.

    `right` is the place of its code among them, -1 where it is not there; `rows` are their
    features, [n, FEATURES]; `titles` and `entries` the title of each and the words of the entry
    that found it; `part` whose files found them: a fold's, or `SHIPPED`.
    """

    text: str
    part: int
    right: int
    rows: list[list[float]]
    titles: list[str]
    entries: list[str]


def gather(engine: Engine, data: Path, folds: Path, kept: Path) -> list[Listed]:
    """Return the lists kept at a path, or make them and keep them there."""
    if not kept.exists():
        kept.write_text(json.dumps([asdict(one) for one in _made(engine, data, folds)]), "utf-8")
    return [Listed(**one) for one in json.loads(kept.read_text("utf-8"))]


def _made(engine: Engine, data: Path, folds: Path) -> Iterator[Listed]:
    notes = mentions_by_document(data, "train", engine.taxonomy)
    for part, (reader, _) in enumerate(unseen(engine, data, folds)):
        asked = [one for note in notes[part::FOLDS] for one in note]
        yield from listed(reader.retriever, asked, part)
        print(f"{len(asked)} mentions of part {part} looked up", flush=True)
    yield from listed(engine.retriever, mentions(data, "dev", engine.taxonomy), SHIPPED)


def listed(retriever: Retriever, asked: Sequence[Mention], part: int) -> Iterator[Listed]:
    """Yield the first candidates of each mention."""
    terms = retriever.channels.terms
    words = {key: entry.text for entry, key in zip(terms.entries, terms.stems, strict=True)}
    ranked = retriever.rank([Phrase(text) for text, _ in asked])
    for (text, code), found in zip(asked, ranked, strict=True):
        first = found[:TEN]
        codes = [one.hit.code for one in first]
        yield Listed(
            text=text,
            part=part,
            right=codes.index(code) if code in codes else -1,
            rows=[[round(value, 6) for value in one.features.tolist()] for one in first],
            titles=[_title(retriever, one) for one in codes],
            entries=[words.get(one.hit.entry, "") for one in first],
        )


def _title(retriever: Retriever, code: str) -> str:
    found = retriever.taxonomy.get(code)
    return found.title if found else ""
