"""All commands of a store, with the events that each appends: what the tests of the log run."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

import audit
from audit import Accept, Add, Places, Store, rebuild
from audit.backup import back_up
from audit.chatevents import PromptActivated
from audit.choice import Choice
from audit.database import Database
from audit.decisions import Comment
from audit.disposal import Custody
from audit.export import export_bundle
from audit.governance import Role
from audit.handling import Handling
from audit.keybackup import read_keys
from audit.passphrase import WrongPassphraseError
from audit.replay import record_replay
from audit.restore import restore
from audit.signoff import SignOff
from audit.staff import Staff
from tests.audit.builders import CODER, PHRASE, encounter, final, places, result, span
from tests.audit.conftest import ticking
from tests.audit.test_exchanges import PERMIT, REPLY, REQUEST
from tests.audit.test_founding import LAYOUTS

PASS = [
    "analysis.started",
    "evidence.extracted",
    "candidates.retrieved",
    "candidates.verified",
    "codes.validated",
    "case.routed",
]

PROMPT = PromptActivated(
    task="verify",
    version=2,
    digest="2" * 64,
    before=1,
    model=None,
    asked=40,
    right=31,
    before_right=30,
    low="0.1",
    high="0.2",
    rollback=False,
)


@dataclass
class Desk:
    """A store at work; `does` runs a command and holds its events against what is expected."""

    root: Path
    store: Store
    where: Places
    case_id: str = ""
    seen: int = 0
    more: list[Store] = field(default_factory=list)

    def does(self, command: Callable[[], object], *kinds: str) -> None:
        command()
        events = self.store.events()
        assert [event.kind for event in events[self.seen :]] == list(kinds)
        self.seen = len(events)


def coding(desk: Desk) -> None:
    store = desk.store
    work = encounter(), result(more=("R07.9",))
    desk.does(lambda: store.record(*work), "encounter.received", *PASS)
    case_id = desk.case_id = store.cases()[0].case_id
    desk.does(lambda: store.record(*work))
    desk.does(
        lambda: store.record_failure(None, source="x.txt", errors=["Empty."]), "input.refused"
    )
    desk.does(
        lambda: store.record_failure(encounter("e-9"), source="y", errors=["No."], reason="fault"),
        *("encounter.received", "analysis.failed"),
    )
    desk.does(lambda: store.view(case_id), "case.viewed")
    desk.does(lambda: store.decide(case_id, Accept(code="I10")), "decision.accepted")
    desk.does(lambda: store.undo(case_id), "decision.undone")
    desk.does(lambda: store.redo(case_id), "decision.redone")
    desk.does(
        lambda: store.decide(case_id, Add(code="Z79.4", evidence=(span("metformin"),))),
        "decision.added",
    )
    desk.does(lambda: store.decide(case_id, Comment(text="Look again.")), "comment.added")
    desk.does(lambda: store.record_check(status="intact", events=5, problems=0), "audit.verified")
    desk.does(lambda: store.claims.take(case_id), "case.claimed")
    desk.does(lambda: store.claims.release(case_id), "case.released")


def handling(desk: Desk) -> None:
    store, uses = desk.store, Handling(desk.store)
    store.record(encounter(), result())
    case_id = store.cases()[0].case_id
    desk.seen = len(store.events())
    desk.does(lambda: uses.note_seen(case_id, "n1"), "note.viewed")
    desk.does(lambda: uses.copied(case_id, span("Essential")))  # within one quote
    desk.does(lambda: uses.copied(case_id, span("Mrs Okonkwo has")), "text.copied")
    desk.does(lambda: uses.searched("Okonkwo", found=1), "cases.searched")
    desk.does(uses.checkpoint, "checkpoint.issued")
    desk.does(
        lambda: export_bundle(store, desk.root / "out", Choice(), texts=False), "record.exported"
    )


def people(desk: Desk) -> None:
    staff = Staff(desk.store)
    desk.does(lambda: staff.enrol("Robin Marlow", PHRASE), "person.enrolled")
    desk.does(staff.begin, "session.started")
    desk.does(lambda: staff.lock(idle=True), "session.locked")
    desk.does(lambda: staff.unlock(PHRASE), "session.unlocked")
    desk.does(lambda: refused(lambda: staff.authenticate("wrong")), "signing.refused")
    desk.does(lambda: staff.reset("coder-1", "forgotten"), "signing.reset")
    desk.does(lambda: staff.assign("coder-1", list(Role)), "roles.assigned")
    desk.does(staff.end, "session.ended")


def refused(command: Callable[[], object]) -> None:
    with pytest.raises(WrongPassphraseError):
        command()


def signing(desk: Desk) -> None:
    store = desk.store
    store.record(encounter(), result())
    case_id = store.cases()[0].case_id
    for code in ("I10", "E11.9"):
        store.decide(case_id, Accept(code=code))
    other = Store.open(
        desk.root / "store",
        places=desk.where,
        actor=audit.Actor(kind=audit.ActorKind.PERSON, id="ben"),
        clock=ticking(),
    )
    desk.more.append(other)
    for each, name in ((store, "Ada Marlow"), (other, "Ben Marlow")):
        Staff(each).enrol(name, PHRASE)
    desk.seen = len(store.events())
    codes = final(store.case(case_id))
    desk.does(
        lambda: SignOff(store).submit(case_id, codes, PHRASE), "case.submitted", "case.signed"
    )
    desk.does(lambda: SignOff(other).second(case_id, PHRASE), "case.signed")
    desk.does(lambda: SignOff(store).reopen(case_id, "New lab result."), "case.reopened")


def custody(desk: Desk) -> None:
    store, keeping = desk.store, Custody(desk.store)
    store.record(encounter(), result())
    case_id = store.cases()[0].case_id
    desk.seen = len(store.events())
    desk.does(lambda: keeping.keep(7), "retention.set")
    desk.does(lambda: keeping.hold([case_id], "A suit."), "hold.placed")
    desk.does(lambda: keeping.lift([case_id], "A suit."), "hold.lifted")
    desk.does(lambda: keeping.hold([], "A suit."), "hold.placed")
    desk.does(lambda: keeping.lift([], "A suit."), "hold.lifted")
    desk.does(lambda: keeping.dispose([case_id], today=date(2040, 1, 1)), "texts.disposed")
    desk.does(
        lambda: record_replay(store, config="default", passes=1, same=1, changed=0, not_replayed=0),
        "history.replayed",
    )
    desk.does(
        lambda: back_up(
            store,
            desk.root / "store",
            places=desk.where,
            to=desk.root / "copies",
            keys_to=desk.root / "keys",
            passphrase=PHRASE,
        ),
        "backup.made",
    )


def chatting(desk: Desk) -> None:
    chat, origin = desk.store.chat, result().provenance
    desk.does(lambda: chat.allow(permit=PERMIT, reason="Trial.", agreement="BAA 7"), "chat.allowed")
    desk.does(lambda: chat.forbid(PERMIT.endpoint), "chat.forbidden")
    desk.does(lambda: chat.activate(PROMPT), "prompt.activated")
    desk.does(
        lambda: chat.begin(encounter(), origin, REQUEST),
        *("encounter.received", "analysis.started", "chat.asked"),
    )
    desk.does(lambda: chat.finish(encounter(), REQUEST, REPLY), "chat.answered")


def keys_and_layouts(desk: Desk) -> None:
    """What opening and closing append: an upgrade, and a new key that signs."""
    where = places(desk.root / "old")
    folder = desk.root / "old" / "store"
    folder.mkdir(parents=True, mode=0o700)
    kept = LAYOUTS / "1"
    (folder / "store.db").write_bytes((kept / "store.db").read_bytes())
    store_id = (folder / "store.db").read_bytes()[:16].hex()
    for name, place in (("key", where.key(store_id)), ("head", where.head(store_id))):
        place.parent.mkdir(parents=True)
        place.write_bytes((kept / name).read_bytes())
    with Store.open(folder, places=where, actor=CODER, clock=ticking()) as store:
        assert store.events()[-1].kind == "store.upgraded"
        store.door.checkpoint()
        assert store.events()[-1].kind == "signer.registered"


def restoring(desk: Desk) -> None:
    """What a restore appends: that it was, what stays destroyed, and another layout."""
    where, folder = places(desk.root / "saved"), desk.root / "saved" / "store"
    with Store.create_or_open(folder, places=where, actor=CODER, clock=ticking()) as store:
        kept = store.record(encounter("e-2"), result("e-2")).case_id
        case_id = store.record(encounter(), result()).case_id
        made = back_up(
            store,
            folder,
            places=where,
            to=desk.root / "saved" / "copies",
            keys_to=desk.root / "saved" / "keys",
        )
        Custody(store).dispose([case_id], today=date(2040, 1, 1), early=True, reason="Asked for.")
        lost = len(store.events()) - made.events
    keys = read_keys(made.keys)
    database = Database(made.file, key=keys.store_key, mode="write", guarded=False)
    with database.write() as connection:
        connection.exec_driver_sql("update store set schema_version = 1")
    database.close()
    restore(
        made.file,
        keys,
        folder,
        places=where,
        actor=CODER,
        lose=lost,
        replace=True,
        clock=ticking(),
    )
    with Store.open(folder, places=where, actor=CODER, clock=ticking()) as store:
        after = [event.kind for event in store.events()[made.events :]]
        assert after[:3] == ["store.restored", "texts.disposed", "store.upgraded"]
        assert store.case(case_id).disposed
        assert store.case(kept).encounter == encounter("e-2")
        assert strays(store, case_id) == ()


def strays(store: Store, case_id: str) -> tuple[str, ...]:
    """Return the columns of the worklist that the events do not give."""
    with store.door.reading() as connection:
        return rebuild.strays(connection, case_id)


def clock(desk: Desk) -> None:
    """What is appended when the clock jumps, back or ahead, and only with something else."""
    moments = iter([8, 8, 3, 3, 3])
    start = datetime(2026, 5, 4, tzinfo=UTC)
    desk.store.door.watch._clock = lambda: start + timedelta(hours=next(moments))
    desk.store.record_check(status="intact", events=1, problems=0)
    desk.seen = len(desk.store.events())
    for kinds in (["audit.verified"], ["audit.verified", "clock.changed"], ["audit.verified"]):
        desk.does(lambda: desk.store.record_check(status="intact", events=1, problems=0), *kinds)
    assert desk.store.events()[-2].data == {"seconds": -5 * 3600}


STEPS = (
    coding,
    handling,
    people,
    signing,
    custody,
    chatting,
    keys_and_layouts,
    restoring,
    clock,
)


def play(step: Callable[[Desk], None], root: Path) -> None:
    """Run one step in a store of its own."""
    where = places(root)
    store = Store.create_or_open(root / "store", places=where, actor=CODER, clock=ticking())
    desk = Desk(root=root, store=store, where=where, seen=1)
    try:
        assert [event.kind for event in store.events()] == ["store.created"]
        step(desk)
    finally:
        for each in (store, *desk.more):
            each.close()
