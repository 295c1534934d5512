"""The shapes a server holds events to, as conditions in SQL over their JSON.

Not every event's: those that every workstation reads to know the people of the store and what was
destroyed, and those that decide who may act on a case. One of them that does not read would keep
everybody from working. The rest the check reads. A condition that is unknown (NULL) is not met.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import get_args

from audit.governance import Meaning, Role
from audit.lease import LONGEST

Condition = Callable[[str], str]
"""From a JSON value, as an expression in parentheses, to what must hold of it."""

_LARGEST = 10**9 - 1


def listed(names: Iterable[str]) -> str:
    """Return names as the inside of a list in SQL."""
    return ", ".join(f"'{name}'" for name in sorted(names))


def enveloped(doc: str, seq: str) -> str:
    """Return the condition that `doc` has what an event has around its data, as number `seq`."""
    first, last = (f"({doc} #>> '{{group,{n}}}')::bigint" for n in (0, 1))
    members = {
        "actor": _typed("object"),
        "blobs": _typed("array"),
        "case_id": _or_null(_like(_HEX_32)),
        "data": _typed("object"),
        "event_id": _text,
        "group": _typed("array"),
        "kind": _text,
        "seq": _typed("number"),
        "ts_utc": _text,
    }
    role = f"({doc} #> '{{actor,role}}')"
    return _all(
        (
            *(condition(f"({doc} -> '{name}')") for name, condition in members.items()),
            _one_of(("person", "policy", "program"))(f"({doc} #> '{{actor,kind}}')"),
            _text(f"({doc} #> '{{actor,id}}')"),
            f"({role} is null or {_text(role)})",
            f"jsonb_array_length({doc} -> 'group') = 2",
            *(_typed("number")(f"({doc} #> '{{group,{n}}}')") for n in (0, 1)),
            f"{seq} between {first} and {last}",
        )
    )


def shaped(kind: str, data: str) -> str:
    """Return the condition that `data` has the shape of its `kind`, where that is one of ours."""
    cases = "\n".join(f"    when '{each}' then {of(data)}" for each, of in SHAPES.items())
    return f"case {kind}\n{cases}\n    else true end"


def _all(parts: Iterable[str]) -> str:
    return "coalesce(" + "\n      and ".join(parts) + ", false)"


def _typed(name: str) -> Condition:
    return lambda value: f"jsonb_typeof({value}) = '{name}'"


def _string(condition: str) -> Condition:
    """Return the condition that a value is a string of which `condition` holds, as `%s`."""
    return lambda value: f"({_typed('string')(value)} and {condition % f'({value} #>> {_ITSELF})'})"


_ITSELF = "'{}'"


def _like(pattern: str) -> Condition:
    return _string(f"%s ~ '^{pattern}$'")


def _one_of(names: Iterable[str]) -> Condition:
    return _string(f"%s in ({listed(names)})")


def _whole(least: int, most: int) -> Condition:
    def condition(value: str) -> str:
        plain = f"({value} #>> {_ITSELF})"
        return (
            f"(case when {_typed('number')(value)} and {plain} ~ '^[0-9]{{1,9}}$' "
            f"then {plain}::int between {least} and {most} end)"
        )

    return condition


def _or_null(of: Condition) -> Condition:
    return lambda value: f"({_typed('null')(value)} or {of(value)})"


def _each(of: Condition) -> Condition:
    def condition(value: str) -> str:
        wrong = f"select from jsonb_array_elements({value}) as t(e) where not {of('e')}"
        return f"(case when {_typed('array')(value)} then not exists ({wrong}) end)"

    return condition


def _object(**members: Condition) -> Condition:
    """Return the condition that an object has these members, and no other."""

    def condition(value: str) -> str:
        names = f"array[{listed(members)}]::text[]"
        inner = (of(f"({value} -> '{name}')") for name, of in members.items())
        return _all(
            (
                _typed("object")(value),
                f"{value} ?& {names}",
                f"({value} - {names}) = '{{}}'",
                *inner,
            )
        )

    return condition


def _place(value: str) -> str:
    """Return the condition on `[seq, hash]`."""
    return _all(
        (
            _typed("array")(value),
            f"jsonb_array_length({value}) = 2",
            _whole(1, _LARGEST)(f"({value} -> 0)"),
            _ref(f"({value} -> 1)"),
        )
    )


_HEX_32 = "[0-9a-f]{32}"
_text = _string("length(%s) between 1 and 100")
_ref = _like("[0-9a-f]{64}")
_STATEMENT = _object(
    store_id=_like(_HEX_32),
    case_id=_like(_HEX_32),
    version=_whole(1, _LARGEST),
    meaning=_one_of(get_args(Meaning)),
    person=_text,
    name=_text,
    role=_one_of(Role),
    at=_text,
    after=_place,
    content=_or_null(_ref),
    codes=_typed("array"),
)

SHAPES: Mapping[str, Condition] = {
    "person.enrolled": _object(person=_text, name=_text, key=_ref, locked=_ref),
    "signing.refused": _object(person=_text),
    "signing.reset": _object(person=_text, reason=_ref),
    "retention.set": _object(years=_or_null(_whole(0, 200))),
    "hold.placed": _object(matter=_ref),
    "hold.lifted": _object(matter=_ref),
    "texts.disposed": _object(
        texts=_each(_ref),
        basis=_one_of(("order", "restore", "rule")),
        due=_or_null(_text),
        reason=_or_null(_ref),
    ),
    "case.claimed": _object(minutes=_whole(1, LONGEST)),
    "case.released": _object(),
    "case.reopened": _object(version=_whole(2, _LARGEST), reason=_ref),
    "case.signed": _object(statement=_STATEMENT, key=_ref, signature=_like("[0-9a-f]{128}")),
}
"""Conditions on the data of an event, by its kind; a test holds them to the program's shapes."""
