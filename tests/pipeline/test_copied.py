"""Text copied forward between the notes of an encounter."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from pipeline.copied import RUN, copies
from pipeline.engine import Engine
from pipeline.model import Encounter, EvidenceSpan, Note
from pipeline.run import analyse

FIRST = "HPI: seen for gout of the left foot which began three days ago after dinner.\n"
FRESH = "Today he walks better and has no fever.\n"


def stay(*texts: str, times: tuple[str, ...] = ()) -> Encounter:
    notes = tuple(
        Note(note_id=f"n{n}", text=text, sha256="", time=times[n] if times else "")
        for n, text in enumerate(texts)
    )
    return Encounter(encounter_id="e", notes=notes)


def words_of(encounter: Encounter) -> list[str]:
    found = copies(encounter)
    return [
        encounter.quote(EvidenceSpan(note_id=note_id, start=low, end=high))
        for note_id, ranges in found.ranges.items()
        for low, high in ranges
    ]


def test_a_copy_is_found_whatever_its_line_breaks_and_case() -> None:
    again = FRESH + FIRST.replace(" which", "\n  WHICH").replace("three", "Three")
    (copied,) = words_of(stay(FIRST, again))
    assert copied.startswith("HPI")
    assert copied.endswith("dinner")


def test_one_note_and_words_that_only_look_alike_are_no_copy() -> None:
    assert not copies(stay(FIRST)).ranges
    assert not copies(stay(FIRST, FRESH)).ranges
    seven = "one two three four five six seven"
    assert not copies(stay(seven, seven)).ranges


def test_the_earlier_note_is_that_of_the_earlier_time_where_all_have_one() -> None:
    later_first = stay(FIRST, FIRST, times=("2026-03-02", "2026-03-01"))
    assert list(copies(later_first).ranges) == ["n0"]
    assert list(copies(stay(FIRST, FIRST, times=("2026-03-02", ""))).ranges) == ["n1"]


@given(st.lists(st.sampled_from(list("abcdefgh")), max_size=60), st.integers(0, 60))
def test_what_is_called_a_copy_is_one(words: list[str], cut: int) -> None:
    one, other = " ".join(words), " ".join(words[cut:] + words[:cut])
    encounter = stay(one, other)
    for piece in words_of(encounter):
        run = piece.split()
        assert len(run) >= RUN
        runs = [" ".join(run[at : at + RUN]) in one for at in range(len(run) - RUN + 1)]
        # Copies that touch are one piece: each word of it stands in a copied run.
        for word in range(len(run)):
            assert any(runs[max(0, word - RUN + 1) : word + 1])
    assert copies(encounter) == copies(encounter)


def test_evidence_begins_with_the_first_occurrence_and_a_finding_says_so(engine: Engine) -> None:
    first = "Assessment: hypertension, continue lisinopril ten milligrams each day as before.\n"
    chart = stay(FRESH + first, first + "Plan: hypertension stays as it is.\n")
    result = analyse(chart, engine, lambda _step: None)
    (code,) = (item for item in result.suggestions if item.code == "I10")
    assert code.evidence[0].span.note_id == "n0"
    assert code.evidence[-1].span == EvidenceSpan(
        note_id="n1", start=first.index("hypertension"), end=first.index("hypertension") + 12
    )
    (finding,) = (each for each in result.findings if each.rule == "copied-forward")
    assert int(finding.detail[0].partition("=")[2]) == len(first.split())
    alone = analyse(replace(chart, notes=chart.notes[:1]), engine, lambda _step: None)
    assert not [each for each in alone.findings if each.rule == "copied-forward"]
