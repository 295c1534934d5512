"""Extract: from an encounter to the spans that name conditions, each with what is said of it.

Public: `Extractor.read()` loads the rules once, `Extractor.extract(encounter)` returns an
`Extraction`. Nothing is decided here: a denied or doubtful mention is a mention as well.
"""

from dataclasses import dataclass

from spacy.language import Language

from pipeline.extract.assertion import Context, judge
from pipeline.extract.document import language, sentences
from pipeline.extract.mentions import Lexis, find
from pipeline.extract.sections import Headings, Section
from pipeline.model import Encounter, EvidenceSpan, Extraction, Mention, Note, Sentence
from pipeline.terms import Terms
from pipeline.words import words

__all__ = ["Extractor"]


@dataclass(frozen=True, slots=True)
class Extractor:
    """The rules of this stage, loaded once; `extract` may be called any number of times."""

    nlp: Language
    context: Context
    headings: Headings
    lexis: Lexis
    terms: Terms

    @classmethod
    def read(cls, terms: Terms) -> "Extractor":
        """Load the rules from `resources`; `terms` are the phrases to look for."""
        nlp = language()
        return cls(nlp, Context.read(nlp), Headings.read(), Lexis.read(), terms)

    def extract(self, encounter: Encounter) -> Extraction:
        """Return the mentions of all notes, in the order of the notes and of the text."""
        mentions: list[Mention] = []
        found: list[Sentence] = []
        places: list[int] = []
        # spaCy interns every string it sees; the zone forgets the words of a note with the note.
        with self.nlp.memory_zone():
            for note in encounter.notes:
                for sentence, ours in self._read(note):
                    mentions.extend(ours)
                    places.extend([len(found)] * len(ours))
                    found.append(sentence)
        return Extraction(mentions=tuple(mentions), sentences=tuple(found), places=tuple(places))

    def _read(self, note: Note) -> list[tuple[Sentence, list[Mention]]]:
        doc = self.nlp.make_doc(note.text)
        triggers = self.context.triggers(doc)
        sections = self.headings.split(note.text)
        result = []
        for start, end in sentences(note.text):
            section = _section_at(sections, start)
            span = doc.char_span(start, end, alignment_mode="expand")
            scopes = [] if span is None else self.context.scopes(span, triggers)
            text = note.text[start:end]
            barred = [(scope.trigger[0] - start, scope.trigger[1] - start) for scope in scopes]
            ranges = [
                (start + low, start + high)
                for low, high in find(text, words(text), barred, self.terms, self.lexis)
                if start + low >= section.body
            ]
            ours = []
            for low, high in ranges:
                assertion, trigger = judge(scopes, low, high, section.id)
                ours.append(
                    Mention(
                        span=EvidenceSpan(note_id=note.note_id, start=low, end=high),
                        section=section.id,
                        assertion=assertion,
                        trigger=None
                        if trigger is None
                        else EvidenceSpan(note_id=note.note_id, start=trigger[0], end=trigger[1]),
                    )
                )
            sentence = Sentence(
                span=EvidenceSpan(note_id=note.note_id, start=start, end=end),
                section=section.id,
                role=section.role,
            )
            result.append((sentence, ours))
        return result


def _section_at(sections: tuple[Section, ...], place: int) -> Section:
    """Return the section that holds a place."""
    for section in reversed(sections):
        if section.start <= place:
            return section
    return sections[0]
