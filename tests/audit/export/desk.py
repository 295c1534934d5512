"""A case on a desk, and the files it leaves as."""

from pathlib import Path

from audit import Reject, State, Store
from audit.export import Choice, export_cases
from audit.signoff import SignOff
from pipeline.model import Provenance
from tests.audit.builders import PHRASE, final

REASON = '=HYPERLINK("http://x")<script>alert(1)</script>'


def title(code: str, _origin: Provenance | None) -> str:
    return {"I10": "Essential (primary) hypertension"}.get(code, "")


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
