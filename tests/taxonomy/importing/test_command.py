"""What an import takes, and everything it refuses; nothing may change where it refuses."""

import gzip
import zipfile
from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest

from taxonomy import Taxonomy, releases
from taxonomy.importing.command import Imported
from taxonomy.importing.containers import members
from taxonomy.importing.parts import OFFICIAL, Limits
from taxonomy.importing.refusal import ImportRefusedError
from taxonomy.library import Library

Take = Callable[..., Imported]
Snapshot = Callable[[], dict[str, bytes]]
DAY = date(2099, 1, 1)


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def test_all_parts_of_a_release_come_in_together(
    take: Take, files: dict[str, bytes], library: Library, tmp_path: Path
) -> None:
    done = take(*files.values())
    assert done.manifest.label == "FY2099"
    assert (done.manifest.effective_from, done.manifest.effective_to) == (
        date(2098, 10, 1),
        date(2099, 9, 30),
    )
    assert {part.kind for part in done.taken} == set(files)
    assert done.changed
    at_hand = releases(tmp_path / "cache", library.folder)
    taxonomy, note = at_hand.for_date(DAY)
    assert (taxonomy.release.label, note, len(taxonomy)) == ("FY2099", "", 6)
    found = at_hand.supplements("FY2099")
    assert found.poa_exempt == frozenset({"A00.1", "A01.XXXS"})
    assert found.edits is not None
    assert found.edits.lists["unacceptable"] == {"A01.XXXS", "A00.1"}
    assert found.hcc is not None
    assert found.hcc.models["CMS-HCC Model V28"]["A00.0"] == ("115",)
    assert found.hcc_labels == {("V28", "115"): "Ear, hot", ("V28", "39"): "Ear"}
    assert found.drugs is not None
    assert found.drugs.path(0).entry.cells == ("A00.0", "A00.1", "", "A01", "", "")
    assert found.neoplasms is not None
    assert found.external_causes is not None
    assert found.index is not None
    assert found.index.source.release == "FY2099"


def test_the_index_keeps_what_the_xsd_can_say(
    take: Take, files: dict[str, bytes], library: Library, tmp_path: Path
) -> None:
    take(files["tabular"], files["index"])
    index = releases(tmp_path / "cache", library.folder).supplements("FY2099").index
    assert index is not None
    ear, broken, fever, hot, _, _, elsewhere = index.paths()
    assert (ear.entry.title, ear.entry.modifiers) == ("Ear NEC", "(inner) (outer)")
    assert ear.entry.see_also == "Fever"
    assert (broken.entry.code, broken.codes) == ("A01.-", ("A01",))
    assert (fever.entry.manifestation, fever.codes) == ("A01", ("A00.0", "A01"))
    assert [path.words for path in index.resolve(hot)] == [("Fever, feverish", "ear")]
    assert elsewhere.entry.category == "A00.1"


def test_files_come_zipped_and_gzipped_under_any_name(take: Take, files: dict[str, bytes]) -> None:
    done = take(
        zipped({"a/tab.xml": files["tabular"], "a/notes.pdf": b"%PDF-1.7", "read.me": b"words"}),
        gzip.compress(files["poa-exempt"]),
    )
    assert {part.kind for part in done.taken} == {"tabular", "poa-exempt"}
    assert len(done.passed_over) == 1
    assert "read.me" in done.passed_over[0]


def test_later_files_add_to_a_release_and_replace_what_they_bring(
    take: Take, files: dict[str, bytes], csv_index: bytes
) -> None:
    take(files["tabular"], files["index"])
    done = take(csv_index, files["poa-exempt"])
    assert {part.kind for part in done.taken} == {"index", "poa-exempt"}
    assert {part.kind for part in done.kept} == {"tabular"}
    assert {part.kind for part in done.manifest.parts} == {"tabular", "index", "poa-exempt"}


def test_the_same_again_changes_nothing(
    take: Take, files: dict[str, bytes], snapshot: Snapshot
) -> None:
    take(files["tabular"], files["order"], label="FY2099")
    before = snapshot()
    assert not take(files["tabular"], files["order"], label="FY2099").changed
    assert snapshot() == before


def test_an_update_comes_into_force_on_its_day(
    take: Take, files: dict[str, bytes], library: Library, tmp_path: Path
) -> None:
    take(files["tabular"])
    more = files["tabular"].replace(b"Fever of the left ear", b"High fever of the left ear")
    take(more, label="FY2099-April")
    at_hand = releases(tmp_path / "cache", library.folder)
    titles = [
        at_hand.for_date(day)[0].title("A00.0")
        for day in (date(2099, 3, 31), date(2099, 4, 1), date(2099, 9, 30))
    ]
    assert titles == [
        "Fever of the left ear",
        "High fever of the left ear",
        "High fever of the left ear",
    ]


def test_a_list_joins_the_release_that_is_built_in(
    take: Take, taxonomy: Taxonomy, library: Library, tmp_path: Path
) -> None:
    code = next(each for each in taxonomy.codes() if each.billable)
    text = f"Order26\tPOAexemptCode\tDescription\n{code.order:05d}\t{code.code}\tCholera\n"
    least = Limits(least={}, known={})
    assert take(text.encode(), limits=least).manifest.label == "FY2026"
    assert releases(tmp_path, library.folder).supplements("FY2026").poa_exempt == frozenset(
        {code.code}
    )
    with pytest.raises(ImportRefusedError, match="is not its billable row"):
        take(text.replace(f"{code.order:05d}", "00009").encode(), limits=least)


REFUSED = [
    ("truncated XML", lambda f: [f["tabular"][:-40]], "damaged or cut short"),
    ("doubled XML", lambda f: [f["tabular"] * 2], "damaged or cut short"),
    ("wrong root", lambda f: [b"<html><body/></html>"], "holds no file that an import takes"),
    ("no file of ours", lambda f: [b"hello"], "holds no file that an import takes"),
    ("empty", lambda f: [b""], "holds no file that an import takes"),
    ("empty zip", lambda f: [zipped({})], "holds no file that an import takes"),
    ("two lists", lambda f: [f["tabular"], f["tabular"] + b" "], "both hold the tabular list"),
    (
        "other release",
        lambda f: [f["tabular"], f["index"].replace(b"2099", b"2098")],
        "import files of one release together",
    ),
    ("no list", lambda f: [f["poa-exempt"]], "FY2099 has no tabular list yet"),
    ("no year", lambda f: [f["hcc"]], "say which it is"),
    (
        "a code twice",
        lambda f: [f["tabular"].replace(b"A00.1", b"A00.0")],
        "a code stands in it twice",
    ),
    (
        "a code in the wrong place",
        lambda f: [f["tabular"].replace(b"A00.1", b"A01.1")],
        "stands in the wrong place",
    ),
    (
        "no code",
        lambda f: [f["tabular"].replace(b"A00.1", b"A00.1 ?")],
        "is no code",
    ),
    (
        "a chapter missing",
        lambda f: [f["tabular"].replace(b"<name>1</name>", b"<name>2</name>")],
        "not complete and in order",
    ),
    (
        "a section missing",
        lambda f: [f["tabular"].replace(b'section id="A00-A01"', b'section id="A00-A02"')],
        "a section is missing",
    ),
    (
        "addenda",
        lambda f: [f["index"].replace(b"<ICD10CM.index>", b'<ICD10CM.index isAddenda="true">')],
        "changes only",
    ),
    ("a row missing", lambda f: [f["tabular"], drop(f["order"], 2)], "is missing or twice"),
    ("last row missing", lambda f: [f["tabular"], drop(f["order"], 5)], "has 5 rows, the list 6"),
    (
        "order of other codes",
        lambda f: [f["tabular"], f["order"].replace(b"A001 ", b"A002 ")],
        "row 00003 is A00.2 .billable. in it, and A00.1",
    ),
    ("POA short", lambda f: [f["tabular"], drop(f["poa-exempt"], 2)], "too short"),
    ("POA cut", lambda f: [f["tabular"], f["poa-exempt"][:-3]], "breaks off within a line"),
    (
        "POA of other rows",
        lambda f: [f["tabular"], f["poa-exempt"].replace(b"00003", b"00002")],
        "A00.1 is not its billable row",
    ),
    (
        "POA with a stray return",
        lambda f: [f["tabular"], f["poa-exempt"].replace(b"Fever", b"Fe\rver")],
        "is damaged",
    ),
    (
        "POA out of order",
        lambda f: [f["tabular"], f["poa-exempt"].replace(b"00003", b"00007")],
        "order numbers do not rise",
    ),
    (
        "index of other codes",
        lambda f: [f["tabular"], f["index"].replace(b"A00", b"B00")],
        "belongs to another release than FY2099",
    ),
    (
        "index without a title",
        lambda f: [f["tabular"], f["index"].replace(b"<title>broken</title>", b"")],
        "has no title",
    ),
    (
        "index at a wrong level",
        lambda f: [f["tabular"], f["index"].replace(b'level="2"', b'level="3"')],
        "level that is not its own",
    ),
    (
        "edits that count wrong",
        lambda f: [f["tabular"], f["edits"].replace(b'"age_newborn": 1', b'"age_newborn": 2')],
        "has 1 codes, and says 2",
    ),
    (
        "edits without a list",
        lambda f: [f["tabular"], f["edits"].replace(b"age_adult", b"age_old")],
        "not whole",
    ),
    ("HCC twice", lambda f: [f["tabular"], f["hcc"] + b"A000,115,CMS-HCC Model V28\n"], "twice"),
    ("HCC cut", lambda f: [f["tabular"], f["hcc"][:-9]], "breaks off"),
    ("HCC without rows", lambda f: [f["tabular"], f["hcc"][:29]], "it has no rows"),
    ("labels twice", lambda f: [f["tabular"], f["hcc-labels"] + f["hcc-labels"][50:]], "damaged"),
    ("gzip cut", lambda f: [gzip.compress(f["tabular"])[:-20]], "cut short .gzip"),
    ("zip cut", lambda f: [zipped({"a.xml": f["tabular"]})[:-30]], "cut short .zip"),
    ("zip-slip", lambda f: [zipped({"../a.xml": f["tabular"]})], "would leave its folder"),
    ("zip-slip, absolute", lambda f: [zipped({"/etc/a": f["tabular"]})], "would leave its folder"),
    ("zip-slip, drive", lambda f: [zipped({"C:\\a": f["tabular"]})], "would leave its folder"),
    ("zip bomb", lambda f: [zipped({"a.xml": bytes(8 << 20)})], "far more than an official"),
    ("gzip bomb", lambda f: [gzip.compress(bytes(8 << 20))], "far more than an official"),
    (
        "many members",
        lambda f: [zipped({f"{n}.txt": b"x" for n in range(501)})],
        "more than 500 files",
    ),
]


def drop(data: bytes, number: int) -> bytes:
    lines = data.splitlines(keepends=True)
    return b"".join(lines[:number] + lines[number + 1 :])


@pytest.mark.parametrize(
    ("make", "why"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_a_refusal_names_the_file_says_why_and_changes_nothing(
    take: Take,
    files: dict[str, bytes],
    snapshot: Snapshot,
    make: Callable[[dict[str, bytes]], list[bytes]],
    why: str,
) -> None:
    take(files["tabular"].replace(b"2099", b"2097"), files["hcc"])
    before = snapshot()
    with pytest.raises(ImportRefusedError, match=why) as refused:
        take(*make(files))
    text = str(refused.value)
    assert "given-" in text or "FY2099" in text or "None of the files" in text
    assert text.endswith(".")
    assert snapshot() == before


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entity_bombs_are_refused_unread(
    take: Take, files: dict[str, bytes], snapshot: Snapshot, encoding: str
) -> None:
    take(files["tabular"])
    before = snapshot()
    lol = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    laughs = f'<!DOCTYPE x [<!ENTITY l0 "lol">{lol}]><ICD10CM.tabular>&l9;</ICD10CM.tabular>'
    quadratic = (
        f'<!DOCTYPE x [<!ENTITY a "{"a" * 50_000}">]>'
        f"<ICD10CM.tabular><version>{'&a;' * 50_000}</version></ICD10CM.tabular>"
    )
    outside = '<!DOCTYPE x SYSTEM "file:///etc/passwd"><ICD10CM.tabular/>'
    for bomb in (laughs, quadratic, outside):
        with pytest.raises(ImportRefusedError, match="document type or entities"):
            take(bomb.encode(encoding))
    assert snapshot() == before


def test_nesting_without_end_is_refused(
    take: Take, files: dict[str, bytes], snapshot: Snapshot
) -> None:
    take(files["tabular"])
    before = snapshot()
    for tag in ("diag", "term"):
        root = "tabular" if tag == "diag" else "index"
        deep = f"<ICD10CM.{root}>" + f"<{tag}>" * 200_000
        with pytest.raises(ImportRefusedError, match="nested deeper"):
            take(deep.encode())
    with pytest.raises(ImportRefusedError, match="not whole"):
        take(b'{"codes":' + b"[" * 200_000)
    assert snapshot() == before


def test_other_members_of_a_poa_zip_are_passed_over(take: Take, files: dict[str, bytes]) -> None:
    added = drop(files["poa-exempt"], 1)
    gone = b"POAexemptCode\tDescription\r\nA00.9\tFever\r\n"
    done = take(
        files["tabular"], zipped({"Add.txt": added, "All.txt": files["poa-exempt"], "Del": gone})
    )
    assert dict(next(p.counts for p in done.taken if p.kind == "poa-exempt")) == {"codes": 2}
    assert len(done.passed_over) == 2
    with pytest.raises(ImportRefusedError, match="list of changes is not enough"):
        take(zipped({"Add.txt": added}))


def test_index_and_edits_of_another_year_only_on_request(
    take: Take, files: dict[str, bytes], edits_text: bytes
) -> None:
    take(files["tabular"])
    older = files["index"].replace(b"2099", b"2098")
    for content in (older, edits_text.replace(b"116\t", b"115\t")):
        with pytest.raises(ImportRefusedError, match="or say --other-year"):
            take(content, label="FY2099")
        done = take(content, label="FY2099", other_year=True)
        assert done.taken[0].year == 2098
    with pytest.raises(ImportRefusedError, match="belongs to FY2098, not to FY2099"):
        take(files["poa-exempt"].replace(b"Order99", b"Order98"), label="FY2099", other_year=True)


def test_code_edits_are_taken_as_text_too(
    take: Take, files: dict[str, bytes], edits_text: bytes
) -> None:
    done = take(files["tabular"], edits_text)
    assert done.manifest.part("edits") is not None
    assert {part.year for part in done.taken} == {2099}


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"label": "2099"}, "names no release"),
        ({"label": "FY2099-July"}, "say --from"),
        ({"effective_from": date(2100, 1, 1)}, "correct the dates"),
        ({"label": "FY2098"}, "belongs to FY2099, not to FY2098"),
    ],
)
def test_labels_and_dates_that_cannot_be_are_refused(
    take: Take, files: dict[str, bytes], options: dict[str, object], why: str
) -> None:
    with pytest.raises(ImportRefusedError, match=why):
        take(files["tabular"], **options)


def test_published_totals_are_held_against_the_list(take: Take, files: dict[str, bytes]) -> None:
    known = Limits(least={}, known={("tabular", 2099): (("rows", 7), ("billable", 4))})
    with pytest.raises(ImportRefusedError, match="6 rows, and 7 are published"):
        take(files["tabular"], limits=known)
    assert take(files["tabular"], limits=known, label="FY2099-April").changed
    with pytest.raises(ImportRefusedError, match="too short for the tabular list"):
        take(files["tabular"], limits=OFFICIAL)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ImportRefusedError, match=r"nowhere\.zip cannot be read"):
        list(members(tmp_path / "nowhere.zip"))


def test_the_official_release_takes_the_place_of_the_provisional_one(
    take: Take, files: dict[str, bytes], library: Library, tmp_path: Path
) -> None:
    take(files["tabular"].replace(b"2099", b"2027"))
    at_hand = releases(tmp_path / "cache", library.folder)
    assert [release.label for release in at_hand.all()] == ["FY2026", "FY2027"]
    assert not any(release.provisional for release in at_hand.all())
    assert at_hand.for_date(date(2026, 10, 1))[0].release.label == "FY2027"
    assert at_hand.for_date(None)[1] == "assumed"


def test_an_older_index_serves_until_there_is_one(
    take: Take, files: dict[str, bytes], library: Library, tmp_path: Path
) -> None:
    take(files["tabular"], files["index"], files["hcc"])
    take(files["tabular"], label="FY2099-April")
    found = releases(tmp_path / "cache", library.folder).supplements("FY2099-April")
    assert found.index is not None
    assert found.index.source.release == "FY2099"
    assert found.hcc is None
    assert found.book.follow("Fever, ear").kind == "index"
