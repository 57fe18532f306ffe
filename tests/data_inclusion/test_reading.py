"""Rows out of a file: every form, and everything a file may do to us."""

import io
import json
import tracemalloc
from typing import Any

import pytest

from app.data_inclusion.reading import LARGEST_ROW, Rows, Unreadable
from tests.data_inclusion.saying import service, structure


def read(content: bytes | Any) -> list[tuple[int, str, Any]]:
    """Every row of a content."""
    return list(Rows(io.BytesIO(content if isinstance(content, bytes) else json.dumps(content).encode())))


def broken(content: bytes) -> tuple[str, int, int]:
    """Why a content cannot be read on, at which row, and how many were read before."""
    rows, seen = Rows(io.BytesIO(content)), 0
    with pytest.raises(Unreadable) as error:
        for _ in rows:
            seen += 1
    assert error.value.__cause__ is None
    return error.value.code, error.value.number, seen


ONE, TWO = structure(1), service(1)
FORMS = {
    "object": {"structures": [ONE], "services": [TWO]},
    "mixed list": [ONE, TWO],
    "page": {"items": [ONE, TWO], "total": 2, "page": 1, "size": 50, "pages": 1},
    "page, totals first": {"total": 2, "page": 1, "size": 50, "pages": 1, "items": [ONE, TWO]},
    "lines": b"\n".join(json.dumps(each).encode() for each in (ONE, TWO)) + b"\n",
    "pages one after the other": json.dumps({"items": [ONE]}).encode() + b"\n" + json.dumps({"items": [TWO]}).encode(),
    "with a byte order mark": b"\xef\xbb\xbf" + json.dumps([ONE, TWO]).encode(),
    "with other members": {"meta": {"a": [1, {"b": 2}]}, "structures": [ONE], "services": [TWO], "licence": "LO"},
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_tells_the_same_rows(form: str) -> None:
    assert read(FORMS[form]) == [(1, "structure", ONE), (2, "service", TWO)]


def test_services_may_come_before_structures() -> None:
    assert [kind for _, kind, _ in read({"services": [TWO, TWO], "structures": [ONE]})] == [
        "service", "service", "structure",
    ]  # fmt: skip


def test_a_row_with_a_list_named_items_is_still_a_row() -> None:
    assert read({**ONE, "items": [1]}) == [(1, "structure", {**ONE, "items": [1]})]


def test_what_is_no_object_is_a_row_too_to_be_refused_one_by_one() -> None:
    assert read([3, None, "x", [1, [2]], ONE]) == [
        (1, "structure", 3), (2, "structure", None), (3, "structure", "x"), (4, "structure", [1, [2]]),
        (5, "structure", ONE),
    ]  # fmt: skip


def test_numbers_texts_and_nesting_come_through() -> None:
    said = {"source": "a", "x": [1, 2.5, -3e2, True, None, 'é\n"', {"y": {}}, []]}
    assert read([said])[0][2] == said


@pytest.mark.parametrize(
    "tail",
    [b'{"a": NaN}', b'{"a": Infinity}', b'{"a": 1e999}', b'{"a": 99999999999999999999}', b'{"a": 1', b"{a: 1}",
     b'{"a": "\xff"}', b'{"a": "\x00"}', b"{'a': 1}", b'{"a": 1,}', b""],
)  # fmt: skip
def test_broken_json_stops_at_its_row_and_what_came_before_is_known(tail: bytes) -> None:
    first = json.dumps(ONE).encode()
    assert broken(b'{"structures": [' + first + b"," + first + b"," + tail) == ("import_json_broken", 3, 2)


def test_an_empty_file_is_not_json() -> None:
    assert broken(b"") == broken(b"  \n ") == ("import_json_broken", 1, 0)
    assert read({"structures": [], "services": []}) == read([]) == []


def test_a_name_said_twice_in_a_row_stops_the_reading() -> None:
    assert broken(b'[{"a": 1}, {"source": "a", "source": "b"}]') == ("duplicate_member", 2, 1)


def test_a_row_too_deep_stops_the_reading() -> None:
    def deep(levels: int) -> bytes:
        return b'[{"a": ' + b"[" * levels + b"]" * levels + b"}]"

    assert len(read(deep(15))) == 1
    assert broken(deep(16)) == ("too_deep", 1, 0)
    assert broken(b"[" * 100_000) == ("too_deep", 1, 0)


def test_a_row_too_large_stops_the_reading_long_before_it_ends() -> None:
    assert len(read([{"a": "x" * (LARGEST_ROW - 100)}] * 3)) == 3
    large = io.BytesIO(b'[{"a": 1}, {"a": "' + b"x" * 20_000_000)
    rows = Rows(large)
    with pytest.raises(Unreadable) as error:
        list(rows)
    assert (error.value.code, error.value.number) == ("import_row_too_large", 2)
    assert rows.position < 2 * LARGEST_ROW


def test_the_memory_that_reading_takes_does_not_grow_with_the_file() -> None:
    def peak(count: int) -> int:
        content = io.BytesIO(json.dumps([{**ONE, "description": "x" * 5_000}] * count).encode())
        tracemalloc.start()
        assert sum(1 for _ in Rows(content)) == count
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    assert peak(2_000) < peak(100) + 200_000


def test_how_far_the_reading_is_can_be_told() -> None:
    content = json.dumps([ONE] * 200).encode()
    rows = Rows(io.BytesIO(content))
    next(iter(rows))
    assert 0 < rows.position < rows.size == len(content)
    assert rows.count == 1
