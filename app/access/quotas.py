"""Every request that a router serves is counted first, and its answer says what is left, granted or refused."""

from __future__ import annotations

from starlette.requests import Request

from app.access.gate import actor_of
from app.access.sources import site_of, source_asking
from app.errors import QuotaExceeded, Unauthenticated
from app.quotas import POLICY, Caller, Quotas, Share
from app.turns import hold_refusal
from app.wire_headers import add_header


async def spend_quota(request: Request) -> None:
    """Count this request; 429 when its caller has had its share."""
    quotas: Quotas = request.app.state.quotas
    share = request.state.share = await quotas.spend(_caller(request))
    for name, value in share.headers.items():
        add_header(request, name, value)
    if not share.granted:
        await hold_refusal()
        raise QuotaExceeded(POLICY, retry_after=share.resets_in)


async def my_share(request: Request) -> Share:
    """What is left to this caller, this request counted."""
    share: Share = request.state.share
    return share


def _caller(request: Request) -> Caller:
    try:
        actor = actor_of(request)
    except Unauthenticated:
        # No token, or not one of ours: whoever it is, we know where it comes from. The gate will say 401.
        return Caller("anonymous", site_of(source_asking(request)), None)
    return Caller("software" if actor.software else "person", actor.account_id, actor.role)
