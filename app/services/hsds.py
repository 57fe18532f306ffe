"""The HSDS 3.1 façade: the same rows of the directory, in the shapes of Open Referral, to be read only."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, Date, Integer, Select, Text, Uuid, and_, case, func, literal_column, null, or_, select
from sqlalchemy.dialects.postgresql import array

from app.models.directory import Partner, Service
from app.services import hsds_mapping as mapping
from app.services.clock import PARIS
from app.services.hsds_pages import Row, Shape, Window, envelope, fragment_of
from app.services.hsds_places import A_PLACE
from app.services.hsds_terms import known_taxonomy, known_term
from app.statements import columns, given
from app.transactions import Reading

PARTNER = columns(Partner)
SERVICE = columns(Service)

_OF_PARTNER: Final = "partner_of_"
_WILDCARD: Final = re.compile(r"[%_\\]")


@dataclass(frozen=True, eq=False)
class _Listing:
    """A list in the order of identifiers: how many rows it has, and one page of them.

    ``count(*)`` reads everything that matches: allowed here, because the standard wants totals and because the
    directory is small and holds nobody. Nowhere else: a small number points at somebody. For the same reason a
    filter is « none, or this one » in one statement: a total leaves no index to spare.
    """

    total: Select[Any]
    rows: Select[Any]


def _listing(statement: Select[Any], key: Any) -> _Listing:
    return _Listing(
        statement.with_only_columns(func.count().label("total"), maintain_column_froms=True),
        statement.order_by(key).limit(given("most", Integer)).offset(given("skipped", Integer)),
    )


def _if_asked(name: str, condition: Any, kind: Any = Text) -> Any:
    return or_(given(name, kind).is_(None), condition)


def _folded(name: Any) -> Any:
    """As ``partners.folded``, in PostgreSQL: a service has no column for it."""
    bare = func.regexp_replace(func.normalize(name, literal_column("NFKD")), "[\u0300-\u036f]", "", "g")
    for ligature, letters in (("[œŒ]", "oe"), ("[æÆ]", "ae"), (r"[\s'’\-\u2010-\u2015]+", " ")):
        bare = func.regexp_replace(bare, ligature, letters, "g")
    return func.lower(bare)


def _carries(carried: Any, kind: str, code: str) -> Any:
    """The record carries this term or, without a code, any term of the taxonomy whose column is ``kind``."""
    said = func.array_remove(case(carried, value=given(kind, Text)), null())
    this_one = or_(given(code, Text).is_(None), given(code, Text) == func.any(said))
    return _if_asked(kind, and_(func.cardinality(said) > 0, this_one))


_CARRIED_BY_PARTNER: Final = {"networks": PARTNER.networks, "partner_category": array([PARTNER.partner_category])}
_CARRIED_BY_SERVICE: Final = {
    **{name: SERVICE[name] for name in ("thematics", "publics", "needs")},
    "service_type": array([SERVICE.service_type]),
}

# An organization has no status in the standard: those that have ceased are found by identifier only.
_ORGANIZATION = select(*PARTNER)
ORGANIZATIONS = _listing(
    _ORGANIZATION.where(
        PARTNER.ended_on.is_(None),
        _if_asked("search", PARTNER.folded_name.like(given("search"))),
        _carries(_CARRIED_BY_PARTNER, "term_kind", "term_code"),
        _carries(_CARRIED_BY_PARTNER, "taxonomy_kind", "no_code"),
    ),
    PARTNER.id,
)
ONE_ORGANIZATION = _ORGANIZATION.where(PARTNER.id == given("id", Uuid))
SERVICES_OF = (
    select(*SERVICE).where(SERVICE.partner_id == func.any(given("ids", ARRAY(Uuid)))).order_by(SERVICE.name, SERVICE.id)
)

_SERVICE = select(*SERVICE, *(each.label(_OF_PARTNER + each.name) for each in PARTNER)).join(
    Partner, PARTNER.id == SERVICE.partner_id
)
_SERVICES = _SERVICE.where(
    _if_asked(
        "search",
        or_(_folded(SERVICE.name).like(given("search")), PARTNER.folded_name.like(given("search"))),
    ),
    _if_asked("organization_id", SERVICE.partner_id == given("organization_id", Uuid), Uuid),
    _if_asked("since", func.greatest(SERVICE.updated_on, PARTNER.updated_on) >= given("since", Date), Date),
    _carries(_CARRIED_BY_SERVICE, "term_kind", "term_code"),
    _carries(_CARRIED_BY_SERVICE, "taxonomy_kind", "no_code"),
)
SERVICES = _listing(_SERVICES, SERVICE.id)
ONE_SERVICE = _SERVICE.where(SERVICE.id == given("id", Uuid))

# What is no longer offered is nowhere: these have no status either. The place of a refuge answers to no postcode.
_postcode = case(
    (func.num_nonnulls(*(SERVICE[name] for name in A_PLACE)) > 0, SERVICE.postcode), else_=PARTNER.postcode
)
SERVICE_AT_LOCATIONS = _listing(
    _SERVICES.where(
        SERVICE.ended_on.is_(None),
        PARTNER.ended_on.is_(None),
        _if_asked("postcode", and_(_postcode == given("postcode", Text), PARTNER.address_confidential.is_(False))),
    ),
    SERVICE.id,
)


async def list_organizations(reading: Reading, window: Window, *, full: bool, **asked: Any) -> Shape:
    """One page of the partners that receive, whole when ``full``."""
    total, rows = await _page(reading, ORGANIZATIONS, window, asked)
    if not full:
        return envelope([mapping.organization_listed(row) for row in rows], total, window)
    return envelope(await _organizations(reading, rows), total, window)


async def find_organization(reading: Reading, organization_id: UUID) -> Shape:
    """A partner with its place and its services; ``NotFound`` otherwise."""
    reading.about(organization_id, rows=0)
    (found,) = await _organizations(reading, [await reading.row(ONE_ORGANIZATION, id=organization_id)])
    return found


async def _organizations(reading: Reading, partners: Sequence[Row]) -> list[Shape]:
    services: dict[UUID, list[Row]] = {partner["id"]: [] for partner in partners}
    for service in await reading.rows(SERVICES_OF, ids=list(services)):
        services[service["partner_id"]].append(service)
    return [mapping.organization(partner, services[partner["id"]]) for partner in partners]


async def list_services(reading: Reading, window: Window, *, full: bool, minimal: bool, **asked: Any) -> Shape:
    """One page of the services, ended ones too (``inactive``): whole, alone, or their identifiers only."""
    brief = mapping.service_minimal if minimal else mapping.service_with_organization
    return await _services(reading, SERVICES, window, mapping.service if full else brief, asked)


async def find_service(reading: Reading, service_id: UUID) -> Shape:
    """A service with everything that goes with it; ``NotFound`` otherwise."""
    reading.about(service_id, rows=0)
    return mapping.service(*_split(await reading.row(ONE_SERVICE, id=service_id)))


async def list_service_at_locations(reading: Reading, window: Window, *, full: bool, **asked: Any) -> Shape:
    """One page of the services on offer, each at its location."""
    shape = mapping.service_at_location if full else mapping.service_at_location_listed
    return await _services(reading, SERVICE_AT_LOCATIONS, window, shape, asked)


async def find_service_at_location(reading: Reading, at_location_id: UUID) -> Shape:
    """A service at its location; ``NotFound`` otherwise."""
    reading.about(at_location_id, rows=0)
    return mapping.service_at_location(*_split(await reading.row(ONE_SERVICE, id=at_location_id)))


async def _services(
    reading: Reading, listing: _Listing, window: Window, shape: Callable[[Row, Row], Shape], asked: dict[str, Any]
) -> Shape:
    total, rows = await _page(reading, listing, window, asked)
    return envelope([shape(*_split(row)) for row in rows], total, window)


def _split(row: Row) -> tuple[Row, Row]:
    """The service, and its partner."""
    service = {name: value for name, value in row.items() if not name.startswith(_OF_PARTNER)}
    partner = {name.removeprefix(_OF_PARTNER): value for name, value in row.items() if name.startswith(_OF_PARTNER)}
    return service, partner


async def _page(
    reading: Reading, listing: _Listing, window: Window, asked: dict[str, Any]
) -> tuple[int, Sequence[Row]]:
    filters = _filters(**asked)
    total: int = (await reading.row(listing.total, **filters))["total"]
    return total, await reading.rows(listing.rows, most=window.per_page, skipped=window.skipped, **filters)


def _filters(
    *,
    search: str | None = None,
    taxonomy_term_id: UUID | None = None,
    taxonomy_id: UUID | None = None,
    modified_after: datetime | None = None,
    **exact: Any,
) -> dict[str, Any]:
    """The parameters of a statement. The directory keeps days: what changed on the day of the instant is shown."""
    term = known_term(taxonomy_term_id) if taxonomy_term_id else None
    taxonomy = known_taxonomy(taxonomy_id) if taxonomy_id else None
    return {
        "search": _anywhere(search) if search is not None else None,
        "term_kind": term and term.kind,
        "term_code": term and term.stored,
        "taxonomy_kind": taxonomy and taxonomy.kind,
        "no_code": None,
        "since": modified_after and modified_after.astimezone(PARIS).date(),
        **exact,
    }


def _anywhere(search: str) -> str:
    """The ``like`` pattern of a fragment, whose own wildcards stand for themselves."""
    literal = _WILDCARD.sub(r"\\\g<0>", fragment_of(search))
    return f"%{literal}%"
