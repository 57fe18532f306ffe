"""Is this database the demonstration's? A comment on the database says so; whatever is printed from it repeats it."""

from __future__ import annotations

from sqlalchemy import String, cast, column, func, select, table

from app.errors import Invalid
from app.transactions import Reading

LOADING = "Relais : démonstration en cours de chargement"
LOADED = "Relais : démonstration, données fictives"
DOMAIN = "demo.relais.example"
"""Addresses of the demonstration; ``.example`` belongs to nobody (RFC 2606)."""
PUBLISHED = "demo."
"""How the identifiers of software begin whose secrets are published; one that is registered is ``client-…``."""

_database = table("pg_database", column("oid"), column("datname"), schema="pg_catalog").c
COMMENT = select(func.shobj_description(_database.oid, "pg_database").label("said")).where(
    _database.datname == cast(func.current_database(), String)
)


async def is_invented(reading: Reading) -> bool:
    """Are the people of this database fictitious?"""
    return says_invented((await reading.row(COMMENT))["said"])


def says_invented(comment: str | None) -> bool:
    """Is this the comment of a database whose people are fictitious?"""
    return comment in (LOADING, LOADED)


def fault_of_address(comment: str | None, email: str) -> str | None:
    """Why this address has no place here, or ``None``: invented accounts and real ones never share a database."""
    theirs = email.endswith(f"@{DOMAIN}")
    if says_invented(comment):
        return None if theirs else "invented_address_expected"
    return "real_address_expected" if theirs else None


async def check_address(reading: Reading, email: str) -> None:
    """``Invalid`` for a real address in the demonstration, or one of the demonstration among real accounts."""
    if (fault := fault_of_address((await reading.row(COMMENT))["said"], email)) is not None:
        raise Invalid(fault, "/email")


def signs_in_by_password_alone(comment: str | None, email: str | None) -> bool:
    """The one exception to the second factor: an invented account of a database marked as invented."""
    return says_invented(comment) and email is not None and email.endswith(f"@{DOMAIN}")


async def is_let_in(reading: Reading, client_id: str) -> bool:
    """Has this software a place here? Where its secret is published, only in the demonstration."""
    return not client_id.startswith(PUBLISHED) or await is_invented(reading)
