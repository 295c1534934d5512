"""The installed command as people run it: real processes, a home of their own, one shared cache."""

import gzip
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).parents[2]
NOTES = {
    "htn.txt": "Assessment: essential hypertension, on lisinopril. No asthma.\n",
    "crlf.txt": "ASSESSMENT\r\n1. Type 2 diabetes mellitus.\r\n2. Gout of the left foot.\r\n",
    "emoji.txt": "🙂 Assessment and plan: asthma 😷, continue albuterol; café au lait 🧑‍⚕️.\n",
    "rtl.txt": "שלום. Assessment: atrial fibrillation, מרשם apixaban renewed.\n",
    "latin.txt": "Assessment: migraine, 38 \xb0C yesterday.\n",
}

Run = Callable[..., "Done"]


@dataclass(frozen=True, slots=True)
class Done:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def objects(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture(scope="session")
def cache(request: pytest.FixtureRequest) -> Path:
    """Built once and kept between runs: every file of it is checked by digest before use."""
    cache = request.config.cache
    assert cache is not None
    return Path(cache.mkdir("chartproof"))


@pytest.fixture
def environment(tmp_path: Path, cache: Path) -> dict[str, str]:
    return {
        **{k: v for k, v in os.environ.items() if not k.startswith(("CHARTPROOF_", "XDG_"))},
        "HOME": str(tmp_path / "home"),
        "PYTHONPATH": str(REPOSITORY),
        "CHARTPROOF_CACHE": str(cache),
        "CHARTPROOF_KEYRING": "off",
        "CHARTPROOF_WORKERS": "1",
        "DISPLAY": "",
        "WAYLAND_DISPLAY": "",
        "QT_QPA_PLATFORM": "",
    }


@pytest.fixture
def run(tmp_path: Path, environment: Mapping[str, str]) -> Run:
    def run(*arguments: str | Path, **extra: str) -> Done:
        done = subprocess.run(
            [sys.executable, "-m", "app", *map(str, arguments)],
            cwd=tmp_path,
            env={**environment, **extra},
            capture_output=True,
            timeout=300,
            check=False,
        )
        out, err = done.stdout.decode(), done.stderr.decode()
        assert "Traceback" not in out + err
        assert "A fault inside" not in out + err
        return Done(done.returncode, out, err)

    return run


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    folder.mkdir()
    for name, text in NOTES.items():
        encoding = "cp1252" if name == "latin.txt" else "utf-8"
        (folder / name).write_bytes(text.encode(encoding))
    return folder


def masked(out: str) -> str:
    """Hide what may differ between two runs of one input: the random ids of cases."""
    return re.sub(r'"case_id": "[^"]+"', '"case_id": "…"', out)


def check(value: dict[str, Any], texts: Mapping[str, str]) -> None:
    """Hold an object against the schema of the issue and against the texts it quotes."""
    assert set(value) == {
        "schema", "encounter_id", "case_id", "setting", "release", "scope", "lane",
        "lane_reasons", "state", "errors", "notes", "suggestions", "excluded", "findings",
        "provenance",
    }  # fmt: skip
    assert value["schema"] == 1
    assert value["lane"] in {"auto", "confirm", "review"}
    for note in value["notes"]:
        assert set(note) == {"note_id", "sha256", "source"}
    for suggestion in value["suggestions"]:
        assert set(suggestion) == {
            "code", "title", "confidence", "route", "evidence", "candidates", "verdict",
            "findings", "reasons",
        }  # fmt: skip
        assert 0 <= suggestion["confidence"] <= 1
        assert set(suggestion["verdict"]) == {"support", "reasons", "by"}
        for candidate in suggestion["candidates"]:
            assert set(candidate) == {"code", "title", "score", "reasons"}
            assert candidate["title"]
    for proposal in (*value["suggestions"], *value["excluded"]):
        assert re.fullmatch(r"[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?", proposal["code"])
        assert proposal["title"]
        assert proposal["evidence"]
        for piece in proposal["evidence"]:
            assert set(piece) == {
                "note_id", "start", "end", "quote", "section", "assertion", "trigger",
            }  # fmt: skip
            assert piece["quote"]
            assert texts[piece["note_id"]][piece["start"] : piece["end"]] == piece["quote"]
    for excluded in value["excluded"]:
        assert set(excluded) == {"code", "title", "reason", "evidence"}
        assert excluded["reason"]
    for finding in value["findings"]:
        assert set(finding) == {"rule", "severity", "codes", "message", "source"}
        assert finding["message"]


def test_help_names_every_command_and_hides_the_demo(run: Run) -> None:
    done = run("--help")
    assert done.code == 0
    assert all(word in done.out for word in ("code", "search", "evaluate", "audit", "info"))
    assert "demo" not in done.out
    assert run("--version").out.startswith("chartproof ")


def test_help_loads_no_heavy_library(environment: Mapping[str, str]) -> None:
    heavy = "numpy spacy pydantic PySide6 sqlalchemy sqlmodel hnswlib taxonomy audit keyring"
    script = (
        "import sys, app.cli\n"
        "try: app.cli.app(['--help'])\n"
        "except SystemExit: pass\n"
        f"sys.exit(' '.join(n for n in '{heavy}'.split() if n in sys.modules) or 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()


def test_notes_of_every_script_are_coded_with_quotes_at_their_offsets(
    run: Run, notes: Path
) -> None:
    done = run("code", notes, "--json")
    assert done.code == 0, done.err
    assert len(done.objects) == len(NOTES)
    texts = {name: text.replace("\r\n", "\n") for name, text in NOTES.items()}
    for value in done.objects:
        check(value, texts)
        assert value["state"] == "open"
        assert {"setting-assumed", "release-assumed"} <= {f["rule"] for f in value["findings"]}
    codes = {v["encounter_id"]: {s["code"] for s in v["suggestions"]} for v in done.objects}
    assert "I10" in codes["htn.txt"]
    assert "I48.91" in codes["rtl.txt"]
    assert "latin.txt is not UTF-8 and was read as Windows-1252" in done.err
    assert run("audit", "verify").code == 0


def test_one_and_two_workers_give_the_same_bytes_and_a_second_run_adds_nothing(
    run: Run, notes: Path, tmp_path: Path
) -> None:
    for number in range(12):
        (notes / f"visit{number}.txt").write_text(f"A/P: {number + 2}-year h/o COPD, stable.\n")
    one = run("code", notes, "--json", "--workers", "1", "--store", tmp_path / "one")
    two = run("code", notes, "--json", "--workers", "2", "--store", tmp_path / "two")
    assert one.code == two.code == 0
    assert one.out
    assert masked(one.out) == masked(two.out)
    again = run("code", notes, "--json", "--workers", "2", "--store", tmp_path / "one")
    assert again.out == one.out, "the same cases, the same bytes"
    assert f"{len(NOTES) + 12} were there already" in again.err


def test_bad_notes_are_listed_and_recorded_and_the_good_ones_coded(
    run: Run, tmp_path: Path
) -> None:
    folder = tmp_path / "mixed"
    folder.mkdir()
    bad = {
        "binary.txt": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
        "blank.txt": b" \r\n\t\n",
        "empty.txt": b"",
        "large.txt": b"asthma " * 750_000,
        "undecodable.txt": b"asthma \x81\x8d\x8f stable",
    }
    for number in range(5):
        (folder / f"good{number}.txt").write_text(f"Assessment: asthma, visit {number}.\n")
    for name, data in bad.items():
        (folder / name).write_bytes(data)
    done = run("code", folder, "--json")
    assert done.code == 1
    failed = {v["notes"][0]["note_id"]: v for v in done.objects if v["state"] == "failed"}
    assert sorted(failed) == sorted(bad)
    for name, value in failed.items():
        check(value, {})
        (error,) = value["errors"]
        assert name in error
        assert error in done.err
        assert value["case_id"]
    good = [v for v in done.objects if v["state"] == "open"]
    assert [v["encounter_id"] for v in good] == [f"good{n}.txt" for n in range(5)]
    assert all(v["suggestions"] for v in good)
    verified = run("audit", "verify", "--json")
    assert verified.code == 0
    assert verified.objects[0]["status"] == "intact"


def test_broken_lines_and_an_unknown_setting_are_named_by_line(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    text = "Assessment: gout."
    rows = (
        {"note_id": "a", "encounter_id": "e", "text": text},
        "{broken",
        {"note_id": "b", "text": text, "setting": "ward"},
        {"note_id": "c", "encounter_id": "e", "text": ""},
        {"doc_id": "d", "text": text, "setting": "inpatient", "age": "x"},
    )
    path.write_text("".join(f"{r if isinstance(r, str) else json.dumps(r)}\n" for r in rows))
    done = run("code", path, "--json")
    assert done.code == 1
    *refused, shared, other = done.objects
    assert [v["notes"][0]["source"] for v in refused] == [f"{path}:{n}" for n in (2, 3, 4)]
    assert "inpatient, outpatient, emergency, observation, other" in refused[1]["errors"][0]
    assert shared["encounter_id"] == "e"
    assert (shared["lane"], shared["errors"]) == ("review", refused[2]["errors"])
    assert "note-refused" in shared["lane_reasons"]
    assert (other["encounter_id"], other["setting"]) == ("d", "inpatient")
    assert "in.jsonl:5: age is not a number" in done.err


def test_a_table_is_printed_for_people(run: Run, notes: Path) -> None:
    done = run("code", notes / "htn.txt")
    assert done.code == 0
    assert "htn.txt" in done.out
    assert "I10" in done.out
    assert "encounters coded into" in done.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("code", "missing.txt"), "missing.txt does not exist"),
        (("code", "missing.txt", "--setting", "ward"), "'ward' is not one of"),
        (("code", "missing.txt", "--scope", "all"), "all"),
        (("code", "missing.txt", "--workers", "0"), "--workers"),
        (("code",), "Missing argument"),
        (("evaluate",), "Nothing to evaluate"),
        (("evaluate", "missing.jsonl"), "missing.jsonl cannot be read"),
        (("frobnicate",), "No such command"),
        (("search", "gout", "--limit", "0"), "--limit"),
        (("audit", "verify", "--store", "nowhere"), "nowhere"),
    ],
)
def test_a_mistake_of_the_caller_ends_with_2_and_a_sentence(
    run: Run, arguments: tuple[str, ...], says: str, tmp_path: Path
) -> None:
    done = run(*arguments)
    assert done.code == 2
    assert says in done.err
    assert not (tmp_path / "nowhere").exists()
    assert not (tmp_path / "home" / ".local" / "share" / "chartproof" / "store").exists()


def test_without_a_display_the_window_names_the_command_that_needs_none(run: Run) -> None:
    done = run()
    assert done.code == 1
    assert "chartproof code" in done.err


def test_a_misspelt_setting_is_named(run: Run) -> None:
    done = run("info", CHARTPROOF_STROE="/x")
    assert done.code == 2
    assert "CHARTPROOF_STROE" in done.err


def test_search_finds_by_words_and_by_code(run: Run) -> None:
    by_words = run("search", "heart", "attack", "--json").objects[0]
    assert by_words["hits"][0]["code"] == "I21.9"
    by_code = run("search", "e11.6", "--limit", "3", "--json").objects[0]
    assert [hit["code"][:5] for hit in by_code["hits"]] == ["E11.6"] * 3
    assert "I21.9" in run("search", "heart attack").out
    nothing = run("search", "qqqqxxzz")
    assert (nothing.code, nothing.out) == (0, "")
    assert "No code found" in nothing.err


def test_info_names_versions_release_digests_and_every_place(run: Run, tmp_path: Path) -> None:
    facts = run("info", "--json").objects[0]
    assert facts["release"]["label"] == "FY2026"
    assert set(facts["digests"]) == {
        "taxonomy_digest", "model_digest", "index_digest", "rules_digest", "config_digest",
    }  # fmt: skip
    assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in facts["digests"].values())
    home = str(tmp_path / "home")
    for place in ("store", "demo_store", "heads", "keys", "settings_file"):
        assert facts["paths"][place].startswith(home)
    assert not (tmp_path / "home" / ".local" / "share").exists(), "info makes no store"
    assert "FY2026" in run("info").out


@pytest.mark.parametrize(
    ("damage", "exit_code"), [("flip", {1, 2}), ("absent", {2}), ("head", {3}), ("text", {2})]
)
def test_a_damaged_store_is_said_by_verify_and_refused_by_code(
    run: Run, notes: Path, tmp_path: Path, damage: str, exit_code: set[int]
) -> None:
    store = tmp_path / "store"
    (tmp_path / "empty.txt").touch()
    assert run("code", tmp_path / "empty.txt", "--store", store).code == 1, "refused and recorded"
    database = store / "store.db"
    match damage:
        case "flip":
            data = bytearray(database.read_bytes())
            for offset in range(5000, len(data), 997):
                data[offset] ^= 0xFF
            database.write_bytes(data)
        case "absent":
            database.unlink()
        case "head":
            for head in (tmp_path / "home").rglob("heads/*"):
                head.unlink()
        case "text":
            database.write_text("this is no database " * 500)
    done = run("audit", "verify", "--store", store)
    assert done.code in exit_code, done.err
    assert done.err.strip(), "a sentence says why"
    if damage != "absent":
        coded = run("code", notes / "rtl.txt", "--store", store, "--json")
        assert coded.code != 0
        assert coded.out == ""
        assert str(store) in coded.err


def test_a_store_that_cannot_be_made_is_named(run: Run, notes: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    done = run("code", notes, "--store", tmp_path / "file", "--json")
    assert done.code != 0
    assert done.out == ""
    assert str(tmp_path / "file") in done.err


def test_evaluate_scores_documents_and_pairs(run: Run, tmp_path: Path) -> None:
    text = "Assessment: essential hypertension."
    rows = [
        {
            "doc_id": "a",
            "text": text,
            "annotations": [{"code": "I10", "evidence": [[12, 34, "essential hypertension"]]}],
        },
        {"doc_id": "b", "text": "Assessment: gout.", "annotations": [{"code": "C50.911"}]},
    ]
    dataset = tmp_path / "gold.jsonl.gz"
    dataset.write_bytes(gzip.compress("".join(f"{json.dumps(r)}\n" for r in rows).encode()))
    pairs = tmp_path / "pairs.jsonl"
    pairs.write_text('{"mention": "essential hypertension", "code": "I10"}\n')
    done = run("evaluate", dataset, "--mentions", pairs, "--scope", "documented", "--json")
    assert done.code == 0, done.err
    (figures,) = done.objects
    assert figures["documents"] == 2
    assert figures["scope"] == "documented"
    for name in ("exact", "category", "without_symptom_chapter", "evidence"):
        assert {"precision", "recall", "f1"} <= set(figures[name])
    assert figures["exact"]["recall"] == 0.5
    assert figures["evidence"]["matched"]["recall"] == 1.0
    assert figures["stages"]["validation"] == 1
    assert len(figures["calibration"]["bins"]) == 10
    assert figures["auto"]["thresholds"][0]["threshold"] == 0.5
    assert figures["seconds"]["p50"] <= figures["seconds"]["p95"]
    assert figures["mentions"]["r_at_1"] == figures["mentions"]["mrr"] == 1.0
    assert "exact" in run("evaluate", dataset).out


def test_the_demo_is_coded_once_and_again_only_on_request(run: Run, tmp_path: Path) -> None:
    first = run("demo", "--no-window")
    assert first.code == 0
    assert "example encounters are coded" in first.err
    store = tmp_path / "home" / ".local" / "share" / "chartproof" / "demo-store"
    before = (store / "store.db").read_bytes()
    second = run("demo")
    assert second.code == 0
    assert "chartproof code" in second.err, "no display, and what to do instead"
    assert (store / "store.db").read_bytes() == before
    assert run("audit", "verify", "--store", store).code == 0
    assert run("demo", "--reset", "--no-window").code == 0
    assert (store / "store.db").read_bytes() != before


def test_a_closed_pipe_ends_quietly(
    notes: Path, tmp_path: Path, environment: Mapping[str, str]
) -> None:
    script = f"{sys.executable} -m app code {notes} --json | true"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {script}"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr
    assert b"BrokenPipe" not in done.stderr


def test_an_interrupt_keeps_what_was_coded(
    tmp_path: Path, environment: Mapping[str, str], run: Run
) -> None:
    path = tmp_path / "many.jsonl"
    rows = ({"note_id": f"n{n}", "text": f"Assessment: gout, visit {n}."} for n in range(3000))
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "code", str(path), "--json", "--workers", "2"],
        cwd=tmp_path,
        env=dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout is not None
    first = json.loads(process.stdout.readline())
    os.killpg(process.pid, signal.SIGINT)  # as the terminal does: parent and workers alike
    out, err = process.communicate(timeout=120)
    assert process.returncode == 130, err.decode()
    assert b"Traceback" not in err
    assert b"are in the store" in err
    assert run("audit", "verify").code == 0
    done = {first["encounter_id"], *(json.loads(line)["encounter_id"] for line in out.splitlines())}
    assert 0 < len(done) < 3000
