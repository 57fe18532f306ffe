"""Every role on every route, over HTTP: what is answered is what the policy file says."""

import re
from collections import Counter
from typing import Any

import asyncpg
import httpx
import pytest

from app.access.policy import policy
from app.access.tokens import Signer, jwks, new_signing_key
from app.main import create_app
from app.models.columns import new_id
from app.settings import Settings
from tests.access.walking import Call, Ground
from tests.access.ways import WAYS, call_of, expected, mounted, protected
from tests.house_for_tests import ONE_OF_EACH_ROLE, PEOPLE, House, Town


def test_no_route_is_missing_from_the_table_and_each_asks_for_the_scope_we_mean(settings: Settings) -> None:
    served = mounted(create_app(settings))
    assert set(served) == set(WAYS)
    asked = {route: permission and (permission.scope, permission.column) for route, permission in served.items()}
    assert asked == {route: way.scope and (way.scope, way.column) for route, way in WAYS.items()}


async def test_every_role_on_every_route_is_answered_what_the_policy_file_says(
    house: House, superuser: asyncpg.Connection, request: pytest.FixtureRequest
) -> None:
    ground = await Ground.of(house, superuser)
    surprises, pairs, statuses = [], set(), Counter[int]()
    for route, way in WAYS.items():
        call: Call | None = None
        for name, (role, _, _) in PEOPLE.items():
            if role in way.by_role:
                call = await call_of(route, ground, role)
            call = call or await call_of(route, ground)
            answer = await call.by(await house(name))
            pairs.add((role, route))
            statuses[answer.status_code] += 1
            if answer.status_code != expected(way, name):
                surprises.append(f"{name} {route}: {answer.status_code}, not {expected(way, name)}: {answer.text}")
            if answer.is_success or role in way.by_role:
                call = None  # it may have changed its object: the next person gets a fresh one
    assert not surprises, "\n".join(surprises)
    # Not ``record_property``, which warns under ``--junitxml``; the same place, read by ``pytest -rA`` and by reports.
    request.node.user_properties += [("role_route_pairs", len(pairs)), ("statuses", dict(statuses))]
    print(f"{len(pairs)} role x route pairs, {sum(statuses.values())} calls: {dict(statuses)}")  # noqa: T201
    assert len(pairs) == 8 * len(WAYS) == len(policy().people) * len(WAYS) >= 600
    assert sum(statuses.values()) == len(PEOPLE) * len(WAYS)
    assert min(statuses[403], statuses[404], statuses[200] + statuses[201] + statuses[204]) > 40


def said_in(answer: httpx.Response) -> list[tuple[str, str]]:
    """The headers of an answer, but for what is left of a share, which each request lessens."""
    return [each for each in answer.headers.multi_items() if each[0] != "ratelimit"]


def left(answer: httpx.Response) -> int:
    """How many requests its caller may still send."""
    return int(re.search(r";r=(\d+);", answer.headers["ratelimit"])[1])  # type: ignore[index]


async def test_what_is_not_mine_is_answered_exactly_like_what_does_not_exist(
    house: House, superuser: asyncpg.Connection
) -> None:
    ground = await Ground.of(house, superuser)
    compared = Counter[int]()
    for route, way in WAYS.items():
        if way.of is None:
            continue
        calls = {role: await call_of(route, ground, role) for role in ("", *way.by_role)}
        for name, (role, _, _) in PEOPLE.items():
            client, call = await house(name), calls.get(role, calls[""])
            absent = await call.on_nothing().by(client, request_id="the-same-reference")
            promised = expected(way, name)
            assert absent.status_code == (403 if promised == 403 else 404), f"{name} {route}: {absent.text}"
            if promised in (403, 404):
                real = await call.by(client, request_id="the-same-reference")
                assert (real.status_code, said_in(real), real.content) == (promised, said_in(absent), absent.content)
                assert left(real) == left(absent) - 1, f"{name} {route}"  # her own two requests, and nothing else
                compared[promised] += 1
                # Nor do one's own traces tell the two apart.
                own = (await client.get("/v1/me/traces?limit=3")).json()["items"]
                latest = [trace for trace in own if trace["act"] != "me:read"][:2]
                if promised == 404:
                    assert len(latest) == 2, own
                    facts = [{k: v for k, v in t.items() if k not in ("at", "subject_id")} for t in latest]
                    assert facts[0] == facts[1], f"{name} {route}: {latest}"
                    assert (latest[0]["subject_id"] is None) == (latest[1]["subject_id"] is None), f"{route}: {latest}"
    assert compared[404] > 40
    assert compared[403] > 300


async def test_without_a_token_nothing_but_the_public_routes_answers(
    house: House, superuser: asyncpg.Connection
) -> None:
    ground = await Ground.of(house, superuser)
    nobody = house.caller()
    for route, way in WAYS.items():
        answer = await (await call_of(route, ground)).by(nobody)
        assert answer.status_code == (401 if way.asks_for_a_token else way.status), f"{route}: {answer.text}"
        if way.asks_for_a_token:
            assert answer.headers["www-authenticate"] == "Bearer"


async def bad_tokens(house: House, superuser: asyncpg.Connection, settings: Settings) -> dict[str, str]:
    """Tokens that were good, or nearly are."""
    assert settings.signing_key is not None
    names = {"issuer": settings.issuer, "audience": settings.audience}
    signer = Signer(settings.signing_key.get_secret_value(), **names)
    claims: dict[str, Any] = {"client_id": "tests", "jti": new_id(), "role": "social_worker"}
    worker = house.ids["worker"]
    found: dict[str, str] = {}

    async def session() -> tuple[str, Any]:
        token = (await house.session_of("worker"))["access_token"]
        return token, house.app.state.verifier.actor(token).session_id

    found["revoked session"], _ = await session()
    await house.caller().post("/v1/auth/revoke", data={"token": found["revoked session"]})
    found["expired session"], stale = await session()
    long_ago = "opened_at = now() - interval '2 days', expires_at = now() - interval '1 day'"
    await superuser.execute(f"update accounts.session set {long_ago} where id = $1", stale)
    _, live = await session()
    said = claims | {"account_id": worker, "session_id": live}
    found["expired token"] = signer.access_token(**said, now=1_700_000_000)
    found["token of tomorrow"] = signer.access_token(**said, now=4_000_000_000)
    found["another key"] = Signer(new_signing_key(), **names).access_token(**said)
    found["another audience"] = Signer(
        settings.signing_key.get_secret_value(), issuer=settings.issuer, audience="autre"
    ).access_token(**said)
    found["no such session"] = signer.access_token(**said | {"session_id": new_id()})
    # The officer's own live session, in a token that claims to be a social worker's: PostgreSQL is not fooled.
    officer = house.app.state.verifier.actor((await house.session_of("officer"))["access_token"])
    lie = {"account_id": officer.account_id, "session_id": officer.session_id}
    found["officer who says social worker"] = signer.access_token(**claims | lie)
    found["refresh token"] = (await house.session_of("worker"))["refresh_token"]
    found["half a token"] = found["revoked session"][:-10]
    await superuser.execute("update accounts.account set ended_at = now() where id = $1", house.ids["colleague"])
    elsewhere = house.tokens["worker_elsewhere"]["access_token"]
    await superuser.execute("update accounts.account set role = 'partner' where id = $1", house.ids["worker_elsewhere"])
    return found | {"changed role": elsewhere, "ended account": house.tokens["colleague"]["access_token"]}


async def test_a_token_that_is_no_longer_or_never_was_good_opens_no_route(
    house: House, superuser: asyncpg.Connection, settings: Settings
) -> None:
    ground = await Ground.of(house, superuser)
    calls = {route: await call_of(route, ground) for route in protected()}
    for name in ("colleague", "worker_elsewhere"):
        assert (await (await house(name)).get("/v1/me")).status_code == 200
    tokens = await bad_tokens(house, superuser, settings)
    for said, token in tokens.items():
        client = house.caller(token)
        for route, call in calls.items():
            if WAYS[route].signed_in and said == "officer who says social worker":
                continue  # the desk asks whose session it is, which is hers, and for no role
            answer = await call.by(client)
            assert answer.status_code == 401, f"{said} {route}: {answer.status_code} {answer.text}"
            assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert len(tokens) == 12


async def test_the_day_after_a_posting_ends_its_holder_sees_nothing_any_more(
    house: House, superuser: asyncpg.Connection
) -> None:
    ground = await Ground.of(house, superuser)
    calls = {route: await call_of(route, ground) for route in protected()}
    own = {(route, role): await call_of(route, ground, role) for route in calls for role in WAYS[route].by_role}
    await house("officer"), await house("worker"), await house("partner")
    over = "starts_on = least(starts_on, current_date - 1), ends_on = current_date - 1"
    await superuser.execute(f"update accounts.posting set {over}")
    for name in ("officer", "worker", "partner"):
        for route, call in calls.items():
            way = WAYS[route]
            if way.scope is None or not policy().allows(PEOPLE[name][0], way.scope, column=way.column):
                continue
            answer = await own.get((route, PEOPLE[name][0]), call).by(await house(name))
            if way.scope in KEPT_BY_THE_POSTED and not route.endswith("/import"):
                assert answer.status_code in (403, 404), f"{name} {route}: {answer.text}"
            elif way.of and policy().right(PEOPLE[name][0], way.of).takes.name not in OPEN_TO_ALL:  # type: ignore[union-attr]
                assert answer.status_code == 404, f"{name} {route}: {answer.text}"
            elif "legal-bases" in route:  # no post of hers from which to pass anything on
                assert answer.status_code == 422, answer.text
            elif (
                call.method == "GET"
                and "/me" not in route
                and not route.endswith("/event-types")
                and way.scope.partition(":")[0] in SECRET
            ):
                assert answer.json()["items"] == [], f"{name} {route}: {answer.text}"
            elif call.method == "POST" and way.scope.endswith(":add") and way.scope.partition(":")[0] in SECRET:
                assert answer.status_code == 422, f"{name} {route}: {answer.text}"


KEPT_BY_THE_POSTED = ("partner:add", "partner:change", "partner_service:add", "partner_service:change")
# Who left a post still sees what she handed over, and may give it up.
WHOEVER_LEFT = ("of_my_posts_or_mine", "handed_over_by_me_not_approved")
IDENTITY_KEYS = ("signing_key", "refresh_key", "identity_key")
OPEN_TO_ALL = ("everything", "while_signed_in", "published_to_all", *WHOEVER_LEFT)
SECRET = {
    "referral", "situation", "intervention", "collective_activity", "person", "orientation", "transmission",
    "requisition", "report", "home_visit_agreement", "webhook",
}  # fmt: skip


async def answers(house: House, calls: dict[str, Call], served: set[str], client: httpx.AsyncClient) -> dict[str, int]:
    """Statuses of all the calls, having checked that what is not mounted here does not exist here."""
    # By form: « /v1/partners/import » has the form of « /v1/partners/{partner_id} ».
    forms = re.compile("|".join(re.sub(r"\{\w+\}", "[^/]+", route.partition(" ")[2]) for route in served))
    found = {}
    for route, call in calls.items():
        answer = await call.by(client)
        if route in served:
            found[route] = answer.status_code
        else:  # 405 where the path serves another method, 404 otherwise
            assert answer.status_code == (405 if forms.fullmatch(route.partition(" ")[2]) else 404), (
                f"{route}: {answer.text}"
            )
    return found


@pytest.mark.parametrize(
    "process",
    [
        pytest.param("police", id="the_police_process_knows_no_social_route_and_refuses_social_tokens"),
        pytest.param("identity", id="the_identity_process_only_signs_in"),
        pytest.param("social", id="the_social_process_refuses_police_tokens"),
    ],
)
async def test_three_processes(
    process: str, town: Town, database: str, house: House, superuser: asyncpg.Connection, settings: Settings
) -> None:
    ground = await Ground.of(house, superuser)
    calls = {route: await call_of(route, ground) for route in WAYS}
    people = {role.name for role in policy().people}
    lanes = {role.name for role in policy().roles.values() if role.process == process}
    assert settings.signing_key is not None
    # Only what this process holds in production.
    held: dict[str, Any] = {"verification_keys": jwks(settings.signing_key.get_secret_value())}
    held |= {name: getattr(settings, name) for name in IDENTITY_KEYS} if process == "identity" else {}
    held |= {"sealing_key": settings.sealing_key} if process == "social" else {}
    urls = {role: town.lane_url(role, database) for role in lanes}
    apart = Settings(database_url=urls, cursor_key=settings.cursor_key, **held)
    everyone = {name: (await house(name)).headers["authorization"].partition(" ")[2] for name in PEOPLE}
    async with House.running(town, database, apart) as running:
        served = set(mounted(running.app))
        # The links of partners without an account are answered where their lane is: in the social process.
        elsewhere = ["/auth/"] if process == "social" else ["/auth/", "/answers/"]
        public = {route for route, way in WAYS.items() if way.scope is None and not any(e in route for e in elsewhere)}
        mine = {
            route for route, way in WAYS.items()
            if way.scope and any(policy().allows(role, way.scope, column=way.column) for role in lanes & people)
        }  # fmt: skip
        signing_in = {route for route in WAYS if "/auth/" in route}
        assert served == public | mine | (signing_in if process == "identity" else set())
        if process == "police":
            assert not any(word in route for route in served for word in ("notes", "situations", "persons", "safe"))
            assert not any(word in route for route in served for word in ("participations", "accept", "feedback"))
            assert not any(word in route for route in served for word in ("orientations", "answers", "transmissions"))
            assert not any(word in route for route in served for word in ("requisitions", "presences", "collective"))
            assert not any(word in route for route in served for word in ("replacements", "handovers", "agreements"))
            assert not any(word in route for route in served for word in ("accounts", "invitations", "postings"))
            assert not any(
                word in route for route in served for word in ("clients", "notices", "verification", "summary")
            )
        documented = (await running.caller().get("/openapi.json")).json()["paths"]
        assert {f"{method.upper()} {path}" for path, said in documented.items() for method in said} <= served
        first = next(name for role, name in ONE_OF_EACH_ROLE.items() if role not in lanes)
        for name in ONE_OF_EACH_ROLE.values():
            client = running.caller(everyone[name])
            if PEOPLE[name][0] in lanes:
                continue
            for route, status in (await answers(running, calls, served, client)).items():
                if WAYS[route].scope is not None:
                    assert status == 403, f"{name} {route}: {status}"
                elif "/auth/" not in route:  # a link has served once its holder has answered
                    spent = route.startswith("POST /v1/answers/") and name != first
                    assert status == (404 if spent else 200), f"{name} {route}: {status}"
        for name in PEOPLE:
            if PEOPLE[name][0] in lanes:
                answer = await running.caller(everyone[name]).get("/v1/me")
                assert (answer.status_code, answer.json()["role"]) == (200, PEOPLE[name][0])
