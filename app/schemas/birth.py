"""Partial birth dates: a day and its precision go together."""

from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from app.schemas.texts import Day


def _born(value: date) -> date:
    if value > datetime.now(UTC).date():
        raise PydanticCustomError("birth_date_in_the_future", "birth_date_in_the_future")
    return value


BirthDate = Annotated[Day, AfterValidator(_born)]
"""A birth date that is not in the future; for a partial one, the first day of the month or of the year."""
