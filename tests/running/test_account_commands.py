"""``relais accounts``, as an operator types it: no password is chosen or shown, and every act is traced."""

from __future__ import annotations

import json
from pathlib import Path
from subprocess import CompletedProcess

import asyncpg
import pytest

from app.access.tokens import jwks, new_signing_key
from tests.house_for_tests import House
from tests.routers.asking import refused
from tests.running.test_registering import relais
from tests.strong import NEW_PASSWORD, PASSWORD, Telephone, enrolled, entered, forget_attempts, sign_in, told

NEW = ("accounts", "add", "--role", "social_worker", "--name", "Une Intervenante", "--email", "neuve@exemple.test")


async def acts(superuser: asyncpg.Connection) -> list[str]:
    """What the console has traced."""
    rows = await superuser.fetch("select act, lane from audit.trace where lane !~ '^relais_' order by at")
    return [row["act"] for row in rows]


def link_of(done: CompletedProcess[str]) -> str:
    """The link of an invitation that goes without a code."""
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    return line.removeprefix("Invitation : ")


async def test_an_operator_invites_and_the_guest_chooses_her_own_proofs(
    house: House, superuser: asyncpg.Connection
) -> None:
    (diploma,) = await superuser.fetch("select code from nomenclature.diploma order by sort_order limit 1")
    (basis,) = await superuser.fetch("select code from nomenclature.secrecy_basis order by sort_order limit 1")
    said = ("--diploma", diploma["code"], "--secrecy-basis", basis["code"], "--post", str(house.ids["shared_post"]))
    done = await relais(house, *NEW, *said)
    link, code = told(done)
    kept = await superuser.fetchval("select i::text from accounts.invitation i")
    assert link not in kept and code not in kept
    assert await superuser.fetchval("select count(*) from accounts.credential") == 0

    accepted = await entered(house.caller(), done)
    me = (await house.caller(accepted["tokens"]["access_token"]).get("/v1/me")).json()
    assert (me["role"], me["post_ids"]) == ("social_worker", [str(house.ids["shared_post"])])
    assert me["secrecy_basis"] == basis["code"]
    assert await acts(superuser) == ["account:add", "invitation:add"]


async def test_an_operator_lists_suspends_resumes_and_ends(house: House, superuser: asyncpg.Connection) -> None:
    await enrolled(house, superuser)
    worker = await house("worker")
    assert (
        "worker@exemple.test  worker (social_worker) : en service\n" in (await relais(house, "accounts", "list")).stdout
    )
    for act, line, code in (("suspend", "suspendu depuis", 401), ("resume", "en service", 200), ("end", "fini", 401)):
        done = await relais(house, "accounts", act, " Worker@exemple.test ")
        assert done.returncode == 0, done.stderr
        again = await relais(house, "accounts", act, "worker@exemple.test")
        assert again.returncode == 1 and "Traceback" not in again.stderr
        shown = (await relais(house, "accounts", "list")).stdout
        assert f"worker@exemple.test  worker (social_worker) : {line}" in shown
        await forget_attempts(superuser)
        assert (await sign_in(house.caller())).status_code == code
        refused(await worker.get("/v1/me"), 401, "session_ended")  # a session does not come back
    assert await acts(superuser) == ["account:suspend", "account:resume", "account:end"]
    done = await relais(house, "accounts", "invite", "worker@exemple.test", "--purpose", "renewal")
    assert done.returncode == 1 and "n'est pas en service" in done.stderr


async def test_an_operator_invites_whoever_has_lost_her_password_without_going_round_her_second_factor(
    house: House, superuser: asyncpg.Connection
) -> None:
    telephone = await enrolled(house, superuser)
    first = link_of(await relais(house, "accounts", "invite", "worker@exemple.test", "--purpose", "password"))
    link = link_of(await relais(house, "accounts", "invite", "worker@exemple.test", "--purpose", "password"))
    said = {"password": NEW_PASSWORD, "totp_code": telephone.code()}
    address, caller = "/v1/auth/invitations/accept", house.caller()
    refused(await caller.post(address, json={"token": first, **said}), 404, "invitation_link_over")
    wrong = {**said, "totp_code": Telephone("A" * 32).code()}
    refused(await caller.post(address, json={"token": link, **wrong}), 401, "proof_refused")
    assert (await caller.post(address, json={"token": link, **said})).status_code == 200
    assert PASSWORD != NEW_PASSWORD


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((*NEW, "--diploma", "inconnu"), "--diploma est pour un intervenant social, parmi"),
        ((*NEW[:3], "dpo", *NEW[4:], "--secrecy-basis", "x"), "--secrecy-basis est pour un intervenant social"),
        ((*NEW[:-1], "pas une adresse"), "Adresse non valable"),
        (
            ("accounts", "invite", "personne@exemple.test", "--purpose", "welcome"),
            "Aucun compte ne porte cette adresse",
        ),
        (("accounts", "invite", "worker@exemple.test", "--purpose", "tout"), "Motif inconnu"),
        (("accounts", "suspend", "personne@exemple.test"), "Aucun compte ne porte cette adresse"),
    ],
)
async def test_what_an_operator_cannot_do_is_told_in_one_sentence_and_leaves_nothing(
    house: House, superuser: asyncpg.Connection, words: tuple[str, ...], sentence: str
) -> None:
    done = await relais(house, *words)
    assert done.returncode == 1 and sentence in done.stderr and "Traceback" not in done.stderr
    assert await superuser.fetchval("select count(*) from accounts.invitation") == 0
    assert await acts(superuser) == []


async def test_an_operator_has_someone_awaited_at_her_institution(house: House, superuser: asyncpg.Connection) -> None:
    asked = ("accounts", "federate", "worker@exemple.test", "--provider", "https://institution.exemple.test")

    done = await relais(house, *asked, "--siret", "13002526500013")

    assert done.returncode == 0, done.stderr
    kept = await superuser.fetchrow(
        "select issuer, email, siret, subject, approved_at from accounts.federated_identity"
    )
    assert tuple(kept)[:4] == ("https://institution.exemple.test", "worker@exemple.test", "13002526500013", None)
    assert kept["approved_at"] is not None
    assert await acts(superuser) == ["federated_identity:add"]
    again = await relais(house, *asked)
    assert (again.returncode, again.stdout) == (1, "")
    assert "déjà attendu" in again.stderr


async def test_an_operator_gives_software_the_keys_it_signs_with(
    house: House, superuser: asyncpg.Connection, tmp_path: Path
) -> None:
    added = await relais(
        house,
        "clients",
        "add",
        "--name",
        "Logiciel",
        "--partner",
        str(house.ids["ccas"]),
        "--scope",
        "orientation:read",
    )
    client_id = added.stdout.splitlines()[0].removeprefix("Identifiant : ")
    keys = tmp_path / "jwks.json"
    keys.write_text(jwks(new_signing_key()), encoding="utf-8")

    done = await relais(house, "clients", "keys", client_id, str(keys))

    assert done.returncode == 0, done.stderr
    kept = await superuser.fetchval("select client_keys from accounts.account where client_id = $1", client_id)
    assert json.loads(kept) == json.loads(keys.read_text(encoding="utf-8"))
    assert (await acts(superuser))[-1] == "client:change"
    keys.write_text('{"keys": []}', encoding="utf-8")
    assert (await relais(house, "clients", "keys", client_id, str(keys))).returncode == 1
