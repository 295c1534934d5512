"""Retrieval over another release: its codes and no other, found by the shared vectors."""

from datetime import date

import pytest

from pipeline.engine import Engines
from pipeline.model import Encounter
from pipeline.retrieve import Phrase, Retriever

FIRST = date(2026, 10, 1)


@pytest.fixture(scope="module")
def later(engines: Engines) -> Retriever:
    chart = Encounter(encounter_id="e", notes=(), service_date=FIRST)
    return engines.of(chart).retriever


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        ("dilated cardiomyopathy", "I42.0", "I42.00"),
        ("DCM", "I42.0", "I42.00"),
        ("NICM", "I42.8", "I42.89"),
        ("plantar fasciitis", "M72.2", "M67.A09"),
        ("Glanzmann thrombasthenia", "D69.1", "D69.11"),
        ("hypertension", "I10", "I10"),
    ],
)
def test_a_phrase_leads_to_the_code_of_its_release(
    engines: Engines, later: Retriever, text: str, before: str, after: str
) -> None:
    assert engines.newest.retriever.lookup(text, 1)[0].code == before
    assert later.lookup(text, 1)[0].code == after


def test_a_code_that_is_new_is_found_by_its_own_words(later: Retriever) -> None:
    found = later.lookup("secondary malignant neoplasm of larynx", 3)
    assert found[0].code == "C78.31"


def test_every_candidate_is_billable_in_the_release_and_none_is_of_another(
    engines: Engines, later: Retriever
) -> None:
    phrases = [
        "sprain of chondrosternal joint",
        "toxic effect of other organic solvents",
        "body mass index 18",
        "osteomyelitis of shoulder",
        "hypoglycemia after bariatric surgery",
        "personal history of gender transition",
    ]
    for retriever in (engines.newest.retriever, later):
        for shortlist in retriever.candidates([Phrase(text) for text in phrases], 40):
            assert shortlist
            for candidate in shortlist:
                code = retriever.taxonomy.get(candidate.code)
                assert code is not None
                assert code.billable
