"""Employers, units, sites, posts: everyone reads, the administrator writes."""

from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from app.services.clock import today
from tests.house_for_tests import ONE_OF_EACH_ROLE, House
from tests.routers.asking import UNKNOWN, patch, refused

UNIT = {"name": "Brigade de Dreux", "zone": "gendarmerie", "departement_code": "28", "municipality": "Dreux"}
SITE = {"name": "Permanence", "site_type": "town_hall", "municipality": "Dreux"}
EMPLOYER = {"name": "CCAS de Dreux", "employer_type": "commune_ccas", "departement_code": "2A"}
THINGS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "units": (UNIT, {"municipality": "Vernouillet", "closed_on": "2030-01-01"}),
    "sites": (SITE, {"name": "Permanence du lundi", "closed_on": "2030-01-01"}),
    "employers": (EMPLOYER, {"departement_code": "973"}),
}


def post(house: House, *units: str, **said: Any) -> dict[str, Any]:
    """A post to create; it serves these units."""
    ids = [str(house.ids[unit]) for unit in units]
    employer = str(house.ids["employer"])
    return {"name": "ISCG", "employer_id": employer, "starts_on": "2026-02-01", "unit_ids": ids, **said}


@pytest.mark.parametrize("kind", THINGS)
async def test_the_administrator_adds_and_corrects_and_everyone_reads(house: House, kind: str) -> None:
    admin = await house("administrator")
    draft, correction = THINGS[kind]

    added = await admin.post(f"/v1/{kind}", json=draft)
    assert (added.status_code, added.json().items() >= draft.items()) == (201, True)
    address = added.headers["location"]
    corrected = await patch(admin, address, correction)
    assert corrected.json() == {**added.json(), **correction}

    for who in ONE_OF_EACH_ROLE.values():
        assert (await (await house(who)).get(address)).json() == corrected.json()
        assert corrected.json() in (await (await house(who)).get(f"/v1/{kind}")).json()["items"]


@pytest.mark.parametrize("kind", [*THINGS, "posts"])
async def test_nobody_else_writes_the_organisation(house: House, kind: str) -> None:
    draft = post(house, "north") if kind == "posts" else THINGS[kind][0]
    for role, who in ONE_OF_EACH_ROLE.items():
        if role != "administrator":
            refused(await (await house(who)).post(f"/v1/{kind}", json=draft), 403, "forbidden")


@pytest.mark.parametrize("code", ["20", "99", "975", "96", "028", "2C", "28 ", "x"])
async def test_a_departement_bears_an_official_code(house: House, code: str) -> None:
    official = code in {"975", "96", "99", "20"}  # two digits pass: the list of the INSEE is not kept here
    answer = await (await house("administrator")).post("/v1/units", json={**UNIT, "departement_code": code})
    assert answer.status_code == (201 if official else 422)


async def test_a_post_that_serves_several_units_is_shared(house: House) -> None:
    admin = await house("administrator")
    both = await admin.post("/v1/posts", json=post(house, "south", "north", "south"))
    assert both.status_code == 201, both.text
    assert both.json()["unit_ids"] == sorted(str(house.ids[unit]) for unit in ("north", "south"))
    assert both.json()["shared"] is True
    one = await admin.post("/v1/posts", json=post(house, "faraway"))
    assert one.json()["shared"] is False
    assert (await (await house("officer")).get(one.headers["location"])).json() == one.json()


async def test_a_post_to_come_shows_the_units_that_it_will_serve(house: House) -> None:
    next_year = (today() + timedelta(days=200)).isoformat()
    admin = await house("administrator")
    made = await admin.post("/v1/posts", json=post(house, "north", starts_on=next_year))
    assert made.json()["unit_ids"] == [str(house.ids["north"])]
    both = [str(house.ids["north"]), str(house.ids["south"])]
    corrected = await patch(admin, made.headers["location"], {"unit_ids": both})
    assert (sorted(corrected.json()["unit_ids"]), corrected.json()["shared"]) == (sorted(both), True)


async def test_a_post_stops_and_starts_serving_a_unit_and_its_workers_follow_at_once(house: House) -> None:
    referral = await house.referral()
    worker, admin = await house("worker"), await house("administrator")
    address = f"/v1/posts/{house.ids['shared_post']}"
    south, north = str(house.ids["south"]), str(house.ids["north"])

    without = await patch(admin, address, {"unit_ids": [south]})
    assert (without.json()["unit_ids"], without.json()["shared"]) == ([south], False)
    refused(await worker.get(f"/v1/referrals/{referral['id']}"), 404, "not_found")
    again = await patch(admin, address, {"unit_ids": [south, north]})
    assert sorted(again.json()["unit_ids"]) == sorted([south, north])
    assert (await worker.get(f"/v1/referrals/{referral['id']}")).status_code == 200


async def test_a_service_taken_back_the_day_it_began_and_given_again_goes_on(
    house: House, superuser: asyncpg.Connection
) -> None:
    admin, address = await house("administrator"), f"/v1/posts/{house.ids['other_post']}"
    faraway, north = str(house.ids["faraway"]), str(house.ids["north"])
    for unit_ids in ([faraway, north], [faraway], [faraway, north]):
        assert (await patch(admin, address, {"unit_ids": unit_ids})).status_code == 200
    rows = await superuser.fetch(
        "select ends_on from organisation.post_unit where post_id = $1", house.ids["other_post"]
    )
    assert [row["ends_on"] for row in rows] == [None, None]


async def test_a_post_names_units_and_an_employer_that_exist(house: House) -> None:
    admin = await house("administrator")
    refused(await admin.post("/v1/posts", json=post(house, "north", employer_id=UNKNOWN)), 422, "employer_unknown")
    refused(await admin.post("/v1/posts", json=post(house, unit_ids=[UNKNOWN])), 422, "unit_unknown")
    refused(await admin.post("/v1/posts", json=post(house)), 422, "invalid_request", "/unit_ids")
    known = f"/v1/posts/{house.ids['other_post']}"
    refused(await patch(admin, known, {"unit_ids": [UNKNOWN]}), 422, "unit_unknown")
    refused(await patch(admin, known, {"unit_ids": []}), 422, "invalid_request", "/unit_ids")
    assert (await admin.get(known)).json()["unit_ids"] == [str(house.ids["faraway"])]


async def test_a_post_does_not_end_before_it_starts(house: House) -> None:
    admin = await house("administrator")
    early = post(house, "north", ends_on="2026-01-01")
    refused(await admin.post("/v1/posts", json=early), 422, "invalid_request", "/ends_on")
    known = f"/v1/posts/{house.ids['other_post']}"
    refused(await patch(admin, known, {"ends_on": "2025-01-01"}), 422, "invalid_request", "/ends_on")
    assert (await patch(admin, known, {"ends_on": "2029-01-01"})).json()["ends_on"] == "2029-01-01"
    refused(await patch(admin, known, {"starts_on": "2029-02-01"}), 422, "invalid_request", "/ends_on")
    assert (await patch(admin, known, {"ends_on": None})).json()["ends_on"] is None


async def test_what_does_not_exist_is_not_found(house: House) -> None:
    admin = await house("administrator")
    for kind in (*THINGS, "posts"):
        refused(await admin.get(f"/v1/{kind}/{UNKNOWN}"), 404, "not_found")
        refused(await patch(admin, f"/v1/{kind}/{UNKNOWN}", {"name": "X"}, seen="*"), 404, "not_found")


async def site(house: House, name: str) -> str:
    """A place just added."""
    return str((await (await house("administrator")).post("/v1/sites", json={**SITE, "name": name})).json()["id"])


def shares(**said: float) -> list[dict[str, Any]]:
    """Who pays, and how much."""
    return [{"funding_source": source, "share_percent": share} for source, share in sorted(said.items())]


async def test_a_post_says_its_convention_who_has_authority_where_it_receives_and_who_pays(house: House) -> None:
    hall, house_of_law = await site(house, "Mairie"), await site(house, "Maison du droit")
    said = {
        "ends_on": "2028-12-31", "functional_authority": "ddsp", "functional_authority_name": "DDSP 28",
        "site_ids": [house_of_law, hall, hall], "funding": shares(state_fipd=33.34, departement=66.66),
    }  # fmt: skip
    made = await (await house("administrator")).post("/v1/posts", json=post(house, "north", **said))
    assert made.status_code == 201, made.text
    assert made.json().items() >= {**said, "site_ids": sorted([hall, house_of_law])}.items()
    for who in ONE_OF_EACH_ROLE.values():
        assert (await (await house(who)).get(made.headers["location"])).json() == made.json()


async def test_a_changed_list_ends_the_old_rows_and_erases_none(house: House, superuser: asyncpg.Connection) -> None:
    admin, hall, other = await house("administrator"), await site(house, "Mairie"), await site(house, "Autre")
    said = {"site_ids": [hall], "funding": shares(state_fipd=50, departement=50)}
    made = await admin.post("/v1/posts", json=post(house, "north", **said))
    address, yesterday = made.headers["location"], today() - timedelta(days=1)

    changed = await patch(admin, address, {"site_ids": [other], "funding": shares(state_fipd=30, departement=50)})
    assert changed.json()["site_ids"] == [other]
    assert changed.json()["funding"] == shares(state_fipd=30, departement=50)
    untouched = await patch(admin, address, {"functional_authority": "mixed"})
    assert untouched.json() == {**changed.json(), "functional_authority": "mixed"}

    post_id = made.json()["id"]
    sites = await superuser.fetch(
        "select site_id::text, ends_on from organisation.post_site where post_id = $1", post_id
    )
    assert {tuple(row) for row in sites} == {(hall, yesterday), (other, None)}
    rows = await superuser.fetch(
        "select funding_source, share_percent::int, ends_on from organisation.post_funding where post_id = $1", post_id
    )
    assert {tuple(row) for row in rows} == {
        ("state_fipd", 50, yesterday), ("state_fipd", 30, None), ("departement", 50, None),
    }  # fmt: skip


async def test_what_is_typed_and_corrected_the_same_day_counts_once(
    house: House, superuser: asyncpg.Connection
) -> None:
    admin, hall = await house("administrator"), await site(house, "Mairie")
    made = await admin.post("/v1/posts", json=post(house, "north", starts_on=today().isoformat()))
    address = made.headers["location"]
    for funding, sites in (
        (shares(state_fipd=100), [hall]),
        (shares(departement=100), []),
        (shares(state_fipd=40, departement=60), [hall]),
        (shares(state_fipd=39.5, departement=60), [hall]),
    ):
        corrected = await patch(admin, address, {"funding": funding, "site_ids": sites})
        assert (corrected.json()["funding"], corrected.json()["site_ids"]) == (funding, sites)
    for table, rows in (("post_funding", 2), ("post_site", 1)):
        kept = f"select count(*) from organisation.{table} where post_id = $1"
        assert await superuser.fetchval(kept, made.json()["id"]) == rows


async def test_a_post_to_come_changes_what_it_will_have_on_its_first_day(house: House) -> None:
    admin, next_year = await house("administrator"), (today() + timedelta(days=200)).isoformat()
    made = await admin.post("/v1/posts", json=post(house, "north", starts_on=next_year, funding=shares(state_fipd=100)))
    changed = await patch(admin, made.headers["location"], {"funding": shares(departement=80)})
    assert changed.json()["funding"] == shares(departement=80)
    sooner = (today() + timedelta(days=100)).isoformat()
    moved = await patch(admin, made.headers["location"], {"starts_on": sooner, "funding": shares(departement=70)})
    assert moved.json()["funding"] == shares(departement=70)


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ({"funding": shares(state_fipd=60, departement=40.01)}, "/funding"),
        ({"funding": [*shares(state_fipd=10), *shares(state_fipd=20)]}, "/funding"),
        ({"funding": shares(state_fipd=0)}, "/funding/0/share_percent"),
        ({"funding": shares(state_fipd=100.01)}, "/funding/0/share_percent"),
        ({"funding": shares(state_fipd=33.333)}, "/funding/0/share_percent"),
        ({"funding": [{"funding_source": "state_fipd", "share_percent": "50"}]}, "/funding/0/share_percent"),
        ({"funding": shares(nobody=10)}, "/funding/0/funding_source"),
        ({"functional_authority": "king"}, "/functional_authority"),
        ({"functional_authority_name": " "}, "/functional_authority_name"),
        ({"site_ids": ["x"]}, "/site_ids/0"),
    ],
)
async def test_a_post_is_paid_once_in_all_and_says_codes_of_the_lists(
    house: House, said: dict[str, Any], place: str
) -> None:
    admin, known = await house("administrator"), f"/v1/posts/{house.ids['other_post']}"
    refused(await admin.post("/v1/posts", json=post(house, "north", **said)), 422, "invalid_request", place)
    refused(await patch(admin, known, said), 422, "invalid_request", place)
    refused(await patch(admin, known, {"site_ids": [UNKNOWN]}), 422, "site_unknown")
