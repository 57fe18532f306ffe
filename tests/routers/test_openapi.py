"""The published contract: complete, French, and the same as the policy, the routes and the committed file."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.access.gate import permission_of
from app.access.policy import policy
from app.openapi import api_routes, as_committed
from app.settings import Settings
from tests.house_for_tests import House, Town, settings_for

COMMITTED = Path(__file__).resolve().parents[2] / "docs" / "openapi.json"
METHODS = ("get", "post", "put", "patch", "delete")


@pytest.fixture(scope="session")
def document(town: Town, keys: dict[str, str]) -> dict[str, Any]:
    """The document of a process that serves every lane; nothing is connected."""
    from app.main import create_app

    found: dict[str, Any] = create_app(settings_for(town, "nowhere", keys)).openapi()
    return found


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Method, path and description of every operation."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            assert method in METHODS
            yield method, path, operation


def references(node: Any) -> Iterator[str]:
    """Every ``$ref`` of the document."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for child in node.values():
            yield from references(child)
    elif isinstance(node, list):
        for child in node:
            yield from references(child)


def test_the_committed_document_is_the_one_that_the_program_makes(town: Town, keys: dict[str, str]) -> None:
    from app.main import create_app

    made = as_committed(create_app(settings_for(town, "nowhere", keys)))
    assert COMMITTED.read_text(encoding="utf-8") == made, "python -m app.openapi > docs/openapi.json"


def test_it_is_openapi_three_one_and_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    for reference in set(references(document)):
        node = document
        for step in reference.removeprefix("#/").split("/"):
            node = node[step]
    used = {reference.rpartition("/")[2] for reference in references(document)}
    assert document["components"]["schemas"].keys() - used == set()


def test_every_operation_has_a_name_of_its_own_a_french_summary_and_a_described_tag(document: dict[str, Any]) -> None:
    found = list(operations(document))
    names = [operation["operationId"] for *_, operation in found]
    assert len(names) == len(set(names)) > 60
    assert all(re.fullmatch(r"[a-z]+([A-Z][a-z]+)*", name) for name in names), names
    english = re.compile(r"\b(the|of|list|read|add|update|delete|get|post)\b", re.IGNORECASE)
    described = {tag["name"] for tag in document["tags"] if tag["description"]}
    for _, _, operation in found:
        assert operation["summary"][0].isupper()
        assert not english.search(operation["summary"])
        assert set(operation["tags"]) <= described
        assert len(operation["tags"]) == 1


# Who proposes does not approve: of one scope, each side has its acts.
ONE_ACT_EACH = {
    "replacement:change": {"approve": ["coordinator"]},
    "handover:change": {"approve": ["coordinator"], "cancel": ["social_worker"]},
    "home_visit_agreement:change": {},
    "account:add": {"clients": ["administrator"]},
}
# One's own proofs: whoever is signed in may renew them, whatever her role.
ASKS_FOR_A_TOKEN_ALONE = {
    "/v1/auth/step-up", "/v1/auth/password", "/v1/auth/second-factor", "/v1/auth/second-factor/confirm",
}  # fmt: skip


# A session has nothing that somebody else could have rewritten.
WITHOUT_A_VERSION = {"/v1/me/sessions/{session_id}"}


def test_every_operation_says_the_scope_and_the_roles_that_the_policy_gives(document: dict[str, Any]) -> None:
    public = {path for _, path, operation in operations(document) if operation["security"] == []}
    alone = {path for _, path, operation in operations(document) if operation["security"] == [{"bearer": []}]}
    assert alone == ASKS_FOR_A_TOKEN_ALONE
    assert public == {
        "/healthz", "/readyz", "/v1/status", "/.well-known/jwks.json", "/hsds",
        "/v1/auth/login", "/v1/auth/mfa", "/v1/auth/token", "/v1/auth/revoke", "/v1/answers/{token}",
        "/v1/auth/invitations/open", "/v1/auth/invitations/accept",
        "/v1/auth/oidc/providers", "/v1/auth/oidc/start", "/v1/auth/oidc/callback",
    }  # fmt: skip
    for _, path, operation in operations(document):
        if path in public or path in ASKS_FOR_A_TOKEN_ALONE:
            assert "x-scope" not in operation
            continue
        scope = operation["x-scope"]
        assert operation["security"] == [{"bearer": [scope]}]
        assert operation["x-roles"]
        holders = [role.name for role in policy().people if policy().allows(role.name, scope)]
        # Narrowed to one column, which tells one side from the other.
        if scope in ("referral:change", "orientation:change"):
            assert set(operation["x-roles"]) < set(holders)
        elif scope == "report:change":  # the post comments, its employer validates and freezes
            assert operation["x-roles"] == (["coordinator"] if path.endswith(("/validate", "/freeze")) else holders)
        elif scope in ONE_ACT_EACH:
            assert operation["x-roles"] == ONE_ACT_EACH[scope].get(path.rpartition("/")[2], holders)
        else:
            assert operation["x-roles"] == holders


async def test_the_document_and_the_routes_name_the_same_operations(house: House, document: dict[str, Any]) -> None:
    routed = {(method.lower(), route.path_format) for route in api_routes(house.app) for method in route.methods or ()}
    assert routed == {(method, path) for method, path, _ in operations(document)}
    for route in api_routes(house.app):
        permission = permission_of(route)
        for method in route.methods or ():
            operation = document["paths"][route.path_format][method.lower()]
            assert operation.get("x-scope") == (permission.scope if permission else None)


def test_every_operation_tells_its_refusals_and_the_frameworks_own_is_nowhere(document: dict[str, Any]) -> None:
    assert "ValidationError" not in str(document)
    for method, path, operation in operations(document):
        refusals = {status for status in operation["responses"] if status >= "400"}
        expected = {"400", "422", "503"}
        expected |= {"429"} if operation["tags"] != ["health"] else set()
        expected |= {"401", "403"} if operation["security"] else set()
        expected |= {"404"} if "{" in path else set()
        versioned = method in ("put", "patch", "delete") and path not in WITHOUT_A_VERSION
        expected |= {"412", "428"} if versioned else set()
        expected |= {"409", "413", "415"} if method in ("post", "put", "patch") else set()
        assert refusals == expected, (method, path)
        for status in refusals:
            assert operation["responses"][status] == {"$ref": f"#/components/responses/problem_{status}"}
        assert any(status < "400" for status in operation["responses"])
    for response in document["components"]["responses"].values():
        assert list(response["content"]) == ["application/problem+json"]
        assert response["description"]


def test_a_correction_is_described_as_a_merge_patch_of_a_version_seen(document: dict[str, Any]) -> None:
    for method, path, operation in operations(document):
        headers = {each["name"]: each["required"] for each in operation.get("parameters", ()) if each["in"] == "header"}
        if method == "patch":
            assert list(operation["requestBody"]["content"]) == ["application/merge-patch+json"], path
        if method in ("patch", "delete") and path not in WITHOUT_A_VERSION:
            assert headers == {"If-Match": True}, path


def test_names_are_in_snake_case_paths_in_kebab_case_and_no_path_carries_a_name(document: dict[str, Any]) -> None:
    for _, path, operation in operations(document):
        if not path.startswith("/hsds/"):  # these names are the standard's
            assert re.fullmatch(r"(/(\.?[a-z0-9]+(-[a-z0-9]+)*(\.json)?|\{[a-z_]+\}))+", path), path
        for parameter in operation.get("parameters", ()):
            assert parameter["in"] == "header" or re.fullmatch(r"[a-z]+(_[a-z]+)*", parameter["name"])
            assert parameter["name"] not in {"last_name", "first_name", "birth_date", "phone", "email"}
    for name, schema in document["components"]["schemas"].items():
        assert schema.get("type") == "object", name
        for member in schema.get("properties", ()):
            said = member.rstrip("_12") if name.startswith("Hsds") else member  # ``address_1``
            assert re.fullmatch(r"[a-z]+(_[a-z]+)*(64|256)?", said), (name, member)  # ``base64``, ``sha256``


def test_what_may_be_said_is_closed_and_every_shape_is_explained(document: dict[str, Any]) -> None:
    for name, schema in document["components"]["schemas"].items():
        if name.startswith("Body_"):  # the forms of OAuth
            continue
        assert schema["description"], name
        if name != "Problem":
            assert schema["additionalProperties"] is False, name


async def test_a_process_shows_only_the_routes_of_its_lanes(town: Town, database: str, keys: dict[str, str]) -> None:
    settings: Settings = settings_for(town, database, keys, roles=["police_officer", "unit_commander"])
    async with House.running(town, database, settings) as police:
        found = (await police.caller().get("/openapi.json")).json()
    shown = set(found["paths"])
    assert "/v1/referrals" in shown
    assert not any(word in path for path in shown for word in ("notes", "situations", "persons", "auth", "audit"))
