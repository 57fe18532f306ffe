"""The official lists: all there, honest about their sources, and silent about what they refuse."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from importlib.resources import files
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, ValidationError

from app.nomenclature import render, terms
from app.nomenclature.terms import LISTS, Coded, Term, UnknownList, UnknownTerm, codes, knows, term

# fmt: off
LISTS_OF_THE_TRADE = [
    "sex", "age_band", "person_status", "referral_source", "referral_document", "problem_type", "need_type",
    "urgency", "intervention_type", "collective_activity_type", "intervention_outcome", "channel",
    "partner_category", "orientation_status", "closure_reason", "contact_consent", "sharing_legal_basis",
    "person_informed", "known_to_social_services", "penal_context", "feedback_status", "household_type",
    "housing_status", "employment_status", "site_type", "zone", "employer_type", "funding_source",
    "diploma", "secrecy_basis", "household_link", "birth_date_precision", "referral_status",
    "referral_decision", "situation_status", "transmission_kind", "transmissible_field", "requisition_basis",
    "requisition_decision", "refusal_reason", "orientation_outcome", "partner_public", "functional_authority",
    "handover_motive", "replacement_reason",
]
# fmt: on


class Spoken(BaseModel):
    status: Annotated[str, Coded("person_status")]
    urgency: Annotated[str, Coded("urgency")] | None = None


def every_term() -> Iterator[tuple[str, Term]]:
    for each in LISTS.values():
        for one in each.terms:
            yield each.name, one


def codes_that(list_name: str, fact: str) -> set[str]:
    return {each.code for each in LISTS[list_name].terms if each.says(fact)}


def test_every_list_of_the_trade_is_there() -> None:
    assert set(LISTS) == set(LISTS_OF_THE_TRADE)


def test_no_list_ranks_a_crisis_or_hides_a_column() -> None:
    assert {"crisis_level", "visibility"}.isdisjoint(LISTS)


def test_no_list_offers_article_226_14_2_or_3_to_the_social_worker() -> None:
    offered = codes("sharing_legal_basis")
    assert [each for each in offered if "226_14" in each] == ["minor_or_vulnerable_226_14_1"]
    for _, one in every_term():
        assert not re.search(r"226-14,? *(2|3)°", one.label)


def test_every_list_has_a_french_title_and_a_sentence() -> None:
    for each in LISTS.values():
        assert each.label[0].isupper()
        assert each.comment.endswith(".")
        assert all(fact.comment.endswith(".") for fact in each.fact_columns.values())


def test_every_label_is_typed_as_french_is_printed() -> None:
    for name, one in every_term():
        assert one.label == one.label.strip(), (name, one.code)
        assert "'" not in one.label, (name, one.code)
        assert len(one.label) <= 160, (name, one.code)


def test_no_two_terms_of_a_list_read_the_same() -> None:
    for each in LISTS.values():
        labels = [one.label for one in each.terms]
        assert len(set(labels)) == len(labels), each.name


def test_every_term_says_where_it_comes_from() -> None:
    told = files(terms.__package__).joinpath("SOURCES.md").read_text(encoding="utf-8")
    for name, one in every_term():
        for mark in one.basis.split(" "):
            assert re.fullmatch(r"F|K|DI|inferred|S\d{1,3}", mark), (name, one.code)
            assert f"| {mark} |" in told or f"`{mark}`" in told, (name, one.code)


def test_every_term_starts_open_and_waits_for_the_grid_of_the_ministry() -> None:
    for _, one in every_term():
        assert one.valid_from == date(2026, 1, 1)
        assert one.valid_to is None
        assert one.external_code is None


def test_only_the_problems_have_two_levels() -> None:
    assert {name for name, one in every_term() if one.parent_code} == {"problem_type"}
    for one in LISTS["problem_type"].terms:
        if one.parent_code:
            assert term("problem_type", one.parent_code).parent_code is None


def test_a_detail_bears_the_name_of_its_problem() -> None:
    details = [one for one in LISTS["problem_type"].terms if one.parent_code is not None]
    assert details
    assert [one.code for one in details if not one.code.startswith(f"{one.parent_code}_")] == []
    assert term("problem_type", "harassment_other").parent_code == "harassment"
    assert term("problem_type", "partner_violence_physical").parent_code == "partner_violence"
    assert not knows("problem_type", "physical")


def test_only_partner_violence_and_its_details_forbid_family_mediation() -> None:
    family = {one.code for one in LISTS["problem_type"].terms if one.parent_code == "partner_violence"}
    assert codes_that("problem_type", "forbids_family_mediation") == family | {"partner_violence"}
    assert codes_that("need_type", "mediates_between_parties") == {"family_mediation"}


def test_an_interview_is_an_attempt_to_reach_the_person() -> None:
    interviews = codes_that("intervention_type", "counts_as_interview")
    assert len(interviews) == 8
    assert codes_that("intervention_type", "counts_as_contact_attempt") == interviews | {"contact_attempt"}


def test_only_the_home_visit_needs_clearance_and_only_log_reading_goes_without_a_person() -> None:
    assert codes_that("intervention_type", "needs_home_visit_clearance") == {"home_visit"}
    assert codes_that("intervention_type", "may_lack_participation") == {"log_reading"}


def test_a_refusal_or_a_withdrawal_stops_the_contact_and_silence_does_not() -> None:
    assert set(codes("contact_consent")) - codes_that("contact_consent", "allows_contact") == {
        "refused",
        "withdrawn",
    }


def test_the_other_facts_hold_for_the_codes_that_services_rely_on() -> None:
    assert codes_that("intervention_outcome", "was_held") == {"held"}
    assert codes_that("referral_source", "comes_from_unit") == {"police_unit", "gendarmerie_unit"}
    assert codes_that("referral_decision", "opens_situation") == {"accepted"}
    assert codes_that("feedback_status", "ends_follow_up") == {"declined", "closed"}
    assert codes_that("closure_reason", "relay_succeeded") == {"relay_effective"}
    assert [one.number("delay_working_hours") for one in LISTS["urgency"].terms] == [8, 48, None]


def test_every_age_falls_in_exactly_one_band() -> None:
    bands = [
        range(low, (one.number("max_age") or 120) + 1)
        for one in LISTS["age_band"].terms
        if (low := one.number("min_age")) is not None
    ]
    for age in range(121):
        assert sum(age in band for band in bands) == 1, age
    assert term("age_band", "unknown").facts == {"min_age": None, "max_age": None}


def test_a_fact_is_not_read_as_what_it_is_not() -> None:
    with pytest.raises(KeyError):
        term("urgency", "urgent").says("delay_working_hours")
    with pytest.raises(KeyError):
        term("intervention_outcome", "held").number("was_held")


def test_an_unknown_code_is_refused_without_being_repeated() -> None:
    with pytest.raises(UnknownTerm) as refusal:
        term("person_status", "mme_dupont_avenue_foch")
    assert "dupont" not in f"{refusal.value} {refusal.value!r} {refusal.value.args}"

    with pytest.raises(ValidationError) as refusal_on_the_wire:
        Spoken(status="mme_dupont_avenue_foch")
    (error,) = refusal_on_the_wire.value.errors(include_input=False)
    assert error["type"] == "unknown_code"
    assert error["ctx"] == {"list": "person_status"}
    assert error["msg"].startswith("Ce code ne figure pas dans la liste « person_status »")
    assert "dupont" not in str(error)


@pytest.mark.parametrize("code", ["", "Victim", " victim", "victim\x00", "v" * 61, "\ud800"])
def test_a_code_that_is_almost_right_is_refused(code: str) -> None:
    assert not knows("person_status", code)
    with pytest.raises(ValidationError):
        Spoken(status=code)


def test_every_code_of_a_list_is_accepted_and_an_optional_one_may_be_silent() -> None:
    for code in codes("person_status"):
        assert Spoken(status=code).model_dump() == {"status": code, "urgency": None}


def test_the_contract_shows_an_open_string_and_the_name_of_its_list() -> None:
    shown: dict[str, Any] = Spoken.model_json_schema()["properties"]["status"]
    assert shown == {
        "type": "string",
        "maxLength": 60,
        "title": "Status",
        "x-nomenclature": "person_status",
    }


def test_a_list_that_does_not_exist_is_an_error_of_the_program() -> None:
    with pytest.raises(UnknownList):
        Coded("crisis_level")
    with pytest.raises(UnknownList):
        knows("crisis_level", "high")


def test_a_code_is_asked_of_a_plain_string_only() -> None:
    with pytest.raises(TypeError):
        type("Muddled", (BaseModel,), {"__annotations__": {"zone": Annotated[str | None, Coded("zone")]}})


def test_a_term_is_offered_from_its_first_day_to_its_last_and_stays_known_afterwards() -> None:
    first, last = date(2026, 1, 1), date(2026, 12, 31)
    ended = Term("old", "Ancien", None, 10, first, last, None, "inferred", {})
    assert ended.valid_on(first)
    assert ended.valid_on(last)
    assert not ended.valid_on(last + timedelta(days=1))
    assert knows("zone", "mixed", on=first)
    assert not knows("zone", "mixed", on=first - timedelta(days=1))
    assert knows("zone", "mixed")


def test_the_lists_cannot_be_altered_while_the_service_runs() -> None:
    with pytest.raises(TypeError):
        LISTS["zone"] = LISTS["sex"]  # type: ignore[index]
    with pytest.raises(TypeError):
        term("urgency", "urgent").facts["delay_working_hours"] = 1  # type: ignore[index]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("code,label\n", "colonnes"),
        ("police,Police,,10,2026-01-01,,,F\npolice,Police,,20,2026-01-01,,,F\n", "double"),
        ("police,Police,nowhere,10,2026-01-01,,,F\n", "parent"),
        ("police,Police,,10,2026-01-01,2025-12-31,,F\n", "valid_to"),
        ("police,Police,,20,2026-01-01,,,F\nmixed,Mixte,,10,2026-01-01,,,F\n", "sort_order"),
        ("Police,Police,,10,2026-01-01,,,F\n", "mal formé"),
        ("police,,,10,2026-01-01,,,F\n", "vide"),
        ("police,Police,,ten,2026-01-01,,,F\n", "illisible"),
        ("police,Police,,10,2026-01-01\n", "illisible"),
        ("police,Police,,10,2026-01-01,,,F,one too many\n", "illisible"),
        ("", "vide"),
    ],
)
def test_a_list_that_was_badly_edited_stops_the_start_and_says_why(text: str, reason: str) -> None:
    header = "" if reason == "colonnes" else ",".join(terms.COMMON_COLUMNS) + "\n"
    with pytest.raises(terms.BrokenList, match=reason):
        terms._load("zone", {"title": "Zone", "comment": "Zone."}, header + text)


def test_the_sql_is_the_same_each_time_and_holds_every_list_and_every_term() -> None:
    sql = render.render_sql()
    assert sql == render.render_sql()
    assert re.findall(r"^create table nomenclature\.(\w+) \($", sql, re.M) == list(LISTS)
    assert sql.count("\n    ('") == sum(len(each.terms) for each in LISTS.values())
    assert "create schema" not in sql
    assert " type " not in sql


def test_the_sql_can_pass_through_any_driver_unharmed() -> None:
    sql = render.render_sql()
    assert "%" not in sql
    assert not re.search(r":\w", sql)
    assert sql.count(";") == len(re.findall(r";$", sql, re.M))


def test_no_name_is_cut_short_by_postgresql() -> None:
    names = re.findall(r"constraint (\w+)", render.render_sql())
    assert max(map(len, names)) <= 63
    assert len(set(names)) == len(names)


def test_the_facts_that_other_tables_copy_travel_with_their_code() -> None:
    assert (
        "constraint intervention_type_facts_travel_together "
        "unique (code, counts_as_interview, needs_home_visit_clearance, may_lack_participation)"
    ) in render.render_sql()


def test_a_straight_quote_typed_in_a_label_does_not_break_the_sql() -> None:
    assert render._text("l'enfant") == "'l''enfant'"
