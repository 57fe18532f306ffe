"""The types of text, day and instant that drafts use. Nothing reaches a service without having passed here.

Text: Unicode NFC, trimmed, bounded, without NUL, surrogate or control character (a tab and a line feed
may stand in a text of several lines). Errors carry one of our codes and a public limit, never what was typed.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import Annotated, Any, Final

import email_validator
import phonenumbers
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_LINE_END: Final = re.compile("\r\n?|[\u2028\u2029]")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MONTH: Final = re.compile(r"[0-9]{4}-[0-9]{2}")
_INSTANT: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})?"
)
_FIRST_YEAR: Final = 1900
_LAST_YEAR: Final = 2199


def _refuse(code: str, **limits: int) -> PydanticCustomError:
    # The message is the code itself: whatever prints this error prints nothing that was typed.
    return PydanticCustomError(code, code, limits)


def clean_text(value: str, *, max_length: int, min_length: int = 1, lines: bool = True) -> str:
    """Return ``value`` in NFC and trimmed, or refuse it. Any line end becomes one line feed."""
    if len(value) > 4 * max_length + 64:
        raise _refuse("text_too_long", max_length=max_length)  # no normalisation of megabytes
    text = unicodedata.normalize("NFC", _LINE_END.sub("\n", value))
    if _FORBIDDEN.search(text):  # before trimming, which would take some control characters for spaces
        raise _refuse("bad_text")
    text = text.strip()
    if not lines and ("\n" in text or "\t" in text):
        raise _refuse("text_on_one_line")
    if not text and min_length:
        raise _refuse("text_blank")
    if len(text) < min_length:
        raise _refuse("text_too_short", min_length=min_length)
    if len(text) > max_length:
        raise _refuse("text_too_long", max_length=max_length)
    return text


@dataclass(frozen=True, slots=True)
class Str:
    """The rule of a text, to write ``Annotated[str, Str(80)]``; its bounds are shown in OpenAPI."""

    max_length: int
    min_length: int = 1
    lines: bool = False

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        check = partial(clean_text, max_length=self.max_length, min_length=self.min_length, lines=self.lines)
        return core_schema.no_info_after_validator_function(check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(schema), "minLength": self.min_length, "maxLength": self.max_length}


ShortText = Annotated[str, Str(120)]
"""A name, a label: 1 to 120 characters, one line."""

LineText = Annotated[str, Str(300)]
"""A line: 1 to 300 characters."""

Facts = Annotated[str, Str(1_000, lines=True)]
"""Facts that an officer or a worker states: 1 to 1 000 characters, several lines."""

LongText = Annotated[str, Str(20_000, lines=True)]
"""A note: 1 to 20 000 characters, several lines."""


def _email(value: str) -> str:
    text = clean_text(value, max_length=254, lines=False)
    try:
        # No DNS: asking the network about an address would tell the network about a person. Addresses in « .test »,
        # kept for fiction (RFC 2606), are those of demos and tests.
        found = email_validator.validate_email(text, check_deliverability=False, strict=True, test_environment=True)
    except email_validator.EmailNotValidError:
        raise _refuse("bad_email") from None
    return found.normalized.lower()


Email = Annotated[str, AfterValidator(_email), Field(json_schema_extra={"format": "email", "maxLength": 254})]
"""An e-mail address, lower-cased, at most 254 characters; its domain is not looked up."""


def _phone(value: str) -> str:
    text = clean_text(value, max_length=40, lines=False)
    try:
        number = phonenumbers.parse(text, "FR")
    except phonenumbers.NumberParseException:
        raise _refuse("bad_phone") from None
    # "Possible", not "valid": numbers kept for fiction (06 39 98 …) are possible only, and demos use them.
    if number.extension or not phonenumbers.is_possible_number(number):
        raise _refuse("bad_phone")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


Phone = Annotated[str, AfterValidator(_phone), Field(json_schema_extra={"maxLength": 40})]
"""A telephone number, French unless it starts with ``+``, kept in E.164 (``+33639980001``)."""


def _read_instant(value: object) -> datetime:
    """An RFC 3339 instant between 1900 and 2199, in UTC. A number would pass for a Unix time: refused."""
    if isinstance(value, str):
        found = _INSTANT.fullmatch(value)
        if found is None:
            raise _refuse("instant_expected")
        fraction = found[1] or ""
        # Beyond the microsecond PostgreSQL keeps nothing; datetime would refuse the digits in excess.
        text = value.upper().replace(fraction, fraction[:7], 1) if fraction else value.upper()
        try:
            value = datetime.fromisoformat(text)
        except ValueError:
            raise _refuse("instant_expected") from None
    if not isinstance(value, datetime):
        raise _refuse("instant_expected")
    if value.utcoffset() is None:
        raise _refuse("time_zone_missing")
    if not _FIRST_YEAR <= value.year <= _LAST_YEAR:
        raise _refuse("out_of_calendar")  # before converting: year 1 or 9999 would overflow
    utc = value.astimezone(UTC)
    if not _FIRST_YEAR <= utc.year <= _LAST_YEAR:
        raise _refuse("out_of_calendar")
    return utc


Instant = Annotated[datetime, BeforeValidator(_read_instant)]
"""An instant with its time zone, 1900 to 2199, turned into UTC."""


def _read_day(value: object) -> date:
    """A ``YYYY-MM-DD`` day between 1900 and 2199."""
    if isinstance(value, str):
        if _DAY.fullmatch(value) is None:
            raise _refuse("day_expected")
        try:
            value = date.fromisoformat(value)
        except ValueError:
            raise _refuse("day_expected") from None
    if not isinstance(value, date) or isinstance(value, datetime):
        raise _refuse("day_expected")
    if not _FIRST_YEAR <= value.year <= _LAST_YEAR:
        raise _refuse("out_of_calendar")
    return value


Day = Annotated[date, BeforeValidator(_read_day)]
"""A day without time, 1900 to 2199."""


def _read_month(value: object) -> date:
    """A ``YYYY-MM`` month between 1900 and 2199, as its first day."""
    if not isinstance(value, str) or _MONTH.fullmatch(value) is None:
        raise _refuse("month_expected")
    try:
        return _read_day(f"{value}-01")
    except PydanticCustomError as refusal:
        raise _refuse("month_expected" if refusal.type == "day_expected" else refusal.type) from None


Month = Annotated[
    date,
    BeforeValidator(_read_month),
    WithJsonSchema({"type": "string", "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])$", "examples": ["2026-09"]}),
]
"""A month, 1900 to 2199, held as its first day."""
