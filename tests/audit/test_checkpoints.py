"""Signed checkpoints: when they are made, how they go on, and what the check says without them."""

from pathlib import Path

import pytest

from audit import AuditError, Places, Store, door, log, verify
from audit.checkpoints import CheckpointError, CheckpointFile, Notary, read_checkpoints
from audit.merkle import Tree
from audit.place import store_key
from tests.audit.builders import CODER
from tests.audit.conftest import fill


def file_of(folder: Path, where: Places) -> CheckpointFile:
    return CheckpointFile(where.checkpoints(store_key(folder, where)[0]))


def sizes(folder: Path, where: Places) -> list[int]:
    return [kept.checkpoint.size for kept in file_of(folder, where).read()]


def test_a_store_is_signed_when_it_begins_and_when_a_writer_closes(
    filled: Path, where: Places
) -> None:
    assert sizes(filled, where) == [1, 33]
    with Store.open(filled, places=where, actor=CODER) as store:
        leaves = [log.leaf_hash(event.body.encode()) for event in store.events()]
        signer = store.events()[0].data["signer"]
    assert sizes(filled, where) == [1, 33]  # nothing was appended
    newest = file_of(filled, where).read()[-1]
    assert newest.checkpoint.root == Tree(leaves).root()
    assert newest.checkpoint.origin in signer
    assert verify(filled, places=where).exit_code == 0


def test_a_long_run_is_signed_on_the_way(
    folder: Path, where: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "EVERY", 20)
    with Store.create_or_open(folder, places=where, actor=CODER) as store:
        fill(store, 8)
    assert sizes(folder, where) == [1, 24, 48, 65]
    assert verify(folder, places=where).exit_code == 0


def test_the_tree_goes_on_from_the_last_checkpoint_and_is_made_anew_without_it(
    filled: Path, where: Places
) -> None:
    beside = file_of(filled, where).path.with_suffix(".tree")
    for content in (beside.read_text(), "", "33 zz", "33\n" + "00" * 32, "-1", None):
        beside.unlink()
        if content is not None:
            beside.write_text(content)
        with Store.open(filled, places=where, actor=CODER) as store:
            fill(store, 1, start=len(store.cases()))
        assert verify(filled, places=where).exit_code == 0
    assert len(set(sizes(filled, where))) == 8


def test_a_checkpoint_cut_in_the_middle_counts_as_absent_and_is_written_over(
    filled: Path, where: Places
) -> None:
    path = file_of(filled, where).path
    whole = path.read_bytes()
    first = whole.index(b"\n\n", whole.index(b"\n\n") + 2) + 2
    for size in range(first, len(whole)):
        path.write_bytes(whole[:size])
        found = sizes(filled, where)
        assert found[:1] == [1]
        assert found[1:] in ([], [33])
        assert verify(filled, places=where).exit_code == 0
    path.write_bytes(whole[: len(whole) - 40])
    with Store.open(filled, places=where, actor=CODER) as store:
        fill(store, 1, start=9)
    assert sizes(filled, where) == [1, 41]


def test_a_missing_or_damaged_checkpoint_file_is_no_pass(filled: Path, where: Places) -> None:
    path = file_of(filled, where).path
    good = path.read_bytes()
    for content in (None, b"", b"nonsense", good.replace(b"33\n", b"32\n"), b"x\n\ny\n\n" + good):
        path.unlink()
        if content is not None:
            path.write_bytes(content)
        report = verify(filled, places=where)
        assert report.exit_code in {1, 3}, content
        assert "checkpoint" in report.problems[0]
        path.write_bytes(good)
    assert verify(filled, places=where).exit_code == 0


def test_a_writer_does_not_sign_what_is_not_the_log_that_was_signed(
    filled: Path, where: Places
) -> None:
    path = file_of(filled, where).path
    beside = path.with_suffix(".tree")
    with Store.open(filled, places=where, actor=CODER) as store:
        kept = file_of(filled, where).read()
        other = kept[0].content.replace("\n1\n", "\n5\n")
        path.write_text(other + "\n")
        beside.unlink()
        with pytest.raises(CheckpointError, match="not the one that was signed"):
            store.door.checkpoint()
        fill(store, 1, start=9)  # recorded all the same; the check tells the rest
    assert verify(filled, places=where).exit_code == 1


def test_a_store_of_before_names_its_key_when_it_is_written_to(filled: Path, where: Places) -> None:
    """As on another machine, or where the key was lost: the new key stands in the log."""
    store_id, _ = store_key(filled, where)
    where.key(f"{store_id}.sign").unlink()
    assert verify(filled, places=where).exit_code == 0
    with Store.open(filled, places=where, actor=CODER) as store:
        fill(store, 1, start=9)
        kept = store.door.checkpoint()
        assert store.events()[-1].kind == "signer.registered"
    assert kept.checkpoint.size == 42
    assert verify(filled, places=where).exit_code == 0


def test_a_checkpoint_is_three_lines_and_a_signature() -> None:
    with pytest.raises(AuditError):
        read_checkpoints(b"chartproof/ab\n0\nAAAA\n\n\xe2\x80\x94 a AAAAAAAA\n\n")
    assert read_checkpoints(b"") == ()


def test_notary_of_an_unknown_store_has_signed_nothing(where: Places) -> None:
    assert Notary(where, "ab").size == 0
