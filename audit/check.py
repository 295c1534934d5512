"""The check of a store: every hash is made again from the stored bytes, nothing is believed.

What it can see: any change, loss, insertion or exchange of events, through the chain; the loss of
the newest events, through the head file outside the database; a changed or missing text, through
its commitment; a damaged page, through the encryption's authentication; a log written anew from
end to end, through the signed checkpoints. What it cannot see: someone with all keys of the store
and access to head file and checkpoints who writes everything anew. Against that helps only a
checkpoint kept where that person cannot reach it (`against`).
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlcipher3 import dbapi2

from audit import blobs, log
from audit.anchors import Anchors, lacking, read_anchor
from audit.blobs import commitment
from audit.chain import Walk
from audit.checkpoints import CheckpointError, CheckpointFile, Kept
from audit.database import StoreUnreadableError, cause
from audit.digests import Secret
from audit.founding import read_store_row
from audit.head import Head, HeadError, HeadFile
from audit.model import AuditError, Places
from audit.signednote import find_signing_key
from audit.site import Database, Site
from audit.tables import StoreRow
from audit.where import Where, site_of

_TRIES = 5
_TOLD = 20  # problems named one by one; the rest are counted


class Standing(StrEnum):
    """The verdict on a store."""

    INTACT = "intact"
    ALTERED = "altered"
    UNREADABLE = "unreadable"
    ANCHOR = "anchor"


_EXIT = {Standing.INTACT: 0, Standing.ALTERED: 1, Standing.UNREADABLE: 2, Standing.ANCHOR: 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The outcome of a check: `problems` are sentences, the first bad event of each kind first."""

    status: Standing
    events: int
    problems: tuple[str, ...]
    head: Head | None = None

    @property
    def exit_code(self) -> int:
        """Return 0 intact, 1 altered or events missing, 2 unreadable, 3 head missing or newer."""
        return _EXIT[self.status]


def verify(where: Where, *, places: Places, against: Path | None = None) -> Report:
    """Check the store in a folder or at an address against itself, its head and its checkpoints.

    `against` is the file of a checkpoint that was kept elsewhere.

    Never creates a store and never changes one; works on a read-only folder and while other
    processes append. Whatever is wrong comes back as a sentence, not as an error.
    """
    site = site_of(where)
    try:
        brought = () if against is None else read_anchor(against)
    except CheckpointError as error:
        return _unreadable(str(error))
    for _ in range(_TRIES):
        before = site.marks()
        report, pinned = _once(site, places, brought)
        # What was read as a file at rest counts only if it did rest.
        if pinned or site.marks() == before:
            return report
    return _unreadable(f"The store {site.name} changes too fast to be checked. Try again.")


def _once(site: Site, places: Places, brought: tuple[Kept, ...]) -> tuple[Report, bool]:
    """Check once; the flag says whether what was read could not change meanwhile."""
    try:
        store_id, key = site.identify(places)
        head_file = HeadFile(places.head(store_id))
        anchors = _anchors(site, places, store_id, brought)
        with site.snapshot(key) as (database, still):
            known = _lines(head_file)
            with database.read() as connection:
                check = _Check(database, connection, site, anchors, still=still)
                check.run(store_id)
                check.compare(known, _lines(head_file))
        return check.report(), not still
    except (AuditError, OSError) as error:
        return _unreadable(str(error)), False
    except (DBAPIError, dbapi2.Error) as error:
        return _unreadable(str(site.explain(error))), False
    except (TypeError, ValueError):  # the tables were made anew, without their rules
        problem = f"The tables of the store {site.name} hold values that cannot be theirs."
        return _unreadable(problem), False


def told(problems: Sequence[str]) -> tuple[str, ...]:
    """Return the first problems, and how many more there are."""
    more = len(problems) - _TOLD
    rest = [f"There are {more} more problems like these."] if more > 0 else []
    return (*problems[:_TOLD], *rest)


def _unreadable(problem: str) -> Report:
    return Report(status=Standing.UNREADABLE, events=0, problems=(problem,))


def _lines(head_file: HeadFile) -> tuple[Head, ...] | HeadError:
    try:
        return head_file.lines()
    except HeadError as error:
        return error


def _anchors(site: Site, places: Places, store_id: str, brought: tuple[Kept, ...]) -> Anchors:
    """Gather what to compare with, before the view is opened: the log may grow meanwhile."""
    key = find_signing_key(places, store_id, site.name)
    kept: tuple[Kept, ...] | CheckpointError
    try:
        kept = CheckpointFile(places.checkpoints(store_id)).read()
    except CheckpointError as error:
        kept = error
    return Anchors(
        store_id=store_id,
        kept=kept,
        against=brought,
        local=None if key is None else key.public,
        expected=not site.shared or key is not None,
    )


class _Check:
    """One pass over one view of a store."""

    def __init__(
        self,
        database: Database,
        connection: Connection,
        site: Site,
        anchors: Anchors,
        *,
        still: bool,
    ) -> None:
        self._database = database
        self._still = still
        self._connection = connection
        self._site = site
        self._anchors = anchors
        self._walk = Walk(sizes=anchors.sizes())
        self._unread: list[str] = []
        self._altered: list[str] = []
        self._loose: list[str] = []  # texts and rows without events: what a cut tail leaves behind
        self._anchor: list[str] = []
        self._shortened = False

    def run(self, store_id: str) -> None:
        """Read everything: guards, events, texts, worklist, pages."""
        try:
            row = read_store_row(self._connection, store_id, self._site)
        except StoreUnreadableError as error:
            self._unread.append(str(error))
            self._pages()
            return
        self._guards()
        if self._events():  # texts and worklist cannot be judged by half a log
            self._begin(row, store_id)
            self._signatures()
            self._whole("texts", self._texts)
            self._whole("worklist", self._worklist)
        self._pages()

    def compare(
        self, before: tuple[Head, ...] | HeadError, after: tuple[Head, ...] | HeadError
    ) -> None:
        """Compare the log with its head file, read `before` and `after` the view was opened.

        Others may append meanwhile, so the log must hold what was noted before, and what was
        noted after must hold the log, but for one group that a killed process could not note.
        """
        if isinstance(before, HeadError) or isinstance(after, HeadError):
            self._anchor.append(str(before if isinstance(before, HeadError) else after))
            return
        newest = self._walk.head.seq
        if self._unread:
            return
        self._shortened = before[-1].seq > newest
        if self._shortened:
            self._anchor.append(
                f"{lacking(before[-1].seq - newest)}: the log ends at event {newest}, and its head "
                f"file says that event {before[-1].seq} was stored."
            )
        for line in {*before, *after}:
            stored = self._connection.execute(
                text("select hash from audit_event where seq = :seq"), {"seq": line.seq}
            ).scalar()
            if stored is not None and stored != line.hash:
                self._altered.append(
                    f"Event {line.seq} is not the one that the head file noted under its number."
                )
                return
        last = after[-1].seq
        if self._site.shared:
            return  # others append from other machines, whose heads lie there
        if last < newest and self._walk.group != (last + 1, newest):
            self._altered.append(
                f"The log goes on to event {newest}, but its head file noted event {last} as the "
                "newest: the head file is an older one, or something else wrote to the log."
            )

    def report(self) -> Report:
        """Return the verdict, the worst thing first."""
        if not self._unread:
            self._anchors.judge(self._walk)
        self._anchor += self._anchors.missing
        shortened = self._shortened or self._anchors.shortened
        altered = [*self._walk.problems, *self._altered, *self._anchors.altered]
        (self._anchor if shortened else altered).extend(self._loose)
        problems = (*self._unread, *altered, *self._anchor)
        status = Standing.INTACT
        for found, standing in (
            (self._anchor, Standing.ANCHOR),
            (altered, Standing.ALTERED),
            (self._unread, Standing.UNREADABLE),
        ):
            status = standing if found else status
        return Report(
            status=status, events=self._walk.events, problems=told(problems), head=self._walk.head
        )

    def _guards(self) -> None:
        lost = self._database.lost_guards(self._connection)
        if lost:
            self._altered.append(
                f"The database has lost its guards against changes ({', '.join(sorted(lost))})."
            )

    def _events(self) -> bool:
        try:
            for seq, body, prev, digest in log.stored(self._connection):
                self._walk.step(seq, body, prev, digest)
        except DBAPIError as error:
            self._unread.append(
                f"Events {self._gap()} cannot be read: {cause(error)}. Restore the store from a "
                "backup."
            )
            return False
        self._walk.finish()
        return True

    def _gap(self) -> str:
        """Find which events cannot be read, by coming from the other end as well."""
        first = self._walk.head.seq + 1
        last = 0
        database = self._database.again()
        try:
            with database.read() as connection:
                for seq, *_ in log.stored(connection, newest_first=True):
                    last = seq - 1
        except (DBAPIError, dbapi2.Error):
            pass
        finally:
            database.close()
        return f"{first} to {last}" if last >= first else f"from {first} on"

    def _whole(self, what: str, part: Callable[[], None]) -> None:
        try:
            part()
        except DBAPIError as error:
            self._unread.append(f"The {what} cannot be read in full: {cause(error)}.")

    def _begin(self, row: StoreRow, store_id: str) -> None:
        """Check that the first event began this store and no other."""
        try:
            fields = json.loads(self._walk.first_body)
            began = fields["kind"] == "store.created" and fields["data"]["store_id"] == store_id
            bound = fields["data"]["secret"] == Secret(row.secret).commitment
        except (ValueError, TypeError, KeyError):
            began = bound = False
        if not (began and bound):
            self._altered.append(
                "Event 1 did not begin this store: it carries another id or secret."
            )

    def _signatures(self) -> None:
        """Check people's signatures; the walk has checked all but what stood before them."""
        self._altered += self._walk.vouched.problems
        for seq, before, digest in self._walk.vouched.after:
            stored = self._connection.execute(
                text("select hash from audit_event where seq = :seq"), {"seq": before}
            ).scalar()
            if stored != digest:
                self._altered.append(
                    f"The signature of event {seq} was made behind another event {before}."
                )

    def _texts(self) -> None:
        seen: set[str] = set()
        gone = self._walk.vouched.disposed
        for blob in blobs.stored(self._connection):
            ref = blob.ref
            seen.add(ref)
            where = self._walk.refs.get(ref)
            if ref in gone:
                self._altered.append(
                    f"A text that event {gone[ref]} says was destroyed is in the store "
                    f"({ref[:12]})."
                )
            elif where is None:
                self._loose.append(f"The text {ref[:12]} is in the store, but no event names it.")
            elif commitment(blob.key, blob.body) != ref:
                self._altered.append(f"A text of event {where} was altered ({ref[:12]}).")
        seen |= gone.keys()
        lost = sorted((where, ref) for ref, where in self._walk.refs.items() if ref not in seen)
        self._altered += [
            f"A text of event {where} is missing ({ref[:12]})." for where, ref in lost
        ]

    def _worklist(self) -> None:
        """Check that each case has its row, as new as its events; columns are not made again."""
        query = text("select case_id, version, updated from case_row")
        rows = {case_id: (version, at) for case_id, version, at in self._connection.execute(query)}
        for case_id in sorted(rows.keys() | self._walk.cases.keys()):
            if rows.get(case_id) != self._walk.cases.get(case_id):
                self._loose.append(
                    f"The worklist does not agree with the events of case {case_id}."
                )

    def _pages(self) -> None:
        found = sorted(self._database.damage(still=self._still))
        if len(found) > _TOLD:  # with another key no page authenticates, and a list says no more
            self._unread.append(
                f"The store {self._site.name} is damaged, or the key is another one: {found[0]}, "
                f"and {len(found) - 1} more of the same."
            )
            return
        self._unread += [f"The store {self._site.name} is damaged: {what}." for what in found]
