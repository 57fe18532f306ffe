"""What an installation says of institutions and of applications: whole and safe, or it does not start."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from app.institutions import Provider, RedirectUri, is_safe
from app.main import create_app
from app.refusal import CannotRun
from app.settings import Settings, read_settings
from tests.house_for_tests import Town, settings_for

GOOD: dict[str, Any] = {
    "label": "ProConnect", "issuer": "https://connexion.test/api/v2", "client_id": "relais", "client_secret": "s",
    "acr": "eidas2 eidas3",
}  # fmt: skip


def test_a_provider_comes_from_the_environment_and_its_secret_from_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "relais_providers__proconnect__client_secret").write_text("un secret\n", encoding="utf-8")
    for name, value in GOOD.items():
        if name != "client_secret":
            monkeypatch.setenv(f"RELAIS_PROVIDERS__PROCONNECT__{name.upper()}", value)
    monkeypatch.setenv("RELAIS_APPLICATIONS__MOBILE", "fr.relais.mobile:/retour https://mobile.test/retour")
    said = Settings(_secrets_dir=str(tmp_path))  # type: ignore[call-arg]
    provider = said.providers["proconnect"]
    assert provider.client_secret is not None
    assert provider.client_secret.get_secret_value() == "un secret"
    assert (provider.acr, provider.scopes) == (["eidas2", "eidas3"], ["openid", "email"])
    assert (provider.id_token_alg, provider.userinfo_alg, provider.email_is_verified) == ("ES256", None, False)
    assert said.applications == {"mobile": ["fr.relais.mobile:/retour", "https://mobile.test/retour"]}
    assert "un secret" not in repr(said)


@pytest.mark.parametrize(
    "said",
    [{"acr": ...}, {"acr": ""}, {"acr": []}, {"client_secret": ...}, {"client_key": "x"},
     {"client_secret": ..., "client_key": "x"}, {"scopes": "email"},
     {"id_token_alg": "HS256"}, {"id_token_alg": "none"}, {"userinfo_signed_alg": "HS256"}, {"label": ""},
     {"issuer": "http://connexion.test"}, {"issuer": "https://connexion.test?a=b"}, {"issuer": "ftp://a.test"},
     {"issuer": "https://a:b@connexion.test"}, {"issuer": "https://connexion.test#a"}, {"issuer": "https://"},
     {"issuer": "http://127.0.0.1.evil.test"}, {"answer_seconds": 0}, {"answer_seconds": 60}, {"inconnu": "x"}],
)  # fmt: skip
def test_a_provider_half_described_does_not_start_and_its_secret_is_not_shown(said: dict[str, Any]) -> None:
    whole = {**GOOD, "client_secret": "un-secret-a-taire"}
    kept = {name: value for name, value in {**whole, **said}.items() if value is not ...}
    with pytest.raises(ValidationError) as refusal:
        Settings(providers={"essai": kept})  # type: ignore[dict-item]
    assert "un-secret-a-taire" not in str(refusal.value)
    assert Provider(**GOOD)


@pytest.mark.parametrize(
    ("address", "good"),
    [("https://application.test/retour", True), ("http://127.0.0.1:3000/retour", True), ("http://[::1]/a", True),
     ("http://localhost/a", True), ("fr.relais.mobile:/retour", True), ("fr.relais.mobile://retour", True),
     ("http://application.test/retour", False), ("relais:/retour", False), ("javascript:alert(1)", False),
     ("data:text/html,a", False), ("https://application.test/a#b", False), ("https://a:b@application.test", False),
     ("https:///a", False), ("//application.test/a", False), ("/retour", False), ("", False), ("*", False),
     ("https://application.test/a b", False), ("https://application.test\\@evil.test", False),
     ("https://application.test:port/", False), ("https://" + "a" * 500, False), ("fr.relais.mobile:", False)],
)  # fmt: skip
def test_an_application_is_sent_back_only_to_a_safe_address(address: str, good: bool) -> None:
    redirect: TypeAdapter[str] = TypeAdapter(RedirectUri)
    if good:
        assert redirect.validate_python(address) == address
    else:
        with pytest.raises(ValidationError):
            redirect.validate_python(address)


def test_an_endpoint_in_http_is_only_for_an_issuer_of_this_machine() -> None:
    assert is_safe("http://127.0.0.1:1/a", loopback=True)
    for address in ("http://127.0.0.1:1/a", "http://evil.test/a", "file:///etc/passwd", "https://a:b@evil.test", ""):
        assert not is_safe(address, loopback=False)


def test_an_operator_is_told_which_setting_is_wrong_and_never_what_it_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**GOOD, "client_secret": "un-secret-a-taire", "acr": ""}.items():
        monkeypatch.setenv(f"RELAIS_PROVIDERS__ESSAI__{name.upper()}", value)
    with pytest.raises(CannotRun) as refusal:
        read_settings()
    assert str(refusal.value) == "Réglages à corriger : RELAIS_PROVIDERS__ESSAI__ACR."


def test_only_the_identity_process_may_know_institutions(town: Town, keys: dict[str, str]) -> None:
    said: Any = {**keys, "providers": {"essai": GOOD}}
    with pytest.raises(RuntimeError, match="identité"):
        create_app(settings_for(town, "nowhere", said, roles=["police_officer"]))
    create_app(settings_for(town, "nowhere", said, roles=["authentication"]))
