"""What is the same after each reset and in each installation: ``stable.toml``, and the story that it names.

Everything else of the demonstration is drawn when it is loaded. Integrators' tests rest on what is here.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlmodel import SQLModel

from app.access.policy import CLIENT_ROLE
from app.demo.plan import DAY
from app.demo.stage import Stage
from app.models.accounts import Account, Posting
from app.models.exchange import PartnerReferral, SentOrientation
from app.models.shared import Referral
from app.models.social import Need, Orientation, Participation, PartnerReferralHandling, Person, Situation, Transmission
from app.schemas.orientations import OrientationTransmissionDraft
from app.services import orientations
from app.services.clock import PARIS, now
from app.services.registered_clients import granted

FILE = Path(__file__).with_name("stable.toml")

POST, WORKER, UNIT, OFFICER = "aubrelle", "claire.vasseline", "aubrelle", "paul.ardouvin"
PARTNER, SERVICE, AT_THE_PARTNER = "ccas", "ccas/0", "julie.senlissac"
REFERENCE = "OR-CCAS-DEM2"
NEED = "administrative_help"
TOLD = ["last_name", "first_name", "phone", "needs", "message"]
MESSAGE = "Madame Ravelin souhaite ouvrir ses droits ; elle est prévenue et préfère être appelée le matin."


@dataclass(frozen=True)
class Software:
    """Software of the demonstration, whose secret everybody may read."""

    client_id: str
    id: UUID
    name: str
    partner: str
    secret: str
    scopes: list[str]


@cache
def _said() -> dict[str, dict[str, Any]]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


@cache
def software() -> tuple[Software, ...]:
    """The software of the demonstration."""
    return tuple(
        Software(client_id, UUID(said["id"]), said["name"], said["partner"], said["secret"], said["scopes"])
        for client_id, said in _said()["client"].items()
    )


@cache
def stable_ids() -> dict[tuple[str, str], UUID]:
    """The identifier of each thing by its kind and key, as ``Town.ids`` holds them."""
    flat = {kind: keys for kind, keys in _said().items() if kind != "client"}
    ids = {(kind, key): UUID(said) for kind, keys in flat.items() for key, said in keys.items()}
    return ids | {("account", each.client_id): each.id for each in software()}


def rows_of_software(ids: dict[tuple[str, str], UUID], *, since: date) -> list[SQLModel]:
    """Accounts and postings of the software, without its secrets."""
    found: list[SQLModel] = []
    for each in software():
        found += [
            Account(
                id=each.id,
                name=each.name,
                role=CLIENT_ROLE,
                created_at=now(),
                approved_at=now(),
                client_id=each.client_id,
                client_scopes=granted(each.scopes),
            ),
            Posting(account_id=each.id, partner_id=ids["partner", each.partner], starts_on=since, approved_at=now()),
        ]
    return found


def _instant(day: date) -> datetime:
    return datetime.combine(day, time(10), PARIS)


def rows_of_story(ids: dict[tuple[str, str], UUID], *, today: date) -> list[SQLModel]:
    """Somebody followed, who agreed to be directed to the CCAS; whom the CCAS directed here; a referral that waits."""
    post: dict[str, Any] = {"post_id": ids["post", POST]}
    opened, proposed = _instant(today - 12 * DAY), _instant(today - 6 * DAY)
    answered = PartnerReferral(
        **_directed_here(ids, "partner_referral_answered", "Ostrevent", "Lucien", sent_at=_instant(today - 9 * DAY)),
        feedback_code="contact_made",
        feedback_on=today - 7 * DAY,
    )
    return [
        Person(
            id=ids["story", "person"], **post, last_name="Ravelin", first_name="Édith", sex="female",
            birth_date=date(1979, 3, 14), birth_date_precision="day", phone="+33639989901", municipality="Aubrelle",
            recorded_at=opened,
        ),
        Situation(
            id=ids["story", "situation"], **post, status="active", referral_source="self_referral",
            site_id=ids["site", POST], opened_on=opened.date(), opened_by=ids["account", WORKER],
            secondary_problems=[], penal_context="non_penal", recorded_at=opened,
        ),
        Participation(
            id=ids["story", "participation"], **post, situation_id=ids["story", "situation"],
            person_id=ids["story", "person"], person_status="person_in_social_distress",
            contact_consent="given_to_iscg", known_to_social_services="unknown_to_services", joined_on=opened.date(),
        ),
        Need(
            **post, participation_id=ids["story", "participation"], need_type=NEED, assessed_on=proposed.date(),
        ),
        Orientation(
            id=ids["story", "orientation"], **post, participation_id=ids["story", "participation"], need_type=NEED,
            partner_category="ccas_cias", partner_id=ids["partner", PARTNER], service_id=ids["service", SERVICE],
            status="agreed", proposed_on=proposed.date(), proposed_by=ids["account", WORKER], recorded_at=proposed,
            agreed_on=proposed.date(), agreed_fields=TOLD,
        ),
        answered,
        PartnerReferralHandling(
            referral_id=answered.id, **post, received_at=_instant(today - 8 * DAY), received_by=ids["account", WORKER],
        ),
        PartnerReferral(
            **_directed_here(ids, "partner_referral_waiting", "Cassagne", "Odette", sent_at=_instant(today - 2 * DAY))
        ),
        Referral(
            id=ids["story", "referral"], unit_id=ids["unit", UNIT], sent_by=ids["account", OFFICER],
            sent_at=_instant(today - 4 * DAY), last_name="Thévenard", first_name="Marius", sex="male",
            person_status="victim", document_type="complaint", urgency="standard", contact_consent="given_to_officer",
        ),
    ]  # fmt: skip


def _directed_here(
    ids: dict[tuple[str, str], UUID], key: str, last_name: str, first_name: str, *, sent_at: datetime
) -> dict[str, Any]:
    return {
        "id": ids["story", key], "partner_id": ids["partner", PARTNER], "post_id": ids["post", POST],
        "sent_by": ids["account", AT_THE_PARTNER], "sent_at": sent_at, "last_name": last_name,
        "first_name": first_name, "person_status": "victim", "urgency": "standard",
        "contact_consent": "given_to_iscg",
    }  # fmt: skip


async def transmit_to_partner(stage: Stage, *, today: date) -> None:
    """Send the orientation of the story, which the CCAS has not answered."""
    draft = OrientationTransmissionDraft(
        legal_basis="person_agreement", fields=TOLD, message=MESSAGE, person_informed="informed_before"
    )
    orientation_id, sent_at = stage.ids["story", "orientation"], _instant(today - 5 * DAY)
    async with stage.act(WORKER, "orientation:change") as writing:
        await orientations.transmit(writing, stage.sealing_key, orientation_id, **draft.model_dump())
    stage.dated(Transmission, {"orientation_id": orientation_id}, sent_at=sent_at)
    stage.dated(SentOrientation, {"id": orientation_id}, sent_at=sent_at, reference=REFERENCE)
