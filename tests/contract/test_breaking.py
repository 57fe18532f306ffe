"""The contract only grows: what was released keeps its promises, and each way to break one is noticed."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.contract.breaking import breaks
from tests.contract.reading import DOCS

Change = Callable[[dict[str, Any]], Any]
RELEASED = sorted(
    (DOCS / "openapi" / "released").glob("*.json"), key=lambda place: tuple(map(int, place.stem.split(".")))
)
# A sentence of ``breaks``, and why the promise is broken all the same; see CONTRIBUTING, « Changer le contrat exprès ».
_TOLD = "refusé de tout temps, dit depuis : aucune valeur admise ne fait cette longueur"
ON_PURPOSE: dict[str, str] = {
    f"{where} : la limite maxLength s'est resserrée, de None à {limit}.": _TOLD
    for where, limit in (
        ("POST /v1/accounts, corps, /institution, /siret", 40),
        ("POST /v1/accounts/{account_id}/institutions, corps, /siret", 40),
        ("POST /v1/partners, corps, /siret", 40),
        ("PATCH /v1/partners/{partner_id}, corps, /siret", 40),
        ("POST /v1/partners/{partner_id}/services, corps, /areas[]", 24),
        ("PATCH /v1/partner-services/{service_id}, corps, /areas[]", 24),
    )
}

SEND, READ, SEARCH = "/v1/referrals", "/v1/persons/{person_id}", "/v1/persons/search"
PRINT = "/v1/reports/{report_id}/document"
UUID_OR_NULL = {"anyOf": [{"type": "string", "format": "uuid"}, {"type": "null"}]}


@pytest.mark.parametrize("released", RELEASED, ids=lambda place: place.stem)
def test_the_contract_keeps_every_promise_that_was_released(released: Path, document: dict[str, Any]) -> None:
    found = breaks(json.loads(released.read_text(encoding="utf-8")), document)
    assert [sentence for sentence in found if sentence not in ON_PURPOSE] == []


def test_every_break_on_purpose_is_still_one(document: dict[str, Any]) -> None:
    found = {
        sentence for each in RELEASED for sentence in breaks(json.loads(each.read_text(encoding="utf-8")), document)
    }
    assert ON_PURPOSE.keys() <= found
    assert all(ON_PURPOSE.values())


def schema(document: dict[str, Any], name: str) -> dict[str, Any]:
    """A shape of the document."""
    found: dict[str, Any] = document["components"]["schemas"][name]
    return found


def member(document: dict[str, Any], name: str, field: str) -> dict[str, Any]:
    """A field of a shape."""
    found: dict[str, Any] = schema(document, name)["properties"][field]
    return found


def parameter(document: dict[str, Any], path: str, name: str) -> dict[str, Any]:
    """A parameter of the reading of a path."""
    said = document["paths"][path]["get"]["parameters"]
    return next(each for each in said if each.get("name") == name)


BREAKING: dict[str, tuple[Change, str]] = {
    "a path is removed": (lambda d: d["paths"].pop(SEND), "GET /v1/referrals n'existe plus"),
    "a method is removed": (lambda d: d["paths"][READ].pop("patch"), "PATCH /v1/persons/{person_id} n'existe plus"),
    "an operation has another name": (
        lambda d: d["paths"][READ]["get"].update(operationId="showPerson"), "a changé d'operationId"),
    "an operation asks for another scope": (
        lambda d: d["paths"][READ]["get"].update({"x-scope": "person:count"}), "demande une autre portée"),
    "an operation is closed to a role": (
        lambda d: d["paths"][SEND]["post"]["x-roles"].remove("partner"), "n'est plus ouverte au rôle partner"),
    "what was public asks for a token": (
        lambda d: d["paths"]["/v1/status"]["get"].update(security=[{"bearer": []}]), "demande un jeton"),
    "a parameter is removed": (
        lambda d: d["paths"][SEND]["get"]["parameters"].remove(parameter(d, SEND, "waiting")),
        "ne connaît plus le paramètre waiting"),
    "a parameter becomes mandatory": (
        lambda d: parameter(d, SEND, "cursor").update(required=True), "exige le paramètre cursor"),
    "a mandatory parameter is added": (
        lambda d: d["paths"][SEND]["get"]["parameters"].append(
            {"in": "query", "name": "unit", "required": True, "schema": {"type": "string"}}),
        "exige le paramètre unit"),
    "a limit of a parameter is tightened": (
        lambda d: parameter(d, SEND, "limit")["schema"].update(maximum=100), "la limite maximum s'est resserrée"),
    "a body becomes mandatory": (
        lambda d: d["paths"]["/v1/referrals/{referral_id}/withdraw"]["post"]["requestBody"].update(required=True),
        "exige un corps"),
    "a body is no longer read": (lambda d: d["paths"][SEARCH]["post"].pop("requestBody"), "ne lit plus de corps"),
    "a media type is no longer read": (
        lambda d: d["paths"]["/v1/partners/import"]["post"]["requestBody"]["content"].pop("application/x-ndjson"),
        "ne lit plus application/x-ndjson"),
    "one of several shapes is no longer read": (
        lambda d: d["paths"][SEND]["post"]["requestBody"]["content"]["application/json"].update(
            schema={"$ref": "#/components/schemas/PartnerReferralDraft"}),
        "ce champ n'existe plus : qui l'envoie est refusé"),
    "a field is no longer read": (
        lambda d: schema(d, "ReferralDraft")["properties"].pop("facts"), "/facts : ce champ n'existe plus"),
    "a new field is mandatory in what is said": (
        lambda d: (schema(d, "PersonSearch")["properties"].update(reason={"type": "string"}),
                   schema(d, "PersonSearch")["required"].append("reason")),
        "/reason : ce champ est désormais exigé"),
    "a field becomes mandatory in what is said": (
        lambda d: schema(d, "PersonSearch")["required"].append("birth_date"),
        "/birth_date : ce champ est désormais exigé"),
    "null is no longer accepted": (
        lambda d: schema(d, "NewPersonDraft")["properties"].update(phone={"type": "string", "maxLength": 40}),
        "/phone : le type a changé"),
    "a text must be shorter": (
        lambda d: member(d, "NoteDraft", "text").update(maxLength=10), "la limite maxLength s'est resserrée"),
    "a text must follow another pattern": (
        lambda d: member(d, "SignInDraft", "client_id").update(pattern="^[a-z]+$"), "le motif exigé a changé"),
    "a value is no longer accepted": (
        lambda d: member(d, "AccountDraft", "role")["enum"].remove("dpo"), "dpo n'est plus une valeur admise"),
    "a free text becomes a choice": (
        lambda d: member(d, "NoteDraft", "text").update(enum=["oui", "non"]), "seules quelques valeurs"),
    "a default changes": (
        lambda d: member(d, "PersonSearch", "limit").update(default=10), "la valeur par défaut a changé"),
    "an unknown member is refused": (
        lambda d: schema(d, "RenewSessionForm").update(additionalProperties=False),
        "un membre inconnu est désormais refusé"),
    "a field is no longer shown": (
        lambda d: schema(d, "PersonShown")["properties"].pop("minor"), "/minor : ce champ n'existe plus"),
    "a field is no longer always shown": (
        lambda d: schema(d, "PersonShown")["required"].remove("minor"), "/minor : ce champ n'est plus toujours rendu"),
    "what was always there may be null": (
        lambda d: schema(d, "PersonShown")["properties"].update(post_id=UUID_OR_NULL),
        "/post_id : le type a changé"),
    "a type changes": (
        lambda d: schema(d, "PresenceShown")["properties"].update(days_worked={"type": "string"}), "le type a changé"),
    "a format changes": (
        lambda d: member(d, "PersonShown", "recorded_at").update(format="date"), "le format a changé"),
    "a code comes from another list": (
        lambda d: member(d, "PersonShown", "sex").update({"x-nomenclature": "zone"}), "la liste officielle a changé"),
    "the type of what a list holds changes": (
        lambda d: member(d, "PostShown", "unit_ids").update(items={"type": "integer"}), "/unit_ids[] : le type"),
    "a status is no longer answered": (
        lambda d: d["paths"][SEND]["post"]["responses"].pop("201"), "ne répond plus 201"),
    "a media type is no longer answered": (
        lambda d: d["paths"][PRINT]["get"]["responses"]["200"]["content"].pop("application/pdf"),
        "application/pdf n'est plus rendu"),
    "a header is no longer sent": (
        lambda d: d["paths"][READ]["get"]["responses"]["200"]["headers"].pop("ETag"),
        "l'en-tête ETag n'est plus envoyé"),
}  # fmt: skip
ADDITIVE: dict[str, Change] = {
    "a path": lambda d: d["paths"].update({"/v1/new": d["paths"][READ]}),
    "a method": lambda d: d["paths"][READ].update(delete=d["paths"][READ]["get"]),
    "a parameter": lambda d: d["paths"][SEND]["get"]["parameters"].append(
        {"in": "query", "name": "unit", "required": False, "schema": {"type": "string"}}),
    "a field that may be said": lambda d: schema(d, "PersonSearch")["properties"].update(reason={"type": "string"}),
    "a field that is shown": lambda d: (
        schema(d, "PersonShown")["properties"].update(colour={"type": "string"}),
        schema(d, "PersonShown")["required"].append("colour")),
    "a field that need not be said any more": lambda d: schema(d, "PersonSearch")["required"].remove("name"),
    "a longer text": lambda d: member(d, "NoteDraft", "text").update(maxLength=1_000_000),
    "null, where a value had to be said": lambda d: schema(d, "NoteShareDraft")["properties"].update(
        shared_with=UUID_OR_NULL),
    "never null, where it could be": lambda d: schema(d, "PersonShown")["properties"].update(
        phone={"type": "string"}),
    "another value of a choice": lambda d: member(d, "AccountDraft", "role")["enum"].append("judge"),
    "another shape that may be said": lambda d: d["paths"][SEND]["post"]["requestBody"]["content"]["application/json"][
        "schema"]["oneOf"].append({"$ref": "#/components/schemas/NoteDraft"}),
    "another refusal": lambda d: d["paths"][SEND]["get"]["responses"].update({"451": {"description": "Refusé."}}),
    "another header": lambda d: d["paths"][SEND]["get"]["responses"]["200"]["headers"].update(
        Age={"schema": {"type": "integer"}}),
    "another role": lambda d: d["paths"][SEND]["post"]["x-roles"].append("dpo"),
    "another media type": lambda d: d["paths"][SEARCH]["post"]["requestBody"]["content"].update(
        {"application/cbor": {"schema": {"type": "string"}}}),
    "other words": lambda d: d["paths"][SEND]["get"].update(summary="Autrement dit", description="Pour : tous."),
    "another name of a shape": lambda d: _rename(d, "PersonShown", "OnePerson"),
}  # fmt: skip


def _rename(document: dict[str, Any], old: str, new: str) -> None:
    text = json.dumps(document).replace(f'"#/components/schemas/{old}"', f'"#/components/schemas/{new}"')
    document.clear()
    document.update(json.loads(text))
    document["components"]["schemas"][new] = document["components"]["schemas"].pop(old)


def test_a_contract_does_not_break_itself(documents: dict[str, dict[str, Any]]) -> None:
    for document in documents.values():
        assert breaks(document, copy.deepcopy(document)) == []


@pytest.mark.parametrize("what", BREAKING)
def test_a_break_is_noticed_and_says_what_it_breaks(what: str, document: dict[str, Any]) -> None:
    change, expected = BREAKING[what]
    changed = copy.deepcopy(document)
    change(changed)
    found = breaks(document, changed)
    assert found
    assert any(expected in sentence for sentence in found), found
    assert all(sentence.endswith(".") for sentence in found)


@pytest.mark.parametrize("what", ADDITIVE)
def test_what_only_adds_breaks_nobody(what: str, document: dict[str, Any]) -> None:
    changed = copy.deepcopy(document)
    ADDITIVE[what](changed)
    assert changed != document
    assert breaks(document, changed) == []
