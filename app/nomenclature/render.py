"""The official lists, said in SQL: one table each in the schema `nomenclature`, then its rows.

Rendered once and frozen in a migration (declare, render, freeze, verify). The same files give the same
output, byte for byte, and it needs nothing beyond PostgreSQL 15.
`python -m app.nomenclature.render` prints it.
"""

import sys
from collections.abc import Iterator
from typing import Final

from app.nomenclature.terms import (
    COMMON_COLUMNS,
    LISTS,
    LONGEST_CODE,
    Fact,
    FactColumn,
    NomenclatureList,
    Term,
)

_COMMON: Final = {
    "code": ("text not null", "Code stable, en anglais, que portent les enregistrements."),
    "label": ("text not null", "Libellé officiel, en français."),
    "parent_code": ("text", "Code de niveau 1 auquel se rattache un code de niveau 2."),
    "sort_order": ("integer not null", "Rang d’affichage dans la liste."),
    "valid_from": ("date not null", "Premier jour où le terme peut être employé."),
    "valid_to": ("date", "Dernier jour où le terme peut être employé, inclus. Vide tant qu’il est en usage."),
    "external_code": ("text", "Code correspondant dans la grille demandée localement, une fois connue."),
    "basis": (
        "text not null",
        "Source du terme. F pour la fiche de poste, S et un numéro pour une source publique, "
        "K à vérifier, inferred pour un choix de Relais.",
    ),
}


def render_sql() -> str:
    """Tables, comments and rows of every list, ordered by `lists.toml`. The schema is created elsewhere."""
    return "\n".join(render_list(each) for each in LISTS.values())


def render_list(nomenclature: NomenclatureList) -> str:
    """One list: its table with its constraints, its French comments, its rows."""
    return "\n".join((_table(nomenclature), *_comments(nomenclature), _rows(nomenclature), ""))


def _table(nomenclature: NomenclatureList) -> str:
    columns = [f"{name} {kind}" for name, (kind, _) in _COMMON.items()]
    columns += [f"{fact.name} {_kind(fact)}" for fact in nomenclature.fact_columns.values()]
    body = ",\n    ".join((*columns, *_constraints(nomenclature)))
    return f"create table nomenclature.{nomenclature.name} (\n    {body}\n);"


def _kind(fact: FactColumn) -> str:
    return "boolean not null" if fact.kind == "boolean" else "integer"


def _constraints(nomenclature: NomenclatureList) -> Iterator[str]:
    """Constraints whose names read as sentences: `errors.py` turns each into French."""
    name = nomenclature.name
    table = f"nomenclature.{name}"
    yield f"constraint {name}_has_one_row_per_code primary key (code)"
    yield f"constraint {name}_code_is_short_snake_case check (code ~ '^[a-z0-9_]{{1,{LONGEST_CODE}}}$')"
    yield f"constraint {name}_label_says_something check (btrim(label) <> '')"
    yield f"constraint {name}_parent_stands_in_the_list foreign key (parent_code) references {table} (code)"
    yield f"constraint {name}_is_not_its_own_parent check (parent_code <> code)"
    yield f"constraint {name}_ends_after_it_starts check (valid_to >= valid_from)"
    for fact in nomenclature.fact_columns.values():
        if fact.kind == "integer":
            yield f"constraint {name}_{fact.name}_is_not_negative check ({fact.name} >= 0)"
    if nomenclature.facts_that_travel:
        # The target of composite foreign keys: a table that copies a fact cannot contradict the list.
        together = ", ".join(("code", *nomenclature.facts_that_travel))
        yield f"constraint {name}_facts_travel_together unique ({together})"


def _comments(nomenclature: NomenclatureList) -> Iterator[str]:
    table = f"nomenclature.{nomenclature.name}"
    yield f"comment on table {table} is {_text(f'{nomenclature.label}. {nomenclature.comment}')};"
    for column, (_, said) in _COMMON.items():
        yield f"comment on column {table}.{column} is {_text(said)};"
    for fact in nomenclature.fact_columns.values():
        yield f"comment on column {table}.{fact.name} is {_text(fact.comment)};"


def _rows(nomenclature: NomenclatureList) -> str:
    columns = ", ".join((*COMMON_COLUMNS, *nomenclature.fact_columns))
    rows = ",\n    ".join(_row(each) for each in nomenclature.terms)
    return f"insert into nomenclature.{nomenclature.name}\n    ({columns})\nvalues\n    {rows};"


def _row(term: Term) -> str:
    values = (
        _text(term.code),
        _text(term.label),
        _text(term.parent_code),
        str(term.sort_order),
        _text(term.valid_from.isoformat()),
        _text(term.valid_to.isoformat() if term.valid_to else None),
        _text(term.external_code),
        _text(term.basis),
        *(_value(fact) for fact in term.facts.values()),
    )
    return f"({', '.join(values)})"


def _text(value: str | None) -> str:
    return "null" if value is None else "'" + value.replace("'", "''") + "'"


def _value(fact: Fact) -> str:
    if fact is None:
        return "null"
    return str(fact).lower()


if __name__ == "__main__":
    sys.stdout.write(render_sql())
