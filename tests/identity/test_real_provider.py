"""The whole way, against a certified provider in a process of its own: found, asked, filled in, come back, let in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest

from app.settings import Settings
from tests.house_for_tests import House
from tests.identity.real_provider import RealProvider
from tests.identity.visiting import CALLBACK, SIRET, Application, opened, query_of
from tests.routers.asking import refused

PEOPLE = {
    "agent-7": {"email": "worker@exemple.test", "email_verified": True, "siret": SIRET},
    "agent-8": {"email": "inconnu@exemple.test", "email_verified": True, "siret": SIRET},
}
OURS = f"{Settings().issuer}{CALLBACK}"


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealProvider]:
    """The provider, started once for this module."""
    with RealProvider(tmp_path_factory.mktemp("provider"), callback=OURS, people=PEOPLE) as running:
        yield running


@pytest.fixture
def provider(real: RealProvider) -> dict[str, Any]:
    """The house knows this one."""
    return real.registration()


async def back_from(
    real: RealProvider, application: Application, *, login: str = "agent-7", acr: str = "eidas2", **said: str
) -> dict[str, str]:
    """What the browser brings back from the provider."""
    answer = await application.start(**said)
    assert answer.status_code == 303, answer.text
    address = await real.browse(answer.headers["location"], login=login, acr=acr)
    assert urlsplit(address).path == CALLBACK
    return query_of(address)


async def test_a_person_signs_in_through_a_real_provider_and_her_session_is_her_own(
    awaited: House, real: RealProvider, superuser: asyncpg.Connection
) -> None:
    application = Application(awaited)
    back = await back_from(real, application)
    assert back["iss"] == real.issuer
    code = application.told(await application.come_back(**back))["code"]
    answer = await application.take(code)
    assert answer.status_code == 200, answer.text
    mine = await awaited.caller(answer.json()["access_token"]).get("/v1/me")
    assert (mine.status_code, mine.json()["email"]) == (200, "worker@exemple.test")
    assert await superuser.fetchval("select subject from accounts.federated_identity") == "agent-7"
    assert await superuser.fetchval("select method from accounts.session") == "institution"

    refused(await application.come_back(**back), 401, "sign_in_refused")
    refused(await application.take(code), 401, "grant_refused")
    assert await opened(superuser) == (1, 1)


async def test_a_code_of_the_provider_that_has_served_lets_nobody_in(
    awaited: House, real: RealProvider, superuser: asyncpg.Connection
) -> None:
    first, second = Application(awaited), Application(awaited)
    used = await back_from(real, first)
    assert "code" in first.told(await first.come_back(**used))
    fresh = await back_from(real, second)
    replayed = await second.come_back(code=used["code"], state=fresh["state"], iss=real.issuer)
    assert second.told(replayed) == {"error": "access_denied"}
    assert await opened(superuser) == (0, 1)


async def test_a_level_of_assurance_that_is_too_low_lets_nobody_in(
    awaited: House, real: RealProvider, superuser: asyncpg.Connection
) -> None:
    application = Application(awaited)
    answer = await application.start()
    # The provider itself refuses to call eidas1 enough and asks again; a browser that rewrites the request gets there.
    weaker = answer.headers["location"].replace("eidas2", "eidas1")
    back = query_of(await real.browse(weaker, login="agent-7", acr="eidas1"))
    assert application.told(await application.come_back(**back)) == {"error": "access_denied"}
    assert await opened(superuser) == (0, 0)


async def test_a_person_whom_nobody_awaits_is_not_let_in(
    awaited: House, real: RealProvider, superuser: asyncpg.Connection
) -> None:
    application = Application(awaited)
    back = await back_from(real, application, login="agent-8")
    assert application.told(await application.come_back(**back)) == {"error": "access_denied"}
    assert await opened(superuser) == (0, 0)


async def test_a_person_who_gives_up_goes_back_to_her_application(awaited: House, real: RealProvider) -> None:
    application = Application(awaited)
    back = await back_from(real, application, login="")
    assert back["error"] == "access_denied" and "error_description" in back
    assert application.told(await application.come_back(**back)) == {"error": "access_denied"}


async def test_a_fresh_proof_is_given_by_a_real_provider(
    awaited: House, real: RealProvider, superuser: asyncpg.Connection
) -> None:
    application = Application(awaited)
    back = await back_from(real, application, fresh="true")
    code = application.told(await application.come_back(**back))["code"]
    assert (await application.take(code)).status_code == 200
    assert await superuser.fetchval("select authenticated_at > now() - interval '1 minute' from accounts.session")


async def test_a_provider_that_changes_its_keys_is_asked_for_them_once(awaited: House, real: RealProvider) -> None:
    for turn in ("before", "after"):
        application = Application(awaited)
        back = await back_from(real, application)
        assert "code" in application.told(await application.come_back(**back)), turn
        assert real.told().count("GET /jwks") >= 1
        if turn == "before":
            real.stop()
            real.start()
    # Its log began anew with its new key: described once, keys fetched once.
    assert real.told().count("GET /jwks") == 1
    assert real.told().count("openid-configuration") == 0
