"""Files elsewhere: an object store on loopback, `file://`, and what an address may not hold."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import fs, parquet

from app import UsageError
from app.ingest import read
from app.jobs import begin
from app.jobs.planning import plan
from app.jobs.work import work
from app.reading.remote import Remote, RemoteError, check, is_address, plain_name
from app.reading.rows import read_lines, read_parquet
from app.settings import load
from tests.app.jobs.driver import means, open_store
from tests.app.reading.objects import Store, served
from tests.app.reading.test_fhir import PATIENT, STAY, TEXT, document

SECRET = "wJalrXUtnFEMIinvented"


@pytest.fixture
def objects(monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAINVENTED")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with served() as store:
        yield store


def table(path: Path, *rows: dict[str, object]) -> bytes:
    given = pa.Table.from_pylist(list(rows))
    parquet.write_table(given, path, row_group_size=100, compression="NONE", use_dictionary=False)
    return path.read_bytes()


def lines(*rows: object) -> bytes:
    return "".join(f"{json.dumps(row)}\n" for row in rows).encode()


def row(number: int, encounter: str, text: str = "Assessment: gout") -> dict[str, object]:
    return {"note_id": f"n{number}", "encounter_id": encounter, "text": f"{text}, {number}."}


def test_an_object_store_gives_what_the_same_files_here_give(
    objects: Store, tmp_path: Path
) -> None:
    here = tmp_path / "here"
    (here / "deep").mkdir(parents=True)
    table(here / "a.parquet", *(row(n, f"e{n % 7}") for n in range(500)))
    (here / "deep" / "b.jsonl").write_bytes(lines(*(row(n, f"e{n % 7}") for n in range(500, 700))))
    (here / "deep" / "scan.png").write_bytes(b"x")
    for path in here.rglob("*.*"):
        objects.objects[f"in/{path.relative_to(here)}"] = path.read_bytes()
    objects.objects["in/_SUCCESS"] = objects.objects["in/_temporary/c.jsonl"] = b"{"
    objects.objects["inner/other.jsonl"] = b"{"
    found, ours = read([objects.address("in")]), read([here])
    assert not found.problems
    assert len(found.encounters) == 7
    for one, other in zip(found.encounters, ours.encounters, strict=True):
        assert one.encounter_id == other.encounter_id
        assert [note.text for note in one.notes] == [note.text for note in other.notes]
        assert [note.sha256 for note in one.notes] == [note.sha256 for note in other.notes]
    assert found.encounters[0].notes[0].source == "s3://charts/in/a.parquet:1"
    assert "1 files at s3://charts/in are of no format" in found.warnings[0]
    (single,) = read([objects.address("in/deep/b.jsonl")]).encounters[:1]
    assert single.notes[0].source == "s3://charts/in/deep/b.jsonl:1"


def test_a_bulk_export_finds_what_lies_beside_it(objects: Store) -> None:
    objects.objects["x/DocumentReference.ndjson"] = lines(document())
    objects.objects["x/Encounter.ndjson"] = lines(STAY)
    objects.objects["x/Patient.ndjson"] = lines(PATIENT)
    (found,) = read([objects.address("x/DocumentReference.ndjson")]).encounters
    assert (found.age, found.sex, found.setting) == (76.0, "male", "inpatient")
    assert found.notes[0].text == TEXT


def test_a_store_that_breaks_off_stops_the_job_instead_of_leaving_out_notes(
    objects: Store, tmp_path: Path
) -> None:
    rows = [row(n, f"e{n % 40}", "Assessment: gout. " + f"{n:05} " * 1500) for n in range(400)]
    objects.objects["in/a.jsonl"] = lines(*rows[:200])
    objects.objects["in/b.jsonl"] = lines(*rows[200:])
    objects.broken.add("in/b.jsonl")
    made = plan(load(), [objects.address("in")], store=tmp_path / "store", workers=1)
    job = begin(tmp_path / "jobs", made)
    with open_store(tmp_path) as store:
        with pytest.raises(RemoteError, match=r"s3://charts/in/b\.jsonl cannot be read") as told:
            list(work(job, means(tmp_path, store, workers=1)))
        assert SECRET not in str(told.value)
        assert "gout" not in str(told.value)
        assert (job.state, len(store.cases())) == ("stopped", 0)
        objects.broken.clear()
        done = list(work(job, means(tmp_path, store, workers=1)))
        assert len(done) == 40
        assert {len(store.case(step.row.case_id).encounter.notes) for step in done} == {10}
    assert job.state == "finished"


class Failing:
    """A file system whose files cannot be read at their second quarter."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def open_input_file(self, _path: str) -> "Failing":
        self._file = io.BytesIO(self._data)
        return self

    def readinto(self, buffer: Any) -> int:
        if len(self._data) // 4 < self._file.tell() < len(self._data) // 2:
            raise OSError(f"connection reset; {SECRET}")
        return self._file.readinto(buffer)

    def seek(self, offset: int, whence: int) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def close(self) -> None:
        self._file.close()


@pytest.mark.parametrize("ending", ["jsonl", "parquet"])
def test_a_failing_store_is_not_taken_for_a_damaged_file(tmp_path: Path, ending: str) -> None:
    rows = [row(n, "e", str(n) * 1000) for n in range(2000)]
    data = table(tmp_path / "t", *rows) if ending == "parquet" else lines(*rows)
    reader = read_parquet if ending == "parquet" else read_lines
    system: Any = Failing(data)
    found = reader(Remote(system, f"in/a.{ending}", f"s3://charts/in/a.{ending}"), "a")
    with pytest.raises(RemoteError, match="its store does not answer") as told:
        list(found)
    assert SECRET not in str(told.value)


def test_what_cannot_be_reached_is_one_sentence_without_a_key(
    objects: Store, tmp_path: Path
) -> None:
    objects.objects["in/a.jsonl"] = lines(row(1, "e"))
    objects.refused.add("in/a.jsonl")
    for address, says in (
        (objects.address("in/a.jsonl"), "access is denied"),
        (objects.address("nothing/here"), "nothing is there"),
        (tmp_path.joinpath("none").as_uri(), "nothing is there"),
        ("hdfs://127.0.0.1:1/in", "not answer"),
    ):
        with pytest.raises(RemoteError, match=says) as told:
            read([address])
        assert "\n" not in str(told.value)
        assert SECRET not in str(told.value)
        assert "AKIA" not in str(told.value)
        assert str(told.value).startswith(plain_name(address))


def test_a_store_that_does_not_answer_is_not_asked_for_a_quarter_of_an_hour(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Google's client asks for fifteen minutes by itself: the patience of the tests would end."""
    monkeypatch.setattr("app.reading.remote._PATIENCE", 1)
    for options in ("?scheme=http&endpoint_override=127.0.0.1%3A1", ""):
        monkeypatch.setenv("CLOUD_STORAGE_EMULATOR_ENDPOINT", "http://127.0.0.1:1")
        with pytest.raises(RemoteError, match="gs://charts/in cannot be read"):
            read([f"gs://anonymous@charts/in{options}"])


@pytest.mark.parametrize(
    "address",
    [
        "s3://AKIAINVENTED:hidden@charts/in",
        "s3://charts/in?access_key=hidden",
        "s3://charts/in?endpoint_override=me:hidden@127.0.0.1",
        "abfs://container:hidden@account/in",
        "abfs://container:hidden@account.dfs.core.windows.net/in",
        "abfs://hidden@account.dfs.core.windows.net.example.org/in",
        "abfs://hidden@container/in",
        "s3://hidden@account.dfs.core.windows.net/in",
    ],
)
def test_an_address_with_a_secret_is_refused_and_not_repeated(address: str) -> None:
    with pytest.raises(UsageError, match="give credentials by the environment") as told:
        plan(load(), [address], store=Path("store"), workers=1)
    assert "hidden" not in str(told.value)
    with pytest.raises(UsageError):
        read([address])


def test_the_container_of_an_azure_address_is_no_user() -> None:
    """No store of this kind is asked: what is held here is how pyarrow reads the address."""
    address = "abfs://charts@account.dfs.core.windows.net/in/a.jsonl"
    check(address)
    assert plain_name(f"{address}?retry_limit_seconds=5") == address
    _, path = fs.FileSystem.from_uri(address)
    assert path == "charts/in/a.jsonl"
    check("abfss://charts@account.dfs.core.windows.net")
    assert plain_name("ABFSS://charts@Account.DFS.core.windows.net").startswith("ABFSS://charts@A")


def test_what_no_store_is_named_for_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="of no kind of store that can be read"):
        read(["ftp://example.org/in"])
    (tmp_path / "a.csv").write_text("text\ngout\n")
    (problem,) = read([(tmp_path / "a.csv").as_uri()]).problems
    assert "holds no file that can be read there (.parquet, .ndjson, .jsonl)" in problem.sentence


@pytest.mark.parametrize(
    ("text", "told"),
    [("s3://b/x", True), ("file:///x", True), ("notes", False), ("C:/x", False), ("a//b", False)],
)
def test_an_address_is_known_from_a_path(text: str, told: Any) -> None:
    assert is_address(text) is told


def test_an_address_is_not_watched() -> None:
    with pytest.raises(UsageError, match="--watch looks at folders of this machine"):
        plan(load(), ["s3://b/x"], store=Path("s"), workers=1, watch=1.0)
