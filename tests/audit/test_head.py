"""The head file survives a killed writer, stays small, and says when it is not what it was."""

from pathlib import Path

import pytest

from audit import HeadError
from audit.head import Head, HeadFile


def head(seq: int) -> Head:
    return Head(seq, seq.to_bytes(32, "big"))


@pytest.fixture
def file(tmp_path: Path) -> HeadFile:
    made = HeadFile(tmp_path / "deep" / "heads" / "id")
    made.create(head(1))
    return made


def test_lines_come_back_in_order(file: HeadFile) -> None:
    for seq in (3, 4, 9):
        file.append(head(seq))
    assert file.last() == head(9)
    assert file.lines() == tuple(map(head, (1, 3, 4, 9)))
    assert file.path.read_text().splitlines()[1] == f"3 {'0' * 63}3"


@pytest.mark.parametrize("torn", [b"9", b"10 ", b"10 0000", b"10 " + b"0" * 64])
def test_an_unfinished_line_is_no_line_and_is_cut_off(file: HeadFile, torn: bytes) -> None:
    file.append(head(2))
    with file.path.open("ab") as stream:
        stream.write(torn)
    assert file.last() == head(2)
    file.append(head(3))
    assert file.lines() == (head(1), head(2), head(3))


def test_a_long_file_is_cut_to_its_newest_lines(file: HeadFile) -> None:
    lines = [f"{seq} {head(seq).hash.hex()}\n".encode() for seq in range(1, 4001)]
    file.path.write_bytes(b"".join(lines))
    assert file.path.stat().st_size > 256 * 1024
    file.append(head(4001))
    assert file.path.stat().st_size < 65 * 1024
    kept = file.lines()
    assert kept[-1] == head(4001)
    assert kept == tuple(head(seq) for seq in range(kept[0].seq, 4002))
    assert len(kept) > 800
    assert [path.name for path in file.path.parent.iterdir()] == ["id"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"1",
        b"0 " + b"0" * 64 + b"\n",
        b"01 " + b"0" * 64 + b"\n",
        b"1 " + b"0" * 63 + b"\n",
        b"1 " + b"A" * 64 + b"\n",
        b"1 " + b"0" * 64 + b"\r\n",
        b"\x00" * 100 + b"\n",
    ],
)
def test_anything_else_is_an_error_that_names_the_file(file: HeadFile, content: bytes) -> None:
    file.path.write_bytes(content)
    for read in (file.last, file.lines):
        with pytest.raises(HeadError, match="id is"):
            read()


def test_lines_out_of_order_are_an_error(file: HeadFile) -> None:
    good = file.path.read_bytes()
    file.path.write_bytes(good + good)
    with pytest.raises(HeadError, match="out of order"):
        file.lines()


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(HeadError, match="is missing"):
        HeadFile(tmp_path / "none").last()


def test_writing_anew_keeps_the_lines(file: HeadFile) -> None:
    file.append(head(2))
    before = file.path.read_bytes()
    file.rewrite()
    assert file.path.read_bytes() == before
