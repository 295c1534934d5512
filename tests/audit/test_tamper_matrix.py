"""The fourteen attacks of an insider, and which layer sees each.

The attacker has the key of the store and every formula of `docs/audit-format.md`. What is claimed
is stated here in both directions: a layer that cannot see an attack must not be said to.

chain: the log alone · checkpoints: with the signed roots of this machine · anchor: with a
checkpoint that was kept where the attacker could not reach it. The head file is left out of the
first two by writing it to fit, as the attacker would.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2

from audit import Places, Standing, Store, log, verify
from audit.checkpoints import CheckpointFile, Notary
from audit.head import Head, HeadFile
from audit.place import FILE, store_key
from audit.signednote import keep_signing_key, new_signing_key
from tests.audit.builders import CODER
from tests.audit.conftest import fill
from tests.audit.test_check import edited, rehashed, renumbered, tamper, unlocked

Raw = dbapi2.Connection


@dataclass(frozen=True)
class Scene:
    """A store of 65 events, what its attacker has of an earlier day, and the anchor kept away."""

    folder: Path
    where: Places
    anchor: Path
    older: Path

    @property
    def store_id(self) -> str:
        return store_key(self.folder, self.where)[0]

    @property
    def checkpoints(self) -> Path:
        return self.where.checkpoints(self.store_id)

    def fit_head(self) -> None:
        """Write the head file to fit the log."""
        raw = unlocked(self.folder, self.where)
        seq, digest = raw.execute(
            "select seq, hash from audit_event order by seq desc limit 1"
        ).fetchone()
        raw.close()
        path = self.where.head(self.store_id)
        path.unlink()
        HeadFile(path).create(Head(seq, digest))

    def no_checkpoints(self) -> None:
        self.checkpoints.unlink()
        self.checkpoints.with_suffix(".tree").unlink()

    def sign(self) -> None:
        """Sign the log as it is now, with the key that lies on the machine."""
        with Store.open(self.folder, places=self.where, actor=CODER) as store:
            store.door.checkpoint()


@pytest.fixture
def scene(folder: Path, where: Places, tmp_path: Path) -> Scene:
    with Store.create_or_open(folder, places=where, actor=CODER) as store:
        fill(store, 4)
    shutil.copytree(folder, tmp_path / "older")
    with Store.open(folder, places=where, actor=CODER) as store:
        fill(store, 4, start=4)
    kept = CheckpointFile(where.checkpoints(store_key(folder, where)[0])).read()
    assert [each.checkpoint.size for each in kept] == [1, 33, 65]
    anchor = tmp_path / "anchor.txt"
    anchor.write_text(kept[-1].content)
    return Scene(folder, where, anchor, tmp_path / "older")


def actor_changed(raw: Raw) -> None:
    edited(raw, 9, "$.actor.id", "somebody-else")


def lane_changed(raw: Raw) -> None:
    edited(raw, 8, "$.data.lane", "auto")


def time_changed(raw: Raw) -> None:
    edited(raw, 9, "$.ts_utc", "2026-05-04T07:00:00.000000Z")


def row_deleted(raw: Raw) -> None:
    raw.execute("delete from audit_event where seq = 20")


def deleted_and_renumbered(raw: Raw) -> None:
    row_deleted(raw)
    renumbered(raw, 20, -1)


def rows_swapped(raw: Raw) -> None:
    one, two = (
        raw.execute("select body from audit_event where seq = ?", (seq,)).fetchone()[0]
        for seq in (10, 18)
    )
    for seq, body in ((10, two), (18, one)):
        raw.execute("update audit_event set body = ? where seq = ?", (body, seq))


def row_forged(raw: Raw) -> None:
    renumbered(raw, 20, 1)
    raw.execute(
        "insert into audit_event (seq, body, prev, hash) "
        "select 21, json_set(body, '$.seq', 21, '$.event_id', ?), randomblob(32), randomblob(32) "
        "from audit_event where seq = 9",
        ("f" * 32,),
    )


def tail_cut(raw: Raw) -> None:
    raw.execute("delete from audit_event where seq > 57")
    raw.execute(
        "delete from blob where ref not in (select value from audit_event, "
        "json_each(audit_event.body, '$.blobs'))"
    )
    raw.execute(
        "delete from case_row where case_id not in "
        "(select case_id from audit_event where case_id is not null)"
    )


def edited_and_rehashed(raw: Raw) -> None:
    lane_changed(raw)
    rehashed(raw)


def within(change: Callable[[Raw], None]) -> Callable[[Scene], None]:
    def attack(scene: Scene) -> None:
        tamper(scene.folder, scene.where, change)
        scene.fit_head()

    return attack


def rewritten_without_checkpoints(scene: Scene) -> None:
    within(edited_and_rehashed)(scene)
    scene.no_checkpoints()


def rewritten_and_signed_with_another_key(scene: Scene) -> None:
    """The key of the machine stays, because the attacker cannot reach the keyring."""
    other = new_signing_key(scene.store_id)

    def change(raw: Raw) -> None:
        edited(raw, 1, "$.data.signer", other.public.vkey)
        edited_and_rehashed(raw)

    within(change)(scene)
    scene.no_checkpoints()
    with (
        Store.open(scene.folder, places=scene.where, actor=CODER) as store,
        store.door.reading() as connection,
    ):
        Notary(scene.where, scene.store_id).sign(connection, log.tail(connection), other)


def cut_with_its_checkpoints(scene: Scene) -> None:
    within(tail_cut)(scene)
    file = CheckpointFile(scene.checkpoints)
    kept = [each for each in file.read() if each.checkpoint.size <= 57]
    scene.no_checkpoints()
    for each in kept:
        file.append(each.content)


def older_backup(scene: Scene) -> None:
    (scene.folder / FILE).write_bytes((scene.older / FILE).read_bytes())
    scene.fit_head()
    file = CheckpointFile(scene.checkpoints)
    kept = [each for each in file.read() if each.checkpoint.size <= 33]
    scene.no_checkpoints()
    for each in kept:
        file.append(each.content)


def rewritten_and_signed_with_the_stolen_key(scene: Scene) -> None:
    rewritten_without_checkpoints(scene)
    scene.sign()


INTACT, ALTERED, ANCHOR = Standing.INTACT, Standing.ALTERED, Standing.ANCHOR

# attack · seen by the chain alone, with checkpoints, with an anchor · a word of what is said
MATRIX: list[tuple[Callable[[Scene], None], Standing, Standing, Standing, str]] = [
    (within(lane_changed), ALTERED, ALTERED, ALTERED, "Event 8 was altered"),
    (within(time_changed), ALTERED, ALTERED, ALTERED, "Event 9 was altered"),
    (within(actor_changed), ALTERED, ALTERED, ALTERED, "Event 9 was altered"),
    (within(row_deleted), ALTERED, ALTERED, ALTERED, "Event 20 is missing"),
    (within(deleted_and_renumbered), ALTERED, ALTERED, ALTERED, "Event 20 does not follow"),
    (within(rows_swapped), ALTERED, ALTERED, ALTERED, "Event 10 was altered"),
    (within(row_forged), ALTERED, ALTERED, ALTERED, "Event 21 does not follow"),
    (within(tail_cut), INTACT, ANCHOR, ANCHOR, "newest 8 events are missing"),
    (within(edited_and_rehashed), INTACT, ALTERED, ALTERED, "Events 2 to 33 are not as signed"),
    (rewritten_without_checkpoints, INTACT, ANCHOR, ALTERED, "checkpoint file"),
    (rewritten_and_signed_with_another_key, INTACT, ALTERED, ALTERED, "does not name the key"),
    (cut_with_its_checkpoints, INTACT, INTACT, ANCHOR, "newest 8 events are missing"),
    (older_backup, INTACT, INTACT, ANCHOR, "newest 32 events are missing"),
    (rewritten_and_signed_with_the_stolen_key, INTACT, INTACT, ALTERED, "are not as signed"),
]


def chain_alone(scene: Scene) -> Standing:
    """What is seen by one who has the store and its key and nothing else but a fitting head."""
    elsewhere = Places(state=scene.where.state / "x", config=scene.where.config)
    raw = unlocked(scene.folder, scene.where)
    seq, digest = raw.execute(
        "select seq, hash from audit_event order by seq desc limit 1"
    ).fetchone()
    raw.close()
    HeadFile(elsewhere.head(scene.store_id)).create(Head(seq, digest))
    key = scene.where.key(f"{scene.store_id}.sign")
    hidden = key.rename(key.with_suffix(".away"))
    try:
        report = verify(scene.folder, places=elsewhere)
    finally:
        hidden.rename(key)
    said = [each for each in report.problems if "checkpoint file" not in each]
    return report.status if said else INTACT


@pytest.mark.parametrize(
    ("attack", "chain", "checkpoints", "anchor", "said"),
    MATRIX,
    ids=[
        *("edit data", "edit time", "edit actor", "delete", "delete and renumber", "swap", "forge"),
        *("cut tail", "rewrite", "rewrite, no checkpoints", "rewrite, other key"),
        *("cut tail and checkpoints", "older backup", "rewrite, stolen key"),
    ],
)
def test_each_attack_is_named_by_the_layer_that_can_see_it_and_by_no_other(
    scene: Scene,
    attack: Callable[[Scene], None],
    chain: Standing,
    checkpoints: Standing,
    anchor: Standing,
    said: str,
) -> None:
    assert verify(scene.folder, places=scene.where, against=scene.anchor).problems == ()
    attack(scene)
    assert chain_alone(scene) is chain
    seen = verify(scene.folder, places=scene.where)
    assert seen.status is checkpoints, seen
    anchored = verify(scene.folder, places=scene.where, against=scene.anchor)
    assert anchored.status is anchor, anchored
    told = anchored if checkpoints is INTACT else seen
    assert said in told.problems[0]


def test_the_matrix_has_fourteen_attacks_and_all_are_seen_with_an_anchor() -> None:
    assert len(MATRIX) == 14
    assert all(row[3] is not INTACT for row in MATRIX)


def test_an_anchor_of_another_store_or_signer_is_no_anchor(
    scene: Scene, where: Places, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    with Store.create_or_open(other, places=where, actor=CODER) as store:
        theirs = store.door.checkpoint()
    scene.anchor.write_text(theirs.content)
    report = verify(scene.folder, places=where, against=scene.anchor)
    assert report.exit_code in {1, 3}
    assert "another store" in " ".join(report.problems)
    with Store.open(scene.folder, places=where, actor=CODER) as store:
        checkpoint = store.door.checkpoint().checkpoint
    scene.anchor.write_text(new_signing_key(scene.store_id).sign(checkpoint.text))
    report = verify(scene.folder, places=where, against=scene.anchor)
    assert report.status is ANCHOR
    assert "not signed by a key of this log" in report.problems[0]


@pytest.mark.parametrize("content", [None, "", "no checkpoint", "a\n1\nb\n\n\u2014 a b\n"])
def test_what_is_no_checkpoint_is_said_and_is_no_pass(scene: Scene, content: str | None) -> None:
    scene.anchor.unlink()
    if content is not None:
        scene.anchor.write_text(content)
    report = verify(scene.folder, places=scene.where, against=scene.anchor)
    assert report.exit_code == 2
    assert str(scene.anchor) in report.problems[0]


def test_a_key_put_in_the_place_of_the_machines_own_is_seen(scene: Scene) -> None:
    scene.where.key(f"{scene.store_id}.sign").unlink()
    keep_signing_key(scene.where, scene.store_id, new_signing_key(scene.store_id))
    report = verify(scene.folder, places=scene.where)
    assert report.status is ALTERED
    assert "does not name the key" in report.problems[0]
