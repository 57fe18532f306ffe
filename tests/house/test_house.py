"""The habits of the house, checked: short files, explained functions, no stray SQL, a sentence for every constraint."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from app.messages import CONSTRAINTS, FIELDS, PROBLEMS, PYDANTIC
from app.nomenclature.terms import LISTS
from tests.access.snapshot_queries import CIRCLES

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = sorted((ROOT / "app").rglob("*.py"))
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in PROGRAM}

# The homes of SQL written by hand, and why. Everything else goes through the statements of a service.
HAND_WRITTEN_SQL = {
    "app/database.py": "opens, commits",
    "app/transactions.py": "traces",
    "app/statements.py": "wraps a compiled statement in the JSON of its schema",
    "app/installing.py": "roles and databases, before any table exists",
    "app/access/render.py": "renders the policy for a migration to freeze",
    "app/nomenclature/render.py": "renders the lists for a migration to freeze",
    "app/indicators/render.py": "renders the counts for a migration to freeze",
    "app/services/proving.py": "asks PostgreSQL about its own catalogue",
    "app/services/sessions.py": "the one call of access.trace_sign_in",
}
HAND_WRITTEN_FOLDERS = ("app/embedded/", "app/demo/", "app/running/", "app/cli.py", "app/operating.py")
SQL = re.compile(
    r"\b(select\s+.+\s+from|insert\s+into|update\s+\w+(\.\w+)?\s+set|delete\s+from|(create|alter|drop|grant|revoke)\s+"
    r"(table|role|schema|function|policy|database|index|select|all|usage|execute|connect)|select\s+\w+\.\w+\()",
    re.IGNORECASE | re.DOTALL,
)


def short(path: Path) -> str:
    """The path as people say it."""
    return path.relative_to(ROOT).as_posix()


def texts(tree: ast.AST) -> Iterator[str]:
    """Every text of a module but its docstrings."""
    holders = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    documentation = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, holders) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            yield node.value


def test_no_file_of_the_program_is_longer_than_three_hundred_lines() -> None:
    lengths = {short(path): len(path.read_text(encoding="utf-8").splitlines()) for path in PROGRAM}
    assert {path: length for path, length in lengths.items() if length > 300} == {}


def test_every_public_function_and_class_says_what_it_does() -> None:
    silent = [
        f"{short(path)}: {node.name}"
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and not node.name.startswith("_")
        and ast.get_docstring(node) is None
        # The summary of a route is its docstring, and the methods of uvicorn and pydantic keep theirs.
        and not _is_a_route(node)
        and not _overrides(tree, node)
    ]
    assert silent == []


def _is_a_route(node: ast.AST) -> bool:
    return any(isinstance(each, ast.Call) for each in getattr(node, "decorator_list", ()))


def _overrides(tree: ast.AST, node: ast.AST) -> bool:
    return any(isinstance(cls, ast.ClassDef) and cls.bases and node in cls.body for cls in ast.walk(tree)) or any(
        isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef) and node in ast.walk(outer) and node is not outer
        for outer in ast.walk(tree)
    )


def test_nothing_is_left_to_do_in_the_program() -> None:
    unfinished = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    assert [short(path) for path in PROGRAM if unfinished.search(path.read_text(encoding="utf-8"))] == []


def test_sql_written_by_hand_has_few_homes() -> None:
    strays = {
        short(path): text[:60]
        for path, tree in TREES.items()
        if short(path) not in HAND_WRITTEN_SQL and not short(path).startswith(HAND_WRITTEN_FOLDERS)
        for text in texts(tree)
        if SQL.search(text)
    }
    assert strays == {}


# Codes that PostgreSQL's own constraints know too: the states of a situation, which a service moves.
STATES = {each.code for name in ("situation_status", "orientation_status") for each in LISTS[name].terms}


def test_a_service_reads_facts_and_never_compares_a_code_of_a_list() -> None:
    codes = {each.code for said in LISTS.values() for each in said.terms} - STATES
    compared = [
        f"{short(path)}:{node.lineno}: {side.value}"
        for path, tree in TREES.items()
        if short(path).startswith("app/services/")
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare)
        for side in (node.left, *node.comparators)
        if isinstance(side, ast.Constant) and side.value in codes
    ]
    assert compared == []


def test_every_sentence_exists_in_both_languages_and_every_code_has_one() -> None:
    for sentences in (PROBLEMS, FIELDS):
        assert all(said["fr"].strip() and said["en"].strip() for said in sentences.values())
    assert set(PYDANTIC.values()) <= FIELDS.keys()
    assert {said["code"] for said in CONSTRAINTS.values()} <= PROBLEMS.keys() | FIELDS.keys()


def test_every_code_that_the_program_raises_has_a_sentence() -> None:
    raising = {"Conflict", "Invalid", "Malformed", "FieldError", "Unavailable", "Forbidden", "NotFound", "Problem"}
    said = {
        argument.value
        for tree in TREES.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", None) in raising
        for argument in node.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str) and argument.value.isidentifier()
    }
    assert said - PROBLEMS.keys() - FIELDS.keys() == set()


@pytest.fixture
async def constraints(superuser: asyncpg.Connection) -> set[str]:
    """The names of every constraint, of every unique index and of every trigger of the circles."""
    rows = await superuser.fetch(
        "select c.conname as name from pg_constraint c join pg_namespace n on n.oid = c.connamespace"
        " where n.nspname = any($1) and c.contype <> 'n'"
        " union select i.relname from pg_index x join pg_class i on i.oid = x.indexrelid"
        " join pg_namespace n on n.oid = i.relnamespace where n.nspname = any($1) and x.indisunique"
        " union select t.tgname from pg_trigger t join pg_class r on r.oid = t.tgrelid"
        " join pg_namespace n on n.oid = r.relnamespace where n.nspname = any($1) and not t.tgisinternal",
        list(CIRCLES),
    )
    return {row["name"] for row in rows}


async def test_every_constraint_of_the_database_has_its_sentence_or_a_written_reason_to_have_none(
    constraints: set[str],
) -> None:
    said = tomllib.loads((ROOT / "app" / "messages.toml").read_text(encoding="utf-8"))
    out_of_reach = [re.compile(pattern) for pattern in said["constraints_out_of_reach"]]
    unmapped = {name for name in constraints - CONSTRAINTS.keys() if not any(p.fullmatch(name) for p in out_of_reach)}
    assert unmapped == set()
    assert CONSTRAINTS.keys() - constraints == set(), "a sentence for a constraint that no longer exists"
