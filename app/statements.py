"""SQLAlchemy statements, compiled once to SQL for asyncpg, with PostgreSQL building the JSON.

A statement is declared next to its service; the ``Shown`` schema says which of its columns go on the wire. The
session layer of SQLAlchemy is left aside on purpose: it costs more than PostgreSQL itself (docs/decisions/0004).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, get_args
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import (
    Date,
    DateTime,
    Integer,
    Select,
    String,
    Uuid,
    bindparam,
    cast,
    func,
    literal_column,
    select,
    true,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.dialects.postgresql.asyncpg import dialect as asyncpg_dialect
from sqlalchemy.sql.expression import Executable
from sqlmodel import SQLModel

DIALECT: Any = asyncpg_dialect()  # type: ignore[no-untyped-call]

LAST = (datetime(9999, 1, 1, tzinfo=UTC), UUID(int=2**128 - 1))
"""Position before the newest row: a first page needs no other statement."""


@dataclass(frozen=True)
class Compiled:
    """SQL text, and how to turn named parameters into positions."""

    sql: str
    names: tuple[str, ...]
    fixed: Mapping[str, Any]
    processors: Mapping[str, Callable[[Any], Any]]

    def values(self, given: Mapping[str, Any]) -> list[Any]:
        """Positional arguments for asyncpg; a parameter that nobody gave is an error of the program."""
        found = []
        for name in self.names:
            value = given[name] if name in given else self.fixed[name]
            processor = self.processors.get(name)
            found.append(processor(value) if processor is not None and value is not None else value)
        return found


@lru_cache(maxsize=1024)
def compiled(statement: Executable) -> Compiled:
    """Compile a statement once. Statements are module constants: the cache never grows."""
    said: Any = statement.compile(dialect=DIALECT)  # type: ignore[attr-defined]
    return Compiled(
        sql=str(said),
        names=tuple(said.positiontup or ()),
        fixed={name: bind.value for name, bind in said.binds.items() if not bind.required},
        processors=dict(said._bind_processors),
    )


# RFC 3339 in UTC, as everywhere else on the wire; the sessions of the lanes are in UTC.
INSTANT = """to_char({0}, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as {1}"""


def _wire_columns(schema: type[BaseModel], alias: str) -> str:
    """The fields of ``schema``, each from the column of that name."""
    columns = []
    for name, field in schema.model_fields.items():
        column = f'{alias}."{name}"'
        kinds = get_args(field.annotation) or (field.annotation,)
        columns.append(INSTANT.format(column, f'"{name}"') if datetime in kinds else column)
    return ", ".join(columns)


@lru_cache(maxsize=1024)
def one_as_json(statement: Executable, schema: type[BaseModel]) -> Compiled:
    """The statement's only row as JSON text, with exactly the fields of ``schema``."""
    inner = compiled(statement)
    sql = f"select row_to_json(s)::text from (select {_wire_columns(schema, 'q')} from ({inner.sql}) q) s"  # noqa: S608
    return Compiled(sql, inner.names, inner.fixed, inner.processors)


@lru_cache(maxsize=1024)
def all_as_json(statement: Executable, schema: type[BaseModel]) -> Compiled:
    """Every row of an ordered statement as one JSON array, and their number."""
    inner = compiled(statement)
    sql = (
        "select coalesce('[' || string_agg(row_to_json(s)::text, ',' order by t.n) || ']', '[]'), count(*) "  # noqa: S608
        f"from (select row_number() over () as n, q.* from ({inner.sql}) q) t "
        f"cross join lateral (select {_wire_columns(schema, 't')}) s"
    )
    return Compiled(sql, inner.names, inner.fixed, inner.processors)


@dataclass(frozen=True, eq=False)
class NewestFirst:
    """A newest-first list, read one page at a time whatever the history (see ``newest_first``)."""

    statement: Select[Any]


def newest_first(statement: Select[Any], *, perimeter: Any, mine: str, at: Any, key: Any) -> NewestFirst:
    """Page a list newest first, one lateral read per perimeter.

    ``perimeter`` is the table's ``unit_id`` or ``post_id``, ``mine`` the function of ``access`` that returns my own
    (``my_units``, ``my_posts``). It narrows and never widens: row rules still decide (settled point 15). The index
    ``(perimeter, at desc, key desc)`` then gives 50 rows without reading the others.
    """
    perimeters = select(func.unnest(getattr(func.access, mine)()).label("perimeter")).subquery("perimeters")
    # A cursor holds an instant; a day column is compared as a day.
    before_at: Any = bindparam("before_at", type_=DateTime(timezone=True))
    if isinstance(at.type, Date):
        before_at = cast(before_at, Date)
    before = tuple_(before_at, bindparam("before_id", type_=Uuid()))
    position = tuple_(at, key)
    most = bindparam("most", type_=Integer)
    rows = (
        statement.add_columns(at.label("position_at"), key.label("position_id"))
        .where(perimeter == perimeters.c.perimeter, position < before)
        .order_by(at.desc(), key.desc())
        .limit(most)
        .lateral("r")
    )
    order: Any = (literal_column("r.position_at").desc(), literal_column("r.position_id").desc())
    return NewestFirst(select(rows).select_from(perimeters.join(rows, true())).order_by(*order).limit(most))


def newest_first_everywhere(statement: Select[Any], *, at: Any, key: Any) -> NewestFirst:
    """Page a list that has no perimeter (reference data, the traces of the data-protection officer)."""
    position = tuple_(at, key)
    before = tuple_(bindparam("before_at", type_=DateTime(timezone=True)), bindparam("before_id", type_=Uuid()))
    return NewestFirst(
        statement.add_columns(at.label("position_at"), key.label("position_id"))
        .where(position < before)
        .order_by(at.desc(), key.desc())
        .limit(bindparam("most", type_=Integer))
    )


@lru_cache(maxsize=256)
def page_as_json(pages: NewestFirst, schema: type[BaseModel]) -> Compiled:
    """One page as JSON, whether there is more, and the position of its last row.

    Columns: ``items`` (text), ``shown`` (rows on the page), ``more`` (boolean), ``last_at``, ``last_id``. The
    statement asks for one row more than the page (``most`` = limit + 1).
    """
    inner = compiled(pages.statement)
    wanted = f"${len(inner.names) + 1}::int"
    sql = (
        "select coalesce('[' || string_agg(row_to_json(s)::text, ',' order by t.n) filter "  # noqa: S608
        f"(where t.n <= {wanted}) || ']', '[]') as items, "
        f"least(count(*), {wanted}) as shown, count(*) > {wanted} as more, "
        f"(array_agg(t.position_at::timestamptz order by t.n))[{wanted}] as last_at, "
        f"(array_agg(t.position_id order by t.n))[{wanted}] as last_id "
        f"from (select row_number() over () as n, q.* from ({inner.sql}) q) t "
        f"cross join lateral (select {_wire_columns(schema, 't')}) s"
    )
    return Compiled(sql, (*inner.names, "wanted"), inner.fixed, inner.processors)


@lru_cache(maxsize=128)
def insertion(table: type[SQLModel], allowed: tuple[str, ...] | None, *, or_keep: bool = False) -> Compiled:
    """``insert`` of every column that the role may write (``None``: all but the computed ones).

    With ``or_keep``, a row already there stays, once whoever was writing it has committed.
    """
    written = [each for each in columns(table) if each.computed is None and (allowed is None or each.name in allowed)]
    statement = insert(table).values({each.name: bindparam(each.name, type_=each.type) for each in written})
    return compiled(statement.on_conflict_do_nothing() if or_keep else statement)


@lru_cache(maxsize=32)
def upsert(table: type[SQLModel], allowed: tuple[str, ...] | None, replaced: tuple[str, ...]) -> Compiled:
    """``insert`` as ``insertion`` does; on a row already there, ``update`` of the columns of ``replaced`` alone."""
    written = [each for each in columns(table) if each.computed is None and (allowed is None or each.name in allowed)]
    statement = insert(table).values({each.name: bindparam(each.name, type_=each.type) for each in written})
    keys = [each.name for each in columns(table) if each.primary_key]
    return compiled(
        statement.on_conflict_do_update(index_elements=keys, set_={name: statement.excluded[name] for name in replaced})
    )


@lru_cache(maxsize=512)
def change(table: type[SQLModel], changed: tuple[str, ...], keys: tuple[str, ...]) -> Compiled:
    """``update`` of these columns where these keys, returning how many rows the caller could take."""
    cells = columns(table)
    statement = update(table).values({name: bindparam(f"new_{name}", type_=cells[name].type) for name in changed})
    for name in keys:
        statement = statement.where(cells[name] == bindparam(f"key_{name}", type_=cells[name].type))
    return compiled(statement)


@lru_cache(maxsize=64)
def holding(table: type[SQLModel], keys: tuple[str, ...]) -> Compiled:
    """Lock one row, by its keys.

    ``for no key update``: a row that merely refers to this one (a handling to its referral) never waits, nor makes
    wait. Otherwise the unit's withdrawal would wait for the social worker, and feel her.
    """
    cells = columns(table)
    statement: Any = select(literal_column("true")).select_from(table).with_for_update(key_share=True)
    for name in keys:
        statement = statement.where(cells[name] == bindparam(name, type_=cells[name].type))
    return compiled(statement)


def name_of(table: type[SQLModel]) -> str:
    """``schema.table``."""
    name: str = columns(table)[0].table.fullname
    return name


def columns(table: type[SQLModel]) -> Any:
    """The columns of a table, to write statements with (the class attributes are typed as values, not as columns)."""
    return table.__table__.columns  # type: ignore[attr-defined]


def given(name: str, kind: Any = String) -> Any:
    """A named parameter of a statement."""
    return bindparam(name, type_=kind() if isinstance(kind, type) else kind)
