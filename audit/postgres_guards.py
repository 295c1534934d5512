"""What the server of a store refuses by itself, whatever program asks: triggers and functions.

The guards run whoever writes, fire in replication as well (`enable always`), and look for names in
`pg_catalog` alone, so that nobody puts a function of their own in the place of one they use. What
an event says is the client's to check; here stands what no person may get past with other tools:
the order of the log, the name and role of who writes, the time, another's claim, a submission
without a signature, a change of what is signed, and a second signature under one's own case. A
member that is left out of an event is NULL here, and no comparison with it is true or false: so
each asks for what must hold, and takes what is unknown for a refusal.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from audit.events import KINDS
from audit.governance import Role
from audit.people import Right, rights
from audit.permits import ACTS, CLAIMED
from audit.postgres_shapes import enveloped, listed, shaped

SCHEMA = "chartproof"
PROGRAM_NAME = "chartproof"
DRIFT = "5 minutes"
"""How far the time of an event may be ahead of the server's clock, or behind the event before.

The server's own time is always taken: its clock may have been wrong before, and was put right.
"""

APPEND_ONLY, OUT_OF_ORDER, NOT_THEIRS, NOT_ALLOWED = "CP001", "CP002", "CP003", "CP004"
HELD, UNSIGNED, CLOSED, OWN_CASE, OUT_OF_TIME = "CP005", "CP006", "CP007", "CP008", "CP009"
NO_EVENT = "CP010"
"""SQLSTATEs our guards raise; no class of the standard begins with CP."""

_MOMENT = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$"

_OF_A_CASE = ACTS | CLAIMED | {"case.signed"}
_ASKED_FOR = [kind for kind, shape in KINDS.items() if "requested_by" in shape.model_fields]

_REFUSE = f"""
begin
  raise exception 'append-only' using errcode = '{APPEND_ONLY}';
end
"""

_ORDER = f"""
declare
  last record;
  doc jsonb := new.body::jsonb;  -- read once: bodies are large
  kind text := doc ->> 'kind';
  who text := doc #>> '{{actor,id}}';
  acting text := coalesce(doc #>> '{{actor,kind}}', '');
  asked jsonb := doc #> '{{data,requested_by}}';
  ts text := doc ->> 'ts_utc';
begin
  -- The time stands at the end of a canonical body.
  select seq, hash, left(right(body, 29), 27) as ts into last
    from {SCHEMA}.audit_event order by seq desc limit 1;
  if new.seq is distinct from coalesce(last.seq, 0) + 1
    or new.prev is distinct from coalesce(last.hash, decode(repeat('00', 32), 'hex'))
    or (doc ->> 'seq') is distinct from new.seq::text
    or new.hash is distinct from sha256(
      decode('02', 'hex') || new.prev
      || sha256(decode('00', 'hex') || convert_to(new.body, 'UTF8')))
  then
    raise exception 'out of order' using errcode = '{OUT_OF_ORDER}';
  end if;
  if not {enveloped("doc", "new.seq")}
  then
    raise exception 'no event' using errcode = '{NO_EVENT}';
  end if;
  if (acting = 'person' and who is distinct from session_user::text)
    or (acting = 'program' and who is distinct from '{PROGRAM_NAME}')
    or ((asked is not null or kind in ({listed(_ASKED_FOR)})) and not coalesce(
      (asked ->> 'kind' = 'person' and asked ->> 'id' = session_user::text)
      or (asked ->> 'kind' = 'program' and asked ->> 'id' = '{PROGRAM_NAME}'), false))
    or (kind in ('person.enrolled', 'signing.refused')
      and doc #>> '{{data,person}}' is distinct from session_user::text)
  then
    raise exception 'another name' using errcode = '{NOT_THEIRS}';
  end if;
  if new.seq > 1 and not exists (
    select 1 from {SCHEMA}.permit p
    join pg_catalog.pg_roles r on r.rolname = p.role
    where p.kind = doc ->> 'kind' and p.actor = acting
      and pg_has_role(session_user, r.oid, 'usage')
      and substr(p.role, {len(SCHEMA) + 2})
        = coalesce(doc #>> '{{actor,role}}', substr(p.role, {len(SCHEMA) + 2}))
  ) and not coalesce(
    kind = 'store.upgraded'
    and pg_has_role(session_user, (
      select relowner from pg_catalog.pg_class where oid = tg_relid), 'usage'), false)
  then
    raise exception 'not allowed' using errcode = '{NOT_ALLOWED}';
  end if;
  if not ({shaped("kind", "(doc -> 'data')")})
    or (kind in ({listed(_OF_A_CASE)}) and doc ->> 'case_id' is null)
  then
    raise exception 'no event' using errcode = '{NO_EVENT}';
  end if;
  if ts is distinct from left(right(new.body, 29), 27)
    or ts !~ '{_MOMENT}'
    or ts::timestamptz > clock_timestamp() + interval '{DRIFT}'
    or ts::timestamptz < (case when last.ts ~ '{_MOMENT}'
      then least(last.ts::timestamptz, clock_timestamp()) - interval '{DRIFT}' end)
  then
    raise exception 'another time' using errcode = '{OUT_OF_TIME}';
  end if;
  return new;
end
"""  # noqa: S608 - our own names

# As `audit.lease.follow` folds it: own acts renew a lease that still runs.
_HOLDER = f"""
declare
  e record;
  span interval;
begin
  for e in
    select x.kind, x.actor, x.body::jsonb as doc from {SCHEMA}.audit_event x
    where x.case_id = of_case and x.seq >= (
      select max(c.seq) from {SCHEMA}.audit_event c
      where c.case_id = of_case and c.kind = 'case.claimed')
    order by x.seq
  loop
    if e.kind = 'case.claimed' then
      holder := e.actor;
      span := make_interval(mins => (e.doc #>> '{{data,minutes}}')::int);
      until := (e.doc ->> 'ts_utc')::timestamptz + span;
    elsif e.kind in ('case.released', 'case.submitted') then
      holder := null;
    elsif e.actor = holder and e.doc #>> '{{actor,kind}}' = 'person'
      and until > (e.doc ->> 'ts_utc')::timestamptz
    then
      until := (e.doc ->> 'ts_utc')::timestamptz + span;
    end if;
  end loop;
end
"""  # noqa: S608


_SECOND = [role.value for role in Role if Right.SECOND_SIGN in rights()[role]]


_RULES = f"""
declare
  doc jsonb := new.body::jsonb;
  kind text := doc ->> 'kind';
  who text := doc #>> '{{actor,id}}';
  this text := doc ->> 'case_id';
  said jsonb := doc #> '{{data,statement}}';
  hand record;
  last record;
  is_signed boolean;
begin
  if this is null or doc #>> '{{actor,kind}}' is distinct from 'person' then
    return new;
  end if;
  if kind in ({listed(CLAIMED)}) then
    select holder, until into hand from {SCHEMA}.case_in_hand(this);
    if hand.holder is not null and hand.holder is distinct from who
      and hand.until > clock_timestamp()
    then
      raise exception 'in hand' using errcode = '{HELD}';
    end if;
  end if;
  is_signed := coalesce((
    select x.kind = 'case.signed' from {SCHEMA}.audit_event x
    where x.case_id = this and x.kind in ('case.signed', 'case.reopened')
    order by x.seq desc limit 1), false);
  if kind in ({listed(ACTS)}) and is_signed then
    raise exception 'signed' using errcode = '{CLOSED}';
  end if;
  -- A submission without a signature is one of a version before signatures.
  if kind = 'case.reopened' and (
    select x.kind from {SCHEMA}.audit_event x
    where x.case_id = this and x.kind in ('case.submitted', 'case.reopened')
    order by x.seq desc limit 1) is distinct from 'case.submitted'
  then
    raise exception 'reopens nothing' using errcode = '{UNSIGNED}';
  end if;
  if kind = 'case.signed' then
    if said ->> 'person' is distinct from who or said ->> 'case_id' is distinct from this
      or said ->> 'role' is null or said ->> 'role' is distinct from doc #>> '{{actor,role}}'
      or said ->> 'meaning' is null
    then
      raise exception 'another name' using errcode = '{NOT_THEIRS}';
    end if;
    if (said ->> 'version')::int is distinct from 1 + (
      select count(*) from {SCHEMA}.audit_event x
      where x.case_id = this and x.kind = 'case.reopened')
    then
      raise exception 'another version' using errcode = '{UNSIGNED}';
    end if;
    select x.kind, x.case_id, x.actor into last
      from {SCHEMA}.audit_event x where x.seq = new.seq - 1;
    if said ->> 'meaning' is distinct from 'reviewed' then
      if (last.kind, last.case_id, last.actor) is distinct from ('case.submitted', this, who) then
        raise exception 'signs nothing' using errcode = '{UNSIGNED}';
      end if;
    elsif coalesce(said ->> 'role', '') not in ({listed(_SECOND)}) then
      raise exception 'not allowed' using errcode = '{NOT_ALLOWED}';
    elsif not is_signed then
      raise exception 'signs nothing' using errcode = '{UNSIGNED}';
    elsif exists (
      select 1 from {SCHEMA}.audit_event x
      where x.case_id = this and x.actor = who and (
        x.kind in ({listed(ACTS)})
        or (x.kind = 'case.signed' and x.seq > coalesce((
          select max(r.seq) from {SCHEMA}.audit_event r
          where r.case_id = this and r.kind = 'case.reopened'), 0)))
    ) then
      raise exception 'own case' using errcode = '{OWN_CASE}';
    end if;
  end if;
  return new;
end
"""  # noqa: S608

# Looked at when the transaction ends, with all it appended: an event of a case that leaves the
# case's row behind would keep everybody from acting on it.
_ENDED = f"""
begin
  if new.kind = 'case.submitted' and not exists (
    select 1 from {SCHEMA}.audit_event x
    where x.seq = new.seq + 1 and x.kind = 'case.signed'
      and x.case_id = new.case_id and x.actor = new.actor
  ) then
    raise exception 'unsigned' using errcode = '{UNSIGNED}';
  end if;
  if new.case_id is not null
    and not exists (
      select 1 from {SCHEMA}.audit_event x where x.case_id = new.case_id and x.seq > new.seq)
    and not exists (
      select 1 from {SCHEMA}.case_row r where r.case_id = new.case_id and r.version = (
        select count(*) from {SCHEMA}.audit_event x where x.case_id = new.case_id))
  then
    raise exception 'without its row' using errcode = '{OUT_OF_ORDER}';
  end if;
  return null;
end
"""  # noqa: S608

# A row of the worklist counts the events of its case, so it changes with one of them or not at all.
_ROW = f"""
declare
  hand record;
begin
  if new.version is distinct from (
      select count(*) from {SCHEMA}.audit_event x where x.case_id = new.case_id)
    or new.version = 0
    or (tg_op = 'UPDATE' and (
      old.case_id is distinct from new.case_id
      or not coalesce(old.version < new.version, false)))
  then
    raise exception 'append-only' using errcode = '{APPEND_ONLY}';
  end if;
  select holder into hand from {SCHEMA}.case_in_hand(new.case_id);
  if new.claimed_by is distinct from coalesce(hand.holder, '') then
    raise exception 'in hand' using errcode = '{HELD}';
  end if;
  return new;
end
"""  # noqa: S608

_TRIGGER = "() returns trigger"
_FUNCTIONS = {
    "audit_refuse": (_TRIGGER, _REFUSE),
    "audit_order": (_TRIGGER, _ORDER),
    "audit_rules": (_TRIGGER, _RULES),
    "audit_ended": (_TRIGGER, _ENDED),
    "case_row_follows": (_TRIGGER, _ROW),
    "case_in_hand": ("(of_case text, out holder text, out until timestamptz)", _HOLDER),
}


@dataclass(frozen=True, slots=True)
class Trigger:
    """A guard on a table: on `events`, for each row or statement, from layout `since` on."""

    table: str
    events: tuple[str, ...]
    each: Literal["row", "statement"]
    function: str
    since: int = 1
    at_the_end: bool = False

    @property
    def bits(self) -> int:
        """Return how the server writes down when it fires (`pg_trigger.tgtype`)."""
        known = {"insert": 4, "delete": 8, "update": 16, "truncate": 32}
        when = (self.each == "row") + 2 * (not self.at_the_end)
        return when + sum(known[event] for event in self.events)


TRIGGERS: Mapping[str, Trigger] = {
    "audit_no_update": Trigger("audit_event", ("update",), "row", "audit_refuse"),
    "audit_no_delete": Trigger("audit_event", ("delete",), "row", "audit_refuse"),
    "audit_no_truncate": Trigger("audit_event", ("truncate",), "statement", "audit_refuse"),
    "audit_order": Trigger("audit_event", ("insert",), "row", "audit_order"),
    "audit_rules": Trigger("audit_event", ("insert",), "row", "audit_rules", since=3),
    "audit_ended": Trigger(
        "audit_event", ("insert",), "row", "audit_ended", since=3, at_the_end=True
    ),
    "blob_no_truncate": Trigger("blob", ("truncate",), "statement", "audit_refuse"),
    "store_no_delete": Trigger("store", ("delete",), "row", "audit_refuse"),
    "store_no_truncate": Trigger("store", ("truncate",), "statement", "audit_refuse"),
    "case_row_follows": Trigger(
        "case_row", ("insert", "update"), "row", "case_row_follows", since=3
    ),
    "case_row_no_delete": Trigger("case_row", ("delete",), "row", "audit_refuse", since=3),
    "case_row_no_truncate": Trigger(
        "case_row", ("truncate",), "statement", "audit_refuse", since=3
    ),
}

_SAFE_PATH = "pg_catalog, pg_temp"

OLDER: Mapping[int, Mapping[str, str]] = {
    1: {
        "audit_refuse": "b8f75fc065e776b1a4b612b4fa2079d8",
        "audit_order": "2fa61bf5143bbecaf1af2e68f0dea974",
    },
    2: {
        "audit_refuse": "b8f75fc065e776b1a4b612b4fa2079d8",
        "audit_order": "07a8a2a13fd08dd956581cf15e7709bf",
    },
}
"""Digests of the functions of older layouts, by which their guards are known to be whole."""


def digest(source: str, path: str | None) -> str:
    """Return the digest of a function: its source, and where it looks for names."""
    return hashlib.sha256(f"{path or ''}\n{source}".encode()).hexdigest()[:32]


def standing(layout: int | None) -> Mapping[str, str]:
    """Return the digest of each function in a store of a layout, of this one where it is None."""
    if layout is not None and layout in OLDER:
        return OLDER[layout]
    path = f"search_path={_SAFE_PATH}"
    return {name: digest(source, path) for name, (_, source) in _FUNCTIONS.items()}


def statements() -> tuple[str, ...]:
    """Return the statements that make functions and triggers."""
    functions = [
        f"create function {SCHEMA}.{name}{shape} language plpgsql "
        f"set search_path = {_SAFE_PATH} as $${source}$$"
        for name, (shape, source) in _FUNCTIONS.items()
    ]
    return (*functions, *(line for name in TRIGGERS for line in _trigger(name)))


def _trigger(name: str) -> tuple[str, str]:
    made = TRIGGERS[name]
    events = " or ".join(made.events)
    kind, when, late = (
        ("constraint trigger", "after", "deferrable initially deferred ")
        if made.at_the_end
        else ("trigger", "before", "")
    )
    return (
        (
            f"create {kind} {name} {when} {events} on {SCHEMA}.{made.table} {late}"
            f"for each {made.each} execute function {SCHEMA}.{made.function}()"
        ),
        f"alter table {SCHEMA}.{made.table} enable always trigger {name}",
    )
