"""What a page or a telephone does when the network fails, or when its proof is too old; in Node, against a server."""

from __future__ import annotations

import json
from typing import Any

import asyncpg

from app.services.clock import today
from tests.clients.node import HERE, Workshop
from tests.clients.serving import Served, run
from tests.routers.administering import grow_old
from tests.routers.asking import day

REFERRAL = {
    "first_name": "Rose", "person_status": "victim", "document_type": "complaint", "urgency": "urgent",
    "contact_consent": "given_to_officer",
}  # fmt: skip


async def tried(page: Workshop, program: str, **said: Any) -> dict[str, Any]:
    """What a small program says, run beside the compiled samples."""
    page.receive(HERE / program)
    done = await run(["node", program], cwd=page.folder, said=json.dumps(said))
    assert done.returncode == 0, done.stdout + done.stderr
    answered: dict[str, Any] = json.loads(done.stdout)
    return answered


async def test_what_was_written_without_a_network_is_sent_once_whatever_answers_are_lost(
    page: Workshop, served: Served, superuser: asyncpg.Connection
) -> None:
    names = ["Un", "Deux", "Trois"]
    drafts = [{**REFERRAL, "last_name": name} for name in names]
    mistaken = {**REFERRAL, "last_name": "Quatre", "urgency": "hier"}
    tokens = await served.house.session_of("officer")

    said = await tried(page, "offline.mjs", server=served.address, tokens=tokens, drafts=[*drafts, mistaken])

    assert (said["without_a_network"], said["while_answers_are_lost"]) == (4, 4)
    assert said["lost"] == 1, "nothing goes before what has not been answered"
    assert [each["replayed"] for each in said["done"]] == [True, False, False]
    assert (said["at_last"], said["kept"]) == (1, ["invalid_request"])
    rows = await superuser.fetch("select id::text, last_name from shared.referral order by sent_at, id")
    assert [row["last_name"] for row in rows] == names
    assert [row["id"] for row in rows] == [each["id"] for each in said["done"]]


async def test_an_act_that_asks_for_a_fresh_proof_is_done_once_the_person_has_given_it(
    page: Workshop, served: Served, superuser: asyncpg.Connection
) -> None:
    house = served.house
    tokens = await house.session_of("worker")
    await grow_old(superuser)
    days = {"starts_on": today().isoformat(), "ends_on": day(10)}
    body = {"post_id": str(house.ids["other_post"]), "replacement_reason": "sick_leave", **days}
    code = served.telephones["worker"].code()

    said = await tried(
        page, "proving.mjs", server=served.address, tokens=tokens, path="/v1/replacements", body=body, code=code
    )

    assert said == {"without": "401 proof_too_old", "with": "sick_leave"}
    assert served.calls.count("POST /v1/auth/step-up") == 1
    assert served.calls.count("POST /v1/replacements") == 3
