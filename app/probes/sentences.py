"""The sentences that break a coded statement, and the words of a note that fit into them.

Each template is a sentence a US clinician would write; `{x}` are the words of the note that name
the condition, `{X}` the same at the head of a sentence. Which one is used is drawn by the seed.
The templates measure: no assertion rule is written from one of them alone.
"""

import re
from collections.abc import Mapping
from enum import StrEnum


class Kind(StrEnum):
    """What is done to a coded statement."""

    NEGATED = "negated"
    FAMILY = "family"
    HYPOTHETICAL = "hypothetical"
    HISTORY = "history"
    DELETED = "deleted"
    SIDE = "side"
    DETAIL = "detail"


IN_PLACE: Mapping[Kind, tuple[str, ...]] = {
    Kind.NEGATED: (
        "No evidence of {x}.",
        "There is no {x}.",
        "Patient denies {x}.",
        "Denies fever, {x}, or weight loss.",
        "No fever, {x} or night sweats.",
        "{X} was ruled out.",
        "{X} has been excluded.",
        "Workup was negative for {x}.",
        "Patient was ruled out for {x}.",
        "The patient does not have {x}.",
        "The patient has never had {x}.",
        "No signs or symptoms of {x} today.",
        "Not felt to have {x} at this time.",
        "Neither {x} nor pallor was found.",
        "Examination showed no {x}.",
        "Neg for {x}.",
        "{X}: negative.",
        "\n{X}: no\n",
        "{X} - not present.",
        "\n[ ] {X}\n",
    ),
    Kind.FAMILY: (
        "Mother with {x}.",
        "Father had {x}.",
        "Family history of {x} in the father.",
        "Family history is positive for {x}.",
        "The patient's sister was diagnosed with {x}.",
        "Paternal grandmother had {x} and lived to 90.",
        "{X} runs in the family.",
        "A brother and a maternal uncle both have {x}.",
        "FHx: {x} (mother).",
        "Two cousins have {x}.",
        "There is a strong family history of {x}.",
        "His father died of complications of {x}.",
    ),
    Kind.HYPOTHETICAL: (
        "Return if {x} develops.",
        "Call the office for any {x}.",
        "Return precautions were given for {x}.",
        "We discussed the risk of {x}.",
        "Should {x} occur, go to the nearest emergency department.",
        "If {x} develops, we will see the patient sooner.",
        "Screening for {x} was discussed.",
        "Educated on the signs of {x}.",
        "The patient is at increased risk for {x}.",
        "Monitor for {x}.",
        "Seek care for {x} or new rash.",
        "The patient is worried about getting {x}.",
        "This drug may cause {x} in rare cases.",
    ),
    Kind.HISTORY: (
        "Had {x} in 2012, fully resolved.",
        "History of {x} in childhood.",
        "{X} ten years ago, resolved without sequelae.",
        "Previous {x}, resolved.",
        "Past {x}, treated in 2014, no recurrence.",
        "Remote history of {x}.",
        "Prior episode of {x} in 2015.",
        "{X} in 2009 has since resolved.",
        "The patient was treated for {x} years ago and recovered.",
        "H/o {x} as a teenager.",
    ),
}

MOVED: Mapping[Kind, tuple[str, ...]] = {
    Kind.FAMILY: (
        "\n\nFAMILY HISTORY\n{X} in father.\n",
        "\n\nFamily History:\nMother: {x}, osteoporosis.\nFather: healthy.\n",
        "\n\nFamily history: {x}, glaucoma.\n",
        "\n\nFH\n{X}\n",
    ),
}
"""Sections put at the end of the note, while the statement itself is deleted."""

_WORDS = re.compile(r"[A-Za-z][A-Za-z0-9 '’/-]*")
_LEADING = re.compile(
    r"(?:the|a|an|his|her|their|this|that|some|any|my|your|with|and|of|has|had|is|new)\s+",
    re.IGNORECASE,
)
_NO_NOUN = re.compile(r"(?:ic|al|ous|ive|ed|ary|able|ly|oid|ent|ant)$", re.IGNORECASE)
_NOUNS = frozenset({"withdrawal", "colic", "panic", "bleed", "implant", "accident", "attack"})
_VERBS = frozenset({"smokes", "fell", "drinks", "coughs", "vomits", "snores", "smoker", "obese"})
_ASSERTING = re.compile(
    r"\b(?:no|not|except|history|hx|family|possible|probable|suspected|status|prior|old|previous|past|"
    r"resolved|negative|denies|risk|screening|father|mother|if|s/p|h/o)\b",
    re.IGNORECASE,
)
_MOST_WORDS = 7


def phrase(quote: str) -> str | None:
    """Return words of a note as a noun phrase that fits into a template; None where they do not.

    Adjectives ("diabetic"), verbs ("vomited") and words that carry an assertion of their own are
    left out, so that every broken sentence is one that a clinician could write.
    """
    text = re.sub(r"\s+", " ", quote).strip(" .,;:-")
    while leading := _LEADING.match(text):
        text = text[leading.end() :]
    words = text.split()
    if not words or len(words) > _MOST_WORDS or not _WORDS.fullmatch(text):
        return None
    last = words[-1].lower()
    if last in _VERBS or (_NO_NOUN.search(last) and last not in _NOUNS):
        return None
    if _ASSERTING.search(text):
        return None
    return text


def fill(template: str, words: str) -> str:
    """Put a noun phrase into a template, with a capital only where a sentence begins."""
    plain = words[0].lower() + words[1:] if words[1:2].islower() or len(words) == 1 else words
    return template.replace("{x}", plain).replace("{X}", words[0].upper() + words[1:])
