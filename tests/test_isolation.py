"""The tests of this repository neither leave the machine nor touch the home of who runs them."""

import os
import socket
from pathlib import Path

import platformdirs
import pytest


def test_a_connection_off_this_machine_is_refused() -> None:
    with socket.socket() as away, pytest.raises(pytest.fail.Exception, match="network"):
        away.connect(("203.0.113.1", 80))


def test_a_connection_on_this_machine_is_not() -> None:
    with socket.socket() as server, socket.socket() as client:
        server.bind(("127.0.0.1", 0))
        server.listen()
        client.connect(server.getsockname())


def test_every_folder_of_the_user_lies_in_the_home_of_the_test(home: Path) -> None:
    for folder in (
        Path.home(),
        platformdirs.user_config_path("chartproof"),
        platformdirs.user_state_path("chartproof"),
        platformdirs.user_data_path("chartproof"),
        platformdirs.user_cache_path("chartproof"),
    ):
        assert folder.is_relative_to(home)
    assert os.environ["QT_QPA_PLATFORM"] == "offscreen"
