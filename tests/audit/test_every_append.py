"""No act without its event: each command is run and its events named, and no append can be missed.

`STEPS` are all commands of a store with the events each appends. Every place in the program that
emits an event is found in the source, has to be reached by them, and is then made to do nothing,
one at a time: the steps that reach it must no longer hold. A new command without a step here fails
the test, and so does an append that nobody would miss.
"""

import ast
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import audit
from audit import Accept, Add, AuditError, Places, Store
from audit.backup import back_up
from audit.change import Change
from audit.chatevents import PromptActivated
from audit.choice import Choice
from audit.decisions import Comment
from audit.disposal import Custody
from audit.export import export_bundle
from audit.governance import Role
from audit.handling import Handling
from audit.passphrase import WrongPassphraseError
from audit.replay import record_replay
from audit.signoff import SignOff
from audit.staff import Staff
from tests.audit.builders import CODER, encounter, places, result, span
from tests.audit.conftest import ticking
from tests.audit.test_exchanges import PERMIT, REPLY, REQUEST
from tests.audit.test_founding import LAYOUTS
from tests.audit.test_signoff import final

PACKAGE = Path(audit.__file__).parent
PHRASE = "five red herrings"
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

Site = tuple[str, int]
Emit = Callable[..., None]


@cache
def sites() -> dict[Site, range]:
    """Return every call of `emit` in the program: file and first line, and the lines it spans."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "emit"
            ):
                name = str(path.relative_to(PACKAGE))
                assert node.end_lineno is not None
                found[name, node.lineno] = range(node.lineno, node.end_lineno + 1)
    return found


def site_of(frame: Any) -> Site:
    name = str(Path(frame.f_code.co_filename).relative_to(PACKAGE))
    return next(
        site for site, lines in sites().items() if site[0] == name and frame.f_lineno in lines
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


def clock(desk: Desk) -> None:
    """What is appended when the clock jumps, back or ahead, and only with something else."""
    moments = iter([8, 8, 3, 3, 3])
    start = datetime(2026, 5, 4, tzinfo=UTC)
    desk.store.door._clock = lambda: start + timedelta(hours=next(moments))
    desk.store.record_check(status="intact", events=1, problems=0)
    desk.seen = len(desk.store.events())
    for kinds in (["audit.verified"], ["audit.verified", "clock.changed"], ["audit.verified"]):
        desk.does(lambda: desk.store.record_check(status="intact", events=1, problems=0), *kinds)
    assert desk.store.events()[-2].data == {"seconds": -5 * 3600}


STEPS = (coding, handling, people, signing, custody, chatting, keys_and_layouts, clock)


def run(step: Callable[[Desk], None], root: Path, emit: Callable[[Emit], Emit]) -> None:
    """Run one step in a store of its own, with `Change.emit` wrapped."""
    real = Change.emit
    where = places(root)
    store = Store.create_or_open(root / "store", places=where, actor=CODER, clock=ticking())
    desk = Desk(root=root, store=store, where=where, seen=1)
    patch = pytest.MonkeyPatch()
    patch.setattr(Change, "emit", emit(real))
    try:
        step(desk)
    finally:
        patch.undo()
        for each in (store, *desk.more):
            each.close()


@pytest.fixture(scope="module")
def reached(tmp_path_factory: pytest.TempPathFactory) -> dict[Site, Callable[[Desk], None]]:
    """Run every step as the program is, and note which places they reach."""
    found: dict[Site, Callable[[Desk], None]] = {}
    for step in STEPS:

        def noting(real: Emit, *, step: Callable[[Desk], None] = step) -> Emit:
            def emit(self: Change, *args: Any, **kwargs: Any) -> None:
                found.setdefault(site_of(sys._getframe(1)), step)
                real(self, *args, **kwargs)

            return emit

        run(step, tmp_path_factory.mktemp(step.__name__), noting)
    return found


def test_every_place_that_appends_is_reached(
    reached: dict[Site, Callable[[Desk], None]],
) -> None:
    assert sorted(sites().keys() - reached.keys()) == []


@pytest.fixture(params=sorted(sites()), ids=lambda site: f"{site[0]}:{site[1]}")
def site(request: pytest.FixtureRequest) -> Site:
    found: Site = request.param
    return found


def test_no_append_can_be_taken_away_unnoticed(
    site: Site, reached: dict[Site, Callable[[Desk], None]], tmp_path: Path
) -> None:
    dropped = 0

    def dropping(real: Emit) -> Emit:
        def emit(self: Change, *args: Any, **kwargs: Any) -> None:
            nonlocal dropped
            if site_of(sys._getframe(1)) == site:
                dropped += 1
                return
            real(self, *args, **kwargs)

        return emit

    with pytest.raises((AssertionError, AuditError, IndexError, LookupError)):
        run(reached[site], tmp_path, dropping)
    assert dropped
