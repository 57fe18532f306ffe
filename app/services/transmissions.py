"""The register of what was lawfully passed on. Nothing nominative leaves without a line here.

A line says on what it rests, to whom, which fields, whether the person was told, and when; what was sent is kept
word for word, sealed with the person's key.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, func, select

from app.errors import FieldError, Invalid
from app.models.columns import new_id
from app.models.confidential import PersonKey, TransmissionContent
from app.models.social import Intervention, Need, Participation, Person, Situation, Transmission
from app.nomenclature.terms import knows, term
from app.services import legal_bases, participations, safe_contacts
from app.services.clock import now, today
from app.services.notes import key_of
from app.services.orientation_targets import check_recipient, target_of
from app.services.sealing import Place, SealingKey, seal, unseal
from app.statements import columns, given, newest_first
from app.transactions import Reading, Writing

INTERVENTION = columns(Intervention)
NEED = columns(Need)
PARTICIPATION = columns(Participation)
PERSON = columns(Person)
PERSON_KEY = columns(PersonKey)
SITUATION = columns(Situation)
TRANSMISSION = columns(Transmission)
CONTENT = columns(TransmissionContent)

SHOWN = select(*TRANSMISSION)
ONE = SHOWN.where(TRANSMISSION.id == given("id", Uuid))
NEWEST = newest_first(
    SHOWN, perimeter=TRANSMISSION.post_id, mine="my_posts", at=TRANSMISSION.sent_at, key=TRANSMISSION.id
)
SEALED = (
    select(*CONTENT, PERSON_KEY.wrapped_key, PERSON_KEY.person_id)
    .join(PersonKey, PERSON_KEY.id == CONTENT.person_key_id)
    .where(CONTENT.transmission_id == given("id", Uuid))
)

MESSAGE = "message"

# What the file says of the person, under the names of the list transmissible_field.
FACTS = (
    select(
        PERSON.last_name,
        PERSON.birth_name,
        PERSON.first_name,
        PERSON.sex,
        PERSON.birth_date,
        PERSON.birth_date_precision,
        PERSON.phone,
        PERSON.municipality,
        PERSON.household_type,
        PERSON.housing_status,
        PERSON.employment_status,
        PARTICIPATION.person_status,
        PARTICIPATION.known_to_social_services,
        SITUATION.main_problem,
        SITUATION.urgency,
        select(func.array_agg(NEED.need_type))
        .where(NEED.participation_id == PARTICIPATION.id, NEED.ended_at.is_(None))
        .correlate(Participation)
        .scalar_subquery()
        .label("needs"),
    )
    .join(Participation, PARTICIPATION.person_id == PERSON.id)
    .join(Situation, SITUATION.id == PARTICIPATION.situation_id)
    .where(PARTICIPATION.id == given("participation_id", Uuid))
)
INTERVENTIONS = (
    select(INTERVENTION.occurred_at, INTERVENTION.intervention_type, INTERVENTION.outcome)
    .where(INTERVENTION.participation_id == given("participation_id", Uuid))
    .order_by(INTERVENTION.occurred_at, INTERVENTION.id)
)


def check_fields(fields: Iterable[str], *, to_a_partner: bool, pointer: str = "/fields") -> None:
    """Each field is of the closed list, and of those that a partner may be told; ``Invalid`` otherwise."""
    wrong = [
        FieldError(f"{pointer}/{number}", "field_not_transmissible")
        for number, field in enumerate(fields)
        if not knows("transmissible_field", field)
        or (to_a_partner and not term("transmissible_field", field).says("offered_to_partners"))
    ]
    if wrong:
        raise Invalid(*wrong)


async def gather(
    reading: Reading,
    sealing_key: SealingKey,
    participation_id: UUID,
    *,
    fields: list[str],
    message: str | None,
) -> dict[str, Any]:
    """The exact fields, as the file says them now. ``Invalid`` when the message and its field do not go together.

    A field that the file does not know is sent as ``null``: the recipient learns that it is not known.
    """
    if (MESSAGE in fields) != (message is not None):
        raise Invalid("message_and_its_field_together", "/message")
    known = {**await reading.row(FACTS, participation_id=participation_id), MESSAGE: message}
    known["birth_date"] = _birth(known["birth_date"], known["birth_date_precision"])
    for field, gathered in GATHERED_APART.items():
        if field in fields:
            known[field] = await gathered(reading, sealing_key, participation_id)
    return {field: known[field] for field in fields}


def _birth(day: date | None, precision: str | None) -> dict[str, str | None] | None:
    return None if day is None else {"date": day.isoformat(), "precision": precision}


async def _safe_contact(reading: Reading, sealing_key: SealingKey, participation_id: UUID) -> dict[str, Any] | None:
    subject = reading.subject
    said = await safe_contacts.seek(reading, sealing_key, participation_id)
    reading.subject = subject
    apart = ("participation_id", "version", "changed_by", "changed_at")
    return None if said is None else {name: value for name, value in said.items() if name not in apart}


async def _interventions(reading: Reading, _: SealingKey, participation_id: UUID) -> list[dict[str, Any]]:
    rows = await reading.rows(INTERVENTIONS, participation_id=participation_id)
    return [{**row, "occurred_at": row["occurred_at"].isoformat()} for row in rows]


# What does not stand in the row of the person, of her participation or of the situation.
GATHERED_APART: Mapping[str, Callable[[Reading, SealingKey, UUID], Awaitable[Any]]] = {
    "safe_contact": _safe_contact,
    "interventions": _interventions,
}


async def pass_on(
    writing: Writing,
    sealing_key: SealingKey,
    *,
    id: UUID,
    participation_id: UUID,
    transmission_kind: str,
    legal_basis: str,
    recipient: str,
    partner_id: UUID | None,
    fields: list[str],
    message: str | None,
    narrative: str | None,
    person_informed: str,
    agreed_on: date | None,
) -> UUID:
    """Pass on to a professional, to the CRIP or to the prosecutor. Returns the line of the register."""
    context = await participations.of_open_situation(writing, participation_id)
    kind = term("transmission_kind", transmission_kind)
    if kind.says("made_by_its_own_act"):
        raise Invalid("transmission_made_by_its_own_act", "/transmission_kind")
    if kind.says("needs_narrative") != (narrative is not None):
        raise Invalid("narrative_expected" if narrative is None else "narrative_not_expected", "/narrative")
    basis = await legal_bases.check(
        writing,
        legal_basis,
        transmission_kind=kind.code,
        post_id=context["post_id"],
        person_informed=person_informed,
    )
    if basis.says("rests_on_agreement") != (agreed_on is not None):
        raise Invalid("agreement_and_its_day_together", "/agreed_on")
    if agreed_on is not None and agreed_on > today():
        raise Invalid("day_in_the_future", "/agreed_on")
    check_fields(fields, to_a_partner=True)
    if partner_id is not None:
        target = await target_of(writing, {"partner_id": partner_id})
        check_recipient(target, transmission_kind=kind.code, fields=fields, basis=basis)
    said = await gather(writing, sealing_key, participation_id, fields=fields, message=message)
    return await record(
        writing,
        sealing_key,
        context,
        id=id,
        transmission_kind=kind.code,
        legal_basis=legal_basis,
        recipient=recipient,
        partner_id=partner_id,
        said=said,
        narrative=narrative,
        person_informed=person_informed,
        agreed_on=agreed_on,
    )


async def record(
    writing: Writing,
    sealing_key: SealingKey,
    context: Mapping[str, Any],
    *,
    id: UUID | None = None,
    transmission_kind: str,
    legal_basis: str,
    recipient: str,
    said: Mapping[str, Any],
    person_informed: str,
    partner_id: UUID | None = None,
    narrative: str | None = None,
    agreed_on: date | None = None,
    orientation_id: UUID | None = None,
    requisition_id: UUID | None = None,
) -> UUID:
    """Write the line, and seal what was sent as it was sent. ``context`` is ``participations.CONTEXT``'s row."""
    line = Transmission(
        id=id or new_id(),
        post_id=context["post_id"],
        participation_id=context["id"],
        transmission_kind=transmission_kind,
        orientation_id=orientation_id,
        requisition_id=requisition_id,
        legal_basis=legal_basis,
        partner_id=partner_id,
        recipient=recipient,
        fields=list(said),
        person_informed=person_informed,
        agreed_on=agreed_on,
        sent_at=now(),
        sent_by=writing.actor.account_id,
    )
    key_id, data_key = await key_of(writing, sealing_key, post_id=context["post_id"], person_id=context["person_id"])
    content = TransmissionContent(
        transmission_id=line.id,
        post_id=line.post_id,
        participation_id=line.participation_id,
        person_key_id=key_id,
        author_id=writing.actor.account_id,
        sealed=b"",
    )
    content.sealed = seal(as_text(said, narrative), data_key=data_key, place=_place(dict(content)))
    await writing.add(line, content)
    writing.about(line.id)
    return line.id


def as_text(said: Mapping[str, Any], narrative: str | None) -> str:
    """What is sealed: the fields and the narrative, as they left."""
    return json.dumps({"fields": said, "narrative": narrative}, ensure_ascii=False)


def _place(row: Mapping[str, Any]) -> Place:
    return Place(
        table="confidential.transmission_content",
        row_id=row["transmission_id"],
        post_id=row["post_id"],
        participation_id=row["participation_id"],
        person_key_id=row["person_key_id"],
        author_id=row["author_id"],
        version=1,
    )


async def read_content(reading: Reading, sealing_key: SealingKey, transmission_id: UUID) -> dict[str, Any]:
    """What was passed on, word for word; ``NotFound`` when the line is not of my posts."""
    reading.about(transmission_id)
    row = await reading.row(SEALED, id=transmission_id)
    data_key = sealing_key.unwrap(row["wrapped_key"], bound_to=row["person_key_id"].bytes + row["person_id"].bytes)
    opened: dict[str, Any] = json.loads(unseal(row["sealed"], data_key=data_key, place=_place(row)))
    return {"transmission_id": transmission_id, **opened}
