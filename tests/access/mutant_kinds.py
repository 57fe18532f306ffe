"""What a mutant is, and the usual ways to weaken the fence."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Mutant:
    """One weakness: SQL run as superuser in a fresh clone, or a piece of a trusted function written otherwise."""

    name: str
    sql: str = ""
    function: str = ""
    piece: str = ""
    instead: str = ""
    undo: str = ""
    """Roles belong to the whole cluster: what puts them back."""
    silent: bool = False
    """No statement of a lane answers differently yet: only the snapshot can tell."""

    def quiet(self) -> Mutant:
        """The same, that only the snapshot can tell."""
        return replace(self, silent=True)


def rewritten(name: str, function: str, piece: str, instead: str = "") -> Mutant:
    """A trusted function with one piece of its source written otherwise."""
    return Mutant(name, function=function, piece=piece, instead=instead)


def rule(name: str, table: str, policy: str, clauses: str) -> Mutant:
    """A row rule made wider."""
    return Mutant(name, f"alter policy {policy} on {table} {clauses}")


def unlocked(name: str, table: str) -> Mutant:
    """A table without its row security."""
    return Mutant(name, f"alter table {table} disable row level security")


def given(name: str, role: str, table: str, what: str = "select", rule: str = "true") -> Mutant:
    """A grant too many, with a row rule that lets it through."""
    schema, verb = table.partition(".")[0], what.partition(" ")[0]
    clause = "with check" if verb == "insert" else "using"
    return Mutant(
        name,
        f"grant usage on schema {schema} to relais_{role}; grant {what} on {table} to relais_{role};"
        f" create policy slipped_in on {table} for {verb} to relais_{role} {clause} ({rule})",
    )


def called(name: str, function: str, role: str = "public") -> Mutant:
    """A function that too many may call."""
    return Mutant(name, f"grant execute on function {function} to {role}")


def touches(name: str, table: str) -> Mutant:
    """A trigger that touches the referral whenever something is written elsewhere."""
    return Mutant(
        name,
        "create function access.touch() returns trigger language plpgsql security definer as $$ begin"
        " update shared.referral set urgency = urgency; return null; end $$;"
        f" create trigger touch after insert or update on {table} execute function access.touch()",
    )


def single_key(name: str, table: str, constraint: str, column: str, target: str) -> Mutant:
    """A composite foreign key that forgets the perimeter."""
    return Mutant(
        name,
        f"alter table {table} drop constraint {constraint};"
        f" alter table {table} add constraint {constraint} foreign key ({column}) references {target}",
    )


def dropped(name: str, table: str, what: str) -> Mutant:
    """A trigger or a constraint taken away."""
    kind, _, which = what.partition(" ")
    drop = f"drop trigger {which} on {table}" if kind == "trigger" else f"alter table {table} drop constraint {which}"
    return Mutant(f"{name}: no {which}", drop)


def rewriting(table: str, column: str, role: str) -> Mutant:
    """A column that nobody rewrites, given to a lane that changes others."""
    return Mutant(f"{table}.{column} rewritten by the {role}", f"grant update ({column}) on {table} to relais_{role}")
