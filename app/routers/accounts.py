"""Comptes : proposés par l'un, approuvés par l'autre, suspendus, finis. Un rôle, pour toujours."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from app.access.gate import Reading, Writing, may
from app.routers.answers import AskedPage, IfMatch, answer, created
from app.routers.bodies import said_by
from app.routers.route import Route
from app.schemas.accounts import (
    AccountDraft,
    AccountPage,
    AccountPatch,
    AccountShown,
    AccountState,
    RequestedAccountDraft,
    Role,
)
from app.schemas.base import Draft, Nothing
from app.services import accounts

router = APIRouter(prefix="/accounts", tags=["accounts"], route_class=Route)

MayRead = Annotated[Reading, may("account:read")]
MayChange = Annotated[Writing, may("account:change", recent=True)]
DraftOfTheProposer = Annotated[Draft, said_by({"administrator": AccountDraft, "coordinator": RequestedAccountDraft})]


@router.get(
    "", operation_id="listAccounts", summary="Lister les comptes, les plus récents d'abord", response_model=AccountPage
)
async def list_accounts(
    reading: MayRead,
    asked: AskedPage,
    role: Annotated[Role | None, Query(description="Rôle.")] = None,
    state: Annotated[AccountState | None, Query(description="État : proposé, en service, suspendu, fini.")] = None,
    employer_id: Annotated[UUID | None, Query(description="Employeur.")] = None,
) -> Response:
    page = await accounts.list_accounts(
        reading,
        AccountShown,
        limit=asked.limit,
        after=asked.after(reading),
        role=role,
        state=state,
        employer_id=employer_id,
    )
    return asked.answer(page.items, page.last, reading)


@router.post(
    "",
    operation_id="proposeAccount",
    summary="Proposer un compte ; il n'ouvre rien tant qu'une autre personne ne l'a pas approuvé",
    status_code=201,
    response_model=AccountShown,
)
async def propose_account(
    writing: Annotated[Writing, may("account:add", recent=True)], draft: DraftOfTheProposer
) -> Response:
    account_id = await accounts.propose(writing, **draft.model_dump())
    return created(await writing.show(accounts.ONE, AccountShown, id=account_id), f"/v1/accounts/{account_id}")


@router.get("/{account_id}", operation_id="readAccount", summary="Lire un compte", response_model=AccountShown)
async def read_account(account_id: UUID, request: Request, reading: MayRead) -> Response:
    return answer(await reading.show(accounts.ONE, AccountShown, id=account_id), request)


@router.patch(
    "/{account_id}",
    operation_id="correctAccount",
    summary="Corriger un compte ; son rôle ne change jamais",
    response_model=AccountShown,
)
async def correct_account(
    account_id: UUID, patch: AccountPatch, request: Request, writing: MayChange, seen: IfMatch
) -> Response:
    seen.holds_for(await writing.hold(accounts.ONE, AccountShown, accounts.TABLE, id=account_id))
    await accounts.correct(writing, account_id, **patch.said())
    return answer(await writing.show(accounts.ONE, AccountShown, id=account_id), request)


@router.post(
    "/{account_id}/approve",
    operation_id="approveAccount",
    summary="Approuver un compte qu'un autre a proposé, avec les affectations qui l'attendent",
    response_model=AccountShown,
)
async def approve_account(
    account_id: UUID,
    request: Request,
    writing: MayChange,
    draft: Nothing | None = None,  # noqa: ARG001 — a word that it would ignore is refused
) -> Response:
    await accounts.approve(writing, account_id)
    return answer(await writing.show(accounts.ONE, AccountShown, id=account_id), request)


@router.post(
    "/{account_id}/suspend",
    operation_id="suspendAccount",
    summary="Suspendre un compte, dès sa requête suivante",
    response_model=AccountShown,
)
async def suspend_account(
    account_id: UUID,
    request: Request,
    writing: MayChange,
    draft: Nothing | None = None,  # noqa: ARG001 — as above
) -> Response:
    await accounts.suspend(writing, account_id)
    return answer(await writing.show(accounts.ONE, AccountShown, id=account_id), request)


@router.post(
    "/{account_id}/resume",
    operation_id="resumeAccount",
    summary="Rouvrir un compte suspendu",
    response_model=AccountShown,
)
async def resume_account(
    account_id: UUID,
    request: Request,
    writing: MayChange,
    draft: Nothing | None = None,  # noqa: ARG001 — as above
) -> Response:
    await accounts.resume(writing, account_id)
    return answer(await writing.show(accounts.ONE, AccountShown, id=account_id), request)


@router.post(
    "/{account_id}/end",
    operation_id="endAccount",
    summary="Finir un compte, ses affectations et ses sessions ; sans retour",
    response_model=AccountShown,
)
async def end_account(
    account_id: UUID,
    request: Request,
    writing: MayChange,
    draft: Nothing | None = None,  # noqa: ARG001 — as above
) -> Response:
    await accounts.end(writing, account_id)
    return answer(await writing.show(accounts.ONE, AccountShown, id=account_id), request)
