"""The command as people run it: a real process, a home of its own, one cache for all tests."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).parents[2]

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
