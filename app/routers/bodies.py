"""A path that several roles write to, each in its own words: the shape of the body follows the caller's role."""

from collections.abc import Iterable, Mapping
from functools import reduce
from operator import or_
from typing import Annotated, Any

from fastapi import Body, Depends, Request
from fastapi.exceptions import RequestValidationError
from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, TypeAdapter, ValidationError
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from app.access.gate import actor_of
from app.errors import Forbidden
from app.schemas.base import Draft


class _ReadLater:
    """Of a union of shapes: the contract shows each of them and who says it; the body goes through as it came."""

    def __init__(self, roles: Iterable[str]) -> None:
        self._roles = list(roles)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.json_or_python_schema(json_schema=handler(source), python_schema=core_schema.any_schema())

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"oneOf": handler(schema)["anyOf"], "x-said-by": self._roles}


def said_by(shapes: Mapping[str, type[Draft]]) -> Any:
    """Read the body as the role of the caller says it: ``draft: Annotated[Draft, said_by({"partner": …})]``.

    Faults are those that the framework finds in the body of a single shape. Written after ``may``, which has already
    refused the roles that have no shape.
    """
    readers = {role: TypeAdapter(shape) for role, shape in shapes.items()}
    one_of: Any = Annotated[reduce(or_, shapes.values()), _ReadLater(shapes), Body()]

    async def read(request: Request, body: one_of) -> Draft:
        reader = readers.get(actor_of(request).role)
        if reader is None:
            raise Forbidden
        try:
            return reader.validate_python(body, from_attributes=True)
        except ValidationError as error:
            faults = [{**each, "loc": ("body", *each["loc"])} for each in error.errors(include_url=False)]
        # Outside of the handler: an exception that quotes the body must not travel as the cause of another.
        raise RequestValidationError(faults)

    return Depends(read)
