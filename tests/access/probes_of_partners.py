"""Probes of exchange: a partner reads and answers what its own body was sent, and nothing else."""

from __future__ import annotations

from app.models.columns import new_id
from tests.access.probes import DONE, Scene, probe

ANSWERS = {
    "acknowledged_at": "now()", "taken_up_at": "now()", "refused_at": "now()", "refusal_reason": "'out_of_area'",
    "outcome_code": "'need_met'", "outcome_on": "current_date", "answered_by": "answered_by",
}  # fmt: skip
OF_THE_CCAS = {"sent", "refused", "taken_up", "closed", "linked", "far_sent"}
OF_THE_ASSOCIATION = {"to_the_other", "far_to_the_other"}
READERS: dict[str, set[str]] = {
    "partner": OF_THE_CCAS,
    "software": OF_THE_CCAS,
    "partner_elsewhere": OF_THE_ASSOCIATION,
    "former_partner": set(),
    "future_partner": set(),
    "partner_in_a_post": set(),
    "worker": (OF_THE_CCAS | OF_THE_ASSOCIATION) - {"far_sent", "far_to_the_other"},
    "worker_elsewhere": {"far_sent", "far_to_the_other"},
    "former_worker": set(),
}
ANSWER = (
    "update exchange.orientation set acknowledged_at = now(), answered_by = (select access.me())"
    " where id = $1 returning id"
)
SEND = (
    "insert into exchange.referral (id, partner_id, post_id, sent_by, sent_at, last_name, person_status, urgency,"
    " contact_consent) values ($1, $2, $3, $4, now(), 'Essai', 'victim', 'urgent', 'not_asked')"
)


@probe
async def an_orientation_is_read_by_its_post_and_by_the_partner_it_is_sent_to(scene: Scene) -> None:
    names = {scene.ids[f"{name}_orientation"]: name for name in OF_THE_CCAS | OF_THE_ASSOCIATION}
    for person, expected in READERS.items():
        async with scene.as_(person) as caller:
            found = await caller.sees("select id from exchange.orientation")
            assert {names[each] for each in found} == expected, f"{person} reads {len(found)} orientations"
            # A closed or refused exchange is no longer read by the partner; the post keeps what it sent.
            open_ = expected if "worker" in person else expected - {"closed", "refused"}
            found = await caller.sees("select orientation_id from exchange.orientation_content")
            assert {names[each] for each in found} == open_, f"{person} reads {len(found)} contents"


@probe
async def a_person_sent_by_a_partner_is_known_to_it_and_to_the_post(scene: Scene) -> None:
    expected = {
        "partner": {"partner_referral", "withdrawn_partner_referral"},
        "software": {"partner_referral", "withdrawn_partner_referral"},
        "partner_elsewhere": {"partner_referral_elsewhere", "far_partner_referral"},
        "worker": {"partner_referral", "withdrawn_partner_referral", "partner_referral_elsewhere"},
        "worker_elsewhere": {"far_partner_referral"},
        "former_partner": set(),
        "future_worker": set(),
    }
    for person, names in expected.items():
        async with scene.as_(person) as caller:
            found = set(await caller.sees("select id from exchange.referral"))
            assert found == {scene.ids[name] for name in names}, f"{person} reads {len(found)}"


@probe
async def a_requisition_is_read_by_its_post_its_employer_and_the_delegate(scene: Scene) -> None:
    mine, theirs = {scene.ids["requisition"]}, {scene.ids["far_requisition"]}
    for person, expected in (
        ("worker", mine), ("worker_elsewhere", theirs), ("coordinator", mine), ("coordinator_elsewhere", theirs),
        ("idle_coordinator", set()), ("dpo", mine | theirs), ("future_worker", set()),
    ):  # fmt: skip
        async with scene.as_(person) as caller:
            found = set(await caller.sees("select id from employer.requisition"))
            assert found == expected, f"{person} reads {len(found)} requisitions"


@probe
async def an_account_answers_for_a_partner_on_the_lane_of_partners_only(scene: Scene) -> None:
    expected = {
        "partner": "ccas", "partner_elsewhere": "association", "software": "ccas", "former_partner": None,
        "future_partner": None, "partner_in_a_post": None, "officer_of_a_partner": None, "worker": None,
    }  # fmt: skip
    for person, partner in expected.items():
        async with scene.as_(person) as caller:
            found = await caller.sees("select partner_ids from access.my_account()")
            assert found == [[scene.ids[partner]] if partner else []], f"partners of {person}"


@probe
async def a_partner_answers_only_what_it_was_sent_while_it_may_be_answered(scene: Scene) -> None:
    reachable = {"partner": ("sent", "far_sent", "linked", "taken_up"), "partner_elsewhere": ("to_the_other",)}
    reachable["software"] = reachable["partner"]
    for person in ("partner", "software", "partner_elsewhere", "former_partner", "future_partner", "partner_in_a_post"):
        async with scene.as_(person) as caller:
            for name in (*OF_THE_CCAS, "to_the_other"):
                found = await caller.sees(ANSWER, scene.ids[f"{name}_orientation"])
                assert bool(found) == (name in reachable.get(person, ())), f"{person} answers {name}"
    async with scene.as_("partner") as caller:
        # Neither refused nor closed is undone, not even without a condition.
        undo = (
            "update exchange.orientation set refused_at = null, refusal_reason = null,"
            " answered_by = (select access.me())"
        )
        assert await caller.connection.execute(undo) == "UPDATE 4"
        await caller.sees_nothing(f"{undo} where id = $1 returning id", scene.ids["refused_orientation"])
    async with scene.from_above() as above:
        refused = "select refused_at is not null from exchange.orientation where id = $1"
        assert await above.fetchval(refused, scene.ids["refused_orientation"])


@probe
async def a_partner_signs_only_for_itself_and_withdraws_only_what_it_sent(scene: Scene) -> None:
    ids = scene.ids
    withdraw = "update exchange.referral set withdrawn_at = now() where id = $1 returning id"
    undo = "update exchange.referral set withdrawn_at = null where id = $1 returning id"
    for person, partner, other in (("partner", "ccas", "association"), ("partner_elsewhere", "association", "ccas")):
        async with scene.as_(person) as caller:
            assert (await caller.tries(SEND, new_id(), ids[partner], ids["post"], ids[person])).code == DONE
            await caller.is_refused(SEND, new_id(), ids[other], ids["post"], ids[person])
            await caller.is_refused(SEND, new_id(), ids[partner], ids["post"], ids["software"])
            for column, value in (("feedback_code", "'received'"), ("withdrawn_at", "now()")):
                more = SEND.replace("last_name,", f"last_name, {column},").replace("'Essai',", f"'Essai', {value},")
                await caller.is_refused(more, new_id(), ids[partner], ids["post"], ids[person])
            found = await caller.sees(withdraw, ids["partner_referral"])
            assert bool(found) == (person == "partner")
            await caller.sees_nothing(undo, ids["withdrawn_partner_referral"])
            (mine,) = await caller.sees("select count(*) from exchange.referral where withdrawn_at is null")
            assert await caller.tag_of("update exchange.referral set withdrawn_at = now()") == f"UPDATE {mine}"
    for person in ("former_partner", "future_partner", "partner_in_a_post", "worker", "officer_of_a_partner"):
        async with scene.as_(person) as caller:
            await caller.is_refused(SEND, new_id(), ids["ccas"], ids["post"], ids[person])
    async with scene.as_("worker") as caller:
        for name, answered in (("partner_referral", True), ("withdrawn_partner_referral", False)):
            found = await caller.sees(
                "update exchange.referral set feedback_code = 'received', feedback_on = current_date"
                " where id = $1 returning id",
                ids[name],
            )
            assert bool(found) == answered, name


STOLEN = (
    "select last_name from social.person",
    "select status from social.orientation",
    "select recipient from social.transmission",
    "select decision from social.partner_referral_handling",
    "select encode(sealed, 'hex') from confidential.transmission_content",
    "select encode(token_hash, 'hex') from exchange.answer_link",
    "select last_name from shared.referral",
    "select requested_scope from employer.requisition",
    "select email from accounts.account",
    "select act from audit.trace",
    "select id::text from access.search_persons('Petit', null, 10)",
    "select reference from exchange.orientation where set_config('relais.session', id::text, true) > ''",
)


@probe
async def an_injected_union_gives_a_partner_and_the_holder_of_a_link_nothing(scene: Scene) -> None:
    lanes = (scene.as_("partner"), scene.as_("software"), scene.as_("partner_in_a_post"), scene.lane("answering"))
    for lane in lanes:
        async with lane as caller:
            if "answering" in caller.who:
                await caller.sees("select access.open_link($1)", scene.links["open"])
            for stolen in STOLEN:
                await caller.is_refused(f"select reference from exchange.orientation union all {stolen}")
                await caller.is_refused(f"select reference from exchange.orientation where exists ({stolen})")
                await caller.is_refused(f"select (select string_agg(t::text, ',') from ({stolen}) t)")


@probe
async def no_condition_of_a_partner_reaches_the_rows_of_another(scene: Scene) -> None:
    # Evaluated on a hidden row, the division would raise; row security must come first.
    hidden = "1 / (case when partner_id = '{}' then 0 end) = 1"
    tables = ("exchange.orientation", "exchange.orientation_content", "exchange.referral")
    async with scene.as_("partner_elsewhere") as caller:
        for table in tables:
            await caller.sees_nothing(f"select 1 from {table} where {hidden.format(scene.ids['ccas'])}")
            for condition in ("true", "true or pg_typeof(partner_id) is null", "partner_id is not null"):
                found = set(await caller.sees(f"select partner_id from {table} where {condition}"))
                assert found == {scene.ids["association"]}, f"{table} where {condition}"
        await caller.sees_nothing(
            "update exchange.orientation set acknowledged_at = now() where partner_id = $1 returning 1",
            scene.ids["ccas"],
        )
        await caller.sees_nothing(
            "select 1 from exchange.orientation where partner_id = $1 for update", scene.ids["ccas"]
        )
