"""Trigger phrases of assertion: where they stand in a note, and which of overlapping ones count.

Most are phrases; some are patterns, for what varies too much to be listed ("no convincing CT
evidence of", "call the clinic or go to the nearest emergency department for"). Both are data in
`resources/rules/assertion.json`. Answers of forms ("Asthma: no", "Snoring? N", "[ ] Stroke") are
triggers as well, made here because what they reach depends on what stands around them.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import NamedTuple

from spacy.lang.lex_attrs import is_punct
from spacy.language import Language
from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc

from pipeline.extract.document import Run, Tokens
from pipeline.model import Assertion
from resources import read_json

TERMINATOR = "terminator"
PREDICATE = "predicate"
_SMALL_LETTERS_ONLY = frozenset({"VS"})  # "vs" is a guess, "VS" are vital signs
_NO = frozenset({"no", "n", "none", "negative", "neg", "never", "denies", "denied", "absent"})
_YES = frozenset({"yes", "y", "positive", "pos", "present"})
_ANSWERS = _NO | _YES
_CLOSING = frozenset(".,;:!?)]|-–—\u2022")
_WORDS = r"[a-z](?![?*{])(?:[^()\\|]|\(\?:[^()\\]*\)\??)*"
_PLAIN = re.compile(rf"\\b(?:\(\?:{_WORDS}(?:\|{_WORDS})*\)|[a-z])(?![?*{{|])")
"""A border of a word, then a letter that has to be there: of one word, or of one of several."""
_LABEL_WORDS = 6
_QUESTION_WORDS = 6


class Trigger(NamedTuple):
    """A trigger, `kind/direction`, `terminator` or `predicate`, and its half-open token range."""

    name: str
    start: int
    end: int


_start = attrgetter("start")


@dataclass(frozen=True, slots=True)
class Pattern:
    r"""A pattern in small letters, ready to be looked for in a whole note.

    With `word` it was written with a `\b` before its first letters. That is looked at afterwards,
    because `re` looks for letters much faster than for a border of a word.
    """

    regex: re.Pattern[str]
    word: bool

    @classmethod
    def of(cls, pattern: str) -> "Pattern":
        """Compile a pattern as it stands in the rules."""
        word = _PLAIN.match(pattern) is not None
        return cls(re.compile(pattern.removeprefix(r"\b") if word else pattern), word)

    def places(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield where the pattern fits, as `finditer` would find it as it was written."""
        if not self.word:
            yield from (match.span() for match in self.regex.finditer(text))
            return
        at = 0
        while match := self.regex.search(text, at):
            low, at = match.span()
            if low and (text[low - 1].isalnum() or text[low - 1] == "_"):
                at = low + 1
            else:
                yield low, at


@dataclass(frozen=True, slots=True)
class Triggers:
    """The phrases and patterns, ready to match."""

    matcher: PhraseMatcher
    patterns: tuple[tuple[str, Pattern], ...]

    @classmethod
    def read(cls, nlp: Language, kinds: Sequence[Assertion]) -> "Triggers":
        """Read the triggers from the rules."""
        data = read_json("rules/assertion.json")
        phrases: dict[str, list[str]] = {
            f"{kind.value}/{direction}": listed
            for kind in kinds
            for direction, listed in data[kind.value].items()
        }
        phrases |= {TERMINATOR: data["terminators"], PREDICATE: data["predicates"]}
        matcher = PhraseMatcher(nlp.vocab, attr="LOWER")
        for name, listed in phrases.items():
            matcher.add(name, [nlp.make_doc(phrase) for phrase in listed])
        words: Mapping[str, str] = data["words"]
        return cls(
            matcher,
            tuple(
                (name, Pattern.of(_with_words(pattern, words)))
                for name, patterns in data["patterns"].items()
                for pattern in patterns
            ),
        )

    def of(self, doc: Doc, tokens: Tokens) -> list[Trigger]:
        """Return every trigger of a note, in order, overlaps included."""
        texts, starts = tokens.texts, tokens.starts
        found = [
            Trigger(doc.vocab.strings[key], start, end)
            for key, start, end in self.matcher(doc)
            if end - start > 1 or texts[start] not in _SMALL_LETTERS_ONLY
        ]
        text = _lowered(tokens.text)
        for name, pattern in self.patterns:
            for low, high in pattern.places(text):
                first = bisect_left(starts, low)
                found.append(Trigger(name, first, max(first + 1, bisect_left(starts, high))))
        return sorted(found, key=lambda trigger: (trigger.start, trigger.end, trigger.name))


def _lowered(text: str) -> str:
    """Return a text in small letters, each in the place of its own (patterns are small as well)."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(letter.lower() if len(letter.lower()) == 1 else letter for letter in text)


def _with_words(pattern: str, words: Mapping[str, str]) -> str:
    for name, alternatives in words.items():
        pattern = pattern.replace(f"{{{name}}}", alternatives)
    return pattern


def within(triggers: Sequence[Trigger], sentence: Run) -> list[Trigger]:
    """Return the triggers of a sentence that count, in token numbers of the sentence."""
    first = bisect_left(triggers, sentence.start, key=_start)
    last = bisect_left(triggers, sentence.end, lo=first, key=_start)
    return _longest(
        [
            *(
                Trigger(name, start - sentence.start, end - sentence.start)
                for name, start, end in triggers[first:last]
                if end <= sentence.end
            ),
            *_signs(sentence),
        ]
    )


def _longest(matches: Sequence[Trigger]) -> list[Trigger]:
    """Keep the longest of overlapping phrases; at equal length a pseudo trigger wins.

    The same words may reach both ways ("ruled out"): equal ranges of different direction stay.
    """
    if len(matches) == 1:
        return [*matches]
    ordered = sorted(
        matches,
        key=lambda t: (t.start - t.end, not t.name.endswith("/pseudo"), -t.start, t.name),
    )
    kept: list[Trigger] = []
    for trigger in ordered:
        clash = [k for k in kept if k.start < trigger.end and trigger.start < k.end]
        if all(
            (k.start, k.end) == (trigger.start, trigger.end) and not k.name.endswith("/pseudo")
            for k in clash
        ):
            kept.append(trigger)
    return sorted(kept, key=lambda t: (t.start, t.end, t.name))


def _signs(sentence: Run) -> Iterator[Trigger]:
    """Yield a minus that stands for "no" in a list which marks what there is with a plus."""
    texts = sentence.texts
    if "+" not in texts:
        return
    marks = [n for n, text in enumerate(texts) if text in "+-–−" and _stands(sentence, n)]
    if any(texts[n] == "+" for n in marks):
        for n in marks:
            yield Trigger(TERMINATOR if texts[n] == "+" else "negated/forward", n, n + 1)


def _stands(sentence: Run, n: int) -> bool:
    """Tell whether a sign stands before a word and after a blank, mark or beginning."""
    texts = sentence.texts
    if n + 1 >= len(texts) or not texts[n + 1].isalpha():
        return False
    if n == 0:
        return True
    before = texts[n - 1]
    return before.isspace() or is_punct(before) or sentence.note.spaces[sentence.start + n - 1]


def answers_back(trigger: Trigger, sentence: Run) -> bool:
    """Tell whether words that reach both ways reach back here, because their clause ends.

    It ends at a mark, at the gap between two columns of a form, and before the label of the next
    question ("Asthma: no COPD: yes").
    """
    texts = sentence.texts
    if trigger.end >= len(texts):
        return True
    following = texts[trigger.end]
    if following in _CLOSING or _is_gap(following):
        return True
    if trigger.start == 0 or texts[trigger.start - 1] not in ":?":
        return False
    for n in range(trigger.end, min(trigger.end + _LABEL_WORDS, len(texts) - 1)):
        if texts[n] in ":?":
            return sentence.lowered[n + 1] in _ANSWERS
        if is_punct(texts[n]):
            return False
    return False


def gaps(sentence: Run) -> list[int]:
    """Return the places of gaps between columns, and of answers that say yes."""
    texts, lowered = sentence.texts, sentence.lowered
    return [
        n
        for n, text in enumerate(texts)
        if _is_gap(text) or (lowered[n] in _YES and n and texts[n - 1] in ":?")
    ]


def _is_gap(text: str) -> bool:
    return text.isspace() and "\n" not in text


def question(sentence: Run) -> tuple[Assertion, int, int, tuple[int, int]] | None:
    """Return what a question says of its words, their token range, and the deciding words.

    A question that a form answers with "no" denies them, one answered with "yes" says nothing of
    them, and a short one without an answer ("PNA?") is a doubt.
    """
    end = len(sentence) - 1
    if end < 1 or sentence.texts[end] != "?":
        return None
    start = 0
    if sentence.lowered[0] in _ANSWERS and end > 1:  # the answer to the question before
        start = 1
    note, at = sentence.note, sentence.end
    while at < len(note.texts) and note.texts[at].isspace():
        at += 1
    answer = note.lowered[at] if at < len(note.texts) else ""
    if answer in _NO:
        place = note.starts[at]
        return Assertion.NEGATED, start, end, (place, place + len(note.texts[at]))
    if answer in _YES or end - start > _QUESTION_WORDS:
        return None
    return Assertion.POSSIBLE, start, end, sentence.place(end, end + 1)
