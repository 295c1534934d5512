"""Every node against `simple_icd_10_cm`, which reads the same XML with code of its own."""

import json
import subprocess
import sys
from collections import defaultdict

import pytest

from taxonomy import Taxonomy

_ASK = """
import json, sys
import simple_icd_10_cm as icd

def split(text):
    return text.split("\\n") if text else []

answer = {}
for code in icd.get_all_codes(with_dots=True):
    if not icd.is_category_or_subcategory(code):
        continue
    answer[code] = {"title": icd.get_description(code), "parent": icd.get_parent(code)}
    if not icd.is_extended_subcategory(code):
        answer[code] |= {
            "children": icd.get_children(code),
            "excludes1": icd.get_excludes1(code),
            "excludes2": icd.get_excludes2(code),
            "includes": icd.get_includes(code),
            "inclusion_term": icd.get_inclusion_term(code),
            "use_additional": split(icd.get_use_additional_code(code)),
            "code_first": split(icd.get_code_first(code)),
            "code_also": split(icd.get_code_also(code)),
        }
json.dump(answer, sys.stdout)
"""
_KINDS = (
    "excludes1",
    "excludes2",
    "includes",
    "inclusion_term",
    "use_additional",
    "code_first",
    "code_also",
)


_STRAY_NOTES = ("S52", "S72", "S82", "H34.81", "H34.83", "H35.31", "H35.32", "W08")


@pytest.fixture(scope="module")
def oracle() -> dict[str, dict[str, object]]:
    # In a process of its own: the package parses the list at import and stays in memory.
    done = subprocess.run([sys.executable, "-c", _ASK], capture_output=True, check=True)
    answer: dict[str, dict[str, object]] = json.loads(done.stdout)
    return answer


def test_codes_titles_and_tree_are_the_same(
    taxonomy: Taxonomy, oracle: dict[str, dict[str, object]]
) -> None:
    assert len(oracle) == len(taxonomy)
    for code in taxonomy.codes():
        theirs = oracle[code.code]
        if code.title != theirs["title"]:
            # The oracle takes an inclusion note of a 7th character for its meaning.
            assert code.base != code.code
            assert code.code.startswith(_STRAY_NOTES)
        if code.code == code.base:
            assert sorted(taxonomy.children(code.code)) == sorted(_listed(theirs["children"]))
        if code.parent is not None:
            assert code.parent == theirs["parent"]


def test_notes_of_every_node_are_the_same(
    taxonomy: Taxonomy, oracle: dict[str, dict[str, object]]
) -> None:
    differing = defaultdict(list)
    for code in taxonomy.codes():
        if code.code != code.base:
            continue
        for kind in _KINDS:
            ours = [note.text for note in taxonomy.notes(code.code, kind, inherited=False)]
            theirs = _listed(oracle[code.code][kind])
            if ours != theirs:
                differing[kind].append((code.code, ours, theirs))
    assert not differing


def _listed(value: object) -> list[str]:
    assert isinstance(value, list)
    return [str(each) for each in value]
