"""Patterns are found where they would be if they were looked for as they are written."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.extract.document import language
from pipeline.extract.triggers import Pattern, Triggers
from pipeline.model import Assertion
from resources import read_json

_RULES = read_json("rules/assertion.json")
_WRITTEN = [pattern for listed in _RULES["patterns"].values() for pattern in listed]


def written(pattern: str) -> str:
    for name, alternatives in _RULES["words"].items():
        pattern = pattern.replace(f"{{{name}}}", alternatives)
    return pattern


_PATTERNS = [written(pattern) for pattern in _WRITTEN]
_PIECES = sorted({piece for p in _PATTERNS for piece in re.findall(r"[a-z]+(?: [a-z]+)*", p)})


@given(st.lists(st.sampled_from([*_PIECES, " ", " ", "x", "_", "'", "\n", "é", "7"]), max_size=30))
def test_a_pattern_is_found_where_it_fits_as_it_is_written(pieces: list[str]) -> None:
    for text in ("".join(pieces), " ".join(pieces)):
        for pattern in _PATTERNS:
            plain = [match.span() for match in re.finditer(pattern, text)]
            assert list(Pattern.of(pattern).places(text)) == plain, pattern


@pytest.mark.parametrize("pattern", _PATTERNS)
def test_no_choice_of_a_pattern_is_outside_its_groups(pattern: str) -> None:
    """The border of a word at its beginning would hold for the first choice only."""
    bare = re.sub(r"\\.|\[[^\]]*\]", "", pattern)
    while (inner := re.sub(r"\([^()]*\)", "", bare)) != bare:
        bare = inner
    assert "|" not in bare


@pytest.mark.parametrize(
    ("pattern", "text", "places"),
    [
        (r"\bno(?: more)? x\b", "xno x no x", [(6, 10)]),
        (r"\b(?:no|nor) x", "nnor x, nor x", [(8, 13)]),
        (r"\b(?:a|ab)a", "aaa aba", [(0, 2), (4, 7)]),
    ],
)
def test_a_word_begins_at_its_border(
    pattern: str, text: str, places: list[tuple[int, int]]
) -> None:
    found = Pattern.of(pattern)
    assert found.word
    assert list(found.places(text)) == places


@pytest.mark.parametrize(
    "pattern", [r"\b(?:no )?x", r"\b(?:no |nor )*x", r"\bn?o", r"\b\d+", r"\((?:no|nor)\)", "no"]
)
def test_other_patterns_stay_as_they_are(pattern: str) -> None:
    found = Pattern.of(pattern)
    assert not found.word
    assert found.regex.pattern == pattern


def test_most_patterns_of_the_rules_begin_with_a_word() -> None:
    known = Triggers.read(language(), tuple(kind for kind in Assertion if kind in _RULES))
    assert sum(pattern.word for _, pattern in known.patterns) > len(known.patterns) / 2
