"""Render the policy to SQL (grants and row rules) and to French documentation.

``python -m app.access.render sql`` prints what a migration freezes; ``python -m app.access.render doc`` prints
``docs/who-sees-what.md``. Tests compare the living database and the committed document with these renderings.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping

from app.access.policy import Policy, policy
from app.access.rights import VERB_FR, Official, Resource, Right, Role
from app.models import COLUMNS, GENERATED_COLUMNS

# To count is to read what holds no identity: a publication, or nothing but the functions of the resource.
SQL_VERB = {"read": "select", "count": "select", "add": "insert", "change": "update"}


def tables_of(resource: Resource, columns: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Tables of a resource: its own, or every table of a schema written ``schema.*``."""
    if resource.table is None:
        return []
    if resource.table.endswith(".*"):
        return sorted(table for table in columns if table.startswith(resource.table[:-1]))
    return [resource.table]


def _schema(name: str) -> str:
    return name.partition(".")[0]


def _granted_columns(table: str, right: Right, columns: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    # Column by column even when all are granted: system columns (xmin, xmax, ctid) stay refused.
    if right.columns is not None:
        return right.columns
    generated = GENERATED_COLUMNS.get(table, frozenset()) if right.verb == "add" else frozenset()
    return tuple(column for column in columns[table] if column not in generated)


def _policy_sql(name: str, table: str, verb: str, role: str, *, takes: str, leaves: str) -> str:
    clauses = {
        "select": f"using ({takes})",
        "insert": f"with check ({leaves})",
        "update": f"using ({takes}) with check ({leaves})",
    }
    return f"create policy {name} on {table} for {verb} to {role} {clauses[verb]};"


def _role_sql(role: Role, said: Policy, columns: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    schemas = {_schema(function) for function in said.functions_of(role.name)}
    lines: list[str] = []
    for resource in said.resources.values():
        for right in resource.rights.get(role.name, {}).values():
            for table in tables_of(resource, columns):
                verb = SQL_VERB[right.verb]
                names = ", ".join(_granted_columns(table, right, columns))
                schemas.add(_schema(table))
                lines.append(f"grant {verb} ({names}) on {table} to {role.lane};")
                name = f"{role.name}_may_{right.verb}"
                takes, leaves = right.takes.sql, right.leaves.sql
                lines.append(_policy_sql(name, table, verb, role.lane, takes=takes, leaves=leaves))
    for schema in sorted(schemas):
        yield f"grant usage on schema {schema} to {role.lane};"
    yield from lines
    for function in said.functions_of(role.name):
        yield f"grant execute on function {function} to {role.lane};"


def _official_sql(official: Official) -> Iterator[str]:
    verbs = {"select": official.reads, "insert": official.adds, "update": official.changes}
    tables = [table for grants in verbs.values() for table in grants]
    schemas = {_schema(name) for name in (*tables, *official.calls, *official.owns, *official.views)}
    for schema in sorted(schemas):
        yield f"grant usage on schema {schema} to {official.name};"
    for verb, grants in verbs.items():
        for table, names in grants.items():
            yield f"grant {verb} ({', '.join(names)}) on {table} to {official.name};"
            yield _policy_sql(f"{official.name}_{verb}", table, verb, official.name, takes="true", leaves="true")
    for table in official.removes:
        yield f"grant delete on {table} to {official.name};"
        yield f"create policy {official.name}_delete on {table} for delete to {official.name} using (true);"
    for function in official.calls:
        yield f"grant execute on function {function} to {official.name};"


def _ownership_sql(official: Official) -> Iterator[str]:
    # Last of all: once given away, a function is no longer the migrator's to grant.
    for view in official.views:
        schema = _schema(view)
        yield f"grant create on schema {schema} to {official.name};"
        yield f"alter view {view} owner to {official.name};"
        yield f"revoke create on schema {schema} from {official.name};"
    for function in official.owns:
        schema = _schema(function)
        yield f"revoke all on function {function} from public;"
        # Whoever receives a function must be able to create in its schema for the time of the gift.
        yield f"grant create on schema {schema} to {official.name};"
        yield f"alter function {function} owner to {official.name};"
        yield f"revoke create on schema {schema} from {official.name};"


def render_sql(said: Policy | None = None) -> str:
    """Grants, row rules and owners of trusted functions, as SQL that the migrator runs once, in order."""
    said = said or policy()
    lines = [
        "-- Rendu par « python -m app.access.render sql » depuis app/access/policy.toml : ne pas corriger à la main."
    ]
    for table in sorted(COLUMNS):
        lines.append(f"alter table {table} enable row level security;")
        lines.append(f"alter table {table} force row level security;")
    for official in said.officials.values():
        lines.append(f"\n-- {official.name} : {official.fr}")
        lines.extend(_official_sql(official))
    for role in said.roles.values():
        lines.append(f"\n-- {role.lane} : {role.fr}")
        lines.extend(_role_sql(role, said, COLUMNS))
    lines.append("\n-- Les fonctions de confiance changent de main.")
    for official in said.officials.values():
        lines.extend(_ownership_sql(official))
    return "\n".join(lines) + "\n"


def render_document(said: Policy | None = None) -> str:
    """``docs/who-sees-what.md``: the policy in French, for the data-protection officer."""
    said = said or policy()
    lines = [
        "# Qui voit quoi",
        "",
        "Document produit par `python -m app.access.render doc` depuis `app/access/policy.toml`,",
        "la source unique des droits. Ce qui n'est pas écrit ici est refusé, et c'est PostgreSQL qui refuse :",
        "chaque rôle emprunte sa propre connexion, qui n'a que les droits ci-dessous. Personne n'efface à la main.",
        "",
        "## Par rôle",
    ]
    for role in said.people:
        lines += ["", f"### {role.fr[0].upper()}{role.fr[1:]} (`{role.name}`)", ""]
        lines += [f"- {line}" for line in said.sentences(role.name)]
    lines += [
        "",
        "## Par donnée",
        "",
        "| donnée | table | lectures tracées | qui, quoi | pourquoi |",
        "| --- | --- | --- | --- | --- |",
    ]
    for resource in said.resources.values():
        who = "<br>".join(
            f"{said.roles[role].fr} : {', '.join(VERB_FR[verb] for verb in rights)}"
            for role, rights in resource.rights.items()
        )
        traced = "oui" if resource.traced else "non"
        table = f"`{resource.table}`" if resource.table else "—"
        lines.append(f"| {resource.fr} | {table} | {traced} | {who or 'personne'} | {resource.because or ''} |")
    lines += [
        "",
        "## Ce qui se notifie",
        "",
        "Une notification dit un type, un identifiant et une heure ; l'abonné relit par l'API, avec ses droits.",
        "Celle dont il ne pourrait lire l'objet est retenue.",
        "",
        "| événement | quand | qui peut s'y abonner |",
        "| --- | --- | --- |",
        *(
            f"| `{event.name}` | {event.fr} | {', '.join(said.roles[role].fr for role in event.hears)} |"
            for event in said.events.values()
        ),
    ]
    lines += [
        "",
        "## Les officiers de la base",
        "",
        "Rôles sans connexion, propriétaires des fonctions de confiance.",
        "",
    ]
    for official in said.officials.values():
        seen = ", ".join(f"`{table}`" for table in official.reads) or "rien"
        lines.append(f"- `{official.name}`, {official.fr} : lit {seen}.")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write({"sql": render_sql, "doc": render_document}[sys.argv[1]]())
