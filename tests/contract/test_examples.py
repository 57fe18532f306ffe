"""Examples: one for every body, which validates, which the application itself would read, and which names nobody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules
from typing import Any
from uuid import UUID

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

import app.schemas
from app.contract.examples import NoExample, example_of, identifier
from app.contract.fields import words
from app.schemas.base import Draft
from tests.contract.reading import JSON, alternatives, bodies, operations


def examples_of(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], Any]]:
    """Where, schema and value of every example of the document: of its shapes, bodies, headers and parameters."""
    for name, schema in document["components"]["schemas"].items():
        for value in schema.get("examples", ()):
            yield name, schema, value
    for kind in ("headers", "parameters"):
        for name, said in document["components"][kind].items():
            yield name, said["schema"], said["example"]
    for name, response in document["components"]["responses"].items():
        for media in response["content"].values():
            for each in media["examples"].values():
                yield name, media["schema"], each["value"]
    for method, path, operation in operations(document):
        for where, _, media in bodies(operation):
            if "example" in media:
                yield f"{method} {path} {where}", media["schema"], media["example"]


def drafts() -> Iterator[type[Draft]]:
    """Every shape that a caller may say."""
    for module in iter_modules(app.schemas.__path__):
        import_module(f"app.schemas.{module.name}")
    waiting = list(Draft.__subclasses__())
    while waiting:
        one = waiting.pop()
        waiting += one.__subclasses__()
        yield one


def test_every_body_that_is_sent_or_answered_has_an_example(documents: dict[str, dict[str, Any]]) -> None:
    counted = 0
    for place, document in documents.items():
        schemas = document["components"]["schemas"]
        for method, path, operation in operations(document):
            for where, media_type, media in bodies(operation):
                if media_type not in JSON or "example" in media:
                    continue
                for shape in alternatives(media["schema"]):
                    name = shape["$ref"].rpartition("/")[2]
                    assert "examples" in schemas[name], (place, method, path, where, name)
                    counted += 1
    assert counted > 400


def test_a_shape_without_an_example_says_which_field_lacks_one(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    assert {name for name, schema in schemas.items() if "examples" not in schema} == set()
    with pytest.raises(NoExample, match=r"NewShown\.a_word_of_its_own"):
        example_of({"properties": {"a_word_of_its_own": {"type": "string"}}}, schemas, shape="NewShown")


def test_every_example_validates_against_its_schema(documents: dict[str, dict[str, Any]]) -> None:
    counted = 0
    for place, document in documents.items():
        for where, schema, value in examples_of(document):
            whole = {**schema, "components": document["components"]}
            checked = Draft202012Validator(whole, format_checker=Draft202012Validator.FORMAT_CHECKER)
            assert [error.message for error in checked.iter_errors(value)] == [], (place, where)
            counted += 1
    assert counted > 500


def test_the_application_reads_every_example_of_what_may_be_said(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    read = 0
    for shape in drafts():
        if shape.__name__ in schemas:
            for value in schemas[shape.__name__]["examples"]:
                shape.model_validate(value)
                read += 1
    assert read > 80


def test_examples_name_invented_persons_and_numbers_kept_for_fiction(document: dict[str, Any]) -> None:
    texts = [text for _, _, value in examples_of(document) for text in _texts(value)]
    numbers = {text for text in texts if re.fullmatch(r"\+?[0-9 ]{9,15}", text) and text.startswith(("+", "0"))}
    assert numbers
    assert all(number.startswith("+3363998") for number in numbers)
    mails = {text for text in texts if re.fullmatch(r"[^@\s]+@[^@\s]+", text)}
    assert mails
    assert all(mail.endswith("@exemple.fr") for mail in mails)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(child)


def test_an_identifier_is_a_uuid_of_version_seven_and_names_the_same_thing_in_every_shape() -> None:
    one = UUID(identifier("post_id"))
    assert (one.version, one.variant) == (7, UUID(identifier("x")).variant)
    assert identifier("post_id") == str(one) != identifier("unit_id")


def test_the_dictionary_of_fields_holds_no_word_that_the_contract_has_not(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    used = {f"{shape}.{name}" for shape, schema in schemas.items() for name in schema.get("properties", ())}
    used |= {each.partition(".")[2] for each in used} | schemas.keys()
    for _, _, operation in operations(document):
        used |= {each["name"] for each in operation.get("parameters", ()) if "name" in each}
    assert set(words()) - used == set()


def test_the_documents_are_valid_openapi(documents: dict[str, dict[str, Any]]) -> None:
    for place, document in documents.items():
        assert [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()] == [], place
