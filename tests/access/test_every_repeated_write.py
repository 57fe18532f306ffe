"""Every POST that writes: sent again it is answered again, tried out it leaves nothing; what it creates has one name.

Walked from the table of ways, so that a route added tomorrow is walked too.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import asyncpg
import httpx

from app.models.columns import new_id
from tests.access.calling import Way
from tests.access.keeping_count import counted, said
from tests.access.walking import Call, Ground
from tests.access.ways import WAYS, call_of, expected
from tests.house_for_tests import ONE_OF_EACH_ROLE, PEOPLE, House
from tests.routers.asking import refused

# Sent again, these do again what they did, on purpose; why.
NOT_REMEMBERED = {
    "POST /v1/partners/import": "its body is streamed, and importing twice the same sheets adds nothing",
}
# What they answer is itself what leaves: tried out, it would leave without its line in the register.
NEVER_TRIED = ("POST /v1/requisitions/{requisition_id}/hand-over",)


# What nobody keeps a copy of.
SECRET_MEMBERS = {"link", "code", "secret", "passphrase", "archive_base64", "path", "token", "access_token"}


def written(*methods: str) -> Iterator[tuple[str, str, Way]]:
    """Every POST that writes under the gate, by each person whose role calls it her own way; other methods if said."""
    for route, way in WAYS.items():
        if route.partition(" ")[0] not in (methods or ("POST",)) or way.scope is None or way.scope.endswith(":read"):
            continue
        if route in NOT_REMEMBERED:
            continue
        callers = [name for name in PEOPLE if expected(way, name) == way.status]
        yield route, callers[0], way
        for role in way.by_role:
            if PEOPLE[callers[0]][0] != role:
                yield route, ONE_OF_EACH_ROLE[role], way


def created() -> Iterator[tuple[str, str, Way]]:
    """Those that create."""
    return (each for each in written() if each[2].status == 201)


async def _call(route: str, ground: Ground, name: str) -> Call:
    return await call_of(route, ground, PEOPLE[name][0])


def _asking(call: Call, **headers: str) -> Call:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return replace(call, headers=call.headers | named)


def shape(value: Any) -> Any:
    """The members and the kinds of a JSON value, without what it says."""
    if isinstance(value, dict):
        return {name: shape(each) for name, each in value.items()}
    return [shape(each) for each in value[:1]] if isinstance(value, list) else type(value).__name__


def same_answer(one: httpx.Response, other: httpx.Response) -> bool:
    """The same bytes, and the same headers but those of each request."""
    of_each = ("x-request-id", "idempotency-replayed", "date", "ratelimit", "ratelimit-policy")
    heads = [{name: value for name, value in each.headers.items() if name not in of_each} for each in (one, other)]
    return (one.status_code, one.content, heads[0]) == (other.status_code, other.content, heads[1])


async def test_every_post_that_writes_is_done_once_however_often_it_is_sent_under_its_key(
    house: House, superuser: asyncpg.Connection
) -> None:
    ground, walked = await Ground.of(house, superuser), Counter[str]()
    for number, (route, name, way) in enumerate(written()):
        client = await house(name)
        call = _asking(await _call(route, ground, name), Idempotency_Key=f"walk-{number}")

        first = await call.by(client)
        assert first.status_code == way.status, f"{name} {route}: {first.text}"
        assert "idempotency-replayed" not in first.headers
        assert "pragma" in first.headers or not SECRET_MEMBERS & first.json().keys(), route
        after = await said(superuser)
        again = await call.by(client)
        other = await replace(call, json={**(call.json or {}), "autre": 1}).by(client)

        if "pragma" in first.headers:  # a secret, told once
            refused(again, 409, "idempotency_told_once")
        else:
            assert again.headers.get("idempotency-replayed") == "true", f"{name} {route}: {again.text}"
            assert same_answer(first, again), f"{name} {route}"
        refused(other, 422, "idempotency_key_reused")
        assert await said(superuser) == after, f"{name} {route}"
        walked["told once" if "pragma" in first.headers else "replayed"] += 1
        walked[str(way.status)] += 1
    assert walked["201"] >= 32
    assert walked["200"] >= 35
    assert walked["told once"] >= 4
    print(f"written once, answered again: {dict(walked)}")  # noqa: T201


async def test_everything_that_writes_may_be_tried_out_and_leaves_everything_as_it_was(
    house: House, superuser: asyncpg.Connection
) -> None:
    ground, tried = await Ground.of(house, superuser), Counter[str]()
    trial = {"Prefer": "handling=strict, dry-run"}
    for route, name, way in written("POST", "PUT", "PATCH", "DELETE"):
        client, call = await house(name), await _call(route, ground, name)
        before = await said(superuser)

        rehearsed = await _asking(call, **trial, Idempotency_Key="only-tried").by(client)

        assert await said(superuser) == before, f"{name} {route}"
        real = await call.by(client)
        assert real.status_code == way.status, f"{name} {route}: {real.text}"
        if route in NEVER_TRIED:
            refused(rehearsed, 400, "dry_run_not_possible")
            continue
        assert rehearsed.status_code == way.status, f"{name} {route}: {rehearsed.text}"
        assert rehearsed.headers["preference-applied"] == "dry-run"
        assert "preference-applied" not in real.headers
        if way.status != 204:
            assert shape(rehearsed.json()) == shape(real.json()), f"{name} {route}"
        tried[str(way.status)] += 1
        tried[route.partition(" ")[0]] += 1
    assert tried["201"] >= 32
    assert min(tried[method] for method in ("PUT", "PATCH", "DELETE")) >= 2
    assert tried["200"] >= 34
    print(f"tried out: {dict(tried)}")  # noqa: T201


async def test_everything_that_is_created_may_bear_a_name_drawn_by_the_client_and_no_other_thing_bears_it(
    house: House, superuser: asyncpg.Connection
) -> None:
    ground, named = await Ground.of(house, superuser), 0
    for route, name, _ in created():
        client, call, chosen = await house(name), await _call(route, ground, name), str(new_id())
        call = replace(call, json={**(call.json or {}), "id": chosen})

        first = await call.by(client)
        assert first.status_code == 201, f"{name} {route}: {first.text}"
        assert first.json()["id"] == chosen, f"{name} {route}"
        rows = await counted(superuser)
        again = await call.by(client)
        # The client adds a key to the request it sends again: the same name, the same body, the same answer.
        keyed = [await _asking(call, Idempotency_Key=f"late-{chosen}").by(client) for _ in range(2)]
        for each in (again, *keyed):
            if "pragma" in first.headers:
                refused(each, 409, "idempotency_told_once")
            else:
                assert each.headers.get("idempotency-replayed") == "true", f"{name} {route}: {each.text}"
                assert same_answer(first, each), f"{name} {route}"
        refused(await replace(call, json={**call.json, "autre": 1}).by(client), 409, "identifier_taken")
        # A day later the answer is forgotten; the name is still borne, and nothing is said of what bears it.
        assert {k: v for k, v in rows.items() if not k.endswith("remembered_answer")}.items() <= (
            await counted(superuser)
        ).items()
        await superuser.execute("delete from accounts.remembered_answer")
        fresh = await _call(route, ground, name)
        late = await replace(fresh, json={**(fresh.json or {}), "id": chosen}).by(client)
        refused(late, 409, "identifier_taken")
        assert chosen not in json.dumps({k: v for k, v in late.json().items() if k != "instance"})
        named += 1
    assert named >= 32
    print(f"named by the client: {named}")  # noqa: T201
