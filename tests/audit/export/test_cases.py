"""A case in the forms others read: what each says, and that none says too much."""

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle
from hypothesis import given, settings
from hypothesis import strategies as st

from audit import Accept, Add, AuditError, Places, Reject, State, Store
from audit.decisions import Comment
from audit.export import FORMS, Choice, ExportError, export_cases, print_page
from audit.export.cases import read_sheet
from audit.export.fhir import fhir_of
from audit.export.forms import COLUMNS, csv_of, inert, json_of
from audit.export.page import page_of
from audit.people import LOCAL_NOTICE, roles_notice
from audit.signoff import SignOff
from audit.staff import Staff
from pipeline.model import Provenance
from tests.audit.builders import CODER, PHRASE, TEXT, encounter, final, result, span
from tests.audit.conftest import ticking

REASON = '=HYPERLINK("http://x")<script>alert(1)</script>'


def title(code: str, _origin: Provenance | None) -> str:
    return {"I10": "Essential (primary) hypertension"}.get(code, "")


@pytest.fixture
def desk(folder: Path, where: Places) -> Iterator[Store]:
    """A store with one case of a confirmed, a rejected and an entered code, not submitted."""
    with Store.create_or_open(folder, places=where, actor=CODER, clock=ticking()) as store:
        Staff(store).enrol("Robin Marlow", PHRASE)
        case_id = store.record(encounter(), result(more=("R07.9",))).case_id
        store.decide(case_id, Accept(code="I10"))
        store.decide(case_id, Reject(code="E11.9", reason=REASON))
        store.decide(case_id, Add(code="Z79.4", evidence=(span("metformin"),)))
        store.decide(case_id, Comment(text="Ask Dr Ashgrove."))
        yield store


def written(store: Store, out: Path, *forms: str, texts: bool = True) -> dict[str, str]:
    count = export_cases(store, out, Choice(), forms=forms, texts=texts, title=title)
    assert count == 1
    return {path.name.partition(".")[2]: path.read_bytes().decode() for path in out.iterdir()}


def submit(store: Store) -> str:
    case_id = store.cases()[0].case_id
    store.decide(case_id, Reject(code="R07.9", reason="a symptom of it"))
    case = SignOff(store).submit(case_id, final(store.case(case_id)), PHRASE)
    assert case.state is State.SUBMITTED
    return case_id


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


def by_type(bundle: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    resources = [entry["resource"] for entry in bundle["entry"]]
    return [each for each in resources if each["resourceType"] == kind]


def test_fhir_is_valid_r4b_and_tells_machine_from_person(desk: Store, tmp_path: Path) -> None:
    bundle = json.loads(written(desk, tmp_path / "out", "fhir")["fhir.json"])
    Bundle.model_validate(bundle)
    conditions = by_type(bundle, "Condition")
    assert [each["code"]["coding"][0]["code"] for each in conditions] == ["I10", "R07.9", "Z79.4"]
    assert {each["code"]["coding"][0]["system"] for each in conditions} == {
        "http://hl7.org/fhir/sid/icd-10-cm"
    }
    assert [each["meta"]["tag"][0]["code"] for each in conditions] == [
        "human-confirmed",
        "machine-suggested",
        "human-entered",
    ]
    assert [each["meta"]["security"][0]["code"] for each in conditions] == [
        "CLINAST",
        "AIAST",
        "CLINAST",
    ]
    status = [each["verificationStatus"]["coding"][0]["code"] for each in conditions]
    assert status == ["provisional"] * 3
    assert by_type(bundle, "Claim") == []  # nothing is billed that nobody submitted
    assert len(by_type(bundle, "AuditEvent")) == len(desk.events(desk.cases()[0].case_id))
    assert {url["fullUrl"] for url in bundle["entry"]} >= {
        target["reference"] for each in by_type(bundle, "Provenance") for target in each["target"]
    }


def test_fhir_claims_the_final_codes_of_a_submitted_case(desk: Store, tmp_path: Path) -> None:
    submit(desk)
    bundle = json.loads(written(desk, tmp_path / "out", "fhir")["fhir.json"])
    Bundle.model_validate(bundle)
    (claim,) = by_type(bundle, "Claim")
    codes = [each["diagnosisCodeableConcept"]["coding"][0]["code"] for each in claim["diagnosis"]]
    assert codes == ["I10", "Z79.4"]
    assert [each["sequence"] for each in claim["diagnosis"]] == [1, 2]
    status = [c["verificationStatus"]["coding"][0]["code"] for c in by_type(bundle, "Condition")]
    assert status == ["confirmed", "confirmed"]


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
