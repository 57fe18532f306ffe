"""A partner directs a person to the social worker: no unit ever knows, and one closed code goes back."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import httpx
import pytest

from app.nomenclature.terms import LISTS, codes, term
from app.services.partner_referrals import NO_SOURCE_OF_ITS_OWN, SOURCES
from tests.house_for_tests import House
from tests.routers.asking import UNKNOWN, day, faults, refused
from tests.routers.test_referrals import TYPED as TYPED_BY_A_UNIT

R = "/v1/referrals"
FROM_PARTNERS = f"{R}?from=partners"
TYPED = {
    "last_name": "Zqnomzq", "first_name": "Inès", "birth_date": "1990-05-01", "birth_date_precision": "year",
    "sex": "female", "phone": "06 39 98 00 01", "municipality": "Dreux", "person_status": "victim",
    "safe_contact_hint": "par la crèche", "facts": "Reçue ce matin.\nVeut partir.", "urgency": "urgent",
    "contact_consent": "given_to_officer",
}  # fmt: skip
HANDLING = ("status", "received_at", "received_by", "decision", "decided_at", "redirected_to", "situation_id")


async def directed(house: House, by: str = "partner", post: str = "shared_post", **said: Any) -> dict[str, Any]:
    """A referral that a partner has just sent to a post."""
    draft = {**TYPED, "post_id": str(house.ids[post]), **said}
    answer = await (await house(by)).post(R, json=draft)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def listed(house: House, who: str, address: str = R) -> list[str]:
    """The identifiers of a list, page after page."""
    found: list[str] = []
    while address:
        page = await (await house(who)).get(address)
        assert page.status_code == 200, page.text
        found += [each["id"] for each in page.json()["items"]]
        address = page.headers.get("link", "").partition("<")[2].partition(">")[0]
    return found


async def test_a_partner_directs_a_person_to_a_post_in_the_name_of_its_only_organisation(house: House) -> None:
    partner = await house("partner")

    sent = await partner.post(R, json={**TYPED, "post_id": str(house.ids["shared_post"])})

    assert sent.status_code == 201
    shown = sent.json()
    expected = {**TYPED, "phone": "+33639980001", "post_id": str(house.ids["shared_post"])}
    assert {name: shown[name] for name in expected} == expected
    assert (shown["partner_id"], shown["sent_by"]) == (str(house.ids["ccas"]), str(house.ids["partner"]))
    assert (shown["withdrawn_at"], shown["feedback_code"], shown["feedback_on"]) == (None, None, None)
    assert not set(HANDLING) & set(shown)
    read = await partner.get(sent.headers["location"])
    assert (read.json(), read.headers["etag"]) == (shown, sent.headers["etag"])


async def test_each_sender_says_its_own_words_and_those_of_the_other_are_refused_by_name(
    house: House, superuser: asyncpg.Connection
) -> None:
    partner, officer = await house("partner"), await house("officer")
    draft = {**TYPED, "post_id": str(house.ids["shared_post"])}

    missing = await partner.post(R, json={})
    refused(
        missing, 422, "invalid_request",
        "/post_id", "/last_name", "/person_status", "/urgency", "/contact_consent",
    )  # fmt: skip
    assert set(faults(missing).values()) == {"missing"}
    for unknown, said in (
        ("document_type", "complaint"), ("document_number", "2026/1"), ("unit_id", str(house.ids["north"])),
        ("danger_grid_positive", True), ("sent_at", "2026-01-01T00:00:00Z"), ("status", "accepted"),
    ):  # fmt: skip
        answer = await partner.post(R, json={**draft, unknown: said})
        refused(answer, 422, "invalid_request", f"/{unknown}")
        assert faults(answer) == {f"/{unknown}": "unknown_member"}
    for unknown, said in (("post_id", draft["post_id"]), ("partner_id", str(house.ids["ccas"]))):
        answer = await officer.post(R, json={**TYPED_BY_A_UNIT, unknown: said})
        refused(answer, 422, "invalid_request", f"/{unknown}")
        assert faults(answer) == {f"/{unknown}": "unknown_member"}
    assert await superuser.fetchval("select count(*) from exchange.referral") == 0
    assert await superuser.fetchval("select count(*) from shared.referral") == 0


async def test_what_a_partner_types_wrong_is_named_and_nothing_is_sent(
    house: House, superuser: asyncpg.Connection
) -> None:
    partner, draft = await house("partner"), {**TYPED, "post_id": str(house.ids["shared_post"])}
    for wrong, place, code in (
        ({"last_name": "  "}, "/last_name", "text_blank"), ({"last_name": 3}, "/last_name", "text_expected"),
        ({"phone": "zéro"}, "/phone", "bad_phone"), ({"sex": "f"}, "/sex", "unknown_code"),
        ({"birth_date": "2999-01-01"}, "/birth_date", "out_of_calendar"),
        ({"birth_date": day(2)}, "/birth_date", "birth_date_in_the_future"),
        ({"birth_date": None}, "/birth_date_precision", "birth_date_and_precision_together"),
        ({"facts": "x" * 1001}, "/facts", "text_too_long"), ({"urgency": None}, "/urgency", "text_expected"),
        ({"post_id": "ici"}, "/post_id", "identifier_expected"),
        ({"post_id": UNKNOWN}, "/post_id", "post_in_service_expected"),
        ({"partner_id": UNKNOWN}, "/partner_id", "partner_expected"),
        ({"partner_id": str(house.ids["association"])}, "/partner_id", "partner_expected"),
    ):  # fmt: skip
        answer = await partner.post(R, json={**draft, **wrong})
        refused(answer, 422, "invalid_request", place)
        assert faults(answer) == {place: code}
    for body in (b"[]", b'"x"', b"7", b"null"):
        answer = await partner.post(R, content=body, headers={"Content-Type": "application/json"})
        refused(answer, 422, "invalid_request", "")
        told = await (await house("officer")).post(R, content=body, headers={"Content-Type": "application/json"})
        assert faults(told) == faults(answer) == {"": "object_expected"}
    refused(await partner.post(R), 422, "invalid_request", "")
    broken = await partner.post(R, content=b'{"last_name": ', headers={"Content-Type": "application/json"})
    refused(broken, 400, "malformed_json")
    assert await superuser.fetchval("select count(*) from exchange.referral") == 0


async def test_the_role_is_judged_before_the_words(house: House) -> None:
    for who in ("worker", "commander", "coordinator", "observatory", "administrator", "dpo"):
        for said in ({}, {**TYPED, "post_id": str(house.ids["shared_post"])}, TYPED_BY_A_UNIT):
            refused(await (await house(who)).post(R, json=said), 403, "forbidden")
    refused(await house.caller().post(R, json={}), 401, "unauthenticated")


async def test_a_post_that_is_no_longer_or_not_yet_in_service_is_sent_nobody(
    house: House, superuser: asyncpg.Connection
) -> None:
    draft = {**TYPED, "post_id": str(house.ids["other_post"])}
    for change in ("ends_on = current_date - 1", "ends_on = null, starts_on = current_date + 1"):
        await superuser.execute(f"update organisation.post set {change} where id = $1", house.ids["other_post"])
        answer = await (await house("partner")).post(R, json=draft)
        refused(answer, 422, "invalid_request", "/post_id")


async def test_whoever_answers_for_several_organisations_names_the_one_that_sends(
    house: House, superuser: asyncpg.Connection
) -> None:
    await superuser.execute(
        "insert into accounts.posting (id, account_id, partner_id, starts_on, approved_at)"
        " values ($1, $2, $3, '2026-01-01', now())",
        UNKNOWN, house.ids["partner"], house.ids["association"],
    )  # fmt: skip
    answer = await (await house("partner")).post(R, json={**TYPED, "post_id": str(house.ids["shared_post"])})
    refused(answer, 422, "invalid_request", "/partner_id")
    named = await directed(house, partner_id=str(house.ids["association"]))
    assert named["partner_id"] == str(house.ids["association"])


async def test_a_partner_finds_its_own_referrals_newest_first_and_nobody_elses(house: House) -> None:
    first, second = await directed(house), await directed(house, post="other_post")
    theirs, units = await directed(house, "partner_elsewhere"), await house.referral()
    partner = await house("partner")

    assert await listed(house, "partner") == [second["id"], first["id"]]
    assert await listed(house, "partner", f"{R}?limit=1") == [second["id"], first["id"]]
    assert await listed(house, "partner_elsewhere") == [theirs["id"]]
    for other in (theirs["id"], units["id"], UNKNOWN):
        refused(await partner.get(f"{R}/{other}"), 404, "not_found")
        refused(await partner.post(f"{R}/{other}/withdraw"), 404, "not_found")
    assert (await (await house("officer")).get(f"{R}/{units['id']}")).json() == units


@pytest.mark.parametrize("who", ["partner", "officer"])
async def test_what_waits_and_from_whom_is_the_workers_question_and_a_sender_is_told_so(house: House, who: str) -> None:
    client = await house(who)
    for query, places in (
        ("from=partners", ["from"]), ("from=units", ["from"]), ("waiting=true", ["waiting"]),
        ("from=partners&waiting=false", ["from", "waiting"]),
    ):  # fmt: skip
        refused(await client.get(f"{R}?{query}"), 422, "unknown_parameter", *places)


async def test_the_worker_asks_for_the_partners_referrals_and_finds_those_to_her_posts(house: House) -> None:
    first, second = await directed(house), await directed(house, "partner_elsewhere")
    far, older, units = await directed(house, post="other_post"), await house.referral(), await house.referral()
    worker = await house("worker")

    assert await listed(house, "colleague", FROM_PARTNERS) == [second["id"], first["id"]]
    assert await listed(house, "worker", f"{FROM_PARTNERS}&limit=1") == [second["id"], first["id"]]
    assert await listed(house, "worker_elsewhere", FROM_PARTNERS) == [far["id"]]
    for query in ("", "?from=units"):
        assert await listed(house, "worker", f"{R}{query}") == [units["id"], older["id"]]
    refused(await worker.get(f"{R}?from=others"), 422, "invalid_request", "from")
    shown = (await worker.get(f"{R}/{first['id']}")).json()
    assert shown == first | {
        "partner_name": "ccas", "partner_category": "ccas_cias", "status": "sent", "received_at": None,
        "decision": None, "decided_at": None, "redirected_to": None, "situation_id": None,
    }  # fmt: skip
    refused(await (await house("worker_elsewhere")).get(f"{R}/{first['id']}"), 404, "not_found")
    # A page of the units' does not go on among the partners'.
    cursor = (await worker.get(f"{R}?limit=1")).json()["next_cursor"]
    assert (await worker.get(f"{R}?limit=1&cursor={cursor}")).status_code == 200
    refused(await worker.get(f"{FROM_PARTNERS}&limit=1&cursor={cursor}"), 400, "bad_cursor")


async def test_the_worker_sees_what_waits_for_a_decision_among_the_partners_too(house: House) -> None:
    done, taken, waits = await directed(house), await directed(house), await directed(house)
    worker = await house("worker")
    assert (await worker.post(f"{R}/{done['id']}/reject", json={})).status_code == 200
    assert (await (await house("partner")).post(f"{R}/{taken['id']}/withdraw")).status_code == 200
    assert await listed(house, "worker", f"{FROM_PARTNERS}&waiting=true") == [waits["id"]]
    assert await listed(house, "worker", f"{FROM_PARTNERS}&waiting=false") == [taken["id"], done["id"]]


async def test_accepting_opens_a_situation_of_no_unit_with_the_person_as_the_partner_typed_her(house: House) -> None:
    referral, worker = await directed(house), await house("worker")

    accepted = await worker.post(f"{R}/{referral['id']}/accept", json={})

    assert accepted.status_code == 201
    situation = accepted.json()
    named = ("referral_id", "referral_source", "status", "urgency", "unit_id", "post_id")
    assert {name: situation[name] for name in named} == {
        "referral_id": referral["id"], "referral_source": "ccas_cias", "status": "open", "urgency": "urgent",
        "unit_id": None, "post_id": str(house.ids["shared_post"]),
    }  # fmt: skip
    (participation,) = situation["participations"]
    assert (participation["person_status"], participation["contact_consent"]) == ("victim", "given_to_officer")
    person = (await worker.get(f"/v1/persons/{participation['person']['id']}")).json()
    copied = ("last_name", "first_name", "birth_date", "birth_date_precision", "sex", "phone", "municipality")
    assert {name: person[name] for name in copied} == {name: referral[name] for name in copied}
    decided = (await worker.get(f"{R}/{referral['id']}")).json()
    assert (decided["status"], decided["situation_id"]) == ("accepted", situation["id"])
    assert (await worker.get(accepted.headers["location"])).json() == situation


async def test_a_situation_may_be_opened_from_a_partners_referral_with_more_facts(house: House) -> None:
    referral, worker = await directed(house, "partner_elsewhere"), await house("worker")
    said = {"referral_id": referral["id"], "main_problem": "housing", "unit_id": str(house.ids["north"])}
    opened = (await worker.post("/v1/situations", json=said)).json()
    assert (opened["referral_id"], opened["referral_source"]) == (referral["id"], "specialised_association")
    assert (opened["main_problem"], opened["unit_id"]) == ("housing", None)


async def test_accepting_for_a_person_already_known_makes_no_second_file_and_a_stranger_is_refused(
    house: House,
) -> None:
    worker = await house("worker")
    known = (await house.situation())["participations"][0]["person"]["id"]
    stranger = (await house.situation("worker_elsewhere"))["participations"][0]["person"]["id"]
    referral = await directed(house)
    for person_id in (stranger, UNKNOWN):
        answer = await worker.post(f"{R}/{referral['id']}/accept", json={"person_id": person_id})
        refused(answer, 422, "invalid_request", "/person_id")
    other_post = {"post_id": str(house.ids["other_post"])}
    refused(await worker.post(f"{R}/{referral['id']}/accept", json=other_post), 422, "invalid_request", "/post_id")
    assert (await worker.get(f"{R}/{referral['id']}")).json()["status"] == "sent"
    accepted = await worker.post(f"{R}/{referral['id']}/accept", json={"person_id": known})
    assert [each["person"]["id"] for each in accepted.json()["participations"]] == [known]


@pytest.mark.parametrize(
    ("act", "said", "status"),
    [("accept", {}, "accepted"), ("redirect", {"redirected_to": "CCAS de Dreux"}, "redirected"),
     ("reject", {}, "rejected_out_of_scope")],
)  # fmt: skip
async def test_a_partners_referral_is_decided_once_by_the_post_that_it_was_sent_to(
    house: House, act: str, said: dict[str, Any], status: str
) -> None:
    referral, worker = await directed(house), await house("worker")
    address = f"{R}/{referral['id']}"
    refused(await (await house("worker_elsewhere")).post(f"{address}/{act}", json=said), 404, "not_found")
    assert (await worker.post(f"{address}/{act}", json=said)).status_code in (200, 201)
    shown = (await worker.get(address)).json()
    assert (shown["status"], shown["redirected_to"]) == (status, said.get("redirected_to"))
    for again in ("accept", "reject"):
        refused(await worker.post(f"{address}/{again}", json={}), 409, "referral_already_decided")


async def test_two_colleagues_who_accept_at_the_same_instant_open_one_situation(house: House) -> None:
    worker, colleague = await house("worker"), await house("colleague")
    for _ in range(5):
        address = f"{R}/{(await directed(house))['id']}/accept"
        both = await asyncio.gather(*(who.post(address, json={}) for who in (worker, colleague)))
        assert sorted(answer.status_code for answer in both) == [201, 409]
    assert len(await listed(house, "worker", "/v1/situations")) == 5


async def test_the_partners_version_moves_with_the_published_code_and_with_nothing_else(house: House) -> None:
    referral, partner, worker = await directed(house), await house("partner"), await house("worker")
    address = f"{R}/{referral['id']}"
    before = (await partner.get(address)).headers["etag"]

    situation = (await worker.post(f"{address}/accept", json={})).json()
    await house.note(situation["participations"][0]["id"])
    accepted = await partner.get(address)
    told = await worker.post(f"{address}/feedback", json={"feedback_code": "contact_made"})
    answered = await partner.get(address)

    assert (accepted.json(), accepted.headers["etag"]) == (referral, before)
    assert told.json()["feedback_code"] == answered.json()["feedback_code"] == "contact_made"
    assert answered.headers["etag"] != before
    assert answered.json() == referral | {name: answered.json()[name] for name in ("feedback_code", "feedback_on")}
    with_text = {"feedback_code": "received", "comment": "vue hier"}
    refused(await worker.post(f"{address}/feedback", json=with_text), 422, "invalid_request", "/comment")


async def test_a_first_code_counts_as_receiving(house: House) -> None:
    referral, worker = await directed(house), await house("worker")
    told = await worker.post(f"{R}/{referral['id']}/feedback", json={"feedback_code": "received"})
    assert (told.status_code, told.json()["status"]) == (200, "received")
    assert await listed(house, "worker", f"{FROM_PARTNERS}&waiting=true") == [referral["id"]]


async def test_the_partner_takes_its_referral_back_once_and_nobody_handles_it_any_more(house: House) -> None:
    referral, partner, worker = await directed(house), await house("partner"), await house("worker")
    address = f"{R}/{referral['id']}"
    refused(await (await house("partner_elsewhere")).post(f"{address}/withdraw"), 404, "not_found")

    withdrawn = await partner.post(f"{address}/withdraw")

    assert withdrawn.status_code == 200
    assert withdrawn.json() == referral | {"withdrawn_at": withdrawn.json()["withdrawn_at"]}
    assert withdrawn.json()["withdrawn_at"]
    refused(await partner.post(f"{address}/withdraw"), 409, "referral_already_withdrawn")
    for act, said in (("accept", {}), ("reject", {}), ("feedback", {"feedback_code": "received"})):
        refused(await worker.post(f"{address}/{act}", json=said), 409, "referral_withdrawn")
    assert (await worker.get(address)).json()["status"] == "withdrawn"


async def test_withdrawing_is_answered_the_same_whatever_the_worker_did_meanwhile(house: House) -> None:
    seen = []
    for act in (None, "accept", "reject"):
        address = f"{R}/{(await directed(house))['id']}"
        if act:
            await (await house("worker")).post(f"{address}/{act}", json={})
        answer = await (await house("partner")).post(f"{address}/withdraw")
        unsteady = ("id", "sent_at", "withdrawn_at")
        seen.append((answer.status_code, {k: v for k, v in answer.json().items() if k not in unsteady}))
    assert seen[0] == seen[1] == seen[2]


async def test_a_partner_decides_nothing_and_publishes_nothing(house: House) -> None:
    referral, partner = await directed(house), await house("partner")
    for act, said in (("accept", {}), ("reject", {}), ("redirect", {"redirected_to": "CCAS"})):
        refused(await partner.post(f"{R}/{referral['id']}/{act}", json=said), 403, "forbidden")
    answer = await partner.post(f"{R}/{referral['id']}/feedback", json={"feedback_code": "received"})
    refused(answer, 403, "forbidden")


async def unit_side(house: House, referral: dict[str, Any]) -> list[Any]:
    """All that a unit can be answered about its referrals, byte for byte but for the request's own reference."""
    officer = await house("officer")
    address, own = f"{R}/{referral['id']}", {"X-Request-Id": "the-same-reference"}
    answers: list[httpx.Response] = [
        await officer.get(R, headers=own),
        await officer.get(f"{R}?limit=1", headers=own),
        await officer.get(address, headers=own),
        await officer.get(f"{R}?from=partners", headers=own),
        await officer.post(R, json={}, headers=own),
        await officer.post(f"{address}/accept", json={}, headers=own),
        await officer.get(f"{R}/{UNKNOWN}", headers=own),
    ]
    return [(answer.status_code, unlimited(answer), answer.content) for answer in answers]


def unlimited(answer: httpx.Response) -> list[tuple[str, str]]:
    """The headers, but for what is left of the caller's own share: asking spends it."""
    return sorted((name, value) for name, value in answer.headers.items() if name != "ratelimit")


async def test_the_units_side_does_not_change_by_a_byte_whatever_partners_do(house: House) -> None:
    referral = await house.referral()
    before = await unit_side(house, referral)
    worker, partner, officer = await house("worker"), await house("partner"), await house("officer")

    one, two, three = [await directed(house, last_name=referral["last_name"]) for _ in range(3)]
    await worker.post(f"{R}/{one['id']}/accept", json={})
    await worker.post(f"{R}/{one['id']}/feedback", json={"feedback_code": "contact_made"})
    await worker.post(f"{R}/{two['id']}/redirect", json={"redirected_to": "CCAS"})
    await partner.post(f"{R}/{three['id']}/withdraw")

    assert await unit_side(house, referral) == before
    own = {"X-Request-Id": "the-same-reference"}
    nothing = await officer.get(f"{R}/{UNKNOWN}", headers=own)
    for each in (one, two, three):
        found = await officer.get(f"{R}/{each['id']}", headers=own)
        assert (found.status_code, unlimited(found), found.content) == (404, unlimited(nothing), nothing.content)
        refused(await officer.post(f"{R}/{each['id']}/withdraw"), 404, "not_found")


async def test_each_reading_and_each_act_on_a_partners_referral_leaves_one_trace(
    house: House, superuser: asyncpg.Connection
) -> None:
    referral, worker, elsewhere = await directed(house), await house("worker"), await house("worker_elsewhere")
    address = f"{R}/{referral['id']}"
    before = await superuser.fetchval("select count(*) from audit.trace")
    refused(await elsewhere.get(address), 404, "not_found")
    for client in (worker, await house("partner")):
        await client.get(address)
    await worker.get(FROM_PARTNERS)
    await worker.post(f"{address}/accept", json={})
    await worker.post(f"{address}/feedback", json={"feedback_code": "contact_made"})

    rows = await superuser.fetch(
        "select lane, act, subject_id::text, row_count, outcome from audit.trace order by at, seq offset $1", before
    )

    worker_lane, it = "relais_social_worker", referral["id"]
    assert [tuple(row) for row in rows] == [
        (worker_lane, "referral:read", it, 0, "not_found"),
        (worker_lane, "referral:read", it, 1, "done"),
        ("relais_partner", "referral:read", it, 1, "done"),
        (worker_lane, "referral:read", None, 1, "done"),
        (worker_lane, "referral_handling:change", it, 1, "done"),
        (worker_lane, "referral:change", it, 1, "done"),
    ]


def test_every_category_of_partner_has_a_source_and_none_is_said_to_be_a_unit() -> None:
    assert set(SOURCES) <= set(codes("partner_category"))
    for source in {*SOURCES.values(), NO_SOURCE_OF_ITS_OWN}:
        assert not term("referral_source", source).says("comes_from_unit")
    same_name = {each.code for each in LISTS["partner_category"].terms} & set(codes("referral_source")) - {"other"}
    assert all(SOURCES[code] == code for code in same_name)
