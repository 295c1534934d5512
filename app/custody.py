"""What the commands on recorded work share: names to cases, days, settings, and disposal."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from app import UsageError, compose, settings
from app.present import Json
from app.settings import Settings
from audit import Actor, ActorKind, Store, Where, backup, keybackup
from audit import restore as putting_back
from audit.disposal import Custody, Kept
from audit.disposed import DisposedFile
from audit.governance import Role
from audit.people import Person
from pipeline.model import Route, Scope

RECORDED = "recorded"
_CASE = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which part of history: these cases, else all, in this lane now, on which this person acted.

    The days are those of the passes.
    """

    cases: tuple[str, ...] = ()
    coder: str = ""
    lane: Route | None = None
    first_day: str = ""
    last_day: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Settings to replay with; None means as recorded. `name` stands in the log."""

    name: str = RECORDED
    scope: Scope | None = None
    sex_advisory: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be destroyed: these cases, or all that are due."""

    cases: tuple[str, ...]
    due: bool
    early: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Disposed:
    """What was destroyed, or would be; `hindrances` are the sentences on what keeps it from it."""

    rows: tuple[Kept, ...]
    figures: Json
    hindrances: tuple[str, ...] = ()


def opened(loaded: Settings, where: Where) -> Store:
    """Open a store; AuditError where there is none. Never makes one."""
    actor = Actor(kind=ActorKind.PERSON, id=loaded.actor)
    return Store.open(where, places=compose.places(loaded), actor=actor)


def case_ids(store: Store, names: Sequence[str]) -> tuple[str, ...]:
    """Return the cases that people named by case id or encounter id.

    Raises:
        UsageError: the store has none of that name.
    """
    found = []
    for name in names:
        rows = store.cases(text=name) if not _CASE.fullmatch(name) else store.cases()
        known = [row.case_id for row in rows if name in {row.case_id, row.encounter_id}]
        if not known:
            raise UsageError(
                f"There is no case or encounter {name!r} in the store {store.name}; one whose "
                "texts were destroyed goes by its case id alone."
            )
        found += known
    return tuple(dict.fromkeys(found))


def day(text: str) -> str:
    """Return a day as given, empty for none.

    Raises:
        UsageError: it is not written YYYY-MM-DD.
    """
    try:
        return date.fromisoformat(text).isoformat() if text else ""
    except ValueError:
        raise UsageError(f"{text!r} is not a day; write it as YYYY-MM-DD.") from None


def replay_config(loaded: Settings, given: str) -> Config:
    """Return the settings a replay was asked to use.

    Raises:
        UsageError: there is no such file, or it is none of settings.
    """
    if not given:
        return Config(name=RECORDED)
    if given == "today":
        return Config(name="today", sex_advisory=loaded.sex_advisory)
    scope, sex = settings.engine_choices(Path(given).expanduser())
    return Config(name="file", scope=scope, sex_advisory=sex)


def dispose(store: Store, order: Order, *, do: bool) -> Disposed:
    """Destroy what an order names, or with `do` false only look.

    Raises:
        UsageError: nothing was named.
        AuditError: something may not be destroyed; then nothing was.
    """
    if not order.cases and not order.due:
        raise UsageError("Nothing is named to destroy; give cases, or --due for all that are due.")
    today = date.today()  # noqa: DTZ011 - a retention day is a day of the calendar on the wall
    custody = Custody(store)
    every = {kept.case_id: kept for kept in custody.look()}
    rows = [every[case_id] for case_id in order.cases]
    if order.due:
        rows += [k for k in every.values() if k.allowed(today) and k.case_id not in order.cases]
    texts = sum(kept.texts for kept in rows)
    if do and rows:
        cases = [kept.case_id for kept in rows]
        texts = custody.dispose(cases, today=today, reason=order.reason, early=order.early)
    told = () if do else (kept.hindrance(today, early=order.early) for kept in rows)
    return Disposed(
        rows=tuple(rows),
        figures={"cases": len(rows), "texts": texts},
        hindrances=tuple(sentence for sentence in told if sentence),
    )


def is_locked(keys: Path) -> bool:
    """Tell whether a file of keys asks for a passphrase."""
    return keybackup.is_locked(keys)


def back_up(
    store: Store, folder: Path, loaded: Settings, *, to: Path, keys_to: Path, passphrase: str
) -> Json:
    """Write a backup and its keys; return where, and what is in it."""
    made = backup.back_up(
        store,
        folder,
        places=compose.places(loaded),
        to=to.expanduser().absolute(),
        keys_to=keys_to.expanduser().absolute(),
        passphrase=passphrase,
    )
    return {
        "backup": str(made.file),
        "keys": str(made.keys),
        "events": made.events,
        "texts": made.texts,
    }


def restore(
    loaded: Settings,
    folder: Path,
    *,
    backup: Path,
    keys: Path,
    lose: int,
    replace: bool,
    passphrase: str,
) -> Json:
    """Put a store back; return what came and what did not."""
    done = putting_back.restore(
        backup,
        keybackup.read_keys(keys, passphrase),
        folder,
        places=compose.places(loaded),
        actor=Actor(kind=ActorKind.PERSON, id=loaded.actor),
        lose=lose,
        replace=replace,
    )
    return {
        "events": done.events,
        "texts": done.texts,
        "left_out": done.left_out,
        "lost": done.lost,
    }


def destroy_keys(store: Store, loaded: Settings, keys: Path, passphrase: str) -> int:
    """Destroy in a file of keys those of every text that was destroyed in the store."""
    listed = DisposedFile(compose.places(loaded).disposed(store.store_id)).refs()
    return keybackup.destroy_keys(keys, listed, passphrase)


def roles(text: str) -> tuple[Role, ...]:
    """Return the roles of a list with commas; an empty one means none.

    Raises:
        UsageError: a word is no role.
    """
    words = [word.strip().lower() for word in text.split(",") if word.strip()]
    unknown = [word for word in words if word not in set(Role)]
    if unknown:
        raise UsageError(f"{unknown[0]!r} is no role; use {', '.join(Role)}.")
    return tuple(Role(word) for word in words)


def person(known: Person) -> Json:
    """Return a person as JSON."""
    return {
        "id": known.id,
        "name": known.name,
        "key": known.key,
        "roles": [role.value for role in Role if role in known.roles],
    }
