"""The two bases of every shape on the wire: what may be said (``Draft``) and what is shown (``Shown``)."""

from collections.abc import Iterator
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

_NUMBERS = frozenset({"int", "float", "bool"})
_NOT_SHAPES = frozenset({"metadata", "serialization", "default", "cls", "config", "expected", "members"})


def _make_numbers_strict(node: Any) -> None:
    """Set ``strict`` on every number and boolean of a core schema, wherever it is nested."""
    if isinstance(node, dict):
        if node.get("type") in _NUMBERS:
            node["strict"] = True
        for key, child in node.items():
            if key not in _NOT_SHAPES:
                _make_numbers_strict(child)
    elif isinstance(node, list | tuple):
        for child in node:
            _make_numbers_strict(child)


class _Discreet(BaseModel):
    """A shape that prints the names of its members, never what they hold: a ``repr`` ends in logs."""

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        yield from ((None, name) for name in type(self).model_fields)

    def __str__(self) -> str:
        return repr(self)


class Draft(_Discreet):
    """What a caller may say: no unknown member, numbers and booleans as they are, nothing changes later.

    The model as a whole is not ``strict``, because in JSON a day, an instant or a UUID can only come as a
    text; its numbers and booleans are, so that ``"1"``, ``1.0`` and ``"yes"`` never pass for something else.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, hide_input_in_errors=True)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        schema = handler(source)
        _make_numbers_strict(schema)
        return schema


class Nothing(Draft):
    """An act that needs no word: an empty body, or an empty object."""


class Shown(_Discreet):
    """What one audience is shown. No default value: a field goes out because someone wrote it.

    ``shown_to`` names the roles, where one path shows several shapes: the document of one audience keeps its own alone.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, hide_input_in_errors=True)
    shown_to: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        shown = handler(schema)
        if cls.shown_to:
            handler.resolve_ref_schema(shown)["x-shown-to"] = list(cls.shown_to)
        return shown

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        omitted = sorted(name for name, field in cls.model_fields.items() if not field.is_required())
        if omitted:
            raise TypeError(f"{cls.__name__}: {', '.join(omitted)} must have no default value")


unset: Any = None
"""Default of a member of a ``Patch``: it was not said. Never read: ``said()`` leaves it out."""


class Patch(Draft):
    """A correction (merge patch, RFC 7396): what is not said does not change, ``null`` clears."""

    def said(self) -> dict[str, Any]:
        """The members that the caller wrote."""
        return self.model_dump(include=self.model_fields_set)
