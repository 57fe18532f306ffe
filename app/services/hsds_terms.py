"""The taxonomies of the HSDS façade: the vocabularies of data·inclusion and two of our lists, term by term.

Identifiers are the same on every Relais: a UUIDv5 of the name of the taxonomy, then of the code of the term.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final
from uuid import NAMESPACE_URL, UUID, uuid5

from app.data_inclusion.correspondences import publics_of
from app.errors import Invalid, NotFound
from app.nomenclature.terms import LISTS
from app.services.hsds_pages import Row, Shape, Window, fragment_of, page_of
from app.services.partners import folded

RELAIS: Final = uuid5(NAMESPACE_URL, "urn:relais:hsds")
DATA_INCLUSION: Final = "https://www.data.inclusion.gouv.fr"


@dataclass(frozen=True)
class Term:
    """A term as it is shown, the column of the directory that carries it, and its code in that column."""

    taxonomy_id: UUID
    kind: str
    stored: str
    shape: Row


@dataclass(frozen=True)
class Taxonomy:
    """A taxonomy as it is shown, and the column of the directory that carries its terms."""

    id: UUID
    kind: str
    shape: Row
    terms: tuple[Term, ...]


def _taxonomy(
    name: str,
    description: str,
    *,
    kind: str,
    words: Iterator[dict[str, Any]],
    uri: str | None = None,
    stored: Callable[[str], str] = str,
) -> Taxonomy:
    taxonomy_id = uuid5(RELAIS, name)
    shape = {"id": taxonomy_id, "name": name, "description": description} | ({"uri": uri} if uri else {})
    return Taxonomy(taxonomy_id, kind, shape, tuple(_terms(taxonomy_id, name, kind, words, stored)))


def _terms(
    taxonomy_id: UUID, name: str, kind: str, words: Iterator[dict[str, Any]], stored: Callable[[str], str]
) -> Iterator[Term]:
    for word in words:
        shape = {
            "id": uuid5(taxonomy_id, word["code"]),
            "code": word["code"],
            "name": word["label"],
            "description": word.get("description") or word["label"],  # the standard wants one
            "taxonomy": name,
            "taxonomy_id": taxonomy_id,
            "language": "fr",
        }
        if word.get("parent"):
            shape["parent_id"] = uuid5(taxonomy_id, word["parent"])
        yield Term(taxonomy_id, kind, stored(word["code"]), shape)


def _vocabulary(name: str) -> Iterator[dict[str, Any]]:
    text = files("app.data_inclusion").joinpath("vocabularies", f"{name}.json").read_text(encoding="utf-8")
    for each in json.loads(text):
        yield {"code": each["value"], "label": each["label"], "description": each["description"]}


def _list(name: str) -> Iterator[dict[str, Any]]:
    for each in LISTS[name].terms:
        yield {"code": each.code, "label": each.label, "parent": each.parent_code}


def _their_public(code: str) -> str:
    return publics_of([code])[0]


def labels(vocabulary: str) -> Mapping[str, str]:
    """The French label of each word of a vocabulary of data·inclusion."""
    return MappingProxyType({each["code"]: each["label"] for each in _vocabulary(vocabulary)})


TAXONOMIES: Final = (
    _taxonomy(
        "di-thematiques", "Thématiques de data·inclusion.",
        kind="thematics", words=_vocabulary("thematiques"), uri=DATA_INCLUSION,
    ),
    _taxonomy(
        "di-publics", "Publics de data·inclusion.",
        kind="publics", words=_vocabulary("publics"), uri=DATA_INCLUSION, stored=_their_public,
    ),
    _taxonomy(
        "di-types", "Types de services de data·inclusion.",
        kind="service_type", words=_vocabulary("types-de-services"), uri=DATA_INCLUSION,
    ),
    _taxonomy(
        "di-reseaux-porteurs", "Réseaux porteurs de data·inclusion.",
        kind="networks", words=_vocabulary("reseaux-porteurs"), uri=DATA_INCLUSION,
    ),
    _taxonomy("relais-need-types", LISTS["need_type"].label, kind="needs", words=_list("need_type")),
    _taxonomy(
        "relais-partner-categories", LISTS["partner_category"].label,
        kind="partner_category", words=_list("partner_category"),
    ),
)  # fmt: skip

BY_ID: Final[Mapping[UUID, Taxonomy]] = MappingProxyType({each.id: each for each in TAXONOMIES})
TERMS: Final[Mapping[UUID, Term]] = MappingProxyType(
    {term.shape["id"]: term for each in TAXONOMIES for term in each.terms}
)
_SHAPES: Final[Mapping[tuple[str, str], Row]] = MappingProxyType(
    {(each.kind, str(term.shape["code"])): term.shape for each in TAXONOMIES for term in each.terms}
)


def term_of(kind: str, code: str) -> Row | None:
    """The term of this code, as it is published; ``None`` for a word that the taxonomy does not have."""
    return _SHAPES.get((kind, code))


def list_taxonomies(window: Window, *, search: str | None) -> Shape:
    """One page of the taxonomies."""
    return page_of([each.shape for each in TAXONOMIES if _named(each.shape, search)], window)


def find_taxonomy(taxonomy_id: UUID) -> Row:
    """A taxonomy; ``NotFound`` otherwise."""
    if taxonomy_id not in BY_ID:
        raise NotFound
    return BY_ID[taxonomy_id].shape


def list_terms(window: Window, *, search: str | None, taxonomy_id: UUID | None, parent_id: UUID | None) -> Shape:
    """One page of the terms, of one taxonomy or under one term when it is said."""
    if parent_id is not None:
        known_term(parent_id, "?parent_id")
    said = known_taxonomy(taxonomy_id).terms if taxonomy_id is not None else TERMS.values()
    kept = [each.shape for each in said if parent_id is None or each.shape.get("parent_id") == parent_id]
    return page_of([shape for shape in kept if _named(shape, search)], window)


def find_term(term_id: UUID) -> Row:
    """A term; ``NotFound`` otherwise."""
    if term_id not in TERMS:
        raise NotFound
    return TERMS[term_id].shape


def _named(shape: Row, search: str | None) -> bool:
    return search is None or fragment_of(search) in folded(shape["name"])


def known_term(term_id: UUID, parameter: str = "?taxonomy_term_id") -> Term:
    """A term that a filter names; refused when there is none, or the answer would be « nobody »."""
    if term_id not in TERMS:
        raise Invalid("one_of_the_choices", parameter)
    return TERMS[term_id]


def known_taxonomy(taxonomy_id: UUID) -> Taxonomy:
    """A taxonomy that a filter names; refused when there is none."""
    if taxonomy_id not in BY_ID:
        raise Invalid("one_of_the_choices", "?taxonomy_id")
    return BY_ID[taxonomy_id]
