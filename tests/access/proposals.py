"""What opens an access, as people propose it and as it waits in the scene, each with whoever may approve it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from app.models.columns import new_id
from tests.access.probes import Scene

NOT_SO = "23514"
"""A constraint, or a trigger, that does not hold."""
ISSUER = "'https://agents.exemple.test'"


class Draft(NamedTuple):
    """What one person proposes: in which table, and what she says, in SQL."""

    person: str
    table: str
    said: Mapping[str, str]
    long_ago: str | None = None
    """Somebody who may as much, and whose proof is old."""

    def insert(self, scene: Scene, who: str | None = None, **otherwise: str) -> str:
        """The statement, with the names of the scene in braces."""
        me = f"{{{who or self.person}}}"
        said = {"id": f"'{new_id()}'", "proposed_by": me} | {k: v.replace("{me}", me) for k, v in self.said.items()}
        said |= otherwise
        return sql(scene, f"insert into {self.table} ({', '.join(said)}) values ({', '.join(said.values())})")


def sql(scene: Scene, statement: str) -> str:
    """A statement in which ``{name}`` is the identifier of somebody or something of the scene."""
    return statement.format_map({name: f"'{value}'::uuid" for name, value in scene.ids.items()})


ACCOUNT = {"email": "'essai@exemple.test'", "name": "'Essai'", "created_at": "now()"}
REPLACING = {
    "replacement_reason": "'annual_leave'", "starts_on": "current_date", "ends_on": "current_date + 5",
    "proposed_at": "now()",
}  # fmt: skip
OLD_ADMINISTRATOR, OLD_COORDINATOR, OLD_WORKER = (
    f"{role}_proved_long_ago" for role in ("administrator", "coordinator", "worker")
)
DRAFTS = (
    Draft("administrator", "accounts.account", ACCOUNT | {"role": "'partner'"}, OLD_ADMINISTRATOR),
    Draft(
        "coordinator", "accounts.account",
        ACCOUNT | {"role": "'social_worker'", "employer_id": "{employer}"}, OLD_COORDINATOR,
    ),
    Draft(
        "administrator", "accounts.posting",
        {"account_id": "{proposed_account}", "partner_id": "{ccas}", "starts_on": "current_date"}, OLD_ADMINISTRATOR,
    ),
    Draft(
        "administrator", "accounts.invitation",
        {
            "account_id": "{proposed_account}", "purpose": "'welcome'", "token_hash": "sha256('essai')",
            "proposed_at": "now()", "expires_at": "now() + interval '1 day'",
        }, OLD_ADMINISTRATOR,
    ),
    Draft(
        "administrator", "accounts.federated_identity",
        {"account_id": "{partner}", "issuer": ISSUER, "email": "'p@exemple.test'", "proposed_at": "now()"},
        OLD_ADMINISTRATOR,
    ),
    Draft(
        "coordinator", "employer.replacement",
        REPLACING | {"employer_id": "{employer}", "post_id": "{post}", "account_id": "{successor}"}, OLD_COORDINATOR,
    ),
    Draft(
        "past_replacement", "employer.replacement",
        REPLACING | {"employer_id": "{other_employer}", "post_id": "{far_post}", "account_id": "{past_replacement}"},
    ),
    Draft(
        "worker", "employer.handover",
        {
            "employer_id": "{employer}", "post_id": "{post}", "from_account_id": "{me}", "to_account_id": "{colleague}",
            "handover_motive": "'mobility'", "starts_on": "current_date", "situations": "1", "proposed_at": "now()",
        }, OLD_WORKER,
    ),
    Draft(
        "worker", "employer.home_visit_agreement",
        {
            "employer_id": "{employer}", "post_id": "{post}", "visit_on": "current_date", "municipality": "'Dreux'",
            "proposed_at": "now()",
        },
    ),
)  # fmt: skip


class Waiting(NamedTuple):
    """A row that waits: who may approve it, what comes with the approval, who else could have proposed it."""

    row: str
    table: str
    approver: str
    other: str
    extra: str = ""

    def approval(self, scene: Scene, by: str | None = None, at: str = "now()") -> str:
        """The statement by which somebody approves it."""
        return sql(
            scene,
            f"update {self.table} set approved_by = {{{by or self.approver}}}, approved_at = {at}{self.extra}"
            f" where id = {{{self.row}}} returning 1",
        )


CODE = ", code_hash = sha256('code')"
WAITING = (
    Waiting("proposed_account", "accounts.account", "second_administrator", "administrator"),
    Waiting("requested_worker", "accounts.account", "administrator", "second_administrator"),
    Waiting("posting", "accounts.posting", "second_administrator", "administrator"),
    Waiting("invitation", "accounts.invitation", "second_administrator", "administrator", CODE),
    Waiting("identity", "accounts.federated_identity", "second_administrator", "administrator"),
    Waiting("waiting_replacement", "employer.replacement", "coordinator", "second_coordinator"),
    Waiting("replacement_unapproved", "employer.replacement", "coordinator_elsewhere", "coordinator"),
    Waiting("waiting_handover", "employer.handover", "coordinator", "second_coordinator"),
    Waiting("home_visit", "employer.home_visit_agreement", "coordinator", "second_coordinator"),
)
