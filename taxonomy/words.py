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
    "aphthae": "aphtha",
    "appendices": "appendix",
    "bacilli": "bacillus",
    "bronchi": "bronchus",
    "bruises": "bruise",
    "bursae": "bursa",
    "calculi": "calculus",
    "calves": "calf",
    "calyces": "calyx",
    "causes": "cause",
    "cervices": "cervix",
    "children": "child",
    "choanae": "choana",
    "cocci": "coccus",
    "crises": "crisis",
    "diagnoses": "diagnosis",
    "doses": "dose",
    "emboli": "embolus",
    "feet": "foot",
    "fistulae": "fistula",
    "foramina": "foramen",
    "fungi": "fungus",
    "ganglia": "ganglion",
    "gases": "gas",
    "halves": "half",
    "indices": "index",
    "knives": "knife",
    "leaves": "leaf",
    "lenses": "lens",
    "lice": "louse",
    "lumina": "lumen",
    "men": "man",
    "menisci": "meniscus",
    "mice": "mouse",
    "nevi": "nevus",
    "noses": "nose",
    "nuclei": "nucleus",
    "overdoses": "overdose",
    "overuses": "overuse",
    "papillae": "papilla",
    "patellae": "patella",
    "petechiae": "petechia",
    "phalanges": "phalanx",
    "purposes": "purpose",
    "roses": "rose",
    "scapulae": "scapula",
    "septa": "septum",
    "sequelae": "sequela",
    "staphylococci": "staphylococcus",
    "streptococci": "streptococcus",
    "striae": "stria",
    "sulci": "sulcus",
    "synechiae": "synechia",
    "teeth": "tooth",
    "testes": "testis",
    "thrombi": "thrombus",
    "uses": "use",
    "uteri": "uterus",
    "varices": "varix",
    "vertebrae": "vertebra",
    "women": "woman",
}
_UNCHANGED = frozenset({
    "aids", "ascites", "asbestos", "biceps", "canities", "caries", "diabetes", "facies", "forceps",
    "gas", "herpes", "hydrops", "lens", "measles", "menses", "mumps", "pancreas", "prediabetes",
    "pus", "quadriceps", "rabies", "rickets", "sars", "scabies", "series", "sids", "sirs",
    "species", "stapes", "triceps",
})  # fmt: skip
_UNCHANGED_ENDS = ("ss", "us", "is", "phthalmos", "colpos", "amnios")
_GREEK_ENDS = ("oses", "iases", "stases", "yses", "reses", "neses", "theses")
_ES_ENDS = ("sses", "xes", "shes", "tches", "nches", "uses")
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

    Harman's S-stemmer ("How effective is suffixing?", JASIS 1991) with Greek and Latin plurals
    of anatomy and pathology added. Words in -is, -us and -ss stay as they are; those of three
    letters too, since most of them are abbreviations. Genitives stay (H. influenzae is not
    influenza), so Latin plurals in -ae and -i count only where they are listed.
    """
    if len(word) < _STEM_AT_LEAST:
        return _IRREGULAR.get(word, word)
    known = _IRREGULAR.get(word)
    if known is not None:
        return known
    if word.endswith("s"):
        return _without_s(word)
    return word


def _without_s(word: str) -> str:
    if word in _UNCHANGED or word.endswith(_UNCHANGED_ENDS):
        return word
    if word.endswith("itides"):
        return word.removesuffix("ides") + "is"
    if word.endswith(_GREEK_ENDS):
        return word.removesuffix("es") + "is"
    if word.endswith("ies") and not word.endswith(("eies", "aies")):
        return word.removesuffix("ies") + "y"
    if word.endswith(_ES_ENDS):
        return word.removesuffix("es")
    return word.removesuffix("s")
