"""A case in the forms others read: what each says, and that none says too much."""

import csv
import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from fhir.resources.R4B.bundle import Bundle
from hypothesis import given, settings
from hypothesis import strategies as st

from audit import AuditError, Places, Store
from audit.export import FORMS, Choice, ExportError, export_cases, print_page
from audit.export.cases import read_sheet
from audit.export.fhir import fhir_of
from audit.export.forms import COLUMNS, csv_of, inert, json_of
from audit.export.page import page_of
from audit.people import LOCAL_NOTICE, roles_notice
from tests.audit.builders import CODER, TEXT, encounter, result
from tests.audit.export.desk import REASON, submit, title, written


def test_csv_has_one_row_a_code_and_nothing_a_spreadsheet_would_run(
    desk: Store, tmp_path: Path
) -> None:
    content = written(desk, tmp_path / "out", "csv")["csv"]
    assert content.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(content[1:], newline="")))
    assert [row["code"] for row in rows] == ["I10", "E11.9", "R07.9", "Z79.4"]
    assert [row["standing"] for row in rows] == ["suggested", "rejected", "suggested", "suggested"]
    assert [row["maker"] for row in rows] == [
        "human-confirmed",
        "machine-suggested",
        "machine-suggested",
        "human-entered",
    ]
    assert rows[0]["title"] == "Essential (primary) hypertension"
    assert rows[0]["evidence"] == "n1 113-135: Essential hypertension"
    assert rows[0]["decided_by"] == "coder-1"
    assert rows[1]["reason"] == f"'{REASON}"
    assert tuple(rows[0]) == COLUMNS


@pytest.mark.parametrize(
    "cell",
    [
        *("=1+1", " =1", "\t=1", "+1", "-1", "@SUM(A1)", "\r=1", "\n=1", "\x00=1", "\uff1d1"),
        *("=cmd|' /C calc'!A0", "  @x", "\u3000=1", "\u00a0=1", "\uff20x", "\t", "-", "\x0b=1"),
    ],
)
def test_what_may_be_a_formula_is_made_inert(cell: str) -> None:
    assert inert(cell)[0] == "'" or inert(cell)[0] == "\ufffd"


@given(st.text(max_size=12))
def test_a_cell_is_changed_only_where_it_must_be(cell: str) -> None:
    made = inert(cell)
    assert made.removeprefix("'") == cell.replace("\x00", "\ufffd") or made == cell
    assert not made.lstrip().startswith(("=", "+", "-", "@"))


def test_json_says_who_when_and_at_which_place_of_the_log(desk: Store, tmp_path: Path) -> None:
    found = json.loads(written(desk, tmp_path / "out", "json")["json"])
    assert found["state"] == "open"
    assert found["checkpoint"]["size"] == len(desk.events()) == found["history"][-1]["seq"]
    assert found["history"][-1]["kind"] == "record.exported"
    first = found["codes"][0]
    words = first["evidence"][0]
    assert words["words"] == "Essential hypertension"
    assert TEXT[words["start"] : words["end"]] == words["words"]
    assert TEXT[: words["start"]].endswith(words["before"])
    assert found["codes"][1]["reason"] == REASON  # JSON is not for a spreadsheet: unaltered
    submit(desk)
    found = json.loads(written(desk, tmp_path / "again", "json")["json"])
    assert found["submitted_by"] == "coder-1"
    assert found["signatures"][0]["name"] == "Robin Marlow"
    assert {row["code"]: row["standing"] for row in found["codes"]} == {
        "I10": "final",
        "Z79.4": "final",
        "E11.9": "rejected",
        "R07.9": "rejected",
    }


def test_every_form_of_a_local_store_says_that_roles_only_guide(
    desk: Store, tmp_path: Path
) -> None:
    forms = ("csv", "json", "fhir", "html")
    found = written(desk, tmp_path / "out", *forms, texts=False)
    assert len(found) == len(forms)
    rows = list(csv.DictReader(io.StringIO(found["csv"][1:], newline="")))
    assert {row["roles"] for row in rows} == {LOCAL_NOTICE}
    assert json.loads(found["json"])["roles"] == LOCAL_NOTICE
    bundle = json.loads(found["fhir.json"])
    Bundle.model_validate(bundle)
    assert [each["display"] for each in bundle["meta"]["tag"]] == [LOCAL_NOTICE]
    assert LOCAL_NOTICE in found["html"]


def test_forms_of_a_store_that_enforces_roles_claim_no_weakness(desk: Store) -> None:
    case_id = desk.cases()[0].case_id
    sheet = read_sheet(desk, case_id, title=title, texts=False)
    kept = replace(sheet, roles=roles_notice(enforced=True))
    point = desk.door.vouched()[0][-1].checkpoint
    said = [csv_of(kept), json.dumps(json_of(kept, point)), json.dumps(fhir_of(kept, point))]
    said.append(page_of(kept, point, made="", by=""))
    assert not [each for each in said if "roles guide" in each or "not-enforced" in each]
    assert "meta" not in fhir_of(kept, point)


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        assert not {name for name, _ in attrs} & {"src", "href", "onclick"}


def test_the_page_shows_words_in_context_and_runs_nothing(desk: Store, tmp_path: Path) -> None:
    page = written(desk, tmp_path / "out", "html")["html"]
    assert "they do not protect" in page
    tags = Tags()
    tags.feed(page)
    assert not {"script", "link", "img", "iframe"} & set(tags.seen)
    assert '<span class="words">Essential hypertension</span>' in page
    assert "This case is not submitted" in page
    assert "rejected by coder-1" in page
    assert "Ask Dr Ashgrove." in page
    submit(desk)
    page = written(desk, tmp_path / "again", "html")["html"]
    assert "This case is not submitted" not in page
    assert "Robin Marlow" in page


def test_without_texts_no_form_has_a_word_of_note_or_person(desk: Store, tmp_path: Path) -> None:
    desk.record(encounter("visits/Okonkwo Ada 1.txt"), result("visits/Okonkwo Ada 1.txt"))
    out = tmp_path / "out"
    plain = tuple(form for form in FORMS if form != "pdf")
    export_cases(desk, out, Choice(), forms=plain, texts=False, title=title)
    paths = list(out.iterdir())
    assert len(paths) == 8
    for path in paths:
        content = path.read_bytes().decode()
        assert re.fullmatch(r"[0-9a-f]{32}\.[a-z.]+", path.name)
        for word in ("Okonkwo", "hypertension, well", "metformin", "Ashgrove", "script"):
            assert word not in content, path.name


def test_each_form_is_an_event_before_it_leaves(desk: Store, tmp_path: Path) -> None:
    export_cases(desk, tmp_path / "out", Choice(), forms=("csv", "html"), texts=False, title=title)
    kinds = [
        (e.data["form"], e.data["texts"]) for e in desk.events() if e.kind == "record.exported"
    ]
    assert kinds == [("csv", False), ("html", False)]
    case_id = desk.cases()[0].case_id
    assert "Essential hypertension" in print_page(desk, case_id, title=title)
    last = next(e for e in reversed(desk.events()) if e.kind == "record.exported")
    assert (last.data["form"], last.data["chosen"], last.case_id) == ("print", [case_id], case_id)


def test_what_cannot_be_written_is_said_and_leaves_nothing(desk: Store, tmp_path: Path) -> None:
    with pytest.raises(AuditError, match="no form"):
        export_cases(desk, tmp_path / "a", Choice(), forms=("doc",), texts=True, title=title)
    with pytest.raises(AuditError, match="html instead"):
        export_cases(desk, tmp_path / "a", Choice(), forms=("pdf",), texts=True, title=title)
    (tmp_path / "file").write_text("x")
    with pytest.raises(ExportError):
        export_cases(desk, tmp_path / "file", Choice(), forms=("csv",), texts=True, title=title)
    assert [path.name for path in tmp_path.iterdir() if "." in path.name] == []


@settings(max_examples=10, deadline=None)
@given(words=st.text(min_size=1, max_size=40))
def test_any_title_is_escaped_and_valid(
    words: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = tmp_path_factory.mktemp("any")
    places = Places(state=root / "state", config=root / "config")
    with Store.create_or_open(root / "store", places=places, actor=CODER) as store:
        store.record(encounter(), result())
        forms = ("csv", "json", "html")
        export_cases(store, root / "out", Choice(), forms=forms, texts=True, title=lambda *_: words)
    page = next((root / "out").glob("*.html")).read_bytes().decode("utf-8", "surrogatepass")
    Tags().feed(page)
    assert page.count("<script") == 0
