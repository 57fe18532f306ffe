"""What a draft accepts, as the types of text, day and instant say it."""

import uuid
from datetime import UTC, date, datetime
from typing import Annotated, Any

import pytest
from pydantic import TypeAdapter, ValidationError

from app.messages import FIELDS
from app.schemas.base import Draft, Shown
from app.schemas.texts import Day, Email, Facts, Instant, LineText, LongText, Phone, ShortText, Str


def read(kind: Any, value: object) -> Any:
    return TypeAdapter(kind).validate_python(value)


def refusal(kind: Any, value: object) -> str:
    with pytest.raises(ValidationError) as caught:
        read(kind, value)
    (fault,) = caught.value.errors(include_url=False)
    return fault["type"]


@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [
        (ShortText, "", "text_blank"),
        (ShortText, " \t\n ", "text_blank"),
        (ShortText, "a" * 121, "text_too_long"),
        (ShortText, "a\nb", "text_on_one_line"),
        (ShortText, "a\u2028b", "text_on_one_line"),
        (ShortText, "a\tb", "text_on_one_line"),
        (LineText, "a" * 301, "text_too_long"),
        (Facts, "a" * 1001, "text_too_long"),
        (LongText, "a" * 20_001, "text_too_long"),
        (LongText, "e\u0301" * 5_000_000, "text_too_long"),
        (Facts, "a\x00", "bad_text"),
        (Facts, "\x1fa", "bad_text"),
        (Facts, "a\x7f", "bad_text"),
        (Facts, "a\x9f", "bad_text"),
        (Facts, "\ud83d", "bad_text"),
        (Facts, 3, "string_type"),
        (Annotated[str, Str(5, 2)], "a", "text_too_short"),
        (Email, "a", "bad_email"),
        (Email, "a@b", "bad_email"),
        (Email, "a b@c.fr", "bad_email"),
        (Email, "a" * 65 + "@c.fr", "bad_email"),
        (Email, "x@" + "a." * 130 + "fr", "text_too_long"),
        (Phone, "12", "bad_phone"),
        (Phone, "appelle-moi", "bad_phone"),
        (Phone, "+999123", "bad_phone"),
        (Phone, "06 39 98 00 01 poste 3", "bad_phone"),
        (Instant, "2026-01-02T10:00:00", "time_zone_missing"),
        (Instant, "2026-01-02", "instant_expected"),
        (Instant, "2026-02-30T10:00:00Z", "instant_expected"),
        (Instant, "2026-01-02T10:00:00+99:99", "instant_expected"),
        (Instant, 1_700_000_000, "instant_expected"),
        (Instant, True, "instant_expected"),
        (Instant, "0001-01-01T00:00:00+14:00", "out_of_calendar"),
        (Instant, "9999-12-31T23:59:59-14:00", "out_of_calendar"),
        (Instant, "1900-01-01T00:00:00+01:00", "out_of_calendar"),
        (Instant, "2199-12-31T23:59:59-01:00", "out_of_calendar"),
        (Day, "1899-12-31", "out_of_calendar"),
        (Day, "2200-01-01", "out_of_calendar"),
        (Day, "2026-02-30", "day_expected"),
        (Day, "20260102", "day_expected"),
        (Day, "٢٠٢٦-٠١-٠٢", "day_expected"),
        (Day, 0, "day_expected"),
        (Day, datetime(2026, 1, 2, tzinfo=UTC), "day_expected"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_code(kind: Any, value: object, code: str) -> None:
    assert refusal(kind, value) == code


@pytest.mark.parametrize(
    ("kind", "value", "kept"),
    [
        (ShortText, "  Zoe\u0308  ", "Zoë"),
        (ShortText, "👩‍👧 O’Brien-Müller", "👩‍👧 O’Brien-Müller"),
        (ShortText, "a" * 120, "a" * 120),
        (Facts, "un\r\ndeux\rtrois\u2028quatre\tfin", "un\ndeux\ntrois\nquatre\tfin"),
        (Email, " Anne.DUPRE@Interieur.gouv.FR ", "anne.dupre@interieur.gouv.fr"),
        (Phone, "06 39 98 00 01", "+33639980001"),
        (Phone, "+44 20 7946 0958", "+442079460958"),
        (Phone, "0033639980001", "+33639980001"),
        (Instant, "2026-01-02T10:00:00+01:00", datetime(2026, 1, 2, 9, tzinfo=UTC)),
        (Instant, "2026-01-02t10:00:00.1234567z", datetime(2026, 1, 2, 10, 0, 0, 123456, tzinfo=UTC)),
        (Day, "1900-01-01", date(1900, 1, 1)),
        (Day, "2199-12-31", date(2199, 12, 31)),
    ],
)
def test_what_fits_is_kept_in_one_form(kind: Any, value: str, kept: object) -> None:
    assert read(kind, value) == kept
    assert read(kind, kept) == kept  # reading again changes nothing


def test_a_refusal_shows_a_public_limit_and_not_what_was_typed() -> None:
    with pytest.raises(ValidationError) as caught:
        read(ShortText, "secret " * 30)
    (fault,) = caught.value.errors(include_input=False, include_url=False)
    assert fault == {"type": "text_too_long", "loc": (), "msg": "text_too_long", "ctx": {"max_length": 120}}
    assert all(code in FIELDS for code in ("text_too_long", "text_blank", "bad_phone", "bad_email"))


class Thing(Draft):
    count: int
    sure: bool | None = None
    parts: list[int] | None = None
    weight: float | None = None
    owner: uuid.UUID | None = None
    name: ShortText | None = None


@pytest.mark.parametrize(
    "value",
    [
        {"count": "1"},
        {"count": 1.0},
        {"count": True},
        {"count": 1, "sure": "yes"},
        {"count": 1, "sure": 1},
        {"count": 1, "parts": ["1"]},
        {"count": 1, "weight": "1"},
        {"count": 1, "weight": float("nan")},
        {"count": 1, "owner": "x"},
        {"count": 1, "other": 1},
        {"count": 1, "name": "sécrète" * 30},
    ],
)
def test_a_draft_guesses_nothing_and_its_refusal_hides_what_came(value: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        Thing.model_validate(value)
    assert "input_value" not in str(caught.value)
    assert "sécrète" not in str(caught.value)


def test_a_draft_takes_what_json_can_say_and_does_not_change() -> None:
    owner = uuid.uuid4()
    thing = Thing.model_validate({"count": 1, "owner": str(owner), "weight": 2, "sure": False})
    assert (thing.owner, thing.weight, thing.sure) == (owner, 2.0, False)
    with pytest.raises(ValidationError):
        thing.count = 2  # type: ignore[misc]


def test_what_is_shown_is_written_field_by_field() -> None:
    with pytest.raises(TypeError, match="must have no default value"):

        class Careless(Shown):
            secret: str | None = None

    class Careful(Shown):
        name: str | None

    with pytest.raises(ValidationError):
        Careful()  # type: ignore[call-arg]
    with pytest.raises(ValidationError):
        Careful(name="a", more="b")  # type: ignore[call-arg]


def test_the_bounds_of_a_text_are_shown_in_the_contract() -> None:
    schema = TypeAdapter(ShortText).json_schema()
    assert schema == {"type": "string", "minLength": 1, "maxLength": 120}
    assert TypeAdapter(Instant).json_schema()["format"] == "date-time"
    assert TypeAdapter(Day).json_schema()["format"] == "date"
