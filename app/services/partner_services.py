"""Services of the partners: added, corrected, ended; and the question of the field: who can help, here, now?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, case, func, or_, select, true

from app.errors import Invalid
from app.models.directory import Partner, Service
from app.references.communes import FRANCE, area_name, areas_around, departements
from app.references.hours import next_opening, open_at
from app.services.clock import now, today
from app.services.organisation import TIMELESS
from app.services.partners import FINE_ON_A_SERVICE, FLAG, TYPED_HERE, find, folded, keep_secret, not_to_come, placed
from app.statements import columns, given, newest_first_everywhere
from app.transactions import Page, Reading, Writing

PARTNER = columns(Partner)
SERVICE = columns(Service)

CANDIDATES: Final = 2_000
"""The most services that one search looks at. PostgreSQL cannot tell which are open: a low figure would leave the open
ones of a large département behind closed ones whose names come first."""

SHOWN = select(*SERVICE, PARTNER.name.label("partner_name")).join(Partner, PARTNER.id == SERVICE.partner_id)
ONE = SHOWN.where(SERVICE.id == given("id", Uuid))
_of_partner = SHOWN.where(SERVICE.partner_id == given("partner_id", Uuid))
OF_PARTNER = newest_first_everywhere(_of_partner, at=TIMELESS, key=SERVICE.id)
OFFERED_BY_PARTNER = newest_first_everywhere(_of_partner.where(SERVICE.ended_on.is_(None)), at=TIMELESS, key=SERVICE.id)

# The areas around the commune come narrowest first: the first that the service has is the one that matches.
_around = (
    func.unnest(given("areas", ARRAY(Text))).table_valued("area", with_ordinality="place").render_derived(name="around")
)
_matched = (
    select(_around.c.area, _around.c.place)
    .where(_around.c.area == func.any(SERVICE.areas))
    .order_by(_around.c.place)
    .limit(1)
    .correlate(Service)
    .lateral("matched")
)
# A service without a place of its own is at its partner's.
_has_a_place = func.num_nonnulls(SERVICE.commune_code, SERVICE.municipality, SERVICE.street, SERVICE.longitude) > 0
_OWN: Final = (
    "id", "partner_id", "address_confidential", "name", "description", "service_type", "needs", "publics",
    "public_details", "conditions", "fees", "fees_details", "reception_modes", "reach_modes", "reached_by",
    "how_to_reach", "reach_url", "contact_name", "capacity_note", "capacity_on", "updated_on",
)  # fmt: skip
_PLACE: Final = ("commune_code", "municipality", "postcode", "street", "street_extra", "longitude", "latitude")
_OWN_OR_PARTNERS: Final = ("departement_code", "opening_hours", "phone", "email")

# The question in one reading: service_for_a_need_in_an_area answers « this need, around here »; the rest narrows.
CAN_HELP = (
    select(
        *(SERVICE[name] for name in _OWN),
        *(case((_has_a_place, SERVICE[name]), else_=PARTNER[name]).label(name) for name in _PLACE),
        *(func.coalesce(SERVICE[name], PARTNER[name]).label(name) for name in _OWN_OR_PARTNERS),
        PARTNER.name.label("partner_name"),
        PARTNER.partner_category,
        _matched.c.area.label("matched_area"),
    )
    .join(Partner, PARTNER.id == SERVICE.partner_id)
    .join(_matched, true())
    .where(
        SERVICE.needs.op("@>")(given("needs", ARRAY(Text))),
        SERVICE.areas.op("&&")(given("areas", ARRAY(Text))),
        SERVICE.ended_on.is_(None),
        PARTNER.ended_on.is_(None),
        or_(
            given("publics", ARRAY(Text)).is_(None),
            func.cardinality(SERVICE.publics) == 0,
            SERVICE.publics.op("&&")(given("publics", ARRAY(Text))),
        ),
    )
    .order_by(_matched.c.place, SERVICE.name, SERVICE.id)
    .limit(CANDIDATES)
)

EVERYONE: Final = "everyone"
KINDS_OF_AREA: Final = ("commune", "epci", "departement", FRANCE)
OPEN_UNKNOWN_CLOSED: Final[Mapping[bool | None, int]] = {True: 0, None: 1, False: 2}

# What a correction locks.
TABLE = Service


async def list_services_of(
    reading: Reading, schema: Any, *, partner_id: UUID, limit: int, after: tuple[Any, UUID] | None, ended: bool
) -> Page:
    """One page of the services of a partner; ``NotFound`` when there is no such partner."""
    await find(reading, partner_id)
    pages = OF_PARTNER if ended else OFFERED_BY_PARTNER
    return await reading.page(pages, schema, limit=limit, after=after, partner_id=partner_id)


async def add(writing: Writing, partner_id: UUID, **said: Any) -> UUID:
    """Add a service typed here to a partner. Returns its identifier."""
    writing.about(partner_id, rows=0)
    confidential = (await writing.row(FLAG, id=partner_id))["address_confidential"]
    keep_secret(said, FINE_ON_A_SERVICE, confidential=confidential)
    facts = _with_its_day(placed(said))
    row = Service(
        partner_id=partner_id, address_confidential=confidential, source=TYPED_HERE, updated_on=today(), **facts
    )
    await writing.add(row)
    return row.id


async def correct(writing: Writing, service_id: UUID, **said: Any) -> None:
    """Correct a service; what is not named does not change."""
    if not said:
        return
    row = await writing.row(ONE, id=service_id)
    keep_secret(said, FINE_ON_A_SERVICE, confidential=row["address_confidential"])
    not_to_come(said.get("ended_on"), "/ended_on")
    await writing.change(Service, _with_its_day(placed(said, row), row) | {"updated_on": today()}, id=service_id)


def _with_its_day(facts: Mapping[str, Any], row: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A note on places is of a day: the one said, else today; without a note there is no day."""
    before: Mapping[str, Any] = row or {}
    told = dict(facts)
    not_to_come(told.get("capacity_on"), "/capacity_on")
    if told.get("capacity_note", before.get("capacity_note")) is None:
        if told.get("capacity_on") is not None:
            raise Invalid("missing", "/capacity_note")
        told["capacity_on"] = None
    elif {"capacity_note", "capacity_on"} & facts.keys() and told.get("capacity_on") is None:
        told["capacity_on"] = today()
    return told


async def who_can_help(
    reading: Reading, *, need: str, commune_code: str, public: str | None, at: datetime | None, limit: int
) -> list[dict[str, Any]]:
    """The services that meet a need around a commune, for a public, as they stand at an instant; the best first."""
    instant = at or now()
    rows = await reading.rows(
        CAN_HELP,
        needs=[need],
        areas=list(areas_around(commune_code)),
        publics=[EVERYONE, public] if public is not None else None,
    )
    found = [{**row, "open_now": open_at(row["opening_hours"], instant, _known(row))} for row in rows]
    shown = sorted(found, key=nearest_then_open_then_name)[:limit]
    for each in shown:
        each["next_opening_at"] = next_opening(each["opening_hours"], instant, _known(each))
        each["matched_area"] = {"area": each["matched_area"], "name": area_name(each["matched_area"])}
    return shown


def nearest_then_open_then_name(found: Mapping[str, Any]) -> tuple[int, int, str, UUID]:
    """How answers are ordered: the narrowest area, then open, then not known, then closed; then the name."""
    kind = found["matched_area"].partition(":")[0]
    nearness, openness = KINDS_OF_AREA.index(kind), OPEN_UNKNOWN_CLOSED[found["open_now"]]
    return nearness, openness, folded(found["name"]), found["id"]


def _known(row: Mapping[str, Any]) -> str | None:
    """The département whose holidays and time zone count; none when an import told one that is not official."""
    code = row["departement_code"]
    return code if code in departements() else None
