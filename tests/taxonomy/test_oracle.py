"""Every node against `simple_icd_10_cm`, which reads the same XML with code of its own."""

import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import pytest

from taxonomy import TabularNote, Taxonomy

_ASK = """
import json, sys
import simple_icd_10_cm as icd

KINDS = {
    "excludes1": icd.get_excludes1,
    "excludes2": icd.get_excludes2,
    "includes": icd.get_includes,
    "inclusion_term": icd.get_inclusion_term,
    "use_additional": icd.get_use_additional_code,
    "code_first": icd.get_code_first,
    "code_also": icd.get_code_also,
    "notes": icd.get_notes,
}

def notes(name, kind, **how):
    found = KINDS[kind](name, **how)
    return found.split("\\n") if found and isinstance(found, str) else list(found or ())

def all_notes(name, **how):
    found = {kind: notes(name, kind, **how) for kind in KINDS}
    return {kind: texts for kind, texts in found.items() if texts}

def inherited(code):
    # A block and its only category may share an id (T07): the second time it is the block.
    seen, found = {code}, {kind: notes(code, kind) for kind in ("excludes1", "excludes2")}
    for above in icd.get_ancestors(code):
        for kind in found:
            how = {"prioritize_blocks": True} if above in seen else {}
            found[kind] += notes(above, kind, **how)
        seen.add(above)
    return found

codes, headings = {}, {}
for name in icd.get_all_codes(with_dots=True):
    if not icd.is_category_or_subcategory(name):
        headings[name] = all_notes(name)
        continue
    whole = icd.is_extended_subcategory(name)
    codes[name] = {
        "title": icd.get_description(name),
        "parent": icd.get_parent(name),
        "leaf": icd.is_leaf(name),
        "notes": all_notes(name),
        "sevenths": {} if whole else icd.get_seven_chr_def(name),
    }
    if not whole:
        codes[name] |= {"children": icd.get_children(name), "inherited": inherited(name)}
    if icd.is_block(name):
        headings[name] = all_notes(name, prioritize_blocks=True)
json.dump({"codes": codes, "headings": headings}, sys.stdout)
"""


_STRAY_NOTES = ("S52", "S72", "S82", "H34.81", "H34.83", "H35.31", "H35.32", "W08")


# Sections that hold no category of their own and apply by range; the package knows no such thing.
_UMBRELLAS = {"M00-M25", "T20-T32", "V00-V99", "Y62-Y84"}


@pytest.fixture(scope="module")
def answers() -> dict[str, dict[str, Any]]:
    # In a process of its own: the package parses the list at import and stays in memory.
    done = subprocess.run([sys.executable, "-c", _ASK], capture_output=True, check=True)
    answer: dict[str, dict[str, Any]] = json.loads(done.stdout)
    return answer


@pytest.fixture(scope="module")
def oracle(answers: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return answers["codes"]


def test_codes_titles_and_tree_are_the_same(
    taxonomy: Taxonomy, oracle: dict[str, dict[str, Any]]
) -> None:
    assert len(oracle) == len(taxonomy)
    for code in taxonomy.codes():
        theirs = oracle[code.code]
        assert theirs["leaf"] == code.billable
        if code.title != theirs["title"]:
            # The oracle takes an inclusion note of a 7th character for its meaning.
            assert code.base != code.code
            assert code.code.startswith(_STRAY_NOTES)
        if code.code == code.base:
            assert sorted(taxonomy.children(code.code)) == sorted(theirs["children"])
        if code.parent is not None:
            assert code.parent == theirs["parent"]


def test_notes_of_every_code_are_the_same(
    taxonomy: Taxonomy, oracle: dict[str, dict[str, Any]]
) -> None:
    for code in taxonomy.codes():
        ours = by_kind(taxonomy.notes(code.code, inherited=False))
        if code.code == code.base:
            assert ours == oracle[code.code]["notes"], code.code
        else:
            # Intended: a full code has the notes of its base here, and none in the oracle.
            assert oracle[code.code]["notes"] == {}
            assert ours == oracle[code.base]["notes"], code.code


def test_notes_of_sections_and_chapters_are_the_same(
    taxonomy: Taxonomy, answers: dict[str, dict[str, Any]]
) -> None:
    places = taxonomy._places
    ours: dict[str, dict[str, list[str]]] = {}
    for number in range(len(places.tables.texts)):
        note = places.note(number)
        if note.level in {"section", "chapter"}:
            ours.setdefault(note.node, {}).setdefault(note.kind, []).append(note.text)
    theirs = {name: notes for name, notes in answers["headings"].items() if notes}
    assert {name for name in ours if name not in theirs} <= _UMBRELLAS
    assert {name: notes for name, notes in ours.items() if name in theirs} == theirs


def test_excludes_are_inherited_as_the_oracle_tree_has_them(
    taxonomy: Taxonomy, oracle: dict[str, dict[str, Any]]
) -> None:
    for code in taxonomy.codes():
        if code.code != code.base:
            continue
        notes = taxonomy.notes(code.code, "excludes1", "excludes2")
        # Intended: notes of umbrella sections come on top, by range.
        ours = by_kind([note for note in notes if note.node not in _UMBRELLAS])
        theirs = {kind: texts for kind, texts in oracle[code.code]["inherited"].items() if texts}
        assert ours == theirs, code.code


def test_seventh_characters_are_the_same_where_they_are_defined(
    taxonomy: Taxonomy, oracle: dict[str, dict[str, Any]]
) -> None:
    compared = 0
    for code, theirs in oracle.items():
        if theirs["sevenths"]:
            compared += 1
            found = [taxonomy.seventh_characters(low) for low in below(taxonomy, code)]
            assert any(set(each) == set(theirs["sevenths"]) for each in found), code
    assert compared == 508


def below(taxonomy: Taxonomy, code: str) -> list[str]:
    """Return the bases at and below a node."""
    found = [code]
    for child in taxonomy.children(code):
        if child in taxonomy._places.rows.index:
            found += below(taxonomy, child)
    return found


def by_kind(notes: Sequence[TabularNote]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for note in notes:
        found.setdefault(note.kind, []).append(note.text)
    return found
