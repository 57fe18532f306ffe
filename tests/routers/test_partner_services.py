"""Services of the partners, and the question of the field: who can help with this need, here, now?"""

from typing import Any

import asyncpg
import pytest

from app.services.clock import today
from tests.data_inclusion.saying import service as service_row
from tests.data_inclusion.saying import structure
from tests.house_for_tests import ONE_OF_EACH_ROLE, House
from tests.routers.asking import MERGE, UNKNOWN, day, faults, patch, refused

PARTNER = {"name": "Le Relais des Carnutes", "partner_category": "emergency_shelter", "address_confidential": False}
SERVICE = {"name": "Accueil", "description": "Écoute.", "needs": ["legal_support"], "areas": ["departement:28"]}
PLACE = {
    "commune_code": "28085",
    "postcode": "28000",
    "street": "12 rue des Lisses",
    "longitude": 1.4891,
    "latitude": 48.4469,
}
REFUGE = {**PARTNER, "name": "La Halte", "address_confidential": True, "departement_code": "28"}
OFFICE_HOURS = "Mo-Fr 09:00-17:00; PH off"
# Chartres, Thursday 5 February 2026: ten o'clock, then midnight.
AT_TEN, AT_NIGHT = "2026-02-05T10:00:00+01:00", "2026-02-05T00:00:00+01:00"


async def partner(house: House, **said: Any) -> str:
    """The address of a partner just added."""
    answer = await (await house("worker")).post("/v1/partners", json={**PARTNER, **said})
    assert answer.status_code == 201, answer.text
    return answer.headers["location"]


async def service(house: House, of: str | None = None, **said: Any) -> str:
    """The address of a service just added, to a new partner unless told otherwise."""
    of = of or await partner(house)
    answer = await (await house("worker")).post(f"{of}/services", json={**SERVICE, **said})
    assert answer.status_code == 201, answer.text
    return answer.headers["location"]


async def who_can_help(house: House, by: str = "worker", **asked: Any) -> list[dict[str, Any]]:
    """What the search finds, for a need in Chartres unless told otherwise."""
    asked = {"need": "legal_support", "commune": "28085", "at": AT_TEN, **asked}
    answer = await (await house(by)).get("/v1/partner-services", params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def names(house: House, **asked: Any) -> list[str]:
    """The names of the services found, in order."""
    return [each["name"] for each in await who_can_help(house, **asked)]


async def written(superuser: asyncpg.Connection) -> Any:
    """Every service of the directory."""
    return await superuser.fetch("select s::text from directory.service s")


async def test_the_social_worker_and_the_coordinator_keep_the_services_and_everyone_reads(house: House) -> None:
    full = {
        **SERVICE, **PLACE, "service_type": "accompagnement", "thematics": ["logement-hebergement--louer-un-logement"],
        "publics": ["women", "families"], "public_details": "a", "conditions": "b", "fees": "gratuit",
        "fees_details": "c", "reached_by": ["professionnels"], "how_to_reach": "d", "contact_name": "f",
        "areas": ["commune:28085", "france"], "reception_modes": ["en-presentiel"], "reach_modes": ["telephoner"],
        "reach_url": "https://exemple.test/e", "weekly_hours": 3.5, "duration_weeks": 8,
        "capacity_note": "2 places", "capacity_on": "2026-02-01", "phone": "+33639980001", "email": "a@exemple.test",
        "municipality": "Chartres", "street_extra": "g", "opening_hours": "24/7",
    }  # fmt: skip
    of = await partner(house)
    for who in ("worker", "coordinator"):
        added = await (await house(who)).post(f"{of}/services", json=full)
        assert added.status_code == 201, added.text
        shown = added.json()
        assert {name: shown[name] for name in full} == full
        assert (shown["partner_id"], shown["partner_name"]) == (of.rpartition("/")[2], PARTNER["name"])
        assert (shown["source"], shown["updated_on"], shown["id"][14]) == ("relais", today().isoformat(), "7")
        corrected = await patch(await house(who), added.headers["location"], {"needs": ["housing"], "publics": []})
        assert corrected.json() == {**shown, "needs": ["housing"], "publics": []}
        for reader in ONE_OF_EACH_ROLE.values():
            client = await house(reader)
            assert (await client.get(added.headers["location"])).json() == corrected.json()
            assert corrected.json() in (await client.get(f"{of}/services")).json()["items"]


async def test_an_officer_asks_who_can_help_and_cannot_write(house: House, superuser: asyncpg.Connection) -> None:
    address = await service(house)
    before = await written(superuser)
    for role, who in ONE_OF_EACH_ROLE.items():
        assert [each["name"] for each in await who_can_help(house, by=who)] == ["Accueil"]
        if role not in ("social_worker", "coordinator"):
            refused(await patch(await house(who), address, {"name": "Autre"}), 403, "forbidden")
    assert await written(superuser) == before


@pytest.mark.parametrize(
    ("wrong", "place", "code"),
    [
        ({"name": ""}, "/name", "text_blank"),
        ({"description": None}, "/description", "text_expected"),
        ({"description": "a" * 5_001}, "/description", "text_too_long"),
        ({"service_type": "magic"}, "/service_type", "one_of_the_choices"),
        ({"needs": []}, "/needs", "list_too_short"),
        ({"needs": ["magic"]}, "/needs/0", "unknown_code"),
        ({"needs": ["housing", "housing"]}, "/needs", "list_repeats"),
        ({"thematics": ["logement-hebergement--magie"]}, "/thematics/0", "unknown_thematic"),
        ({"publics": ["tous-publics"]}, "/publics/0", "unknown_code"),
        ({"areas": []}, "/areas", "list_too_short"),
        ({"areas": None}, "/areas", "list_expected"),
        ({"areas": ["commune"]}, "/areas/0", "unknown_area"),
        ({"areas": ["commune:"]}, "/areas/0", "unknown_area"),
        ({"areas": ["commune:00000"]}, "/areas/0", "unknown_area"),
        ({"areas": ["epci:999999999"]}, "/areas/0", "unknown_area"),
        ({"areas": ["departement:99"]}, "/areas/0", "unknown_area"),
        ({"areas": ["france", "region:24"]}, "/areas/1", "unknown_area"),
        ({"areas": ["france", "france"]}, "/areas", "list_repeats"),
        ({"areas": ["departement:28"] * 401}, "/areas", "list_too_long"),
        ({"fees": "cher"}, "/fees", "one_of_the_choices"),
        ({"reception_modes": ["ailleurs"]}, "/reception_modes/0", "one_of_the_choices"),
        ({"reach_modes": ["pigeon"]}, "/reach_modes/0", "one_of_the_choices"),
        ({"reached_by": ["police"]}, "/reached_by/0", "one_of_the_choices"),
        ({"reach_url": "www.exemple.test"}, "/reach_url", "wrong_url"),
        ({"capacity_on": "2026-02-01"}, "/capacity_note", "missing"),
        ({"capacity_note": "2 places", "capacity_on": "2199-01-01"}, "/capacity_on", "day_in_the_future"),
        ({"commune_code": "99999"}, "/commune_code", "unknown_commune"),
        ({"departement_code": "75", "commune_code": "28085"}, "/departement_code", "departement_of_commune_expected"),
        ({"opening_hours": "Mo 25:00-99:00"}, "/opening_hours", "hours_not_understood"),
        ({"latitude": 91, "longitude": 0}, "/latitude", "at_most"),
        ({"weekly_hours": -1}, "/weekly_hours", "at_least"),
        ({"duration_weeks": 0}, "/duration_weeks", "at_least"),
        ({"duration_weeks": 1.5}, "/duration_weeks", "whole_number_expected"),
        ({"address_confidential": True}, "/address_confidential", "unknown_member"),
        ({"partner_id": UNKNOWN}, "/partner_id", "unknown_member"),
    ],
)
async def test_a_bad_service_is_refused_and_nothing_is_written(
    house: House, superuser: asyncpg.Connection, wrong: dict[str, Any], place: str, code: str
) -> None:
    worker, of = await house("worker"), await partner(house)
    address = await service(house, of)
    before = await written(superuser)
    for answer in (
        await worker.post(f"{of}/services", json={**SERVICE, **wrong}),
        await patch(worker, address, wrong),
    ):
        refused(answer, 422, "invalid_request")
        assert faults(answer) == {place: code}
    assert await written(superuser) == before


@pytest.mark.parametrize(
    ("fine", "place"),
    [*(({name: value}, f"/{name}") for name, value in PLACE.items() if name not in ("longitude", "latitude")),
     ({"longitude": 1.0}, "/longitude"), ({"latitude": 1.0}, "/latitude"),
     ({"municipality": "Chartres"}, "/municipality"), ({"street_extra": "a"}, "/street_extra"),
     ({"areas": ["commune:28085"]}, "/areas/0"), ({"areas": ["france", "epci:200033181"]}, "/areas/1")],
)  # fmt: skip
async def test_a_service_of_a_refuge_says_nothing_finer_than_the_departement(
    house: House, superuser: asyncpg.Connection, fine: dict[str, Any], place: str
) -> None:
    worker, of = await house("coordinator"), await partner(house, **REFUGE)
    address = await service(house, of, departement_code="28")
    before = await written(superuser)
    refused(await worker.post(f"{of}/services", json={**SERVICE, **fine}), 422, "refuge_has_no_address", place)
    refused(await patch(worker, address, fine), 422, "refuge_has_no_address", place)
    assert await written(superuser) == before


async def test_a_merged_commune_becomes_the_present_one(house: House) -> None:
    # Annecy-le-Vieux became a part of Annecy in 2017.
    address = await service(house, areas=["commune:74011"], commune_code="74011")
    shown = (await (await house("worker")).get(address)).json()
    assert (shown["areas"], shown["commune_code"], shown["municipality"]) == (["commune:74010"], "74010", "Annecy")
    assert await names(house, commune="74010") == await names(house, commune="74011") == ["Accueil"]
    twice = {**SERVICE, "areas": ["commune:74011", "commune:74010"]}
    answer = await (await house("worker")).post(f"{await partner(house)}/services", json=twice)
    assert faults(answer) == {"/areas": "list_repeats"}


async def test_a_note_on_places_is_of_today_unless_dated_and_leaves_with_its_day(house: House) -> None:
    worker, address = await house("worker"), await service(house, capacity_note="2 places")
    assert (await worker.get(address)).json()["capacity_on"] == today().isoformat()
    dated = await patch(worker, address, {"capacity_on": day(-4)})
    assert (dated.json()["capacity_note"], dated.json()["capacity_on"]) == ("2 places", day(-4))
    again = await patch(worker, address, {"capacity_note": "Complet"})
    assert again.json()["capacity_on"] == today().isoformat()
    gone = await patch(worker, address, {"capacity_note": None})
    assert (gone.json()["capacity_note"], gone.json()["capacity_on"]) == (None, None)


async def test_the_narrowest_area_comes_first_then_the_open_then_the_unknown_then_the_closed(house: House) -> None:
    closed, unknown = {"opening_hours": "Mo 08:00-09:00"}, {"opening_hours": '10:00-11:00 "sur rendez-vous"'}
    for name, said in {
        "National ouvert": {"areas": ["france"], "opening_hours": "24/7"},
        "Départemental sans horaires": {"areas": ["departement:28"]},
        "Départemental fermé": {"areas": ["departement:28"], **closed},
        "Départemental ouvert": {"areas": ["departement:28", "france"], "opening_hours": OFFICE_HOURS},
        "Intercommunal fermé": {"areas": ["epci:200033181"], **closed},
        "Communal sur rendez-vous": {"areas": ["commune:28085"], **unknown},
        "communal fermé": {"areas": ["commune:28085", "departement:28"], **closed},
        "Communal ouvert B": {"areas": ["commune:28085"], "opening_hours": OFFICE_HOURS},
        "Communal à l'heure A": {"areas": ["france", "commune:28085"], "opening_hours": OFFICE_HOURS},
        "Ailleurs": {"areas": ["commune:28134", "departement:75"]},
        "Autre besoin": {"areas": ["commune:28085"], "needs": ["food_aid"]},
    }.items():
        await service(house, name=name, **said)
    found = await who_can_help(house)
    assert [(each["name"], each["open_now"], each["matched_area"]["area"]) for each in found] == [
        ("Communal à l'heure A", True, "commune:28085"),
        ("Communal ouvert B", True, "commune:28085"),
        ("Communal sur rendez-vous", None, "commune:28085"),
        ("communal fermé", False, "commune:28085"),
        ("Intercommunal fermé", False, "epci:200033181"),
        ("Départemental ouvert", True, "departement:28"),
        ("Départemental sans horaires", None, "departement:28"),
        ("Départemental fermé", False, "departement:28"),
        ("National ouvert", True, "france"),
    ]
    assert [found[n]["matched_area"]["name"] for n in (0, 5, 8)] == ["Chartres", "Eure-et-Loir", "France"]
    assert await names(house, limit=2) == ["Communal à l'heure A", "Communal ouvert B"]


async def test_the_open_come_first_among_as_many_services_as_a_large_departement_has(house: House) -> None:
    rows = [structure(1, horaires_accueil=None, code_insee="28085")]
    rows += [
        service_row(number, nom=f"Accueil {number:03}", zone_eligibilite=["28"], horaires_accueil="Mo 08:00-09:00")
        for number in range(600)
    ]
    rows.append(service_row(600, nom="Toujours ouvert", zone_eligibilite=["28"], horaires_accueil="24/7"))
    answer = await (await house("worker")).post("/v1/partners/import", json=rows)
    assert (answer.status_code, answer.json()["created"]) == (200, 602), answer.text
    assert await names(house, need="protection_safety", limit=2) == ["Toujours ouvert", "Accueil 000"]


async def test_hours_are_read_where_the_service_is_and_fall_back_on_the_partner_s(house: House) -> None:
    of = await partner(house, opening_hours=OFFICE_HOURS, phone="0639980001", email="a@exemple.test", **PLACE)
    await service(house, of, name="Comme son partenaire")
    await service(house, of, name="De nuit", opening_hours="Mo-Su 20:00-06:00", phone="0639980002", municipality="Lucé")
    by_day = {each["name"]: each for each in await who_can_help(house)}
    same, night = by_day["Comme son partenaire"], by_day["De nuit"]
    assert (same["open_now"], night["open_now"]) == (True, False)
    assert (same["phone"], night["phone"], night["email"]) == ("+33639980001", "+33639980002", "a@exemple.test")
    assert (same["street"], same["municipality"]) == (PLACE["street"], "Chartres")
    assert (night["street"], night["municipality"], night["longitude"]) == (None, "Lucé", None)
    assert night["next_opening_at"] == "2026-02-05T19:00:00Z"
    assert same["next_opening_at"] == "2026-02-06T08:00:00Z"
    by_night = {each["name"]: each for each in await who_can_help(house, at=AT_NIGHT)}
    assert [by_night[name]["open_now"] for name in ("Comme son partenaire", "De nuit")] == [False, True]
    assert by_night["Comme son partenaire"]["next_opening_at"] == "2026-02-05T08:00:00Z"


async def test_the_short_numbers_of_france_are_kept_as_they_are_dialled(house: House) -> None:
    worker, of = await house("worker"), await partner(house, phone="115")
    address = await service(house, of, phone="39 19")
    assert ((await worker.get(of)).json()["phone"], (await worker.get(address)).json()["phone"]) == ("115", "3919")
    assert [each["phone"] for each in await who_can_help(house)] == ["3919"]
    # What was read may be sent back.
    assert (await patch(worker, address, {"name": "Écoute", "phone": "3919"})).status_code == 200


async def test_an_office_is_closed_on_a_public_holiday(house: House) -> None:
    of = await partner(house, departement_code="28")
    await service(house, of, name="Bureau", opening_hours=OFFICE_HOURS)
    (may_day,) = await who_can_help(house, at="2026-05-01T10:00:00+02:00")
    assert (may_day["open_now"], may_day["next_opening_at"]) == (False, "2026-05-04T07:00:00Z")
    (eve,) = await who_can_help(house, at="2026-04-30T10:00:00+02:00")
    assert eve["open_now"] is True


async def test_good_friday_leaves_a_doubt_in_strasbourg_and_none_in_chartres(house: House) -> None:
    for departement, commune, expected in (("67", "67482", None), ("28", "28085", True)):
        of = await partner(house, departement_code=departement)
        await service(house, of, name=departement, opening_hours=OFFICE_HOURS, areas=[f"departement:{departement}"])
        (found,) = await who_can_help(house, commune=commune, at="2026-04-03T10:00:00+02:00")
        assert found["open_now"] is expected


async def test_an_arrondissement_of_paris_finds_the_services_of_paris(house: House) -> None:
    await service(house, name="Paris", areas=["commune:75056"])
    await service(house, name="8e", areas=["commune:75108"])
    await service(house, name="9e", areas=["commune:75109"])
    await service(house, name="75", areas=["departement:75"])
    found = await who_can_help(house, commune="75108")
    assert [(each["name"], each["matched_area"]["name"]) for each in found] == [
        ("8e", "Paris 8e Arrondissement"), ("Paris", "Paris"), ("75", "Paris"),
    ]  # fmt: skip
    assert await names(house, commune="75056") == ["Paris", "75"]


async def test_a_public_finds_the_services_made_for_it_and_those_for_everyone(house: House) -> None:
    for name, publics in {
        "Sans public": [], "Tous": ["everyone"], "Femmes": ["women"], "Familles": ["families"],
        "Femmes et familles": ["families", "women"], "Tous et jeunes": ["everyone", "young_people"],
    }.items():  # fmt: skip
        await service(house, name=name, publics=publics)
    assert await names(house, public="women") == [
        "Femmes",
        "Femmes et familles",
        "Sans public",
        "Tous",
        "Tous et jeunes",
    ]
    assert await names(house, public="seniors") == ["Sans public", "Tous", "Tous et jeunes"]
    assert await names(house, public="everyone") == ["Sans public", "Tous", "Tous et jeunes"]
    assert len(await names(house)) == 6


async def test_what_has_ended_is_not_proposed(house: House) -> None:
    worker, of = await house("worker"), await partner(house)
    gone, kept = await service(house, of, name="Fini"), await service(house, of, name="Présent")
    refused(await patch(worker, gone, {"ended_on": day(2)}), 422, "invalid_request", "/ended_on")
    await patch(worker, gone, {"ended_on": day(0)})
    assert await names(house) == ["Présent"]
    listed = [
        [each["name"] for each in (await worker.get(f"{of}/services{query}")).json()["items"]]
        for query in ("", "?ended=true")
    ]
    assert listed == [["Présent"], ["Présent", "Fini"]]
    await patch(worker, of, {"ended_on": day(0)})
    assert await names(house) == []
    assert (await worker.get(kept)).json()["ended_on"] is None


@pytest.mark.parametrize(
    ("asked", "code", "parameter", "fault"),
    [
        ("commune=28085", "invalid_request", "need", "missing"),
        ("need=housing", "invalid_request", "commune", "missing"),
        ("need=magic&commune=28085", "invalid_request", "need", "unknown_code"),
        ("need=housing&commune=00000", "invalid_request", "commune", "unknown_commune"),
        ("need=housing&commune=Chartres", "invalid_request", "commune", "text_too_long"),
        ("need=housing&commune=28", "invalid_request", "commune", "unknown_commune"),
        ("need=housing&commune=28085&public=magic", "invalid_request", "public", "unknown_code"),
        ("need=housing&commune=28085&at=tomorrow", "invalid_request", "at", "instant_expected"),
        ("need=housing&commune=28085&at=2026-02-05T10:00:00", "invalid_request", "at", "time_zone_missing"),
        ("need=housing&commune=28085&limit=101", "invalid_request", "limit", "at_most"),
        ("need=housing&commune=28085&limit=0", "invalid_request", "limit", "at_least"),
        ("need=housing&commune=28085&cursor=a", "unknown_parameter", "cursor", "unknown_parameter"),
        ("need=housing&commune=28085&besoin=a", "unknown_parameter", "besoin", "unknown_parameter"),
        ("need=housing&need=other&commune=28085", "repeated_parameter", "need", "repeated_parameter"),
    ],
)
async def test_a_question_that_is_wrong_is_told_so_and_never_answered_by_nothing(
    house: House, asked: str, code: str, parameter: str, fault: str
) -> None:
    answer = await (await house("officer")).get(f"/v1/partner-services?{asked}")
    refused(answer, 422, code, parameter)
    assert faults(answer) == {parameter: fault}
    assert all(len(each["detail"]) > 10 for each in answer.json()["errors"])


async def test_without_an_instant_the_question_is_about_now(house: House) -> None:
    await service(house, name="Toujours", opening_hours="24/7")
    await service(house, name="Jamais", opening_hours="off")
    answer = await (await house("worker")).get("/v1/partner-services?need=legal_support&commune=28085")
    found = [(each["name"], each["open_now"], each["next_opening_at"]) for each in answer.json()["items"]]
    assert found == [("Toujours", True, None), ("Jamais", False, None)]


async def test_hours_and_places_that_an_import_told_badly_break_nothing(
    house: House, superuser: asyncpg.Connection
) -> None:
    await service(house, name="Mal dit")
    await superuser.execute(
        "update directory.service set opening_hours = 'lundi ?', departement_code = '99', commune_code = '99999'"
    )
    (found,) = await who_can_help(house)
    assert (found["open_now"], found["next_opening_at"], found["departement_code"]) == (None, None, "99")
    path = f"/v1/partners/{found['partner_id']}"
    hidden = await patch(await house("worker"), path, {"address_confidential": True})
    assert hidden.status_code == 200, hidden.text
    assert (await who_can_help(house))[0]["commune_code"] is None


async def test_a_correction_of_a_service_names_the_version_seen(house: House) -> None:
    worker, address = await house("worker"), await service(house)
    read = await worker.get(address)
    assert (await worker.get(address, headers={"If-None-Match": read.headers["etag"]})).status_code == 304
    refused(await worker.patch(address, content="{}", headers=MERGE), 428, "precondition_required")
    assert (await patch(worker, address, {"phone": "0639980001"})).status_code == 200
    refused(await patch(worker, address, {"phone": None}, seen=read.headers["etag"]), 412, "precondition_failed")
    search = f"/v1/partner-services?need=legal_support&commune=28085&at={AT_TEN.replace('+', '%2B')}"
    found = await worker.get(search)
    assert (await worker.get(search, headers={"If-None-Match": found.headers["etag"]})).status_code == 304
    assert found.headers["cache-control"] == "no-store"


async def test_a_service_that_does_not_exist_is_not_found(house: House) -> None:
    worker, nowhere = await house("worker"), f"/v1/partner-services/{UNKNOWN}"
    refused(await worker.get(nowhere), 404, "not_found")
    refused(await patch(worker, nowhere, {"name": "X"}, seen="*"), 404, "not_found")
