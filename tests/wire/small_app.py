"""A small real application behind the real ``Wire``: the tests of this folder speak to it."""

import asyncio
import uuid
from typing import Annotated, Any

import asyncpg
import httpx
from fastapi import APIRouter, Depends, FastAPI, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from app.error_handlers import install
from app.errors import Conflict, NotFound, TryAgain, problem_from_database
from app.routers.parameters import refuse_unknown_parameters
from app.schemas.base import Draft
from app.schemas.texts import Day, Email, Facts, Instant, Phone, ShortText
from app.wire import Wire

SECRET = "Marie-Secrete"


class ThingDraft(Draft):
    name: ShortText
    facts: Facts | None = None
    seen_at: Instant | None = None
    born_on: Day | None = None
    email: Email | None = None
    phone: Phone | None = None
    count: Annotated[int, Field(ge=0, le=10)] | None = None
    weight: float | None = None
    sure: bool | None = None
    owner: uuid.UUID | None = None
    tags: Annotated[list[ShortText], Field(max_length=3)] | None = None
    inner: "ThingDraft | None" = None


class Page(BaseModel):  # not a Draft: in a query every number is a text
    limit: int = 50
    cursor: str | None = None


def make_app() -> FastAPI:
    """The application, without its ``Wire``. ``app.state.tries`` counts the calls of ``/v1/again``."""
    app = FastAPI(dependencies=[Depends(refuse_unknown_parameters)])
    app.state.tries = 0
    app.state.bodies = []
    router = APIRouter()

    @router.post("/things", status_code=201)
    async def add(draft: ThingDraft) -> dict[str, Any]:
        return {"name": draft.name}

    @router.get("/things")
    async def show_all(
        kind: Annotated[list[str] | None, Query()] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        since: Annotated[str | None, Query(alias="from")] = None,
    ) -> dict[str, Any]:
        return {"limit": limit, "kind": kind, "since": since}

    @router.get("/pages")
    async def pages(page: Annotated[Page, Query()]) -> dict[str, Any]:
        return {"limit": page.limit}

    @router.get("/things/{id}")
    async def show(id: uuid.UUID) -> dict[str, str]:
        return {"id": str(id)}

    @router.patch("/things/{id}")
    async def change(id: uuid.UUID, draft: ThingDraft) -> dict[str, str]:
        return {"name": draft.name}

    @router.delete("/things/{id}", status_code=204)
    async def end(id: uuid.UUID) -> None:
        return None

    @router.post("/login")
    async def login(request: Request) -> dict[str, int]:
        return {"size": len(await request.body())}

    @router.post("/again/{failures}")
    async def again(failures: int, request: Request) -> dict[str, int]:
        app.state.tries += 1
        app.state.bodies.append(await request.body())
        if app.state.tries <= failures:
            raise TryAgain()
        return {"tries": app.state.tries}

    @router.get("/slow")
    async def slow() -> None:
        await asyncio.sleep(30)

    @router.get("/cut")
    async def cut() -> StreamingResponse:
        async def parts() -> Any:
            yield b"begun"
            raise RuntimeError(SECRET)

        return StreamingResponse(parts())

    @router.get("/fail/{how}")
    async def fail(how: str) -> None:
        raise make_failure(how)

    app.include_router(router, prefix="/v1")
    install(app)
    return app


def make_failure(how: str) -> BaseException:
    """An exception whose text holds a secret, as the driver's do."""
    if how.startswith("sqlstate-"):
        error: Exception = asyncpg.PostgresError(f"Key (name)=({SECRET}) already exists")
        vars(error).update(sqlstate=how.removeprefix("sqlstate-"), detail=SECRET)
        return error
    chained = RuntimeError(SECRET)
    chained.__cause__ = ValueError(f"cause {SECRET}")
    known: dict[str, BaseException] = {
        "runtime": chained,
        "group": ExceptionGroup(SECRET, [ValueError(SECRET), KeyError(SECRET)]),
        "base-group": BaseExceptionGroup(SECRET, [asyncio.CancelledError(SECRET), ValueError(SECRET)]),
        "group-of-one": ExceptionGroup(SECRET, [NotFound()]),
        "time-out": TimeoutError(SECRET),
        "refused": ConnectionRefusedError(SECRET),
        "interface": asyncpg.InterfaceError(SECRET),
        "conflict": Conflict("situation_closed"),
        "database": problem_from_database(OSError(SECRET)),
    }
    return known[how]


def client_of(app: Any, **limits: Any) -> httpx.AsyncClient:
    """A client of ``Wire`` in front of ``app``; an exception that escapes fails the test."""
    wire = Wire(app, form_paths={"/v1/login"}, **limits)
    return httpx.AsyncClient(transport=httpx.ASGITransport(wire), base_url="http://relais.test")


async def call_raw(app: Any, **scope: Any) -> dict[str, Any]:
    """Call the ``Wire`` as a server would, with a head that no client library would write."""
    said: dict[str, Any] = {"body": b""}
    asked = 0

    async def receive() -> dict[str, Any]:
        nonlocal asked
        asked += 1
        if asked > 1:
            await asyncio.sleep(60)  # nothing more to say: the caller waits
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        said.update({"status": message["status"]} if "status" in message else {})
        said["body"] += message.get("body", b"")

    path = scope.pop("raw_path", b"/v1/things")
    whole = {
        "type": "http",
        "method": "GET",
        "path": path.decode(),
        "raw_path": path,
        "query_string": b"",
        "headers": [(b"host", b"relais.test")],
        **scope,
    }
    await Wire(app)(whole, receive, send)
    return said
