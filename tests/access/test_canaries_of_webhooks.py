"""What is notified says a type, an instant and an identifier; what signs it is told once, and is nowhere else."""

from __future__ import annotations

import asyncio
import logging
import os
import re
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from app.contract.audiences import AUDIENCES
from app.embedded import EmbeddedPostgres
from app.models.outbox import Webhook
from app.schemas.webhooks import WebhookDraft, WebhookMade, WebhookShown
from app.services.webhook_secrets import Secret
from app.settings import Settings
from tests.access.canaries import NAMED, STRANGE, TOKEN, WORDS, Story, found_in
from tests.access.canaries_of_exchange import Exchange
from tests.access.canaries_of_webhooks import HEARS, PLACE, Notified, shapes_of
from tests.access.keeping_count import TABLES
from tests.access.walking import UUID
from tests.house_for_tests import PEOPLE, House, Town, settings_for
from tests.notifying.receiver import receiving

SAID = {"type", "timestamp", "data"}
HEADERS = {
    "host", "webhook-id", "webhook-timestamp", "webhook-signature", "content-type", "user-agent", "content-length",
}  # fmt: skip
QUIET = ("outbox.webhook", "outbox.delivery", "accounts.quota", "accounts.remembered_answer", "audit.trace")
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


@pytest.fixture
def settings(town: Town, database: str, keys: dict[str, str]) -> Settings:
    """Notifications may reach this machine; requests are counted where a backup would find them."""
    return settings_for(town, database, {**keys, "webhook_networks": "127.0.0.0/8", "quota_store": "postgresql"})


async def dumped(server: EmbeddedPostgres, url: str, file: Path) -> str:
    """The whole database, as a backup holds it."""
    process = await asyncio.create_subprocess_exec(
        str(server.binary("pg_dump")), "--dbname", url, "--file", str(file), stderr=asyncio.subprocess.PIPE
    )
    _, complaint = await process.communicate()
    assert process.returncode == 0, complaint.decode()
    return await asyncio.to_thread(file.read_text, encoding="utf-8")


async def test_a_notification_tells_nothing_of_anybody_and_what_signs_it_is_nowhere_but_where_it_was_told(
    house: House,
    town: Town,
    database: str,
    superuser: asyncpg.Connection,
    server: EmbeddedPostgres,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    async with receiving() as receiver:
        notified = Notified(house, superuser, receiver)
        await notified.subscribe()
        await notified.goes_wrong()
        story = await Story.told(house)
        exchange = await Exchange.told(story)
        await notified.happens(story, exchange)
        await notified.is_told()
    secrets, words = notified.secrets, [*WORDS, *exchange.secrets]
    assert len(notified.tellings) >= 2 * len(HEARS)

    # What left.
    paths = {call.path for call in notified.calls}
    assert paths == {f"/relais/{PLACE}/{by}" for by in HEARS}
    assert {call.said["type"] for call in notified.calls} >= {
        "referral.sent",
        "partner_referral.answered",
        "orientation.transmitted",
    }
    for call in notified.calls:
        assert set(call.said) == SAID
        assert set(call.said["data"]) == {"id"}
        assert UUID.fullmatch(call.said["data"]["id"])
        assert INSTANT.fullmatch(call.said["timestamp"])
        assert set(call.headers) == HEADERS
        left = f"{call.body.decode()} {call.headers}"
        assert not found_in(left, *words, *secrets, PLACE)

    # What is answered: the secrets by those answers alone that tell them, the address to its organisation alone.
    statuses = {answer.status_code for answer in notified.answers}
    assert {200, 400, 403, 404, 409, 412, 422, 500} <= statuses
    for answer in [*story.answers, *notified.answers]:
        said = f"{answer.text} {answer.headers}"
        assert not found_in(said, *secrets), answer.request.url
        if answer.status_code >= 400:
            assert not found_in(said, *words, PLACE), f"{answer.request.url}: {said}"
    for name, (_, _, post) in PEOPLE.items():
        client = await house(name)
        own = {"worker": post == "shared_post", "partner": name == "partner"}
        for path in ("/v1/me/usage", "/v1/webhooks", "/v1/webhooks/event-types", *(
            f"/v1/webhooks/{webhook}{tail}" for webhook in notified.ids.values() for tail in ("", "/deliveries")
        )):  # fmt: skip
            said = await client.get(path)
            text = f"{said.text} {said.headers}"
            assert not found_in(text, *words, *secrets), f"{name} {path}: {text}"
            assert PLACE not in text or any(own.values()), f"{name} {path}: {text}"
            if said.is_success:
                for other in [each for each, mine in own.items() if not mine]:
                    assert f"{PLACE}/{other}" not in text, f"{name} {path}: {text}"
    pages = ["/metrics", "/v1/status", "/openapi.json", *(f"/openapi/{name}.json" for name in AUDIENCES)]
    for path in pages:
        page = await house.caller().get(path)
        assert page.status_code == 200, path
        assert not found_in(page.text, *words, *secrets, PLACE), path
    assert "relais_alarms" in (await house.caller().get("/metrics")).text

    # What is logged, by us and by PostgreSQL.
    printed = capfd.readouterr()
    every = "".join(f"{logging.Formatter().format(r)}\n{vars(r)}\n" for r in caplog.records)
    ours = [record for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]
    logs = printed.out + printed.err + "".join(f"{logging.Formatter().format(r)}\n{vars(r)}\n" for r in ours)
    assert {"turn_cut_short", "broken_seal"} <= set(re.findall("turn_cut_short|broken_seal", logs))
    assert logs.count("/v1/webhooks/{webhook_id}/rotate-secret") >= len(HEARS)
    assert not found_in(logs, *words, PLACE), [line for line in logs.splitlines() if found_in(line, *words, PLACE)]
    assert not found_in(logs + every, *secrets)
    if "RELAIS_TEST_SUPERUSER_URL" not in os.environ:
        said_there = (server.home / "postgres.log").read_text(encoding="utf-8")
        assert not found_in(said_there, *words, *secrets, PLACE)

    # What is kept: an address, the seal of a secret, the digest of a proof; of the story, identifiers.
    for table in [row[0] for row in await superuser.fetch(TABLES, [])]:
        lines = "\n".join(row[0] for row in await superuser.fetch(f"select t::text from {table} t"))
        assert not found_in(lines, *secrets), table
        if table in QUIET:
            assert lines, table
            assert not found_in(lines, *words), table
    for row in await superuser.fetch("select id, sealed_secret, secret_digest from outbox.webhook"):
        assert len(row["sealed_secret"]) == 60
        assert len(row["secret_digest"]) == 32
    url = urlsplit(town.superuser_url)._replace(path=f"/{database}").geturl()
    assert not found_in(await dumped(server, url, tmp_path / "dump.sql"), *secrets, STRANGE)


def test_nothing_that_holds_a_secret_or_the_address_of_a_receiver_prints_it() -> None:
    url = f"https://abonne.exemple.test/{NAMED}"
    secret = Secret(TOKEN.encode())
    held = (
        WebhookDraft(url=url, event_types=["referral.sent"]), WebhookShown.model_construct(url=url),
        WebhookMade.model_construct(url=url, secret=TOKEN), secret,
        Webhook(url=url, sealed_secret=TOKEN.encode(), secret_digest=secret.digest, previous_sealed=TOKEN.encode()),
    )  # fmt: skip
    printed = " ".join(f"{one!r} {one!s}" for one in held)
    assert not found_in(printed)
    assert not found_in(printed, *shapes_of(secret.octets), *shapes_of(secret.proof))
