"""Tokens rebuild the note exactly; sentences end where a clinician's do."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.extract.document import Tokens, common, know, language, sentences

_NLP = language()
_TEXTS = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=300)


@given(_TEXTS)
def test_the_tokens_rebuild_the_text_and_know_their_places(text: str) -> None:
    tokens = Tokens.of(text)
    doc = tokens.doc(_NLP.vocab)
    assert doc.text == text
    assert [token.idx for token in doc] == tokens.starts
    for start, piece, lowered in zip(tokens.starts, tokens.texts, tokens.lowered, strict=True):
        assert text[start : start + len(piece)] == piece
        assert lowered == piece.lower()


@given(_TEXTS)
def test_a_sentence_has_the_tokens_that_spacy_gives_it(text: str) -> None:
    tokens = Tokens.of(text)
    doc = tokens.doc(_NLP.vocab)
    for start, end in sentences(text):
        span = doc.char_span(start, end, alignment_mode="expand")
        run = tokens.run(start, end)
        assert span is not None
        assert (run.start, run.end) == (span.start, span.end)
        assert run.texts == [token.text for token in span]
        assert run.place(0, len(run)) == (span.start_char, span.end_char)


def test_common_words_are_known_as_they_may_be_written() -> None:
    words = common(["Gout", "gout of knee", "idiopathic Gout", "rareword"])
    assert {"Gout", "gout", "denies", "Denies", "the", "\n\n", "42", ","} <= words
    assert "rareword" not in words
    nlp = language()
    know(nlp.vocab, ["gout"])
    with nlp.memory_zone():
        nlp.make_doc("gout ebbs")
        assert "ebbs" in nlp.vocab
    assert "gout" in nlp.vocab
    assert "ebbs" not in nlp.vocab


@given(_TEXTS)
def test_sentences_cover_all_that_is_not_blank_once(text: str) -> None:
    covered = [False] * len(text)
    for start, end in sentences(text):
        assert text[start:end] == text[start:end].strip()
        for place in range(start, end):
            assert not covered[place]
            covered[place] = True
    assert all(was or letter.isspace() for was, letter in zip(covered, text, strict=True))


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


def test_lines_of_a_list_are_sentences() -> None:
    assert cut("- Asthma\n- GERD\n1. Gout\n2. HTN") == ["- Asthma", "- GERD", "1. Gout", "2. HTN"]


def test_a_wrapped_line_goes_on() -> None:
    text = "She has no fever, no chills and no\nnight sweats. Doing well."
    assert cut(text) == ["She has no fever, no chills and no\nnight sweats.", "Doing well."]


def test_a_full_line_goes_on_even_with_a_capital() -> None:
    first = "The patient was seen in the clinic today for his regular follow up of"
    assert cut(first + " a\nCrohn flare.") == [first + " a\nCrohn flare."]


def test_abbreviations_do_not_end_a_sentence() -> None:
    assert cut("Seen by Dr. Lane at 10 a.m. today. Stable.") == [
        "Seen by Dr. Lane at 10 a.m. today.",
        "Stable.",
    ]


def test_decimals_are_one_number() -> None:
    assert cut("A1c 7.2 today.") == ["A1c 7.2 today."]
