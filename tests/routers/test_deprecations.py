"""What the contract will withdraw: said long before, on every answer, in the document and in the public state."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any
from uuid import UUID

import pytest
from fastapi import APIRouter, Response
from fastapi.routing import iter_route_contexts

from app.access.gate import Reading, may
from app.deprecations import deprecated, deprecation_of
from app.main import create_app
from app.openapi import api_routes
from app.routers.route import Route
from app.settings import Settings
from tests.house_for_tests import House
from tests.routers.asking import refused

ADVICE = "Lisez la saisine à sa nouvelle adresse."


def old_contract(successor: str = "/v1/referrals/{referral_id}") -> APIRouter:
    """A route of former days, declared as any route of the program would be."""
    router = APIRouter(prefix="/v1", tags=["referrals"], route_class=Route)

    @router.get(
        "/old-referrals/{referral_id}",
        operation_id="readOldReferral",
        summary="Lire une saisine, comme avant",
        dependencies=[deprecated(since=date(2026, 12, 1), sunset=date(2027, 6, 1), successor=successor, advice=ADVICE)],
    )
    async def read_old(referral_id: UUID, reading: Annotated[Reading, may("referral:read")]) -> Response:
        return Response(b"{}", media_type="application/json")

    return router


def broken_promises(app: Any) -> list[str]:
    """Deprecated operations whose successor is not in the document, or cannot be written from their own address."""
    paths = app.openapi()["paths"]
    return [
        route.path_format or ""
        for route in api_routes(app)
        if (told := deprecation_of(route)) is not None
        and (told.successor not in paths or not _places(told.successor) <= _places(route.path_format or ""))
    ]


def _places(path: str) -> set[str]:
    return {step for step in path.split("/") if step.startswith("{")}


@pytest.fixture
async def old_house(house: House) -> House:
    """The real application, and one more route."""
    house.app.include_router(old_contract())
    return house


async def test_every_answer_of_a_deprecated_route_says_since_when_until_when_and_what_takes_its_place(
    old_house: House,
) -> None:
    referral = await old_house.referral()
    granted = await (await old_house("officer")).get(f"/v1/old-referrals/{referral['id']}")
    without_token = await old_house.caller().get(f"/v1/old-referrals/{referral['id']}")
    malformed = await (await old_house("officer")).get("/v1/old-referrals/pas-un-identifiant")
    assert [each.status_code for each in (granted, without_token, malformed)] == [200, 401, 422]
    for answer in (granted, without_token):
        assert answer.headers["deprecation"] == f"@{int(datetime(2026, 12, 1, tzinfo=UTC).timestamp())}"
        assert answer.headers["sunset"] == "Tue, 01 Jun 2027 00:00:00 GMT"
        assert answer.headers.get_list("link") == [
            '</v1/status>; rel="deprecation"; type="application/json"',
            '</v1/status>; rel="sunset"; type="application/json"',
            f'</v1/referrals/{referral["id"]}>; rel="successor-version"',
        ]
    assert malformed.headers["deprecation"] == granted.headers["deprecation"]
    assert "deprecation" not in (await (await old_house("officer")).get("/v1/referrals")).headers


async def test_its_successor_is_an_address_that_answers(old_house: House) -> None:
    referral = await old_house.referral()
    officer = await old_house("officer")
    link = (await officer.get(f"/v1/old-referrals/{referral['id']}")).headers.get_list("link")[2]
    assert (await officer.get(link[1 : link.index(">")])).json()["id"] == referral["id"]


async def test_an_address_made_to_deceive_is_not_said_back_in_the_link(old_house: House) -> None:
    hostile = "x%3E%3B%20rel=%22next%22%E2%82%AC"
    answer = await (await old_house("officer")).get(f"/v1/old-referrals/{hostile}")
    refused(answer, 422, "invalid_request")
    assert all(link.count("<") == link.count(">") == 1 for link in answer.headers.get_list("link"))
    assert "rel=" not in answer.headers.get_list("link")[2].partition(">")[0]


async def test_the_document_and_the_public_state_say_it_too(old_house: House) -> None:
    operation = old_house.app.openapi()["paths"]["/v1/old-referrals/{referral_id}"]["get"]
    assert operation["deprecated"] is True
    for word in ("01/12/2026", "01/06/2027", "`/v1/referrals/{referral_id}`", ADVICE):
        assert word in operation["description"]
    assert (await old_house.caller().get("/v1/status")).json()["deprecated"] == [
        {
            "method": "GET",
            "path": "/v1/old-referrals/{referral_id}",
            "deprecated_on": "2026-12-01",
            "sunset_on": "2027-06-01",
            "successor": "/v1/referrals/{referral_id}",
            "advice": ADVICE,
        }
    ]
    assert "deprecated" not in old_house.app.openapi()["paths"]["/v1/referrals"]["get"]


@pytest.mark.parametrize(
    ("sunset", "in_time"),
    [(date(2026, 12, 2), False), (date(2027, 5, 31), False), (date(2027, 6, 1), True), (date(2028, 1, 1), True)],
)
def test_nothing_is_withdrawn_less_than_six_months_after_it_was_said(sunset: date, in_time: bool) -> None:
    said: Any = {"since": date(2026, 12, 1), "sunset": sunset, "successor": "/v1/referrals", "advice": ADVICE}
    if in_time:
        assert deprecated(**said)
        return
    with pytest.raises(ValueError, match="6 mois"):
        deprecated(**said)


@pytest.mark.parametrize("successor", ["/v1/nowhere", "/v1/notes/{note_id}"])
def test_a_successor_that_leads_nowhere_is_found_and_today_there_is_none(settings: Settings, successor: str) -> None:
    app = create_app(settings)
    assert broken_promises(app) == []
    app = create_app(settings)
    app.include_router(old_contract(successor))
    assert broken_promises(app) == ["/v1/old-referrals/{referral_id}"]
    app = create_app(settings)
    app.include_router(old_contract())
    assert broken_promises(app) == []


def test_nothing_is_deprecated_today(settings: Settings) -> None:
    assert [route for route in iter_route_contexts(create_app(settings).routes) if deprecation_of(route)] == []
