"""What leaves the posts of the scene, and what partners answer and send: over HTTP where a route does it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import asyncpg
import httpx

from app.models.columns import new_id
from app.services.told_once import token_digest
from tests.access.walking import ACTIVITY, REPORT, REQUISITION
from tests.house_for_tests import House


async def _done(client: httpx.AsyncClient, path: str, draft: Any = None) -> dict[str, Any]:
    answer = await client.post(path, json=draft)
    assert answer.status_code in (200, 201), answer.text
    return answer.json()


async def work_of_exchange(house: House, made: dict[str, UUID]) -> tuple[dict[str, UUID], dict[str, bytes]]:
    """Orientations in each state, to two partners, by two posts; their links; a report; two requisitions."""
    worker, partner = await house("worker"), await house("partner")
    about = {"worker": str(made["participation"]), "worker_elsewhere": str(made["far_participation"])}
    association = {"service_id": str(house.ids["association_service"])}

    async def sent(by: str = "worker", **said: Any) -> dict[str, Any]:
        return await house.sent_orientation(by, participation_id=about[by], **said)

    orientations = {
        "proposed": await house.orientation(participation_id=about["worker"]),
        "sent": await sent(),
        "refused": await sent(),
        "taken_up": await sent(),
        "closed": await sent(),
        "linked": await sent(),
        "to_the_other": await sent(**association),
        "far_sent": await sent("worker_elsewhere"),
        "far_to_the_other": await sent("worker_elsewhere", **association),
        "far_proposed": await house.orientation("worker_elsewhere", participation_id=about["worker_elsewhere"]),
    }
    path = {name: f"/v1/orientations/{one['id']}" for name, one in orientations.items()}
    await _done(partner, f"{path['refused']}/refuse", {"refusal_reason": "out_of_area"})
    await _done(partner, f"{path['taken_up']}/take-up")
    links: dict[str, bytes] = {}

    async def link(name: str, of: str, by: str = "worker") -> dict[str, Any]:
        made_link = await _done(await house(by), f"{path[of]}/answer-links", {})
        links[name] = token_digest(made_link["path"].rpartition("/")[2])
        return made_link

    found = {name: await link(name, "linked") for name in ("open", "used", "revoked", "expired")}
    found |= {name: await link(name, name) for name in ("taken_up", "closed", "to_the_other")}
    found["far"] = await link("far", "far_to_the_other", "worker_elsewhere")
    assert (await house.caller().post(found["used"]["path"], json={"answer": "acknowledge"})).status_code == 200
    await _done(worker, f"{path['linked']}/answer-links/{found['revoked']['id']}/revoke")
    await _done(worker, f"{path['closed']}/close")
    report = await _done(worker, "/v1/transmissions", REPORT | {"participation_id": about["worker"]})
    far_report = REPORT | {"participation_id": about["worker_elsewhere"]}
    objects = {
        **{f"{name}_orientation": one for name, one in orientations.items()},
        **{f"{name}_link": one for name, one in found.items()},
        "report": report,
        "far_report": await _done(await house("worker_elsewhere"), "/v1/transmissions", far_report),
        "requisition": await _done(worker, "/v1/requisitions", REQUISITION),
        "activity": await _done(worker, "/v1/collective-activities", ACTIVITY),
        "far_activity": await _done(await house("worker_elsewhere"), "/v1/collective-activities", ACTIVITY),
    }
    return {name: UUID(one["id"]) for name, one in objects.items()}, links


async def what_others_exchange(connection: asyncpg.Connection, ids: dict[str, UUID]) -> None:
    """A link out of date, the requisition of another employer, days worked, and persons whom partners send."""
    await connection.execute(
        "update exchange.answer_link set created_at = now() - interval '9 days',"
        " expires_at = now() - interval '1 minute' where id = $1",
        ids["expired_link"],
    )
    ids |= {name: new_id() for name in ("far_requisition", *SENT_BY)}
    await connection.execute(
        "update organisation.post set employer_id = $2 where id = $1", ids["far_post"], ids["other_employer"]
    )
    await connection.execute(
        "insert into employer.requisition (id, post_id, employer_id, received_on, requested_by, requisition_basis,"
        " requested_scope, recorded_by, recorded_at) select $1, $2, $3, received_on, requested_by, requisition_basis,"
        " requested_scope, $4, recorded_at from employer.requisition where id = $5",
        ids["far_requisition"], ids["far_post"], ids["other_employer"], ids["worker_elsewhere"], ids["requisition"],
    )  # fmt: skip
    for prefix, employer, by in (("", "employer", "worker"), ("far_", "other_employer", "worker_elsewhere")):
        await connection.execute(
            "insert into employer.presence values ($1, $2, '2026-02-01', 18.5, $3, now())",
            ids[f"{prefix}post"], ids[employer], ids[by],
        )  # fmt: skip
    for name, (by, of, to, withdrawn) in SENT_BY.items():
        await connection.execute(
            "insert into exchange.referral (id, partner_id, post_id, sent_by, sent_at, last_name, person_status,"
            " urgency, contact_consent, withdrawn_at) values ($1, $2, $3, $4, now(), 'Adressé', 'victim', 'urgent',"
            " 'not_asked', case when $5 then now() end)",
            ids[name], ids[of], ids[to], ids[by], withdrawn,
        )  # fmt: skip
        if not withdrawn:
            await connection.execute(
                "insert into social.partner_referral_handling (referral_id, post_id, received_at, received_by)"
                " values ($1, $2, now(), $3)",
                ids[name], ids[to], ids["worker"],
            )  # fmt: skip


# name: (by whom, of which partner, to which post, withdrawn)
SENT_BY = {
    "partner_referral": ("partner", "ccas", "shared_post", False),
    "withdrawn_partner_referral": ("partner", "ccas", "shared_post", True),
    "partner_referral_elsewhere": ("partner_elsewhere", "association", "shared_post", False),
    "far_partner_referral": ("partner_elsewhere", "association", "other_post", False),
}
