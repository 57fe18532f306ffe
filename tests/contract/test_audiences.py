"""One document for each audience: what it may do, the shapes that it is shown, and no word of what the others do."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from app.access.policy import policy
from app.contract.audiences import AUDIENCES, for_audience
from app.openapi import as_committed
from tests.contract.reading import DOCS, alternatives, application, bodies, operations
from tests.house_for_tests import House, Town, settings_for

POLICE = ("police_officer", "unit_commander")
# Words that nobody says to the police: what the social worker keeps, and what she keeps it in.
NEVER_SAID = (
    "confidentiel", "secret professionnel", "coordonnées sûres", "safe-contact", "participation", "note_share",
    "/notes", "/situations", "/persons", "/interventions", "orientation", "transmission", "requisition", "réquisition",
    "handover", "passation", "remplacement", "journal",
)  # fmt: skip


def test_each_document_is_committed_as_the_program_makes_it(documents: dict[str, dict[str, Any]]) -> None:
    for name in (None, *AUDIENCES):
        place = f"openapi/{name}.json" if name else "openapi.json"
        assert (DOCS / place).read_text(encoding="utf-8") == as_committed(application(), name), (
            f"docs/{place}: python -m app.openapi --write"
        )
    assert {f"openapi/{each.name}" for each in (DOCS / "openapi").glob("*.json")} == documents.keys() - {"openapi.json"}


@pytest.mark.parametrize("name", AUDIENCES)
def test_a_document_holds_every_operation_of_its_roles_and_no_other(name: str, document: dict[str, Any]) -> None:
    _, roles = AUDIENCES[name]
    shown = {(method, path): operation for method, path, operation in operations(for_audience(document, name))}
    for method, path, operation in operations(document):
        held = [role for role in operation.get("x-roles", ()) if role in roles]
        public = "x-roles" not in operation and operation["tags"][0] in ("health", "hsds")
        assert ((method, path) in shown) == bool(held or public), (method, path)
        if held:
            assert shown[method, path]["x-roles"] == held


@pytest.mark.parametrize("name", AUDIENCES)
def test_a_document_names_no_role_no_scope_and_no_shape_of_the_others(name: str, document: dict[str, Any]) -> None:
    _, roles = AUDIENCES[name]
    told = for_audience(document, name)
    text = json.dumps(told, ensure_ascii=False)
    elsewhere = document["components"]["schemas"].keys() - told["components"]["schemas"].keys()
    assert elsewhere
    assert {each for each in elsewhere if re.search(rf'"#/components/schemas/{each}"', text)} == set()
    for _, _, operation in operations(told):
        assert set(operation.get("x-roles", ())) <= roles
    held = {scope for role in roles for scope in policy().scopes(role)}
    assert set(told["components"]["securitySchemes"]["bearer"]["x-scopes"]) <= held
    for shape in told["components"]["schemas"].values():
        assert "x-shown-to" not in shape or roles & set(shape["x-shown-to"])
    tags = {tag for _, _, operation in operations(told) for tag in operation["tags"]}
    assert {tag["name"] for tag in told["tags"]} == tags


def test_the_police_reads_no_word_of_the_social_side(document: dict[str, Any]) -> None:
    text = json.dumps(for_audience(document, "police"), ensure_ascii=False).lower()
    assert {word for word in NEVER_SAID if word in text} == set()
    # What it types itself is its own, and that word is in it.
    assert "safe_contact_hint" in text
    for word in NEVER_SAID:
        assert word in json.dumps(document, ensure_ascii=False).lower() or word in ("journal",), word


def test_where_one_path_shows_several_shapes_each_says_to_whom(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    counted = 0
    for method, path, operation in operations(document):
        for where, _, media in bodies(operation):
            shapes = list(alternatives(media["schema"]))
            if len(shapes) < 2 or "x-roles" not in operation or "$ref" not in shapes[0]:
                continue
            counted += 1
            if where == "request":
                assert set(media["schema"]["x-said-by"]) == set(operation["x-roles"]), (method, path)
                continue
            told = [schemas[each["$ref"].rpartition("/")[2]].get("x-shown-to", ()) for each in shapes]
            assert all(told), (method, path)
            assert {role for roles in told for role in roles} >= set(operation["x-roles"]), (method, path)
    assert counted > 10


async def test_the_process_of_the_police_serves_its_own_document_and_no_other(
    town: Town, database: str, keys: dict[str, str]
) -> None:
    async with House.running(town, database, settings_for(town, database, keys, roles=list(POLICE))) as police:
        own = (await police.caller().get("/openapi/police.json")).json()
        assert own == json.loads((DOCS / "openapi" / "police.json").read_text(encoding="utf-8"))
        for other in ("social", "partner", "nobody"):
            assert (await police.caller().get(f"/openapi/{other}.json")).status_code == 404
        whole = (await police.caller().get("/openapi.json")).json()
    assert whole["paths"].keys() == own["paths"].keys()
    assert whole["components"]["schemas"].keys() == own["components"]["schemas"].keys()


async def test_a_process_of_every_lane_serves_the_document_of_every_audience(house: House) -> None:
    for name in AUDIENCES:
        answer = await house.caller().get(f"/openapi/{name}.json")
        assert answer.status_code == 200
        assert answer.json() == json.loads((DOCS / "openapi" / f"{name}.json").read_text(encoding="utf-8"))


async def test_a_document_that_has_not_changed_is_not_sent_again(house: House) -> None:
    anyone = house.caller()
    first = await anyone.get("/openapi.json")
    assert first.json() == json.loads((DOCS / "openapi.json").read_text(encoding="utf-8"))
    again = await anyone.get("/openapi.json", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
