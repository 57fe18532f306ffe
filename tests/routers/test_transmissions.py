"""The register of transmissions: nothing nominative leaves without a basis, a recipient, a scope and a date."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest

from tests.house_for_tests import House
from tests.routers.asking import UNKNOWN, day, faults, refused

REPORT = {
    "transmission_kind": "concerning_information",
    "legal_basis": "concerning_information_l226_2_1",
    "recipient": "CRIP du département",
    "fields": ["last_name", "first_name"],
    "narrative": "L'enfant dit avoir peur de rentrer.",
    "person_informed": "not_informed_child_interest",
}


async def told(house: House, by: str = "worker", **said: Any) -> Any:
    participation = (await house.situation(by))["participations"][0]["id"]
    return await (await house(by)).post("/v1/transmissions", json={"participation_id": participation, **REPORT, **said})


async def offered(house: House, kind: str, by: str = "worker") -> set[str]:
    answer = await (await house(by)).get("/v1/transmissions/legal-bases", params={"transmission_kind": kind})
    return {each["code"] for each in answer.json()["items"]}


async def test_a_concerning_information_is_kept_sealed_word_for_word_with_its_line_in_the_register(
    house: House, superuser: asyncpg.Connection
) -> None:
    line = (await told(house)).json()
    worker = await house("worker")

    assert (await worker.get(f"/v1/transmissions/{line['id']}")).json() == line
    assert (line["transmission_kind"], line["fields"]) == ("concerning_information", ["last_name", "first_name"])
    content = (await worker.get(f"/v1/transmissions/{line['id']}/content")).json()
    assert content["narrative"] == REPORT["narrative"]
    assert content["fields"] == {"last_name": "Petit", "first_name": "Anne"}
    assert b"peur" not in await superuser.fetchval("select sealed from confidential.transmission_content")


async def test_the_register_is_of_the_post_alone(house: House) -> None:
    line = (await told(house)).json()
    address = f"/v1/transmissions/{line['id']}"

    refused(await (await house("worker_elsewhere")).get(address), 404, "not_found")
    refused(await (await house("worker_elsewhere")).get(f"{address}/content"), 404, "not_found")
    assert (await (await house("colleague")).get(address)).status_code == 200
    for who in ("officer", "commander", "partner", "coordinator", "observatory", "administrator", "dpo"):
        client = await house(who)
        refused(await client.get("/v1/transmissions"), 403, "forbidden")
        refused(await client.get(address), 403, "forbidden")
        refused(await client.get(f"{address}/content"), 403, "forbidden")


async def test_article_40_is_offered_to_the_agents_of_a_public_employer_only(
    house: House, superuser: asyncpg.Connection
) -> None:
    assert "public_agent_art_40" in await offered(house, "prosecutor_report")

    await superuser.execute("update organisation.employer set employer_type = 'association'")

    assert "public_agent_art_40" not in await offered(house, "prosecutor_report")
    report = {"transmission_kind": "prosecutor_report", "legal_basis": "public_agent_art_40"}
    assert faults(await told(house, **report)) == {"/legal_basis": "legal_basis_not_offered"}


async def test_article_l411_3_is_offered_to_those_whom_their_profession_binds(
    house: House, superuser: asyncpg.Connection
) -> None:
    assert "minor_l411_3" not in await offered(house, "prosecutor_report")
    await superuser.execute(
        "update accounts.account set secrecy_basis = 'by_profession' where id = $1", house.ids["worker"]
    )

    assert "minor_l411_3" in await offered(house, "prosecutor_report")


async def test_the_exceptions_made_for_health_professionals_are_offered_to_nobody(house: House) -> None:
    for kind in ("orientation", "professional_sharing", "concerning_information", "prosecutor_report", "requisition"):
        found = await offered(house, kind)
        assert found
        assert not {code for code in found if "226_14_2" in code or "226_14_3" in code}
        assert ("judicial_requisition" in found) == (kind == "requisition")
    assert faults(await told(house, legal_basis="226_14_2")) == {"/legal_basis": "unknown_code"}


@pytest.mark.parametrize(
    ("said", "place", "code"),
    [
        ({"narrative": None}, "/narrative", "narrative_expected"),
        ({"transmission_kind": "orientation", "legal_basis": "person_agreement"}, "/transmission_kind",
         "transmission_made_by_its_own_act"),
        ({"transmission_kind": "requisition", "legal_basis": "judicial_requisition"}, "/transmission_kind",
         "transmission_made_by_its_own_act"),
        ({"transmission_kind": "professional_sharing", "legal_basis": "child_protection_l226_2_2"}, "/narrative",
         "narrative_not_expected"),
        ({"legal_basis": "person_agreement"}, "/legal_basis", "legal_basis_not_offered"),
        ({"agreed_on": "2026-01-02"}, "/agreed_on", "agreement_and_its_day_together"),
        ({"fields": ["interventions"]}, "/fields/0", "field_not_transmissible"),
        ({"fields": ["notes"]}, "/fields/0", "unknown_code"),
        ({"recipient": "  "}, "/recipient", "text_blank"),
    ],
)  # fmt: skip
async def test_a_transmission_out_of_the_rules_is_refused_and_leaves_no_line(
    house: House, said: dict[str, Any], place: str, code: str
) -> None:
    answer = await told(house, **said)

    assert answer.status_code == 422, answer.text
    assert faults(answer).get(place) == code or answer.json()["code"] == code, answer.text
    assert (await (await house("worker")).get("/v1/transmissions")).json()["items"] == []


async def test_on_the_agreement_of_the_person_the_register_says_since_when_and_that_she_was_told(house: House) -> None:
    said = {
        "transmission_kind": "professional_sharing", "legal_basis": "person_agreement", "narrative": None,
        "recipient": "Dr Martin",
    }  # fmt: skip
    told_after = await told(house, **said, person_informed="not_informed_danger", agreed_on=day(0))
    assert faults(told_after) == {"/person_informed": "agreement_is_informed"}
    without = await told(house, **said, person_informed="informed_before")
    assert faults(without) == {"/agreed_on": "agreement_and_its_day_together"}
    late = await told(house, **said, person_informed="informed_before", agreed_on=day(2))
    assert faults(late) == {"/agreed_on": "day_in_the_future"}

    line = (await told(house, **said, person_informed="informed_before", agreed_on=day(-1))).json()

    assert line["agreed_on"] == day(-1)


async def test_secrets_are_shared_between_social_professionals_only_and_never_with_the_police(house: House) -> None:
    worker = await house("worker")
    police = {"name": "Gendarmerie", "partner_category": "police_gendarmerie", "address_confidential": False}
    partner_id = (await worker.post("/v1/partners", json=police)).json()["id"]
    said = {
        "transmission_kind": "professional_sharing", "narrative": None, "partner_id": partner_id,
        "person_informed": "informed_before", "legal_basis": "peril_or_necessity",
    }  # fmt: skip
    refused(await told(house, **said), 422, "partner_receives_no_content")
    between = {"legal_basis": "social_professionals_l121_6_2", "fields": []}
    assert faults(await told(house, **said | between)) == {"/legal_basis": "legal_basis_not_offered"}


PROSECUTOR_REPORT = {"transmission_kind": "prosecutor_report", "legal_basis": "minor_or_vulnerable_226_14_1"}


async def of_category(house: House, category: str) -> str:
    said = {"name": "Un destinataire", "partner_category": category, "address_confidential": False}
    added: dict[str, str] = (await (await house("worker")).post("/v1/partners", json=said)).json()
    return added["id"]


@pytest.mark.parametrize(
    ("said", "category"),
    [
        ({}, "police_gendarmerie"),
        ({}, "victim_support"),
        ({}, "prosecutor"),
        (PROSECUTOR_REPORT, "police_gendarmerie"),
        (PROSECUTOR_REPORT, "child_protection_crip"),
        (PROSECUTOR_REPORT, "family_judge_court"),
    ],
)
@pytest.mark.parametrize("fields", [[], ["last_name"]])
async def test_a_report_goes_to_the_authority_that_the_law_names_and_to_no_other_partner(
    house: House, said: dict[str, Any], category: str, fields: list[str]
) -> None:
    answer = await told(house, **said, partner_id=await of_category(house, category), fields=fields)

    refused(answer, 422, "report_to_its_own_authority", "/partner_id")
    assert (await (await house("worker")).get("/v1/transmissions")).json()["items"] == []


async def test_the_crip_and_the_prosecutor_are_told_the_facts_that_the_report_names(house: House) -> None:
    to_the_crip = await told(house, partner_id=await of_category(house, "child_protection_crip"))
    prosecutor = await of_category(house, "prosecutor")
    to_the_prosecutor = await told(house, **PROSECUTOR_REPORT, partner_id=prosecutor)

    for line in (to_the_crip, to_the_prosecutor):
        assert (line.status_code, line.json()["fields"]) == (201, ["last_name", "first_name"]), line.text
    # What goes to the prosecutor may be read by the defence.
    safe = await told(house, **PROSECUTOR_REPORT, partner_id=prosecutor, fields=["safe_contact"])
    assert faults(safe) == {"/fields/0": "field_not_transmissible"}


async def test_nothing_is_passed_on_about_a_person_of_another_post_nor_to_an_unknown_partner(house: House) -> None:
    participation = (await house.situation("worker_elsewhere"))["participations"][0]["id"]
    worker = await house("worker")

    refused(
        await worker.post("/v1/transmissions", json={**REPORT, "participation_id": participation}), 404, "not_found"
    )
    refused(await told(house, partner_id=UNKNOWN), 422, "partner_unknown")


async def test_the_register_says_the_newest_first_page_by_page(house: House) -> None:
    lines = [(await told(house)).json()["id"] for _ in range(3)]
    worker = await house("worker")
    first = (await worker.get("/v1/transmissions", params={"limit": 2})).json()
    second = (await worker.get("/v1/transmissions", params={"limit": 2, "cursor": first["next_cursor"]})).json()

    assert [each["id"] for each in first["items"] + second["items"]] == lines[::-1]
    assert second["next_cursor"] is None
