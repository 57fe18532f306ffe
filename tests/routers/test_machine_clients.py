"""The software of a partner: let in for five minutes by its own secret, to what its scopes open, nothing else."""

from __future__ import annotations

import base64
import json
import re
from typing import Any
from urllib.parse import quote_plus

import asyncpg
import httpx
import pytest
from jose import jwt
from structlog.testing import capture_logs

from app.access.policy import CLIENT_ROLE, policy
from app.registering import add_client, end_client
from app.routers.grants import LettingIn, Renewal
from app.services import passwords
from tests.access.ways import mounted
from tests.house_for_tests import House
from tests.routers.asking import UNKNOWN, refused

Software = tuple[str, str]
EVERY_SCOPE = ("orientation:read", "orientation:answer", "referral:read", "referral:send")
ALWAYS = ("me:read", "nomenclature:read", "partner:read", "partner_service:read", "post:read", "unit:read")
# What these scopes open, written by hand: a scope more in the policy file must be seen here.
OPENED = {"orientation:read", "orientation:change", "referral:read", "referral:add", *ALWAYS}


async def registered(house: House, *scopes: str, of: str = "ccas") -> Software:
    """Software of a partner, registered by the operator: its identifier and its secret."""
    said: Any = {"name": "Logiciel du CCAS", "partner_id": house.ids[of], "scopes": scopes or EVERY_SCOPE}
    return await add_client(house.town.superuser_url, database=house.database, **said)


async def asked(
    house: House, software: Software | None = None, *, header: str | None = None, **form: str
) -> httpx.Response:
    """A token asked for, by ``Authorization: Basic`` when ``software`` is given."""
    headers = {"Authorization": header} if header is not None else {}
    said: Any = {"auth": software} if software else {}
    form = {"grant_type": "client_credentials", **form}
    return await house.caller().post("/v1/auth/token", data=form, headers=headers, **said)


async def let_in(house: House, software: Software, **form: str) -> httpx.AsyncClient:
    """The software with its token."""
    answer = await asked(house, software, **form)
    assert answer.status_code == 200, answer.text
    return house.caller(answer.json()["access_token"])


def basic(client_id: str, secret: str) -> str:
    """The header of RFC 6749, section 2.3.1: each half is form-encoded first."""
    return "Basic " + base64.b64encode(f"{quote_plus(client_id)}:{quote_plus(secret)}".encode()).decode()


@pytest.mark.parametrize("way", ["header", "form"])
async def test_software_gets_a_token_of_five_minutes_that_says_its_scopes_and_cannot_be_renewed(
    house: House, superuser: asyncpg.Connection, way: str
) -> None:
    client_id, secret = software = await registered(house, "orientation:answer", "orientation:read")
    form = {"client_id": client_id, "client_secret": secret}

    answer = await (asked(house, software) if way == "header" else asked(house, **form))

    assert answer.status_code == 200, answer.text
    assert (answer.headers["cache-control"], answer.headers["pragma"]) == ("no-store", "no-cache")
    said = answer.json()
    assert said.keys() == {"access_token", "token_type", "expires_in", "scope"}
    assert (said["token_type"], said["expires_in"]) == ("Bearer", 300)
    assert said["scope"].split(" ") == ["orientation:read", "orientation:answer", *ALWAYS]
    claims = jwt.get_unverified_claims(said["access_token"])
    assert (claims["exp"] - claims["iat"], claims["client_id"], claims["role"]) == (300, client_id, CLIENT_ROLE)
    assert claims["scope"] == said["scope"]
    row = await superuser.fetchrow(
        "select client_id, role, expires_at - opened_at = interval '5 minutes' as five, revoked_at, id::text"
        " from accounts.session"
    )
    assert tuple(row) == (client_id, CLIENT_ROLE, True, None, claims["sid"])
    assert await superuser.fetchval("select count(*) from accounts.refresh_token") == 0
    assert re.fullmatch(r"client-[a-z2-7]{16}", client_id)


async def test_software_learns_who_it_is_for_whom_it_works_and_what_its_token_opens(house: House) -> None:
    machine = await let_in(house, await registered(house, "orientation:answer"))

    mine = (await machine.get("/v1/me")).json()

    assert (mine["name"], mine["email"], mine["role"]) == ("Logiciel du CCAS", None, CLIENT_ROLE)
    assert (mine["partner_ids"], mine["unit_ids"], mine["post_ids"]) == ([str(house.ids["ccas"])], [], [])
    assert set(mine["scopes"]) == {"orientation:change", *ALWAYS}
    assert all(said in policy().sentences(CLIENT_ROLE) for said in mine["i_may"])
    assert len(mine["i_may"]) < len(policy().sentences(CLIENT_ROLE))


async def test_software_may_ask_for_less_than_it_was_registered_with(house: House) -> None:
    software = await registered(house)

    less = await asked(house, software, scope="referral:read orientation:read")
    least = await let_in(house, software, scope="referral:send")

    assert less.json()["scope"].split(" ") == ["orientation:read", "referral:read", *ALWAYS]
    assert set((await least.get("/v1/me")).json()["scopes"]) == {"referral:add", *ALWAYS}


@pytest.mark.parametrize(
    "scope",
    ["referral:send", "orientation:read referral:send", "note:read", "person:read", "orientation:change", "always",
     "me:read", " ", "orientation:read ", "orientation:read  orientation:read", "orientation:read,orientation:answer",
     "ORIENTATION:READ", "*", "œuvre:é"],
)  # fmt: skip
async def test_a_scope_that_software_was_not_registered_with_gives_it_no_token_at_all(
    house: House, superuser: asyncpg.Connection, scope: str
) -> None:
    software = await registered(house, "orientation:read", "orientation:answer")
    answer = await asked(house, software, scope=scope)
    refused(answer, 400, "invalid_scope")
    assert scope.strip() == "" or scope not in answer.text
    assert await superuser.fetchval("select count(*) from accounts.session") == 0


async def test_a_scope_that_the_policy_no_longer_knows_is_never_granted(
    house: House, superuser: asyncpg.Connection
) -> None:
    software = await registered(house)
    await superuser.execute(
        "update accounts.account set client_scopes = '{note:read,orientation:read}' where client_id = $1", software[0]
    )
    assert (await asked(house, software)).json()["scope"].split(" ") == ["orientation:read", *ALWAYS]
    refused(await asked(house, software, scope="note:read"), 400, "invalid_scope")
    await superuser.execute(
        "update accounts.account set client_scopes = '{note:read}' where client_id = $1", software[0]
    )
    refused(await asked(house, software), 400, "invalid_scope")


async def test_a_wrong_secret_and_unknown_software_get_the_same_answer_and_take_the_same_work(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    client_id, secret = await registered(house)
    checked, check = 0, passwords._verify

    def counted(password: str, digest: str) -> bool:
        nonlocal checked
        checked += 1
        return check(password, digest)

    monkeypatch.setattr(passwords, "_verify", counted)
    answers = [
        await asked(house, (client_id, secret + "x")),
        await asked(house, (client_id[:-1] + "8", secret)),
        await asked(house, ("", secret)),
        await asked(house, ("client\x00", secret)),
        await asked(house, (client_id.upper(), secret)),
        await asked(house, client_id=client_id, client_secret="faux"),
        await asked(house, client_id="worker@exemple.test", client_secret="faux"),
    ]

    assert checked == len(answers)
    for answer in answers:
        refused(answer, 401, "invalid_client")
        assert answer.headers["www-authenticate"].startswith("Basic ")
        assert secret not in answer.text
    assert len({json.dumps({**answer.json(), "instance": ""}) for answer in answers}) == 1


@pytest.mark.parametrize(
    "header",
    ["", "Basic", "Basic ", "Basic !!!!", "Basic YQ", "Bearer abc", "Basic w6k6w6k=", "Digest YTpi", "basic YTpi",
     "Basic YTpi YTpi", "Basic JWZmOiVmZg==", "Basic " + base64.b64encode(b"a" * 9000).decode()],
)  # fmt: skip
async def test_a_header_that_does_not_identify_software_is_a_401(house: House, header: str) -> None:
    answer = await asked(house, header=header)
    refused(answer, 401, "invalid_client")
    assert answer.headers["www-authenticate"].startswith("Basic ")


async def test_software_that_does_not_identify_itself_is_a_401(house: House) -> None:
    refused(await asked(house), 401, "invalid_client")


async def test_the_two_halves_of_the_header_are_form_encoded(house: House, superuser: asyncpg.Connection) -> None:
    client_id, _ = await registered(house)
    secret = "deux:points, 100 %, plus + et l'été"
    await superuser.execute(
        "update accounts.credential set password_hash = $2 where account_id ="
        " (select id from accounts.account where client_id = $1)",
        client_id, passwords.hashed(secret),
    )  # fmt: skip
    assert (await asked(house, header=basic(client_id, secret))).status_code == 200
    assert (await asked(house, client_id=client_id, client_secret=secret)).status_code == 200
    raw = base64.b64encode(f"{client_id}:{secret}".encode("latin-1")).decode()
    refused(await asked(house, header=f"Basic {raw}"), 401, "invalid_client")


async def test_software_identifies_itself_in_one_place_only(house: House) -> None:
    client_id, secret = software = await registered(house)
    for form in (
        {"client_id": client_id, "client_secret": secret},
        {"client_id": client_id},
        {"client_secret": secret},
    ):
        refused(await asked(house, software, **form), 400, "client_authenticated_twice")
        refused(await asked(house, header="Bearer abc", **form), 400, "client_authenticated_twice")


@pytest.mark.parametrize(
    ("form", "places"),
    [
        ({"refresh_token": "x"}, ["/refresh_token"]),
        ({"refresh_token": "x", "client_id": "{id}", "client_secret": "{secret}"}, ["/refresh_token"]),
        ({"client_id": "{id}"}, ["/client_secret"]),
        ({"client_id": "{id}", "client_secret": ""}, ["/client_secret"]),
        ({"client_secret": "{secret}"}, ["/client_id"]),
        ({"client_id": "{id}", "client_secret": "a" * 257}, ["/client_secret"]),
        ({"client_id": "{id}", "client_secret": "{secret}", "scope": "a" * 401}, ["/scope"]),
        ({"grant_type": "refresh_token"}, ["/refresh_token"]),
        ({"grant_type": "refresh_token", "client_id": "{id}", "client_secret": "{secret}"}, ["/client_secret"]),
        ({"grant_type": "refresh_token", "refresh_token": "x", "client_secret": "{secret}"}, ["/client_secret"]),
        ({"grant_type": "refresh_token", "refresh_token": "x", "scope": "a"}, ["/scope"]),
        ({"grant_type": ""}, ["/grant_type"]),
        ({"grant_type": "password", "username": "worker", "password": "x"}, ["/grant_type"]),
        ({"grant_type": "authorization_code", "code": "x"}, ["/code_verifier"]),
        ({"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": "x"}, ["/grant_type"]),
        ({"grant_type": "CLIENT_CREDENTIALS", "client_id": "{id}", "client_secret": "{secret}"}, ["/grant_type"]),
    ],
)  # fmt: skip
async def test_members_that_do_not_go_together_are_refused_by_name(
    house: House, form: dict[str, str], places: list[str]
) -> None:
    client_id, secret = await registered(house)
    form = {name: value.format(id=client_id, secret=secret) for name, value in form.items()}
    answer = await asked(house, **form)
    refused(answer, 422, "invalid_request", *places)
    assert secret not in answer.text


async def test_a_form_is_a_form_and_names_each_thing_once(house: House) -> None:
    client_id, secret = await registered(house)
    said = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
    anyone = house.caller()
    assert (await anyone.post("/v1/auth/token", json=said)).status_code == 422
    refused(await anyone.post("/v1/auth/token", params=said), 422, "unknown_parameter")
    twice = f"grant_type=client_credentials&client_id={client_id}&client_secret={secret}&client_secret=x"
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    refused(await anyone.post("/v1/auth/token", content=twice, headers=form), 400, "duplicate_member")


async def test_a_person_never_gets_in_as_software_nor_software_as_a_person(
    house: House, superuser: asyncpg.Connection
) -> None:
    client_id, secret = software = await registered(house)
    for name in ("worker", "partner"):
        await superuser.execute(
            "insert into accounts.credential values ($1, $2, now())", house.ids[name], passwords.hashed(secret)
        )
        for known_as in (f"{name}@exemple.test", str(house.ids[name]), name, "tests"):
            refused(await asked(house, (known_as, secret)), 401, "invalid_client")
    session = await house.session_of("partner")
    refused(await asked(house, ("tests", session["refresh_token"])), 401, "invalid_client")

    anyone = house.caller()
    for email in (client_id, f"{client_id}@exemple.test", None):
        answer = await anyone.post("/v1/auth/login", json={"email": email, "password": secret})
        assert answer.status_code in (401, 422)
    token = (await asked(house, software)).json()["access_token"]
    for refresh_token in (token, secret):
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        refused(await anyone.post("/v1/auth/token", data=form), 401, "refresh_refused")


async def test_the_application_of_a_person_may_still_name_itself_when_it_renews(house: House) -> None:
    session = await house.session_of("worker")
    form = {"grant_type": "refresh_token", "refresh_token": session["refresh_token"], "client_id": "tests"}
    assert (await house.caller().post("/v1/auth/token", data=form)).status_code == 200


async def test_each_coming_in_of_software_is_traced_refused_ones_too_and_its_secret_is_nowhere(
    house: House, superuser: asyncpg.Connection
) -> None:
    client_id, secret = software = await registered(house, "orientation:read")
    account = await superuser.fetchval("select id from accounts.account where client_id = $1", client_id)
    with capture_logs() as logs:
        answers = [
            await asked(house, software),
            await asked(house, (client_id, "faux")),
            await asked(house, software, scope="note:read"),
            await asked(house, ("client-inconnu", secret)),
        ]
    rows = await superuser.fetch(
        "select account_id, act, outcome from audit.trace where act !~ '^(process|client):' order by seq"
    )
    assert [tuple(row) for row in rows] == [
        (account, "session:open", "done"),
        (account, "session:open", "refused"),
        (account, "session:open", "refused"),
        (None, "session:open", "refused"),
    ]
    assert secret not in await superuser.fetchval("select string_agg(t::text, ' ') from audit.trace t")
    assert secret not in await superuser.fetchval("select string_agg(s::text, ' ') from accounts.session s")
    assert (await superuser.fetchval("select password_hash from accounts.credential")).startswith("$argon2id$")
    assert logs
    assert not any(word in str(logs) for word in (secret, client_id, answers[0].json()["access_token"]))
    assert not any(secret in answer.text for answer in answers)
    assert secret not in repr((LettingIn(client_id, secret, None), Renewal(secret)))


async def test_software_that_has_ended_is_out_at_its_next_request_and_gets_no_other_token(
    house: House, superuser: asyncpg.Connection
) -> None:
    software, other = await registered(house), await registered(house)
    machine, neighbour = await let_in(house, software), await let_in(house, other)
    assert (await machine.get("/v1/me")).status_code == 200

    await end_client(house.town.superuser_url, database=house.database, client_id=software[0])

    refused(await machine.get("/v1/me"), 401, "session_ended")
    refused(await asked(house, software), 401, "invalid_client")
    assert (await neighbour.get("/v1/me")).status_code == 200
    ended = await superuser.fetch(
        "select ends_on from accounts.posting where partner_id = $1 order by id", house.ids["ccas"]
    )
    assert [row["ends_on"] is not None for row in ended].count(True) == 1


async def test_software_reads_and_answers_what_is_sent_to_its_partner_and_to_no_other(house: House) -> None:
    sent = f"/v1/orientations/{(await house.sent_orientation())['id']}"
    reader = await let_in(house, await registered(house, "orientation:read"))
    answering = await let_in(house, await registered(house, "orientation:answer"))
    elsewhere = await let_in(house, await registered(house, of="association"))

    assert [each["id"] in sent for each in (await reader.get("/v1/orientations")).json()["items"]] == [True]
    assert "Bolieu" not in (await reader.get(sent)).text
    assert "Petit" in (await reader.get(sent)).text
    refused(await reader.post(f"{sent}/acknowledge"), 403, "forbidden")
    refused(await answering.get(sent), 403, "forbidden")
    refused(await elsewhere.get(sent), 404, "not_found")
    refused(await elsewhere.post(f"{sent}/acknowledge"), 404, "not_found")
    assert (await elsewhere.get("/v1/orientations")).json()["items"] == []
    answer = await answering.post(f"{sent}/acknowledge")
    assert (answer.status_code, answer.json()["acknowledged_at"] is not None) == (200, True)


async def test_software_whose_posting_has_ended_works_for_nobody_from_its_next_request(
    house: House, superuser: asyncpg.Connection
) -> None:
    sent = f"/v1/orientations/{(await house.sent_orientation())['id']}"
    machine = await let_in(house, await registered(house))
    assert (await machine.get(sent)).status_code == 200
    assert (await machine.get("/v1/me")).json()["partner_ids"] == [str(house.ids["ccas"])]
    await superuser.execute(
        "update accounts.posting set starts_on = access.today() - 9, ends_on = access.today() - 1"
        " where partner_id = $1",
        house.ids["ccas"],
    )
    assert (await machine.get("/v1/me")).json()["partner_ids"] == []
    refused(await machine.get(sent), 404, "not_found")
    refused(await machine.post(f"{sent}/acknowledge"), 404, "not_found")
    assert (await machine.get("/v1/orientations")).json()["items"] == []


async def test_a_session_of_software_ends_by_itself_or_when_it_is_given_back(
    house: House, superuser: asyncpg.Connection
) -> None:
    software = await registered(house)
    machine, other = await let_in(house, software), await let_in(house, software)
    token = machine.headers["authorization"].removeprefix("Bearer ")
    assert (await house.caller().post("/v1/auth/revoke", data={"token": token})).status_code == 200
    refused(await machine.get("/v1/me"), 401, "session_ended")
    assert (await other.get("/v1/me")).status_code == 200
    await superuser.execute(
        "update accounts.session set opened_at = opened_at - interval '5 minutes',"
        " expires_at = expires_at - interval '5 minutes'"
    )
    refused(await other.get("/v1/me"), 401, "session_ended")


async def test_software_with_every_scope_opens_no_route_but_those_of_its_scopes(
    house: House, superuser: asyncpg.Connection
) -> None:
    """Never a note, never a search for a person, nothing of a situation: 403, and the refusal is traced."""
    machine = await let_in(house, await registered(house))
    closed, opened = [], []
    for route, permission in mounted(house.app).items():
        if permission is None:
            continue
        method, _, path = route.partition(" ")
        kind = {"Content-Type": "application/json"} if path.endswith("/import") else {}
        answer = await machine.request(method, re.sub(r"\{\w+\}", UNKNOWN, path), headers=kind)
        if permission.scope in OPENED and CLIENT_ROLE in permission.roles:
            opened.append(route)
            assert answer.status_code != 401, f"{route}: {answer.text}"
        else:
            closed.append(route)
            refused(answer, 403, "forbidden")
    assert len(closed) > 50
    assert {"GET /v1/me", "GET /v1/nomenclatures"} <= set(opened)
    secret = ("/notes", "/persons", "/situations", "/interventions", "/safe-contact", "/audit", "/needs", "/shares")
    assert not [route for route in opened if any(word in route for word in secret)]
    acts = {row[0] for row in await superuser.fetch("select distinct act from audit.trace where outcome = 'refused'")}
    assert {"note:read", "note:add", "person:read", "situation:read", "safe_contact:read"} <= acts


@pytest.mark.parametrize("scope", EVERY_SCOPE)
async def test_software_with_one_scope_is_refused_what_the_others_open(house: House, scope: str) -> None:
    machine = await let_in(house, await registered(house, scope))
    mine = {*policy().client_scopes[scope], *ALWAYS}
    for route, permission in mounted(house.app).items():
        if permission is not None and permission.scope in OPENED - mine:
            method, _, path = route.partition(" ")
            refused(await machine.request(method, re.sub(r"\{\w+\}", UNKNOWN, path)), 403, "forbidden")
    for path in ("/v1/me", "/v1/nomenclatures", "/v1/nomenclatures/sex"):
        assert (await machine.get(path)).status_code == 200


async def test_the_contract_says_which_scopes_of_software_open_each_operation(house: House) -> None:
    document = (await house.caller().get("/openapi.json")).json()
    routes = mounted(house.app)
    for path, item in document["paths"].items():
        for method, operation in item.items():
            permission = routes[f"{method.upper()} {path}"]
            said = operation.get("x-client-scopes", [])
            if permission is None or CLIENT_ROLE not in permission.roles:
                assert said == [], path
            else:
                # Each of them, alone in a token of software, opens the operation; no other does.
                words = {*policy().grantable, *ALWAYS}
                assert set(said) == {each for each in words if permission.scope in policy().opened_by([each])}, path
    assert document["paths"]["/v1/me"]["get"]["x-client-scopes"] == ["me:read"]
    assert "x-client-scopes" not in document["paths"]["/v1/notes/{note_id}"]["get"]
    form = document["paths"]["/v1/auth/token"]["post"]["requestBody"]["content"]
    assert list(form) == ["application/x-www-form-urlencoded"]
