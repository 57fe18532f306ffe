"""What an institution says of a person, when it was agreed that it signs it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import asyncpg
import pytest

from app.access.signatures import new_signing_key
from tests.house_for_tests import House
from tests.identity.fake_provider import CLIENT_ID, USERINFO, FakeProvider, Reply, as_json
from tests.identity.visiting import Application, opened


@pytest.fixture
def provider(fake: FakeProvider) -> dict[str, Any]:
    """Registered with signed userinfo."""
    return {**fake.registration(), "userinfo_signed_alg": "ES256"}


def signed_by(fake: FakeProvider, pem: str | None = None, **said: Any) -> Reply:
    """A signed answer, changed."""
    text = fake.sign({**fake.good_about(), "iss": fake.issuer, "aud": CLIENT_ID, **said}, pem)
    return 200, {"Content-Type": "application/jwt; charset=utf-8"}, text.encode()


async def visited(house: House, fake: FakeProvider) -> set[str]:
    """What the application is given."""
    application = Application(house)
    asked = await application.leave()
    back = await application.come_back(code=fake.authorize(asked), state=asked["state"], iss=fake.issuer)
    return set(application.told(back))


async def test_a_signed_answer_is_taken(awaited: House, fake: FakeProvider) -> None:
    fake.replies[USERINFO] = lambda: signed_by(fake)
    assert await visited(awaited, fake) == {"code"}


STRANGER = new_signing_key()
WRONG: dict[str, Callable[[FakeProvider], Reply]] = {
    "plain JSON": lambda fake: as_json(fake.good_about()),
    "signed, and said to be JSON": lambda fake: as_json(signed_by(fake)[2].decode()),
    "signed by another": lambda fake: signed_by(fake, STRANGER),
    "of another person": lambda fake: signed_by(fake, sub="agent-2"),
    "of another issuer": lambda fake: signed_by(fake, iss="https://evil.test"),
    "of no issuer": lambda fake: signed_by(fake, iss=...),
    "for another": lambda fake: signed_by(fake, aud="autre"),
    "for two": lambda fake: signed_by(fake, aud=[CLIENT_ID, "autre"]),
    "for nobody": lambda fake: signed_by(fake, aud=...),
    "out of date": lambda fake: signed_by(fake, exp=int(time.time()) - 60),
    "of a date that is a text": lambda fake: signed_by(fake, exp="demain"),
    "an id token": lambda fake: signed_by(fake, email=...),
    "nothing": lambda fake: (200, {"Content-Type": "application/jwt"}, b""),
    "an encrypted one": lambda fake: (200, {"Content-Type": "application/jwt"}, b"e30.a.b.c.d"),
}


@pytest.mark.parametrize("name", WRONG)
async def test_an_answer_that_is_not_signed_as_agreed_is_not_taken(
    awaited: House, fake: FakeProvider, superuser: asyncpg.Connection, name: str
) -> None:
    fake.replies[USERINFO] = lambda: WRONG[name](fake)
    assert await visited(awaited, fake) == {"error"}
    assert await opened(superuser) == (0, 0)
