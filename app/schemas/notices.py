"""Notices: what a person must know at once of the posts that concern her."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from app.schemas.base import Shown

NoticeKind = Literal[
    "replacement_to_approve",
    "replacement_proposed",
    "replacement_approved",
    "replacement_ended",
    "handover_to_approve",
    "handover_proposed",
    "handover_approved",
    "handover_cancelled",
]


class NoticeShown(Shown):
    """One notice: a French sentence, when, and where to read more."""

    kind: NoticeKind
    at: datetime
    sentence: str
    post_id: UUID
    replacement_id: UUID | None
    handover_id: UUID | None


class Notices(Shown):
    """The latest notices, newest first."""

    items: list[NoticeShown]
