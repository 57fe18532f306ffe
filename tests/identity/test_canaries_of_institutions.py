"""Coming by one's institution leaves none of its codes, tokens, subjects and secrets in a log, a trace, a figure."""

from __future__ import annotations

import logging
import os

import asyncpg
import httpx
import pytest

from app.embedded import EmbeddedPostgres
from tests.house_for_tests import House
from tests.identity.fake_provider import CLIENT_SECRET, TOKEN, FakeProvider, as_json
from tests.identity.visiting import Application
from tests.strong import forget_attempts

SUBJECT, SAID = "zqsujetzq", "zqdescriptionzq"


async def test_coming_by_an_institution_leaves_none_of_its_secrets_anywhere_even_when_it_fails(
    awaited: House,
    fake: FakeProvider,
    superuser: asyncpg.Connection,
    server: EmbeddedPostgres,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("asyncpg", "asyncio", "fastapi"):
        caplog.set_level(logging.DEBUG, name)
    fake.claims, fake.about = {"sub": SUBJECT}, {"sub": SUBJECT}
    signed: list[str] = []
    usual = fake.id_token

    def kept(claims: dict[str, object]) -> str:
        signed.append(usual(claims))
        return signed[-1]

    fake.id_token = kept
    application, refusals = Application(awaited), list[httpx.Response]()
    asked = await application.leave()
    secrets = [CLIENT_SECRET, SUBJECT, SAID, application.verifier, asked["state"], asked["nonce"]]
    secrets.append(fake.authorize(asked))
    back = await application.come_back(code=secrets[-1], state=asked["state"], iss=fake.issuer)
    secrets.append(application.told(back)["code"])
    refusals.append(await application.take(secrets[-1], code_verifier="x" * 43))
    answer = await application.take(secrets[-1])
    if answer.status_code != 200:  # a code shown with another verifier may be spent: once more, from the start
        again = await application.leave()
        secrets += [again["state"], again["nonce"], fake.authorize(again)]
        back = await application.come_back(code=secrets[-1], state=again["state"], iss=fake.issuer)
        secrets.append(application.told(back)["code"])
        answer = await application.take(secrets[-1])
    assert answer.status_code == 200, answer.text
    secrets += [answer.json()["access_token"], answer.json()["refresh_token"]]
    refusals.append(await application.take(secrets[-3]))
    refusals.append(await application.come_back(code=SAID, state=asked["state"], iss=fake.issuer))
    refusals.append(await application.come_back(code=SAID, state=SAID, iss=SAID))
    # An institution that refuses in words of its own, or says anything.
    for reply in (as_json({"error": SAID, "error_description": SAID}, 400), as_json(SAID), as_json(SAID, 500)):
        fake.replies[TOKEN] = lambda reply=reply: reply  # type: ignore[misc]
        await forget_attempts(superuser)
        failing = await application.leave()
        secrets += [failing["state"], fake.authorize(failing)]
        back = await application.come_back(code=secrets[-1], state=failing["state"], iss=fake.issuer)
        assert application.told(back).keys() == {"error"}
        assert SAID not in str(back.headers)
    assert len(signed) >= 1
    secrets += signed

    assert {each.status_code for each in refusals} == {401}
    for each in refusals:
        assert not [word for word in secrets if word in f"{each.text} {each.headers}"], each.text
    # The client of the tests prints addresses; the program is not the client.
    ours = [record for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]
    out = capfd.readouterr()
    logs = out.out + out.err + "".join(f"{logging.Formatter().format(r)}\n{vars(r)}\n" for r in ours)
    assert logs.count("/v1/auth/oidc/callback") >= 5
    traces = "\n".join(row["line"] for row in await superuser.fetch("select t::text as line from audit.trace t"))
    assert traces.count("session:") >= 4
    metrics = (await awaited.caller().get("/metrics")).text
    assert "/v1/auth/oidc/callback" in metrics
    places = {"logs": logs, "traces": traces, "metrics": metrics, "settings": repr(awaited.settings)}
    if "RELAIS_TEST_SUPERUSER_URL" not in os.environ:
        places["postgres"] = (server.home / "postgres.log").read_text(encoding="utf-8")
    for place, said in places.items():
        assert not [word for word in secrets if word in said], place
    assert CLIENT_SECRET not in repr(next(iter(awaited.settings.providers.values())))
