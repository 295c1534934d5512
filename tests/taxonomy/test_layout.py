from taxonomy.layout import inherit, lay_spans, node_name, only
from taxonomy.tables import CHAPTER, NODE, SECTION, Tables, compile_tables
from taxonomy.tabular import parse

UMBRELLA = """<ICD10CM.tabular><version>1</version>
<chapter><name>1</name><desc>One</desc><notes><note>chapter</note></notes>
<section id="A00-A09"><desc>Umbrella (A00-A09)</desc><notes><note>umbrella</note></notes></section>
<section id="A00-A0B"><desc>Letters (A00-A0B)</desc><notes><note>letters</note></notes>
  <diag><name>A00</name><desc>a</desc><notes><note>category</note></notes>
    <diag><name>A00.1</name><desc>b</desc><notes><note>code</note></notes></diag></diag>
  <diag><name>A0B</name><desc>c</desc></diag>
  <diag><name>A01</name><desc>d</desc></diag></section>
<section id="A10"><desc>Outside (A10)</desc><diag><name>A10</name><desc>e</desc></diag></section>
</chapter></ICD10CM.tabular>"""


def tables() -> Tables:
    return compile_tables(parse(UMBRELLA.encode()), totals=None, report=lambda *_: None)


def test_a_section_spans_its_codes_and_an_umbrella_its_range() -> None:
    laid = tables()
    spans = lay_spans(laid, laid.rows())
    assert spans[CHAPTER] == [(1, 5)]
    # A00-A0B holds A01 behind A0B; the range A00-A09 ends with the last code before A10.
    assert spans[SECTION] == [(1, 4), (1, 4), (5, 5)]
    assert spans[NODE] == [(1, 2), (2, 2), (3, 3), (4, 4), (5, 5)]


def test_notes_are_passed_down_nearest_first() -> None:
    laid = tables()
    inherited = inherit(laid, lay_spans(laid, laid.rows()))
    texts = [[laid.texts[note] for note in notes] for notes in inherited]
    assert texts[1] == ["code", "category", "umbrella", "letters", "chapter"]
    assert texts[2] == ["umbrella", "letters", "chapter"]
    assert texts[4] == ["chapter"]
    assert [node_name(laid, note) for note in inherited[1]] == [
        "A00.1", "A00", "A00-A09", "A00-A0B", "1",
    ]  # fmt: skip


def test_notes_of_one_kind_are_picked_out() -> None:
    laid = tables()
    inherited = inherit(laid, lay_spans(laid, laid.rows()))
    assert only(inherited, laid, "notes") == inherited
    assert only(inherited, laid, "excludes1") == [()] * 5
