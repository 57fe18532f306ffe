"""Late entries and corrections, drawn at random: each kind of write that may change a figure once counted.

Those of the API, and some that only a repair by hand could make (an act given to another person): a figure that is
kept must follow them all.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from app.nomenclature.terms import LISTS
from tests.indicators import worlds
from tests.indicators.worlds import STATUSES, World, codes, somewhere

Correction = Callable[[World], Awaitable[Any]]


async def _one(world: World, table: str, where: str = "true", name: str = "id") -> Any:
    """One row of a table, at random; the earliest or the latest ones are the likeliest to matter, and as likely."""
    rows = await world.ground.superuser.fetch(f"select * from {table} where {where} order by {name}")
    return world.draw.choice(rows)


async def _set(world: World, table: str, row: Any, **said: Any) -> None:
    put = ", ".join(f"{name} = ${number}" for number, name in enumerate(said, 2))
    statement = f"update {table} set {put} where id = $1"
    await world.ground.superuser.execute(statement, row["id"], *said.values())


async def _some(world: World, table: str, where: str = "true", **said: Any) -> None:
    """One of these facts changes, in one row."""
    name = world.draw.choice(list(said))
    await _set(world, table, await _one(world, table, where), **{name: said[name]})


async def a_person_is_corrected(world: World) -> None:
    draw = world.draw
    said = {"sex": draw.code("sex"), "declared_minor": draw.choice((None, True, False))}
    person = await _one(world, "social.person")
    if draw.random() < 0.5:
        born = draw.born()
        said = {"birth_date": born, "birth_date_precision": born and "day"}
    await _set(world, "social.person", person, **said)


async def a_situation_is_corrected(world: World) -> None:
    draw = world.draw
    await _some(
        world, "social.situation", main_problem=draw.problem(), referral_source=draw.code("referral_source"),
        penal_context=draw.code("penal_context"), secondary_problems=draw.sample(codes("problem_type"), 2),
        **somewhere(world),
    )  # fmt: skip


async def a_situation_is_opened_another_day(world: World) -> None:
    situation = await _one(world, "social.situation")
    day = min(world.draw.day(), situation["closed_on"] or date.max)
    await _set(world, "social.situation", situation, opened_on=day)


async def a_situation_is_closed(world: World) -> None:
    situation = await _one(world, "social.situation", "closed_on is null")
    day, reason = max(situation["opened_on"], world.draw.day()), world.draw.code("closure_reason")
    await _set(world, "social.situation", situation, status="closed", closed_on=day, closure_reason=reason)


async def a_situation_is_reopened(world: World) -> None:
    situation = await _one(world, "social.situation", "closed_on is not null")
    await _set(world, "social.situation", situation, status="active", closed_on=None, closure_reason=None)


async def a_situation_is_entered_late(world: World) -> None:
    await _at_a_post(world)
    participation = await world.ground.met(opened_on=world.draw.day(), main_problem=world.draw.problem())
    await worlds.act(world, participation)


async def a_participation_is_corrected(world: World) -> None:
    draw = world.draw
    await _some(
        world, "social.participation", person_status=draw.code("person_status"), joined_on=draw.day(),
        contact_consent=draw.code("contact_consent"), known_to_social_services=draw.code("known_to_social_services"),
    )  # fmt: skip


async def a_person_joins_a_situation(world: World) -> None:
    situation = await _one(world, "social.situation")
    world.ground.post = situation["post_id"]
    await world.ground.participation(situation["id"], joined_on=world.draw.day())


async def an_act_is_entered_late(world: World) -> None:
    participation = await _one(world, "social.participation")
    world.ground.post = participation["post_id"]
    await worlds.act(world, participation["id"])


async def an_act_for_nobody_is_entered_late(world: World) -> None:
    await _at_a_post(world)
    await worlds.act(world, None)


async def an_act_is_moved(world: World) -> None:
    await _some(world, "social.intervention", occurred_at=world.draw.instant())


async def an_act_for_nobody_is_moved(world: World) -> None:
    act = await _one(world, "social.intervention", "participation_id is null")
    await _set(world, "social.intervention", act, occurred_at=world.draw.instant())


async def an_act_is_corrected(world: World) -> None:
    draw = world.draw
    await _some(
        world, "social.intervention", outcome=draw.code("intervention_outcome"), channel=draw.code("channel"),
        duration_minutes=draw.choice((None, 30, 600)), **somewhere(world),
    )  # fmt: skip


async def an_act_is_given_to_somebody_else(world: World) -> None:
    act = await _one(world, "social.intervention", "participation_id is not null")
    other = await _one(world, "social.participation", f"post_id = '{act['post_id']}'")
    said = {"participation_id": other["id"], "situation_id": other["situation_id"]}
    await _set(world, "social.intervention", act, **said)


async def an_orientation_is_proposed_late(world: World) -> None:
    participation = await _one(world, "social.participation")
    world.ground.post = participation["post_id"]
    await worlds.orientation(world, participation["id"])


async def an_orientation_moves_on(world: World) -> None:
    orientation = await _one(world, "social.orientation")
    status, day = world.draw.choice(STATUSES), orientation["proposed_on"]
    await _set(
        world, "social.orientation", orientation, status=status,
        agreed_on=world.draw.choice((None, day)) if status not in ("proposed", "declined_by_person") else None,
        declined_on=day if status == "declined_by_person" else None,
        self_referred_on=day if status == "self_referred_by_person" else None,
        closed_on=day if status == "no_feedback" else None,
    )  # fmt: skip


async def an_orientation_is_sent(world: World) -> None:
    unsent = "not exists (select from exchange.orientation e where e.id = social.orientation.id)"
    await world.ground.sent((await _one(world, "social.orientation", unsent))["id"])


async def a_partner_answers(world: World) -> None:
    sent, answered_at = await _one(world, "exchange.orientation"), world.draw.instant()
    said: dict[str, Any] = {"acknowledged_at": answered_at, "taken_up_at": answered_at}
    said |= {"refused_at": None, "refusal_reason": None}
    if world.draw.random() < 0.5:
        said |= {"taken_up_at": None, "refused_at": answered_at, "refusal_reason": "other"}
    await _set(world, "exchange.orientation", sent, **said)


async def something_is_transmitted(world: World) -> None:
    participation = await _one(world, "social.participation")
    world.ground.post = participation["post_id"]
    kind = world.draw.choice(("concerning_information", "prosecutor_report"))
    await world.ground.transmission(participation["id"], world.draw.instant(), kind)


async def a_unit_sends_somebody(world: World) -> None:
    draw = world.draw
    said = {"document_type": draw.code("referral_document"), "contact_consent": draw.code("contact_consent")}
    await world.ground.referral(draw.choice(world.units), draw.instant(), **said)


async def a_unit_withdraws_a_referral(world: World) -> None:
    referral = await _one(world, "shared.referral")
    back = None if referral["withdrawn_at"] else referral["sent_at"] + timedelta(days=1)
    await _set(world, "shared.referral", referral, withdrawn_at=back)


async def a_referral_is_taken(world: World) -> None:
    untaken = "not exists (select from social.referral_handling h where h.referral_id = shared.referral.id)"
    referral = await _one(world, "shared.referral", untaken)
    await worlds.taken(world, referral["unit_id"], referral["id"])


async def a_referral_was_taken_for_another_situation(world: World) -> None:
    table = world.draw.choice(("social.referral_handling", "social.partner_referral_handling"))
    handling = await _one(world, table, name="referral_id")
    other = await _one(world, "social.situation", f"post_id = '{handling['post_id']}'")
    statement = f"update {table} set situation_id = $1 where referral_id = $2"
    situation = world.draw.choice((None, other["id"]))
    await world.ground.superuser.execute(statement, situation, handling["referral_id"])


async def a_partner_sends_somebody(world: World) -> None:
    await _at_a_post(world)
    await world.ground.partner_referral(world.draw.instant())


async def a_partner_withdraws_a_referral(world: World) -> None:
    referral = await _one(world, "exchange.referral")
    back = None if referral["withdrawn_at"] else referral["sent_at"] + timedelta(days=1)
    await _set(world, "exchange.referral", referral, withdrawn_at=back)


async def a_partner_referral_is_taken(world: World) -> None:
    untaken = "not exists (select from social.partner_referral_handling h where h.referral_id = exchange.referral.id)"
    referral = await _one(world, "exchange.referral", untaken)
    situation = await _one(world, "social.situation", f"post_id = '{referral['post_id']}'")
    world.ground.post = referral["post_id"]
    await world.ground.partner_taken(referral["id"], world.draw.choice((None, situation["id"])))


async def a_partner_changes_category(world: World) -> None:
    partner = await _one(world, "directory.partner")
    await _set(world, "directory.partner", partner, partner_category=world.draw.code("partner_category"))


async def a_session_is_corrected(world: World) -> None:
    draw = world.draw
    said = {"held_on": draw.day(), "participants": draw.randrange(90), "duration_minutes": draw.randrange(1, 600)}
    await _some(world, "social.collective_activity", **said, site_id=somewhere(world)["site_id"])


async def days_worked_are_noted(world: World) -> None:
    said = """insert into employer.presence select p.id, p.employer_id, $2, $3, a.id, now()
        from organisation.post p, accounts.account a where p.id = $1 limit 1
        on conflict (post_id, employer_id, month_on) do update set days_worked = excluded.days_worked"""
    month = date(2025, world.draw.randrange(1, 13), 1)
    await world.ground.superuser.execute(said, world.draw.choice(world.posts), month, world.draw.randrange(50) / 2)


async def somebody_leaves_a_post(world: World) -> None:
    posting = await _one(world, "accounts.posting", "post_id is not null")
    await _set(world, "accounts.posting", posting, ends_on=max(posting["starts_on"], world.draw.day()))


async def somebody_takes_another_post(world: World) -> None:
    posting = await _one(world, "accounts.posting", "post_id is not null")
    await _set(world, "accounts.posting", posting, post_id=world.draw.choice(world.posts))


async def somebody_comes_to_a_post(world: World) -> None:
    await _at_a_post(world)
    await world.ground.posting(world.draw.day())


async def a_post_has_other_days(world: World) -> None:
    post, day = await _one(world, "organisation.post"), world.draw.day()
    if day >= post["starts_on"]:
        await _set(world, "organisation.post", post, ends_on=day)
    else:
        await _set(world, "organisation.post", post, starts_on=day)


async def a_unit_changes_zone(world: World) -> None:
    zone = world.draw.choice([each.code for each in LISTS["zone"].terms])
    await _set(world, "organisation.unit", await _one(world, "organisation.unit"), zone=zone)


async def a_post_serves_one_more_unit(world: World) -> None:
    post, unit = world.draw.choice(world.posts), world.draw.choice(world.units)
    await world.ground.serves(post, unit, world.draw.day() + timedelta(days=7))


async def a_post_no_longer_serves_a_unit(world: World) -> None:
    served = await _one(world, "organisation.post_unit", name="post_id, unit_id, starts_on")
    statement = "update organisation.post_unit set ends_on = $3 where post_id = $1 and unit_id = $2 and starts_on <= $3"
    await world.ground.superuser.execute(statement, served["post_id"], served["unit_id"], world.draw.day())


async def an_employer_moves(world: World) -> None:
    employer = await _one(world, "organisation.employer")
    await _set(world, "organisation.employer", employer, departement_code=world.draw.choice(("28", "57", "974", "987")))


async def _at_a_post(world: World) -> UUID:
    world.ground.post = world.draw.choice(world.posts)
    return world.ground.post


CORRECTIONS: tuple[Correction, ...] = tuple(
    each
    for name, each in sorted(globals().items())
    if name.split("_")[0] in ("a", "an", "days", "something", "somebody")
)
