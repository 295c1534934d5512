"""Which conditions the author deals with in this encounter (guidelines III and IV.J).

An assessment with problem lines says by them what was dealt with: a condition in such a line is
managed by its place. What the argument below only mentions needs more: words of management in the
same sentence, or the same condition found in the history told, the examination or the results.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.model import Assertion, Encounter, Extraction, MentionTrace, Sentence
from pipeline.verify.problems import Problems
from pipeline.words import words
from resources import read_json

_SHORT_SENTENCE = 8
_STORY = frozenset({"account", "unheaded", "advice"})
_WITNESSES = frozenset({"account", "finding", "checklist", "unheaded"})


@dataclass(frozen=True, slots=True)
class Management:
    """Words of evaluation and treatment, stemmed."""

    cues: frozenset[tuple[str, ...]]
    always: tuple[str, ...]
    only_with: tuple[tuple[str, re.Pattern[str]], ...]

    @classmethod
    def read(cls) -> "Management":
        """Read the words from `resources`."""
        data = read_json("rules/management.json")
        return cls(
            frozenset(tuple(word.stem for word in words(cue)) for cue in data["cues"]),
            tuple(data["always"]),
            tuple(
                (code, re.compile(rf"\b(?:{pattern})", re.IGNORECASE))
                for code, pattern in data["only_with"].items()
            ),
        )

    def deals_with(
        self,
        encounter: Encounter,
        extraction: Extraction,
        outline: Problems,
        traces: Sequence[tuple[MentionTrace, int]],
    ) -> bool:
        """Tell whether the author deals with what these mentions of one code name.

        `traces` are its supported mentions, each with the index of its sentence.
        """
        sentences = extraction.sentences
        code = traces[0][0].code
        if code.startswith(self.always):
            return True
        for start, needed in self.only_with:
            if code.startswith(start):
                traces = [
                    (trace, at)
                    for trace, at in traces
                    if needed.search(encounter.quote(sentences[at].span))
                ]
        if any(outline.names(trace.mention, at) for trace, at in traces):
            return True
        assessed = [at for _, at in traces if sentences[at].role == "assessed"]
        if not any(sentence.role == "assessed" for sentence in sentences):
            return any(self._told_with_cue(encounter, sentences, at) for _, at in traces)
        if not outline.headings:
            return bool(assessed)
        argued = [at for at in assessed if at not in outline.advice]
        if any(self._has_cue(encounter.quote(sentences[at].span)) for at in argued):
            return True
        return bool(argued) and any(
            sentences[at].role in _WITNESSES and trace.mention.assertion is Assertion.PRESENT
            for trace, at in traces
        )

    def _told_with_cue(self, encounter: Encounter, sentences: Sequence[Sentence], at: int) -> bool:
        """Look for words of management in a sentence of the story.

        Or in the one after a short one ("Hypertension. Continue lisinopril.").
        """
        sentence = sentences[at]
        if sentence.role not in _STORY:
            return False
        if self._has_cue(encounter.quote(sentence.span)):
            return True
        following = sentences[at + 1] if at + 1 < len(sentences) else None
        return (
            following is not None
            and following.span.note_id == sentence.span.note_id
            and len(words(encounter.quote(sentence.span))) <= _SHORT_SENTENCE
            and self._has_cue(encounter.quote(following.span))
        )

    def _has_cue(self, text: str) -> bool:
        stems = [word.stem for word in words(text)]
        return any(
            tuple(stems[at : at + length]) in self.cues
            for length in (1, 2, 3)
            for at in range(len(stems) - length + 1)
        )
