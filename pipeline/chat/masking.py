"""Takes names and numbers out of words before they leave this machine: masking, by rules.

It lowers a risk and promises nothing: what it misses is measured on invented notes
(`pipeline.train.masking`) and shown. What the encounter itself knows (ids, authors, and the parts
of their names) is always looked for. Where anything is left that should not be, nothing is sent.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files

from pipeline.chat.address import Fault
from pipeline.chat.passage import Passage
from pipeline.model import Encounter

RULES = "rules/masking.json"

_KNOWN = "known"
_SHORTEST_ID = 3
_SHORTEST_NAME = 3
_LEFT = re.compile(r"@[\w-]+\.|\d{7,}|\b\d{3}[-.]\d{2,3}[-.]\d{4}\b|https?://", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_][\w'’-]*")
_TITLES = frozenset({"dr", "mr", "mrs", "ms", "md", "do", "rn", "np", "pa", "phd", "jr", "sr"})


@dataclass(frozen=True, slots=True, order=True)
class Masked:
    """A half-open range of a text that is taken out, and the class it is of."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class Masker:
    """The rules, each class with its patterns; `digest` names them in a permission."""

    classes: tuple[tuple[str, tuple[re.Pattern[str], ...]], ...]
    not_names: frozenset[str]
    digest: str

    @classmethod
    def read(cls) -> "Masker":
        """Read the rules from `resources`."""
        body = files("resources").joinpath(RULES).read_bytes()
        data = json.loads(body)
        return cls(
            tuple(
                (each["id"], tuple(re.compile(pattern) for pattern in each["patterns"]))
                for each in data["classes"]
            ),
            frozenset(data["not_names"]),
            hashlib.sha256(body).hexdigest(),
        )

    def __call__(self, text: str, encounter: Encounter) -> Passage:
        """Return a text with everything found replaced by the name of its class in brackets.

        Raises:
            Fault: something is left that looks like an id, an address or a number of a person.
        """
        passage = replaced(text, self.find(text, encounter))
        left = passage.text.casefold()
        if _LEFT.search(left) or any(known in left for known in _ids(encounter)):
            raise Fault("masking-failed")
        return passage

    def find(self, text: str, encounter: Encounter | None = None) -> tuple[Masked, ...]:
        """Return what is taken out of a text, in order, none overlapping another."""
        found: list[Masked] = []
        taken: list[tuple[int, int]] = []

        def take(start: int, end: int, kind: str) -> None:
            if start < end and not any(low < end and start < high for low, high in taken):
                taken.append((start, end))
                found.append(Masked(start, end, kind))

        if encounter is not None:
            for start, end in _known(text, encounter):
                take(start, end, _KNOWN)
        for kind, patterns in self.classes:
            for pattern in patterns:
                for match in pattern.finditer(text):
                    group = 1 if pattern.groups else 0
                    if kind != "name" or self._is_name(match[group]):
                        take(*match.span(group), kind)
        return tuple(sorted(found))

    def _is_name(self, words: str) -> bool:
        return words.split(maxsplit=1)[0].strip(".,") not in self.not_names


def replaced(text: str, found: Sequence[Masked]) -> Passage:
    """Return a text with ranges replaced by their class, each letter with its place of origin."""
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for each in found:
        pieces.append(text[at : each.start])
        starts += range(at, each.start)
        ends += range(at + 1, each.start + 1)
        mark = f"[{each.kind.upper()}]"
        pieces.append(mark)
        starts += [each.start] * len(mark)
        ends += [each.end] * len(mark)
        at = each.end
    pieces.append(text[at:])
    starts += range(at, len(text))
    ends += range(at + 1, len(text) + 1)
    return Passage("".join(pieces), tuple(starts), tuple(ends))


def _ids(encounter: Encounter) -> list[str]:
    """Return the ids of an encounter that are long enough to be told from other words."""
    given = (encounter.encounter_id, encounter.patient_id, encounter.account_id)
    return [each.casefold() for each in given if len(each) >= _SHORTEST_ID]


def _known(text: str, encounter: Encounter) -> Iterator[tuple[int, int]]:
    """Yield where the ids and the names of an encounter stand, whole names before their parts."""
    folded = text.casefold()
    if len(folded) == len(text):
        for known in _ids(encounter):
            at = folded.find(known)
            while at >= 0:
                yield at, at + len(known)
                at = folded.find(known, at + 1)
    names = {
        word
        for note in encounter.notes
        for word in _WORD.findall(note.author)
        if len(word) >= _SHORTEST_NAME and word.casefold() not in _TITLES
    }
    for name in sorted(names, key=lambda word: (-len(word), word)):
        for match in re.finditer(rf"\b{re.escape(name)}\b", text, re.IGNORECASE):
            yield match.span()
