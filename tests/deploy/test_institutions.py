"""The Compose file that adds an institution: to the identity process alone, with its secret in a file."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from app.settings import Settings
from tests.deploy.reading import DEPLOY, SCHEMA, check, compose, environment_of, secrets_of


@pytest.fixture(scope="module")
def added() -> dict[str, Any]:
    """What it adds."""
    return yaml.safe_load((DEPLOY / "institutions.yml").read_text(encoding="utf-8"))


def test_it_conforms_to_the_published_schema(added: dict[str, Any]) -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    check(added, schema, schema)


def test_only_the_identity_process_learns_of_institutions_and_goes_out(added: dict[str, Any]) -> None:
    assert added["services"].keys() == {"identity"}
    assert added["services"]["identity"].keys() == {"environment", "secrets", "networks"}
    assert added["networks"] == {"outside": {}} and added["services"]["identity"]["networks"] == {"outside": {}}
    alone = compose()
    for spoken in alone["services"].values():
        said = {*environment_of(spoken), *(name.upper() for name in secrets_of(spoken))}
        assert not [name for name in said if name.startswith(("RELAIS_PROVIDERS", "RELAIS_APPLICATIONS"))]
        assert "outside" not in spoken["networks"]


def test_the_secret_is_in_a_file_and_never_in_the_environment(added: dict[str, Any]) -> None:
    said = environment_of(added["services"]["identity"])
    assert not [name for name in said if "SECRET" in name or "KEY" in name]
    secrets = secrets_of(added["services"]["identity"])
    assert added["secrets"] == {name: {"file": f"deploy/secrets/{name}"} for name in secrets.values()}


def test_what_it_says_makes_a_whole_provider(
    added: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    for name in secrets_of(added["services"]["identity"]):
        (tmp_path / name).write_text("un secret\n", encoding="utf-8")
    given = {"PROCONNECT_CLIENT_ID": "relais", "RELAIS_REDIRECT_URIS": "https://application.test/retour"}
    for name, value in environment_of(added["services"]["identity"], given).items():
        monkeypatch.setenv(name, value)
    said = Settings(_secrets_dir=str(tmp_path))  # type: ignore[call-arg]
    provider = said.providers["proconnect"]
    assert (provider.acr, provider.userinfo_alg, provider.email_is_verified) == (["eidas2", "eidas3"], "ES256", True)
    assert said.applications == {"relais": ["https://application.test/retour"]}
