"""Accounts of persons, and what may be said of them; no secret of theirs is ever shown."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from app.schemas.base import Draft, Patch, Shown, unset
from app.schemas.codes import Diploma, SecrecyBasis
from app.schemas.directory_texts import Siret
from app.schemas.identifiers import ClientMadeId, drawn_here
from app.schemas.texts import Day, Email, ShortText, Str

Role = Literal[
    "social_worker",
    "police_officer",
    "unit_commander",
    "partner",
    "coordinator",
    "observatory",
    "administrator",
    "dpo",
]
Issuer = Annotated[str, Str(500), Field(pattern=r"^https?://[^\s?#]+$")]
"""The issuer of an identity provider, letter for letter as its tokens say it (``iss``)."""
AccountState = Literal["proposed", "active", "suspended", "ended"]


class FirstPostingDraft(Draft):
    """A posting proposed with the account: to a unit, to a post, or to a partner."""

    id: ClientMadeId = drawn_here
    unit_id: UUID | None = None
    post_id: UUID | None = None
    partner_id: UUID | None = None
    starts_on: Day
    ends_on: Day | None = None


class InstitutionDraft(Draft):
    """The institution that a person signs in through, awaited there by the address of the account."""

    id: ClientMadeId = drawn_here
    issuer: Issuer
    siret: Siret | None = None


class AccountDraft(Draft):
    """An account to propose. Its role never changes."""

    id: ClientMadeId = drawn_here
    email: Email
    name: ShortText
    role: Role
    employer_id: UUID | None = None
    diploma: Diploma | None = None
    secrecy_basis: SecrecyBasis | None = None
    postings: list[FirstPostingDraft] = Field(default_factory=list, max_length=20)
    institution: InstitutionDraft | None = None


class RequestedAccountDraft(Draft):
    """The account of a social worker of my employer, asked of the administrator."""

    id: ClientMadeId = drawn_here
    email: Email
    name: ShortText
    diploma: Diploma | None = None
    secrecy_basis: SecrecyBasis | None = None


class AccountPatch(Patch):
    """A correction of an account."""

    email: Email = unset
    name: ShortText = unset
    employer_id: UUID | None = None
    diploma: Diploma | None = None
    secrecy_basis: SecrecyBasis | None = None


class AccountShown(Shown):
    """An account."""

    id: UUID
    email: str
    name: str
    role: Role
    state: AccountState
    employer_id: UUID | None
    diploma: Diploma | None
    secrecy_basis: SecrecyBasis | None
    created_at: datetime
    proposed_by: UUID | None
    approved_by: UUID | None
    approved_at: datetime | None
    suspended_at: datetime | None
    ended_at: datetime | None


class AccountPage(Shown):
    """A page of accounts."""

    items: list[AccountShown]
    next_cursor: str | None


class AccountInstitutionShown(Shown):
    """By which institution someone signs in; what the institution calls her is not shown."""

    id: UUID
    account_id: UUID
    issuer: str
    email: str
    siret: str | None
    proposed_by: UUID | None
    proposed_at: datetime
    approved_by: UUID | None
    approved_at: datetime | None
    bound_at: datetime | None
    ended_at: datetime | None


class AccountInstitutions(Shown):
    """The institutions of one account."""

    items: list[AccountInstitutionShown]


class PostingDraft(FirstPostingDraft):
    """A posting to propose for someone else."""

    account_id: UUID


class PostingEndDraft(Draft):
    """The last day of a posting; without it, the posting stops at once."""

    ends_on: Day | None = None


class PostingShown(Shown):
    """A posting."""

    id: UUID
    account_id: UUID
    unit_id: UUID | None
    post_id: UUID | None
    partner_id: UUID | None
    starts_on: date
    ends_on: date | None
    proposed_by: UUID | None
    approved_by: UUID | None
    approved_at: datetime | None
    ended_at: datetime | None


class PostingPage(Shown):
    """A page of postings."""

    items: list[PostingShown]
    next_cursor: str | None
