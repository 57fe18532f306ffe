"""``relais clients`` and ``relais accounts add`` for a partner, as an operator types them."""

import asyncio
import re
from pathlib import Path
from subprocess import CompletedProcess

import asyncpg
import pytest

from tests.house_for_tests import House
from tests.routers.asking import UNKNOWN, refused
from tests.running.relais_for_tests import command
from tests.strong import entered


async def relais(house: House, *words: str) -> CompletedProcess[str]:
    """A command, with the URLs of an operator."""
    urls = {
        "RELAIS_BOOTSTRAP_URL": house.town.superuser_url,
        "RELAIS_MIGRATOR_URL": house.town.lane_url("migrator", house.database),
    }
    return await asyncio.to_thread(lambda: command(Path("unused"), 1, *words, **urls))


async def added(house: House, *scopes: str) -> tuple[str, str]:
    """Software of the CCAS, registered; what the command has shown of it."""
    asked = [word for scope in scopes for word in ("--scope", scope)]
    words = ("clients", "add", "--name", "Logiciel social", "--partner", str(house.ids["ccas"]), *asked)
    done = await relais(house, *words)
    assert done.returncode == 0, done.stderr
    shown = re.fullmatch(r"Identifiant : (client-[a-z2-7]{16})\nSecret : (\S{24})\n", done.stdout)
    assert shown is not None, done.stdout
    assert "ne s'affichera plus" in done.stderr
    return shown[1], shown[2]


async def test_an_operator_registers_software_shows_it_and_closes_its_access(
    house: House, superuser: asyncpg.Connection
) -> None:
    client_id, secret = software = await added(house, "orientation:answer", "orientation:read", "orientation:read")
    form = {"grant_type": "client_credentials"}
    token = await house.caller().post("/v1/auth/token", data=form, auth=software)
    assert token.json()["scope"].startswith("orientation:read orientation:answer me:read")
    machine = house.caller(token.json()["access_token"])
    assert (await machine.get("/v1/me")).json()["partner_ids"] == [str(house.ids["ccas"])]

    shown = await relais(house, "clients", "list")
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.startswith(
        f"{client_id}  Logiciel social (ccas) : orientation:read, orientation:answer ; depuis"
    )
    assert secret not in shown.stdout

    ended = await relais(house, "clients", "end", client_id)
    assert (ended.returncode, ended.stdout) == (0, f"Accès fermé : {client_id}.\n")
    refused(await machine.get("/v1/me"), 401, "session_ended")
    refused(await house.caller().post("/v1/auth/token", data=form, auth=software), 401, "invalid_client")
    assert "jusqu'au" in (await relais(house, "clients", "list")).stdout
    for again in (client_id, "client-inconnu"):
        done = await relais(house, "clients", "end", again)
        assert done.returncode == 1 and "Aucun logiciel en service" in done.stderr
    assert secret not in await superuser.fetchval("select string_agg(a::text, ' ') from accounts.account a")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--name", "L", "--partner", "{ccas}", "--scope", "note:read"), "orientation:read, orientation:answer"),
        (("--name", "L", "--partner", "{ccas}", "--scope", "always"), "orientation:read, orientation:answer"),
        (("--name", " ", "--partner", "{ccas}", "--scope", "orientation:read"), "Il faut un nom"),
        (("--name", "L", "--partner", UNKNOWN, "--scope", "orientation:read"), "Organisme à qui l'on transmet inconnu"),
    ],
)
async def test_what_cannot_be_registered_is_told_in_one_sentence_and_leaves_nothing(
    house: House, superuser: asyncpg.Connection, words: tuple[str, ...], sentence: str
) -> None:
    done = await relais(house, "clients", "add", *(word.format(ccas=house.ids["ccas"]) for word in words))
    assert done.returncode == 1 and sentence in done.stderr and "Traceback" not in done.stderr
    assert await superuser.fetchval("select count(*) from accounts.account where client_id is not null") == 0


async def test_an_operator_posts_a_partners_person_to_her_organisation(house: House) -> None:
    words = ("accounts", "add", "--name", "Une Partenaire", "--email", "ccas@exemple.test")
    done = await relais(house, *words, "--role", "partner", "--partner", str(house.ids["ccas"]))
    token = (await entered(house.caller(), done))["tokens"]["access_token"]
    mine = (await house.caller(token).get("/v1/me")).json()
    assert (mine["role"], mine["partner_ids"]) == ("partner", [str(house.ids["ccas"])])

    for role, partner, sentence in (
        ("social_worker", str(house.ids["ccas"]), "Ce rôle ne s’affecte pas là"),
        ("partner", UNKNOWN, "Organisme à qui l'on transmet inconnu"),
    ):
        done = await relais(house, *words, "--role", role, "--partner", partner)
        assert done.returncode == 1 and sentence in done.stderr
    done = await relais(house, *words, "--role", "partner", "--unit", str(house.ids["north"]))
    assert done.returncode == 1 and "Ce rôle ne s’affecte pas là" in done.stderr
