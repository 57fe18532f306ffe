"""The cases that schemathesis makes of the contract: the examples written in it, its corners, and draws at random.

They are made first and sent afterwards, on the loop of the application: what is drawn depends on the document and
on the seed alone, never on an answer.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from schemathesis import Case
from schemathesis.generation.hypothesis.builder import HypothesisTestConfig, HypothesisTestMode, create_test
from schemathesis.schemas import APIOperation, BaseSchema

from app.nomenclature.terms import LISTS

EFFORT = int(os.environ.get("RELAIS_FUZZING", "1"))
"""How many times the usual number of draws: ``RELAIS_FUZZING=100`` for a night."""
DRAWS = 8 * EFFORT
MOST = 40 * EFFORT
"""Cases of one operation; of more, one in so many is kept, from the first to the last."""
SEED = int(os.environ.get("RELAIS_FUZZING_SEED", "20261128"))

KNOWN_IDS = ["01890a5d-ac96-774b-bcce-b302099a8057"]
"""What stands in a draw for an identifier: those of the operation being tried (``standing_ids``)."""

# The wire refuses some of what a schema would before a schema is read: too much (413), a version not said (428).
REFUSED = ["400", "401", "403", "404", "405", "406", "408", "409", "412", "413", "415", "422", "428", "429", "431"]
CONFIG = {"checks": {"negative_data_rejection": {"expected-statuses": REFUSED}}}


def standing_ids(ids: list[str]) -> None:
    """From now on, these identifiers are drawn, and now and then one of nothing."""
    KNOWN_IDS[1:] = ids


def contract(document: dict[str, Any]) -> BaseSchema:
    """The document as schemathesis reads it, its closed lists and its identifiers drawn among what exists."""
    schemathesis.openapi.format("uuid", st.integers(0, 40).map(lambda drawn: KNOWN_IDS[drawn % len(KNOWN_IDS)]))
    for name, said in LISTS.items():
        schemathesis.openapi.format(f"nomenclature-{name}", st.sampled_from([term.code for term in said.terms]))
    known = copy.deepcopy(document)
    for schema in _strings(known):
        if "x-nomenclature" in schema:
            schema["format"] = f"nomenclature-{schema['x-nomenclature']}"
    return schemathesis.openapi.from_dict(known, config=schemathesis.Config.from_dict(CONFIG))


def _strings(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if node.get("type") == "string":
            yield node
        for each in node.values():
            yield from _strings(each)
    elif isinstance(node, list):
        for each in node:
            yield from _strings(each)


def cases_of(operation: APIOperation) -> list[Case]:
    """Every case of one operation: examples, coverage, then random draws, half of them wrong on purpose."""
    made: list[Case] = []

    def keep(case: Case) -> None:
        made.append(case)

    config = HypothesisTestConfig(
        project=operation.schema.config,
        modes=[*HypothesisTestMode],
        seed=SEED,
        settings=settings(
            max_examples=DRAWS, deadline=None, database=None, derandomize=EFFORT == 1,
            suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate],
        ),
    )  # fmt: skip
    create_test(operation=operation, test_func=keep, config=config)()
    step = max(1, -(-len(made) // MOST))
    return made[::step]


def legible(value: Any) -> Any:
    """The same value, without the control characters that no text may hold."""
    if isinstance(value, str):
        return "".join(each for each in value if each.isprintable()) or "a"
    if isinstance(value, list):
        return [legible(each) for each in value]
    if isinstance(value, dict):
        return {name: legible(each) for name, each in value.items()}
    return value
