"""What makes a PostgreSQL schema a store: its roles, their grants, and the guards of the log.

The role that owns the tables and the people who use them are not the same. Each person has a
database role of their own, which is the actor of what they append; the four roles of a store are
groups that the database's administrator grants to people. The guards run whoever writes, fire in
replication as well (`enable always`), and refuse what no function of the program would stop:
another person's name, an act that none of the person's roles allows, a hash that does not follow.
"""

from collections.abc import Iterable

from sqlalchemy import Connection, text

from audit import postgres_guards as made
from audit.database import altered_guards
from audit.governance import Role
from audit.model import AuditError
from audit.people import Right, rights
from audit.permits import PROGRAM, permits
from audit.postgres_guards import SCHEMA, TRIGGERS

APPLICATION = "chartproof"
"""How connections of this program are called on a server; a word for the process follows."""

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
    _permit(connection)


def _permit(connection: Connection) -> None:
    connection.exec_driver_sql(
        f"create table {SCHEMA}.permit "
        "(role text, kind text, actor text not null, primary key (role, kind))"
    )
    known = set(connection.execute(text("select rolname from pg_roles")).scalars())
    for role in Role:
        if group(role) not in known:
            connection.exec_driver_sql(f"create role {group(role)} nologin")
    rows = [dict(zip(("role", "kind", "actor"), row, strict=True)) for row in sorted(permitted())]
    connection.execute(text(f"insert into {SCHEMA}.permit values (:role, :kind, :actor)"), rows)  # noqa: S608


def permitted() -> set[tuple[str, str, str]]:
    """Return the table of permits: group, kind of event, and kind of actor."""
    return {
        (group(role), kind, "program" if kind in PROGRAM else "person")
        for role, kinds in permits().items()
        for kind in kinds
    }


def guards() -> tuple[str, ...]:
    """Return the statements that guard the tables and let people in."""

    def people(right: Right) -> str:
        return ", ".join(group(role) for role in Role if right in rights()[role])

    grants = [
        f"grant {what} on {SCHEMA}.{table} to {people(right)}" for table, what, right in _GRANTS
    ]
    enter = f"grant usage on schema {SCHEMA} to {people(Right.CHECK)}"
    return (*made.statements(), enter, *grants)


_OTHERS = text(
    "select distinct usename from pg_stat_activity where datname = current_database() "
    "and application_name like :ours and application_name <> current_setting('application_name') "
    "and usename is not null order by 1"
)
_LOOKS, _BETWEEN = 20, 0.1
"""How often is looked whether others have left, and seconds between: a server notices it late."""

_OWNER = text(
    "select pg_get_userbyid(c.relowner), pg_has_role(session_user, c.relowner, 'usage') "
    "from pg_class c join pg_namespace n on n.oid = c.relnamespace "
    "where n.nspname = :schema and c.relname = 'audit_event'"
)


def insist_on_upgrade(connection: Connection, name: str) -> None:
    """Make sure that whoever is connected may change the tables, and that their guards are whole.

    AuditError else: what somebody altered is not to be painted over.
    """
    owner, is_theirs = connection.execute(_OWNER, {"schema": SCHEMA}).one()
    if not is_theirs:
        raise AuditError(
            f"The store {name} was made by an older version of Chartproof. Its owner, the "
            f"database role {owner}, brings it up to date by `chartproof audit create --database` "
            "with an address of that role; until then use the older version. Nothing was changed."
        )
    lost = lost_guards(connection)
    if lost:
        raise altered_guards(name, lost)
    others = _others(connection)
    if others:
        raise AuditError(
            f"The store {name} is brought up to date only while nobody else is at it, and it is "
            f"open for: {', '.join(others)}. Nothing was changed; try again when they have closed "
            "it."
        )


def _others(connection: Connection) -> tuple[str, ...]:
    """Return the roles by which other processes of this program are connected."""
    for _ in range(_LOOKS):
        connection.execute(text("select pg_stat_clear_snapshot()"))
        found = connection.execute(_OTHERS, {"ours": f"{APPLICATION}%"}).scalars().all()
        if not found:
            break
        connection.execute(text("select pg_sleep(:seconds)"), {"seconds": _BETWEEN})
    return tuple(map(str, found))


_OURS = (
    """
        select format('drop trigger %I on %s', t.tgname, t.tgrelid::regclass)
        from pg_trigger t join pg_proc p on p.oid = t.tgfoid
        join pg_namespace n on n.oid = p.pronamespace
        where n.nspname = :schema and not t.tgisinternal
    """,
    """
        select format('drop function %s', p.oid::regprocedure)
        from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = :schema
    """,
)


def renew(connection: Connection) -> None:
    """Put this version's guards, permits and grants in the place of an older one's."""
    for found in _OURS:
        for statement in connection.execute(text(found), {"schema": SCHEMA}).scalars().all():
            connection.exec_driver_sql(str(statement).replace("%", "%%"))
    connection.exec_driver_sql(f"drop table {SCHEMA}.permit")
    _permit(connection)
    groups = ", ".join(map(group, Role))
    connection.exec_driver_sql(f"revoke all on all tables in schema {SCHEMA} from {groups}")
    for statement in guards():
        connection.exec_driver_sql(statement)


_HELD = text(
    "select rolname from pg_roles where rolname = any(:names) "
    "and pg_has_role(session_user, oid, 'usage')"
)


def held(connection: Connection, roles: Iterable[str]) -> tuple[str, ...]:
    """Return which of these roles the person who is connected has."""
    names = {group(role): str(role) for role in roles}
    found = connection.execute(_HELD, {"names": list(names)}).scalars()
    return tuple(names[name] for name in found)


_MEMBERS = text(
    "select r.rolname, g.rolname from pg_roles r cross join pg_roles g "
    "where g.rolname = any(:names) and r.rolcanlogin and not r.rolsuper "
    "and pg_has_role(r.oid, g.oid, 'usage') order by 1, 2"
)


def members(connection: Connection) -> tuple[tuple[str, Role], ...]:
    """Return who has which role of the store, by name; superusers, who have all, aside."""
    names = {group(role): role for role in Role}
    found = connection.execute(_MEMBERS, {"names": list(names)})
    return tuple((str(person), names[name]) for person, name in found)


_STANDING = text(
    """
    select t.tgname, c.relname, p.proname, t.tgtype
    from pg_trigger t
    join pg_class c on c.oid = t.tgrelid
    join pg_namespace n on n.oid = c.relnamespace
    join pg_proc p on p.oid = t.tgfoid
    where n.nspname = :schema and not t.tgisinternal and t.tgenabled = 'A'
      and p.pronamespace = n.oid and t.tgqual is null and cardinality(t.tgattr) = 0
    """
)
_SOURCES = text(
    """
    select p.proname, p.prosrc, array_to_string(p.proconfig, ';')
    from pg_proc p
    join pg_namespace n on n.oid = p.pronamespace
    join pg_language l on l.oid = p.prolang
    where n.nspname = :schema and l.lanname = 'plpgsql' and not p.prosecdef
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

    They are held against those of the store's layout, which may be an older one's. Rules and row
    security can make an append vanish or hide rows; a grant or a permit can open a door.
    """
    layout = connection.execute(text(f"select max(schema_version) from {SCHEMA}.store")).scalar()  # noqa: S608
    known = made.standing(layout)
    whole = {
        name
        for name, source, path in connection.execute(_SOURCES, {"schema": SCHEMA})
        if known.get(name) == made.digest(source, path)
    }
    standing = {
        name
        for name, table, function, bits in connection.execute(_STANDING, {"schema": SCHEMA})
        if name in TRIGGERS
        and (table, function, bits)
        == (TRIGGERS[name].table, TRIGGERS[name].function, TRIGGERS[name].bits)
        and function in whole
    }
    wanted = {name for name, each in TRIGGERS.items() if layout is None or each.since <= layout}
    helpers = known.keys() - {each.function for each in TRIGGERS.values()}
    doors = connection.execute(_DOORS, {"schema": SCHEMA}).scalars()
    lost = (wanted - standing) | (helpers - whole) | set(map(str, doors))
    return frozenset(lost) | _permits(connection, layout)


def _permits(connection: Connection, layout: int | None) -> frozenset[str]:
    """Return the permits that the store's layout does not have, or has and that are gone."""
    if layout in made.OLDER:
        return frozenset()
    found = connection.execute(text(f"select role, kind, actor from {SCHEMA}.permit"))  # noqa: S608
    return frozenset(
        f"permit {role} {kind}" for role, kind, _ in {tuple(row) for row in found} ^ permitted()
    )
