"""A fault server, and a client whose clock a test moves."""

from collections.abc import Iterator

import pytest

from tests.fault_server import FaultServer, serving


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with serving() as running:
        yield running


@pytest.fixture
def other() -> Iterator[FaultServer]:
    """A server that nothing should ever reach."""
    with serving() as running:
        yield running
