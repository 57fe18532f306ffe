"""The story, acted: each case goes through the drafts and the services of the API, act by act."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app.demo.counting import count
from app.demo.directing import direct
from app.demo.plan import Case, LooseReferral, Plan, words
from app.demo.stage import Stage
from app.demo.town import PEOPLE
from app.models.confidential import Note, NoteShare, SafeContact
from app.models.shared import Referral
from app.models.social import Intervention, Person, ReferralHandling, Situation
from app.schemas.interventions import InterventionDraft
from app.schemas.notes import NoteDraft, NoteShareDraft, SafeContactDraft
from app.schemas.persons import HouseholdLinkDraft
from app.schemas.referrals import FeedbackDraft, ReferralDraft
from app.schemas.situations import ClosureDraft, NeedDraft, SituationDraft, SuspensionDraft
from app.services import interventions, notes, participations, persons, referrals, safe_contacts, situations


async def play(stage: Stage, case: Case) -> None:
    """One case, from the referral to the closing."""
    referral_id = None
    if case.officer and case.sent_at:
        referral_id = await _send(stage, case.officer, case.sent_at, case.referral)
    situation_id = await _open(stage, case, referral_id)
    people = await _people(stage, case, situation_id)
    participation_ids = [participation for participation, _ in people]
    for act in sorted(case.acts, key=lambda act: act.said["occurred_at"]):
        await _record(
            stage, case.worker, act.said, participation_ids[act.who], stage.ids["site", case.site or "aubrelle"]
        )
    await _assess(stage, case, participation_ids[0])
    await direct(stage, case, participation_ids[0])
    await _write(stage, case, participation_ids)
    if case.link:
        async with stage.act(case.worker, "household_link:add") as writing:
            link = HouseholdLinkDraft(other_person_id=people[1][1], household_link=case.link)
            await persons.link(writing, people[0][1], **link.model_dump())
    await _end(stage, case, situation_id)
    if referral_id and case.feedback:
        await _answer(stage, case.worker, referral_id, *case.feedback)


async def _send(stage: Stage, officer: str, sent_at: datetime, said: dict[str, Any]) -> UUID:
    async with stage.act(officer, "referral:add") as writing:
        referral_id = await referrals.send(writing, **ReferralDraft.model_validate(said).model_dump())
    stage.dated(Referral, {"id": referral_id}, sent_at=sent_at)
    return referral_id


async def _open(stage: Stage, case: Case, referral_id: UUID | None) -> UUID:
    facts = dict(case.facts)
    unit = facts.pop("unit_key", None)
    entering = [
        {
            "person": each.facts,
            "person_status": each.status,
            "contact_consent": each.consent,
            "known_to_social_services": each.known,
        }
        for each in case.characters
    ]
    draft = SituationDraft.model_validate(
        {
            **facts,
            "referral_id": referral_id,
            "referral_source": case.source,
            "unit_id": stage.ids["unit", unit] if unit else None,
            "site_id": stage.ids["site", case.site] if case.site else None,
            "participations": entering,
        }
    ).model_dump()
    async with stage.act(case.worker, "situation:add") as writing:
        situation_id = await situations.open_situation(
            writing, participations_said=draft.pop("participations"), **draft
        )
    stage.dated(Situation, {"id": situation_id}, recorded_at=case.opened_at)
    if referral_id:
        received_at = case.opened_at - timedelta(minutes=20)
        stage.dated(ReferralHandling, {"referral_id": referral_id}, received_at=received_at, decided_at=case.opened_at)
    return situation_id


async def _people(stage: Stage, case: Case, situation_id: UUID) -> list[tuple[UUID, UUID]]:
    """(participation, person) of each character, in the order of the case."""
    async with stage.act(case.worker, "participation:read") as reading:
        rows = await reading.rows(participations.OF_SITUATION, situation_id=situation_id)
        found = [(row["id"], (await reading.row(participations.CONTEXT, id=row["id"]))["person_id"]) for row in rows]
    for _, person_id in found:
        stage.dated(Person, {"id": person_id}, recorded_at=case.opened_at)
    return found


async def _record(
    stage: Stage, worker: str, said: dict[str, Any], participation_id: UUID | None, site_id: UUID | None
) -> None:
    received = site_id if said["channel"] == "on_site" and participation_id else None
    draft = InterventionDraft.model_validate({**said, "participation_id": participation_id, "site_id": received})
    async with stage.act(worker, "intervention:add") as writing:
        act_id = await interventions.record(writing, **draft.model_dump())
    stage.dated(Intervention, {"id": act_id}, recorded_at=said["occurred_at"] + timedelta(hours=1))


async def _assess(stage: Stage, case: Case, participation_id: UUID) -> None:
    for need in case.needs:
        draft = NeedDraft(need_type=need["need_type"], assessed_on=need["assessed_on"])
        async with stage.act(case.worker, "need:add") as writing:
            need_id = await participations.assess(writing, participation_id, **draft.model_dump())
        if need["met_on"]:
            async with stage.act(case.worker, "need:change") as writing:
                await participations.answer_need(writing, need_id, met_on=need["met_on"])


async def _write(stage: Stage, case: Case, participation_ids: list[UUID]) -> None:
    for text, written_at, who in case.notes:
        draft = NoteDraft(text=text)
        async with stage.act(case.worker, "note:add") as writing:
            note = await notes.write(writing, stage.sealing_key, participation_ids[who], **draft.model_dump())
        stage.dated(Note, {"id": note["id"]}, written_at=written_at)
        if case.shared_with:
            async with stage.act(case.worker, "note_share:add") as writing:
                opened = NoteShareDraft(shared_with=stage.ids["account", case.shared_with])
                share_id = await notes.share(writing, note["id"], **opened.model_dump())
            stage.dated(NoteShare, {"id": share_id}, shared_at=written_at + timedelta(hours=1))
    if case.safe_contact:
        said = SafeContactDraft.model_validate(case.safe_contact).model_dump()
        async with stage.act(case.worker, "safe_contact:add") as writing:
            await safe_contacts.replace(writing, stage.sealing_key, participation_ids[0], version=1, **said)
        day = case.opened_at + timedelta(hours=2)
        stage.dated(SafeContact, {"participation_id": participation_ids[0]}, changed_at=day)


async def _end(stage: Stage, case: Case, situation_id: UUID) -> None:
    if case.closing:
        closure = ClosureDraft.model_validate(case.closing)
        async with stage.act(case.worker, "situation:change") as writing:
            await situations.close(writing, situation_id, **closure.model_dump())
    elif case.suspended_on:
        async with stage.act(case.worker, "situation:read") as reading:
            active = (await reading.row(situations.ONE, id=situation_id))["status"] == "active"
        if active:
            suspension = SuspensionDraft(suspended_on=case.suspended_on)
            async with stage.act(case.worker, "situation:change") as writing:
                await situations.suspend(writing, situation_id, **suspension.model_dump())


async def _answer(stage: Stage, worker: str, referral_id: UUID, code: str, day: Any) -> None:
    async with stage.act(worker, "referral:change") as writing:
        await referrals.answer_the_unit(writing, referral_id, **FeedbackDraft(feedback_code=code).model_dump())
    stage.dated(Referral, {"id": referral_id}, feedback_on=day)


async def send_alone(stage: Stage, loose: LooseReferral) -> None:
    """A referral that waits, was withdrawn, was only received, went elsewhere, or is out of scope."""
    referral_id = await _send(stage, loose.officer, loose.sent_at, loose.said)
    later = loose.sent_at + timedelta(hours=20)
    if loose.end == "withdrawn":
        async with stage.act(loose.officer, "referral:change") as writing:
            await referrals.withdraw(writing, referral_id)
        stage.dated(Referral, {"id": referral_id}, withdrawn_at=later)
    elif loose.end == "received":
        await _answer(stage, loose.worker, referral_id, "received", later.date())
        stage.dated(ReferralHandling, {"referral_id": referral_id}, received_at=later)
    elif loose.end is not None:
        redirected = loose.end == "redirected"
        async with stage.act(loose.worker, "referral_handling:change") as writing:
            await referrals.decide(
                writing,
                referral_id,
                decision="redirected" if redirected else "rejected_out_of_scope",
                post_id=None,
                redirected_to=words()["redirected_to"] if redirected else None,
            )
        stage.dated(ReferralHandling, {"referral_id": referral_id}, received_at=later, decided_at=later)


async def play_all(stage: Stage, plan: Plan, progress: Any) -> None:
    """The whole plan, in order; ``progress(done, total)`` as it goes."""
    total = len(plan.cases) + len(plan.loose) + len(plan.unattached)
    done = 0
    for case in plan.cases:
        await play(stage, case)
        progress(done := done + 1, total)
    for loose in plan.loose:
        await send_alone(stage, loose)
        progress(done := done + 1, total)
    for worker, act in plan.unattached:
        if PEOPLE[worker].post:
            await _record(stage, worker, act.said, None, None)
        progress(done := done + 1, total)
    await count(stage)
