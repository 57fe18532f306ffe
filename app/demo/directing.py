"""Orientations of the demonstration: proposed after an assessment, transmitted or not, answered or not."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from app.demo.directory import BODIES
from app.demo.plan import DAY, Case, at
from app.demo.shares import SEED, picked
from app.demo.stage import Stage
from app.demo.town import PEOPLE
from app.models.exchange import SentOrientation
from app.models.social import Orientation, Transmission
from app.schemas.orientations import AgreementDraft, DeclineDraft, OrientationDraft, OrientationTransmissionDraft
from app.services import orientations, sent_orientations
from app.services.clock import today

ENDS = {"proposed": 8, "declined": 12, "alone": 14, "agreed": 8, "transmitted": 58}
ANSWERS = {None: 22, "acknowledged": 13, "taken_up": 45, "refused": 10, "closed": 10}
OUTCOMES = {"support_started": 50, "need_met": 20, "waiting_list": 15, "person_did_not_come": 15}
AGREED = ["last_name", "first_name", "phone", "needs", "message"]
MESSAGE = "Madame, Monsieur, la personne attend votre appel ; elle est d'accord pour que je vous transmette ceci."

ANSWERING = {someone.partner: key for key, someone in PEOPLE.items() if someone.partner}


async def direct(stage: Stage, case: Case, participation_id: UUID) -> None:
    """Where this person was directed, as far as today."""
    if not case.needs:
        return
    # The same story each time: the person's name draws it.
    rng = Random(f"{SEED} {case.characters[0].facts['last_name']}")  # noqa: S311
    for need in case.needs:
        offers = [
            (key, number)
            for key, body in BODIES.items()
            for number, offer in enumerate(body.offers)
            if need["need_type"] in offer.needs
        ]
        if offers and rng.random() < 0.75:
            key, number = rng.choice(offers)
            proposed = at(need["assessed_on"], rng)
            await _one(
                stage, case, participation_id, rng, need["need_type"], key, number, max(proposed, case.opened_at)
            )


async def _one(
    stage: Stage, case: Case, participation_id: UUID, rng: Random, need: str, key: str, number: int, proposed: datetime
) -> None:
    draft = OrientationDraft(need_type=need, service_id=stage.ids["service", f"{key}/{number}"])
    async with stage.act(case.worker, "orientation:add") as writing:
        orientation_id = await orientations.propose(writing, participation_id, **draft.model_dump())
    end, day = picked(rng, ENDS), proposed.date()
    dates: dict[str, Any] = {"proposed_on": day, "recorded_at": proposed}
    if end == "declined":
        async with stage.act(case.worker, "orientation:change") as writing:
            await orientations.decline(writing, orientation_id, **DeclineDraft().model_dump())
        dates["declined_on"] = day
    elif end == "alone":
        async with stage.act(case.worker, "orientation:change") as writing:
            await orientations.leave_to_the_person(writing, orientation_id, self_referred_on=None)
        dates["self_referred_on"] = day
    elif end != "proposed":
        agreement = AgreementDraft(agreed_fields=AGREED)
        async with stage.act(case.worker, "orientation:change") as writing:
            await orientations.agree(writing, orientation_id, **agreement.model_dump())
        dates["agreed_on"] = day
    if end == "transmitted":
        dates |= await _send(stage, case, orientation_id, rng, key, proposed + timedelta(hours=2))
    stage.dated(Orientation, {"id": orientation_id}, **dates)


async def _send(
    stage: Stage, case: Case, orientation_id: UUID, rng: Random, key: str, sent_at: datetime
) -> dict[str, date]:
    draft = OrientationTransmissionDraft(
        legal_basis="person_agreement", fields=AGREED, message=MESSAGE, person_informed="informed_before"
    )
    async with stage.act(case.worker, "orientation:change") as writing:
        await orientations.transmit(writing, stage.sealing_key, orientation_id, **draft.model_dump())
    stage.dated(Transmission, {"orientation_id": orientation_id}, sent_at=sent_at)
    answer, dates = picked(rng, ANSWERS), {"sent_at": sent_at}
    answered_at = sent_at + rng.randrange(1, 6) * DAY
    if answered_at.date() >= today():
        answer = None
    if answer == "closed":
        async with stage.act(case.worker, "orientation:change") as writing:
            await orientations.close(writing, orientation_id)
        dates["closed_at"] = answered_at
    elif answer and key in ANSWERING:
        dates |= await _answer(stage, orientation_id, rng, ANSWERING[key], answer, answered_at)
    stage.dated(SentOrientation, {"id": orientation_id}, **dates)
    return {"closed_on": answered_at.date()} if answer == "closed" else {}


async def _answer(
    stage: Stage, orientation_id: UUID, rng: Random, who: str, answer: str, answered_at: datetime
) -> dict[str, Any]:
    async with stage.act(who, "orientation:change") as writing:
        if answer == "refused":
            await sent_orientations.refuse(writing, orientation_id, refusal_reason="no_capacity")
            return {"acknowledged_at": answered_at, "refused_at": answered_at}
        await sent_orientations.acknowledge(writing, orientation_id)
        if answer == "acknowledged":
            return {"acknowledged_at": answered_at}
        await sent_orientations.take_up(writing, orientation_id)
        dates: dict[str, Any] = {"acknowledged_at": answered_at, "taken_up_at": answered_at + timedelta(hours=3)}
        if rng.random() < 0.6:
            await sent_orientations.report_outcome(
                writing, orientation_id, outcome_code=picked(rng, OUTCOMES), outcome_on=None
            )
            dates["outcome_on"] = min(answered_at.date() + 5 * DAY, today())
        return dates
