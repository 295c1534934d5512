"""The recogniser: only the weights its card names, and offsets that hold for any text."""

import hashlib
import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language

from pipeline.extract import spans
from pipeline.extract.document import language
from pipeline.extract.spans import CARD, WEIGHTS, conditions, read
from pipeline.model import PipelineError


@pytest.fixture(scope="module")
def trained() -> Language:
    return read()


@pytest.fixture(scope="module")
def only_asthma() -> Language:
    """A pipeline that marks this one word, so that what must be found is known."""
    nlp = language()
    ruler = nlp.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": spans.LABEL, "pattern": "asthma"}])  # type: ignore[attr-defined]
    return nlp


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is read instead of the one that ships; it holds weights and a card."""
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / WEIGHTS).write_bytes(b"weights")
    card = {"sha256": hashlib.sha256(b"weights").hexdigest()}
    (folder / CARD).write_text(json.dumps(card), encoding="utf-8")
    monkeypatch.setattr(spans, "files", lambda _package: tmp_path)
    return folder


@pytest.mark.parametrize("name", [WEIGHTS, CARD])
def test_a_missing_file_is_told_in_a_sentence(models: Path, name: str) -> None:
    (models / name).unlink()
    with pytest.raises(PipelineError, match=r"cannot be read; reinstall Chartproof\.$"):
        read()


@pytest.mark.parametrize("card", ["", "{", "{}", "[]", '"sha256"', "\udcff"])
def test_a_card_that_names_no_digest_is_told_in_a_sentence(models: Path, card: str) -> None:
    (models / CARD).write_bytes(card.encode("utf-8", "surrogateescape"))
    with pytest.raises(PipelineError, match=r"cannot be read; reinstall Chartproof\.$"):
        read()


def test_other_weights_than_those_of_the_card_are_not_read(models: Path) -> None:
    (models / WEIGHTS).write_bytes(b"weightz")
    with pytest.raises(PipelineError, match=rf"{WEIGHTS} is not the file its card {CARD} names"):
        read()


def test_what_ships_marks_a_plain_diagnosis(trained: Language) -> None:
    text = "The patient was diagnosed with acute pancreatitis and pneumonia."
    found = conditions(trained, trained.make_doc(text))
    for words in ("pancreatitis", "pneumonia"):
        at = text.index(words)
        assert any(low <= at < high for low, high in found), words


def test_the_same_text_gives_the_same_spans(trained: Language) -> None:
    text = "Fever, cough.\nHistory of asthma and diabetes mellitus."
    assert conditions(trained, trained.make_doc(text)) == conditions(
        trained, trained.make_doc(text)
    )


@pytest.mark.parametrize("gap", ["\n", " ", "\r\n", " 😀 ", ".\n\n"])
def test_a_long_text_is_read_piece_by_piece_without_a_loss(only_asthma: Language, gap: str) -> None:
    text = gap.join(["asthma"] * 4000)
    assert len(text) > 3 * spans._PIECE
    step = len("asthma" + gap)
    assert conditions(only_asthma, only_asthma.make_doc(text)) == [
        (n * step, n * step + 6) for n in range(4000)
    ]


@pytest.mark.parametrize("length", [0, 1, 7_999, 8_000, 8_001, 16_000, 20_000])
@pytest.mark.parametrize("unit", ["x", "\n", "x\n", "é😀", "word "])
def test_the_pieces_are_short_and_make_up_the_text(unit: str, length: int) -> None:
    text = (unit * length)[:length]
    pieces = list(spans._pieces(text))
    assert "".join(piece for _, piece in pieces) == text
    for start, piece in pieces:
        assert 0 < len(piece) <= spans._PIECE
        assert text[start : start + len(piece)] == piece
    assert all(piece.endswith("\n") for _, piece in pieces[:-1]) or "\n" not in unit


_PARTS = [
    "pneumonia",
    " and ",
    "😀",
    "\r\n",
    "\n",
    "acute renal failure",
    ". ",
    "é",
    "\u202e",
    "\t",
]


@settings(deadline=None, max_examples=40)
@given(st.lists(st.sampled_from(_PARTS), max_size=40).map("".join))
def test_spans_are_in_order_apart_and_without_blanks_at_their_ends(
    trained: Language, text: str
) -> None:
    found = conditions(trained, trained.make_doc(text))
    assert all(0 <= low < high <= len(text) for low, high in found)
    assert all(one[1] <= other[0] for one, other in pairwise(found))
    for low, high in found:
        assert text[low:high] == text[low:high].strip()


def test_twenty_thousand_letters_without_a_line_break_are_read(trained: Language) -> None:
    text = ("She had pneumonia and acute renal failure. " * 500)[:20_000]
    found = conditions(trained, trained.make_doc(text))
    assert len(found) > 100
    assert found[-1][0] > 16_000
    assert all(text[high : high + 1] in " .," for _, high in found[:-1])
