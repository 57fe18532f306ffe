"""A refusal says what to do, in the caller's language, and nothing of what it saw."""

import ast
import asyncio
import json
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import sqlalchemy.exc
from sqlalchemy.orm.exc import StaleDataError

import app.errors
import app.main
from app.error_handlers import field_error, safe_frames
from app.errors import (
    Conflict,
    FieldError,
    Invalid,
    NotFound,
    Problem,
    TryAgain,
    Unauthenticated,
    Unavailable,
    database_facts,
    problem_body,
    problem_from_database,
    problem_headers,
    reference_urn,
)
from app.messages import CONSTRAINTS, FIELDS, PROBLEMS, PYDANTIC, TITLES, preferred_language
from tests.wire.small_app import SECRET, client_of, make_app, make_failure

APP = Path(app.errors.__file__).parent
FAMILY = {name: kind for name, kind in vars(app.errors).items() if isinstance(kind, type) and issubclass(kind, Problem)}


def shown(problem: Problem, language: Any = "fr") -> dict[str, Any]:
    body: dict[str, Any] = json.loads(problem_body(problem, language=language, instance="urn:uuid:x"))
    return body


def driver_error(sqlstate: str, constraint: str | None = None) -> asyncpg.PostgresError:
    error = asyncpg.PostgresError(f"duplicate key: ({SECRET})")
    error.sqlstate, error.constraint_name, error.detail = sqlstate, constraint, f"Key (name)=({SECRET})"
    return error


def test_a_problem_has_the_members_of_the_standard_and_a_sentence_in_each_language() -> None:
    problem = Conflict("situation_closed")
    assert shown(problem) == {
        "type": "/problems/situation_closed",
        "title": "L’état actuel ne le permet pas",
        "status": 409,
        "detail": "La situation est close. Rouvrez-la pour y ajouter quelque chose.",
        "instance": "urn:uuid:x",
        "code": "situation_closed",
    }
    assert shown(problem, "en")["detail"].startswith("The situation is closed")


def test_a_fault_of_the_body_has_a_pointer_and_one_of_the_address_a_parameter() -> None:
    body = shown(Invalid(FieldError("/a/0/b", "missing"), FieldError("?limit", "at_most", (("le", 200),))))
    assert body["errors"] == [
        {"pointer": "/a/0/b", "code": "missing", "detail": "Ce champ est attendu."},
        {"parameter": "limit", "code": "at_most", "detail": "La valeur doit être au plus 200."},
    ]


def test_a_rule_of_the_trade_gives_its_own_code_and_a_plain_fault_the_general_one() -> None:
    ruled, plain = Invalid("situation_closes_before_it_opens", "/closed_on"), Invalid("unknown_code", "/need")
    assert (ruled.code, ruled.errors[0].pointer) == ("situation_closes_before_it_opens", "/closed_on")
    assert (plain.code, plain.errors[0].code) == ("invalid_request", "unknown_code")


def test_the_text_of_a_problem_is_its_code() -> None:
    problem = NotFound()
    assert (str(problem), repr(problem), problem.args) == (
        "not_found",
        "NotFound('not_found')",
        ("not_found",),
    )


def test_a_refused_token_is_told_from_a_missing_one() -> None:
    assert Unauthenticated().headers == {"WWW-Authenticate": "Bearer"}
    assert Unauthenticated(token_given=True).headers == {"WWW-Authenticate": 'Bearer error="invalid_token"'}


def test_a_reference_is_a_urn_whatever_its_form() -> None:
    assert reference_urn("mobile-001") == "urn:relais:request:mobile-001"
    assert reference_urn("01890a5dac96774bbcceb302099a8057").startswith("urn:uuid:01890a5d-ac96")


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "fr"),
        ("", "fr"),
        ("en", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("fr, en", "fr"),
        ("en, fr", "fr"),
        ("fr;q=0.5, en;q=0.8", "en"),
        ("en;q=0.2, fr-FR;q=0.3", "fr"),
        ("de, *", "fr"),
        ("en;q=0", "fr"),
        ("en;q=nan, en;q=1e9, en;q=", "fr"),
        (";;;,,=q;en;\x00\x80" * 500, "fr"),
        ("EN-us ; q = 0.7", "en"),
    ],
)
def test_french_is_spoken_unless_english_is_preferred(header: str | None, language: str) -> None:
    assert preferred_language(header) == language


@pytest.mark.parametrize(
    ("sqlstate", "status", "code"),
    [
        ("08006", 503, "unavailable"),
        ("53300", 503, "unavailable"),
        ("57014", 503, "unavailable"),
        ("57P01", 503, "unavailable"),
        ("3D000", 503, "unavailable"),
        ("58030", 503, "unavailable"),
        ("25006", 503, "unavailable"),
        ("40001", 503, "unavailable"),
        ("40P01", 503, "unavailable"),
        ("55P03", 503, "unavailable"),
        ("22003", 422, "invalid_request"),
        ("22021", 422, "bad_text"),
        ("23505", 409, "conflict_generic"),
        ("23503", 409, "conflict_generic"),
        ("23P01", 409, "conflict_generic"),
        ("28000", 401, "session_ended"),
        ("42501", 404, "not_found"),
        ("42P01", 500, "internal_error"),
        ("XX000", 500, "internal_error"),
    ],
)
def test_each_kind_of_database_error_becomes_one_kind_of_problem(sqlstate: str, status: int, code: str) -> None:
    problem = problem_from_database(driver_error(sqlstate))
    assert (problem.status, problem.code) == (status, code)
    assert ("Retry-After" in problem.headers) == (status == 503)
    assert isinstance(problem, TryAgain) == (sqlstate in {"40001", "40P01", "55P03"})


def test_a_refusal_by_the_rules_of_the_database_is_an_alarm_and_looks_like_an_absence() -> None:
    problem = problem_from_database(driver_error("42501"))
    assert problem.alarm
    assert shown(problem) == shown(NotFound())


def test_a_constraint_speaks_with_its_own_sentence() -> None:
    problem = problem_from_database(driver_error("23514", "situation_closes_after_it_opens"))
    assert (problem.status, problem.code) == (422, "situation_closes_before_it_opens")


def test_what_sqlalchemy_wraps_is_found_again() -> None:
    adapted = Exception(SECRET)
    adapted.__cause__ = driver_error("23514", "situation_closes_after_it_opens")
    wrapped = sqlalchemy.exc.IntegrityError("insert …", {"name": SECRET}, adapted)
    assert problem_from_database(wrapped).code == "situation_closes_before_it_opens"
    assert database_facts(wrapped) == {
        "error_class": "IntegrityError",
        "sqlstate": "23514",
        "constraint": "situation_closes_after_it_opens",
    }


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (TimeoutError(SECRET), 503),
        (ConnectionResetError(SECRET), 503),
        (asyncpg.InterfaceError(SECRET), 503),
        (sqlalchemy.exc.TimeoutError(SECRET), 503),
        (StaleDataError(SECRET), 412),
        (asyncpg.exceptions.InvalidCachedStatementError(SECRET), 503),
        (RuntimeError(SECRET), 500),
    ],
)
def test_a_database_that_cannot_be_reached_is_unavailable_and_the_unknown_internal(
    error: Exception, status: int
) -> None:
    problem = problem_from_database(error)
    assert problem.status == status
    assert SECRET not in json.dumps(shown(problem)) + repr(problem)


def test_a_problem_passes_through_unchanged() -> None:
    problem = Unavailable(retry_after=7)
    assert problem_from_database(problem) is problem
    assert problem.headers == {"Retry-After": "7"}


def test_the_frames_of_an_error_say_where_and_never_what() -> None:
    def fail(name: str) -> None:
        try:
            raise ValueError(name)
        except ValueError as error:
            raise ExceptionGroup(name, [error, KeyError(name)]) from error

    try:
        fail(SECRET)
    except ExceptionGroup as error:
        frames = safe_frames(error)
        assert SECRET in "".join(traceback.format_exception(error))
    assert SECRET not in repr(frames)
    assert {"ExceptionGroup", "ValueError", "KeyError"} <= set(frames)
    assert any(frame.startswith("tests/wire/test_errors.py:") and frame.endswith(":fail") for frame in frames)


def test_a_validation_error_keeps_neither_the_value_nor_a_name_that_may_be_somebody() -> None:
    fault = {
        "type": "value_error",
        "loc": ("body", "persons", 0, f"{SECRET} née X", "name"),
        "msg": SECRET,
        "input": SECRET,
        "ctx": {"error": ValueError(SECRET), "expected": SECRET},
    }
    assert field_error(fault) == FieldError("/persons/0", "invalid_value")


async def test_validation_errors_answer_with_places_and_codes_only() -> None:
    draft = {
        "name": "",
        "count": "3",
        "born_on": SECRET,
        "inner": {"name": "a" * 121, SECRET: 1},
        "email": SECRET,
    }
    async with client_of(make_app()) as client:
        answer = await client.post("/v1/things", json=draft, headers={"accept-language": "en"})
    body = answer.json()
    assert (answer.status_code, answer.headers["content-language"]) == (422, "en")
    assert SECRET not in answer.text.replace(f"/inner/{SECRET}", "")  # a name the caller wrote as a member
    assert {(fault["pointer"], fault["code"]) for fault in body["errors"]} == {
        ("/name", "text_blank"),
        ("/count", "whole_number_expected"),
        ("/born_on", "day_expected"),
        ("/email", "bad_email"),
        ("/inner/name", "text_too_long"),
        (f"/inner/{SECRET}", "unknown_member"),
    }


async def test_a_group_of_one_error_is_that_error() -> None:
    async with client_of(make_app()) as client:
        assert (await client.get("/v1/fail/group-of-one")).status_code == 404
        assert (await client.get("/v1/fail/conflict")).json()["code"] == "situation_closed"
        assert (await client.get("/v1/fail/sqlstate-42501")).status_code == 404
    assert isinstance(make_failure("base-group"), BaseExceptionGroup)
    assert not isinstance(make_failure("base-group"), Exception)
    await asyncio.sleep(0)


# ----------------------------------------------------------------------------- the catalogue holds together


def test_every_sentence_exists_in_both_languages_and_every_status_has_a_title() -> None:
    for code, entry in {**PROBLEMS, **FIELDS}.items():
        assert set(entry) == {"fr", "en"}, code
        assert all(sentence.strip().endswith((".", "…")) for sentence in entry.values()), code
    for status, entry in TITLES.items():
        assert set(entry) == {"title_fr", "title_en"}, status
    statuses = {kind.status for kind in FAMILY.values()} | {405, 406, 408, 431}
    assert {str(status) for status in statuses} <= set(TITLES)


def test_every_constraint_and_every_pydantic_error_leads_to_a_sentence() -> None:
    assert set(PYDANTIC.values()) <= set(FIELDS)
    for name, known in CONSTRAINTS.items():
        assert known["code"] in PROBLEMS.keys() | FIELDS.keys(), name
        assert str(known.get("status", 409)) in TITLES, name


def test_every_code_raised_in_the_application_has_its_sentence() -> None:
    raised = {kind.code: "app/errors.py" for kind in FAMILY.values()}
    for path in sorted(APP.rglob("*.py")):
        for code in codes_in(ast.parse(path.read_text("utf-8"))):
            raised.setdefault(code, str(path.relative_to(APP.parent)))
    missing = {code: where for code, where in raised.items() if code not in PROBLEMS and code not in FIELDS}
    assert not missing


def codes_in(tree: ast.AST) -> list[str]:
    """Codes written as texts where a problem or a fault is made."""
    position = {**dict.fromkeys(FAMILY, 0), "FieldError": 1, "PydanticCustomError": 0, "_refuse": 0}
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", None) or getattr(node.func, "attr", "")
        if name not in position:
            continue
        given = [
            *node.args[position[name] :][:1],
            *(word.value for word in node.keywords if word.arg == "code"),
        ]
        for value in given:
            # Both branches of a choice count: Problem("a" if … else "b").
            parts = [value.body, value.orelse] if isinstance(value, ast.IfExp) else [value]
            found += [part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    return found


def test_the_search_for_codes_finds_them() -> None:
    code = 'Conflict("a"); Invalid("b", "/x"); FieldError("/y", "c"); Problem(code="d"); errors.Forbidden("e")'
    assert set(codes_in(ast.parse(code))) == {"a", "b", "c", "d", "e"}


def every(family: type[Problem]) -> Iterator[type[Problem]]:
    """A family of refusals, and those that come from it."""
    yield family
    for each in family.__subclasses__():
        yield from every(each)


def test_every_401_says_what_to_present() -> None:
    found = {each for each in every(Problem) if each.status == 401}
    assert {each.code for each in found} >= {
        "unauthenticated",
        "wrong_credentials",
        "refresh_refused",
        "invalid_client",
    }
    for each in found:
        assert problem_headers(each(), language="fr")["WWW-Authenticate"], each.code
    assert "WWW-Authenticate" not in problem_headers(NotFound(), language="fr")
