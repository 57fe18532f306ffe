"""Affectations : ce qui ouvre des lignes à quelqu'un. Jamais pour soi, et à deux."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from app.access.gate import Reading, Writing, may
from app.routers.answers import AskedPage, answer, created
from app.routers.route import Route
from app.schemas.accounts import PostingDraft, PostingEndDraft, PostingPage, PostingShown
from app.schemas.base import Nothing
from app.services import postings

router = APIRouter(prefix="/postings", tags=["accounts"], route_class=Route)

MayRead = Annotated[Reading, may("posting:read")]
MayChange = Annotated[Writing, may("posting:change", recent=True)]


@router.get(
    "",
    operation_id="listPostings",
    summary="Lister les affectations, les plus récentes d'abord",
    response_model=PostingPage,
)
async def list_postings(
    reading: MayRead,
    asked: AskedPage,
    account_id: Annotated[UUID | None, Query(description="D'un seul compte.")] = None,
    post_id: Annotated[UUID | None, Query(description="À un seul poste.")] = None,
    unit_id: Annotated[UUID | None, Query(description="À une seule unité.")] = None,
) -> Response:
    page = await postings.list_postings(
        reading,
        PostingShown,
        limit=asked.limit,
        after=asked.after(reading),
        account_id=account_id,
        post_id=post_id,
        unit_id=unit_id,
    )
    return asked.answer(page.items, page.last, reading)


@router.post(
    "",
    operation_id="proposePosting",
    summary="Proposer une affectation pour quelqu'un d'autre",
    status_code=201,
    response_model=PostingShown,
)
async def propose_posting(
    draft: PostingDraft, writing: Annotated[Writing, may("posting:add", recent=True)]
) -> Response:
    posting_id = await postings.propose(writing, **draft.model_dump())
    return created(await writing.show(postings.ONE, PostingShown, id=posting_id), f"/v1/postings/{posting_id}")


@router.get("/{posting_id}", operation_id="readPosting", summary="Lire une affectation", response_model=PostingShown)
async def read_posting(posting_id: UUID, request: Request, reading: MayRead) -> Response:
    return answer(await reading.show(postings.ONE, PostingShown, id=posting_id), request)


@router.post(
    "/{posting_id}/approve",
    operation_id="approvePosting",
    summary="Approuver une affectation qu'un autre a proposée",
    response_model=PostingShown,
)
async def approve_posting(
    posting_id: UUID,
    request: Request,
    writing: MayChange,
    draft: Nothing | None = None,  # noqa: ARG001 — a word that it would ignore is refused
) -> Response:
    await postings.approve(writing, posting_id)
    return answer(await writing.show(postings.ONE, PostingShown, id=posting_id), request)


@router.post(
    "/{posting_id}/end",
    operation_id="endPosting",
    summary="Dire le dernier jour d'une affectation, ou y mettre fin tout de suite",
    response_model=PostingShown,
)
async def end_posting(
    posting_id: UUID, request: Request, writing: MayChange, draft: PostingEndDraft | None = None
) -> Response:
    await postings.end(writing, posting_id, **(draft or PostingEndDraft()).model_dump())
    return answer(await writing.show(postings.ONE, PostingShown, id=posting_id), request)
