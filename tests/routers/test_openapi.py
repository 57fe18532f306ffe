"""The published contract: complete, French, and the same as the policy, the routes and the committed file."""

import re
from typing import Any

import pytest

from app.access.gate import permission_of
from app.access.policy import policy
from app.contract.headers import SENT
from app.openapi import api_routes
from app.settings import Settings
from tests.contract.reading import every_document, led_to, operations, parameters, references
from tests.house_for_tests import House, Town, settings_for


@pytest.fixture(scope="module")
def documents() -> dict[str, dict[str, Any]]:
    """Every document that is committed, by its place under ``docs``."""
    return every_document()


@pytest.fixture(scope="module")
def document(documents: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The document of a process that serves every lane."""
    return documents["openapi.json"]


def headers_read(document: dict[str, Any], operation: dict[str, Any]) -> dict[str, bool]:
    """The headers that an operation heeds, and whether it must have them."""
    return {each["name"]: each["required"] for each in parameters(document, operation) if each["in"] == "header"}


def test_it_is_openapi_three_one_and_every_reference_leads_somewhere(documents: dict[str, dict[str, Any]]) -> None:
    for document in documents.values():
        assert document["openapi"] == "3.1.0"
        used = set(references(document))
        for reference in used:
            assert led_to(document, {"$ref": reference})
        for kind in ("schemas", "responses", "parameters", "headers"):
            assert {f"#/components/{kind}/{name}" for name in document["components"][kind]} - used == set()


def test_it_opens_with_what_an_integrator_needs(documents: dict[str, dict[str, Any]]) -> None:
    for document in documents.values():
        info = document["info"]
        for word in ("Se connecter", "Erreurs", "Versions", "Idempotency-Key", "dry-run", "cursor", "429", "/v1"):
            assert word in info["description"]
        assert info["contact"]["name"]
        assert info["license"]["identifier"] == "EUPL-1.2"
        assert [server["url"] for server in document["servers"]] == ["/"]


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
        assert operation["description"].startswith(("Pour : ", "Sans jeton."))
        assert set(operation["tags"]) <= described
        assert len(operation["tags"]) == 1
        assert all(
            "Successful" not in led_to(document, each)["description"] for each in operation["responses"].values()
        )


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
        "/healthz", "/readyz", "/v1/status", "/.well-known/jwks.json", "/problems/{code}", "/hsds",
        "/v1/auth/login", "/v1/auth/mfa", "/v1/auth/token", "/v1/auth/revoke", "/v1/answers/{token}",
        "/v1/auth/invitations/open", "/v1/auth/invitations/accept",
        "/v1/auth/oidc/providers", "/v1/auth/oidc/start", "/v1/auth/oidc/callback",
    }  # fmt: skip
    for _, path, operation in operations(document):
        if path in public or path in ASKS_FOR_A_TOKEN_ALONE:
            assert "x-scope" not in operation
            continue
        scope = operation["x-scope"]
        openers = policy().openers(scope) if "partner" in operation["x-roles"] else ()
        assert operation["security"] == [{"bearer": [scope]}, *({"software": [each]} for each in openers)]
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
        expected = {"400", "422", "431", "503"}
        expected |= {"429"} if operation["tags"] != ["health"] else set()
        expected |= {"401", "403"} if operation["security"] else set()
        expected |= {"401"} if path.startswith("/v1/auth/") else set()  # a proof may be wrong
        named = (
            method in ("post", "put", "patch") and "x-scope" in operation and not operation["x-scope"].endswith(":read")
        )
        expected |= {"404"} if named or "{" in path or path.startswith("/v1/auth/invitations/") else set()
        versioned = method in ("put", "patch", "delete") and path not in WITHOUT_A_VERSION
        expected |= {"412", "428"} if versioned else set()
        expected |= {"408", "409", "413", "415", "429"} if method in ("post", "put", "patch") else set()
        assert refusals == expected, (method, path)
        for status in refusals - ({"503"} if path == "/readyz" else set()):  # that one says more, for probes
            assert operation["responses"][status] == {"$ref": f"#/components/responses/problem_{status}"}
        assert any(status < "400" for status in operation["responses"])
    for response in document["components"]["responses"].values():
        assert list(response["content"]) == ["application/problem+json"]
        assert response["description"]
        assert "X-Request-Id" in response["headers"]
    assert "WWW-Authenticate" in document["components"]["responses"]["problem_401"]["headers"]
    for status in ("429", "503"):
        assert "Retry-After" in document["components"]["responses"][f"problem_{status}"]["headers"]


def test_a_correction_is_described_as_a_merge_patch_of_a_version_seen(document: dict[str, Any]) -> None:
    for method, path, operation in operations(document):
        if method == "patch":
            assert list(operation["requestBody"]["content"]) == ["application/merge-patch+json"], path
        if method in ("patch", "delete") and path not in WITHOUT_A_VERSION:
            assert headers_read(document, operation)["If-Match"] is True, path


def test_a_write_says_that_it_may_be_repeated_or_rehearsed_and_a_reading_that_it_may_be_spared(
    document: dict[str, Any],
) -> None:
    keyed = 0
    for method, path, operation in operations(document):
        read = headers_read(document, operation)
        granted = next(each for status, each in operation["responses"].items() if status < "400")
        writes = method != "get" and not operation.get("x-scope", ":read").endswith(":read")
        repeats = writes and method == "post" and path != "/v1/partners/import"  # a streamed body is not remembered
        keyed += repeats
        assert ("Idempotency-Key" in read, "Prefer" in read) == (repeats, writes), (method, path)
        assert ("Idempotency-Replayed" in granted["headers"], "Preference-Applied" in granted["headers"]) == (
            repeats,
            writes,
        )
        assert ("RateLimit" in granted["headers"]) == (operation["tags"] != ["health"])
        assert "304" not in operation["responses"] or "If-None-Match" in read
    assert keyed > 50


def test_every_header_that_is_sent_back_is_told_where_it_is(document: dict[str, Any]) -> None:
    assert document["components"]["headers"].keys() == SENT.keys()
    for method, path, operation in operations(document):
        for status, response in operation["responses"].items():
            if status >= "300":
                continue
            told = response["headers"].keys()
            assert "X-Request-Id" in told
            assert ("Location" in told) == (status == "201"), (method, path)
            assert not {"Link", "ETag"} <= told, (method, path)


def test_names_are_in_snake_case_paths_in_kebab_case_and_no_path_carries_a_name(document: dict[str, Any]) -> None:
    for _, path, operation in operations(document):
        if not path.startswith("/hsds/"):  # these names are the standard's
            assert re.fullmatch(r"(/(\.?[a-z0-9]+(-[a-z0-9]+)*(\.json)?|\{[a-z_]+\}))+", path), path
        for parameter in parameters(document, operation):
            assert parameter["description"], (path, parameter["name"])
            assert parameter["in"] == "header" or re.fullmatch(r"[a-z]+(_[a-z]+)*", parameter["name"])
            assert parameter["name"] not in {"last_name", "first_name", "birth_date", "phone", "email"}
    for name, schema in document["components"]["schemas"].items():
        assert schema.get("type") == "object", name
        for member in schema.get("properties", ()):
            assert schema["properties"][member]["description"].strip(), (name, member)
            said = member.rstrip("_12") if name.startswith("Hsds") else member  # ``address_1``
            assert re.fullmatch(r"[a-z]+(_[a-z]+)*(64|256)?", said), (name, member)  # ``base64``, ``sha256``


def test_what_may_be_said_is_closed_and_every_shape_is_explained(document: dict[str, Any]) -> None:
    for name, schema in document["components"]["schemas"].items():
        assert schema["description"], name
        assert re.fullmatch(r"([A-Z][a-z0-9]*)+", name), name  # what a generated client will call it
        if name != "Problem" and not name.endswith("Form"):  # a form of OAuth may hold more than we read
            assert schema["additionalProperties"] is False, name


async def test_a_process_shows_only_the_routes_of_its_lanes(town: Town, database: str, keys: dict[str, str]) -> None:
    settings: Settings = settings_for(town, database, keys, roles=["police_officer", "unit_commander"])
    async with House.running(town, database, settings) as police:
        found = (await police.caller().get("/openapi.json")).json()
    shown = set(found["paths"])
    assert "/v1/referrals" in shown
    assert not any(word in path for path in shown for word in ("notes", "situations", "persons", "auth", "audit"))
