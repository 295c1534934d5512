"""What the tests of the stages share: one release, one set of terms, and one engine per session."""

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

import taxonomy as icd
from pipeline.engine import Engine, Engines, EngineSettings
from pipeline.model import Encounter, EvidenceSpan, Mention, Note
from pipeline.terms import Terms, build, lexicon
from taxonomy import Releases, Taxonomy


@pytest.fixture(scope="session")
def built(request: pytest.FixtureRequest) -> Path:
    """A cache folder kept between runs; every file in it is checked by digest before use."""
    cache = request.config.cache
    assert cache is not None
    return cache.mkdir("chartproof")


@pytest.fixture(scope="session")
def at_hand(built: Path) -> Releases:
    """The releases that come with the program."""
    return icd.releases(built, built / "no-library")


@pytest.fixture(scope="session")
def taxonomy(at_hand: Releases) -> Taxonomy:
    return at_hand.newest()


@pytest.fixture(scope="session")
def terms(taxonomy: Taxonomy) -> Terms:
    return build(taxonomy, lexicon())


@pytest.fixture(scope="session")
def engines(built: Path, at_hand: Releases) -> Engines:
    return Engines(at_hand, built, settings=EngineSettings())


@pytest.fixture(scope="session")
def engine(engines: Engines) -> Engine:
    return engines.newest


def visit(*texts: str, **fields: object) -> Encounter:
    """Return an encounter with one note per text, ids n1, n2, …"""
    notes = tuple(
        Note(note_id=f"n{number}", text=text, sha256="0" * 64)
        for number, text in enumerate(texts, start=1)
    )
    return Encounter(encounter_id="e1", notes=notes, **fields)  # type: ignore[arg-type]


@pytest.fixture
def encounter() -> Callable[..., Encounter]:
    return visit


@pytest.fixture
def place() -> Callable[[Encounter, str], EvidenceSpan]:
    """Find words in the first note."""

    def find(chart: Encounter, words: str) -> EvidenceSpan:
        note = chart.notes[0]
        start = note.text.index(words)
        return EvidenceSpan(note_id=note.note_id, start=start, end=start + len(words))

    return find


@pytest.fixture
def quotes() -> Callable[[Encounter, Iterable[Mention]], list[str]]:
    """Return the words under mentions."""

    def read(chart: Encounter, mentions: Iterable[Mention]) -> list[str]:
        return [chart.quote(mention.span) for mention in mentions]

    return read
