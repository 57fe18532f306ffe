"""The table of the ASVS keeps its word: what it cites exists, each requirement stands once, its counts are right."""

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
TABLE = (ROOT / "docs" / "security" / "asvs.md").read_text(encoding="utf-8")

LEVELS = ("L1", "L2", "L3")
ANSWERS = ("oui", "en partie", "non", "sans objet")
UNSETTLED = re.compile(r"à (?:confirmer|vérifier|compléter)")
OF_THE_STANDARD = {"L1": 70, "L2": 183}
"""How many requirements ASVS 5.0.0 has at each level that is answered whole."""

ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| (L[123]) \| (.+) \| (oui|en partie|non|sans objet) \| (.+) \|$", re.MULTILINE)
COUNTS = re.compile(r"^\| (L[123]) \| ([\d |]+) \|$", re.MULTILINE)
# A path of the repository, and perhaps one of its tests. Routes begin with a slash, settings have none.
CITED = re.compile(r"`((?:\w[\w.-]*/)+[\w.-]*|Dockerfile|[\w-]+\.(?:md|toml|yml))(?:::(\w+))?`")
A_ROW = re.compile(r"^\| \d+\.\d+", re.MULTILINE)


class Row(NamedTuple):
    """One requirement, and what is answered to it."""

    id: str
    level: str
    subject: str
    answer: str
    proof: str


ROWS = [Row(*found) for found in ROW.findall(TABLE)]


def cited(text: str) -> list[tuple[str, str]]:
    """The paths that a text cites, each with the name of a test or nothing."""
    return CITED.findall(text)


@cache
def names_in(path: Path) -> frozenset[str]:
    """The functions that a file defines."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def is_missing(path: str, name: str) -> bool:
    """Is this path, or this test of it, nowhere?"""
    place = ROOT / path
    return not place.exists() or (name != "" and name not in names_in(place))


def test_each_requirement_stands_once_and_every_row_is_read() -> None:
    assert [name for name, times in Counter(row.id for row in ROWS).items() if times > 1] == []
    assert len(ROWS) == len(A_ROW.findall(TABLE)), "a row that is not written as the others"


def test_every_requirement_of_the_first_two_levels_is_answered() -> None:
    levels = Counter(row.level for row in ROWS)
    assert {level: levels[level] for level in OF_THE_STANDARD} == OF_THE_STANDARD


def test_the_requirements_of_a_section_come_in_order_under_their_chapter() -> None:
    chapters = re.split(r"^## V(\d+)\. .+$", TABLE, flags=re.MULTILINE)[1:]
    assert chapters[::2] == [str(number) for number in range(1, 18)]
    for number, said in zip(chapters[::2], chapters[1::2], strict=True):
        found = [tuple(map(int, name.split("."))) for name, *_ in ROW.findall(said.partition("\n## ")[0])]
        assert found == sorted(found)
        assert {chapter for chapter, *_ in found} == {int(number)}


@pytest.mark.parametrize("level", LEVELS)
def test_the_counts_at_the_head_are_those_of_the_rows_of(level: str) -> None:
    said = {name: [int(number) for number in numbers.split(" | ")] for name, numbers in COUNTS.findall(TABLE)}
    rows = [row for row in ROWS if row.level == level]
    answers = Counter(row.answer for row in rows)
    assert said[level] == [*(answers[answer] for answer in ANSWERS), len(rows)]


def test_every_file_and_every_test_that_is_cited_exists() -> None:
    missing = {
        row.id: f"{path}::{name}" if name else path
        for row in ROWS
        for path, name in cited(row.proof)
        if is_missing(path, name)
    }
    assert missing == {}
    assert [path for path, name in cited(TABLE[: TABLE.index("\n## V1.")]) if is_missing(path, name)] == []


def test_what_is_said_to_hold_is_shown_by_something() -> None:
    assert [row.id for row in ROWS if row.answer in ("oui", "en partie") and not cited(row.proof)] == []


def test_no_answer_is_left_for_later_and_no_file_of_tests_is_cited_whole() -> None:
    assert UNSETTLED.findall(TABLE) == []
    # A whole file of tests shows anything and nothing; of the program or the documentation, it is what is written.
    whole = {path for row in ROWS for path, name in cited(row.proof) if path.startswith("tests/") and not name}
    assert whole == set()


def test_a_test_that_does_not_exist_would_be_noticed() -> None:
    (here,) = cited("`tests/house/test_asvs.py::test_a_test_that_does_not_exist_would_be_noticed`")
    (gone,) = cited("`tests/house/test_asvs.py::test_nothing_of_the_kind`")
    (nowhere,) = cited("`tests/house/test_nowhere.py`")
    assert [is_missing(*each) for each in (here, gone, nowhere)] == [False, True, True]
    assert cited("`/v1/auth/login` et `nosniff`") == []
