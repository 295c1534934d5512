"""The few expressions that SQLite and PostgreSQL spell differently, under one name each."""

from typing import Any

from sqlalchemy import BindParameter, Boolean, ColumnElement, LargeBinary, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateColumn
from sqlalchemy.sql.compiler import DDLCompiler, SQLCompiler
from sqlalchemy.sql.functions import GenericFunction


class member(GenericFunction[str]):  # noqa: N801 - the name of an SQL function
    """`member(body, 'a.b')`: the string at a path in a JSON text, null where there is none."""

    type = Text()
    inherit_cache = True


class octets(GenericFunction[bytes]):  # noqa: N801
    """`octets(text)`: the bytes of a text as they are stored, even if they are no longer UTF-8."""

    type = LargeBinary()
    inherit_cache = True


class within(GenericFunction[bool]):  # noqa: N801
    """`within(part, whole)`: whether a text holds another."""

    type = Boolean()
    inherit_cache = True


def _arguments(element: GenericFunction[Any], compiler: SQLCompiler, **options: Any) -> list[str]:
    return [compiler.process(clause, **options) for clause in element.clauses]


def _constant(path: ColumnElement[Any]) -> str:
    """Return a path that our own code wrote; one from outside has no place in a definition."""
    assert isinstance(path, BindParameter)
    assert isinstance(path.value, str)
    assert all(part.isidentifier() for part in path.value.split("."))
    return path.value


@compiles(member, "sqlite")
def _(element: member, compiler: SQLCompiler, **options: Any) -> str:
    body, path = element.clauses
    return f"json_extract({compiler.process(body, **options)}, '$.{_constant(path)}')"


@compiles(member, "postgresql")
def _(element: member, compiler: SQLCompiler, **options: Any) -> str:
    body, path = element.clauses
    names = ",".join(_constant(path).split("."))
    return f"(({compiler.process(body, **options)})::json #>> '{{{names}}}')"


@compiles(octets, "sqlite")
def _(element: octets, compiler: SQLCompiler, **options: Any) -> str:
    (text,) = _arguments(element, compiler, **options)
    return f"cast({text} as blob)"


@compiles(octets, "postgresql")
def _(element: octets, compiler: SQLCompiler, **options: Any) -> str:
    (text,) = _arguments(element, compiler, **options)
    return f"convert_to({text}, 'UTF8')"


@compiles(within, "sqlite")
def _(element: within, compiler: SQLCompiler, **options: Any) -> str:
    part, whole = _arguments(element, compiler, **options)
    return f"(instr({whole}, {part}) > 0)"


@compiles(within, "postgresql")
def _(element: within, compiler: SQLCompiler, **options: Any) -> str:
    part, whole = _arguments(element, compiler, **options)
    return f"(strpos({whole}, {part}) > 0)"


@compiles(CreateColumn, "postgresql")
def _(element: CreateColumn, compiler: DDLCompiler, **options: Any) -> str:
    """Store a generated column, because PostgreSQL indexes no other and older ones know none."""
    column = element.element
    if column.computed is None:
        written: str = compiler.visit_create_column(element, **options)  # type: ignore[no-untyped-call]
        return written
    formula = compiler.sql_compiler.process(
        column.computed.sqltext, include_table=False, literal_binds=True
    )
    kind = compiler.dialect.type_compiler_instance.process(column.type)
    name = compiler.preparer.format_column(column)
    return f"{name} {kind} GENERATED ALWAYS AS ({formula}) STORED"
