"""Tables, one folder a circle: the folder of a table says who can see it.

Constraints and comments live in ``alembic/sql``; a test proves that these classes and the migrated database agree.
"""

from sqlmodel import SQLModel

from app.models import (
    accounts,
    audit,
    confidential,
    directory,
    employer,
    exchange,
    organisation,
    outbox,
    shared,
    social,
    statistics,
)
from app.nomenclature.terms import COMMON_COLUMNS, LISTS

__all__ = [
    "COLUMNS",
    "GENERATED_COLUMNS",
    "accounts",
    "audit",
    "confidential",
    "directory",
    "employer",
    "exchange",
    "organisation",
    "outbox",
    "shared",
    "social",
    "statistics",
]

COLUMNS: dict[str, tuple[str, ...]] = {
    table.fullname: tuple(column.name for column in table.columns) for table in SQLModel.metadata.tables.values()
} | {f"nomenclature.{name}": (*COMMON_COLUMNS, *said.fact_columns) for name, said in LISTS.items()}
"""Every table of every circle and its columns, in order."""

GENERATED_COLUMNS: dict[str, frozenset[str]] = {
    table.fullname: frozenset(column.name for column in table.columns if column.computed is not None)
    for table in SQLModel.metadata.tables.values()
}
"""Columns that PostgreSQL computes: read by those who may, written by nobody."""
