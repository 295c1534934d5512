"""Extract: from an encounter to the spans that name conditions, each with what is said of it.

Public: `Extractor.read()` loads the rules once, `Extractor.extract(encounter)` returns an
`Extraction`. Nothing is decided here: a denied or doubtful mention is a mention as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from spacy.language import Language

from pipeline.attributes import attributes
from pipeline.chat import Talk
from pipeline.extract.asked import supplement
from pipeline.extract.assertion import Context, Scope, judge
from pipeline.extract.document import Tokens, common, know, sentences
from pipeline.extract.mentions import Found, Lexis, Place, find
from pipeline.extract.sections import Headings, Section
from pipeline.extract.spans import conditions, read
from pipeline.model import Encounter, EvidenceSpan, Extraction, Finder, Mention, Note, Sentence
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
        """Load rules and recogniser from `resources`; `terms` are the phrases to look for."""
        nlp = read()
        know(nlp.vocab, common(entry.text for entry in terms.entries))
        return cls.over(nlp, terms)

    @classmethod
    def over(cls, nlp: Language, terms: Terms) -> "Extractor":
        """Load the rules; `nlp` is a pipeline with our tokeniser and a trained recogniser."""
        return cls(nlp, Context.read(nlp), Headings.read(), Lexis.read(), terms)

    def extract(self, encounter: Encounter) -> Extraction:
        """Return the mentions of all notes, in the order of the notes and of the text."""
        mentions: list[Mention] = []
        found: list[Sentence] = []
        places: list[int] = []
        found_by: list[Found] = []
        # spaCy interns every string it sees; the zone forgets the words of a note with the note.
        with self.nlp.memory_zone():
            for note in encounter.notes:
                for sentence, ours in self._read(note):
                    mentions.extend(ours)
                    found_by.extend(ours.values())
                    places.extend([len(found)] * len(ours))
                    found.append(sentence)
        return Extraction(
            mentions=tuple(mentions),
            sentences=tuple(found),
            places=tuple(places),
            finders=tuple(one.finder for one in found_by),
            phrases=tuple(one.words for one in found_by),
        )

    def supplement(
        self, encounter: Encounter, extraction: Extraction, talk: Talk
    ) -> tuple[Extraction, tuple[str, ...]]:
        """Add what a chat model finds in sections without a mention, judged by the same rules.

        Returns the reasons why words it gave were dropped as well.
        """
        return supplement(
            encounter,
            extraction,
            talk,
            lambda at, span: self._judged(encounter, extraction.sentences[at], span),
        )

    def _judged(self, encounter: Encounter, sentence: Sentence, span: EvidenceSpan) -> Mention:
        """Return the mention that a span of a sentence is."""
        with self.nlp.memory_zone():
            text = encounter.note(span.note_id).text
            tokens = Tokens.of(text)
            triggers = self.context.triggers(tokens.doc(self.nlp.vocab), tokens)
            start, end = sentence.span.start, sentence.span.end
            scopes = self.context.scopes(tokens.run(start, end), triggers)
            ours = (span.start - start, span.end - start)
            (more,) = attributes(text[start:end], [ours])
            return _mention(span, sentence.section, scopes, more, named=False)

    def _read(self, note: Note) -> list[tuple[Sentence, dict[Mention, Found]]]:
        tokens = Tokens.of(note.text)
        doc = tokens.doc(self.nlp.vocab)
        marked = conditions(self.nlp, doc)
        triggers = self.context.triggers(doc, tokens)
        sections = self.headings.split(note.text)
        result = []
        for start, end in sentences(note.text):
            section = _section_at(sections, start)
            scopes = self.context.scopes(tokens.run(start, end), triggers)
            text = note.text[start:end]
            barred = [(scope.trigger[0] - start, scope.trigger[1] - start) for scope in scopes]
            here = [place for place in marked if start <= place[0] and place[1] <= end]
            places = [
                one
                for one in _places(
                    find(text, words(text), barred, self.terms, self.lexis), here, start
                )
                if one[0] >= section.body
            ]
            told = attributes(text, [(low - start, high - start) for low, high, _ in places])
            ours = {}
            for (low, high, found), more in zip(places, told, strict=True):
                place = EvidenceSpan(note_id=note.note_id, start=low, end=high)
                named = Finder.DICTIONARY in found.finder
                ours[_mention(place, section.id, scopes, more, named=named)] = found
            sentence = Sentence(
                span=EvidenceSpan(note_id=note.note_id, start=start, end=end),
                section=section.id,
                role=section.role,
            )
            result.append((sentence, ours))
        return result


def _mention(
    span: EvidenceSpan,
    section: str,
    scopes: Sequence[Scope],
    more: tuple[str, ...],
    *,
    named: bool,
) -> Mention:
    """Return the mention of a span, with what its sentence says of it."""
    assertion, trigger = judge(scopes, span.start, span.end, section, named=named)
    return Mention(
        span=span,
        section=section,
        assertion=assertion,
        trigger=None
        if trigger is None
        else EvidenceSpan(note_id=span.note_id, start=trigger[0], end=trigger[1]),
        attributes=more,
    )


def _places(
    found: dict[Place, Found], marked: Sequence[Place], start: int
) -> list[tuple[int, int, Found]]:
    """Join what the rules found in a sentence that begins at `start` with what is `marked`."""
    joined = {(start + low, start + high): one for (low, high), one in found.items()}
    for place in marked:
        before = joined.get(place, Found(Finder.NONE))
        joined[place] = Found(before.finder | Finder.RECOGNISED, before.words)
    places = []
    for (low, high), one in sorted(joined.items(), key=lambda item: item[0]):
        if any(low < b and a < high for a, b in marked if (a, b) != (low, high)):
            one = Found(one.finder | Finder.TOUCHED, one.words)  # noqa: PLW2901 - the same finding
        places.append((low, high, one))
    return places


def _section_at(sections: tuple[Section, ...], place: int) -> Section:
    """Return the section that holds a place."""
    for section in reversed(sections):
        if section.start <= place:
            return section
    return sections[0]
