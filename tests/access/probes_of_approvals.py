"""Probes of approvals: two persons open an access, the second signs for herself, once, after a recent proof."""

from __future__ import annotations

from typing import Any

from tests.access.probes import DONE, REFUSED, Scene, probe
from tests.access.proposals import (
    CODE,
    DRAFTS,
    NOT_SO,
    OLD_ADMINISTRATOR,
    OLD_COORDINATOR,
    WAITING,
    Waiting,
    sql,
)


async def _proposed_by(scene: Scene, waiting: Waiting, person: str) -> Any:
    if waiting.table == "employer.handover":  # proposed by whoever leaves, who is no coordinator
        return None
    return scene.meanwhile(waiting.table, scene.ids[waiting.row], proposed_by=f"'{scene.ids[person]}'")


@probe
async def who_proposes_does_not_approve(scene: Scene) -> None:
    for waiting in WAITING:
        changed = await _proposed_by(scene, waiting, waiting.approver)
        if changed is None:
            continue
        async with changed, scene.as_(waiting.approver) as caller:
            await caller.is_refused(waiting.approval(scene), code=NOT_SO)
            await caller.is_refused(waiting.approval(scene, by=waiting.other), code=NOT_SO)


@probe
async def an_approval_is_signed_by_whoever_gives_it_once_and_for_good(scene: Scene) -> None:
    for waiting in WAITING:
        async with scene.as_(waiting.approver) as caller:
            for other in (waiting.other, "dpo"):
                await caller.is_refused(waiting.approval(scene, by=other), code=NOT_SO)
            alone = sql(
                scene, f"update {waiting.table} set approved_at = now(){waiting.extra} where id = {{{waiting.row}}}"
            )
            await caller.is_refused(alone, code=NOT_SO)
            assert await caller.sees(waiting.approval(scene)), f"{waiting.approver} cannot approve {waiting.row}"
            again = waiting.approval(scene, at="now() + interval '1 day'").replace(CODE, "")
            await caller.is_refused(again, code=NOT_SO)
            await caller.is_refused(waiting.approval(scene, by=waiting.other).replace(CODE, ""), code=NOT_SO)
            for undone in ("approved_at = null", "approved_by = null", "approved_by = null, approved_at = null"):
                await caller.is_refused(
                    sql(scene, f"update {waiting.table} set {undone} where id = {{{waiting.row}}}"), code=NOT_SO
                )


@probe
async def nobody_not_even_the_operator_writes_a_row_approved_by_whoever_decided_for_herself(scene: Scene) -> None:
    async with scene.from_above() as above:
        for waiting in WAITING:
            changes = [f"approved_by = proposed_by, approved_at = now(){waiting.extra}"]
            if waiting.table in ("accounts.posting", "accounts.invitation", "accounts.federated_identity"):
                changes += [
                    f"approved_by = account_id, approved_at = now(){waiting.extra}",
                    "proposed_by = account_id",
                ]
            if waiting.row == "waiting_replacement":
                changes += [
                    sql(scene, "proposed_by = {coordinator}, approved_by = account_id, approved_at = now()"),
                    "ends_on = starts_on + 32", "ends_on = starts_on - 1",
                ]  # fmt: skip
            if waiting.table == "employer.handover":
                changes += [
                    "approved_by = to_account_id, approved_at = now()", "to_account_id = from_account_id",
                    sql(scene, "proposed_by = {coordinator}"),
                ]  # fmt: skip
            if waiting.table == "employer.home_visit_agreement":
                changes.append(sql(scene, "approved_by = {coordinator}, approved_at = now(), refused_at = now()"))
            changes.append(sql(scene, "approved_by = {dpo}, approved_at = null"))
            if waiting.table == "accounts.invitation":
                changes += ["code_hash = sha256('x')", sql(scene, "approved_by = {dpo}, approved_at = now()")]
            for change in changes:
                transaction = above.transaction()
                await transaction.start()
                try:
                    await above.execute(f"update {waiting.table} set {change} where id = $1", scene.ids[waiting.row])
                    code = DONE
                except Exception as error:
                    code = getattr(error, "sqlstate", "")
                finally:
                    await transaction.rollback()
                assert code == NOT_SO, f"{waiting.table} set {change}: {code}"


@probe
async def nobody_proposes_under_another_name_nor_what_is_already_approved(scene: Scene) -> None:
    for draft in DRAFTS:
        async with scene.as_(draft.person) as caller:
            assert await caller.code_of(draft.insert(scene)) == DONE, (
                f"{draft.person} can no longer propose {draft.table}"
            )
            somebody = "{third_worker}"
            for approved in ({"approved_by": somebody, "approved_at": "now()"}, {"approved_at": "now()"}):
                await caller.is_refused(draft.insert(scene, **approved))
            # Whoever hands over proposes: of a handover, it is a constraint that says so, and the rule for who leaves.
            by_constraint = draft.table == "employer.handover"
            await caller.is_refused(
                draft.insert(scene, proposed_by=somebody), code=NOT_SO if by_constraint else REFUSED
            )
            if by_constraint:
                await caller.is_refused(draft.insert(scene, proposed_by=somebody, from_account_id=somebody))


@probe
async def what_opens_an_access_is_proposed_after_a_recent_proof(scene: Scene) -> None:
    for draft in DRAFTS:
        if draft.long_ago:
            async with scene.as_(draft.long_ago) as caller:
                assert await caller.sees("select access.proved_recently()") == [False]
                await caller.is_refused(draft.insert(scene, draft.long_ago))
    draft = DRAFTS[6]
    async with scene.meanwhile(
        "accounts.session", scene.sessions[draft.person], authenticated_at="now() - interval '10 minutes 5 seconds'"
    ), scene.as_(draft.person) as caller:  # fmt: skip
        await caller.is_refused(draft.insert(scene))


@probe
async def what_opens_an_access_is_changed_after_a_recent_proof(scene: Scene) -> None:
    changes: dict[tuple[str, str], list[str]] = {
        (OLD_ADMINISTRATOR, "second_administrator"): [
            "update accounts.account set suspended_at = now() where id = {officer}",
            "update accounts.account set email = 'autre@exemple.test' where id = {officer}",
            "update accounts.account set ended_at = now() where id = {officer}",
            "update accounts.posting set ends_on = current_date where account_id = {officer}",
            "update accounts.invitation set revoked_at = now() where id = {invitation}",
            "update accounts.federated_identity set ended_at = now() where id = {identity}",
        ],
        (OLD_COORDINATOR, "coordinator"): [],
    }
    for waiting in WAITING:
        if waiting.table not in ("employer.home_visit_agreement",) and "elsewhere" not in waiting.approver:
            old = OLD_COORDINATOR if waiting.table.startswith("employer.") else OLD_ADMINISTRATOR
            async with scene.as_(old) as caller:
                await caller.is_refused(waiting.approval(scene, by=old))
    for (old, recent), statements in changes.items():
        for statement in statements:
            async with scene.as_(old) as caller:
                await caller.is_refused(sql(scene, statement))
            async with scene.as_(recent) as caller:
                assert await caller.tag_of(sql(scene, statement)) == "UPDATE 1", statement
    # What closes an access asks for nothing but a session: a replacement is ended at once.
    async with scene.as_(OLD_COORDINATOR) as caller:
        ended = "update employer.replacement set ended_at = now() where id = {waiting_replacement}"
        assert await caller.tag_of(sql(scene, ended)) == "UPDATE 1"


@probe
async def nobody_decides_of_her_own_access(scene: Scene) -> None:
    own = ("accounts.posting", "accounts.invitation", "accounts.federated_identity")
    for draft in DRAFTS:
        if draft.table in own:
            async with scene.as_(draft.person) as caller:
                await caller.is_refused(draft.insert(scene, account_id=f"{{{draft.person}}}"))
    for waiting in WAITING:
        if waiting.table in own:
            async with scene.meanwhile(
                waiting.table, scene.ids[waiting.row], account_id=f"'{scene.ids[waiting.approver]}'"
            ), scene.as_(waiting.approver) as caller:  # fmt: skip
                await caller.is_refused(waiting.approval(scene))
    async with scene.as_("past_replacement") as caller:
        await caller.is_refused(DRAFTS[6].insert(scene, account_id="{replacing}"))


@probe
async def a_coordinator_asks_only_for_social_workers_of_her_employer(scene: Scene) -> None:
    draft = DRAFTS[1]
    async with scene.as_("coordinator") as caller:
        for role in (
            "police_officer",
            "unit_commander",
            "partner",
            "coordinator",
            "observatory",
            "administrator",
            "dpo",
        ):
            await caller.is_refused(draft.insert(scene, role=f"'{role}'"))
        for employer in ("{other_employer}", "null"):
            await caller.is_refused(draft.insert(scene, employer_id=employer))
        await caller.is_refused(DRAFTS[5].insert(scene, employer_id="{other_employer}", post_id="{far_post}"))
    for person in ("coordinator_elsewhere", "idle_coordinator"):
        async with scene.as_(person) as caller:
            await caller.is_refused(draft.insert(scene, proposed_by=f"{{{person}}}"))
            await caller.is_refused(DRAFTS[5].insert(scene, proposed_by=f"{{{person}}}"))
            for waiting in WAITING:
                if waiting.approver == "coordinator":
                    await caller.sees_nothing(waiting.approval(scene, by=person))
    # Without a condition, the rule of change alone applies.
    async with scene.as_("idle_coordinator") as caller:
        for table in ("replacement", "handover", "home_visit_agreement"):
            blind = sql(scene, f"update employer.{table} set approved_by = {{idle_coordinator}}, approved_at = now()")
            assert await caller.tag_of(blind) == "UPDATE 0", table


@probe
async def the_code_of_an_invitation_comes_with_its_approval_and_never_changes(scene: Scene) -> None:
    async with scene.as_("second_administrator") as caller:
        for row in ("invitation", "approved_invitation"):
            for value in ("sha256('another')", "null" if row == "approved_invitation" else "sha256('x')"):
                change = f"update accounts.invitation set code_hash = {value} where id = {{{row}}}"
                await caller.is_refused(sql(scene, change), code=NOT_SO)
    async with scene.from_above() as above:
        assert await above.fetchval(
            "select code_hash = sha256('code') from accounts.invitation where id = $1", scene.ids["approved_invitation"]
        )


@probe
async def what_an_access_rests_on_is_not_rewritten_by_anybody(scene: Scene) -> None:
    for role in scene.lanes:
        async with scene.lane(role) as caller:
            for column in (
                "account.role", "account.proposed_by", "account.client_scopes", "account.client_id", "account.id",
                "posting.account_id", "posting.post_id", "posting.unit_id", "posting.partner_id", "posting.starts_on",
                "posting.proposed_by", "invitation.token_hash", "invitation.proposed_by", "invitation.account_id",
                "invitation.purpose", "invitation.expires_at", "federated_identity.email", "federated_identity.issuer",
                "federated_identity.account_id", "federated_identity.proposed_by", "session.account_id", "session.role",
                "session.expires_at", "second_factor.sealed", "second_factor.account_id", "recovery_code.code_hash",
            ):  # fmt: skip
                table, _, name = column.partition(".")
                assert await caller.code_of(f"update accounts.{table} set {name} = default") == REFUSED, (
                    f"{role} {column}"
                )
