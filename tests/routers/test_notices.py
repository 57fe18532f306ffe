"""Notices: who replaces whom, which post changes hands, what waits; told to those it concerns, without a name."""

from __future__ import annotations

from typing import Any

import asyncpg

from tests.house_for_tests import House
from tests.routers.asking import refused
from tests.routers.relay import REPLACING, approved, coordinator_elsewhere, going, handed, proposed, replacing

HERE = "/v1/me/notices"


async def told(house: House, who: str) -> list[dict[str, Any]]:
    """The notices of this person."""
    answer = await (await house(who)).get(HERE)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def kinds(house: House, who: str) -> list[str]:
    """Their kinds, newest first."""
    return [each["kind"] for each in await told(house, who)]


async def test_the_holder_of_a_post_is_told_at_once_that_someone_asks_to_read_and_reads_it(house: House) -> None:
    replacement = await proposed(house)
    for who in ("worker", "colleague", REPLACING, "dpo"):
        assert await kinds(house, who) == ["replacement_proposed"]
    assert await kinds(house, "coordinator") == ["replacement_to_approve"]
    replacement = await approved(house, "replacements", replacement)
    for who in ("worker", "colleague", REPLACING, "coordinator", "dpo"):
        assert await kinds(house, who) == ["replacement_approved", "replacement_proposed"]
    newest = (await told(house, "worker"))[0]
    assert newest["replacement_id"] == replacement["id"]
    assert newest["at"].rstrip("Z") == replacement["approved_at"].rstrip("Z")
    assert "« shared_post »" in newest["sentence"]
    await (await house("worker")).post(f"/v1/replacements/{replacement['id']}/end")
    assert (await kinds(house, REPLACING))[0] == "replacement_ended"


async def test_who_proposes_is_not_told_to_approve(house: House) -> None:
    await proposed(house, "coordinator", account_id=str(house.ids[REPLACING]))
    assert await kinds(house, "coordinator") == ["replacement_proposed"]


async def test_a_handover_is_told_to_both_to_the_employer_and_to_the_delegate_without_anybodys_name(
    house: House,
) -> None:
    participation = (await house.situation())["participations"][0]["id"]
    handover = await handed(house, [going(participation)])
    assert await kinds(house, "coordinator") == ["handover_to_approve"]
    await approved(house, "handovers", handover)
    for who in ("worker", "colleague", "coordinator", "dpo"):
        client = await house(who)
        assert await kinds(house, who) == ["handover_approved", "handover_proposed"]
        said = (await client.get(HERE)).text
        assert not any(told in said for told in ("Petit", "Anne", participation))
    gone = await handed(house, [going(participation)])
    await (await house("worker")).post(f"/v1/handovers/{gone['id']}/cancel")
    assert (await kinds(house, "colleague"))[0] == "handover_cancelled"


async def test_notices_are_those_of_the_rows_that_one_may_read(house: House, superuser: asyncpg.Connection) -> None:
    await replacing(house)
    await handed(house, [])
    assert await kinds(house, REPLACING) == ["handover_proposed", "replacement_approved", "replacement_proposed"]
    elsewhere = await coordinator_elsewhere(house, superuser)
    assert (await elsewhere.get(HERE)).json()["items"] == []
    for who in ("officer", "commander", "partner", "observatory", "administrator"):
        refused(await (await house(who)).get(HERE), 403, "forbidden")
