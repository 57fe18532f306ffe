"""Moi : mon compte, ce que je peux faire, mes collègues, mes propres traces ; et les traces, pour le délégué."""

from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from app.access.gate import Reading, may
from app.access.quotas import my_share
from app.quotas import POLICY, Share
from app.routers.answers import AskedPage, answer, listed, said
from app.routers.route import Route
from app.schemas.me import (
    Colleagues,
    ColleagueShown,
    MeShown,
    MyTraces,
    MyTraceShown,
    QuotaShown,
    TracePage,
    TraceShown,
    UsageLine,
    UsageShown,
)
from app.services import me

router = APIRouter(tags=["me"], route_class=Route)
audit = APIRouter(prefix="/audit", tags=["audit"], route_class=Route)

MayRead = Annotated[Reading, may("me:read")]


def usage_of(share: Share, lines: Iterable[dict[str, Any]]) -> UsageShown:
    """A share of requests, and what was traced."""
    quota = QuotaShown(
        policy=POLICY,
        most=share.most,
        window_seconds=share.window,
        remaining=share.remaining,
        resets_in_seconds=share.resets_in,
    )
    return UsageShown(quota=quota, items=[UsageLine(**each) for each in lines])


@router.get("/me", operation_id="readMe", summary="Qui je suis et ce que je peux faire", response_model=MeShown)
async def read_me(request: Request, reading: MayRead) -> Response:
    return answer(said(MeShown(**await me.account_of(reading))), request)


@router.get(
    "/me/traces",
    operation_id="listMyTraces",
    summary="Mes derniers actes, tels que tracés",
    response_model=MyTraces,
)
async def list_my_traces(
    request: Request,
    reading: MayRead,
    limit: Annotated[int, Query(ge=1, le=200, description="Nombre de traces.")] = 50,
) -> Response:
    return listed(await me.my_latest_traces(reading, MyTraceShown, most=limit), request)


@router.get(
    "/me/usage",
    operation_id="readMyUsage",
    summary="Ce que j'ai consommé : ma part de demandes, mes actes des 31 derniers jours",
    description="Pour une personne comme pour un logiciel. Seuls les actes tracés sont listés ; les autres lectures ne"
    " comptent que dans la part de demandes.",
    response_model=UsageShown,
)
async def read_my_usage(request: Request, reading: MayRead, share: Annotated[Share, Depends(my_share)]) -> Response:
    return answer(said(usage_of(share, await me.my_usage(reading))), request)


@router.get(
    "/colleagues",
    operation_id="listColleagues",
    summary="Mes collègues : identifiant, nom, rôle",
    response_model=Colleagues,
)
async def list_colleagues(request: Request, reading: MayRead) -> Response:
    return listed(await reading.show_all(me.COLLEAGUES, ColleagueShown), request)


@audit.get("/traces", operation_id="listTraces", summary="Lire les traces", response_model=TracePage)
async def list_traces(reading: Annotated[Reading, may("trace:read")], asked: AskedPage) -> Response:
    page = await reading.page(me.TRACES, TraceShown, limit=asked.limit, after=asked.after(reading))
    return asked.answer(page.items, page.last, reading)
