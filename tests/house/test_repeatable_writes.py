"""A route added tomorrow is repeatable like the others: its router hands its answer over, its draft may be named."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.main import create_app
from app.settings import Settings

ROUTERS = sorted((Path(__file__).resolve().parents[2] / "app" / "routers").glob("*.py"))

# What is created without a name of the client's choosing, and why.
WITHOUT_A_NAME: dict[str, str] = {}


def calls(tree: ast.AST, name: str) -> list[ast.Call]:
    """The calls of a function, by its name."""
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call) and getattr(node.func, "id", None) == name]


def test_every_router_whose_acts_go_through_the_gate_hands_its_answers_to_the_transaction() -> None:
    looked_at, forgotten = 0, []
    for path in ROUTERS:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if not calls(tree, "may"):
            continue
        for router in calls(tree, "APIRouter"):
            looked_at += 1
            classes = [ast.unparse(word.value) for word in router.keywords if word.arg == "route_class"]
            if classes != ["Route"]:
                forgotten.append(f"{path.name}:{router.lineno}")
    assert looked_at > 25
    assert forgotten == []


def drafts(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Each POST that answers 201, and each shape that it takes."""
    for path, said in document["paths"].items():
        if "201" not in said.get("post", {}).get("responses", {}):
            continue
        shape = said["post"]["requestBody"]["content"]["application/json"]["schema"]
        for one in shape.get("oneOf", shape.get("anyOf", [shape])):
            if "$ref" in one:
                yield path, one["$ref"].rpartition("/")[2]


def test_everything_that_is_created_may_be_named_by_the_client(settings: Settings) -> None:
    document = create_app(settings).openapi()
    shapes = document["components"]["schemas"]
    found = list(drafts(document))
    unnamed = {f"{path} {name}" for path, name in found if "id" not in shapes[name]["properties"]}
    assert len(found) >= 32
    assert unnamed == set(WITHOUT_A_NAME)
    for path, name in found:
        assert "id" not in shapes[name].get("required", ()), f"{path}: a name is offered, never asked for"
