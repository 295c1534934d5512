"""What holds for every test: no screen, no network, no folder of the person who runs them."""

import os

# Set before anything imports Qt; a test that fails here must not open windows on a desk.
os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["CHARTPROOF_KEYRING"] = "off"

import ipaddress
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from taxonomy import Releases, Taxonomy, releases
from tests.postgres import postgres
from tests.tls import guarded

__all__ = ["guarded", "postgres"]

OFFSCREEN = (
    "This plugin does not support propagateSizeHints",
    r"This plugin does not support raise\(\)",
)
"""What Qt's offscreen platform says of windows with a least size, or over others; not our fault."""

_FOLDERS = {
    "HOME": "",
    "XDG_CONFIG_HOME": ".config",
    "XDG_STATE_HOME": ".local/state",
    "XDG_CACHE_HOME": ".cache",
    "XDG_DATA_HOME": ".local/share",
    "XDG_RUNTIME_DIR": ".run",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        item.add_marker(pytest.mark.qt_log_ignore(*OFFSCREEN))


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the test an empty home; nothing of this user is read or written."""
    folder = tmp_path_factory.mktemp("home", numbered=True)
    for name, below in _FOLDERS.items():
        place = folder / below
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        monkeypatch.setenv(name, str(place))
    return folder


def _is_local(address: Any) -> bool:
    """Say whether an address is on this machine: a socket file, or a loopback number or name."""
    if not isinstance(address, tuple):
        return True
    host = str(address[0])
    if host in {"localhost", ""}:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@pytest.fixture(scope="session", autouse=True)
def no_network() -> Iterator[None]:
    """Refuse every connection that would leave this machine, by whatever library."""
    patch = pytest.MonkeyPatch()
    for name in ("connect", "connect_ex"):
        real = getattr(socket.socket, name)

        def guarded(self: socket.socket, address: Any, *, real: Any = real) -> Any:
            if not _is_local(address):
                pytest.fail(f"a test tried to reach the network: {address}")
            return real(self, address)

        patch.setattr(socket.socket, name, guarded)
    yield
    patch.undo()


@pytest.fixture(scope="session")
def built_in(tmp_path_factory: pytest.TempPathFactory) -> Releases:
    """Return the releases that come with the program, compiled once for all tests that ask."""
    return releases(tmp_path_factory.mktemp("icd"), tmp_path_factory.mktemp("library"))


@pytest.fixture(scope="session")
def icd(built_in: Releases) -> Taxonomy:
    """Return the newest complete release."""
    return built_in.newest()
