"""What is learned from coded notes: shares of uses, shares of places, and nothing superseded."""

from importlib.resources import files

import pytest

from pipeline.terms import LEARNED, Entry, Level, Terms, build, learned, lexicon
from pipeline.train.codiesp import Labelled
from pipeline.train.dictionary import learn
from taxonomy import Taxonomy


@pytest.fixture(scope="module")
def known(terms: Terms) -> Terms:
    return terms


def report(text: str, *coded: tuple[str, str]) -> Labelled:
    """Return a note with its codes; each is given with its words, pieces apart at `…`."""
    mentions: dict[str, list[tuple[tuple[int, int], ...]]] = {}
    for words, code in coded:
        pieces, at = [], 0
        for piece in words.split("…"):
            start = text.index(piece, at)
            at = start + len(piece)
            pieces.append((start, at))
        mentions.setdefault(code, []).append(tuple(pieces))
    return Labelled(
        doc_id=text,
        text=text,
        codes={
            code: tuple(piece for found in each for piece in found)
            for code, each in mentions.items()
        },
        mentions={code: tuple(each) for code, each in mentions.items()},
    )


def test_a_phrase_is_worth_the_share_of_its_uses(known: Terms, taxonomy: Taxonomy) -> None:
    one = report("Hepatic cyst disease.", ("Hepatic cyst disease", "K76.89"))
    other = report("A hepatic  cyst disease.", ("hepatic  cyst disease", "Q44.6"))
    found = learn([one, one, one, other], known, taxonomy)
    assert [(e.text, e.code, e.strength, e.seen) for e in found] == [
        ("hepatic cyst disease", "K76.89", 0.6, 4),
        ("hepatic cyst disease", "Q44.6", 0.2, 4),
    ]
    assert {(e.source, e.level) for e in found} == {(LEARNED, Level.DEFAULT)}


def test_the_rate_is_the_share_of_places_that_were_coded(known: Terms, taxonomy: Taxonomy) -> None:
    coded = report("Hepatic cyst disease.", ("Hepatic cyst disease", "K76.89"))
    passed_over = report("Seen for hepatic cyst disease. No hepatic cyst disease on imaging.")
    (always,) = learn([coded, coded], known, taxonomy)
    (seldom,) = learn([coded, coded, *[passed_over] * 3], known, taxonomy)
    assert (always.rate, always.strength) == (0.9, seldom.strength)
    assert seldom.rate == pytest.approx((2 + 0.25) / (8 + 0.5), abs=1e-3)


def test_a_place_inside_a_longer_learned_phrase_is_not_its_own(
    known: Terms, taxonomy: Taxonomy
) -> None:
    long = report("Hepatic cyst disease.", ("Hepatic cyst disease", "K76.89"))
    short = report("Hepatic cyst.", ("Hepatic cyst", "K76.89"))
    found = {e.text: e for e in learn([short, short, long, long, long, long], known, taxonomy)}
    assert found["hepatic cyst"].rate == 0.9, "four places belong to the longer phrase"


def test_words_apart_have_a_rate_of_their_own(known: Terms, taxonomy: Taxonomy) -> None:
    split = report("Pain in the back and the left knee.", ("Pain…left knee", "M25.562"))
    whole = report("Pain left knee.", ("Pain left knee", "M25.562"))
    no_mention = report("Pain after the left total knee.")
    (entry,) = learn([split, split, whole, no_mention], known, taxonomy)
    assert entry.text == "pain left knee"
    assert entry.rate == pytest.approx(1.25 / 1.5, abs=1e-3), "together once, and coded"
    assert entry.apart == pytest.approx(2.25 / 3.5, abs=1e-3), "apart three times, coded twice"


def test_what_names_no_condition_is_not_learned(known: Terms, taxonomy: Taxonomy) -> None:
    stray = report("A sagittal suture stenosis.", ("sagittal suture stenosis", "J45.909"))
    assert learn([stray], known, taxonomy) == ()
    assert learn([stray, stray], known, taxonomy)[0].code == "J45.909", "but seen again it is"


def test_a_code_of_today_that_nobody_could_use_wins(known: Terms, taxonomy: Taxonomy) -> None:
    """CodiEsp was coded with the codes of 2018; "depression" has had its own code since."""
    old = report("Depression.", ("Depression", "F32.9"))
    assert learn([old] * 9, known, taxonomy) == ()


def test_the_lexicon_wins_even_where_its_code_was_in_use(known: Terms, taxonomy: Taxonomy) -> None:
    one = report("HTN.", ("HTN", "I15.9"))
    used = report("High blood pressure disease.", ("High blood pressure disease", "I10"))
    assert "htn" not in {e.text for e in learn([one] * 5 + [used], known, taxonomy)}


def test_a_term_of_the_release_gives_way_where_its_code_was_in_use(
    known: Terms, taxonomy: Taxonomy
) -> None:
    """The annotators knew the printed code and took another: that is what is learned."""
    other = report("Cyst of kidney, acquired.", ("Cyst of kidney, acquired", "Q61.01"))
    used = report("Renal smudge.", ("Renal smudge", "N28.1"))
    assert learn([other] * 3, known, taxonomy) == (), "nobody used the printed code"
    assert "Q61.01" in {e.code for e in learn([*[other] * 3, used], known, taxonomy)}


def test_a_header_stays_and_a_seventh_character_goes(known: Terms, taxonomy: Taxonomy) -> None:
    header = report("Barking cough spells.", ("Barking cough spells", "R05"))
    injury = report("Smashed ankle sprain.", ("Smashed ankle sprain", "S93.402D"))
    placeholder = report("Wound gone septic infection.", ("Wound gone septic infection", "T81.4XX"))
    found = {e.text: e.code for e in learn([header, injury] * 2, known, taxonomy)}
    assert found == {"barking cough spells": "R05", "smashed ankle sprain": "S93.402"}
    assert learn([placeholder] * 2, known, taxonomy) == (), "T81.4XX ended after 2018"


def test_no_more_than_three_codes_are_kept_for_a_phrase(known: Terms, taxonomy: Taxonomy) -> None:
    codes = ("K76.89", "K76.9", "K76.0", "K76.1", "K76.81")
    reports = [
        report("Hepatic smudge.", ("Hepatic smudge", code))
        for times, code in enumerate(codes, start=2)
        for _ in range(times)
    ]
    found = learn(reports, known, taxonomy)
    assert [e.code for e in found] == ["K76.81", "K76.1", "K76.0"]
    assert sum(e.strength for e in found) < 1


def test_the_same_reports_give_the_same_entries_in_any_order(
    known: Terms, taxonomy: Taxonomy
) -> None:
    reports = [
        report("Hepatic smudge.", ("Hepatic smudge", "K76.9")),
        report("hepatic smudges.", ("hepatic smudges", "K76.89")),
        report("Gouty toe swelling.", ("Gouty toe swelling", "M10.9")),
    ] * 2
    assert learn(reports, known, taxonomy) == learn(reports[::-1], known, taxonomy)


def test_the_shipped_phrases_are_those_of_codes_of_this_release(taxonomy: Taxonomy) -> None:
    found = learned()
    assert len(found) >= 500
    for entry in found:
        assert 0 < entry.strength < 1
        assert 0 <= entry.rate <= 1
        assert 0 <= entry.apart <= 1
        assert entry.seen >= 1
        code = taxonomy.get(entry.code)
        assert code is not None
        assert code.base == entry.code


def test_every_shipped_row_is_read_by_its_columns() -> None:
    rows = files("resources").joinpath("models/mentions.tsv").read_text("utf-8").splitlines()
    assert rows[0].split("\t") == ["phrase", "code", "strength", "rate", "apart", "seen"]
    assert len(rows) - 1 == len(learned()) == len(set(learned()))


def test_learned_entries_enter_the_terms_beside_the_printed_ones(
    known: Terms, taxonomy: Taxonomy
) -> None:
    new = Entry("hepatic smudge", "K76.9", Level.DEFAULT, LEARNED, strength=0.6, rate=0.9, seen=3)
    both = build(taxonomy, (*lexicon(), new))
    assert len(both.entries) == len(known.entries) + 1
    assert new in {both.entries[n] for n in both.lookup("Smudge, hepatic")}
