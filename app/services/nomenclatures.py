"""Official lists, as PostgreSQL holds them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Date, Integer, Text, column, func, literal_column, select, table

from app.errors import NotFound
from app.nomenclature.terms import COMMON_COLUMNS, LISTS, NomenclatureList

KINDS: dict[str, Any] = {"sort_order": Integer, "valid_from": Date, "valid_to": Date}
PUBLISHED = tuple(name for name in COMMON_COLUMNS if name != "basis")


def _statement(said: NomenclatureList) -> Any:
    rows = table(
        said.name,
        *(column(name, KINDS.get(name, Text)) for name in COMMON_COLUMNS),
        *(column(name) for name in said.fact_columns),
        schema="nomenclature",
    )
    facts = [part for name in said.fact_columns for part in (literal_column(f"'{name}'"), rows.c[name])]
    return select(*(rows.c[name] for name in PUBLISHED), func.json_build_object(*facts).label("facts")).order_by(
        rows.c.sort_order, rows.c.code
    )


TERMS = {name: _statement(said) for name, said in LISTS.items()}


def terms_of(name: str) -> Any:
    """The statement that lists the terms of a nomenclature, in order; ``NotFound`` for an unknown list."""
    if name not in TERMS:
        raise NotFound
    return TERMS[name]


def titles() -> list[dict[str, str]]:
    """Names and French titles of the lists."""
    return [{"name": said.name, "title": said.label, "comment": said.comment} for said in LISTS.values()]
