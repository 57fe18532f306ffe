"""The types of text that the directory uses: identifiers, places, hours, addresses of pages, data·inclusion words.

As in ``texts.py``, an error carries one of our codes, never what was typed.
"""

from collections.abc import Callable, Set
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Final, TypeVar

from pydantic import (
    AfterValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    HttpUrl,
    TypeAdapter,
    ValidationError,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from app.data_inclusion import vocabulary
from app.references.communes import UnknownArea, UnknownCommune, commune, current_area, departements
from app.references.hours import HoursNotUnderstood, checked_hours
from app.references.identifiers import WrongSiret, checked_siret
from app.references.phones import WrongPhone, checked_phone
from app.schemas.texts import Str, clean_text

LONGEST_URL: Final = 2083
LONGEST_HOURS: Final = 500
LONGEST_PHONE: Final = 40
LONGEST_SIRET: Final = 40  # with the spaces that people leave in it
LONGEST_AREA: Final = 24
MOST_AREAS: Final = 400

_URL: Final = TypeAdapter(HttpUrl)
Item = TypeVar("Item")


def _refuse(code: str) -> PydanticCustomError:
    return PydanticCustomError(code, code)


def _read(value: str, *, read: Callable[[str], str], wrong: type[Exception], code: str, max_length: int) -> str:
    """``value``, cleaned, then as ``read`` returns it; ``code`` when it raises ``wrong``."""
    text = clean_text(value, max_length=max_length, lines=False)
    try:
        return read(text)
    except wrong:
        raise _refuse(code) from None


def _reading(read: Callable[[str], str], wrong: type[Exception], code: str, max_length: int) -> AfterValidator:
    return AfterValidator(partial(_read, read=read, wrong=wrong, code=code, max_length=max_length))


Siret = Annotated[
    str,
    _reading(checked_siret, WrongSiret, "wrong_siret", LONGEST_SIRET),
    Field(json_schema_extra={"maxLength": LONGEST_SIRET}),
]
"""A SIRET whose key is right, kept without spaces."""

Phone = Annotated[
    str,
    _reading(checked_phone, WrongPhone, "bad_phone", LONGEST_PHONE),
    Field(json_schema_extra={"maxLength": LONGEST_PHONE}),
]
"""A telephone number in E.164 (``+33237000001``), or a short number of France as it is dialled (``3919``)."""

OpeningHours = Annotated[
    str,
    _reading(checked_hours, HoursNotUnderstood, "hours_not_understood", LONGEST_HOURS),
    Field(json_schema_extra={"maxLength": LONGEST_HOURS}),
]
"""Hours written as in OpenStreetMap (``Mo-Fr 09:00-12:00; PH off``)."""

CommuneCode = Annotated[
    str,
    _reading(lambda code: commune(code).code, UnknownCommune, "unknown_commune", 5),
    Field(json_schema_extra={"minLength": 5, "maxLength": 5}),
]
"""The INSEE code of a commune or of a municipal arrondissement; a past code becomes the present one."""

Area = Annotated[
    str,
    _reading(current_area, UnknownArea, "unknown_area", LONGEST_AREA),
    Field(json_schema_extra={"maxLength": LONGEST_AREA}),
]
"""``commune:CODE``, ``epci:SIREN``, ``departement:CODE`` or ``france``."""

Postcode = Annotated[str, Field(pattern=r"^[0-9]{5}$")]
"""A French postcode."""

Longitude = Annotated[float, Field(ge=-180, le=180)]
Latitude = Annotated[float, Field(ge=-90, le=90)]

Description = Annotated[str, Str(5_000, lines=True)]
"""A presentation: 1 to 5 000 characters, several lines."""

Details = Annotated[str, Str(1_000, lines=True)]
"""Details in clear: 1 to 1 000 characters, several lines."""


def _departement(value: str) -> str:
    if value not in departements():
        raise _refuse("unknown_departement")
    return value


DepartementCode = Annotated[
    str, AfterValidator(_departement), Field(json_schema_extra={"minLength": 2, "maxLength": 3})
]
"""The INSEE code of a département or of an overseas territory."""


def _url(value: str) -> str:
    text = clean_text(value, max_length=LONGEST_URL, lines=False)
    try:
        url = _URL.validate_python(text)
    except ValidationError:
        raise _refuse("wrong_url") from None
    # A name before « @ » makes an address look like another's.
    if url.username is not None or url.password is not None or len(str(url)) > LONGEST_URL:
        raise _refuse("wrong_url")
    return str(url)


Url = Annotated[str, AfterValidator(_url), Field(json_schema_extra={"format": "uri", "maxLength": LONGEST_URL})]
"""The address of a page: ``http`` or ``https``, without a user name, at most 2 083 characters."""


@dataclass(frozen=True)
class Word:
    """A word of data·inclusion, to write ``Annotated[str, Word(vocabulary.FEES)]``; OpenAPI lists them all."""

    known: Set[str]
    code: str = "one_of_the_choices"

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(schema), "enum": sorted(self.known)}

    def _check(self, value: str) -> str:
        if value not in self.known:
            raise _refuse(self.code)
        return value


Thematic = Annotated[str, Word(vocabulary.THEMATICS, "unknown_thematic")]
ServiceType = Annotated[str, Word(vocabulary.SERVICE_TYPES)]
Fees = Annotated[str, Word(vocabulary.FEES)]
ReceptionMode = Annotated[str, Word(vocabulary.RECEPTION_MODES)]
ReachMode = Annotated[str, Word(vocabulary.REACH_MODES)]
ReachedBy = Annotated[str, Word(vocabulary.REACHED_BY)]
Network = Annotated[str, Word(vocabulary.NETWORKS)]


def _once_each(items: list[Item]) -> list[Item]:
    if len(set(items)) < len(items):
        raise _refuse("list_repeats")
    return items


OnceEach = AfterValidator(_once_each)
"""A list without a repeat."""

Areas = Annotated[
    list[Area], Field(min_length=1, max_length=MOST_AREAS, json_schema_extra={"uniqueItems": True}), OnceEach
]
"""Where a service is offered: 1 to 400 areas, each once."""
