"""Signing in through an institution that behaves: there, back, one code, one session; awaited once, bound for good."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from structlog.testing import capture_logs

from app.federating import add_identity, federate
from app.refusal import CannotRun
from app.services.clock import now
from app.services.sessions import Keys
from app.services.tickets import open_ticket, seal_ticket
from tests.house_for_tests import House
from tests.identity.fake_provider import CLIENT_ID, CLIENT_SECRET, FakeProvider
from tests.identity.visiting import APPLICATION, CALLBACK, REDIRECT, SIRET, Application, opened
from tests.routers.asking import refused


async def code_of(fake: FakeProvider, application: Application, **said: str) -> str:
    """Our code, after one visit to the institution."""
    asked = await application.leave(**said)
    answer = await application.come_back(code=fake.authorize(asked), state=asked["state"], iss=fake.issuer)
    return application.told(answer)["code"]


async def signed_in(fake: FakeProvider, house: House, **said: str) -> dict[str, Any]:
    """The tokens of a session opened through the institution."""
    application = Application(house)
    answer = await application.take(await code_of(fake, application, **said))
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_institutions_are_listed_by_name_and_label_and_nothing_else(house: House) -> None:
    answer = await house.caller().get("/v1/auth/oidc/providers")
    assert answer.json() == {"items": [{"name": "essai", "label": "Institution d'essai"}]}


async def test_a_person_awaited_signs_in_through_her_institution(
    awaited: House, fake: FakeProvider, superuser: asyncpg.Connection
) -> None:
    application = Application(awaited)
    asked = await application.leave()
    assert (asked["response_type"], asked["client_id"], asked["scope"]) == ("code", CLIENT_ID, "openid email")
    assert asked["redirect_uri"] == f"{awaited.settings.issuer}{CALLBACK}"
    assert asked["code_challenge_method"] == "S256" and len(asked["code_challenge"]) == 43
    assert len(asked["state"]) >= 32 and len(asked["nonce"]) >= 32
    assert '"acr": {"essential": true, "values": ["eidas2", "eidas3"]}' in asked["claims"]
    assert "prompt" not in asked and APPLICATION not in str(asked)

    back = await application.come_back(code=fake.authorize(asked), state=asked["state"], iss=fake.issuer)
    code = application.told(back)["code"]
    answer = await application.take(code)

    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert said.keys() == {"access_token", "token_type", "expires_in", "refresh_token", "scope"}
    mine = await awaited.caller(said["access_token"]).get("/v1/me")
    assert (mine.status_code, mine.json()["email"]) == (200, "worker@exemple.test")
    row = await superuser.fetchrow(
        "select account_id, method, client_id, shared_workstation, authenticated_at < opened_at as asked_before"
        " from accounts.session"
    )
    assert tuple(row) == (awaited.ids["worker"], "institution", APPLICATION, False, True)
    bound = await superuser.fetchrow("select subject, bound_at is not null from accounts.federated_identity")
    assert tuple(bound) == ("agent-1", True)
    assert fake.forms[0]["client_secret"] == CLIENT_SECRET
    traced = await superuser.fetch(
        "select account_id, act, outcome from audit.trace where act like 'session:%' order by seq"
    )
    assert [tuple(each) for each in traced][:2] == [
        (awaited.ids["worker"], "session:bind", "done"),
        (awaited.ids["worker"], "session:open", "done"),
    ]
    form = {"grant_type": "refresh_token", "refresh_token": said["refresh_token"]}
    assert (await awaited.caller().post("/v1/auth/token", data=form)).status_code == 200


async def test_no_token_and_no_secret_rides_on_an_address_or_in_a_log(awaited: House, fake: FakeProvider) -> None:
    application = Application(awaited)
    with capture_logs() as logs:
        asked = await application.leave()
        back = await application.come_back(code=fake.authorize(asked), state=asked["state"], iss=fake.issuer)
        answer = await application.take(application.told(back)["code"])
    secrets = [application.verifier, CLIENT_SECRET, "eyJ", *(answer.json()[name] for name in ("refresh_token",))]
    for place in (str(asked), back.headers["location"], str(logs), repr(awaited.settings)):
        assert not [each for each in secrets if each in place]


async def test_a_recent_proof_is_what_the_institution_says_it_is(awaited: House, fake: FakeProvider) -> None:
    async def proved() -> bool:
        token = (await signed_in(fake, awaited))["access_token"]
        actor = awaited.app.state.verifier.actor(token)
        lane = awaited.app.state.database.lane(actor.role)
        from app.access.gate import PROVED_RECENTLY

        async with lane.transaction(actor, "me:read", traced=False) as reading:
            return bool((await reading.row(PROVED_RECENTLY))["proved"])

    assert await proved()
    moment = int(now().timestamp())
    fake.claims = {"auth_time": moment - 3600}
    assert not await proved()
    fake.claims = {"auth_time": ...}
    assert not await proved()


async def test_a_fresh_proof_is_asked_and_checked(
    awaited: House, fake: FakeProvider, superuser: asyncpg.Connection
) -> None:
    moment = int(now().timestamp())
    for auth_time, let_in in ((moment - 3600, False), (..., False), ("now", False), (moment + 1, True)):
        application = Application(awaited)
        asked = await application.leave(fresh="true")
        assert (asked["prompt"], asked["max_age"]) == ("login", "0")
        fake.claims = {"auth_time": auth_time}
        back = await application.come_back(code=fake.authorize(asked), state=asked["state"], iss=fake.issuer)
        assert ("code" in application.told(back)) is let_in, auth_time


async def test_a_shared_workstation_is_remembered_through_the_visit(
    awaited: House, fake: FakeProvider, superuser: asyncpg.Connection
) -> None:
    await signed_in(fake, awaited, shared_workstation="true")
    assert await superuser.fetchval("select shared_workstation from accounts.session")


async def test_an_institution_without_the_claims_parameter_is_asked_by_acr_values(
    awaited: House, fake: FakeProvider
) -> None:
    fake.discovery = {
        "claims_parameter_supported": ...,
        "authorization_response_iss_parameter_supported": ...,
        "token_endpoint_auth_methods_supported": ...,
    }
    application = Application(awaited)
    asked = await application.leave()
    assert asked["acr_values"] == "eidas2 eidas3" and "claims" not in asked
    back = await application.come_back(code=fake.authorize(asked), state=asked["state"], session_state="ignored")
    assert (await application.take(application.told(back)["code"])).status_code == 200
    assert "client_secret" not in fake.forms[0]  # in the header, as the standard has it by default


# ----------------------------------------------------------------------------------------------------- binding


async def test_once_bound_only_the_subject_counts(
    awaited: House, fake: FakeProvider, superuser: asyncpg.Connection
) -> None:
    await signed_in(fake, awaited)
    fake.about = {"email": "nouvelle@exemple.test", "siret": ...}
    await signed_in(fake, awaited)
    assert await superuser.fetchval("select email from accounts.federated_identity") == "worker@exemple.test"
    before = await opened(superuser)
    fake.about, fake.claims = {"sub": "agent-2"}, {"sub": "agent-2"}
    application = Application(awaited)
    asked = await application.leave()
    back = await application.come_back(code=fake.authorize(asked), state=asked["state"], iss=fake.issuer)
    assert application.told(back) == {"error": "access_denied"}
    assert await opened(superuser) == before


@pytest.mark.parametrize(
    "about",
    [{"email": "autre@exemple.test"}, {"email": ...}, {"email": ["worker@exemple.test"]}, {"email_verified": ...},
     {"email_verified": False}, {"email_verified": "true"}, {"email_verified": 1}, {"siret": ...},
     {"siret": "21280085000019"}, {"siret": int(SIRET)}, {"email": "wоrker@exemple.test"},
     {"email": "worker@exemple.test\n"}, {"email": "worker@exemple.test,autre@exemple.test"}],
)  # fmt: skip
async def test_nobody_is_bound_but_the_person_awaited(
    awaited: House, fake: FakeProvider, superuser: asyncpg.Connection, about: dict[str, Any]
) -> None:
    fake.about = about
    application = Application(awaited)
    asked = await application.leave()
    back = await application.come_back(code=fake.authorize(asked), state=asked["state"], iss=fake.issuer)
    assert application.told(back) == {"error": "access_denied"}
    assert await opened(superuser) == (0, 0)
    assert await superuser.fetchval("select count(*) from audit.trace where outcome = 'refused'") == 1


@pytest.mark.parametrize(
    "change",
    [
        "update accounts.federated_identity set approved_at = null",
        "update accounts.federated_identity set ended_at = now()",
        "update accounts.federated_identity set issuer = 'https://ailleurs.test'",
        "update accounts.account set suspended_at = now() where email = 'worker@exemple.test'",
        "update accounts.account set ended_at = now() where email = 'worker@exemple.test'",
        "update accounts.account set approved_at = null where email = 'worker@exemple.test'",
    ],
)
async def test_what_is_not_in_service_lets_nobody_in_before_or_after_it_is_bound(
    awaited: House, fake: FakeProvider, superuser: asyncpg.Connection, change: str
) -> None:
    application = Application(awaited)
    code = await code_of(fake, application)
    await superuser.execute(change)
    if "issuer" not in change:
        refused(await application.take(code), 401, "grant_refused")
        assert await opened(superuser) == (0, 1)
    await superuser.execute("update accounts.federated_identity set subject = null, bound_at = null")
    other = Application(awaited)
    asked = await other.leave()
    back = await other.come_back(code=fake.authorize(asked), state=asked["state"], iss=fake.issuer)
    assert other.told(back) == {"error": "access_denied"}
    assert await opened(superuser) == (0, 0)


async def test_an_identity_that_has_ended_keeps_its_subject_from_anybody_else(
    awaited: House, fake: FakeProvider, superuser: asyncpg.Connection
) -> None:
    await signed_in(fake, awaited)
    await superuser.execute("update accounts.federated_identity set ended_at = now()")
    where: Any = {"database": awaited.database, "issuer": fake.issuer, "siret": SIRET}
    await add_identity(awaited.town.superuser_url, email="colleague@exemple.test", **where)
    fake.about = {"email": "colleague@exemple.test"}
    application = Application(awaited)
    asked = await application.leave()
    back = await application.come_back(code=fake.authorize(asked), state=asked["state"], iss=fake.issuer)
    assert application.told(back) == {"error": "access_denied"}
    assert await opened(superuser) == (1, 1)


async def test_two_first_sign_ins_at_once_bind_once_and_both_go_on(
    awaited: House, fake: FakeProvider, superuser: asyncpg.Connection
) -> None:
    codes = await asyncio.gather(*(code_of(fake, Application(awaited)) for _ in range(8)))
    assert len(set(codes)) == 8
    assert await superuser.fetchval("select count(*) from audit.trace where act = 'session:bind'") == 1


async def test_an_operator_awaits_the_holder_of_an_account_at_an_institution(house: House, fake: FakeProvider) -> None:
    url, providers = house.town.superuser_url, house.settings.providers
    told = await federate(
        url, database=house.database, providers=providers, email="worker@exemple.test", provider="essai"
    )
    assert fake.issuer in told
    for said in (
        {"email": "worker@exemple.test", "issuer": fake.issuer},  # twice
        {"email": "inconnu@exemple.test", "issuer": fake.issuer},
        {"email": "officer@exemple.test", "issuer": "essai"},
        {"email": "officer@exemple.test", "issuer": "http://exemple.test"},
        {"email": "officer@exemple.test", "issuer": fake.issuer, "siret": "123"},
    ):
        with pytest.raises(CannotRun):
            await add_identity(url, database=house.database, **said)
    await signed_in(fake, house)


# ------------------------------------------------------------------------------------------------ steps and codes


@pytest.mark.parametrize(
    ("said", "place"),
    [({"provider": "autre"}, "provider"), ({"client_id": "autre"}, "redirect_uri"),
     ({"redirect_uri": "https://application.test/retour"}, "redirect_uri"),
     ({"redirect_uri": REDIRECT + "&x=1"}, "redirect_uri"), ({"redirect_uri": REDIRECT + "/"}, "redirect_uri"),
     ({"redirect_uri": REDIRECT.replace("application", "APPLICATION")}, "redirect_uri"),
     ({"redirect_uri": "https://application.test@evil.test/retour?voie=relais"}, "redirect_uri"),
     ({"redirect_uri": "javascript:alert(1)"}, "redirect_uri"), ({"code_challenge_method": "plain"}, None),
     ({"code_challenge": "court"}, None), ({"state": ""}, None), ({"state": "é"}, None), ({"state": "a" * 513}, None),
     ({"inconnu": "x"}, None)],
)  # fmt: skip
async def test_what_is_not_exact_at_the_start_goes_nowhere(
    house: House, fake: FakeProvider, said: dict[str, str], place: str | None
) -> None:
    answer = await Application(house).start(**said)
    assert answer.status_code == 422, answer.text
    assert "location" not in answer.headers
    if place is not None:
        assert [each["parameter"] for each in answer.json()["errors"]] == [place]
    assert fake.calls.total() == 0


async def test_a_step_serves_once_and_for_what_it_was_made(
    awaited: House, fake: FakeProvider, superuser: asyncpg.Connection
) -> None:
    application = Application(awaited)
    asked = await application.leave()
    code = application.told(
        await application.come_back(code=fake.authorize(asked), state=asked["state"], iss=fake.issuer)
    )["code"]
    before = await opened(superuser)
    keys: Keys = awaited.app.state.desk.keys
    ticket = open_ticket(keys.identity_key, "institution", asked["state"])
    stale = seal_ticket(keys.identity_key, "institution", **{**ticket, "lasts": timedelta(seconds=-1)})
    other_key = seal_ticket(bytes(32), "institution", **{**ticket, "lasts": timedelta(minutes=5)})
    for state in (asked["state"], code, stale, other_key, asked["state"][:-2], "", "é", "a" * 5000, None):
        answer = await application.come_back(code=fake.authorize(asked), state=state, iss=fake.issuer)
        refused(answer, 401, "sign_in_refused")
        assert "location" not in answer.headers
    refused(await application.take(asked["state"]), 401, "grant_refused")
    assert await opened(superuser) == before


async def test_a_code_is_for_the_application_that_asked_with_its_verifier(
    awaited: House, fake: FakeProvider, superuser: asyncpg.Connection
) -> None:
    application = Application(awaited)
    code = await code_of(fake, application)
    for said in (
        {"code_verifier": "a" * 43}, {"code_verifier": application.verifier.swapcase()}, {"client_id": "autre"},
        {"redirect_uri": "https://application.test/retour"}, {"redirect_uri": REDIRECT + "#"},
        {"code": code[:-1]}, {"code": "a" * 4096}, {"code": application.state},
    ):  # fmt: skip
        refused(await application.take(**{"code": code, **said}), 401, "grant_refused")
    refused(await application.take(code, code_verifier="court"), 422, "invalid_request", "/code_verifier")
    refused(await application.take(code, client_secret="x"), 422, "invalid_request", "/client_secret")
    assert await opened(superuser) == (0, 1)
    assert (await application.take(code)).status_code == 200
    refused(await application.take(code), 401, "grant_refused")
    assert await opened(superuser) == (1, 1)


async def test_of_eight_exchanges_of_one_code_at_once_one_opens_a_session(
    awaited: House, fake: FakeProvider, superuser: asyncpg.Connection
) -> None:
    application = Application(awaited)
    code = await code_of(fake, application)
    answers = await asyncio.gather(*(application.take(code) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] + [401] * 7
    assert await opened(superuser) == (1, 1)


async def test_of_eight_returns_with_one_state_at_once_one_gets_a_code(awaited: House, fake: FakeProvider) -> None:
    application = Application(awaited)
    asked = await application.leave()
    said = {"code": fake.authorize(asked), "state": asked["state"], "iss": fake.issuer}
    answers = await asyncio.gather(*(application.come_back(**said) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [303] + [401] * 7
    assert fake.calls["/token"] == 1
