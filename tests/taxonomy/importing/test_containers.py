import stat
import struct
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from taxonomy.importing.containers import members
from taxonomy.importing.refusal import ImportRefusedError


def archive(path: Path, *entries: tuple[str | zipfile.ZipInfo, bytes], method: int = 0) -> Path:
    with zipfile.ZipFile(path, "w", method) as file:
        for name, data in entries:
            file.writestr(name, data)
    return path


def test_plain_bytes_are_given_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(b"no zip, whatever its name")
    (only,) = members(path)
    assert (only.name, only.data, only.packed) == (str(path), b"no zip, whatever its name", False)


def test_members_come_in_order_without_folders_and_documents(tmp_path: Path) -> None:
    inner = BytesIO()
    with zipfile.ZipFile(inner, "w") as file:
        file.writestr("x", b"x")
    path = archive(
        tmp_path / "a.zip",
        ("b.txt", b"second"),
        ("folder/", b""),
        ("c.pdf", b"%PDF-1.7"),
        ("d.zip", inner.getvalue()),
        ("a.txt", b""),
        method=zipfile.ZIP_DEFLATED,
    )
    found = list(members(path))
    assert [member.data for member in found] == [b"second", b""]
    assert all(member.packed for member in found)
    assert found[0].name.startswith(str(path))


def link() -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("link")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/x", "\\x", "..\\x", "C:x"])
def test_a_member_that_would_leave_its_folder_refuses_the_zip(tmp_path: Path, name: str) -> None:
    path = archive(tmp_path / "a.zip", ("good.txt", b"good"), (name, b"bad"))
    with pytest.raises(ImportRefusedError, match="would leave its folder"):
        list(members(path))


def test_links_and_foreign_packing_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ImportRefusedError, match="is a link"):
        list(members(archive(tmp_path / "a.zip", (link(), b"/etc/passwd"))))
    for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        path = archive(tmp_path / "b.zip", ("x", b"words" * 99), method=method)
        with pytest.raises(ImportRefusedError, match="packed in a way"):
            list(members(path))


def test_encrypted_members_are_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", ("x", b"words"))
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\x01\x02") + 8
    data[at] |= 1
    path.write_bytes(data)
    with pytest.raises(ImportRefusedError, match="is encrypted"):
        list(members(path))


def test_a_file_twice_is_refused(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        path = archive(tmp_path / "a.zip", ("x", b"one"), ("x", b"two"))
    with pytest.raises(ImportRefusedError, match="holds a file twice"):
        list(members(path))


def test_a_member_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", ("x", bytes(8 << 20)), method=zipfile.ZIP_DEFLATED)
    data = bytearray(path.read_bytes())
    struct.pack_into("<I", data, data.index(b"PK\x01\x02") + 24, 100)
    path.write_bytes(data)
    with pytest.raises(ImportRefusedError, match="is damaged or cut short"):
        list(members(path))


def test_a_zip_of_too_much_together_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("taxonomy.importing.containers.MOST_TOGETHER", 100)
    path = archive(tmp_path / "a.zip", *((f"{n}.txt", bytes(40)) for n in range(3)))
    with pytest.raises(ImportRefusedError, match="unpacks to more than"):
        list(members(path))


def test_a_file_that_is_too_large_is_not_even_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "large.xml"
    with path.open("wb") as file:
        file.truncate((64 << 20) + 1)
    monkeypatch.setattr(Path, "read_bytes", lambda _: pytest.fail("it was read"))
    with pytest.raises(ImportRefusedError, match="larger than 64 MB"):
        list(members(path))
