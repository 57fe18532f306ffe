"""Is this database the demonstration's? A comment on the database says so, and whatever is printed from "
"it repeats it."""

from __future__ import annotations

from sqlalchemy import String, cast, column, func, select, table

from app.transactions import Reading

LOADING = "Relais : démonstration en cours de chargement"
LOADED = "Relais : démonstration, données fictives"

_database = table("pg_database", column("oid"), column("datname"), schema="pg_catalog").c
COMMENT = select(func.shobj_description(_database.oid, "pg_database").label("said")).where(
    _database.datname == cast(func.current_database(), String)
)


async def is_invented(reading: Reading) -> bool:
    """Are the people of this database fictitious?"""
    return (await reading.row(COMMENT))["said"] in (LOADING, LOADED)
