"""Invitations accepted: entering, and replacing what is lost without going round what is not."""

import asyncio
import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jose import jwk
from structlog.testing import capture_logs

from app.access.tokens import new_signing_key, public_jwk
from app.models.columns import new_id
from tests.house_for_tests import House
from tests.routers.asking import faults, refused
from tests.strong import (
    NEW_PASSWORD,
    PASSWORD,
    Telephone,
    enrolled,
    forget_attempts,
    give_recovery_code,
    invited,
    prove,
    sign_in,
    traces,
)


async def opened(caller: httpx.AsyncClient, link: str) -> dict[str, Any]:
    """What the link shows."""
    answer = await caller.post("/v1/auth/invitations/open", json={"token": link})
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return answer.json()


async def accept(caller: httpx.AsyncClient, link: str, **said: Any) -> httpx.Response:
    """Accept."""
    return await caller.post("/v1/auth/invitations/accept", json={"token": link, **said})


async def works(house: House, tokens: dict[str, Any]) -> bool:
    """Does the token still open the door?"""
    return (await house.caller(tokens["access_token"]).get("/v1/me")).status_code == 200


@pytest.mark.parametrize("purpose", ["welcome", "renewal"])
async def test_a_guest_enters_with_the_link_and_the_code_of_another_person(
    house: House, superuser: asyncpg.Connection, purpose: str
) -> None:
    caller = house.caller()
    link, code = await invited(superuser, house.ids["worker"], purpose)
    shown = await opened(caller, link)
    assert (shown["purpose"], shown["email"]) == (purpose, "worker@exemple.test")
    assert shown["secret"] in shown["otpauth_uri"] and "issuer=Relais" in shown["otpauth_uri"]
    assert (await opened(caller, link))["secret"] == shown["secret"]

    said = {"password": NEW_PASSWORD, "totp_code": Telephone(shown["secret"]).code()}
    accepted = await accept(caller, link, approval_code=code.lower().replace("-", ""), client_id="mobile", **said)

    assert accepted.status_code == 200, accepted.text
    assert accepted.headers["cache-control"] == "no-store"
    codes = accepted.json()["recovery_codes"]
    assert len(set(codes)) == 10 and accepted.json()["software"] is None
    assert await works(house, accepted.json()["tokens"])
    assert [act for act, _ in await traces(superuser)] == ["invitation", "invitation", "enrol", "accept", "open"]

    # Again with what has just been chosen; the code of the enrolment has served.
    challenge = (await sign_in(caller, NEW_PASSWORD)).json()["challenge"]
    refused(await prove(caller, challenge, said["totp_code"]), 401, "wrong_credentials")
    assert (await prove(caller, challenge, codes[3])).status_code == 200
    refused(await accept(caller, link, approval_code=code, **said), 404, "invitation_link_over")


async def test_a_link_alone_or_a_code_alone_opens_nothing(house: House, superuser: asyncpg.Connection) -> None:
    caller = house.caller()
    link, code = await invited(superuser, house.ids["worker"], "welcome")
    unapproved, _ = await invited(superuser, house.ids["colleague"], "welcome", approved=False)
    _, other_code = await invited(superuser, house.ids["officer"], "welcome")
    shown, unapproved_shown = await opened(caller, link), await opened(caller, unapproved)
    proof = {"password": NEW_PASSWORD, "totp_code": Telephone(shown["secret"]).code()}
    for wrong in (None, other_code, code[:-1], link):
        refused(await accept(caller, link, approval_code=wrong, **proof), 401, "proof_refused")
        await forget_attempts(superuser)
    proof["totp_code"] = Telephone(unapproved_shown["secret"]).code()
    refused(await accept(caller, unapproved, approval_code=code, **proof), 401, "proof_refused")
    refused(await accept(caller, code, approval_code=code, **proof), 404, "invitation_link_over")
    assert await superuser.fetchval("select count(*) from accounts.credential") == 0
    assert await superuser.fetchval("select count(*) from accounts.session") == 0


@pytest.mark.parametrize("purpose", ["welcome", "renewal", "password", "second_factor"])
async def test_a_link_that_is_over_is_as_one_that_never_was(
    house: House, superuser: asyncpg.Connection, purpose: str
) -> None:
    await enrolled(house, superuser)
    past = datetime.now(UTC) - timedelta(hours=1)
    ways = {"used_at": past, "revoked_at": past, "expires_at": past}
    links = [
        await invited(superuser, house.ids["worker"], purpose, proposed_at=past - timedelta(days=2), **{name: moment})
        for name, moment in ways.items()
    ]
    for change in ("ended_at = now()", "suspended_at = now()", "approved_at = null"):
        links.append(await invited(superuser, house.ids["colleague"], purpose))
        await superuser.execute(f"update accounts.account set {change} where id = $1", house.ids["colleague"])
    links.append(("x", "y"))
    caller, answers = house.caller(), []
    for link, code in links:
        await forget_attempts(superuser)
        answers.append(await caller.post("/v1/auth/invitations/open", json={"token": link}))
        said = {"approval_code": code, "password": PASSWORD, "totp_code": "123456"}
        answers.append(await accept(caller, link, **said))
    for answer in answers:
        refused(answer, 404, "invitation_link_over")
    assert len({json.dumps({**answer.json(), "instance": ""}) for answer in answers}) == 1


async def test_a_lost_password_takes_the_second_factor_that_remains(
    house: House, superuser: asyncpg.Connection
) -> None:
    caller, telephone = house.caller(), await enrolled(house, superuser)
    before, elsewhere = await house.session_of("worker"), await house.session_of("colleague")
    recovery = await give_recovery_code(superuser, house.ids["worker"])
    link, _ = await invited(superuser, house.ids["worker"], "password", approved=False)
    shown = await opened(caller, link)
    assert (shown["secret"], shown["otpauth_uri"]) == (None, None)

    wrong = await accept(caller, link, password=NEW_PASSWORD, totp_code=telephone.code(5))
    refused(wrong, 401, "proof_refused")
    assert await works(house, before)
    refused(await sign_in(caller, NEW_PASSWORD), 401, "wrong_credentials")

    right = await accept(caller, link, password=NEW_PASSWORD, totp_code=telephone.code())
    assert right.status_code == 200 and right.json()["recovery_codes"] is None
    assert not await works(house, before) and await works(house, elsewhere)
    assert await works(house, right.json()["tokens"])
    reasons = await superuser.fetch("select revoked_because from accounts.session where revoked_at is not null")
    assert [row["revoked_because"] for row in reasons] == ["password_changed"]
    refused(await sign_in(caller, PASSWORD), 401, "wrong_credentials")
    challenge = (await sign_in(caller, NEW_PASSWORD)).json()["challenge"]
    assert (await prove(caller, challenge, recovery)).status_code == 200  # the factor is the same


async def test_a_lost_second_factor_takes_the_password_that_remains(
    house: House, superuser: asyncpg.Connection
) -> None:
    caller, telephone = house.caller(), await enrolled(house, superuser)
    before, recovery = await house.session_of("worker"), await give_recovery_code(superuser, house.ids["worker"])
    link, _ = await invited(superuser, house.ids["worker"], "second_factor", approved=False)
    new = Telephone((await opened(caller, link))["secret"])

    refused(await accept(caller, link, password=NEW_PASSWORD, totp_code=new.code()), 401, "proof_refused")
    refused(await accept(caller, link, password=PASSWORD, totp_code=telephone.code()), 401, "proof_refused")
    assert await works(house, before)
    assert await superuser.fetchval("select count(*) from accounts.second_factor where ended_at is null") == 1

    right = await accept(caller, link, password=PASSWORD, totp_code=new.code())
    assert right.status_code == 200 and len(right.json()["recovery_codes"]) == 10
    assert not await works(house, before)
    challenge = (await sign_in(caller)).json()["challenge"]
    for former in (telephone.code(), recovery):
        refused(await prove(caller, challenge, former), 401, "wrong_credentials")
    assert (await prove(caller, challenge, new.code(1))).status_code == 200


@pytest.mark.parametrize("purpose", ["password", "second_factor"])
async def test_whoever_has_lost_both_does_not_come_back_by_an_invitation_for_one(
    house: House, superuser: asyncpg.Connection, purpose: str
) -> None:
    link, code = await invited(superuser, house.ids["worker"], purpose)
    caller = house.caller()
    secret = (await opened(caller, link))["secret"]
    totp_code = Telephone(secret).code() if secret else "123456"
    said = {"approval_code": code, "password": NEW_PASSWORD, "totp_code": totp_code}
    refused(await accept(caller, link, **said), 401, "proof_refused")
    assert await superuser.fetchval("select count(*) from accounts.session") == 0


async def test_a_renewal_replaces_both_and_withdraws_the_other_links(
    house: House, superuser: asyncpg.Connection
) -> None:
    caller, telephone = house.caller(), await enrolled(house, superuser)
    other, _ = await invited(superuser, house.ids["worker"], "password")
    link, code = await invited(superuser, house.ids["worker"], "renewal")
    new = Telephone((await opened(caller, link))["secret"])
    said = {"approval_code": code, "password": NEW_PASSWORD, "totp_code": new.code()}
    assert (await accept(caller, link, **said)).status_code == 200
    refused(await sign_in(caller, PASSWORD), 401, "wrong_credentials")
    challenge = (await sign_in(caller, NEW_PASSWORD)).json()["challenge"]
    refused(await prove(caller, challenge, telephone.code()), 401, "wrong_credentials")
    refused(await accept(caller, other, password=PASSWORD, totp_code=new.code(1)), 404, "invitation_link_over")


async def test_an_invitation_accepted_eight_times_at_once_serves_once(
    house: House, superuser: asyncpg.Connection
) -> None:
    caller = house.caller()
    for _ in range(3):
        await forget_attempts(superuser)
        link, code = await invited(superuser, house.ids["worker"], "welcome")
        said = {"password": NEW_PASSWORD, "totp_code": Telephone((await opened(caller, link))["secret"]).code()}
        answers = await asyncio.gather(*(accept(caller, link, approval_code=code, **said) for _ in range(8)))
        statuses = [answer.status_code for answer in answers]
        assert statuses.count(200) == 1 and set(statuses) <= {200, 404, 429}, statuses
        assert await superuser.fetchval("select count(*) from accounts.second_factor where ended_at is null") == 1


@pytest.mark.parametrize(
    ("said", "place", "code"),
    [({"password": "worker exemple"}, "/password", "password_easy_to_guess"),
     ({"password": "vQ8!kd02mWpzT"}, "/password", "password_too_short"), ({"password": None}, "/password", "missing"),
     ({"totp_code": None}, "/totp_code", "missing"), ({"totp_code": "12345"}, "/totp_code", "text_form"),
     ({"client_keys": {"keys": []}}, "/client_keys/keys", "list_too_short"),
     ({"role": "dpo"}, "/role", "unknown_member")],
)  # fmt: skip
async def test_what_cannot_be_accepted_is_told_without_being_repeated_and_the_link_stays_good(
    house: House, superuser: asyncpg.Connection, said: dict[str, Any], place: str, code: str
) -> None:
    caller = house.caller()
    link, approval = await invited(superuser, house.ids["worker"], "welcome")
    good = {"approval_code": approval, "password": NEW_PASSWORD}
    good["totp_code"] = Telephone((await opened(caller, link))["secret"]).code()
    answer = await accept(caller, link, **{**good, **said})
    assert answer.status_code == 422
    assert list(faults(answer)) == [place], answer.text
    assert code in (faults(answer)[place], *("list_too_short", "unknown_member"))
    assert not [word for word in (link, approval, *map(str, said.values())) if word in answer.text and word != "None"]
    assert (await accept(caller, link, **good)).status_code == 200


async def test_a_pending_secret_moved_to_another_invitation_does_not_open(
    house: House, superuser: asyncpg.Connection
) -> None:
    caller = house.caller()
    mine, _ = await invited(superuser, house.ids["worker"], "welcome")
    await opened(caller, mine)
    other, _ = await invited(superuser, house.ids["colleague"], "welcome")
    await superuser.execute(
        "update accounts.invitation set sealed = (select sealed from accounts.invitation where account_id = $1)"
        " where account_id = $2",
        house.ids["worker"],
        house.ids["colleague"],
    )
    answer = await caller.post("/v1/auth/invitations/open", json={"token": other})
    refused(answer, 500, "second_factor_cannot_be_read")


async def test_links_codes_and_secrets_are_nowhere_in_clear(house: House, superuser: asyncpg.Connection) -> None:
    caller = house.caller()
    link, code = await invited(superuser, house.ids["worker"], "welcome")
    with capture_logs() as logs:
        secret = (await opened(caller, link))["secret"]
        said = {"approval_code": code, "password": NEW_PASSWORD, "totp_code": Telephone(secret).code()}
        await accept(caller, link, **{**said, "approval_code": "faux"})
        accepted = (await accept(caller, link, **said)).json()
    kept = str(logs)
    for table in ("accounts.invitation", "accounts.second_factor", "accounts.recovery_code", "accounts.credential",
                  "audit.trace"):  # fmt: skip
        kept += await superuser.fetchval(f"select coalesce(string_agg(t::text, ' '), '') from {table} t")
    raw = base64.b32decode(secret).hex()
    for word in (link, code, secret, raw, NEW_PASSWORD, *accepted["recovery_codes"], "exemple.test"):
        assert word not in kept


async def test_ten_recovery_codes_are_told_once_and_kept_as_digests(
    house: House, superuser: asyncpg.Connection
) -> None:
    link, code = await invited(superuser, house.ids["observatory"], "welcome")
    caller = house.caller()
    opened = (await caller.post("/v1/auth/invitations/open", json={"token": link})).json()
    said = {"password": PASSWORD, "totp_code": Telephone(opened["secret"]).code()}
    told = (await accept(caller, link, approval_code=code, **said)).json()["recovery_codes"]

    kept = {row["code_hash"] for row in await superuser.fetch("select code_hash from accounts.recovery_code")}
    assert len(set(told)) == 10
    assert kept == {hashlib.sha256(each.replace("-", "").encode()).digest() for each in told}


# ------------------------------------------------------------------------------------------------- software


async def software(superuser: asyncpg.Connection, house: House) -> tuple[Any, str]:
    """Software of the CCAS, registered, that has nothing to prove itself with yet."""
    account_id, client_id = new_id(), "client-abcdefghijklmnop"
    await superuser.execute(
        "insert into accounts.account (id, name, role, created_at, approved_at, client_id, client_scopes)"
        " values ($1, 'Logiciel', 'partner', now(), now(), $2, '{orientation:read}')",
        account_id, client_id,
    )  # fmt: skip
    await superuser.execute(
        "insert into accounts.posting (id, account_id, partner_id, starts_on, approved_at)"
        " values ($1, $2, $3, access.today(), now())",
        new_id(), account_id, house.ids["ccas"],
    )  # fmt: skip
    return account_id, client_id


async def test_software_without_keys_is_given_a_secret_told_once(house: House, superuser: asyncpg.Connection) -> None:
    account_id, client_id = await software(superuser, house)
    link, code = await invited(superuser, account_id, "welcome")
    caller = house.caller()
    shown = await opened(caller, link)
    assert shown == {"purpose": "welcome", "email": None, "secret": None, "otpauth_uri": None}
    refused(await accept(caller, link), 401, "proof_refused")
    accepted = (await accept(caller, link, approval_code=code)).json()
    assert accepted["tokens"] is None and accepted["recovery_codes"] is None
    assert accepted["software"]["client_id"] == client_id
    form = {"grant_type": "client_credentials"}
    let_in = await caller.post("/v1/auth/token", data=form, auth=(client_id, accepted["software"]["client_secret"]))
    assert let_in.status_code == 200


def rsa_jwk(bits: int) -> dict[str, Any]:
    """The public key of an RSA pair."""
    numbers = rsa.generate_private_key(65537, bits).public_key().public_numbers()
    return {"kty": "RSA", "n": _b64(numbers.n), "e": "AQAB"}


def _b64(number: int) -> str:
    octets = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


async def test_software_that_shows_its_public_keys_has_no_secret_any_more(
    house: House, superuser: asyncpg.Connection
) -> None:
    account_id, client_id = await software(superuser, house)
    caller = house.caller()
    link, code = await invited(superuser, account_id, "welcome")
    secret = (await accept(caller, link, approval_code=code)).json()["software"]["client_secret"]

    link, code = await invited(superuser, account_id, "renewal")
    keys = {"keys": [public_jwk(new_signing_key()), {**rsa_jwk(2048), "kid": "b", "alg": "RS256", "use": "sig"}]}
    accepted = await accept(caller, link, approval_code=code, client_keys=keys)
    assert accepted.status_code == 200, accepted.text
    assert accepted.json()["software"] == {"client_id": client_id, "client_secret": None}
    kept = json.loads(await superuser.fetchval("select client_keys from accounts.account where id = $1", account_id))
    assert kept == keys
    answer = await caller.post("/v1/auth/token", data={"grant_type": "client_credentials"}, auth=(client_id, secret))
    refused(answer, 401, "invalid_client")


def _refused_keys() -> dict[str, Any]:
    good = public_jwk(new_signing_key())
    private = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    other = ec.generate_private_key(ec.SECP384R1()).public_key().public_numbers()
    return {
        "a private member": [{**good, "d": _b64(private)}],
        "another curve": [{"kty": "EC", "crv": "P-384", "x": _b64(other.x), "y": _b64(other.y)}],
        "not on the curve": [{**good, "x": good["y"], "y": good["x"]}],
        "too short": [rsa_jwk(1024)],
        "a symmetric key": [{"kty": "oct", "k": "AQAB"}],
        "a weak exponent": [{**rsa_jwk(2048), "e": "AQ"}],
        "members of both": [{**good, "n": "AQAB"}],
        "an algorithm of another kind": [{**good, "alg": "RS256"}],
        "the same name twice": [good, good],
        "no name among several": [good, {k: v for k, v in public_jwk(new_signing_key()).items() if k != "kid"}],
        "no key": [],
        "six keys": [public_jwk(new_signing_key()) for _ in range(6)],
        "not a coordinate": [{**good, "x": "é"}],
        "nothing": [{}],
    }


@pytest.mark.parametrize("kind", list(_refused_keys()))
async def test_a_key_that_is_not_public_and_strong_is_refused(
    house: House, superuser: asyncpg.Connection, kind: str
) -> None:
    account_id, _ = await software(superuser, house)
    link, code = await invited(superuser, account_id, "welcome")
    keys = _refused_keys()[kind]
    answer = await accept(house.caller(), link, approval_code=code, client_keys={"keys": keys})
    assert answer.status_code == 422, answer.text
    assert not [each for each in keys if "d" in each and each["d"] in answer.text]
    assert await superuser.fetchval("select client_keys from accounts.account where id = $1", account_id) is None


async def test_the_keys_of_this_file_are_read_alike_by_another_library() -> None:
    assert jwk.construct({**rsa_jwk(2048), "alg": "RS256"}, "RS256").public_key() is not None
