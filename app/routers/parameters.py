"""A dependency for every route: a query parameter that the route does not declare is refused.

Otherwise ``?statut=open`` would be ignored and the whole list answered, as if it were what had been asked.
"""

import collections.abc
import types
from dataclasses import dataclass
from typing import Annotated, Any, Final, Union, get_args, get_origin

from fastapi import Request
from pydantic import BaseModel

from app.errors import FieldError, Invalid
from app.wire import effective_route

_SEVERAL: Final = (list, set, frozenset, tuple, collections.abc.Sequence)


@dataclass(frozen=True, slots=True)
class _Declared:
    names: frozenset[str]
    several: frozenset[str]  # those that may be repeated


# One entry a route: bounded. The dependant is kept with its answer so that its identity cannot be reused.
_known: dict[int, tuple[Any, _Declared]] = {}


async def refuse_unknown_parameters(request: Request) -> None:
    """Raise 422 for a query parameter that is not declared (``unknown_parameter``) or wrongly repeated."""
    if not request.scope.get("query_string"):
        return
    dependant = getattr(effective_route(request.scope), "dependant", None)
    if dependant is None:
        return
    if id(dependant) not in _known:
        _known[id(dependant)] = (dependant, _declared(dependant))
    declared = _known[id(dependant)][1]
    given = [name for name, _ in request.query_params.multi_items()]
    unknown = sorted({name for name in given if name not in declared.names})
    if unknown:
        raise Invalid("unknown_parameter", *(_fault(name, "unknown_parameter") for name in unknown))
    repeated = sorted({name for name in given if given.count(name) > 1} - declared.several)
    if repeated:
        raise Invalid("repeated_parameter", *(_fault(name, "repeated_parameter") for name in repeated))


def _fault(name: str, code: str) -> FieldError:
    # A name that the contract could not have written is not repeated: it may be somebody's.
    return FieldError(f"?{name if name.isidentifier() and name.isascii() and len(name) <= 40 else ''}", code)


def _declared(dependant: Any) -> _Declared:
    names: set[str] = set()
    several: set[str] = set()
    waiting = [dependant]
    while waiting:
        one = waiting.pop()
        waiting.extend(one.dependencies)
        for field in one.query_params:
            for name, annotation in _parameters(field.alias, field.field_info.annotation):
                names.add(name)
                if _takes_several(annotation):
                    several.add(name)
    return _Declared(frozenset(names), frozenset(several))


def _parameters(alias: str, annotation: Any) -> list[tuple[str, Any]]:
    """The parameter itself, or those of a model declared with ``Query()``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [
            (str(field.validation_alias or field.alias or name), field.annotation)
            for name, field in annotation.model_fields.items()
        ]
    return [(alias, annotation)]


def _takes_several(annotation: Any) -> bool:
    origin = get_origin(annotation)
    if origin in (Union, types.UnionType):
        return any(_takes_several(argument) for argument in get_args(annotation))
    if origin is Annotated:
        return _takes_several(get_args(annotation)[0])
    return (origin or annotation) in _SEVERAL
