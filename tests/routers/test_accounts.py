"""Accounts: two persons open them, one closes them, and a role is for life."""

import asyncio
from typing import Any

import asyncpg
import pytest

from app.services.fiction import DOMAIN, LOADED
from tests.house_for_tests import ONE_OF_EACH_ROLE, House
from tests.routers.administering import SOMEONE, caller_for, grow_old, opened, posted, proposed
from tests.routers.asking import MERGE, UNKNOWN, faults, patch, refused

ELSEWHERE, NOT_RECEIVING, ENDS_FIRST = (
    "place_not_of_this_role", "receiving_partner_expected", "posting_ends_before_it_starts",
)  # fmt: skip
ACTS = ("approve", "suspend", "resume", "end")


async def act(house: House, account_id: Any, verb: str, by: str = "other_administrator") -> Any:
    """One act on an account."""
    return await (await house(by)).post(f"/v1/accounts/{account_id}/{verb}")


async def test_one_administrator_proposes_another_approves_and_the_person_works(house: House) -> None:
    account = await proposed(
        house,
        diploma="ass",
        secrecy_basis="by_profession",
        employer_id=str(house.ids["employer"]),
        postings=[{"post_id": str(house.ids["shared_post"]), "starts_on": "2026-01-01"}],
    )
    assert account["email"] == SOMEONE["email"].lower()
    assert (account["state"], account["proposed_by"]) == ("proposed", str(house.ids["administrator"]))
    refused(await (await caller_for(house, account)).get("/v1/me"), 401, "session_ended")

    approved = await act(house, account["id"], "approve")
    assert approved.status_code == 200, approved.text
    said = approved.json()
    assert (said["state"], said["approved_by"]) == ("active", str(house.ids["other_administrator"]))
    newcomer = await caller_for(house, account)
    assert (await newcomer.get("/v1/me")).json()["post_ids"] == [str(house.ids["shared_post"])]
    situation = await house.situation()
    assert (await newcomer.get(f"/v1/situations/{situation['id']}")).status_code == 200


async def test_who_proposes_does_not_approve_and_an_approval_is_given_once(house: House) -> None:
    account = await proposed(house)
    refused(await act(house, account["id"], "approve", "administrator"), 409, "approval_by_another_person")
    assert (await act(house, account["id"], "approve")).status_code == 200
    for who in ("administrator", "other_administrator"):
        refused(await act(house, account["id"], "approve", who), 409, "approval_by_another_person")


async def test_an_approval_takes_along_what_awaits_but_for_what_the_approver_proposed(house: House) -> None:
    account = await proposed(house, postings=[{"post_id": str(house.ids["shared_post"]), "starts_on": "2026-01-01"}])
    hers = await posted(house, account["id"], by="other_administrator", post_id=str(house.ids["other_post"]))
    await act(house, account["id"], "approve")
    admin = await house("administrator")
    postings = (await admin.get(f"/v1/postings?account_id={account['id']}")).json()["items"]
    approved = {each["post_id"]: each["approved_at"] is not None for each in postings}
    assert approved == {str(house.ids["shared_post"]): True, str(house.ids["other_post"]): False}
    assert (await admin.post(f"/v1/postings/{hers['id']}/approve")).status_code == 200


async def test_the_institution_of_a_newcomer_is_approved_with_the_account(house: House) -> None:
    institution = {"issuer": "https://identite.exemple.test/api/v2", "siret": "13002526500013"}
    account = await proposed(house, institution=institution)
    address, admin = f"/v1/accounts/{account['id']}/institutions", await house("administrator")
    (awaited,) = (await admin.get(address)).json()["items"]
    assert awaited.items() >= {**institution, "email": account["email"], "approved_at": None, "bound_at": None}.items()
    await act(house, account["id"], "approve")
    (awaited,) = (await admin.get(address)).json()["items"]
    assert awaited["approved_by"] == str(house.ids["other_administrator"])
    second = {**SOMEONE, "email": "autre@exemple.test", "role": "dpo", "institution": {"issuer": "javascript:1"}}
    refused(await admin.post("/v1/accounts", json=second), 422, "invalid_request", "/institution/issuer")
    refused(await admin.get(f"/v1/accounts/{UNKNOWN}/institutions"), 404, "not_found")
    refused(await (await house("dpo")).get(address), 403, "forbidden")


@pytest.mark.parametrize(
    ("said", "place", "code"),
    [
        ({"role": "police_officer", "employer_id": "employer"}, "/employer_id", "employer_not_of_this_role"),
        ({"role": "coordinator"}, "/employer_id", "employer_of_coordinator_expected"),
        ({"role": "police_officer", "diploma": "ass"}, "/diploma", "not_of_this_role"),
        ({"role": "dpo", "secrecy_basis": "by_mission"}, "/secrecy_basis", "not_of_this_role"),
        ({"role": "police_officer", "postings": [{"post_id": "shared_post"}]}, "/postings/0/post_id", ELSEWHERE),
        ({"postings": [{"unit_id": "north"}]}, "/postings/0/unit_id", ELSEWHERE),
        ({"role": "administrator", "postings": [{"unit_id": "north"}]}, "/postings/0/unit_id", ELSEWHERE),
        ({"postings": [{"unit_id": "north", "post_id": "shared_post"}]}, "/postings/0", "one_place_expected"),
        ({"postings": [{}]}, "/postings/0", "one_place_expected"),
        ({"postings": [{"post_id": "shared_post", "ends_on": "2025-01-01"}]}, "/postings/0/ends_on", ENDS_FIRST),
        ({"role": "partner", "postings": [{"partner_id": "police"}]}, "/postings/0/partner_id", NOT_RECEIVING),
        ({"role": "king"}, "/role", "one_of_the_choices"),
        ({"approved_at": "2026-01-01T00:00:00Z"}, "/approved_at", "unknown_member"),
        ({"client_id": "moi"}, "/client_id", "unknown_member"),
        ({"email": "pas une adresse"}, "/email", "bad_email"),
    ],
)  # fmt: skip
async def test_an_account_says_only_what_its_role_may_have(
    house: House, superuser: asyncpg.Connection, said: dict[str, Any], place: str, code: str
) -> None:
    await superuser.execute(
        "insert into directory.partner (id, name, folded_name, partner_category, address_confidential, networks,"
        " source, departement_code, updated_on)"
        " values ($1, 'P', 'p', 'police_gendarmerie', false, '{}', 'relais', '28', now())",
        UNKNOWN,
    )
    ids = {**house.ids, "police": UNKNOWN}
    draft = {**SOMEONE, "role": "social_worker", **said}
    if "employer_id" in said:
        draft["employer_id"] = str(ids[said["employer_id"]])
    if "postings" in said:
        draft["postings"] = [
            {"starts_on": "2026-01-01", **{k: str(ids.get(v, v)) for k, v in each.items()}} for each in said["postings"]
        ]
    answer = await (await house("administrator")).post("/v1/accounts", json=draft)
    assert answer.status_code == 422, answer.text
    assert faults(answer) == {place: code}


async def test_an_account_names_places_that_exist_and_an_address_that_is_free(house: House) -> None:
    admin = await house("administrator")
    there = [{"post_id": UNKNOWN, "starts_on": "2026-01-01"}]
    draft = {**SOMEONE, "role": "social_worker"}
    refused(await admin.post("/v1/accounts", json={**draft, "postings": there}), 422, "post_unknown")
    refused(await admin.post("/v1/accounts", json={**draft, "employer_id": UNKNOWN}), 422, "employer_unknown")
    refused(
        await admin.post("/v1/accounts", json={**draft, "email": "worker@exemple.test"}), 409, "email_already_known"
    )
    listed = await admin.get("/v1/accounts?state=proposed")
    assert listed.json()["items"] == []


async def test_the_coordinator_asks_for_a_social_worker_of_her_employer_and_reads_her_accounts(
    house: House, superuser: asyncpg.Connection
) -> None:
    coordinator = await house("coordinator")
    asked = await coordinator.post("/v1/accounts", json={**SOMEONE, "diploma": "ass"})
    assert asked.status_code == 201, asked.text
    account = asked.json()
    assert (account["role"], account["employer_id"]) == ("social_worker", str(house.ids["employer"]))
    for more in ({"role": "administrator"}, {"employer_id": UNKNOWN}, {"postings": []}):
        refused(await coordinator.post("/v1/accounts", json={**SOMEONE, **more}), 422, "invalid_request")
    mine = {each["id"] for each in (await coordinator.get("/v1/accounts")).json()["items"]}
    assert mine == {account["id"], str(house.ids["coordinator"])}
    refused(await coordinator.get(f"/v1/accounts/{house.ids['worker']}"), 404, "not_found")
    for verb in ACTS:
        refused(await act(house, account["id"], verb, "coordinator"), 403, "forbidden")
    refused(await patch(coordinator, f"/v1/accounts/{account['id']}", {"name": "X"}), 403, "forbidden")
    assert (await act(house, account["id"], "approve", "administrator")).json()["state"] == "active"


async def test_nobody_else_reads_or_proposes_accounts(house: House) -> None:
    account = await proposed(house)
    address = f"/v1/accounts/{account['id']}"
    for role, who in ONE_OF_EACH_ROLE.items():
        client = await house(who)
        if role not in ("administrator", "coordinator", "dpo"):
            refused(await client.get("/v1/accounts"), 403, "forbidden")
            refused(await client.get(address), 403, "forbidden")
        if role not in ("administrator", "coordinator"):
            refused(await client.post("/v1/accounts", json={**SOMEONE, "role": "dpo"}), 403, "forbidden")
        if role != "administrator":
            for verb in ACTS:
                refused(await client.post(f"{address}/{verb}"), 403, "forbidden")
    assert (await (await house("dpo")).get(address)).json() == account


async def test_accounts_are_listed_newest_first_by_page_and_by_what_is_asked(house: House) -> None:
    made = [await proposed(house, email=f"n{rank}@exemple.test", role="dpo") for rank in range(3)]
    await act(house, made[0]["id"], "approve")
    await act(house, made[1]["id"], "end")
    admin = await house("administrator")
    first = (await admin.get("/v1/accounts?limit=2")).json()
    assert [each["id"] for each in first["items"]] == [made[2]["id"], made[1]["id"]]
    second = (await admin.get("/v1/accounts", params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert second["items"][0]["id"] == made[0]["id"]
    for state, ids in (("proposed", [made[2]["id"]]), ("ended", [made[1]["id"]]), ("suspended", [])):
        items = (await admin.get(f"/v1/accounts?state={state}&role=dpo")).json()["items"]
        assert [each["id"] for each in items] == ids
    of_employer = (await admin.get(f"/v1/accounts?employer_id={house.ids['employer']}")).json()["items"]
    assert [each["name"] for each in of_employer] == ["coordinator"]
    refused(await admin.get("/v1/accounts?rôle=dpo"), 422, "unknown_parameter")
    refused(await admin.get("/v1/accounts?state=asleep"), 422, "invalid_request", "state")


async def test_an_account_is_corrected_in_the_version_seen_and_its_role_never_changes(house: House) -> None:
    account = await opened(house, employer_id=str(house.ids["employer"]))
    admin, address = await house("administrator"), f"/v1/accounts/{account['id']}"
    corrected = await patch(admin, address, {"name": "Nadia B.", "employer_id": None, "diploma": "cesf"})
    assert corrected.json() == {**account, "name": "Nadia B.", "employer_id": None, "diploma": "cesf"}
    refused(await patch(admin, address, {"name": "Y"}, seen='"old"'), 412, "precondition_failed")
    refused(await patch(admin, address, {"role": "administrator"}), 422, "invalid_request", "/role")
    refused(await patch(admin, address, {"email": None}), 422, "invalid_request", "/email")
    refused(await patch(admin, address, {"email": "worker@exemple.test"}), 409, "email_already_known")
    unseen = await admin.patch(address, content='{"name": "Z"}', headers=MERGE)
    refused(unseen, 428, "precondition_required")


async def test_an_employer_that_opens_rows_is_never_changed_by_one_person(house: House) -> None:
    admin = await house("administrator")
    other = {"name": "Autre", "employer_type": "departement", "departement_code": "28"}
    other_id = (await admin.post("/v1/employers", json=other)).json()["id"]
    coordinator = f"/v1/accounts/{house.ids['coordinator']}"
    refused(await patch(admin, coordinator, {"employer_id": other_id}), 409, "employer_opens_access")
    refused(await patch(admin, coordinator, {"employer_id": None}), 422, "invalid_request", "/employer_id")
    committee = await opened(house, role="observatory", employer_id=other_id)
    refused(await patch(admin, f"/v1/accounts/{committee['id']}", {"employer_id": None}), 409, "employer_opens_access")


async def test_a_suspended_account_is_refused_at_its_next_request_and_signs_in_again_once_resumed(house: House) -> None:
    worker, account_id = await house("worker"), house.ids["worker"]
    assert (await worker.get("/v1/me")).status_code == 200
    assert (await act(house, account_id, "suspend")).json()["state"] == "suspended"
    refused(await worker.get("/v1/me"), 401, "session_ended")
    renewal = {"grant_type": "refresh_token", "refresh_token": house.tokens["worker"]["refresh_token"]}
    refused(await house.caller().post("/v1/auth/token", data=renewal), 401, "refresh_refused")
    refused(await act(house, account_id, "suspend"), 409, "account_already_suspended")
    assert (await act(house, account_id, "resume")).json()["state"] == "active"
    refused(await act(house, account_id, "resume"), 409, "account_not_suspended")
    refused(await worker.get("/v1/me"), 401, "session_ended")
    again = await house.session_of("worker")
    assert (await house.caller(again["access_token"]).get("/v1/me")).status_code == 200


async def test_an_ended_account_is_refused_at_its_next_request_and_stays_over(
    house: House, superuser: asyncpg.Connection
) -> None:
    worker, account_id = await house("worker"), house.ids["worker"]
    assert (await worker.get("/v1/me")).status_code == 200
    ended = await act(house, account_id, "end")
    assert (ended.status_code, ended.json()["state"]) == (200, "ended")
    refused(await worker.get("/v1/me"), 401, "session_ended")
    admin = await house("administrator")
    (posting,) = (await admin.get(f"/v1/postings?account_id={account_id}")).json()["items"]
    assert posting["ended_at"] is not None and posting["ends_on"] is not None
    for verb in ACTS:
        refused(await act(house, account_id, verb), 409, "account_over")
    refused(await patch(admin, f"/v1/accounts/{account_id}", {"name": "X"}), 409, "account_over")
    live = await superuser.fetchval(
        "select count(*) from accounts.session where account_id = $1 and revoked_at is null", account_id
    )
    assert live == 0


async def test_who_changes_trade_takes_another_account_at_the_same_address(house: House) -> None:
    first = await opened(house, role="police_officer")
    await act(house, first["id"], "end")
    second = await opened(house, role="social_worker")
    assert (second["email"], second["role"]) == (first["email"], "social_worker")


async def test_a_proposal_may_be_refused_by_ending_it(house: House) -> None:
    account = await proposed(house)
    assert (await act(house, account["id"], "end")).json()["state"] == "ended"
    refused(await act(house, account["id"], "approve"), 409, "account_over")


async def test_nobody_acts_on_her_own_account(house: House) -> None:
    for verb in ACTS:
        refused(await act(house, house.ids["administrator"], verb, "administrator"), 409, "own_account")


async def test_an_account_awaiting_approval_is_not_suspended_and_an_unknown_one_is_not_found(house: House) -> None:
    account = await proposed(house)
    refused(await act(house, account["id"], "suspend"), 409, "account_awaits_approval")
    for verb in ACTS:
        refused(await act(house, UNKNOWN, verb), 404, "not_found")


async def test_no_act_on_an_account_goes_with_an_old_proof(house: House, superuser: asyncpg.Connection) -> None:
    account = await proposed(house)
    admin, other = await house("administrator"), await house("other_administrator")
    address = f"/v1/accounts/{account['id']}"
    seen = (await admin.get(address)).headers["etag"]
    await grow_old(superuser)
    answers = [
        await admin.post("/v1/accounts", json={**SOMEONE, "email": "b@exemple.test", "role": "dpo"}),
        await patch(admin, address, {"name": "X"}, seen=seen),
        *[await other.post(f"{address}/{verb}") for verb in ACTS],
        await (await house("coordinator")).get("/v1/accounts"),
    ]
    assert answers.pop().status_code == 200
    for answer in answers:
        refused(answer, 401, "proof_too_old")
        assert 'error="insufficient_user_authentication", max_age="600"' in answer.headers["www-authenticate"]


async def test_every_act_leaves_its_trace_about_the_account(house: House, superuser: asyncpg.Connection) -> None:
    account = await proposed(house)
    await act(house, account["id"], "approve", "administrator")
    for verb in ACTS[:3]:
        await act(house, account["id"], verb)
    await act(house, UNKNOWN, "end")
    rows = await superuser.fetch(
        "select act, outcome, count(*) as times from audit.trace where subject_id = any($1) group by 1, 2",
        [account["id"], UNKNOWN],
    )
    assert {(row["act"], row["outcome"]): row["times"] for row in rows} == {
        ("account:add", "done"): 1, ("account:change", "done"): 3, ("account:change", "not_found"): 1,
    }  # fmt: skip


async def test_of_two_administrators_who_approve_at_once_one_wins(house: House) -> None:
    coordinator = await house("coordinator")
    for rank in range(20):
        draft = {"email": f"c{rank}@exemple.test", "name": "C"}
        account = (await coordinator.post("/v1/accounts", json=draft)).json()
        both = await asyncio.gather(
            *(act(house, account["id"], "approve", who) for who in ("administrator", "other_administrator"))
        )
        assert sorted(answer.status_code for answer in both) == [200, 409], [answer.text for answer in both]


async def test_an_end_and_an_approval_at_once_leave_the_account_ended(house: House) -> None:
    posting = [{"post_id": str(house.ids["shared_post"]), "starts_on": "2026-01-01"}]
    for rank in range(20):
        account = await proposed(house, email=f"e{rank}@exemple.test", postings=posting)
        approved, ended = await asyncio.gather(
            act(house, account["id"], "approve"), act(house, account["id"], "end", "administrator")
        )
        assert ended.status_code == 200, ended.text
        assert approved.status_code in (200, 409), approved.text
        admin = await house("administrator")
        assert (await admin.get(f"/v1/accounts/{account['id']}")).json()["state"] == "ended"
        (left,) = (await admin.get(f"/v1/postings?account_id={account['id']}")).json()["items"]
        assert left["ended_at"] is not None


async def test_invented_accounts_and_real_ones_never_share_a_database(
    house: House, superuser: asyncpg.Connection
) -> None:
    administrator = await house("administrator")
    real, invented = "vraie@exemple.test", f"fausse@{DOMAIN}"
    said = {"name": "Une Personne", "role": "dpo"}
    account = (await administrator.post("/v1/accounts", json={**said, "email": real})).json()
    at = f"/v1/accounts/{account['id']}"

    answer = await administrator.post("/v1/accounts", json={**said, "email": invented})
    assert faults(answer) == {"/email": "real_address_expected"}
    assert faults(await patch(administrator, at, {"email": invented})) == {"/email": "real_address_expected"}

    await superuser.execute(f"comment on database {house.database} is '{LOADED}'")
    answer = await administrator.post("/v1/accounts", json={**said, "email": "autre@exemple.test"})
    assert faults(answer) == {"/email": "invented_address_expected"}
    assert (await administrator.post("/v1/accounts", json={**said, "email": invented})).status_code == 201
