"""What the notes of the tabular list say of a set: excludes, code first, use additional."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from pipeline.model import Finding, Severity
from pipeline.validate import Validator, message
from pipeline.validate.context import facts
from taxonomy import POINTING_KINDS, Taxonomy

Fired = Callable[..., dict[str, Finding]]
_VALIDATOR = Validator.read()


def rules(codes: str, taxonomy: Taxonomy) -> list[str]:
    return [finding.rule for finding in _VALIDATOR.check(codes.split(), taxonomy)]


@pytest.mark.parametrize(
    "codes",
    ["E10.9 E11.9", "E11.9 E10.9", "J45.909 J44.9", "G63 E11.42", "R55 I95.1"],
)
def test_excludes1_is_found_from_either_side(taxonomy: Taxonomy, codes: str) -> None:
    expected = [] if codes == "J45.909 J44.9" else ["excludes1"]
    assert rules(codes, taxonomy) == expected


@pytest.mark.parametrize(
    "codes",
    [
        "D72.824 D72.829",  # a category does not exclude what stands below it
        "D72.0 D72.824",
        "D56.0 P56.99",  # the four places where the list contradicts itself
        "K60.421 N82.3",
        "M62.84 G72.9",
        "T65.221A Z77.22",
        "G63 E11.9",  # the note means diabetes with .42
        "B20 I10",
    ],
)
def test_what_is_no_conflict(taxonomy: Taxonomy, codes: str) -> None:
    known = [code for code in codes.split() if taxonomy.get(code)]
    assert len(known) == 2
    assert rules(codes, taxonomy) == []


def test_excludes1_says_which_of_the_two_and_why_both(taxonomy: Taxonomy) -> None:
    (found,) = _VALIDATOR.check(["R55", "I95.1"], taxonomy)
    assert found.codes == ("R55", "I95.1")
    assert found.detail == ("same-condition=I95.1", "unrelated=both")
    said = message(found, taxonomy)
    assert "unrelated" in said
    assert "orthostatic hypotension" in said


def test_the_note_is_quoted_with_its_node_and_release(taxonomy: Taxonomy) -> None:
    (found,) = _VALIDATOR.check(["R55", "I95.1"], taxonomy)
    note = taxonomy.note_at("R55", "excludes1", 6)
    assert note is not None
    assert found.source == "tabular R55 excludes1 6"
    assert f"“{note.text}” (R55, FY2026)" in message(found, taxonomy)


def test_a_note_of_another_release_is_named_and_not_guessed(taxonomy: Taxonomy) -> None:
    (found,) = _VALIDATOR.check(["R55", "I95.1"], taxonomy)
    said = message(replace(found, release="FY2019"), taxonomy)
    assert "the note stands in FY2019 at R55 excludes1 6" in said
    assert "“" not in said


def test_excludes2_says_that_both_stand(fired: Fired, taxonomy: Taxonomy) -> None:
    found = fired("J44.9 J47.9")["excludes2.V07"]
    assert (found.severity, found.detail) == (Severity.INFO, ("documented=both",))
    assert "bronchiectasis" in message(found, taxonomy)
    assert "excludes2.V07" not in fired("J44.9 I10")
    # One pair is told once, though both codes have a note on the other.
    assert len([f for f in fired("J44.9 J47.9").values() if f.rule == "excludes2.V07"]) == 1


def test_code_also_is_a_reminder_in_either_order(fired: Fired) -> None:
    # "underlying condition" names no code: it is for a person to read.
    assert "code-also.V11" not in fired("I15.1")
    assert fired("Z90.410")["code-also.V11"].source == "tabular Z90.41 code_also 1"
    for codes in ("Z90.410 K86.81", "K86.81 Z90.410"):
        assert "code-also.V11" not in fired(codes)


def test_every_code_has_the_notes_that_apply_to_it(taxonomy: Taxonomy) -> None:
    """Built up from node to node, they are the same as taken from the list at once."""
    for code in taxonomy.codes():
        if code.code != code.base or code.order % 23:
            continue
        known = facts(code.code, taxonomy)
        assert known is not None
        notes = taxonomy.notes(code.code, *POINTING_KINDS)
        unread = {
            f"tabular {n.node} {n.kind} {n.number}"
            for n in notes
            if taxonomy.targets(n).unresolved not in {"", "lead-in"}
        }
        assert {place for place, _ in known.notes.unread} == unread
        for kind in ("excludes2", "code_first", "use_additional", "code_also"):
            expected = [
                f"tabular {n.node} {kind} {n.number}"
                for n in notes
                if n.kind == kind and taxonomy.targets(n).bounds
            ]
            assert [each.source for each in getattr(known.notes, kind)] == expected
        rows = {
            row
            for n in notes
            if n.kind == "excludes1"
            for low, high in batched(taxonomy.targets(n).bounds)
            for row in (low, high)
        }
        assert all(covers(known.notes.excluded, row) for row in rows)


def batched(bounds: tuple[int, ...]) -> list[tuple[int, int]]:
    return list(zip(bounds[::2], bounds[1::2], strict=True))


def covers(bounds: tuple[int, ...], row: int) -> bool:
    return any(low <= row < high for low, high in batched(bounds))


def test_a_manifestation_never_leads(fired: Fired) -> None:
    found = fired("F02.80 G30.9")["manifestation-first.V08"]
    assert found.severity is Severity.ERROR
    assert found.detail == ("first=G30.9",)
    assert (
        fired("G30.9 F02.80")
        .keys()
        .isdisjoint(
            {"manifestation-first.V08", "manifestation-order.V08", "manifestation-cause.V08"}
        )
    )


def test_a_manifestation_stands_after_its_cause(fired: Fired, taxonomy: Taxonomy) -> None:
    found = fired("I10 F02.80 G30.9")["manifestation-order.V08"]
    assert (found.severity, found.codes) == (Severity.ERROR, ("F02.80", "G30.9"))
    assert "Alzheimer" in message(found, taxonomy)


def test_a_manifestation_needs_a_cause(fired: Fired) -> None:
    assert fired("Z79.4 F02.80")["manifestation-alone.V08"].severity is Severity.ERROR
    # The causes of the note are examples, so that another disease may be the one.
    assert fired("I10 F02.80")["manifestation-cause.V08"].severity is Severity.WARNING


def test_organism_codes_are_no_manifestations(fired: Fired) -> None:
    assert not any(rule.endswith(".V08") for rule in fired("N39.0 B96.20"))


def test_code_first_is_an_order_only_where_both_are_there(fired: Fired) -> None:
    assert fired("E08.42 C25.9")["code-first.V09"].detail == ("first=C25.9",)
    assert "code-first.V09" not in fired("C25.9 E08.42")
    assert "code-first.V09" not in fired("E08.42")
    assert "code-first.V09" not in fired("E08.42 C25.9", ordered=False)


def test_the_additional_code_does_not_lead(fired: Fired) -> None:
    found = fired("L97.511 E11.621")
    told = {rule for rule in found if rule in {"code-first.V09", "use-additional.V10"}}
    assert len(told) == 1
    assert not {"code-first.V09", "use-additional.V10"} & fired("E11.621 L97.511").keys()


def test_an_additional_code_is_missed_where_the_note_leaves_no_choice(fired: Fired) -> None:
    assert fired("E11.621")["additional-missing.V10"].severity is Severity.INFO
    assert "additional-missing.V10" not in fired("E11.621 L97.511")
    # "code, if applicable, to identify:" heads the list below it.
    assert "additional-missing.V10" not in fired("I25.119")


def test_one_pair_turned_round_is_told_once_and_by_the_gravest(fired: Fired) -> None:
    found = [f for f in fired("I50.9 I11.0").values() if set(f.codes) == {"I50.9", "I11.0"}]
    assert [(f.rule, f.severity) for f in found] == [("heart-failure-after.C10", Severity.ERROR)]
