"""A visit note cut into sections and sentences, with the conditions a test names in it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pytest

from pipeline.chat import SILENT
from pipeline.extract.document import sentences
from pipeline.extract.sections import Headings
from pipeline.model import (
    Assertion,
    Candidate,
    Channel,
    Encounter,
    EvidenceSpan,
    Extraction,
    Finder,
    Mention,
    MentionTrace,
    Note,
    Scope,
    Sentence,
    Support,
)
from pipeline.verify import Verifier
from taxonomy import Taxonomy

Meaning = str | tuple[str, Assertion] | tuple[str, Assertion, float]
Found = Mapping[str, Meaning]

_VERIFIER = Verifier.read()
_HEADINGS = Headings.read()


def chart(text: str, sex: str = "") -> Encounter:
    return Encounter(
        encounter_id="e1", notes=(Note(note_id="n1", text=text, sha256="0" * 64),), sex=sex
    )


def extraction(text: str, found: Found) -> Extraction:
    """Cut a note; every occurrence of the words of `found` is a mention."""
    sections = _HEADINGS.split(text)
    cut = []
    for start, end in sentences(text):
        section = next(s for s in reversed(sections) if s.start <= start)
        span = EvidenceSpan(note_id="n1", start=start, end=end)
        cut.append(Sentence(span=span, section=section.id, role=section.role))
    mentions, places = [], []
    for at, sentence in enumerate(cut):
        for words, what in found.items():
            start = text.find(words, sentence.span.start, sentence.span.end)
            if start >= 0:
                assertion = Assertion.PRESENT if isinstance(what, str) else what[1]
                span = EvidenceSpan(note_id="n1", start=start, end=start + len(words))
                mentions.append(Mention(span=span, section=sentence.section, assertion=assertion))
                places.append(at)
    return Extraction(
        mentions=tuple(mentions),
        sentences=tuple(cut),
        places=tuple(places),
        finders=(Finder.DICTIONARY,) * len(mentions),
        phrases=("",) * len(mentions),
    )


def _candidate(what: Meaning) -> Candidate:
    code = what if isinstance(what, str) else what[0]
    score = what[2] if isinstance(what, tuple) and len(what) > 2 else 0.9
    return Candidate(code=code, score=score, channels=(Channel.DICTIONARY,))


@dataclass(frozen=True)
class Outcome:
    """What came of a note: its traces, and the words under them."""

    encounter: Encounter
    traces: list[MentionTrace]

    @property
    def codes(self) -> set[str]:
        return {t.code for t in self.traces if t.verdict.support is Support.SUPPORTED}

    def why_not(self, code: str) -> set[str]:
        """Return why traces of a code did not come through."""
        return {
            t.verdict.reasons[0]
            for t in self.traces
            if t.code == code and t.verdict.support is not Support.SUPPORTED
        }

    def words(self, code: str) -> set[str]:
        """Return the words a code stands on."""
        return {
            self.encounter.quote(t.mention.span)
            for t in self.traces
            if t.code == code and t.verdict.support is Support.SUPPORTED
        }


@pytest.fixture
def read() -> Callable[[str, Found], tuple[Encounter, Extraction]]:
    return lambda text, found: (chart(text), extraction(text, found))


@pytest.fixture
def visit(taxonomy: Taxonomy) -> Callable[..., Outcome]:
    """Return a function from a note, and the codes its words are found to mean, to the outcome."""

    def run(text: str, found: Found | None = None, sex: str = "") -> Outcome:
        meanings = found or {}
        cut, encounter = extraction(text, meanings), chart(text, sex)
        shortlists = [(_candidate(meanings[encounter.quote(m.span)]),) for m in cut.mentions]
        traces = _VERIFIER.verify(encounter, cut, shortlists, Scope.REPORTABLE, taxonomy, SILENT)
        return Outcome(encounter, list(traces))

    return run
