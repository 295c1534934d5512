"""The window is killed at random moments while keys are played: nothing acknowledged is lost."""

import os
import random
import select
import subprocess
import sys
from pathlib import Path

import pytest

from app.desktop.main import settings_file
from app.desktop.place import last_place
from audit import verify
from taxonomy import Releases, Taxonomy
from tests.app.desktop import builders
from tests.soak import times

KILLS = times(5, 200)
"""Kills: 5 in `make test`, 200 in `make soak`."""

ROOT = Path(__file__).resolve().parents[3]


class Player:
    """A window in a process of its own, with what it has said so far."""

    def __init__(self, root: Path, cache: Path, seed: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.app.desktop.player", str(root), str(cache), str(seed)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert self._process.stdout is not None
        self._out = self._process.stdout.fileno()
        self._heard = b""

    @property
    def lines(self) -> list[list[str]]:
        return [line.split() for line in self._heard.decode().splitlines()]

    def hear(self, count: int) -> None:
        """Wait until it has said so many lines."""
        while len(self.lines) < count:
            got = os.read(self._out, 65536)
            if not got:
                assert self._process.stderr is not None
                pytest.fail(f"the window ended by itself: {self._process.stderr.read().decode()}")
            self._heard += got

    def kill(self, *, after: float) -> None:
        """Kill it some seconds from now, or at the next word it says, and hear it out."""
        select.select([self._out], [], [], after)
        self._process.kill()
        while got := os.read(self._out, 65536):
            self._heard += got
        self._process.wait()
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._process.stdout.close()
        self._process.stderr.close()


@pytest.mark.soak
def test_every_acknowledged_decision_is_there_after_a_kill(
    root: Path, built_in: Releases, icd: Taxonomy
) -> None:
    draw = random.Random(20_261_126)
    acknowledged: dict[int, str] = {}
    for seed in range(KILLS):
        before = last_place(settings_file(root / "config"))
        player = Player(root, built_in._cache_dir, seed)
        player.hear(draw.randint(2, 30))
        player.kill(after=draw.random() / 20)
        (first, case_id), *said = player.lines
        assert first == "open"
        if before is not None:
            assert case_id == before.case_id, "it comes back to the case it was killed on"
        acknowledged |= {int(seq): digest for seq, digest in said}
        report = verify(root / "store", places=builders.places(root))
        assert report.exit_code == 0, report.problems
        with builders.open_store(root) as store:
            kept = {event.seq: event.hash for event in store.events()}
        lost = {seq for seq, digest in acknowledged.items() if kept.get(seq) != digest}
        assert not lost, f"kill {seed}: acknowledged and gone: {sorted(lost)}"
    assert len(acknowledged) > KILLS
    assert last_place(settings_file(root / "config")) is not None
