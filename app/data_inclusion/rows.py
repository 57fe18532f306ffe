"""One row of data·inclusion v1, strictly read: a structure or a service, or the first reason to refuse it.

The published schema does not forbid additional members, and the API adds some (`score_qualite`, `doublons`…): a member
unknown to v1 is left aside, and counted. A reason is a code and the member's name, never the value.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Final, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.data_inclusion import texts, vocabulary
from app.data_inclusion.texts import AtLeastOne, Maybe, Several

OURS: Final = "relais"
"""The source of what is typed here. Nobody else may speak in its name."""

Weekly = Annotated[float, Field(ge=0, le=168)]
Weeks = Annotated[int, Field(ge=1, le=1_000)]

# What pydantic says of its own types, in our codes. Anything else is « invalid_value ».
_CODES: Final[Mapping[str, str]] = {
    "missing": "missing",
    "model_type": "object_expected",
    "string_type": "text_expected",
    "string_unicode": "bad_text",
    "list_type": "list_expected",
    "too_long": "list_too_long",
    "too_short": "list_too_short",
    "float_type": "number_expected",
    "finite_number": "bad_number",
    "int_type": "whole_number_expected",
    "int_from_float": "whole_number_expected",
    "greater_than_equal": "at_least",
    "less_than_equal": "at_most",
}
_LIMITS: Final = ("min_length", "max_length", "ge", "le")


class Refused(Exception):  # noqa: N818 — read as a sentence where it is raised
    """A row that cannot be taken: why, and about which member (`None` for the row as a whole)."""

    def __init__(self, code: str, member: str | None = None, **limits: object) -> None:
        super().__init__(code)
        self.code = code
        self.member = member
        self.limits = limits


class _Row(BaseModel):
    """What structures and services share."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True, allow_inf_nan=False, hide_input_in_errors=True)
    members: ClassVar[frozenset[str]]

    source: texts.Source
    id: texts.Identifier
    nom: texts.Name
    date_maj: texts.Day
    lien_source: Maybe[texts.Url] = None
    commune: Maybe[texts.Line] = None
    code_postal: Maybe[texts.Postcode] = None
    code_insee: Maybe[texts.CommuneCode] = None
    adresse: Maybe[texts.Line] = None
    complement_adresse: Maybe[texts.Line] = None
    longitude: texts.Longitude | None = None
    latitude: texts.Latitude | None = None
    telephone: Maybe[texts.Phone] = None
    courriel: Maybe[texts.Email] = None
    horaires_accueil: Maybe[texts.Hours] = None

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        cls.members = frozenset(cls.model_fields)

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        yield from ((None, name) for name in type(self).model_fields)  # a `repr` ends in logs


class StructureRow(_Row):
    """A structure: a body that receives people."""

    description: Maybe[texts.Presentation] = None
    siret: Maybe[texts.Siret] = None
    site_web: Maybe[texts.Url] = None
    accessibilite_lieu: Maybe[texts.Url] = None
    reseaux_porteurs: Several[texts.Network] | None = None


class ServiceRow(_Row):
    """A service: what a structure offers."""

    structure_id: texts.Identifier
    description: texts.Presentation
    type: Maybe[texts.ServiceType] = None
    thematiques: Several[texts.Thematic] | None = None
    frais: Maybe[texts.Fees] = None
    frais_precisions: Maybe[texts.Details] = None
    publics: AtLeastOne[texts.Public] | None = None
    publics_precisions: Maybe[texts.Details] = None
    conditions_acces: Maybe[texts.Details] = None
    modes_accueil: Several[texts.ReceptionMode] | None = None
    zone_eligibilite: Annotated[list[texts.Zone], Field(min_length=1, max_length=texts.MOST_AREAS)] | None = None
    contact_nom_prenom: Maybe[texts.Line] = None
    lien_mobilisation: Maybe[texts.Url] = None
    modes_mobilisation: AtLeastOne[texts.ReachMode] | None = None
    mobilisable_par: AtLeastOne[texts.ReachedBy] | None = None
    mobilisation_precisions: Maybe[texts.Details] = None
    volume_horaire_hebdomadaire: Weekly | None = None
    nombre_semaines: Weeks | None = None


Row = TypeVar("Row", bound=_Row)


def read_structure(members: Any) -> StructureRow:
    """The structure that these members tell. Raises Refused."""
    return _read(StructureRow, members)


def read_service(members: Any) -> ServiceRow:
    """The service that these members tell. Raises Refused."""
    row = _read(ServiceRow, members)
    if not _is_of(row.structure_id, row.source):
        raise Refused("import_id_expected", "structure_id")
    if row.publics and vocabulary.EVERYONE in row.publics and len(row.publics) > 1:
        raise Refused("everyone_is_said_alone", "publics")
    return row


def ignored_members(kind: str, members: Mapping[str, Any]) -> int:
    """How many members of a `structure` or a `service` v1 does not know."""
    known = StructureRow.members if kind == "structure" else ServiceRow.members
    return len(members.keys() - known)


def shown_id(members: Any) -> str | None:
    """The identifier of a row, refused or not, if it is well formed: the only thing of it that may be said back."""
    said = members.get("id") if isinstance(members, Mapping) else None
    try:
        return texts.well_formed_id(said) if isinstance(said, str) else None
    except ValueError:
        return None


def _read(kind: type[Row], members: Any) -> Row:
    try:
        row = kind.model_validate(members)
    except ValidationError as wrong:
        raise _first_reason(wrong) from None
    if row.source.casefold() == OURS:
        raise Refused("import_source_is_ours", "source")
    if not _is_of(row.id, row.source):
        raise Refused("import_id_expected", "id")
    if (row.longitude is None) != (row.latitude is None):
        raise Refused("missing", "longitude" if row.longitude is None else "latitude")
    return row


def _is_of(identifier: str, source: str) -> bool:
    return identifier.startswith(f"{source}--") and len(identifier) > len(source) + 2


def _first_reason(wrong: ValidationError) -> Refused:
    said = wrong.errors(include_url=False, include_input=False)[0]
    member = next((str(step) for step in said["loc"]), None)
    kind = said["type"]
    # Our own codes are the type of our own errors, whose message is that same code.
    code = kind if said["msg"] == kind else _CODES.get(kind, "invalid_value")
    context = said.get("ctx") or {}
    return Refused(code, member, **{name: context[name] for name in _LIMITS if name in context})
