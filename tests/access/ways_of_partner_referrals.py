"""How a partner calls the routes that it shares with the units: in its own words, on its own referral to the post."""

from __future__ import annotations

from typing import Any

from tests.access.calling import way
from tests.access.walking import REFERRAL, Ground

R = "/v1/referrals"


async def _typed(ground: Ground) -> Any:
    typed = {name: said for name, said in REFERRAL.items() if name != "document_type"}
    return typed | {"post_id": str(ground.house.ids["shared_post"])}


async def _sent(ground: Ground) -> str:
    return f"{R}/{(await ground.made(R, await _typed(ground), by='partner'))['id']}"


SEND = way("referral:add", status=201, tail=R, json=_typed)
READ = way("referral:read", _sent)
WITHDRAW = way("referral:change", _sent, tail="/withdraw", column="withdrawn_at")
