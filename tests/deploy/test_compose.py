"""The deployment files say what the policy says: each process gets its own lanes and keys, and nothing else."""

from __future__ import annotations

import ipaddress
import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from app.access.key_rings import SigningRing
from app.access.policy import policy
from app.access.tokens import jwks, new_signing_key
from app.messages import PROBLEMS
from app.settings import Settings
from tests.deploy.reading import (
    DEPLOY,
    NOTIFIERS,
    PROCESSES,
    ROOT,
    SCHEMA,
    SERVERS,
    Nonconformity,
    check,
    compose,
    environment_of,
    secrets_of,
)

LANES = {process: {role.name for role in policy().roles.values() if role.process == process} for process in PROCESSES}
KEYS: Mapping[str, set[str]] = {
    "identity": {"relais_signing_key", "relais_refresh_key", "relais_identity_key", "relais_verification_keys"},
    "social": {
        "relais_sealing_key",
        "relais_statistics_key",
        "relais_cursor_key",
        "relais_verification_keys",
        "relais_webhook_key",
    },
    "police": {"relais_cursor_key", "relais_verification_keys"},
    "worker": {"relais_statistics_key", "relais_anchor_key"},
}


HEARING = {role.name: role.process for role in policy().people if policy().heard_by(role.name)}
"""The lanes that are notified, and the process that takes their subscriptions."""


@pytest.fixture(scope="module")
def said() -> dict[str, Any]:
    """The Compose file."""
    return compose()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of secrets, freshly made."""
    folder = tmp_path_factory.mktemp("deploy") / "secrets"
    _make_secrets(folder)
    return folder


def _make_secrets(folder: Path) -> str:
    done = subprocess.run(
        ["bash", str(DEPLOY / "make-secrets.sh"), str(folder)], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout + done.stderr


def _rules() -> list[list[str]]:
    lines = (DEPLOY / "postgres" / "pg_hba.conf").read_text(encoding="utf-8").splitlines()
    return [line.split() for line in lines if line.strip() and not line.startswith("#")]


# --------------------------------------------------------------------------------------------------- Compose


def test_the_compose_file_conforms_to_the_published_schema(said: dict[str, Any]) -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    check(said, schema, schema)
    for spoiled in (
        {"services": {"db": {"read_onlyy": True}}},
        {"services": {"db": {"healthcheck": {"retries": [3]}}}},
        {"services": {"db": {"networks": "db_police"}}},
    ):
        with pytest.raises(Nonconformity):
            check(spoiled, schema, schema)


@pytest.mark.parametrize("process", PROCESSES)
def test_a_process_gets_its_lanes_its_keys_and_no_other_secret(said: dict[str, Any], process: str) -> None:
    urls = {f"relais_database_url__{lane}" for lane in LANES[process]}
    assert secrets_of(said["services"][process]).keys() == urls | KEYS[process]


def test_every_lane_of_the_policy_is_served_by_its_process_alone(said: dict[str, Any]) -> None:
    served = {
        role.name: {
            service
            for service, spoken in said["services"].items()
            if f"relais_database_url__{role.name}" in secrets_of(spoken).values()
        }
        for role in policy().roles.values()
    }
    notified = {role: {name for name, its in NOTIFIERS.items() if its == process} for role, process in HEARING.items()}
    assert served == {role.name: {role.process} | notified.get(role.name, set()) for role in policy().roles.values()}


@pytest.mark.parametrize("notifier", NOTIFIERS)
def test_a_notifier_gets_the_lanes_it_notifies_and_the_key_of_their_subscriptions_alone(
    said: dict[str, Any], notifier: str
) -> None:
    process = NOTIFIERS[notifier]
    urls = {f"relais_database_url__{role}" for role, its in HEARING.items() if its == process}
    found = secrets_of(said["services"][notifier])
    assert found.keys() == urls | {"relais_webhook_key"}
    assert found["relais_webhook_key"] == secrets_of(said["services"][process])["relais_webhook_key"]
    assert said["services"][notifier]["command"][0] == "worker"


def test_the_keys_that_matter_are_each_in_one_place(said: dict[str, Any]) -> None:
    holders: dict[str, set[str]] = {}
    for service, spoken in said["services"].items():
        for secret in secrets_of(spoken).values():
            holders.setdefault(secret, set()).add(service)
    assert (
        holders["relais_signing_key"] == holders["relais_refresh_key"] == holders["relais_identity_key"] == {"identity"}
    )
    assert holders["relais_sealing_key"] == holders["cursor_key_social"] == {"social"}
    assert holders["relais_statistics_key"] == {"social", "worker"}
    assert holders["relais_anchor_key"] == {"worker"}
    assert holders["cursor_key_police"] == {"police"}
    assert holders["webhook_key"] == {"social", "notifier"}
    assert holders["tls_key"] == {"proxy"}
    assert holders["relais_verification_keys"] == set(SERVERS)
    assert {name for name, found in holders.items() if len(found) > 1} == {
        "relais_verification_keys",
        "relais_statistics_key",
        "webhook_key",
        *(f"relais_database_url__{role}" for role in HEARING),
    }


def test_the_installers_get_what_they_install_with(said: dict[str, Any]) -> None:
    passwords = {f"relais_lane_password__{lane}" for lane in ("migrator", *set().union(*LANES.values()))}
    assert secrets_of(said["services"]["bootstrap"]).keys() == {"relais_bootstrap_url"} | passwords
    assert secrets_of(said["services"]["migrate"]).keys() == {"relais_migrator_url"}
    assert secrets_of(said["services"]["db"]).keys() == {"postgres_password"}


def test_secrets_come_from_files_and_none_from_the_environment(said: dict[str, Any]) -> None:
    assert all(spoken == {"file": f"deploy/secrets/{name}"} for name, spoken in said["secrets"].items())
    asked = {secret for spoken in said["services"].values() for secret in secrets_of(spoken).values()}
    assert asked == said["secrets"].keys()
    allowed = {"RELAIS_SECRETS_DIR", "RELAIS_HOST", "RELAIS_PORT", "RELAIS_POOL_SIZE", "RELAIS_ISSUER"}
    allowed |= {"RELAIS_DATABASE_NETWORK", "RELAIS_WEBHOOK_NETWORKS", "RELAIS_ALLOWED_ORIGINS"}
    allowed |= {"RELAIS_AUDIENCE", "RELAIS_TRUSTED_PROXIES", "POSTGRES_PASSWORD_FILE", "POSTGRES_INITDB_ARGS"}
    for spoken in said["services"].values():
        assert environment_of(spoken).keys() <= allowed
        assert "env_file" not in spoken


def test_every_container_is_locked(said: dict[str, Any]) -> None:
    for name, spoken in said["services"].items():
        assert spoken["read_only"] is True, name
        assert spoken["cap_drop"] == ["ALL"] and "cap_add" not in spoken, name
        assert spoken["security_opt"] == ["no-new-privileges:true"], name
        assert int(spoken["user"].split(":")[0]) > 0, name
        assert spoken["mem_limit"] == spoken["memswap_limit"], f"{name}: no swap, or secrets reach the disk"
        assert spoken["ulimits"] == {"core": 0} and spoken["pids_limit"] <= 256, name
        assert any(place.startswith("/tmp:") for place in spoken["tmpfs"]), name
        assert not spoken.get("privileged") and "pid" not in spoken and "network_mode" not in spoken, name
        mounts = spoken.get("volumes", [])
        assert all(mount.endswith(":ro") or mount.startswith("data:") for mount in mounts), name


def test_whoever_stays_up_has_a_health_check_and_starts_in_order(said: dict[str, Any]) -> None:
    services = said["services"]
    assert {name for name, spoken in services.items() if "healthcheck" in spoken} == {
        *SERVERS,
        *NOTIFIERS,
        "db",
        "proxy",
    }
    for server in SERVERS:
        assert "/readyz" in services[server]["healthcheck"]["test"][-1]
        compile(services[server]["healthcheck"]["test"][-1], "healthcheck", "exec")
        assert services[server]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
        assert services["proxy"]["depends_on"][server] == {"condition": "service_healthy"}
    for notifier in NOTIFIERS:
        command, test = services[notifier]["command"], services[notifier]["healthcheck"]["test"]
        assert repr(command[command.index("--alive") + 1]) in test[-1]
        compile(test[-1], "healthcheck", "exec")
        assert services[notifier]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert services["migrate"]["depends_on"]["bootstrap"] == {"condition": "service_completed_successfully"}
    assert services["bootstrap"]["depends_on"] == {"db": {"condition": "service_healthy"}}
    assert services["bootstrap"]["restart"] == services["migrate"]["restart"] == "no"


def test_the_worker_waits_to_be_called(said: dict[str, Any]) -> None:
    services = said["services"]
    assert {name for name, spoken in services.items() if "profiles" in spoken} == {"worker"}
    assert services["worker"]["restart"] == "no" and "ports" not in services["worker"]
    assert services["worker"]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert not [name for name, spoken in services.items() if "worker" in spoken.get("depends_on", ())]


def test_processes_meet_nobody_but_the_database_and_the_proxy(said: dict[str, Any]) -> None:
    members: dict[str, set[str]] = {}
    for name, spoken in said["services"].items():
        for network in spoken["networks"]:
            members.setdefault(network, set()).add(name)
    expected = {"front": {"proxy"}, "db_install": {"db", "bootstrap", "migrate"}, "db_worker": {"db", "worker"}}
    for server in SERVERS:
        expected |= {f"db_{server}": {"db", server}, f"web_{server}": {"proxy", server}}
    for notifier, process in NOTIFIERS.items():
        expected[f"db_{process}"].add(notifier)
    expected["out"] = set(NOTIFIERS)
    assert members == expected
    assert {name for name, spoken in said["networks"].items() if not spoken.get("internal")} == {
        "front",
        "out",
    }
    assert {name for name, spoken in said["services"].items() if "ports" in spoken} == {"proxy"}
    assert said["services"]["proxy"]["ports"] == ["${RELAIS_LISTEN:-127.0.0.1:8443}:8443"]


def test_each_process_believes_the_proxy_on_where_callers_are_and_nobody_else(said: dict[str, Any]) -> None:
    # Without it, all who have no token would come from the proxy, and share one part of the service.
    subnets = {
        name: said["networks"][f"web_{name}"]["ipam"]["config"][0]["subnet"]
        for name in ("identity", "social", "police")
    }
    believed = {
        name: environment_of(spoken)["RELAIS_TRUSTED_PROXIES"]
        for name, spoken in said["services"].items()
        if "RELAIS_TRUSTED_PROXIES" in environment_of(spoken)
    }
    assert believed == subnets
    # And the proxy replaces what the client says of it, instead of adding to it.
    conf = (DEPLOY / "proxy" / "nginx.conf").read_text(encoding="utf-8")
    assert re.search(r"proxy_set_header X-Forwarded-For\s+\$remote_addr;", conf)


def test_images_are_pinned_and_named_without_an_address(said: dict[str, Any]) -> None:
    for spoken in said["services"].values():
        assert re.fullmatch(r"[a-z]+:\d+\.\d+[a-z0-9.-]*", spoken["image"])
    assert said["services"]["db"]["image"].startswith("postgres:18.")


# ------------------------------------------------------------------------------------------------ PostgreSQL


def test_postgresql_lets_each_lane_in_from_the_network_of_its_process_alone(said: dict[str, Any]) -> None:
    subnets = {
        name: spoken["ipam"]["config"][0]["subnet"]
        for name, spoken in said["networks"].items()
        if name.startswith("db_")
    }
    expected = {(role.lane, subnets[f"db_{role.process}"]) for role in policy().roles.values()}
    expected |= {("postgres", subnets["db_install"]), ("relais_migrator", subnets["db_install"])}
    hosts = [rule for rule in _rules() if rule[0] != "local" and rule[-1] != "reject"]
    assert {(rule[2], rule[3]) for rule in hosts} == expected
    assert all(rule[0] == "host" and rule[4:] == ["scram-sha-256"] for rule in hosts)
    assert all(rule[1] == ("all" if rule[2] == "postgres" else "relais") for rule in hosts)
    assert _rules()[-1] == ["host", "all", "all", "all", "reject"]
    assert {rule[-1] for rule in _rules()} == {"scram-sha-256", "map=house", "reject"}


def test_networks_of_containers_do_not_overlap(said: dict[str, Any]) -> None:
    networks = [
        ipaddress.ip_network(spoken["ipam"]["config"][0]["subnet"])
        for spoken in said["networks"].values()
        if "ipam" in spoken
    ]
    assert not [(a, b) for a in networks for b in networks if a is not b and a.overlaps(b)]
    for server in SERVERS:
        own = said["services"][server]["networks"][f"web_{server}"]["ipv4_address"]
        subnet = said["networks"][f"web_{server}"]["ipam"]["config"][0]["subnet"]
        assert ipaddress.ip_address(own) in ipaddress.ip_network(subnet)


# -------------------------------------------------------------------------------------------------- the image


def _stages() -> list[list[str]]:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    starts = [number for number, line in enumerate(lines) if line.startswith("FROM ")]
    return [lines[start:end] for start, end in zip(starts, [*starts[1:], None], strict=True)]


def test_the_image_is_built_in_two_stages_and_runs_as_nobody_in_particular(said: dict[str, Any]) -> None:
    building, final = _stages()
    assert [line for line in final if line.startswith("USER ")] == ["USER 10001:10001"]
    assert final[-2:] == ['ENTRYPOINT ["python", "-m", "app.cli"]', 'CMD ["serve"]']
    assert all(said["services"][server]["user"] == "10001:10001" for server in SERVERS)
    text = "\n".join(final)
    assert not re.search(r"\b(apt|apt-get|apk|gcc|make|build-essential|curl|wget)\b", text)
    assert "pip install" not in text and "pip uninstall" in text
    assert [line for line in final if line.startswith("COPY")] == ["COPY --from=packages /opt/relais /opt/relais"]
    assert all("/opt/relais" in line or "requirements/run.txt" in line for line in building if line.startswith("COPY"))


def test_the_base_image_is_pinned_and_packages_are_checked_by_hash() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert re.search(r"^ARG PYTHON=python:3\.\d+-slim-[a-z]+$", text, re.MULTILINE)
    assert len(re.findall(r"^FROM \$\{PYTHON\}", text, re.MULTILINE)) == 2
    installing = [line for line in text.splitlines() if " install " in line and not line.startswith("#")]
    assert installing and all("--require-hashes --only-binary :all: -r /tmp/run.txt" in line for line in installing)
    assert not re.search(r"index-url|find-links|trusted-host|https?://", text)
    assert "latest" not in text


def test_what_is_not_named_never_reaches_the_image() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    allowed = {"!app", "!alembic", "!requirements/run.txt", "!pyproject.toml", "!LICENSE"}
    assert {rule for rule in rules if rule.startswith("!")} == allowed


# ---------------------------------------------------------------------------------------------------- secrets


def test_every_secret_of_the_compose_file_is_made_and_nothing_else(said: dict[str, Any], made: Path) -> None:
    assert {path.name for path in made.iterdir()} == said["secrets"].keys()
    assert {path.stat().st_mode & 0o777 for path in made.iterdir()} == {0o600}
    assert made.stat().st_mode & 0o777 == 0o700


def test_making_secrets_again_changes_nothing_and_says_none(made: Path) -> None:
    before = {path.name: path.read_bytes() for path in made.iterdir()}
    printed = _make_secrets(made)
    assert {path.name: path.read_bytes() for path in made.iterdir()} == before
    secret = [content.decode().strip() for name, content in before.items() if "certificate" not in name]
    assert not [value for value in secret if value in printed]
    assert len(set(secret)) == len(secret)


def test_a_password_that_no_longer_matches_its_address_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    _make_secrets(folder)
    (folder / "relais_lane_password__dpo").unlink()
    with pytest.raises(subprocess.CalledProcessError):
        _make_secrets(folder)


def test_secrets_stay_out_of_the_repository() -> None:
    assert "/secrets*/" in (DEPLOY / ".gitignore").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("process", PROCESSES)
def test_a_process_reads_its_secrets_from_its_files(
    said: dict[str, Any], made: Path, process: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("RELAIS_")]:
        monkeypatch.delenv(name)
    for target, source in secrets_of(said["services"][process]).items():
        (tmp_path / target).write_bytes((made / source).read_bytes())
        assert (tmp_path / target).read_bytes().endswith(b"\n")  # as an editor would leave it
    settings = Settings(_secrets_dir=tmp_path)
    assert settings.database_url.keys() == LANES[process]
    for lane, url in settings.database_url.items():
        parts = urlsplit(url.get_secret_value())
        assert (parts.username, parts.hostname, parts.path) == (f"relais_{lane}", "db", "/relais")
        assert parts.password == (made / f"relais_lane_password__{lane}").read_text().strip()
    keys = {
        "signing_key",
        "verification_keys",
        "refresh_key",
        "identity_key",
        "anchor_key",
        "sealing_key",
        "statistics_key",
        "cursor_key",
        "webhook_key",
    }
    found = {f"relais_{key}" for key in keys if getattr(settings, key) is not None}
    assert found == KEYS[process]
    assert not settings.lane_password and settings.migrator_url is None and settings.bootstrap_url is None
    if settings.signing_key is not None:
        assert json.loads(settings.verification_keys or "") == json.loads(jwks(settings.signing_key.get_secret_value()))


def test_the_public_keys_are_those_the_program_would_publish(tmp_path: Path) -> None:
    pems = [new_signing_key() for _ in range(5)]
    paths = [tmp_path / f"{number}.pem" for number in range(5)]
    for path, pem in zip(paths, pems, strict=True):
        path.write_text(pem)
    printed = subprocess.run(
        ["bash", str(DEPLOY / "public-keys.sh"), *map(str, paths)], capture_output=True, check=True, timeout=60
    ).stdout
    expected: list[Mapping[str, str]] = [json.loads(jwks(pem))["keys"][0] for pem in pems]
    assert json.loads(printed)["keys"] == expected
    assert b"PRIVATE" not in printed


def test_a_ring_of_signing_keys_is_published_as_the_program_would_and_secrets_are_made_beside_it(
    made: Path, tmp_path: Path
) -> None:
    moment = datetime(2026, 11, 28, 12, tzinfo=UTC)
    ring = SigningRing.of((made / "relais_signing_key").read_text()).rotated(moment).rotated(moment)
    folder = shutil.copytree(made, tmp_path / "secrets")
    (folder / "relais_signing_key").write_text(f"{ring.written()}\n")
    (folder / "relais_verification_keys").write_text(f"{ring.key_set()}\n")
    printed = subprocess.run(
        ["bash", str(DEPLOY / "public-keys.sh"), str(folder / "relais_signing_key")],
        capture_output=True, check=True, timeout=60,
    ).stdout  # fmt: skip
    assert json.loads(printed) == json.loads(ring.key_set())
    assert [each["kid"] for each in json.loads(printed)["keys"] if "until" in each] == [ring.keys[-1].kid]
    assert "0 secret(s) fabriqué(s)" in _make_secrets(folder)
    (folder / "relais_verification_keys").write_text(jwks(new_signing_key()))
    with pytest.raises(subprocess.CalledProcessError):
        _make_secrets(folder)


def test_what_the_proxy_answers_in_our_place_is_explained_like_our_own_refusals() -> None:
    conf = (DEPLOY / "proxy" / "common.conf").read_text(encoding="utf-8")
    said = set(re.findall(r'"code": "([a-z_]+)"', conf))
    assert len(said) >= 8
    assert said == set(re.findall(r"/problems/([a-z_]+)", conf))
    assert said <= PROBLEMS.keys()
