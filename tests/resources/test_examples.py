import re
from collections import Counter
from datetime import date
from importlib.resources import files
from itertools import combinations

import pytest

import taxonomy
from resources.examples import Example, Quote, load

EXAMPLES = load()
BY_ID = [pytest.param(example, id=example.encounter_id) for example in EXAMPLES]
CODE = re.compile(r"[A-Z]\d[0-9A-Z](\.[0-9A-Z]{1,4})?")
FIRST_DAY, LAST_DAY = date(2025, 10, 1), date(2026, 9, 30)
REASONS = {
    "negated",
    "family",
    "historical",
    "possible",
    "hypothetical",
    "integral-symptom",
    "not-managed",
}


def quotes(example: Example) -> list[Quote]:
    proofs = [quote for gold in example.reportable for quote in gold.evidence]
    return proofs + [item.evidence for item in example.not_coded]


def codes(example: Example) -> list[str]:
    return [gold.code for gold in example.reportable] + [item.code for item in example.not_coded]


def test_there_are_enough_of_every_setting() -> None:
    settings = Counter(example.setting for example in EXAMPLES)
    assert len(EXAMPLES) >= 12
    assert settings["outpatient"] >= 8
    assert settings["inpatient"] >= 4
    assert settings["emergency"] >= 1
    assert settings["observation"] >= 1


def test_every_folder_with_notes_is_loaded() -> None:
    folders = {entry.name for entry in files("resources.examples").iterdir() if entry.is_dir()}
    assert {example.encounter_id for example in EXAMPLES} == folders - {"__pycache__"}


def test_ids_are_unique() -> None:
    for ids in (
        [example.encounter_id for example in EXAMPLES],
        [example.patient_id for example in EXAMPLES],
        [example.account_id for example in EXAMPLES],
        [note.note_id for example in EXAMPLES for note in example.notes],
    ):
        assert len(ids) == len(set(ids))


@pytest.mark.parametrize("example", BY_ID)
def test_every_quote_stands_in_its_note(example: Example) -> None:
    texts = {note.note_id: note.text for note in example.notes}
    for quote in quotes(example):
        start, end = example.span(quote)
        text = texts[quote.note_id]
        assert text[start:end] == quote.quote
        assert text[:start].count(quote.quote) == quote.occurrence - 1


def test_a_quote_that_is_absent_is_an_error_that_names_the_encounter() -> None:
    example = EXAMPLES[0]
    present = quotes(example)[0]
    for bad in (
        Quote(note_id=present.note_id, quote=present.quote, occurrence=1000),
        Quote(note_id="elsewhere", quote=present.quote, occurrence=1),
        Quote(note_id=present.note_id, quote=present.quote, occurrence=0),
        Quote(note_id=present.note_id, quote="", occurrence=1),
    ):
        with pytest.raises(ValueError, match=example.encounter_id):
            example.span(bad)


@pytest.mark.parametrize("example", BY_ID)
def test_gold_codes_are_well_formed_and_stand_once(example: Example) -> None:
    reportable = [gold.code for gold in example.reportable]
    assert 3 <= len(reportable) <= 12
    assert len(set(reportable)) == len(reportable)
    assert all(CODE.fullmatch(code) for code in codes(example))
    assert all(gold.evidence and gold.why for gold in example.reportable)
    assert not set(reportable) & {item.code for item in example.not_coded}
    assert {item.reason for item in example.not_coded} <= REASONS


@pytest.mark.parametrize("example", BY_ID)
def test_external_causes_and_severe_sepsis_never_come_first(example: Example) -> None:
    assert example.reportable[0].code[0] not in "VWXY"
    assert not example.reportable[0].code.startswith(("R65.2", "B95", "B96", "B97", "Z68"))


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> taxonomy.Taxonomy:
    return taxonomy.load(tmp_path_factory.mktemp("taxonomy"))


@pytest.mark.parametrize("example", BY_ID)
def test_every_code_is_billable(example: Example, release: taxonomy.Taxonomy) -> None:
    for code in codes(example):
        entry = release.get(code)
        assert entry is not None, code
        assert entry.billable, code


@pytest.mark.parametrize("example", BY_ID)
def test_no_two_gold_codes_exclude_each_other(example: Example, release: taxonomy.Taxonomy) -> None:
    for a, b in combinations([gold.code for gold in example.reportable], 2):
        assert release.excludes1(a, b) is None, (a, b)


@pytest.mark.parametrize("example", BY_ID)
def test_dates_lie_in_the_fiscal_year_and_fit_the_setting(example: Example) -> None:
    if example.setting in {"inpatient", "observation"}:
        assert example.service_date is None
        assert example.admitted is not None
        assert example.discharged is not None
        first, last = example.admitted, example.discharged
    else:
        assert example.admitted is example.discharged is None
        assert example.service_date is not None
        first = last = example.service_date
    assert FIRST_DAY <= first <= last <= LAST_DAY
    assert all(first <= date.fromisoformat(note.time[:10]) <= last for note in example.notes)


@pytest.mark.parametrize("example", BY_ID)
def test_notes_are_clean_text_of_a_known_status(example: Example) -> None:
    assert 1 <= len(example.notes) <= 4
    for note in example.notes:
        assert note.text.strip()
        assert "\r" not in note.text
        assert "\N{REPLACEMENT CHARACTER}" not in note.text
        assert note.status in {"final", "amended", "unsigned", "unknown"}
        assert note.kind
        assert note.author_role


def test_the_collection_holds_the_mess_it_promises() -> None:
    texts = [note.text for example in EXAMPLES for note in example.notes]
    reasons = {item.reason for example in EXAMPLES for item in example.not_coded}
    assert any(not text.isascii() for text in texts)
    assert any(ord(char) > 0xFFFF for text in texts for char in text), "one astral character"
    assert reasons == REASONS


def runs(text: str, length: int) -> set[tuple[str, ...]]:
    words = text.split()
    return {tuple(words[i : i + length]) for i in range(len(words) - length + 1)}


def test_text_is_copied_forward_between_notes() -> None:
    copied = [
        example.encounter_id
        for example in EXAMPLES
        if any(runs(a.text, 12) & runs(b.text, 12) for a, b in combinations(example.notes, 2))
    ]
    assert len(copied) >= 4, copied


def test_readme_says_that_all_is_invented() -> None:
    readme = files("resources.examples").joinpath("README.md").read_text(encoding="utf-8")
    assert "invented" in readme
    assert all(f"`{example.encounter_id}`" in readme for example in EXAMPLES)
    assert all(f"`{reason}`" in readme for reason in REASONS)
