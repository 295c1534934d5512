import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxonomy import TaxonomyError
from taxonomy.tabular import parse


def test_a_file_is_read_in_document_order(small: bytes) -> None:
    tabular = parse(small)
    assert tabular.version == "2099"
    assert [chapter.name for chapter in tabular.chapters] == ["1", "2"]
    assert [(part.name, part.chapter) for part in tabular.sections] == [("A00-A0B", 0), ("B00", 1)]
    assert [node.code for node in tabular.nodes] == [
        "A00", "A00.0", "A00.1", "A0B", "B00", "B00.0", "B00.1",
    ]  # fmt: skip
    assert [node.parent for node in tabular.nodes] == [-1, 0, 0, -1, -1, 4, 4]


def test_a_group_that_stands_twice_gives_all_its_notes(small: bytes) -> None:
    assert parse(small).nodes[0].notes == [
        ("use_additional", "code to identify the ear (B00.1)"),
        ("use_additional", "code, in words"),
    ]


def test_a_note_among_extensions_is_no_seventh_character(small: bytes) -> None:
    assert parse(small).nodes[4].sevenths == (
        ("A", "initial encounter"),
        ("D", "subsequent encounter"),
    )


_LAUGHS = b"""<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<ICD10CM.tabular><version>&b;</version></ICD10CM.tabular>"""


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not xml at all",
        b"<ICD10CM.index><version>2026</version></ICD10CM.index>",
        b"<ICD10CM.tabular></ICD10CM.tabular>",
        b"\x00\xff\xfe",
        _LAUGHS,
    ],
    ids=["empty", "text", "other root", "no version", "bytes", "entities"],
)
def test_what_is_no_tabular_list_is_refused_with_a_sentence(data: bytes) -> None:
    with pytest.raises(TaxonomyError, match="ICD-10-CM tabular list"):
        parse(data)


@settings(max_examples=60, deadline=None)
@given(share=st.floats(0, 0.999))
def test_a_truncated_file_never_reads_as_a_shorter_one(small: bytes, share: float) -> None:
    whole = small.strip()
    with pytest.raises(TaxonomyError):
        parse(whole[: int(len(whole) * share)])
