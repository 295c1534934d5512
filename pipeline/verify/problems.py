"""Which lines of an assessment are the author's problem headings, and what each line below is for.

An assessment written problem by problem names each condition in a line of its own ("2. Gout.")
and argues below it. What stands in such a line is a diagnosis the author makes
(I.A.19); what the argument mentions beside it may be background, a rejected idea or advice.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.model import Encounter, Extraction, Mention, Sentence

_MARK = re.compile(r"^\s*(?:[•*–—#-]+|\(?\d{1,2}[.)]|[a-z][.)])\s*")
_LABEL = re.compile(r"^([A-Z][A-Za-z/]*(?:\s+[A-Za-z/&]+){0,4})\s*:\s*\S")
_ADVICE = re.compile(
    r"\b(?:education|counsel+ing|instructions?|agreements?|precautions?|disposition)\b",
    re.IGNORECASE,
)
_SENTENCE_WORDS = re.compile(
    r"\b(?:is|are|was|were|be|been|being|has|have|had|will|would|should|can|could|may|might|must|"
    r"do|does|did|he|she|i|we|they|you|his|her|their|my|our|patient|patient's|presents?|presented|"
    r"discussed|reviewed|recommend(?:ed)?|advised|encouraged|denies|reports?|shows?|showed|"
    r"demonstrates?d?|reveal(?:ed|s)?|noted|seen|found|performed|placed|ordered|"
    r"obtained|provided|given|scheduled|completed|referred)\b",
    re.IGNORECASE,
)
_LABELS = frozenset(
    {
        "medical reasoning",
        "medical treatment",
        "additional testing",
        "specialist referrals",
        "impression",
        "diagnosis",
        "treatment",
        "plan",
    }
)
_ORDERS = re.compile(
    r"^(?:start|stop|continue|avoid|repeat|schedule|order(?:ed)?|obtain|check|recheck|refer(?:ral|red)?|"
    r"return|follow|increase|decrease|take|add|begin|initiate|proceed|monitor|consider|discontinue|"
    r"await|will|prescri\w+|recommend\w*|encourage\w*|advise\w*|schedule\w*|call|hold|resume|"
    r"give|given|plan|discuss\w*|counsel\w*|use|wear|rest|ice|trial|send|get|refill\w*|most recent|"
    r"return to|trigger)\b",
    re.IGNORECASE,
)
_BREAK = re.compile(r"\s[-–—]+\s|[:;.]\s|\s*(?:->|=>)|[.:;]?$")
_AFTERCARE = re.compile(r"\b(?:status post|s/p|post-?op(?:erative)?)\b", re.IGNORECASE)
_MOST_WORDS = 14


@dataclass(frozen=True, slots=True)
class Problems:
    """What each sentence of an extraction is in its assessment, by its index.

    `headings` gives the half-open range of the name in each problem line. `block[n]` is the heading
    a sentence stands below, -1 for none; `advice` are sentences that a label calls education,
    agreements or the like.
    """

    headings: Mapping[int, tuple[int, int]]
    block: tuple[int, ...]
    advice: frozenset[int]

    def names(self, mention: Mention, at: int) -> bool:
        """Tell whether a mention in sentence `at` stands in the name of a problem line."""
        start, end = self.headings.get(at, (0, 0))
        return start <= mention.span.start and mention.span.end <= end

    def below(self, heading: int) -> list[int]:
        """Return the sentences of the block that a heading opens, itself included."""
        return [at for at, opened_by in enumerate(self.block) if opened_by == heading]


def read(encounter: Encounter, extraction: Extraction) -> Problems:
    """Read the problem lines of all assessed sections of an encounter."""
    mentions: dict[int, list[Mention]] = defaultdict(list)
    for mention, place in zip(extraction.mentions, extraction.places, strict=True):
        mentions[place].append(mention)
    headings: dict[int, tuple[int, int]] = {}
    advice: set[int] = set()
    block: list[int] = []
    current, label, before = -1, "", None
    for number, sentence in enumerate(extraction.sentences):
        if before is None or before.section != sentence.section:
            current, label = -1, ""
        if sentence.role == "assessed":
            text = encounter.quote(sentence.span)
            name = _name(encounter, sentence, text)
            if name is not None and (
                _AFTERCARE.search(text)
                or any(name[0] <= m.span.start and m.span.end <= name[1] for m in mentions[number])
            ):
                headings[number] = name
                current, label = number, ""
            elif _starts_line(encounter, sentence):
                found = _LABEL.match(_MARK.sub("", text))
                label = found.group(1) if found else ("" if _MARK.match(text) else label)
            if number not in headings and _ADVICE.search(label):
                advice.add(number)
        block.append(current)
        before = sentence
    return Problems(headings, tuple(block), frozenset(advice))


def _starts_line(encounter: Encounter, sentence: Sentence) -> bool:
    text = encounter.note(sentence.span.note_id).text
    return not text[: sentence.span.start].rpartition("\n")[2].strip(" \t•*-–—#.()0123456789")


def _name(encounter: Encounter, sentence: Sentence, text: str) -> tuple[int, int] | None:
    """Return the range of the name a line begins with; None where it begins otherwise.

    The name ends where a dash, a colon or a full stop does. A line without a mark is one only if
    the name fills it or is set off from what follows.
    """
    if not _starts_line(encounter, sentence):
        return None
    note = encounter.note(sentence.span.note_id).text
    lead = note[: sentence.span.start].rpartition("\n")[2]
    mark = _MARK.match(lead + text)
    bare = (lead + text)[mark.end() :] if mark else text
    stop = _BREAK.search(bare)
    name = bare[: stop.start()] if stop else bare
    fills = not note[sentence.span.end :].partition("\n")[0].strip(" \t.:;*")
    alone = fills and len(name) >= len(bare.rstrip(" .:;*"))
    set_off = stop is not None and stop.group().strip() not in {"", "."}
    if (
        not name.strip()
        or len(name.split()) > _MOST_WORDS
        or not (mark or alone or set_off)
        or _SENTENCE_WORDS.search(name)
        or _ORDERS.match(name)
        or _ADVICE.search(name)
        or name.strip().lower() in _LABELS
    ):
        return None
    start = sentence.span.end - len(bare)
    return start, start + len(name)
