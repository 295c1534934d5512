"""The lock, the database and the head file of one store, always taken together."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from filelock import FileLock, Timeout
from sqlalchemy import Connection

from audit import log
from audit.change import Change
from audit.checkpoints import EVERY, Kept, Notary
from audit.clock import Clock, Watch
from audit.database import StoreBusyError, StoreReadOnlyError
from audit.digests import Secret
from audit.disposed import DisposedFile
from audit.founding import read_store_row, upgrade
from audit.governance import Role
from audit.head import Head, HeadError, HeadFile, private_folder
from audit.keys import StoreKey
from audit.model import Actor, ActorKind, AuditError, Places
from audit.people import People, fold
from audit.presence import Presence
from audit.signednote import SigningKey, find_signing_key, keep_signing_key, new_signing_key
from audit.site import Database, Site, explained
from audit.tables import SCHEMA_VERSION
from audit.uses import ClockChanged, SignerRegistered

T = TypeVar("T")
LOCK_SECONDS = 60.0
PROGRAM = Actor(kind=ActorKind.PROGRAM, id="chartproof")
_POLL_SECONDS = 0.002  # an append takes milliseconds; a longer sleep would be most of the wait


class Door:
    """What every append goes through. Safe to use from several threads.

    `notice` is a sentence the person should see: where the key lies, and why nothing can be
    recorded, if so.
    """

    def __init__(self, site: Site, *, places: Places, actor: Actor, clock: Clock) -> None:
        self.store_id, key = site.identify(places)
        self.shared = site.shared
        self._site = site
        self.watch = Watch(clock, site)
        self._mutex = threading.RLock()
        self._head = HeadFile(places.head(self.store_id))
        self._gone = DisposedFile(places.disposed(self.store_id))
        self._owed = False  # a head was written and not surely flushed
        self._people = People()
        self._places = places
        self._notary: Notary | None = Notary(places, self.store_id)
        self._appended: Head | None = None
        self._lock = FileLock(
            places.lock(self.store_id),
            timeout=LOCK_SECONDS,
            poll_interval=_POLL_SECONDS,
            thread_local=False,
            fallback_to_soft=False,
            preserve_lock_file=True,
            mode=0o600,
        )
        self._presence = Presence(places, self.store_id)
        try:
            with explained(site):
                self._database = site.open(key)
        except BaseException:
            self._presence.leave()
            raise
        try:
            with self.reading() as connection:
                row = read_store_row(connection, self.store_id, site)
                self.secret = Secret(row.secret)
                self.actor = site.actor(connection, actor)
                self._roles = site.roles(connection)
            watched = None
            if row.schema_version < SCHEMA_VERSION:
                watched = self._begin_to_watch()  # an upgrade is an append as well
                self._upgrade(key)
            notices = (key.notice, self._no_role(), watched, *self._look())
        except BaseException:
            self._database.close()
            self._presence.leave()
            raise
        self.notice = "\n".join(notice for notice in notices if notice) or None

    def execute(self, command: Callable[[Change], T], *, through: Database | None = None) -> T:
        """Run a command and append its events: all of it is stored, or nothing.

        Under the store's lock: compare the log with its head file, run the command, write texts,
        events and worklist rows in one transaction, commit to the disk, note the new head.
        """
        with self._writing():
            with explained(self._site), (through or self._database).write() as connection:
                head = self._catch_up(connection)
                change = Change(
                    connection=connection,
                    actor=self.actor,
                    secret=self.secret,
                    head=head,
                    ts=self.watch.moment(connection),
                    people=self._known(connection, head),
                )
                outcome = command(change)
                jump = self.watch.jump(change.ts) if change.has_events else 0
                if jump:
                    data = ClockChanged(seconds=jump)
                    change.emit(data, case_id=None, actor=PROGRAM)
                newest = change.settle()
            if change.of_cases_alone and self._people.seq == head.seq:
                self._people = replace(self._people, seq=newest.seq)
            if change.gone:  # before the head, so that whoever catches up repeats it
                self._note(lambda: self._gone.append(change.gone))
            if newest != head:
                self.watch.appended()
                self._note(lambda: self._head.append(newest))
                self._appended = newest
                if self._notary is not None and newest.seq - self._notary.size >= EVERY:
                    self._sign()
        return outcome

    def _upgrade(self, key: StoreKey) -> None:
        """Bring the tables of an older version to this one's layout, by a connection that may."""
        with explained(self._site):
            database = self._site.open(key, changing_tables=True)

        def command(change: Change) -> None:
            upgraded = upgrade(change.connection, database)
            if upgraded is not None:
                change.emit(upgraded, case_id=None)

        try:
            self.execute(command, through=database)
        finally:
            database.close()

    def people(self, *, members: bool = False) -> People:
        """Return who is known in the store and in which roles.

        On a server that is who is connected, and with `members` everybody it grants a role.
        """
        with self.reading() as connection:
            people = self._known(connection, None)
            granted: dict[str, set[Role]] = {}
            for name, role in self._site.members(connection) if members else ():
                granted.setdefault(name, set()).add(role)
            for name, roles in granted.items():
                people = people.granted(name, roles)
            return people

    @property
    def enforced(self) -> bool:
        """Return whether a server keeps people to their roles; a file cannot."""
        return self._roles is not None

    def _known(self, connection: Connection, newest: Head | None) -> People:
        """Return the people up to the newest event; nothing is read where that is known."""
        if newest is None or newest.seq != self._people.seq:
            self._people = fold(self._people, log.read_of_store(connection, after=self._people.seq))
        if newest is not None:
            self._people = replace(self._people, seq=newest.seq)
        if self._roles is None:
            return self._people
        return self._people.granted(self.actor.id, self._roles)

    def checkpoint(self) -> Kept:
        """Sign the log as it is now; CheckpointError where it is not what was signed before."""
        with self._writing():
            key = self._signing_key()
            with explained(self._site), self._database.read() as connection:
                head = self._catch_up(connection)
                return Notary(self._places, self.store_id).sign(connection, head, key)

    def vouched(self) -> tuple[tuple[Kept, ...], SigningKey]:
        """Sign the log as it is now; return this machine's checkpoints and the key they are of."""
        self.checkpoint()
        return Notary(self._places, self.store_id).file.read(), self._signing_key()

    def close(self) -> None:
        """Sign what was appended, and close the database."""
        with self._mutex:
            if self._appended is not None:
                with suppress(StoreBusyError), self._writing():
                    self._sign()
            with explained(self._site):
                self._database.close()
            self._presence.leave()

    def _sign(self) -> None:
        """Sign the log up to the newest event, if it can be done: the next writer does it else.

        Nothing is lost without it, and what keeps it from being done is said by the check.
        """
        notary, self._notary = self._notary, None  # naming a new key appends as well
        if notary is None:
            return
        with suppress(AuditError, OSError):
            key = self._signing_key()
            if self._appended is not None:
                with explained(self._site), self._database.read() as connection:
                    notary.sign(connection, self._appended, key)
            self._appended = None
            self._notary = notary

    def _signing_key(self) -> SigningKey:
        """Return the key that signs on this machine; a new one is named in the log first."""
        key = find_signing_key(self._places, self.store_id, self._site.name)
        if key is None:
            key = new_signing_key(self.store_id)
            data = SignerRegistered(vkey=key.public.vkey)
            self.execute(lambda change: change.emit(data, case_id=None))
            keep_signing_key(self._places, self.store_id, key)
        return key

    def _catch_up(self, connection: Connection) -> Head:
        """Return the newest place of the log; note it first where a killed process could not.

        HeadError where records are missing, so that nothing is built on a damaged log.
        """
        if self._owed:
            self._note(self._head.rewrite)
        try:
            known = self._head.last()
            newest = log.newest_after(connection, known, shared=self._site.shared)
        except HeadError as error:
            raise HeadError(
                f"{error} Nothing more can be recorded in the store {self._site.name}; run "
                "`chartproof audit verify`, and restore the store and its head from a backup."
            ) from None
        if newest != known:
            gone = log.disposed_after(connection, known.seq)
            if gone:
                self._note(lambda: self._gone.append(gone))
            self._note(lambda: self._head.append(newest))
        return newest

    def _note(self, write: Callable[[], None]) -> None:
        self._owed = True
        try:
            write()
        except OSError as error:
            raise StoreReadOnlyError(
                f"The head file {self._head.path} of the store {self._site.name} cannot be "
                f"written: {error.strerror}. Make that folder writable, then try again."
            ) from None
        self._owed = False

    def _no_role(self) -> str | None:
        if self._roles is None or self._roles:
            return None
        return (
            f"{self.actor.id} has no role in the store {self._site.name}, so nothing can be "
            "recorded. Its administrator grants one: grant chartproof_coder to your database role."
        )

    def _look(self) -> tuple[str, ...]:
        """Compare log and head at opening; return what the person should be told of it."""
        told: list[str] = []
        try:
            told += filter(None, (self._begin_to_watch(),))
            with self._writing(), explained(self._site), self._database.read() as connection:
                self._catch_up(connection)
        except (HeadError, StoreReadOnlyError) as error:
            told.append(str(error))
        return tuple(told)

    def _begin_to_watch(self) -> str | None:
        """Start this machine's head file of a store that others made or wrote to, if it has none.

        Return what the person should be told then.
        """
        if not self._site.shared or self._head.path.exists():
            return None
        with self._writing(), explained(self._site), self._database.read() as connection:
            if self._head.path.exists():  # another process was faster
                return None
            newest = log.tail(connection)
            self._note(lambda: self._head.create(newest))
        return (
            f"This computer sees the store {self._site.name} for the first time and watches it "
            f"from event {newest.seq} on. If you worked here with it before, its head file was "
            "removed: tell your compliance officer."
        )

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._mutex:
            self._take()
            try:
                yield
            finally:
                self._lock.release()

    def _take(self) -> None:
        path = Path(self._lock.lock_file)
        try:
            if not path.parent.is_dir():
                private_folder(path.parent)
            self._lock.acquire()
        except Timeout:
            raise StoreBusyError(
                f"The store {self._site.name} was held by another process for {LOCK_SECONDS:.0f} "
                "seconds. Nothing was changed; try again when that process has finished."
            ) from None
        except OSError as error:
            raise StoreReadOnlyError(
                f"The lock {path} of the store {self._site.name} cannot be taken: "
                f"{error.strerror}. Make that folder writable, then try again."
            ) from None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open one consistent view of the store."""
        with self._mutex, explained(self._site), self._database.read() as connection:
            yield connection
