import threading
from collections.abc import Iterator
from functools import partial

import pytest
from pytestqt.qtbot import QtBot

from app.desktop.tasks import Tasks


def unwanted(outcome: object) -> None:
    raise AssertionError(outcome)


def nothing(outcome: object) -> None:
    pass


@pytest.fixture
def tasks(qtbot: QtBot) -> Iterator[Tasks]:
    tasks = Tasks()
    yield tasks
    tasks.close()


def test_the_lane_keeps_the_order_and_answers_on_the_gui_thread(tasks: Tasks, qtbot: QtBot) -> None:
    got: list[int] = []
    threads: set[str] = set()

    def then(value: int) -> None:
        threads.add(threading.current_thread().name)
        got.append(value)

    for number in range(200):
        tasks.on_lane(partial(int, number), then=then, failed=unwanted)
    qtbot.waitUntil(lambda: len(got) == 200)
    assert got == list(range(200))
    assert threads == {threading.main_thread().name}


def test_work_on_the_lane_is_done_by_one_thread(tasks: Tasks, qtbot: QtBot) -> None:
    seen: list[int] = []
    for _ in range(50):
        tasks.on_lane(threading.get_ident, then=seen.append, failed=unwanted)
    qtbot.waitUntil(lambda: len(seen) == 50)
    assert len(set(seen)) == 1
    assert seen[0] != threading.get_ident()


def test_an_error_is_handed_on_and_the_lane_goes_on(tasks: Tasks, qtbot: QtBot) -> None:
    errors: list[BaseException] = []
    got: list[int] = []

    def fail() -> int:
        raise ValueError("no")

    tasks.on_lane(fail, then=unwanted, failed=errors.append)
    tasks.on_lane(lambda: 1, then=got.append, failed=unwanted)
    qtbot.waitUntil(lambda: got == [1])
    assert isinstance(errors[0], ValueError)


def test_a_search_does_not_wait_for_the_store(tasks: Tasks, qtbot: QtBot) -> None:
    free = threading.Event()
    got: list[str] = []
    tasks.on_lane(free.wait, then=lambda _: got.append("store"), failed=unwanted)
    tasks.beside(lambda: "search", then=got.append, failed=unwanted)
    qtbot.waitUntil(lambda: got == ["search"])
    free.set()
    qtbot.waitUntil(lambda: got == ["search", "store"])


def test_closing_finishes_all_work_and_then_does_the_last(qtbot: QtBot) -> None:
    tasks = Tasks()
    done: list[int] = []
    for number in range(20):
        tasks.on_lane(partial(done.append, number), then=nothing, failed=unwanted)
    tasks.close(lambda: done.append(99))
    assert done == [*range(20), 99]
    tasks.on_lane(lambda: done.append(100), then=nothing, failed=unwanted)
    assert done[-1] == 99
