"""`chartproof code` with a chat model: real processes, killed in the middle, asked again never."""

import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from audit import Actor, ActorKind, Places, Store
from tests.app.conftest import REPOSITORY, Run
from tests.fault_server import FaultServer, serving
from tests.soak import times

NOTES = sorted((REPOSITORY / "resources" / "examples" / "op-diabetes-foot").glob("*.txt"))


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with serving() as running:
        yield running


@pytest.fixture
def settings(server: FaultServer) -> dict[str, str]:
    return {
        "CHARTPROOF_CHAT": "on",
        "CHARTPROOF_CHAT_URL": server.url,
        "CHARTPROOF_CHAT_MODEL": "small",
        "CHARTPROOF_CHAT_FLIGHT": "1",
    }


def opened(tmp_path: Path) -> Store:
    home = tmp_path / "home"
    places = Places(state=home / ".local/state/chartproof", config=home / ".config/chartproof")
    return Store.open(
        tmp_path / "store", places=places, actor=Actor(kind=ActorKind.PERSON, id="coder")
    )


def test_a_run_with_a_model_keeps_every_question_and_a_second_run_asks_nothing(
    run: Run, server: FaultServer, settings: Mapping[str, str], tmp_path: Path
) -> None:
    done = run("code", *NOTES, "--store", "store", "--json", **settings)
    assert done.code == 0, done.err
    (first, second) = done.objects
    sources = first["provenance"]["sources"]
    assert {"prompt verify-1", "prompt extract-1", "prompt audit-1"} <= set(sources)
    assert first["provenance"]["chat_model"] == "small"
    asked = len(server.seen)
    assert asked > 0
    with opened(tmp_path) as store:
        kinds = [event.kind for event in store.events()]
        assert kinds.count("chat.asked") == kinds.count("chat.answered") == asked
    again = run("code", *NOTES, "--store", "store", "--json", **settings)
    assert again.objects == [first, second]
    assert len(server.seen) == asked
    replayed = run("audit", "replay", "--store", "store", "--json")  # no model is set any more
    assert replayed.code == 0, replayed.err
    (figures,) = replayed.objects
    assert (figures["passes"], figures["same"], figures["not_replayed"]) == (2, 2, {})
    wide = run("audit", "replay", "--store", "store", "--json", "--with", wider(tmp_path))
    assert wide.code == 0, "what a wider scope asks and nobody answered is no fault"
    assert {"scope", "chat_answers"} <= wide.objects[0]["provenance"].keys()
    assert len(server.seen) == asked


def wider(folder: Path) -> Path:
    file = folder / "wider.toml"
    file.write_text('scope = "documented"\n')
    return file


@pytest.mark.soak
def test_a_killed_run_never_asks_twice(
    run: Run,
    server: FaultServer,
    settings: Mapping[str, str],
    environment: Mapping[str, str],
    tmp_path: Path,
) -> None:
    for number in range(times(1, 10)):
        folder = f"store-{number}" if number else "store"
        server.seen.clear()
        server.hold = threading.Event()
        before = random.Random(number).randrange(2)
        command = [sys.executable, "-m", "app", "code", *map(str, NOTES), "--store", folder]
        process = subprocess.Popen(
            command,
            cwd=tmp_path,
            env={**environment, **settings},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        for _ in range(before):
            assert server.arrived.acquire(timeout=240)
            passed, server.hold = server.hold, threading.Event()
            passed.set()
        assert server.arrived.acquire(timeout=240)  # a request is on its way; its reply is not
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=60)
        server.hold.set()
        server.hold = None
        done = run("code", *NOTES, "--store", folder, "--json", **settings)
        assert done.code == 0, done.err
        bodies = [str(asked.body) for asked in server.seen]
        assert len(bodies) == len(set(bodies)) > before
        lanes = [reason for each in done.objects for reason in each["lane_reasons"]]
        assert "model-failed=interrupted" in lanes
        replayed = run("audit", "replay", "--store", folder, "--json")
        assert [each["same"] for each in replayed.objects[0]["rows"]] == [True, True]
        verified = run("audit", "verify", "--store", folder)
        assert verified.code == 0, verified.err
        while server.arrived.acquire(blocking=False):
            pass
