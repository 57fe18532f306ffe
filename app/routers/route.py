"""The route of every router whose acts go through the gate: it hands the answer to the transaction before it commits.

So that what a request was answered is kept in the very transaction that did it, whichever route it is.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from fastapi.routing import APIRoute
from starlette.responses import Response

from app.transactions import Answer, Writing


class Route(APIRoute):
    """``APIRouter(…, route_class=Route)``."""

    def __init__(self, path: str, endpoint: Callable[..., Awaitable[Response]], **options: Any) -> None:
        super().__init__(path, _handing_over(endpoint), **options)


def _handing_over(endpoint: Callable[..., Awaitable[Response]]) -> Callable[..., Awaitable[Response]]:
    @wraps(endpoint)
    async def answered(*places: Any, **named: Any) -> Response:
        answer = await endpoint(*places, **named)
        for value in named.values():
            if isinstance(value, Writing) and not value.scope.endswith(":read"):
                value.answer = Answer(answer.status_code, dict(answer.headers), bytes(answer.body))
        return answer

    return answered
