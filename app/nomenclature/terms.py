"""The official lists of the trade, read once from the CSV files that stand beside this module.

A list is data, never an enum: a local team may add a term or map a code to the grid it is asked for
(`external_code`). Where the lists come from is told in `SOURCES.md`.
"""

import csv
import io
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final, Literal

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

LONGEST_CODE: Final = 60
COMMON_COLUMNS: Final = (
    "code",
    "label",
    "parent_code",
    "sort_order",
    "valid_from",
    "valid_to",
    "external_code",
    "basis",
)

Fact = bool | int | None
_CODE = re.compile(rf"[a-z0-9_]{{1,{LONGEST_CODE}}}")
_BOOLEANS = MappingProxyType({"true": True, "false": False})


class UnknownTerm(KeyError):  # noqa: N818 — read as a sentence where it is raised
    """The list has no such code. The code itself is never repeated: it came from outside."""

    def __init__(self, list_name: str) -> None:
        super().__init__(list_name)
        self.list_name = list_name

    def __str__(self) -> str:
        return f"Code absent de la liste « {self.list_name} »."


class UnknownList(KeyError):  # noqa: N818 — same
    """No official list bears that name: an error of the program, not of its user."""


class BrokenList(ValueError):  # noqa: N818 — same
    """A CSV file, or its entry in `lists.toml`, is not what the others rely on."""


@dataclass(frozen=True)
class FactColumn:
    """A fact that services read instead of comparing codes, and its French sentence."""

    name: str
    kind: Literal["boolean", "integer"]
    comment: str


@dataclass(frozen=True)
class Term:
    """One row of a list. `valid_to` is the last day on which the term may be used, included."""

    code: str
    label: str
    parent_code: str | None
    sort_order: int
    valid_from: date
    valid_to: date | None
    external_code: str | None
    basis: str
    facts: Mapping[str, Fact] = field(hash=False)

    def says(self, fact: str) -> bool:
        """True if a boolean fact holds. Raises KeyError where the list has no such boolean."""
        value = self.facts[fact]
        if not isinstance(value, bool):
            raise KeyError(fact)
        return value

    def number(self, fact: str) -> int | None:
        """The value of an integer fact, `None` if empty. Raises KeyError if the list has no such integer."""
        value = self.facts[fact]
        if isinstance(value, bool):
            raise KeyError(fact)
        return value

    def valid_on(self, day: date) -> bool:
        """True if the term may be used on that day, bounds included."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True)
class NomenclatureList:
    """One official list: its French title (`label`), a sentence, its facts by name and its terms in order."""

    name: str
    label: str
    comment: str
    fact_columns: Mapping[str, FactColumn] = field(hash=False)
    facts_that_travel: tuple[str, ...]
    terms: tuple[Term, ...]

    @cached_property
    def by_code(self) -> Mapping[str, Term]:
        """The terms of the list, by code, in order."""
        return MappingProxyType({each.code: each for each in self.terms})


def term(list_name: str, code: str) -> Term:
    """The term that bears this code. Raises UnknownTerm, or UnknownList where the list does not exist."""
    found = _list(list_name).by_code.get(code)
    if found is None:
        raise UnknownTerm(list_name)
    return found


def knows(list_name: str, code: str, on: date | None = None) -> bool:
    """True if the list has this code and, when a day is given, if the code may be used on that day.

    Without a day, a term that is no longer offered is still known: old records keep bearing it.
    """
    found = _list(list_name).by_code.get(code)
    return found is not None and (on is None or found.valid_on(on))


def codes(list_name: str) -> tuple[str, ...]:
    """Every code of the list, in the order of the list, ended terms included. Raises UnknownList."""
    return tuple(_list(list_name).by_code)


class Coded:
    """Say that a string is a code of a list: `PersonStatus = Annotated[str, Coded("person_status")]`.

    An unknown code is refused by a French sentence that never repeats it: an error echoes no rejected value.
    In OpenAPI the value stays an open string, marked `x-nomenclature`. Validity dates are not checked here:
    the day that counts is that of the act, which the service knows. Raises UnknownList if no list has that
    name.
    """

    __slots__ = ("_list",)

    def __init__(self, list_name: str) -> None:
        self._list = _list(list_name)

    def __repr__(self) -> str:
        return f"Coded({self._list.name!r})"

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """A string of at most 60 characters, then a code of the list. Raises TypeError on another type."""
        if source is not str:  # Annotated[str | None, Coded(…)] would silently refuse None
            raise TypeError("Coded se pose sur str : écrire Annotated[str, Coded(…)] | None")
        text = core_schema.str_schema(max_length=LONGEST_CODE)
        return core_schema.no_info_after_validator_function(self._known, text)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """The open string of the contract, with the name of its list."""
        shown = handler(schema)
        shown["x-nomenclature"] = self._list.name
        return shown

    def _known(self, code: str) -> str:
        if code not in self._list.by_code:
            raise PydanticCustomError(
                "unknown_code",
                "Ce code ne figure pas dans la liste « {list} ». Les codes admis se lisent à /v1/nomenclatures/{list}.",
                {"list": self._list.name},
            )
        return code


def _list(list_name: str) -> NomenclatureList:
    found = LISTS.get(list_name)
    if found is None:
        raise UnknownList(list_name)
    return found


def _load_all() -> Mapping[str, NomenclatureList]:
    """Every list, in the order of `lists.toml`. Raises BrokenList rather than start with a doubtful list."""
    folder = files(__package__ or "app.nomenclature")
    declared = tomllib.loads(folder.joinpath("lists.toml").read_text(encoding="utf-8"))
    written = {each.name.removesuffix(".csv") for each in folder.iterdir() if each.name.endswith(".csv")}
    if strays := written ^ declared.keys():
        raise BrokenList(f"lists.toml et les fichiers CSV ne nomment pas les mêmes listes : {sorted(strays)}")
    return MappingProxyType(
        {
            name: _load(name, said, folder.joinpath(f"{name}.csv").read_text(encoding="utf-8"))
            for name, said in declared.items()
        }
    )


def _load(name: str, said: Mapping[str, Any], text: str) -> NomenclatureList:
    fact_columns = MappingProxyType({each.name: each for each in _fact_columns(said)})
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    expected = [*COMMON_COLUMNS, *fact_columns]
    if reader.fieldnames != expected:
        raise BrokenList(f"{name}.csv : les colonnes attendues sont {', '.join(expected)}")
    terms = []
    for row in reader:
        try:
            terms.append(_read(row, fact_columns))
        except (ValueError, KeyError) as mistake:
            raise BrokenList(f"{name}.csv, ligne {reader.line_num} : valeur illisible") from mistake
    _check(name, terms)
    travelling = tuple(said.get("travel_together", ()))
    if not set(travelling) <= fact_columns.keys():
        raise BrokenList(f"lists.toml : {name}.travel_together nomme un fait absent")
    return NomenclatureList(name, said["title"], said["comment"], fact_columns, travelling, tuple(terms))


def _fact_columns(said: Mapping[str, Any]) -> Iterator[FactColumn]:
    for fact, comment in said.get("booleans", {}).items():
        yield FactColumn(fact, "boolean", comment)
    for fact, comment in said.get("integers", {}).items():
        yield FactColumn(fact, "integer", comment)


def _read(row: Mapping[Any, Any], fact_columns: Mapping[str, FactColumn]) -> Term:
    if None in row or None in row.values():  # how csv says « too many cells » and « too few »
        raise ValueError("nombre de cases")
    return Term(
        code=row["code"],
        label=row["label"],
        parent_code=row["parent_code"] or None,
        sort_order=int(row["sort_order"]),
        valid_from=date.fromisoformat(row["valid_from"]),
        valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
        external_code=row["external_code"] or None,
        basis=row["basis"],
        facts=MappingProxyType({fact.name: _fact(fact, row[fact.name]) for fact in fact_columns.values()}),
    )


def _fact(fact: FactColumn, text: str) -> Fact:
    """A boolean must be said, true or false; an integer may be left empty."""
    if fact.kind == "boolean":
        return _BOOLEANS[text]
    return int(text) if text else None


def _check(name: str, terms: list[Term]) -> None:
    """What the database would refuse too, said before it, with the name of the file."""
    seen: set[str] = set()
    order = -1
    for each in terms:
        wrong = (
            ("code mal formé", not _CODE.fullmatch(each.code)),
            ("code en double", each.code in seen),
            ("libellé ou source vide", not (each.label.strip() and each.basis.strip())),
            ("parent absent des lignes précédentes", each.parent_code not in seen | {None}),
            ("sort_order ne croît pas", each.sort_order <= order),
            ("valid_to précède valid_from", each.valid_to is not None and each.valid_to < each.valid_from),
        )
        if reasons := [reason for reason, failed in wrong if failed]:
            raise BrokenList(f"{name}.csv, code « {each.code} » : {', '.join(reasons)}")
        seen.add(each.code)
        order = each.sort_order
    if not terms:
        raise BrokenList(f"{name}.csv : liste vide")


LISTS: Final[Mapping[str, NomenclatureList]] = _load_all()
