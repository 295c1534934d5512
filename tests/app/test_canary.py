"""Words planted in notes that are read, refused and coded: no command or file name says them.

Real processes over every format, good and broken. Words may stand in what is asked for in words
(the results), in the encrypted store and in its texts on their way out, and nowhere else.
"""

import base64
import json
from pathlib import Path

import pytest

from tests.app.conftest import Run

PLAN = "ASSESSMENT AND PLAN:\n1. Gout, continue allopurinol. {} called.\n"
WORDS = [f"zebrafinch{number}" for number in range(12)]


def note(number: int) -> str:
    return PLAN.format(WORDS[number])


def found(text: str) -> list[str]:
    return [word for word in WORDS if word in text]


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """A folder of notes: each format once as it should be, and each broken in the middle."""
    folder = tmp_path / "inbox"
    folder.mkdir()
    document = {
        "resourceType": "DocumentReference",
        "id": "d1",
        "status": "current",
        "content": [{"attachment": {"contentType": "text/plain", "data": coded(note(2))}}],
    }
    broken = {**document, "id": "d2", "content": [{"attachment": {"data": coded(note(3)) + "*"}}]}
    message = "MSH|^~\\&|A|B|C|D|20260504||{}|1|P|2.5\rPID|1||7\r"
    files: dict[str, str | bytes] = {
        "good.txt": note(0),
        "nul.txt": note(1).encode() + b"\0\xff\xfe",
        "good.json": json.dumps(document),
        "broken.json": json.dumps(broken),
        "cut.ndjson": json.dumps(document)[:-9] + "\n",
        "rows.jsonl": json.dumps({"note_id": "r1", "text": note(4), "setting": "nowhere"})
        + "\n"
        + json.dumps({"note_id": "r2", "text": note(5)})[:-2]
        + "\n",
        "rows.csv": f'note_id,text,age\nc1,"{note(6)}",old\nc2,"{note(7)}\n',
        "good.hl7": message.format("MDM^T02")
        + f"TXA|1|PN|TX|||||||||7\rOBX|1|TX|||{WORDS[8]} has gout.\r",
        "broken.hl7": message.format("ORU^R01") + f"OBX|1|ED|||{WORDS[9]}^^^Base64^%%%\r",
        "broken.xml": f"<ClinicalDocument><text>{WORDS[10]}</ClinicalDocument>",
        "broken.rtf": r"{\rtf1 " + WORDS[11] + r" {\bin9999999",
        "broken.docx": b"PK\x03\x04" + note(11).encode(),
    }
    for name, content in files.items():
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def coded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


Command = tuple[tuple[str | Path, ...], int, tuple[str, ...]]
"""What is typed, the exit code it ends with, and the folders it leaves."""


def test_no_command_says_a_planted_word_and_no_file_is_named_by_one(
    run: Run, inbox: Path, tmp_path: Path
) -> None:
    on = ("--store", "s")
    first = run("code", inbox, *on, "--json")
    assert first.code == 1  # notes could not be read
    heard = [first.err]  # its output is the results, the only one here that is to hold words
    results = [line for line in first.objects if not line.get("errors")]
    assert len(results) >= 5
    assert "zebrafinch" not in json.dumps([line.get("errors") for line in first.objects])
    forms = ("--form", "csv", "--form", "html")
    commands: tuple[Command, ...] = (
        (("batch", "start", inbox, "--store", "job"), 1, ("job",)),
        (("batch", "status"), 0, ()),
        (("audit", "export", "bare", "--without-text", *on), 0, ("bare",)),
        (("audit", "export", "forms", *forms, "--without-text", *on), 0, ("forms",)),
        (("audit", "backup", "copies", "--keys", "keys", *on), 0, ("copies", "keys")),
        (("audit", "export", "words", *on), 0, ("words",)),
    )

    def hear(commands: tuple[Command, ...]) -> None:
        for command, code, folders in commands:
            done = run(*command)
            assert done.code == code, (command, done.err)
            heard.extend((done.out, done.err))
            for folder in folders:
                assert any((tmp_path / folder).iterdir()), folder

    hear(commands)
    (tmp_path / "words" / "texts.jsonl").write_text("".join(map(note, range(12))))
    database = tmp_path / "s" / "store.db"
    database.write_bytes(database.read_bytes()[:-9000])
    refused: tuple[Command, ...] = (
        (("audit", "verify", "--bundle", "words"), 1, ()),
        (("audit", "verify", *on), 2, ()),
        (("code", inbox, *on), 1, ()),
    )
    hear(refused)
    for name in (
        "broken.json",
        "rows.jsonl",
        "rows.csv",
        "broken.hl7",
        "broken.xml",
        "broken.docx",
    ):
        assert name in first.err + json.dumps(first.objects), name
    assert found("".join(heard)) == []
    may = {inbox, tmp_path / "words"}
    for path in tmp_path.rglob("*"):
        assert found(path.name) == [], path
        if path.is_file() and not may & set(path.parents):
            assert found(path.read_bytes().decode("latin-1")) == [], path
