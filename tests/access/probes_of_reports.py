"""Probes of what is reported and published: who drafts, who validates, who reads what, and that frozen is frozen."""

from __future__ import annotations

from typing import Any

from app.models import COLUMNS
from app.models.columns import new_id
from tests.access.probes import DONE, REFUSED, Caller, Scene, probe
from tests.access.probes_of_writing import FOREIGN_KEY

FROZEN, TAKEN = "23514", "23505"
DRAFTED = (
    "id", "employer_id", "post_id", "perimeter_kind", "perimeter_id", "period", "starts_on", "ends_on", "version",
    "commentary", "unit_ids", "drafted_by", "drafted_at",
)  # fmt: skip
LATER = ("validated_by", "validated_as", "validated_at", "frozen_by", "frozen_at")
VALUES = "$1, $2, $3, $4, $5, '2025-Q1', '2025-01-01', '2025-03-31', 1, '{}', '{}', $6, now()"
DRAFT = f"insert into statistics.report ({', '.join(DRAFTED)}) values ({VALUES})"
SNAPSHOT = "insert into statistics.report_snapshot values ($1, $2, $3, '{}', '{}', '{}', '{}', 'v')"
RELEASE = "insert into statistics.report_release values ($1, $2, $3, '{}', 5, '{}', now())"
PUBLISH = (
    "insert into statistics.publication (id, audience, perimeter_kind, perimeter_id, period, starts_on, ends_on,"
    " version, rounded_to, nomenclature_version, published_at, cells) values ($1, 'public', 'national', '', '2025',"
    " '2025-01-01', '2025-12-31', 1, 10, 'v', now(), '{}')"
)
CODE = "insert into statistics.external_code values ($1, 'T3', $2, 'B1', null, $3, now())"
OURS = {"frozen_report", "validated_report", "drafted_report"}
WATCHING = ("officer", "commander", "partner", "observatory", "committee_elsewhere", "administrator", "dpo")


@probe
async def a_report_is_read_by_its_post_its_employer_and_once_frozen_by_who_watches(scene: Scene) -> None:
    names = {scene.ids[name]: name for name in (*OURS, "far_report")}
    far, frozen = {"far_report"}, {"frozen_report"}
    for person, reports, exact, rounded in (
        ("worker", OURS, frozen, frozen), ("colleague", OURS, frozen, frozen), ("coordinator", OURS, frozen, frozen),
        ("worker_elsewhere", far, far, far), ("coordinator_elsewhere", far, far, far),
        ("commander", frozen, None, frozen), ("committee_elsewhere", far, None, far),
        ("observatory", frozen | far, None, frozen | far), ("former_worker", set(), set(), set()),
        ("idle_coordinator", set(), set(), set()), ("officer", None, None, None), ("partner", None, None, None),
        ("administrator", None, None, None), ("dpo", None, None, None),
    ):  # fmt: skip
        async with scene.as_(person) as caller:
            for table, key, expected in (
                ("report", "id", reports), ("report_snapshot", "report_id", exact),
                ("report_release", "report_id", rounded),
            ):  # fmt: skip
                statement = f"select {key} from statistics.{table}"
                if expected is None:
                    await caller.is_refused(statement)
                else:
                    found = {names[each] for each in await caller.sees(statement)}
                    assert found == expected, f"{person} reads {found} in {table}"


@probe
async def what_is_published_is_read_by_its_audience(scene: Scene) -> None:
    public = {"public_nation", "public_departement"}
    everywhere = public | {"committee_nation", "committee_departement", "unit_north", "unit_faraway"}
    of_ours, of_theirs = {"post", "employer"}, {"far_post", "far_employer"}
    names = {scene.ids[f"{name}_publication"]: name for name in everywhere | of_ours | of_theirs}
    for person, expected in (
        ("officer", public), ("officer_elsewhere", public), ("partner", public), ("dpo", public),
        ("administrator", public), ("worker", public), ("coordinator", public), ("former_officer", public),
        ("commander", public | {"unit_north"}), ("observatory", everywhere | of_ours | of_theirs),
        ("committee_elsewhere", everywhere | of_theirs),
    ):  # fmt: skip
        async with scene.as_(person) as caller:
            found = {names[each] for each in await caller.sees("select id from statistics.publication")}
            assert found == expected, f"{person} reads {found ^ expected}"


@probe
async def a_report_is_opened_by_its_own_hand_on_its_own_post_as_a_draft(scene: Scene) -> None:
    ids = scene.ids

    def report(post: str | None, kind: str, place: str, by: str, employer: str = "employer") -> tuple[Any, ...]:
        return new_id(), ids[employer], ids[post] if post else None, kind, str(ids[place]), ids[by]

    async with scene.as_("worker") as caller:
        assert await caller.code_of(DRAFT, *report("post", "post", "post", "worker")) == DONE
        await caller.is_refused(DRAFT, *report("post", "post", "post", "colleague"))
        await caller.is_refused(DRAFT, *report("far_post", "post", "far_post", "worker", "other_employer"))
        await caller.is_refused(DRAFT, *report(None, "employer", "employer", "worker"))
        # Of her own post by one name, of another by the other: what is frozen there would be read here.
        assert await caller.code_of(DRAFT, *report("post", "post", "far_post", "worker")) == FROZEN
        assert await caller.code_of(DRAFT, *report("post", "employer", "employer", "worker")) == FROZEN
        assert await caller.code_of(DRAFT, *report("post", "post", "post", "worker", "other_employer")) == FOREIGN_KEY
    async with scene.as_("coordinator") as caller:
        assert await caller.code_of(DRAFT, *report(None, "employer", "employer", "coordinator")) == DONE
        assert await caller.code_of(DRAFT, *report("post", "post", "post", "coordinator")) == DONE
        await caller.is_refused(DRAFT, *report(None, "employer", "employer", "worker"))
        await caller.is_refused(DRAFT, *report(None, "employer", "other_employer", "coordinator", "other_employer"))
        assert await caller.code_of(DRAFT, *report(None, "employer", "other_employer", "coordinator")) == FROZEN
        assert await caller.code_of(DRAFT, *report("far_post", "post", "far_post", "coordinator")) == FOREIGN_KEY
    for person in ("worker", "coordinator"):
        async with scene.as_(person) as caller:
            for column in LATER:
                # Born validated, or frozen: it is the column that is refused.
                columns, said = ", ".join((*DRAFTED, column)), report("post", "post", "post", person)
                await caller.is_refused(f"insert into statistics.report ({columns}) values ({VALUES}, null)", *said)
    for person in (*WATCHING, "former_worker", "future_worker", "idle_coordinator"):
        async with scene.as_(person) as caller:
            await caller.is_refused(DRAFT, *report("post", "post", "post", person))


@probe
async def a_report_is_validated_and_frozen_by_the_employer_alone(scene: Scene) -> None:
    ids = scene.ids
    async with scene.as_("worker") as caller:
        for column in set(COLUMNS["statistics.report"]) - {"commentary"}:
            await caller.is_refused(f"update statistics.report set {column} = {column}")
        write = "update statistics.report set commentary = '{}' where id = $1 returning 1"
        assert await caller.sees(write, ids["drafted_report"])
        await caller.is_refused(write, ids["validated_report"])
        await caller.sees_nothing(write, ids["far_report"])
        await caller.is_refused(SNAPSHOT, ids["validated_report"], ids["employer"], ids["post"])
        await caller.is_refused(RELEASE, ids["validated_report"], ids["employer"], ids["post"])
    async with scene.as_("coordinator") as caller:
        changes = {"commentary", "unit_ids", *LATER}
        for column in set(COLUMNS["statistics.report"]) - changes:
            await caller.is_refused(f"update statistics.report set {column} = {column}")
        await caller.sees_nothing(
            "update statistics.report set commentary = '{}' where id = $1 returning 1", ids["far_report"]
        )
        for table in ("report_snapshot", "report_release"):
            for column in COLUMNS[f"statistics.{table}"]:
                await caller.is_refused(f"update statistics.{table} set {column} = {column}")
        for statement in (SNAPSHOT, RELEASE):
            for post, employer, code in (
                ("post", "other_employer", REFUSED), ("far_post", "employer", FOREIGN_KEY), ("post", "employer", DONE),
            ):  # fmt: skip
                said = (ids["validated_report"], ids[employer], ids[post])
                assert await caller.code_of(statement, *said) == code, f"{statement} {post} {employer}"
            # The exact figures are kept once; a report of somebody else's is out of reach, frozen or not.
            assert await caller.code_of(statement, ids["frozen_report"], ids["employer"], ids["post"]) == TAKEN
            other = (ids["far_report"], ids["employer"], ids["post"])
            assert await caller.code_of(statement, *other) in (FOREIGN_KEY, TAKEN)


@probe
async def a_coordinator_of_nobody_changes_no_report_even_blindly(scene: Scene) -> None:
    # Without reading anything, the rules of reading do not apply.
    async with scene.as_("idle_coordinator") as caller:
        for statement in ("unit_ids = '{}'", "validated_by = null, validated_as = null, validated_at = null"):
            assert await caller.tag_of(f"update statistics.report set {statement}") == "UPDATE 0"
    async with scene.as_("former_worker") as caller:
        assert await caller.tag_of("update statistics.report set commentary = '{}'") == "UPDATE 0"


async def _stands(caller: Caller, scene: Scene) -> None:
    for statement in (
        "commentary = '{}'", "unit_ids = '{}'", "validated_by = null, validated_as = null, validated_at = null",
        "frozen_by = null, frozen_at = null", "frozen_at = now()",
    ):  # fmt: skip
        await caller.is_refused(
            f"update statistics.report set {statement} where id = $1", scene.ids["frozen_report"], code=FROZEN
        )


@probe
async def what_is_frozen_or_published_is_changed_by_nobody_not_even_from_above(scene: Scene) -> None:
    async with scene.as_("coordinator") as caller:
        await _stands(caller, scene)
    async with scene.as_("worker") as caller:
        found = await caller.code_of(
            "update statistics.report set commentary = '{}' where id = $1", scene.ids["frozen_report"]
        )
        assert found in (FROZEN, REFUSED)
    kept = ("report_snapshot", "report_release", "publication")
    async with scene.from_above() as connection:
        above = Caller(connection, "the superuser")
        transaction = connection.transaction()
        await transaction.start()
        try:
            await _stands(above, scene)
            await above.is_refused("delete from statistics.report where frozen_at is not null", code=FROZEN)
            for table in kept:
                column = COLUMNS[f"statistics.{table}"][-1]
                await above.is_refused(f"update statistics.{table} set {column} = {column}", code=FROZEN)
                await above.is_refused(f"delete from statistics.{table}", code=FROZEN)
        finally:
            await transaction.rollback()
    async with scene.lane("migrator") as caller:
        # The owner is under the rules of rows like anybody: it finds nothing to change.
        for table in ("report", *kept):
            for statement in ("delete from statistics.{}", "update statistics.{} set employer_id = employer_id"):
                assert await caller.tag_of(statement.format(table)) in ("DELETE 0", "UPDATE 0"), table


@probe
async def figures_are_published_by_the_operator_alone(scene: Scene) -> None:
    for person in (*scene.people, "colleague", "committee_elsewhere"):
        async with scene.as_(person) as caller:
            await caller.is_refused(PUBLISH, new_id())
            for column in COLUMNS["statistics.publication"]:
                await caller.is_refused(f"update statistics.publication set {column} = {column}")
    async with scene.lane("worker") as caller:
        assert await caller.code_of(PUBLISH, new_id()) == DONE
        await caller.is_refused("update statistics.publication set cells = '{}'")


@probe
async def the_codes_of_a_line_are_written_by_its_employer_and_signed(scene: Scene) -> None:
    ids = scene.ids
    async with scene.as_("coordinator") as caller:
        assert await caller.code_of(CODE, ids["employer"], "witness", ids["coordinator"]) == DONE
        await caller.is_refused(CODE, ids["employer"], "witness", ids["worker"])
        await caller.is_refused(CODE, ids["other_employer"], "witness", ids["coordinator"])
        change = (
            "update statistics.external_code set external_code = 'B2', changed_by = $1"
            " where employer_id = $2 returning 1"
        )
        assert await caller.sees(change, ids["coordinator"], ids["employer"])
        await caller.is_refused(change, ids["worker"], ids["employer"])
        await caller.sees_nothing(change, ids["coordinator"], ids["other_employer"])
        # Whether another employer has a code for this line or not: the same refusal.
        there, nowhere = ((ids["other_employer"], line, ids["coordinator"]) for line in ("victim", "witness"))
        assert (await caller.cannot_tell(CODE, there, nowhere)).code == REFUSED
    for person in ("worker", *WATCHING, "idle_coordinator"):
        async with scene.as_(person) as caller:
            await caller.is_refused(CODE, ids["employer"], "witness", ids[person])


@probe
async def whether_another_employer_has_opened_a_report_cannot_be_told(scene: Scene) -> None:
    ids = scene.ids
    columns = ", ".join(DRAFTED)
    draft = (
        f"insert into statistics.report ({columns}) values ($1, $2, $3, 'post', ($3::uuid)::text, $4, '2026-01-01',"
        " '2026-03-31', 1, '{}', '{}', $5, now())"
    )
    async with scene.as_("coordinator_elsewhere") as caller:
        there, nowhere = (
            (new_id(), ids["employer"], ids["post"], period, ids["coordinator_elsewhere"])
            for period in ("2026-Q1", "2019-Q1")
        )
        assert (await caller.cannot_tell(draft, there, nowhere)).code == REFUSED
    async with scene.as_("worker_elsewhere") as caller:
        there, nowhere = (
            (new_id(), ids["employer"], ids["post"], period, ids["worker_elsewhere"])
            for period in ("2026-Q1", "2019-Q1")
        )
        assert (await caller.cannot_tell(draft, there, nowhere)).code == REFUSED
