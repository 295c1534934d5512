import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester

from app.desktop.models.rows import ROW_ROLE, RowsModel

Pair = tuple[str, str]


def model() -> RowsModel[Pair]:
    return RowsModel(key=lambda row: row[0], text=lambda row: row[1], spoken=lambda row: row[0])


ROWS = st.lists(
    st.tuples(st.sampled_from("abcdef"), st.text(max_size=3)), max_size=6, unique_by=lambda r: r[0]
).map(tuple)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(steps=st.lists(ROWS, max_size=6))
def test_any_sequence_of_rows_is_a_valid_model(qapp: object, steps: list[tuple[Pair, ...]]) -> None:
    rows = model()
    tester = QAbstractItemModelTester(
        rows, QAbstractItemModelTester.FailureReportingMode.Fatal, rows
    )
    for step in steps:
        rows.set_rows(step)
        assert rows.rows == step
        assert [rows.index(at).data() for at in range(rows.rowCount())] == [t for _, t in step]
    del tester


@pytest.mark.usefixtures("qapp")
def test_rows_with_the_same_keys_are_changed_in_place() -> None:
    rows = model()
    changed: list[int] = []
    resets: list[int] = []
    rows.dataChanged.connect(lambda top, *_: changed.append(top.row()))
    rows.modelReset.connect(lambda: resets.append(1))
    assert rows.set_rows((("a", "1"), ("b", "2")))
    assert not rows.set_rows((("a", "1"), ("b", "3")))
    assert changed == [1]
    assert rows.set_rows((("b", "3"),))
    assert len(resets) == 2


@pytest.mark.usefixtures("qapp")
def test_a_row_is_found_by_its_key_and_speaks_for_itself() -> None:
    rows = model()
    rows.set_rows((("a", "1"), ("b", "2")))
    index = rows.index_of("b")
    assert index.row() == 1
    assert index.data(ROW_ROLE) == ("b", "2")
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "b"
    assert rows.row_at(index) == ("b", "2")
    assert not rows.index_of("z").isValid()
    assert rows.row_at(rows.index(7)) is None
