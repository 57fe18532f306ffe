"""One's own proofs: proving oneself again, changing one's password, replacing one's second factor."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from app.schemas.base import Draft, Shown

Password = Annotated[str, Field(min_length=1, max_length=256)]
NewPassword = Annotated[str, Field(min_length=14, max_length=256)]
TotpCode = Annotated[str, Field(pattern=r"^[0-9]{6}$")]
Ticket = Annotated[str, Field(min_length=1, max_length=4096)]


class StepUpDraft(Draft):
    """A code of one's second factor; or the password, for an invented account that has nothing else."""

    code: TotpCode | None = None
    password: Password | None = None

    @model_validator(mode="after")
    def _one_proof(self) -> Self:
        if (self.code is None) == (self.password is None):
            raise PydanticCustomError("one_proof_expected", "one_proof_expected")
        return self


class SteppedUpShown(Shown):
    """When the identity was proved again."""

    authenticated_at: datetime


class PasswordChangeDraft(Draft):
    """The present password, a code of the second factor, and the password to come."""

    password: Password
    code: TotpCode
    new_password: NewPassword


class SecondFactorDraft(Draft):
    """A code of the present second factor."""

    code: TotpCode


class AnnouncedSecondFactorShown(Shown):
    """The secret of the next second factor, which is nothing until it is confirmed."""

    ticket: str = Field(repr=False)
    expires_in: int
    secret: str = Field(repr=False)
    otpauth_uri: str = Field(repr=False)


class SecondFactorConfirmationDraft(Draft):
    """A first code of the announced second factor."""

    ticket: Ticket
    code: TotpCode


class RecoveryCodesShown(Shown):
    """Ten recovery codes, told once; each serves once."""

    recovery_codes: list[str] = Field(repr=False)
