"""The documents."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.reading import every_document


@pytest.fixture(scope="module")
def documents() -> dict[str, dict[str, Any]]:
    """Every document that is committed, by its place under ``docs``."""
    return every_document()


@pytest.fixture(scope="module")
def document(documents: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The document of a process that serves every lane."""
    return documents["openapi.json"]
