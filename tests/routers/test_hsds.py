"""The directory in the standard of Open Referral (HSDS 3.1): validated against its published schemas, never written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import asyncpg
import httpx
import jsonschema
import pytest

from app.services import hsds_mapping
from app.services.clock import today
from app.services.hsds import _folded
from app.services.hsds_terms import TAXONOMIES
from app.services.partners import folded
from app.statements import compiled
from tests.house_for_tests import ONE_OF_EACH_ROLE, House
from tests.routers.asking import MERGE, UNKNOWN, day, faults, patch, refused
from tests.routers.test_machine_clients import let_in, registered

PUBLISHED = Path(__file__).resolve().parents[3] / "shared" / "reference" / "schemas" / "hsds-3.1"
KINDS = ("organizations", "services", "service_at_locations", "taxonomies", "taxonomy_terms")
ENVELOPE = ("total_items", "total_pages", "page_number", "size", "first_page", "last_page", "empty")

WRITES: dict[str, Any] = {
    "POST": {"json": {}}, "PUT": {"json": {}}, "PATCH": {"content": b"{}", "headers": MERGE}, "DELETE": {},
}  # fmt: skip

ADDRESS = {
    "commune_code": "28085", "municipality": "Chartres", "postcode": "28000", "street": "12 rue des Lisses",
    "street_extra": "2e étage", "longitude": 1.4891, "latitude": 48.4469,
}  # fmt: skip
PARTNER = {
    **ADDRESS, "name": "Maison d'Égalité", "partner_category": "womens_rights_cidff", "address_confidential": False,
    "description": "Droits.\nSur rendez-vous.", "siret": "35600000000048", "phone": "0639980001",
    "email": "accueil@exemple.test", "website": "https://exemple.test/", "networks": ["cidff", "ccas-cias"],
    "opening_hours": "Mo-Fr 09:00-12:00; PH closed", "accessibility_url": "https://exemple.test/acces",
}  # fmt: skip
SERVICE = {
    "name": "Écoute et cœur", "description": "Écoute.", "service_type": "accompagnement",
    "needs": ["housing", "listening_support"], "thematics": ["logement-hebergement--louer-un-logement"],
    "publics": ["women"], "public_details": "Avec enfants.", "conditions": "Sur rendez-vous.",
    "areas": ["commune:28085", "epci:200033181", "departement:28", "departement:974", "france"], "fees": "gratuit",
    "fees_details": "Photocopies payantes.", "reception_modes": ["en-presentiel", "a-distance"],
    "how_to_reach": "Appeler le matin.", "reach_url": "https://exemple.test/rdv", "contact_name": "Mme Martin",
    "capacity_note": "2 places", "capacity_on": "2026-02-01",
}  # fmt: skip
REFUGE = {
    "name": "La Halte", "partner_category": "emergency_shelter", "address_confidential": True, "departement_code": "28",
    "phone": "0639980002",
}  # fmt: skip
SHELTER = {
    "name": "Mise à l'abri", "description": "Accueil.", "needs": ["housing"], "areas": ["departement:28"],
    "reception_modes": ["en-presentiel"],
}  # fmt: skip
# What would lead to the door of the refuge.
FINE = ("28085", "Chartres", "28000", "Lisses", "étage", "1.4891", "48.4469", "35600000000048", "epci", "200033181")


@pytest.fixture
async def directory(house: House) -> dict[str, str]:
    """A partner and its service, and a refuge and its own: their identifiers."""
    worker, found = await house("worker"), {}
    for name, partner, service in (("open", PARTNER, SERVICE), ("refuge", REFUGE, SHELTER)):
        made = await worker.post("/v1/partners", json=partner)
        assert made.status_code == 201, made.text
        under = await worker.post(f"{made.headers['location']}/services", json=service)
        assert under.status_code == 201, under.text
        found |= {name: made.json()["id"], f"{name}_service": under.json()["id"]}
    return found


async def read(client: httpx.AsyncClient, path: str, **said: Any) -> Any:
    """What is answered to a reader."""
    answer = await client.get(f"/hsds{path}", params=said)
    assert answer.status_code == 200, answer.text
    return answer.json()


def at(service_id: str) -> str:
    """The identifier of the service at its location: the service's own."""
    return service_id


def published(name: str, *within: str) -> Any:
    """A published schema, or one of those that it holds."""
    if not PUBLISHED.is_dir():
        pytest.skip("les schémas publiés de HSDS 3.1 ne sont pas à côté du projet")
    found = json.loads((PUBLISHED / f"{name}.json").read_text(encoding="utf-8"))
    for step in within:
        found = found["properties"][step]
        found = found.get("items", found)
    return found


def undeclared(said: Any, schema: Any, place: str = "") -> list[str]:
    """The members that the standard does not know: its schemas let anything more pass."""
    if isinstance(said, list):
        return [each for item in said for each in undeclared(item, schema["items"], place)]
    if not isinstance(said, dict):
        return []
    known = schema.get("properties", {})
    strays = [f"{place}/{name}" for name in said if name not in known]
    return strays + [
        each for name in said if name in known for each in undeclared(said[name], known[name], f"{place}/{name}")
    ]


def is_of_the_standard(said: Any, schema: Any) -> None:
    """Valid, formats included, and nothing more than what the standard names."""
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    faults = jsonschema.Draft202012Validator(schema, format_checker=checker).iter_errors(said)
    assert [f"{list(each.absolute_path)}: {each.message}" for each in faults] == []
    assert undeclared(said, schema) == []


async def test_every_answer_is_valid_against_the_published_schemas(house: House, directory: dict[str, str]) -> None:
    officer = await house("officer")
    term = ("attributes", "taxonomy_term")
    whole = {
        "organizations": published("organization"),
        "services": published("service"),
        "service_at_locations": published("service_at_location"),
        "taxonomies": published("service", *term, "taxonomy_detail"),
        "taxonomy_terms": published("service", *term),
    }
    alone = {**whole, "organizations": published("organization_list"), "services": published("service_list")}
    page = published("openapi")["components"]["schemas"]["Page"]

    for kind in KINDS:
        listed = await read(officer, f"/{kind}", per_page=200)
        pages = [(listed, alone[kind])]
        if not kind.startswith("taxonom"):
            pages.append((await read(officer, f"/{kind}", full="true"), whole[kind]))
        for answer, schema in pages:
            is_of_the_standard(answer, {**page, "properties": {**page["properties"], "contents": {"items": schema}}})
            assert answer.keys() == {*ENVELOPE, "contents"}
            assert answer["contents"]
        for each in listed["contents"]:
            is_of_the_standard(await read(officer, f"/{kind}/{each['id']}"), whole[kind])
    about = published("openapi")["paths"]["/"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    is_of_the_standard(await read(officer, "/"), about)
    assert {each["id"] for each in (await read(officer, "/services"))["contents"]} >= {
        directory["open_service"], directory["refuge_service"],
    }  # fmt: skip


async def test_the_root_says_which_standard_to_anyone_with_or_without_the_slash(house: House) -> None:
    async with house.caller() as anyone:
        said = await read(anyone, "")
        assert said == await read(anyone, "/")
        assert said["version"] == "3.1"
        assert said["openapi_url"] == "http://relais.test/openapi.json"
        assert (await anyone.get(said["openapi_url"])).status_code == 200
        for kind in KINDS:
            refused(await anyone.get(f"/hsds/{kind}"), 401, "unauthenticated")


async def test_everyone_who_signs_in_reads_it_the_software_of_a_partner_too_and_nobody_writes(
    house: House, directory: dict[str, str]
) -> None:
    readers = {name: await house(name) for name in ONE_OF_EACH_ROLE.values()}
    readers["machine"] = await let_in(house, await registered(house, "orientation:read"))
    paths = [f"/hsds/{kind}" for kind in KINDS]
    paths += [
        f"/hsds/organizations/{directory['open']}", f"/hsds/services/{directory['open_service']}",
        f"/hsds/service_at_locations/{at(directory['open_service'])}",
    ]  # fmt: skip
    for path in paths:
        answers = {name: await client.get(path) for name, client in readers.items()}
        assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(readers, 200)
        assert len({answer.content for answer in answers.values()}) == 1
        for method, said in WRITES.items():
            for name in ("worker", "coordinator", "machine"):
                answer = await readers[name].request(method, path, **said)
                assert answer.status_code == 405, f"{name} {method} {path}: {answer.text}"


async def test_a_service_says_what_its_row_says(house: House, directory: dict[str, str]) -> None:
    service = await read(await house("partner"), f"/services/{directory['open_service']}")

    facts = {
        "id": directory["open_service"], "organization_id": directory["open"], "name": "Écoute et cœur",
        "description": "Écoute.", "url": "https://exemple.test/rdv", "email": "accueil@exemple.test",
        "status": "active", "application_process": "Appeler le matin.",
        "fees_description": "Gratuit\nPhotocopies payantes.",
        "eligibility_description": "Sur rendez-vous.\nAvec enfants.", "alert": "2 places (01/02/2026)",
        "last_modified": f"{today()}T00:00:00Z",
    }  # fmt: skip
    assert {name: service[name] for name in facts} == facts
    assert (service["organization"]["name"], service["organization"]["website"]) == (
        "Maison d'Égalité", "https://exemple.test/",
    )  # fmt: skip
    assert [each["number"] for each in service["phones"]] == ["+33639980001"]
    assert [each["name"] for each in service["contacts"]] == ["Mme Martin"]
    (schedule,) = service["schedules"]
    assert (schedule["description"], schedule["attending_type"]) == (
        PARTNER["opening_hours"],
        "En présentiel, À distance",
    )
    assert {(each["taxonomy_term"]["taxonomy"], each["taxonomy_term"]["code"]) for each in service["attributes"]} == {
        ("di-thematiques", "logement-hebergement--louer-un-logement"), ("di-publics", "femmes"),
        ("di-types", "accompagnement"), ("relais-need-types", "housing"), ("relais-need-types", "listening_support"),
    }  # fmt: skip
    insee = "http://id.insee.fr/geo"
    said = ("name", "extent", "extent_type", "uri")
    assert [tuple(each.get(name) for name in said) for each in service["service_areas"]] == [
        ("Chartres", "28085", "text", f"{insee}/commune/28085"),
        ("CA Chartres Métropole", "200033181", "text", None),
        ("Eure-et-Loir", "28", "text", f"{insee}/departement/28"),
        ("La Réunion", "974", "text", f"{insee}/departement/974"),
        ("France", "france", "text", f"{insee}/pays/france"),
    ]  # fmt: skip
    (at_location,) = service["service_at_locations"]
    location = at_location["location"]
    assert (at_location["id"], at_location["location_id"]) == (at(directory["open_service"]), location["id"])
    assert (location["location_type"], location["longitude"], location["latitude"]) == ("physical", 1.4891, 48.4469)
    (address,) = location["addresses"]
    assert {name: address[name] for name in address if not name.endswith("id")} == {
        "address_1": "12 rue des Lisses", "address_2": "2e étage", "city": "Chartres", "state_province": "Eure-et-Loir",
        "postal_code": "28000", "country": "FR", "address_type": "physical",
    }  # fmt: skip


async def test_an_organization_says_what_its_row_says_and_its_services(house: House, directory: dict[str, str]) -> None:
    officer = await house("officer")
    found = await read(officer, f"/organizations/{directory['open']}")

    assert (found["name"], found["description"]) == ("Maison d'Égalité", "Droits.\nSur rendez-vous.")
    (identifier,) = found["organization_identifiers"]
    assert (identifier["identifier_scheme"], identifier["identifier"]) == ("FR-SIRET", "35600000000048")
    assert {(each["taxonomy_term"]["taxonomy"], each["taxonomy_term"]["code"]) for each in found["attributes"]} == {
        ("di-reseaux-porteurs", "cidff"), ("di-reseaux-porteurs", "ccas-cias"),
        ("relais-partner-categories", "womens_rights_cidff"),
    }  # fmt: skip
    assert [each["id"] for each in found["services"]] == [directory["open_service"]]
    (location,) = found["locations"]
    assert location["id"] == str(uuid5(UUID(directory["open"]), "location"))
    assert location["accessibility"][0]["url"] == PARTNER["accessibility_url"]
    assert location["schedules"][0]["description"] == PARTNER["opening_hours"]

    refuge = await read(officer, f"/organizations/{directory['refuge']}")
    assert refuge["description"] == "Hébergement d'urgence, CHRS".replace(
        "'", "’"
    )  # required: failing one, the category


async def test_identifiers_stay_the_same_and_lead_back(house: House, directory: dict[str, str]) -> None:
    officer = await house("officer")
    before = [await read(officer, f"/{kind}", per_page=200) for kind in KINDS]
    assert [await read(officer, f"/{kind}", per_page=200) for kind in KINDS] == before
    for kind, listed in zip(KINDS, before, strict=True):
        for each in listed["contents"]:
            assert (await read(officer, f"/{kind}/{each['id']}"))["id"] == each["id"]
            assert UUID(each["id"]).version in (5, 7)
        refused(await officer.get(f"/hsds/{kind}/{UNKNOWN}"), 404, "not_found")
        assert (await officer.get(f"/hsds/{kind}/12")).status_code == 422
    # A service without a place of its own is at its partner's, as everywhere in Relais.
    service = await read(officer, f"/service_at_locations/{at(directory['open_service'])}")
    assert service["location"]["id"] == str(uuid5(UUID(directory["open"]), "location"))
    assert service["service"]["id"] == service["service_id"] == directory["open_service"]


async def test_a_service_elsewhere_or_at_a_distance_has_a_location_of_its_own(
    house: House, directory: dict[str, str]
) -> None:
    worker, address = await house("worker"), f"/v1/partner-services/{directory['open_service']}"
    of_its_own = str(uuid5(UUID(directory["open_service"]), "location"))

    await patch(worker, address, {"street": "1 place Haute", "commune_code": "28134", "postcode": "28100"})
    elsewhere = (await read(worker, f"/service_at_locations/{at(directory['open_service'])}"))["location"]
    await patch(worker, address, {"street": None, "commune_code": None, "municipality": None, "postcode": None})
    await patch(worker, address, {"reception_modes": ["a-distance"]})
    remote = (await read(worker, f"/service_at_locations/{at(directory['open_service'])}"))["location"]

    assert (elsewhere["id"], elsewhere["location_type"]) == (of_its_own, "physical")
    assert (elsewhere["addresses"][0]["city"], elsewhere["addresses"][0]["postal_code"]) == ("Dreux", "28100")
    assert (remote["id"], remote["location_type"], remote["url"]) == (of_its_own, "virtual", SERVICE["reach_url"])


async def test_pages_are_numbered_bounded_and_counted(house: House, directory: dict[str, str]) -> None:
    officer = await house("officer")
    total = (await read(officer, "/services"))["total_items"]
    assert total >= 4
    seen = []
    for number in range(1, total + 1):
        page = await read(officer, "/services", page=number, per_page=1)
        seen += [each["id"] for each in page["contents"]]
        assert [page[name] for name in ENVELOPE] == [total, total, number, 1, number == 1, number == total, False]
    assert len(set(seen)) == total
    beyond = await read(officer, "/services", page=10_000, per_page=200)
    assert [beyond[name] for name in ENVELOPE] == [total, 1, 10_000, 0, False, True, True]
    nothing = await read(officer, "/organizations", search="introuvable")
    assert [nothing[name] for name in ENVELOPE] == [0, 0, 1, 0, True, True, True]
    terms = await read(officer, "/taxonomy_terms", page=2, per_page=10)
    assert (terms["page_number"], terms["size"], terms["total_items"]) == (2, 10, sum(len(t.terms) for t in TAXONOMIES))
    for wrong in ("page=0", "page=10001", "per_page=0", "per_page=201", "page=x", "page=99999999999999999999"):
        assert (await officer.get(f"/hsds/services?{wrong}")).status_code == 422, wrong


@pytest.mark.parametrize(
    ("kind", "query", "place"),
    [
        ("services", "proximity=1000", "proximity"), ("service_at_locations", "proximity=1000", "proximity"),
        ("organizations", "full_service=true", "full_service"), ("taxonomy_terms", "top_only=true", "top_only"),
        ("services", "postcode=28000", "postcode"), ("services", "format=ndjson", "format"),
        ("services", "perpage=3", "perpage"), ("services", "modified_after=hier", "modified_after"),
        ("services", f"taxonomy_term_id={UNKNOWN}", "taxonomy_term_id"), ("services", "search=%27-", "search"),
        ("organizations", f"taxonomy_id={UNKNOWN}", "taxonomy_id"), ("taxonomies", "search=%27-", "search"),
        ("taxonomy_terms", f"parent_id={UNKNOWN}", "parent_id"), ("service_at_locations", "postcode=28", "postcode"),
    ],
)  # fmt: skip
async def test_what_is_not_understood_or_not_offered_is_refused_never_ignored(
    house: House, kind: str, query: str, place: str
) -> None:
    answer = await (await house("officer")).get(f"/hsds/{kind}?{query}")
    assert answer.status_code == 422, answer.text
    assert set(faults(answer)) == {place}


async def ids(client: httpx.AsyncClient, path: str, **said: Any) -> set[str]:
    """The identifiers that a filter keeps."""
    return {each.get("service_id", each["id"]) for each in (await read(client, path, **said))["contents"]}


async def test_a_filter_keeps_what_it_names(house: House, directory: dict[str, str]) -> None:
    officer, service, partner = await house("officer"), directory["open_service"], directory["open"]
    terms = {
        (each["taxonomy"], each["code"]): each
        for number in (1, 2)
        for each in (await read(officer, "/taxonomy_terms", page=number, per_page=200))["contents"]
    }
    women, housing = terms["di-publics", "femmes"], terms["relais-need-types", "housing"]
    network = terms["di-reseaux-porteurs", "cidff"]

    for said in (
        {"search": "ecoute et coeur"}, {"search": "ÉGALITÉ"}, {"organization_id": partner},
        {"taxonomy_term_id": women["id"]}, {"taxonomy_id": women["taxonomy_id"]},
        {"taxonomy_term_id": terms["di-types", "accompagnement"]["id"], "taxonomy_id": housing["taxonomy_id"]},
        {"taxonomy_term_id": terms["di-thematiques", "logement-hebergement--louer-un-logement"]["id"]},
    ):  # fmt: skip
        assert await ids(officer, "/services", **said) == {service}, said
        assert await ids(officer, "/service_at_locations", **said) == {service}, said
    assert {service, directory["refuge_service"]} < await ids(officer, "/services", taxonomy_term_id=housing["id"])
    assert await ids(officer, "/services", taxonomy_term_id=network["id"]) == set()
    for wildcard in ("__", "%e", "\\_\\_"):
        assert await ids(officer, "/services", search=wildcard) == set()
        assert await ids(officer, "/organizations", search=wildcard) == set()
    for said in (
        {"search": "maison d egalite"}, {"taxonomy_term_id": network["id"]}, {"taxonomy_id": network["taxonomy_id"]},
        {"taxonomy_term_id": terms["relais-partner-categories", "womens_rights_cidff"]["id"]},
    ):  # fmt: skip
        assert await ids(officer, "/organizations", **said) == {partner}, said
    assert await ids(officer, "/service_at_locations", postcode="28000") == {service}
    assert await ids(officer, "/service_at_locations", postcode="28100") == set()
    assert {each["taxonomy"] for each in (await read(officer, "/taxonomy_terms", search="femme"))["contents"]} >= {
        "di-publics"
    }
    assert await ids(officer, "/taxonomy_terms", taxonomy_id=women["taxonomy_id"], per_page=200) == {
        each["id"] for each in terms.values() if each["taxonomy"] == "di-publics"
    }
    assert await ids(officer, "/taxonomy_terms", parent_id=housing["id"]) == set()


async def test_what_has_changed_is_read_again_and_what_has_ended_is_inactive(
    house: House, directory: dict[str, str]
) -> None:
    worker, service = await house("worker"), directory["refuge_service"]
    changed = {directory["open_service"], service}
    now = f"{today()}T00:00:00+02:00"
    assert await ids(worker, "/services", modified_after=now) == changed  # those of the template are older
    assert await ids(worker, "/services", modified_after=f"{day(2)}T00:00:00Z") == set()
    minimal = await read(worker, "/services", minimal="true", modified_after=now)
    assert {tuple(each) for each in minimal["contents"]} == {("id", "modified_date")}
    assert {each["id"] for each in minimal["contents"]} == changed

    keeper = await house("coordinator")
    await patch(keeper, f"/v1/partner-services/{service}", {"ended_on": today().isoformat()})
    await patch(worker, f"/v1/partners/{directory['open']}", {"ended_on": today().isoformat()})

    for each in changed:
        assert (await read(worker, f"/services/{each}"))["status"] == "inactive"
    assert await ids(worker, "/services", modified_after=now) == changed
    assert await ids(worker, "/service_at_locations") & changed == set()
    organizations = await ids(worker, "/organizations")
    assert directory["open"] not in organizations
    assert directory["refuge"] in organizations
    assert (await read(worker, f"/organizations/{directory['open']}"))["services"][0]["status"] == "inactive"


async def test_of_a_refuge_no_answer_says_more_than_its_departement(house: House, directory: dict[str, str]) -> None:
    officer, ours = await house("officer"), (directory["refuge"], directory["refuge_service"])
    answers = [
        await read(officer, f"/organizations/{directory['refuge']}"),
        await read(officer, f"/services/{directory['refuge_service']}"),
        await read(officer, f"/service_at_locations/{at(directory['refuge_service'])}"),
    ]
    for kind in KINDS[:3]:
        for said in ({}, {"full": "true"}):
            listed = (await read(officer, f"/{kind}", **said))["contents"]
            answers += [each for each in listed if {each["id"], each.get("service_id")} & set(ours)]
    assert len(answers) == 9
    places = []
    for answer in answers:
        text = json.dumps(answer, ensure_ascii=False)
        assert not [word for word in FINE if word in text]
        places += [each for each in parts(answer) if "location_type" in each]
    assert len(places) == 6
    for place in places:
        only_the_departement(place)
    assert await ids(officer, "/service_at_locations", postcode="28000") == {directory["open_service"]}


def parts(node: Any) -> list[dict[str, Any]]:
    """Every object of an answer."""
    if isinstance(node, list):
        return [each for child in node for each in parts(child)]
    if isinstance(node, dict):
        return [node, *(each for child in node.values() for each in parts(child))]
    return []


def only_the_departement(place: dict[str, Any]) -> None:
    """No line, no city, no postcode, no point, no page about the place."""
    assert not {"longitude", "latitude", "accessibility"} & place.keys()
    (address,) = place["addresses"]
    said = {name: value for name, value in address.items() if value and not name.endswith("id")}
    assert said == {"state_province": "Eure-et-Loir", "country": "FR", "address_type": "physical"}


async def test_even_of_a_row_that_held_the_address_of_a_refuge_nothing_would_be_said(
    house: House, superuser: asyncpg.Connection, directory: dict[str, str]
) -> None:
    """PostgreSQL refuses such a row; the façade does not count on it."""
    partner = dict(await superuser.fetchrow("select * from directory.partner where id = $1", UUID(directory["open"])))
    service = dict(
        await superuser.fetchrow("select * from directory.service where id = $1", UUID(directory["open_service"]))
    )
    own = {name: partner[name] for name in ADDRESS}
    for secret, open_one in ((partner, service), (service, partner)):  # either flag is enough
        for at_its_own in ({}, own):
            secret["address_confidential"], open_one["address_confidential"] = True, secret is partner
            row = service | at_its_own | {"reach_url": None}
            said = [
                hsds_mapping.service(row, partner), hsds_mapping.service_at_location(row, partner),
                hsds_mapping.service_with_organization(row, partner), hsds_mapping.service_minimal(row, partner),
            ]  # fmt: skip
            if secret is partner:
                said += [hsds_mapping.organization(partner, [row]), hsds_mapping.organization_listed(partner)]
            places = [each for each in parts(said) if "location_type" in each]
            assert len(places) == (3 if secret is partner else 2)
            for place in places:
                only_the_departement(place)
            text = json.dumps(said, ensure_ascii=False, default=str)
            assert not [word for word in (*FINE, "exemple.test/acces") if word in text]


async def test_a_service_is_found_by_the_same_folding_as_a_partner(superuser: asyncpg.Connection) -> None:
    from sqlalchemy import literal, select

    for name in ("Écoute et CŒUR", "L’Æther  d'à-côté", "maïs—ＦＩＮ", "ﬁn Ñandú", "e\u0301te\u0301"):
        said = compiled(select(_folded(literal(name))))
        assert await superuser.fetchval(said.sql, *said.values({})) == folded(name), name
