"""The official lists: dated rows, labels, facts; everyone reads, and keeps them for an hour."""

import pytest

from app.nomenclature.terms import LISTS
from tests.house_for_tests import ONE_OF_EACH_ROLE, House
from tests.routers.asking import refused


@pytest.mark.parametrize("name", ONE_OF_EACH_ROLE.values())
async def test_everyone_reads_the_lists(house: House, name: str) -> None:
    lists = (await (await house(name)).get("/v1/nomenclatures")).json()["items"]
    assert [each["name"] for each in lists] == list(LISTS)
    assert all(each["title"] and each["comment"] for each in lists)


async def test_every_list_is_answered_as_the_files_say_in_order(house: House) -> None:
    officer = await house("officer")
    for name, said in LISTS.items():
        answer = await officer.get(f"/v1/nomenclatures/{name}")
        assert answer.status_code == 200, answer.text
        items = answer.json()["items"]
        assert [each["code"] for each in items] == list(said.by_code), name
        for each in items:
            term = said.by_code[each["code"]]
            assert (each["label"], each["parent_code"]) == (term.label, term.parent_code)
            assert each["facts"] == dict(term.facts)
            assert each["valid_from"] == term.valid_from.isoformat()
            assert "basis" not in each


async def test_a_list_already_known_is_not_sent_again(house: House) -> None:
    officer = await house("officer")
    for path in ("/v1/nomenclatures", "/v1/nomenclatures/sex"):
        first = await officer.get(path)
        assert first.headers["cache-control"] == "private, max-age=3600"
        again = await officer.get(path, headers={"If-None-Match": f'"other", W/{first.headers["etag"]}'})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
        assert (await officer.get(path, headers={"If-None-Match": '"other"'})).status_code == 200


async def test_an_unknown_list_is_not_found(house: House) -> None:
    officer = await house("officer")
    refused(await officer.get("/v1/nomenclatures/religion"), 404, "not_found")
    for wrong in ("Sex", "pg_class;", "a" * 41):
        refused(await officer.get(f"/v1/nomenclatures/{wrong}"), 422, "invalid_request", "name")
