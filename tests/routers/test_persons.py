"""Persons: found again however their name was spelt, corrected, linked; each post knows its own."""

from typing import Any

import pytest

from tests.house_for_tests import House
from tests.routers.asking import UNKNOWN, day, delete, faults, patch, refused


async def person(house: House, last_name: str = "Bolieu", by: str = "worker", **said: Any) -> dict[str, Any]:
    """A person just recorded."""
    draft = {"last_name": last_name, "first_name": "Kévin", "sex": "male", **said}
    answer = await (await house(by)).post("/v1/persons", json=draft)
    assert answer.status_code == 201, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def found(house: House, name: str, by: str = "worker", **said: Any) -> list[str]:
    """The last names that a search finds, the most alike first."""
    answer = await (await house(by)).post("/v1/persons/search", json={"name": name, **said})
    assert answer.status_code == 200, answer.text
    return [each["last_name"] for each in answer.json()["items"]]


@pytest.mark.parametrize(
    ("searched", "kept"),
    [
        ("Bolieu", "Bolieu"), ("Beaulieux", "Bolieu"), ("bolieu", "Bolieu"), ("BOLIEU kevin", "Bolieu"),
        ("Kévin Beaulieu", "Bolieu"), ("Lefebvre", "Lefèvre"), ("lefevre", "Lefèvre"), ("D ALMEIDA", "d'Almeida"),
        ("Dupond", "Dupont"), ("Ben Ali", "Benali"), ("Thibaud", "Thibault"), ("Mohammed", "Mohamed"),
        ("St Pierre", "Saint-Pierre"), ("noel", "Noël"), ("Gautier", "Gauthier"), ("Katrine", "Catherine"),
        ("Ozturk", "Öztürk"), ("Le Goff", "Legoff"), ("Bolie", "Bolieu"), ("Durant Martin", "Durand-Martin"),
    ],
)  # fmt: skip
async def test_a_name_is_found_without_its_accents_its_case_or_its_spelling(
    house: House, searched: str, kept: str
) -> None:
    await person(house, kept)
    await person(house, "Zwiebel", first_name="Ulrike")
    assert (await found(house, searched))[0] == kept


@pytest.mark.parametrize("searched", ["kevin", "Kévin", "KEVIN", "Kevyn", "kèvin"])
async def test_a_first_name_alone_finds_the_person(house: House, searched: str) -> None:
    await person(house)
    assert await found(house, searched) == ["Bolieu"]


async def test_a_birth_name_finds_the_person_and_the_most_alike_comes_first(house: House) -> None:
    await person(house, "Martin", birth_name="Bolieu")
    await person(house, "Bolier")
    await person(house, "Bolieu")
    names = await found(house, "Kévin Bolieu")
    assert (names[0], set(names)) == ("Bolieu", {"Bolieu", "Bolier", "Martin"})


async def test_a_birth_date_narrows_the_search_to_a_year_around_it(house: House) -> None:
    born = {"birth_date": "1990-05-01", "birth_date_precision": "day"}
    await person(house, "Bolieu", **born)
    await person(house, "Beaulieu", birth_date="1960-01-01", birth_date_precision="year")
    assert await found(house, "Bolieu", birth_date="1990-05-01") == ["Bolieu"]
    assert len(await found(house, "Bolieu")) == 2


@pytest.mark.parametrize("searched", ["???", "—", "12345", "محمد", "'"])
async def test_words_without_a_latin_letter_do_not_find_everyone(house: House, searched: str) -> None:
    await person(house)
    assert await found(house, searched) == []


async def test_the_search_takes_words_that_look_like_commands_as_words(house: House) -> None:
    await person(house)
    for searched in ("' or 1=1 --", "%", "_", "\\", "Robert'); drop table social.person;--", "a" * 120):
        assert await found(house, searched) in ([], ["Bolieu"])
    assert await found(house, "Bolieu") == ["Bolieu"]


async def test_the_search_shows_at_most_what_is_asked(house: House) -> None:
    for number in range(4):
        await person(house, f"Bolieu{'x' * number}")
    assert len(await found(house, "Bolieu", limit=2)) == 2
    answer = await (await house("worker")).post("/v1/persons/search", json={"name": "a", "limit": 51})
    refused(answer, 422, "invalid_request", "/limit")


async def test_a_search_finds_nothing_of_another_post_and_nobody_else_may_search(house: House) -> None:
    await person(house)
    assert await found(house, "Bolieu", by="colleague") == ["Bolieu"]
    assert await found(house, "Bolieu", by="worker_elsewhere") == []
    for who in ("officer", "commander", "coordinator", "partner", "dpo", "administrator"):
        answer = await (await house(who)).post("/v1/persons/search", json={"name": "Bolieu"})
        refused(answer, 403, "forbidden")


async def test_no_name_ever_stands_in_an_address(house: House) -> None:
    answer = await (await house("worker")).get("/v1/persons?name=Bolieu")
    refused(answer, 422, "unknown_parameter", "name")
    assert "Bolieu" not in answer.text


async def test_a_search_is_answered_in_full_whatever_the_caller_has_already(house: House) -> None:
    await person(house)
    worker = await house("worker")
    first = await worker.post("/v1/persons/search", json={"name": "Bolieu"})
    again = await worker.post(
        "/v1/persons/search", json={"name": "Bolieu"}, headers={"If-None-Match": first.headers["etag"]}
    )
    assert (again.status_code, again.json()) == (200, first.json())


async def test_a_misspelt_name_is_corrected_and_found_again(house: House) -> None:
    shown = await person(house, "Bolieux")
    address = f"/v1/persons/{shown['id']}"
    corrected = await patch(await house("worker"), address, {"last_name": "  Wagner ", "phone": "0639980001"})
    assert corrected.json() == {**shown, "last_name": "Wagner", "phone": "+33639980001"}
    assert await found(house, "Vagner") == ["Wagner"]
    assert await found(house, "Beaulieux") == []


async def test_a_corrected_birth_date_keeps_its_precision_and_both_are_cleared_together(house: House) -> None:
    shown = await person(house, birth_date="1990-05-01", birth_date_precision="day")
    worker, address = await house("worker"), f"/v1/persons/{shown['id']}"
    assert (await patch(worker, address, {"birth_date": "1991-05-01"})).json()["birth_date"] == "1991-05-01"
    refused(await patch(worker, address, {"birth_date": None}), 422, "birth_date_and_precision_together")
    cleared = await patch(worker, address, {"birth_date": None, "birth_date_precision": None})
    assert (cleared.json()["birth_date"], cleared.json()["birth_date_precision"]) == (None, None)


async def test_a_new_person_has_both_a_birth_date_and_its_precision_or_neither(house: House) -> None:
    answer = await (await house("worker")).post("/v1/persons", json={"sex": "male", "birth_date": "1990-05-01"})
    assert faults(answer) == {"/birth_date_precision": "birth_date_and_precision_together"}


async def test_a_person_is_a_minor_by_her_birth_date_else_as_declared_else_nobody_knows(house: House) -> None:
    exact = {"birth_date_precision": "day", "declared_minor": True}
    assert (await person(house, birth_date=day(-365 * 19), **exact))["minor"] is False
    assert (await person(house, birth_date=day(-365 * 10), birth_date_precision="year"))["minor"] is True
    assert (await person(house, declared_minor=True))["minor"] is True
    assert (await person(house))["minor"] is None


async def test_a_link_stands_in_one_file_and_says_nothing_in_the_other(house: House) -> None:
    mother, son = await person(house, "Petit"), await person(house, "Grand")
    worker = await house("worker")
    links = f"/v1/persons/{mother['id']}/household-links"

    noted = await worker.post(links, json={"other_person_id": son["id"], "household_link": "child"})

    assert noted.status_code == 201
    assert (await worker.get(noted.headers["location"])).json() == noted.json()
    assert (await worker.get(links)).json()["items"] == [noted.json()]
    assert (await worker.get(f"/v1/persons/{son['id']}/household-links")).json()["items"] == []
    again = await worker.post(links, json={"other_person_id": son["id"], "household_link": "sibling"})
    refused(again, 409, "household_link_already_noted")
    assert (await delete(worker, noted.headers["location"])).status_code == 204
    assert (await worker.get(links)).json()["items"] == []
    assert (await worker.post(links, json={"other_person_id": son["id"], "household_link": "child"})).is_success


async def test_a_link_leads_to_another_person_of_the_same_post(house: House) -> None:
    mine, theirs = await person(house), await person(house, by="worker_elsewhere")
    worker = await house("worker")
    for other in (mine["id"], theirs["id"], UNKNOWN):
        said = {"other_person_id": other, "household_link": "partner"}
        answer = await worker.post(f"/v1/persons/{mine['id']}/household-links", json=said)
        refused(answer, 422, "invalid_request", "/other_person_id")


async def test_another_post_finds_neither_the_person_nor_her_links(house: House) -> None:
    mother, son = await person(house), await person(house)
    links = f"/v1/persons/{mother['id']}/household-links"
    said = {"other_person_id": son["id"], "household_link": "child"}
    noted = await (await house("worker")).post(links, json=said)
    elsewhere = await house("worker_elsewhere")
    for answer in (
        await elsewhere.get(f"/v1/persons/{mother['id']}"),
        await patch(elsewhere, f"/v1/persons/{mother['id']}", {"last_name": "X"}, seen="*"),
        await elsewhere.get(links),
        await elsewhere.post(links, json=said),
        await elsewhere.get(noted.headers["location"]),
        await elsewhere.delete(noted.headers["location"], headers={"If-Match": "*"}),
    ):
        refused(answer, 404, "not_found")
    assert (await elsewhere.get("/v1/persons")).json()["items"] == []
    listed = (await (await house("worker")).get("/v1/persons")).json()["items"]
    assert [each["id"] for each in listed] == [son["id"], mother["id"]]


async def test_a_worker_records_a_person_only_on_a_post_that_she_holds(house: House) -> None:
    worker = await house("worker")
    for post in (str(house.ids["other_post"]), UNKNOWN):
        answer = await worker.post("/v1/persons", json={"sex": "female", "post_id": post})
        refused(answer, 422, "invalid_request", "/post_id")
