"""Invitations: what became of them. The link and the code are told once, each to another person."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from app.schemas.base import Draft, Shown
from app.schemas.identifiers import ClientMadeId, drawn_here

Purpose = Literal["welcome", "password", "second_factor", "renewal"]


class InvitationDraft(Draft):
    """To enter (``welcome``), or to draw again a lost password, a lost second factor, or both (``renewal``)."""

    id: ClientMadeId = drawn_here
    purpose: Purpose


class InvitationShown(Shown):
    """An invitation, without what opens it."""

    id: UUID
    account_id: UUID
    purpose: Purpose
    state: Literal["awaiting_approval", "ready", "used", "revoked", "expired"]
    proposed_by: UUID | None
    proposed_at: datetime
    expires_at: datetime
    approved_by: UUID | None
    approved_at: datetime | None
    used_at: datetime | None
    revoked_at: datetime | None


class InvitationMade(InvitationShown):
    """An invitation just made: its link, told this once to whoever made it."""

    link: str


class InvitationApproved(InvitationShown):
    """An invitation just approved: its code, told this once to whoever approved it."""

    code: str


class Invitations(Shown):
    """The invitations of one account."""

    items: list[InvitationShown]
