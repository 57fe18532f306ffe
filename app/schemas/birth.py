"""Partial birth dates: a day and its precision go together."""

from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo
from pydantic_core import PydanticCustomError

from app.schemas.codes import BirthDatePrecision
from app.schemas.texts import Day


def _born(value: date) -> date:
    if value > datetime.now(UTC).date():
        raise PydanticCustomError("birth_date_in_the_future", "birth_date_in_the_future")
    return value


BirthDate = Annotated[Day, AfterValidator(_born)]
"""A birth date that is not in the future; for a partial one, the first day of the month or of the year."""


def _together(precision: str | None, given: ValidationInfo) -> str | None:
    # A birth date that was itself refused is not there.
    if "birth_date" in given.data and (given.data["birth_date"] is None) != (precision is None):
        raise PydanticCustomError("birth_date_and_precision_together", "birth_date_and_precision_together")
    return precision


PrecisionOfBirth = Annotated[BirthDatePrecision | None, AfterValidator(_together), Field(validate_default=True)]
"""Of a draft whose ``birth_date`` stands before it: both are given, or neither."""
