"""How to call the routes of accounts: proposed by one administrator, approved by the other; and one's own proofs.

Every account here is a fresh one, that the coordinator asks for her employer: both administrators may decide of it.
"""

from __future__ import annotations

import itertools
from typing import Any

from app.services.institutions import challenge_of
from tests.access.calling import Way, way
from tests.access.walking import EMAIL, PASSWORD, Ground
from tests.house_for_tests import PEOPLE
from tests.strong import NEW_PASSWORD, Telephone, forget_attempts, give_factor, give_password, key_of

A, P, I, C = "/v1/accounts", "/v1/postings", "/v1/invitations", "/v1/clients"  # noqa: E741 — as in ``ways.py``
ONE_A, ONE_P, ONE_I, ONE_C = (
    f"{A}/{{account_id}}",
    f"{P}/{{posting_id}}",
    f"{I}/{{invitation_id}}",
    f"{C}/{{client_id}}",
)
ONE_F = f"{ONE_A}/institutions/{{identity_id}}"
AUTH = "/v1/auth"
WELCOME = {"purpose": "welcome"}
ISSUER = {"issuer": "https://identite.exemple.test"}
FIRST, SECOND = "administrator", "other_administrator"
# Who proposed is not who approves.
BY_THE_OTHER = {FIRST: 409}
HERS_ALONE = "worker"
_addresses = (f"nouvelle.{number}@exemple.test" for number in itertools.count())


def _asked() -> dict[str, str]:
    return {"email": next(_addresses), "name": "Nadia Beauvoir"}


async def _account_draft(_: Ground) -> Any:
    return _asked() | {"role": "partner"}


async def _requested_draft(_: Ground) -> Any:
    return _asked()


async def account(ground: Ground, *acts: str) -> str:
    """An account that the coordinator has asked for; an administrator's acts follow."""
    path = f"{A}/{(await ground.made(A, _asked(), by='coordinator'))['id']}"
    for act in acts:
        answer = await (await ground.house(FIRST)).post(f"{path}/{act}")
        assert answer.status_code == 200, answer.text
    return path


async def _opened(ground: Ground) -> str:
    return await account(ground, "approve")


async def _suspended(ground: Ground) -> str:
    return await account(ground, "approve", "suspend")


async def _posting_draft(ground: Ground) -> Any:
    of = (await _opened(ground)).rpartition("/")[2]
    return {"account_id": of, "post_id": str(ground.house.ids["other_post"]), "starts_on": "2026-01-01"}


async def _posting(ground: Ground) -> str:
    return f"{P}/{(await ground.made(P, await _posting_draft(ground), by=FIRST))['id']}"


async def _invited(ground: Ground) -> dict[str, Any]:
    return await ground.made(f"{await _opened(ground)}/invitations", WELCOME, by=FIRST)


async def _invitation(ground: Ground) -> str:
    return f"{I}/{(await _invited(ground))['id']}"


async def _awaited(ground: Ground) -> str:
    path = f"{await _opened(ground)}/institutions"
    return f"{path}/{(await ground.made(path, ISSUER, by=FIRST))['id']}"


async def _client_draft(ground: Ground) -> Any:
    return {"name": "Logiciel", "partner_id": str(ground.house.ids["ccas"]), "scopes": ["orientation:read"]}


async def _client(ground: Ground) -> str:
    return f"{C}/{(await ground.made(C, await _client_draft(ground), by=FIRST))['id']}"


async def _telephone(ground: Ground) -> Telephone:
    """The worker has her password and a telephone, neither of which has served yet; nobody waits for having failed."""
    superuser, worker = ground.superuser, ground.house.ids[HERS_ALONE]
    await forget_attempts(superuser)
    await superuser.execute("update accounts.second_factor set ended_at = now() where account_id = $1", worker)
    await give_password(superuser, worker, PASSWORD)
    return await give_factor(superuser, worker, key_of(ground.house))


async def _signing_in(ground: Ground) -> Any:
    await _telephone(ground)
    return {"email": EMAIL, "password": PASSWORD}


async def _challenged(ground: Ground) -> Any:
    telephone = await _telephone(ground)
    first = await ground.house.caller().post(f"{AUTH}/login", json={"email": EMAIL, "password": PASSWORD})
    assert first.status_code == 200, first.text
    return {"challenge": first.json()["challenge"], "code": telephone.code()}


async def _code(ground: Ground) -> Any:
    return {"code": (await _telephone(ground)).code()}


async def _new_password(ground: Ground) -> Any:
    return {"password": PASSWORD, "code": (await _telephone(ground)).code(), "new_password": NEW_PASSWORD}


async def _announced(ground: Ground) -> Any:
    code = await _code(ground)
    said = await (await ground.house(HERS_ALONE)).post(f"{AUTH}/second-factor", json=code)
    assert said.status_code == 200, said.text
    await forget_attempts(ground.superuser)
    return {"ticket": said.json()["ticket"], "code": Telephone(said.json()["secret"]).code()}


async def _link(ground: Ground) -> Any:
    await forget_attempts(ground.superuser)
    return {"token": (await _invited(ground))["link"]}


async def _accepted(ground: Ground) -> Any:
    made = await _invited(ground)
    approved = await (await ground.house(SECOND)).post(f"{I}/{made['id']}/approve")
    assert approved.status_code == 200, approved.text
    await forget_attempts(ground.superuser)
    opened = await ground.house.caller().post(f"{AUTH}/invitations/open", json={"token": made["link"]})
    assert opened.status_code == 200, opened.text
    said = {"token": made["link"], "approval_code": approved.json()["code"], "password": NEW_PASSWORD}
    return said | {"totp_code": Telephone(opened.json()["secret"]).code()}


async def _other_session(ground: Ground) -> str:
    token = (await ground.house.session_of(HERS_ALONE))["access_token"]
    return f"/v1/me/sessions/{ground.house.app.state.verifier.actor(token).session_id}"


def _her_own(path: str, json: Any, status: int = 200, *, without: int = 401) -> Way:
    """A proof of the worker's own; ``without`` is what others are answered, who say it in their own sessions."""
    others = dict.fromkeys(set(PEOPLE) - {HERS_ALONE}, without)
    return way(None, status=status, tail=f"{AUTH}{path}", json=json, others=others, signed_in=True)


def _act(scope: str, path: Any, tail: str, **said: Any) -> Way:
    return way(scope, path, tail=f"/{tail}", **said)


START = (
    f"{AUTH}/oidc/start?provider=inconnu&client_id=app&redirect_uri=https%3A%2F%2Fapp.test"
    f"&code_challenge={challenge_of('x')}&code_challenge_method=S256&state=x"
)
# By what the software of a partner is registered, besides its account: the column of its name.
SOFTWARE = way("account:add", status=201, tail=C, json=_client_draft, column="client_id")

WAYS_OF_IDENTITY: dict[str, Way] = {
    f"GET {A}": way("account:read", tail=A),
    f"POST {A}": way(
        "account:add", status=201, tail=A, json=_account_draft,
        by_role={"coordinator": way("account:add", tail=A, json=_requested_draft)},
    ),
    f"GET {ONE_A}": way("account:read", account),
    f"PATCH {ONE_A}": way("account:change", account, seen=True, watched_by=FIRST, json={"name": "Nadia"}),
    f"POST {ONE_A}/approve": _act("account:change", account, "approve"),
    f"POST {ONE_A}/suspend": _act("account:change", _opened, "suspend"),
    f"POST {ONE_A}/resume": _act("account:change", _suspended, "resume"),
    f"POST {ONE_A}/end": _act("account:change", _opened, "end"),
    f"GET {ONE_A}/institutions": _act("federated_identity:read", account, "institutions"),
    f"POST {ONE_A}/institutions": _act("federated_identity:add", _opened, "institutions", status=201, json=ISSUER),
    f"POST {ONE_F}/approve": _act("federated_identity:change", _awaited, "approve", others=BY_THE_OTHER),
    f"POST {ONE_F}/end": _act("federated_identity:change", _awaited, "end"),
    f"GET {ONE_A}/invitations": _act("invitation:read", account, "invitations"),
    f"POST {ONE_A}/invitations": _act("invitation:add", _opened, "invitations", status=201, json=WELCOME),
    f"POST {ONE_I}/approve": _act("invitation:change", _invitation, "approve", others=BY_THE_OTHER),
    f"POST {ONE_I}/revoke": _act("invitation:change", _invitation, "revoke"),
    f"GET {P}": way("posting:read", tail=P),
    f"POST {P}": way("posting:add", status=201, tail=P, json=_posting_draft),
    f"GET {ONE_P}": way("posting:read", _posting),
    f"POST {ONE_P}/approve": _act("posting:change", _posting, "approve", others=BY_THE_OTHER),
    f"POST {ONE_P}/end": _act("posting:change", _posting, "end"),
    f"GET {C}": way("posting:read", tail=C),
    f"POST {C}": SOFTWARE,
    f"GET {ONE_C}": way("posting:read", _client),
    f"POST {ONE_C}/approve": _act("account:change", _client, "approve", others=BY_THE_OTHER),
    f"POST {ONE_C}/end": _act("account:change", _client, "end"),
    "GET /v1/audit/verification": way("trace:read", tail="/v1/audit/verification"),
    "GET /v1/audit/summary": way("trace:read", tail="/v1/audit/summary"),
    "GET /v1/me/sessions": way("my_session:read", tail="/v1/me/sessions"),
    "DELETE /v1/me/sessions/{session_id}": way(
        "my_session:change", _other_session, 204, others=dict.fromkeys(set(PEOPLE) - {HERS_ALONE}, 404)
    ),
    f"POST {AUTH}/login": way(None, tail=f"{AUTH}/login", json=_signing_in),
    f"POST {AUTH}/mfa": way(None, tail=f"{AUTH}/mfa", json=_challenged),
    f"POST {AUTH}/invitations/open": way(None, tail=f"{AUTH}/invitations/open", json=_link),
    f"POST {AUTH}/invitations/accept": way(None, tail=f"{AUTH}/invitations/accept", json=_accepted),
    f"POST {AUTH}/step-up": _her_own("/step-up", _code),
    f"POST {AUTH}/password": _her_own("/password", _new_password, 204, without=403),
    f"POST {AUTH}/second-factor": _her_own("/second-factor", _code),
    f"POST {AUTH}/second-factor/confirm": _her_own("/second-factor/confirm", _announced),
    # No institution is known here (those that are: tests/identity): whoever asks is told so, and nothing comes back.
    f"GET {AUTH}/oidc/providers": way(None, tail=f"{AUTH}/oidc/providers"),
    f"GET {AUTH}/oidc/start": way(None, status=422, tail=START),
    f"GET {AUTH}/oidc/callback": way(None, status=401, tail=f"{AUTH}/oidc/callback?state=x&code=y"),
}  # fmt: skip
