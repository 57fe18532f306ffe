"""The kinds of value that a data·inclusion row holds, cleaned as our own drafts are; an error is one of our codes.

The rules of a text are those of the house (NFC, trimmed, bounded, no control character).
"""

import re
import unicodedata
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, partial
from typing import Annotated, Any, Final, TypeVar

import email_validator
from pydantic import AfterValidator, BeforeValidator, Field, GetCoreSchemaHandler, HttpUrl, TypeAdapter, ValidationError
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from app.data_inclusion import vocabulary
from app.references.communes import UnknownCommune, commune
from app.references.hours import HoursNotUnderstood, checked_hours
from app.references.identifiers import WrongSiret, checked_siret
from app.references.phones import WrongPhone, checked_phone

LONGEST_URL: Final = 2083
LONGEST_ID: Final = 200
MOST_AREAS: Final = 400

_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_LINE_END: Final = re.compile("\r\n?|[\u2028\u2029]")
_SOURCE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")
_IDENTIFIER: Final = re.compile(rf"[\x21-\x7e\xa1-\uffff]{{1,{LONGEST_ID}}}")
_DAY: Final = re.compile(r"(?:19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}")
_URL: Final = TypeAdapter(HttpUrl)

T = TypeVar("T")
Item = TypeVar("Item", bound=Hashable)


def refuse(code: str, **limits: int) -> PydanticCustomError:
    """An error that prints its code and nothing else."""
    return PydanticCustomError(code, code, limits)


def _clean(value: str, *, at_most: int, at_least: int = 1, lines: bool = False) -> str:
    if len(value) > 4 * at_most + 64:
        raise refuse("text_too_long", max_length=at_most)  # no normalisation of megabytes
    text = unicodedata.normalize("NFC", _LINE_END.sub("\n", value))
    if not lines:
        text = " ".join(text.split("\n")).replace("\t", " ")  # an address pasted on two lines is one address
    if _FORBIDDEN.search(text):
        raise refuse("bad_text")
    text = text.strip()
    if len(text) < at_least:
        raise refuse("text_too_short", min_length=at_least)
    if len(text) > at_most:
        raise refuse("text_too_long", max_length=at_most)
    return text


def _text(at_most: int, *, at_least: int = 1, lines: bool = False) -> AfterValidator:
    return AfterValidator(partial(_clean, at_most=at_most, at_least=at_least, lines=lines))


def _absent_when_blank(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip() else value


Maybe = Annotated[T | None, BeforeValidator(_absent_when_blank)]
"""What may be missing, `null` or an empty text: all three say nothing."""

Name = Annotated[str, _text(150, at_least=3)]
Presentation = Annotated[str, _text(10_000, at_least=5, lines=True)]
Line = Annotated[str, _text(500)]
Details = Annotated[str, _text(10_000, lines=True)]


def _said_by(pattern: re.Pattern[str], code: str, value: str) -> str:
    if pattern.fullmatch(value) is None or not value.isprintable():
        raise refuse(code)
    return value


Source = Annotated[str, AfterValidator(partial(_said_by, _SOURCE, "import_source_expected"))]
"""The producer's name, a slug."""

Identifier = Annotated[str, AfterValidator(partial(_said_by, _IDENTIFIER, "import_id_expected"))]
"""`<source>--<local id>`, at most 200 characters, without a space."""


def well_formed_id(value: str) -> str:
    """The identifier itself, if it is well formed. Raises ValueError."""
    return _said_by(_IDENTIFIER, "import_id_expected", value)


def _as_read_by(read: Callable[[str], str], wrong: type[Exception], code: str, value: str) -> str:
    try:
        return read(value)
    except wrong:
        raise refuse(code) from None


Siret = Annotated[str, AfterValidator(partial(_as_read_by, checked_siret, WrongSiret, "wrong_siret"))]
# The same hours come back row after row, and reading them is the dearest check of all.
_hours = lru_cache(maxsize=2048)(checked_hours)
Hours = Annotated[str, AfterValidator(partial(_as_read_by, _hours, HoursNotUnderstood, "hours_not_understood"))]
CommuneCode = Annotated[
    str, AfterValidator(partial(_as_read_by, lambda code: commune(code).code, UnknownCommune, "unknown_commune"))
]
"""A known INSEE code; that of a commune that merged becomes the present one."""

Postcode = Annotated[str, AfterValidator(partial(_said_by, re.compile(r"[0-9]{5}"), "text_form"))]


def _phone(value: str) -> str:
    return _as_read_by(checked_phone, WrongPhone, "bad_phone", _clean(value, at_most=40))


Phone = Annotated[str, AfterValidator(_phone)]
"""A French or international number, kept in E.164; or a short one, as it is dialled."""


def _email(value: str) -> str:
    text = _clean(value, at_most=254)
    try:
        # No DNS: what is looked up tells somebody who was read.
        found = email_validator.validate_email(text, check_deliverability=False, strict=True, test_environment=True)
    except email_validator.EmailNotValidError:
        raise refuse("bad_email") from None
    return found.normalized.lower()


Email = Annotated[str, AfterValidator(_email)]


def _url(value: str) -> str:
    text = _clean(value, at_most=LONGEST_URL)
    try:
        url = _URL.validate_python(text)
    except ValidationError:
        raise refuse("wrong_url") from None
    # A name before « @ » makes an address look like another's.
    if url.username is not None or url.password is not None or len(str(url)) > LONGEST_URL:
        raise refuse("wrong_url")
    return str(url)


Url = Annotated[str, AfterValidator(_url)]


def _day(value: Any) -> date:
    if not isinstance(value, str) or _DAY.fullmatch(value) is None:
        raise refuse("day_expected")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise refuse("day_expected") from None


Day = Annotated[date, BeforeValidator(_day)]
"""A day written `YYYY-MM-DD`, 1900 to 2199."""


@dataclass(frozen=True)
class Of:
    """A word of a published vocabulary."""

    known: frozenset[str]
    code: str = "one_of_the_choices"

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def _check(self, value: str) -> str:
        if value not in self.known:
            raise refuse(self.code)
        return value


def _once_each(items: list[Item]) -> list[Item]:
    if len(set(items)) < len(items):
        raise refuse("list_repeats")
    return items


_LONGEST_LIST: Final = 200
Several = Annotated[list[Item], Field(max_length=_LONGEST_LIST), AfterValidator(_once_each)]
AtLeastOne = Annotated[list[Item], Field(min_length=1, max_length=_LONGEST_LIST), AfterValidator(_once_each)]

Thematic = Annotated[str, Of(vocabulary.THEMATICS, "unknown_thematic")]
ServiceType = Annotated[str, Of(vocabulary.SERVICE_TYPES)]
Fees = Annotated[str, Of(vocabulary.FEES)]
ReceptionMode = Annotated[str, Of(vocabulary.RECEPTION_MODES)]
ReachMode = Annotated[str, Of(vocabulary.REACH_MODES)]
ReachedBy = Annotated[str, Of(vocabulary.REACHED_BY)]
Network = Annotated[str, Of(vocabulary.NETWORKS)]
Public = Annotated[str, Of(vocabulary.PUBLICS)]
Zone = Annotated[str, AfterValidator(partial(_said_by, re.compile(r"\w{2,9}"), "import_area_unknown"))]
Longitude = Annotated[float, Field(ge=-180, le=180)]
Latitude = Annotated[float, Field(ge=-90, le=90)]
"""Degrees (WGS 84)."""
