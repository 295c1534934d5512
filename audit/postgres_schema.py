"""What makes a PostgreSQL schema a store: its roles, their grants, and the guards of the log.

The role that owns the tables and the people who use them are not the same. Each person has a
database role of their own, which is the actor of what they append; the four roles of a store are
groups that the database's administrator grants to people. The guards run whoever writes, fire in
replication as well (`enable always`), and refuse what no function of the program would stop:
another person's name, an act that none of the person's roles allows, a hash that does not follow.
"""

from collections.abc import Iterable

from sqlalchemy import Connection, text

from audit.governance import Role
from audit.people import Right, rights
from audit.permits import PROGRAM, permits

SCHEMA = "chartproof"

APPEND_ONLY, OUT_OF_ORDER, NOT_THEIRS, NOT_ALLOWED = "CP001", "CP002", "CP003", "CP004"
"""SQLSTATEs our guards raise; no class of the standard begins with CP."""

PROGRAM_NAME = "chartproof"

_REFUSE = f"""
begin
  raise exception 'append-only' using errcode = '{APPEND_ONLY}';
end
"""

_ORDER = f"""
declare
  last record;
  doc jsonb := new.body::jsonb;  -- read once: bodies are large
  who text := doc #>> '{{actor,id}}';
  acting text := coalesce(doc #>> '{{actor,kind}}', '');
  asked text := doc #>> '{{data,requested_by,id}}';
begin
  select seq, hash into last from {SCHEMA}.audit_event order by seq desc limit 1;
  if new.seq is distinct from coalesce(last.seq, 0) + 1
    or new.prev is distinct from coalesce(last.hash, decode(repeat('00', 32), 'hex'))
    or (doc ->> 'seq') is distinct from new.seq::text
    or new.hash is distinct from sha256(
      decode('02', 'hex') || new.prev
      || sha256(decode('00', 'hex') || convert_to(new.body, 'UTF8')))
  then
    raise exception 'out of order' using errcode = '{OUT_OF_ORDER}';
  end if;
  if (acting = 'person' and who is distinct from session_user::text)
    or (acting = 'program' and who is distinct from '{PROGRAM_NAME}')
    or (doc #>> '{{data,requested_by,kind}}' = 'person'
      and asked is distinct from session_user::text)
  then
    raise exception 'another name' using errcode = '{NOT_THEIRS}';
  end if;
  if new.seq > 1 and not exists (
    select 1 from {SCHEMA}.permit p
    join pg_catalog.pg_roles r on r.rolname = p.role
    where p.kind = doc ->> 'kind' and p.actor = acting
      and pg_has_role(session_user, r.oid, 'member')
      and coalesce(doc #>> '{{actor,role}}', p.role)
        in (p.role, substr(p.role, {len(SCHEMA) + 2}))
  ) and not coalesce(
    doc ->> 'kind' = 'store.upgraded'
    and pg_has_role(session_user, (
      select relowner from pg_catalog.pg_class where oid = tg_relid), 'member'), false)
  then
    raise exception 'not allowed' using errcode = '{NOT_ALLOWED}';
  end if;
  return new;
end
"""  # noqa: S608 - our own names

_FUNCTIONS = {"audit_refuse": _REFUSE, "audit_order": _ORDER}

_TRIGGERS = {
    "audit_no_update": ("audit_event", "update", "row", "audit_refuse"),
    "audit_no_delete": ("audit_event", "delete", "row", "audit_refuse"),
    "audit_no_truncate": ("audit_event", "truncate", "statement", "audit_refuse"),
    "audit_order": ("audit_event", "insert", "row", "audit_order"),
    "blob_no_truncate": ("blob", "truncate", "statement", "audit_refuse"),
    "store_no_delete": ("store", "delete", "row", "audit_refuse"),
    "store_no_truncate": ("store", "truncate", "statement", "audit_refuse"),
}

_GRANTS = (
    ("audit_event", "select, insert", Right.CHECK),
    ("blob", "select, insert", Right.CHECK),
    ("blob", "delete", Right.DISPOSE),
    ("store", "select", Right.CHECK),
    ("case_row", "select", Right.CHECK),
    ("case_row", "insert, update", Right.READ),
    ("permit", "select", Right.CHECK),
)
"""What people may do to each table, if a role of theirs has this right; every role may check."""


def group(role: str) -> str:
    """Return the database role of a role in a store."""
    return f"{SCHEMA}_{role}"


def is_there(connection: Connection) -> bool:
    """Tell whether the database has a store."""
    query = text("select 1 from pg_namespace where nspname = :name")
    return connection.execute(query, {"name": SCHEMA}).first() is not None


def begin(connection: Connection) -> None:
    """Make the schema, the groups, and the table of which group may append which kind of event."""
    connection.exec_driver_sql(f"create schema {SCHEMA}")
    connection.exec_driver_sql(
        f"create table {SCHEMA}.permit "
        "(role text, kind text, actor text not null, primary key (role, kind))"
    )
    known = set(connection.execute(text("select rolname from pg_roles")).scalars())
    for role in Role:
        if group(role) not in known:
            connection.exec_driver_sql(f"create role {group(role)} nologin")
    rows = [
        {"role": group(role), "kind": kind, "actor": "program" if kind in PROGRAM else "person"}
        for role, kinds in permits().items()
        for kind in kinds
    ]
    connection.execute(text(f"insert into {SCHEMA}.permit values (:role, :kind, :actor)"), rows)  # noqa: S608


def guards() -> tuple[str, ...]:
    """Return the statements that guard the tables and let people in."""

    def people(right: Right) -> str:
        return ", ".join(group(role) for role in Role if right in rights()[role])

    functions = [
        f"create function {SCHEMA}.{name}() returns trigger language plpgsql as $${source}$$"
        for name, source in _FUNCTIONS.items()
    ]
    triggers = [
        statement
        for name, (table, event, each, function) in _TRIGGERS.items()
        for statement in (
            (
                f"create trigger {name} before {event} on {SCHEMA}.{table} "
                f"for each {each} execute function {SCHEMA}.{function}()"
            ),
            f"alter table {SCHEMA}.{table} enable always trigger {name}",
        )
    ]
    grants = [
        f"grant {what} on {SCHEMA}.{table} to {people(right)}" for table, what, right in _GRANTS
    ]
    enter = f"grant usage on schema {SCHEMA} to {people(Right.CHECK)}"
    return (*functions, *triggers, enter, *grants)


_HELD = text(
    "select rolname from pg_roles where rolname = any(:names) "
    "and pg_has_role(session_user, oid, 'member')"
)


def held(connection: Connection, roles: Iterable[str]) -> tuple[str, ...]:
    """Return which of these roles the person who is connected has."""
    names = {group(role): str(role) for role in roles}
    found = connection.execute(_HELD, {"names": list(names)}).scalars()
    return tuple(names[name] for name in found)


_LOST_TRIGGERS = text(
    """
    select t.tgname, c.relname, p.proname, p.prosrc
    from pg_trigger t
    join pg_class c on c.oid = t.tgrelid
    join pg_namespace n on n.oid = c.relnamespace
    join pg_proc p on p.oid = t.tgfoid
    where n.nspname = :schema and not t.tgisinternal and t.tgenabled = 'A'
      and p.pronamespace = n.oid
    """
)
_DOORS = text(
    """
    select 'grant ' || lower(a.privilege_type) || ' to ' || coalesce(r.rolname, 'public')
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    cross join lateral aclexplode(c.relacl) a
    left join pg_roles r on r.oid = a.grantee
    where n.nspname = :schema and c.relname = 'audit_event' and a.grantee <> c.relowner
      and a.privilege_type not in ('SELECT', 'INSERT')
    union all
    select 'rule ' || rulename from pg_rules where schemaname = :schema
    union all
    select 'row security on ' || c.relname
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = :schema and c.relrowsecurity
    """
)


def lost_guards(connection: Connection) -> frozenset[str]:
    """Return the guards that are missing, altered or off, and what was put in that walks past them.

    Rules and row security can make an append vanish or hide rows; a grant can open a door.
    """
    standing = {
        name
        for name, table, function, source in connection.execute(_LOST_TRIGGERS, {"schema": SCHEMA})
        if name in _TRIGGERS
        and (table, function) == (_TRIGGERS[name][0], _TRIGGERS[name][3])
        and source == _FUNCTIONS[function]
    }
    doors = connection.execute(_DOORS, {"schema": SCHEMA}).scalars()
    return frozenset(_TRIGGERS.keys() - standing) | frozenset(map(str, doors))
