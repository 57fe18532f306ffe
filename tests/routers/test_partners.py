"""The directory of partners: everyone reads, the social worker and the coordinator write; a refuge has no address."""

import asyncio
import json
from typing import Any

import asyncpg
import pytest

from app.services.clock import today
from app.services.partners import coarse_areas, folded
from tests.house_for_tests import ONE_OF_EACH_ROLE, House
from tests.routers.asking import MERGE, UNKNOWN, day, faults, patch, refused

PARTNER = {"name": "CIDFF d'Eure-et-Loir", "partner_category": "womens_rights_cidff", "address_confidential": False}
SERVICE = {"name": "Accueil", "description": "Écoute.", "needs": ["housing"], "areas": ["departement:28"]}
ADDRESS = {
    "commune_code": "28085", "municipality": "Chartres", "postcode": "28000", "street": "12 rue des Lisses",
    "street_extra": "2e étage", "longitude": 1.4891, "latitude": 48.4469,
}  # fmt: skip
ON_A_PARTNER = {"siret": "35600000000048", "accessibility_url": "https://acceslibre.exemple.test/12-rue-des-lisses"}
REFUGE = {
    "name": "La Halte", "partner_category": "emergency_shelter", "address_confidential": True, "phone": "0639980001",
    "departement_code": "28",
}  # fmt: skip
# What would lead to the door of the refuge, in any answer.
TELLING = ("28085", "Chartres", "28000", "Lisses", "étage", "1.4891", "48.4469", "35600000000048", "commune:", "epci:")


async def made(house: House, draft: dict[str, Any], under: str = "/v1/partners", by: str = "worker") -> str:
    """The address of what has just been added."""
    answer = await (await house(by)).post(under, json=draft)
    assert answer.status_code == 201, answer.text
    return answer.headers["location"]


async def written(superuser: asyncpg.Connection) -> Any:
    """Everything that the directory holds."""
    return await superuser.fetch(
        "select p::text from directory.partner p union all select s::text from directory.service s"
    )


async def test_the_social_worker_and_the_coordinator_write_and_everyone_reads(house: House) -> None:
    full = {
        **PARTNER, **ADDRESS, **ON_A_PARTNER, "description": "Droits.\nSur rendez-vous.", "phone": "06 39 98 00 01",
        "email": "Accueil@Exemple.test", "website": "https://exemple.test/cidff", "networks": ["cidff"],
        "opening_hours": "Mo-Fr 09:00-12:00; PH closed",
    }  # fmt: skip
    for who in ("worker", "coordinator"):
        added = await (await house(who)).post("/v1/partners", json=full)
        assert added.status_code == 201, added.text
        shown = added.json()
        said = {**full, "phone": "+33639980001", "email": "accueil@exemple.test"}
        assert {name: shown[name] for name in said} == said
        assert (shown["source"], shown["updated_on"], shown["ended_on"]) == ("relais", today().isoformat(), None)
        assert (shown["departement_code"], shown["id"][14], "folded_name" in shown) == ("28", "7", False)
        corrected = await patch(await house(who), added.headers["location"], {"name": "CIDFF 28", "street": None})
        assert corrected.json() == {**shown, "name": "CIDFF 28", "street": None}
        for reader in ONE_OF_EACH_ROLE.values():
            assert (await (await house(reader)).get(added.headers["location"])).json() == corrected.json()


async def test_an_officer_reads_the_directory_and_cannot_write_it(house: House, superuser: asyncpg.Connection) -> None:
    partner = await made(house, PARTNER)
    before = await written(superuser)
    for role, who in ONE_OF_EACH_ROLE.items():
        if role not in ("social_worker", "coordinator"):
            client = await house(who)
            assert (await client.get("/v1/partners")).status_code == 200
            refused(await client.post("/v1/partners", json=PARTNER), 403, "forbidden")
            refused(await patch(client, partner, {"name": "Autre"}), 403, "forbidden")
            refused(await client.post(f"{partner}/services", json=SERVICE), 403, "forbidden")
    assert await written(superuser) == before


@pytest.mark.parametrize(
    ("wrong", "place", "code"),
    [
        ({"name": " "}, "/name", "text_blank"),
        ({"name": None}, "/name", "text_expected"),
        ({"name": "N" * 301}, "/name", "text_too_long"),
        ({"partner_category": "bakery"}, "/partner_category", "unknown_code"),
        ({"siret": "35600000000049"}, "/siret", "wrong_siret"),
        ({"siret": "1234"}, "/siret", "wrong_siret"),
        ({"commune_code": "00000"}, "/commune_code", "unknown_commune"),
        ({"commune_code": "Chartres"}, "/commune_code", "text_too_long"),
        ({"departement_code": "99"}, "/departement_code", "unknown_departement"),
        ({"departement_code": "75", "commune_code": "28085"}, "/departement_code", "departement_of_commune_expected"),
        ({"postcode": "2800"}, "/postcode", "text_form"),
        ({"postcode": "28000\n"}, "/postcode", "text_form"),
        ({"postcode": "٢٨٠٠٠"}, "/postcode", "text_form"),
        ({"commune_code": "٢٨٠٨٥"}, "/commune_code", "unknown_commune"),
        ({"longitude": 1.5}, "/latitude", "missing"),
        ({"latitude": 48}, "/longitude", "missing"),
        ({"longitude": 181, "latitude": 0}, "/longitude", "at_most"),
        ({"longitude": "1", "latitude": 0}, "/longitude", "number_expected"),
        ({"opening_hours": "lundi matin"}, "/opening_hours", "hours_not_understood"),
        ({"opening_hours": "Mo 09:00-12:00;" * 60}, "/opening_hours", "text_too_long"),
        ({"website": "exemple.test"}, "/website", "wrong_url"),
        ({"website": "javascript:alert(1)"}, "/website", "wrong_url"),
        ({"website": "ftp://exemple.test"}, "/website", "wrong_url"),
        ({"website": "https://banque.test@exemple.test"}, "/website", "wrong_url"),
        ({"website": "https://exemple.test/" + "a" * 2083}, "/website", "text_too_long"),
        ({"accessibility_url": "https://"}, "/accessibility_url", "wrong_url"),
        ({"phone": "12"}, "/phone", "bad_phone"),
        ({"email": "a"}, "/email", "bad_email"),
        ({"networks": ["bakeries"]}, "/networks/0", "one_of_the_choices"),
        ({"networks": ["cidff", "cidff"]}, "/networks", "list_repeats"),
        ({"address_confidential": "no"}, "/address_confidential", "true_or_false_expected"),
        ({"address_confidential": None}, "/address_confidential", "true_or_false_expected"),
        ({"folded_name": "x"}, "/folded_name", "unknown_member"),
        ({"source": "soliguide"}, "/source", "unknown_member"),
    ],
)  # fmt: skip
async def test_a_bad_partner_is_refused_and_nothing_is_written(
    house: House, superuser: asyncpg.Connection, wrong: dict[str, Any], place: str, code: str
) -> None:
    worker, partner = await house("worker"), await made(house, PARTNER)
    before = await written(superuser)
    for answer in (
        await worker.post("/v1/partners", json={**PARTNER, **wrong}), await patch(worker, partner, wrong),
    ):  # fmt: skip
        refused(answer, 422, "invalid_request")
        assert faults(answer) == {place: code}
    assert await written(superuser) == before


async def test_whether_the_address_is_secret_is_always_said(house: House) -> None:
    draft = {name: value for name, value in PARTNER.items() if name != "address_confidential"}
    answer = await (await house("worker")).post("/v1/partners", json=draft)
    refused(answer, 422, "invalid_request", "/address_confidential")


async def test_the_commune_gives_its_departement_and_its_name(house: House) -> None:
    worker = await house("worker")
    partner = await made(house, {**PARTNER, "commune_code": "28085"})
    shown = (await worker.get(partner)).json()
    assert (shown["departement_code"], shown["municipality"]) == ("28", "Chartres")
    moved = (await patch(worker, partner, {"commune_code": "2A004"})).json()
    assert (moved["departement_code"], moved["municipality"]) == ("2A", "Ajaccio")
    refused(await patch(worker, partner, {"departement_code": "28"}), 422, "invalid_request", "/departement_code")
    named = (await patch(worker, partner, {"commune_code": "75108", "municipality": "Paris 8e"})).json()
    assert (named["departement_code"], named["municipality"]) == ("75", "Paris 8e")


async def test_a_longitude_and_a_latitude_leave_together(house: House) -> None:
    worker, partner = await house("worker"), await made(house, {**PARTNER, **ADDRESS})
    refused(await patch(worker, partner, {"longitude": None}), 422, "invalid_request", "/longitude")
    gone = (await patch(worker, partner, {"longitude": None, "latitude": None})).json()
    assert (gone["longitude"], gone["latitude"]) == (None, None)


@pytest.mark.parametrize("fine", sorted({**ADDRESS, **ON_A_PARTNER}))
async def test_nothing_finer_than_the_departement_is_taken_of_a_refuge(
    house: House, superuser: asyncpg.Connection, fine: str
) -> None:
    worker, refuge, open_door = await house("coordinator"), await made(house, REFUGE), await made(house, PARTNER)
    said = {fine: {**ADDRESS, **ON_A_PARTNER}[fine]}
    before = await written(superuser)
    refused(await worker.post("/v1/partners", json={**REFUGE, **said}), 422, "refuge_has_no_address", f"/{fine}")
    refused(await patch(worker, refuge, said), 422, "refuge_has_no_address", f"/{fine}")
    both = {"address_confidential": True, **said}
    refused(await patch(worker, open_door, both), 422, "refuge_has_no_address", f"/{fine}")
    assert await written(superuser) == before


async def test_every_part_of_the_address_of_a_refuge_is_pointed_at(house: House) -> None:
    answer = await (await house("worker")).post("/v1/partners", json={**REFUGE, **ADDRESS, **ON_A_PARTNER})
    refused(answer, 422, "refuge_has_no_address", *(f"/{name}" for name in {**ADDRESS, **ON_A_PARTNER}))


async def test_an_address_that_becomes_secret_is_erased_everywhere_and_does_not_come_back(
    house: House, superuser: asyncpg.Connection
) -> None:
    worker = await house("coordinator")
    partner = await made(house, {**PARTNER, **ADDRESS, **ON_A_PARTNER, "phone": "0639980001"})
    areas = ["commune:28085", "epci:200033181", "commune:75056", "departement:45", "departement:28"]
    service = await made(house, {**SERVICE, **ADDRESS, "areas": areas}, f"{partner}/services")
    ended = await made(house, {**SERVICE, **ADDRESS, "areas": ["commune:28085"]}, f"{partner}/services")
    await patch(worker, ended, {"ended_on": day(0)})
    elsewhere = await made(house, {**SERVICE, **ADDRESS}, f"{await made(house, PARTNER)}/services")

    hidden = await patch(worker, partner, {"address_confidential": True})

    assert hidden.status_code == 200, hidden.text
    shown = hidden.json()
    assert (shown["address_confidential"], shown["departement_code"], shown["phone"]) == (True, "28", "+33639980001")
    assert not any(shown[name] for name in {**ADDRESS, **ON_A_PARTNER})
    one = (await worker.get(service)).json()
    assert (one["address_confidential"], one["departement_code"]) == (True, "28")
    assert sorted(one["areas"]) == ["departement:28", "departement:45", "departement:75"]
    assert (await worker.get(ended)).json()["areas"] == ["departement:28"]
    assert (await worker.get(elsewhere)).json()["street"] == ADDRESS["street"]

    back = await patch(worker, partner, {"address_confidential": False})
    assert back.json() == {**shown, "address_confidential": False}
    assert (await worker.get(service)).json() == {**one, "address_confidential": False}
    rows = " ".join(row[0] for row in await superuser.fetch(
        "select p::text from directory.partner p where id = $1"
        " union all select s::text from directory.service s where partner_id = $1", partner.rpartition("/")[2]
    ))  # fmt: skip
    assert not [word for word in TELLING if word in rows]


async def test_no_answer_of_the_directory_tells_where_a_refuge_is(house: House) -> None:
    worker, officer = await house("coordinator"), await house("officer")
    partner = await made(house, {**PARTNER, **ADDRESS, **ON_A_PARTNER, "name": "La Halte"})
    service = await made(
        house, {**SERVICE, **ADDRESS, "name": "Nuitées", "areas": ["commune:28085"]}, f"{partner}/services"
    )
    answers = [await patch(worker, partner, {"address_confidential": True})]
    answers.append(await patch(worker, partner, {"opening_hours": "24/7"}))
    answers.append(await patch(worker, service, {"capacity_note": "3 places"}))
    answers.append(await worker.post(f"{partner}/services", json={**SERVICE, "name": "Nuitées d'urgence"}))
    refusal = {**SERVICE, "areas": ["commune:28085"]}
    for client in (worker, officer):
        for path in (
            partner, service, f"{partner}/services?ended=true", "/v1/partners?name=halte",
            "/v1/partners?departement_code=28",
        ):  # fmt: skip
            answers.append(await client.get(path))
        found = (await client.get("/v1/partner-services?need=housing&commune=28085")).json()["items"]
        mine = [each for each in found if each["partner_name"] == "La Halte"]
        assert [each["matched_area"]["area"] for each in mine] == ["departement:28"] * 2
        assert not [word for word in TELLING if word in json.dumps(mine, ensure_ascii=False)]
    for answer in answers:
        assert answer.status_code in (200, 201), answer.text
        assert not [word for word in TELLING if word in answer.text], answer.text
    refused(await worker.post(f"{partner}/services", json=refusal), 422, "refuge_has_no_address", "/areas/0")


async def test_a_service_added_while_the_address_becomes_secret_keeps_no_street(
    house: House, superuser: asyncpg.Connection
) -> None:
    worker = await house("worker")
    for _ in range(5):
        partner = await made(house, {**PARTNER, **ADDRESS})
        draft = {**SERVICE, **ADDRESS, "areas": ["commune:28085"]}
        hidden, *added = await asyncio.gather(
            patch(worker, partner, {"address_confidential": True}, seen="*"),
            *(worker.post(f"{partner}/services", json=draft) for _ in range(4)),
        )
        assert hidden.status_code == 200, hidden.text
        for answer in added:
            # Told before, or by the foreign key when the flag changed meanwhile.
            assert answer.status_code == 201 or answer.json()["code"] in ("refuge_has_no_address", "partner_unknown")
    kept = "select count(*) from directory.service s where s::text like '%Lisses%' or 'commune:28085' = any(areas)"
    assert await superuser.fetchval(kept) == 0


def test_areas_widen_to_the_departement_and_to_france_when_nothing_else_is_known() -> None:
    assert coarse_areas(["commune:28085", "departement:28"], departement_code=None) == ["departement:28"]
    assert coarse_areas(["epci:200033181", "france"], departement_code="28") == ["departement:28", "france"]
    assert coarse_areas(["epci:200033181", "commune:00000"], departement_code=None) == ["france"]


async def listed(house: House, query: str = "") -> list[str]:
    """The names of the partners that a list shows."""
    answer = await (await house("worker")).get(f"/v1/partners{query}")
    assert answer.status_code == 200, answer.text
    return [each["name"] for each in answer.json()["items"]]


async def test_a_partner_is_found_by_a_part_of_its_name_whatever_the_accents(house: House) -> None:
    for name in ("Œuvre Saint-Étienne", "SAINT ETIENNE habitat", "Étape 100% logement", "Étape 100 logements"):
        await made(house, {**PARTNER, "name": name})
    assert sorted(await listed(house, "?name=saint étienne")) == ["SAINT ETIENNE habitat", "Œuvre Saint-Étienne"]
    assert await listed(house, "?name=OEUVRE") == ["Œuvre Saint-Étienne"]
    assert await listed(house, "?name=0%25 l") == ["Étape 100% logement"]
    assert await listed(house, "?name=e_ape") == []
    assert await listed(house, "?name=\\e") == []
    for short in ("a", "%20a%20", "-'", "%CC%81%CC%81"):
        answer = await (await house("worker")).get(f"/v1/partners?name={short}")
        refused(answer, 422, "invalid_request", "name")
    renamed = await made(house, {**PARTNER, "name": "Le Pélican"})
    await patch(await house("worker"), renamed, {"name": "L’Albatros"})
    assert (await listed(house, "?name=pelican"), await listed(house, "?name=l'alba")) == ([], ["L’Albatros"])


def test_a_folded_name_has_neither_accent_nor_capital() -> None:
    assert folded("  L’ÉCOLE-des  Œufs\u00a0frais, e\u0301t\u00e9 ") == "l ecole des oeufs frais, ete"


async def test_the_list_narrows_to_a_category_and_a_departement(house: House) -> None:
    await made(house, {**PARTNER, "name": "A", "departement_code": "28"})
    await made(house, {**PARTNER, "name": "B", "departement_code": "2A"})
    await made(house, {**PARTNER, "name": "C", "departement_code": "28", "partner_category": "caf_msa"})
    assert await listed(house, "?partner_category=womens_rights_cidff") == ["B", "A"]
    assert await listed(house, "?departement_code=2A") == ["B"]
    assert await listed(house, "?departement_code=28&partner_category=caf_msa") == ["C"]
    worker = await house("worker")
    for query, place in (
        ("departement_code=99", "departement_code"), ("partner_category=bakery", "partner_category"),
        ("ended=perhaps", "ended"), ("categorie=caf_msa", "categorie"), ("commune=28085", "commune"),
    ):  # fmt: skip
        answer = await worker.get(f"/v1/partners?{query}")
        assert (answer.status_code, [each["parameter"] for each in answer.json()["errors"]]) == (422, [place])


async def test_a_partner_that_has_ended_leaves_the_list_and_may_be_looked_for(house: House) -> None:
    worker, partner = await house("worker"), await made(house, {**PARTNER, "name": "Ancien"})
    refused(await patch(worker, partner, {"ended_on": day(2)}), 422, "invalid_request", "/ended_on")
    assert (await patch(worker, partner, {"ended_on": day(-3)})).json()["ended_on"] == day(-3)
    assert "Ancien" not in await listed(house)
    assert "Ancien" in await listed(house, "?ended=true")
    assert "Ancien" in await listed(house, "?ended=true&name=ancien")
    assert (await worker.get(partner)).status_code == 200
    assert (await patch(worker, partner, {"ended_on": None})).json()["ended_on"] is None
    assert "Ancien" in await listed(house)


async def test_the_directory_is_read_page_after_page(house: House) -> None:
    names = [f"Maison {number}" for number in range(5)]
    for name in names:
        await made(house, {**PARTNER, "name": name})
    worker, following, seen = await house("worker"), "/v1/partners?name=maison&limit=2", []
    while following:
        answer = await worker.get(following)
        seen += [each["name"] for each in answer.json()["items"]]
        following = answer.headers.get("link", "").removeprefix("<").partition(">")[0]
    assert seen == names[::-1]
    cursor = (await worker.get("/v1/partners?limit=1")).json()["next_cursor"]
    refused(await worker.get("/v1/partners", params={"name": "maison", "cursor": cursor}), 400, "bad_cursor")


async def test_a_correction_names_the_version_seen(house: House) -> None:
    worker, partner = await house("worker"), await made(house, PARTNER)
    read = await worker.get(partner)
    known = {"If-None-Match": read.headers["etag"]}
    assert (await worker.get(partner, headers=known)).status_code == 304
    without = await worker.patch(partner, content="{}", headers=MERGE)
    refused(without, 428, "precondition_required")
    assert (await patch(worker, partner, {"phone": "0639980001"})).status_code == 200
    refused(await patch(worker, partner, {"phone": None}, seen=read.headers["etag"]), 412, "precondition_failed")
    assert (await worker.get(partner, headers=known)).json()["phone"] == "+33639980001"


async def test_a_partner_that_does_not_exist_is_not_found(house: House) -> None:
    worker, nowhere = await house("worker"), f"/v1/partners/{UNKNOWN}"
    refused(await worker.get(nowhere), 404, "not_found")
    refused(await worker.get(f"{nowhere}/services"), 404, "not_found")
    refused(await worker.post(f"{nowhere}/services", json=SERVICE), 404, "not_found")
    refused(await patch(worker, nowhere, {"name": "X"}, seen="*"), 404, "not_found")
    refused(await worker.get("/v1/partners/halte"), 422, "invalid_request", "partner_id")
