"""Folding and stemming of words, shared by every search over terms.

Both sides of a search must be folded alike: terms when an index is built, queries when they are
asked. Positions in a note are another matter and are kept by `pipeline`.
"""

import re
import unicodedata

_LIGATURES = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th"}
)
_POSSESSIVE = re.compile(r"(?<=\w)['’ʼ`´]s\b")
_SEPARATORS = re.compile(r"[^a-z0-9]+")
_UNICODE_SEPARATORS = re.compile(r"[\W_]+")

_IRREGULAR = {
    "abuses": "abuse",
    "appendices": "appendix",
    "bacilli": "bacillus",
    "bronchi": "bronchus",
    "bruises": "bruise",
    "calculi": "calculus",
    "calves": "calf",
    "causes": "cause",
    "cervices": "cervix",
    "children": "child",
    "coccygis": "coccyx",
    "crises": "crisis",
    "data": "data",
    "diagnoses": "diagnosis",
    "doses": "dose",
    "emboli": "embolus",
    "excuses": "excuse",
    "feet": "foot",
    "femora": "femur",
    "foramina": "foramen",
    "fungi": "fungus",
    "ganglia": "ganglion",
    "halves": "half",
    "humeri": "humerus",
    "indices": "index",
    "kisses": "kiss",
    "knives": "knife",
    "leaves": "leaf",
    "lice": "louse",
    "lumina": "lumen",
    "men": "man",
    "menisci": "meniscus",
    "mice": "mouse",
    "neoplasia": "neoplasia",
    "noses": "nose",
    "nuclei": "nucleus",
    "overdoses": "overdose",
    "overuses": "overuse",
    "phalanges": "phalanx",
    "pulses": "pulse",
    "radii": "radius",
    "relapses": "relapse",
    "roses": "rose",
    "septa": "septum",
    "shelves": "shelf",
    "sulci": "sulcus",
    "teeth": "tooth",
    "testes": "testis",
    "thrombi": "thrombus",
    "uses": "use",
    "uteri": "uterus",
    "women": "woman",
}
_UNCHANGED = frozenset(
    {"gas", "lens", "pus", "pancreas", "biceps", "triceps", "forceps", "species"}
)
_STEM_AT_LEAST = 4


def fold(text: str) -> str:
    """Return words in lower case, without diacritics, possessives or punctuation.

    NFKC and case folding first, so that widths and ligatures do not matter; one blank between
    words, none at the ends. Letters of other scripts stay.
    """
    if text.isascii():
        plain = _POSSESSIVE.sub("", text.lower())
        return _SEPARATORS.sub(" ", plain).strip()
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_LIGATURES)
    bare = "".join(
        letter
        for letter in unicodedata.normalize("NFD", _POSSESSIVE.sub("", folded))
        if not unicodedata.combining(letter)
    )
    return _UNICODE_SEPARATORS.sub(" ", unicodedata.normalize("NFC", bare)).strip()


def stem(word: str) -> str:
    """Return a folded word in the singular.

    Harman's S-stemmer ("How effective is suffixing?", JASIS 1991) with the Greek and Latin
    plurals of anatomy and pathology added. Words in -is, -us and -ss stay as they are; short
    words too, since most of them are abbreviations.
    """
    if len(word) < _STEM_AT_LEAST:
        return _IRREGULAR.get(word, word)
    known = _IRREGULAR.get(word)
    if known is not None:
        return known
    if word.endswith("s"):
        return _without_s(word)
    if word.endswith("ae"):
        return word[:-1]
    return word


def _without_s(word: str) -> str:
    if word in _UNCHANGED or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("itides"):
        return word[:-4] + "s"
    for plural in ("stases", "lyses", "neses", "noses", "roses", "theses", "thoses", "coses"):
        if word.endswith(plural):
            return word[:-2] + "is"
    if word.endswith("ies") and not word.endswith(("eies", "aies")):
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "shes", "tches", "uses")):
        return word[:-2]
    return word[:-1]
