import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxonomy import Taxonomy


@pytest.mark.parametrize(
    ("a", "b", "node"),
    [
        ("E11.9", "E10.9", "E11"),
        ("R65.21", "T81.12XA", "R65.21"),
        ("B20", "Z21", "B20"),
        ("F32.9", "F31.9", "F32"),
        ("N19", "N18.30", "N19"),
        ("G63", "E11.42", "G63"),
        ("D55.0", "P56.99", "P50-P61"),
        ("I10", "P29.2", "I10-I1A"),
        ("R47.01", "I69.320", "R47.01"),
        ("R29.891", "M43.6", "R29.891"),
        ("J45.20", "J44.1", None),
        ("I10", "I12.9", None),
        ("I11.0", "I50.9", None),
        ("I12.9", "I15.0", "I12"),
        ("K21.9", "K20.90", None),
    ],
)
def test_pairs_a_coder_knows(taxonomy: Taxonomy, a: str, b: str, node: str | None) -> None:
    found = taxonomy.excludes1(a, b)
    assert (found.note.node if found else None) == node


def test_a_note_says_which_code_it_stands_above(taxonomy: Taxonomy) -> None:
    for a, b in (("R47.01", "I69.320"), ("i69320", "R4701")):
        found = taxonomy.excludes1(a, b)
        assert found is not None
        assert (found.holder, found.excluded) == ("R47.01", "I69.320")
        assert found.note.text.startswith("aphasia following cerebrovascular disease")
        assert (found.note.level, found.note.kind, found.note.number) == ("code", "excludes1", 1)


def test_a_seventh_character_decides_where_the_note_says_so(taxonomy: Taxonomy) -> None:
    # F07.81 excludes a current concussion, S06.0X- with seventh character A.
    assert taxonomy.excludes1("F07.81", "S06.0X1A") is not None
    assert taxonomy.excludes1("F07.81", "S06.0X1D") is None


def test_a_note_does_not_speak_of_what_it_stands_above(taxonomy: Taxonomy) -> None:
    # D72 excludes basophilia (D72.824), its own child; M26-M27 its own M27.8.
    assert taxonomy.excludes1("D72.824", "D72.89") is None
    assert taxonomy.excludes1("M27.8", "M26.4") is None


@pytest.mark.parametrize(
    ("a", "b", "neighbour"),
    [
        ("D56.0", "P56.99", "D56.1"),  # use additional P56.99, against section P50-P61
        ("K60.422", "N82.3", "K60.411"),  # code also N82.3, against K60.4
        ("M62.84", "G72.0", "M62.81"),  # code first G72.-, against M62
        ("T65.221A", "Z77.22", "T65.211A"),  # use additional Z77.22, against T51-T65
        ("I67.850", "I63.333", "I67.89"),  # code also I63.-, against I67
    ],
)
def test_a_more_specific_instruction_takes_precedence(
    taxonomy: Taxonomy, a: str, b: str, neighbour: str
) -> None:
    assert taxonomy.excludes1(a, b) is None
    assert taxonomy.excludes1(neighbour, b) is not None


def test_a_less_specific_instruction_does_not(taxonomy: Taxonomy) -> None:
    # G31 asks for F06.7-, but F06.7 itself excludes G31.9.
    assert taxonomy.excludes1("G31.9", "F06.70") is not None


def test_unknown_codes_have_no_notes(taxonomy: Taxonomy) -> None:
    assert taxonomy.excludes1("E11.9", "ZZZ") is None


@given(data=st.data())
def test_the_order_of_a_pair_does_not_matter(taxonomy: Taxonomy, data: st.DataObject) -> None:
    places = taxonomy._places
    with_targets = [
        at
        for at, kind in enumerate(places.tables.kinds)
        if kind == "excludes1" and places.targets[at].bounds
    ]
    note = data.draw(st.sampled_from(with_targets))
    low, high = places.spans[places.tables.levels[note]][places.tables.holders[note]]
    bounds = places.targets[note].bounds
    at = data.draw(st.integers(0, len(bounds) // 2 - 1)) * 2
    holder = places.code(places.at_order(data.draw(st.integers(low, high))))
    other = places.code(places.at_order(data.draw(st.integers(bounds[at], bounds[at + 1]))))
    forth, back = taxonomy.excludes1(holder, other), taxonomy.excludes1(other, holder)
    assert (forth is None) == (back is None)
    if forth is not None:
        assert taxonomy.targets(forth.note).covers(taxonomy.order(forth.excluded))
        assert forth.note in taxonomy.notes(forth.holder, "excludes1")


def test_few_notes_are_overridden(taxonomy: Taxonomy) -> None:
    # Taken at its own node and its first target, every note but the two that point into
    # themselves keeps the two apart.
    places = taxonomy._places
    silent = []
    for note, kind in enumerate(places.tables.kinds):
        bounds = places.targets[note].bounds
        if kind == "excludes1" and bounds:
            low, _ = places.spans[places.tables.levels[note]][places.tables.holders[note]]
            holder, other = (places.code(places.at_order(at)) for at in (low, bounds[0]))
            if taxonomy.excludes1(holder, other) is None:
                silent.append(places.note(note).node)
    assert sorted(silent) == ["D72", "M26-M27"]


@given(order=st.integers(1, 98_186))
def test_no_code_excludes_itself_or_its_headers(taxonomy: Taxonomy, order: int) -> None:
    code = taxonomy._places.code(taxonomy._places.at_order(order))
    for other in (code, *taxonomy.ancestors(code)):
        assert taxonomy.excludes1(code, other) is None
