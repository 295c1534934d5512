import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxonomy import CodeSearch, Hit, Taxonomy, TaxonomyError, Term


@pytest.fixture(scope="module")
def search(taxonomy: Taxonomy) -> CodeSearch:
    lay = (
        ("heart attack", "I21.9"),
        ("T2DM", "E11.9"),
        ("high blood pressure", "I10"),
        ("broken wrist", "S62.10"),
    )
    return CodeSearch(taxonomy, [Term(text=text, code=code, kind="lay") for text, code in lay])


def codes(hits: tuple[Hit, ...]) -> list[str]:
    return [hit.code for hit in hits]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("asthma", "J45.909"),
        ("type 2 diab neurop", "E11.40"),
        ("rad frac dist low", "S52.509"),
        ("heart failure", "I50.9"),
        ("low back pain", "M54.50"),
        ("atrial fib", "I48.91"),
        ("sjogren", "M35.00"),
        ("Ménière disease", "H81.09"),
        ("heart attack", "I21.9"),
        ("t2dm", "E11.9"),
        ("hiatus hernia", "K44.9"),
        ("chest pain", "R07.9"),
        ("strep throat", "J02.0"),
        ("covid", "U07.1"),
        ("gastric ulcers", "K25.9"),
        ("broken wrist", "S62.109"),
    ],
)
def test_what_a_coder_types_finds_what_a_coder_wants(
    search: CodeSearch, text: str, first: str
) -> None:
    assert codes(search.search(text))[0] == first


def test_the_beginning_of_a_code_goes_to_its_place(search: CodeSearch, taxonomy: Taxonomy) -> None:
    for text in ("E11.6", "e116", " e11.6 "):
        hits = search.search(text, limit=30)
        assert hits[0].code == "E11.6"
        assert all(hit.code.startswith("E11.6") and hit.kind == "code" for hit in hits)
        orders = [taxonomy.order(hit.code) for hit in hits]
        assert orders == list(range(orders[0], orders[0] + len(orders)))


def test_tabular_order_holds_among_letters(search: CodeSearch) -> None:
    categories = [code for code in codes(search.search("C4", limit=2_000)) if len(code) == 3]
    assert categories == ["C40", "C41", "C43", "C4A", "C44", "C45", "C46", "C47", "C48", "C49"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("S52.501A", ["S52.501A"]),
        ("s52501a", ["S52.501A"]),
        ("S00.00X", ["S00.00XA", "S00.00XD", "S00.00XS"]),
        ("W19XXX", ["W19.XXXA", "W19.XXXD", "W19.XXXS"]),
        ("W19", ["W19", "W19.XXXA", "W19.XXXD", "W19.XXXS"]),
    ],
)
def test_full_codes_and_placeholders(search: CodeSearch, text: str, expected: list[str]) -> None:
    assert codes(search.search(text))[: len(expected)] == expected


def test_a_header_comes_after_the_code_it_stands_for(search: CodeSearch) -> None:
    found = codes(search.search("asthma"))
    assert found.index("J45.909") < found.index("J45")


def test_a_hit_says_what_was_found(search: CodeSearch) -> None:
    hit = search.search("heart attack", limit=1)[0]
    assert hit == Hit(
        code="I21.9",
        title="Acute myocardial infarction, unspecified",
        billable=True,
        matched="heart attack",
        kind="lay",
        score=1.0,
    )


@pytest.mark.parametrize("text", ["", "  ", "—", "zzzzzz"])
def test_nothing_is_found_for_nothing(search: CodeSearch, text: str) -> None:
    assert search.search(text) == ()


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_below_one_is_refused(search: CodeSearch, limit: int) -> None:
    with pytest.raises(TaxonomyError, match="ask for at least 1"):
        search.search("asthma", limit=limit)


def test_a_term_for_an_unknown_code_is_refused(taxonomy: Taxonomy) -> None:
    with pytest.raises(TaxonomyError, match=r"J99\.99 names no code of FY2026"):
        CodeSearch(taxonomy, [Term(text="nothing", code="J99.99", kind="lay")])


@given(text=st.text(max_size=40), limit=st.integers(1, 25))
def test_any_text_gives_known_codes_best_first(
    search: CodeSearch, taxonomy: Taxonomy, text: str, limit: int
) -> None:
    hits = search.search(text, limit=limit)
    assert len(hits) <= limit
    assert len(set(codes(hits))) == len(hits)
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
    for hit in hits:
        code = taxonomy.get(hit.code)
        assert code is not None
        assert (hit.title, hit.billable) == (code.title, code.billable)


@given(order=st.integers(1, 98_186))
def test_every_code_is_found_by_its_own_name(
    search: CodeSearch, taxonomy: Taxonomy, order: int
) -> None:
    code = taxonomy._places.code(taxonomy._places.at_order(order))
    assert codes(search.search(code, limit=1)) == [code]
