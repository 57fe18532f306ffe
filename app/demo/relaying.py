"""The story's relays: a colleague reads in place of an absent one, and a post changes hands in three weeks."""

from __future__ import annotations

from datetime import date, timedelta

from app.demo.stage import Stage
from app.schemas.handovers import HandoverDraft, HandoverItemDraft
from app.schemas.replacements import ReplacementDraft
from app.services import handovers, replacements

LEAVING, ARRIVING, POST = "samir.oudrane", "claire.vasseline", "aubrelle"
REPLACING, REPLACED, COORDINATOR = "claire.vasseline", "lisse", "bernard.quintrel"
SUMMARY = (
    "Suivi en cours, prochain rendez-vous fixé. Elle préfère être appelée le matin ; le reste, elle le dira elle-même."
)


async def relay_all(stage: Stage, *, today: date) -> None:
    """Propose and approve both, as their people would."""
    asked = ReplacementDraft(
        post_id=stage.ids["post", REPLACED],
        replacement_reason="training",
        starts_on=today,
        ends_on=today + timedelta(days=12),
    )
    async with stage.act(REPLACING, "replacement:add") as writing:
        replacement_id = await replacements.propose(writing, **asked.model_dump())
    async with stage.act(COORDINATOR, "replacement:change") as writing:
        await replacements.approve(writing, replacement_id)
    async with stage.act(LEAVING, "participation:read") as reading:
        followed = await reading.rows(handovers.FOLLOWED, post_id=stage.ids["post", POST], listed=[])
    # One author in four would rather write a summary than let her notes go.
    items = [
        HandoverItemDraft(
            participation_id=row["id"], notes_go_along=number % 4 > 0, summary=None if number % 4 else SUMMARY
        )
        for number, row in enumerate(followed)
    ]
    leaving = HandoverDraft(
        to_account_id=stage.ids["account", ARRIVING],
        handover_motive="mobility",
        starts_on=today + timedelta(days=21),
        participations=items,
    )
    async with stage.act(LEAVING, "handover:add") as writing:
        handover_id = await handovers.propose(writing, stage.sealing_key, **leaving.model_dump())
    async with stage.act(COORDINATOR, "handover:change") as writing:
        await handovers.approve(writing, handover_id)
