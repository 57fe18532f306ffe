"""The three processes of production, started with the environments of ``docker-compose.yml``, over real HTTP."""

from __future__ import annotations

import contextlib
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from tests.conftest import _quick_place
from tests.deploy.by_hand import DOMAIN, NGINX, PASSWORD, Deployment, deployment, free_port, proxy
from tests.deploy.reading import NOTIFIERS, ROOT, SERVERS
from tests.strong import Telephone

# One deployment for the whole file; « --dist loadgroup » keeps it in one worker of the test run.
pytestmark = pytest.mark.xdist_group("deployment")

REFERRAL = {
    "last_name": "Bolieu", "first_name": "Kévin", "person_status": "victim", "document_type": "complaint",
    "urgency": "urgent", "contact_consent": "given_to_officer",
}  # fmt: skip


@pytest.fixture(scope="module")
async def running() -> Any:
    """Bootstrap, migrate, people, and the three processes; ended by their numbers."""
    folder = Path(tempfile.mkdtemp(prefix="relais-deploy-", dir=_quick_place()))
    try:
        with deployment(folder) as raised:
            raised.run("bootstrap")
            raised.run("migrate")
            await raised.people_it()
            for service in SERVERS:
                raised.start(service)
            for service in SERVERS:
                raised.wait_until_healthy(service)
            yield raised
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def tokens(running: Deployment) -> dict[str, str]:
    """Access tokens of two people, signed in through the identity process."""
    return {name: sign_in(running, running.caller("identity"), name) for name in ("officer", "worker")}


def sign_in(running: Deployment, caller: httpx.Client, name: str, steps: int = 0) -> str:
    answer = caller.post("/v1/auth/login", json={"email": f"{name}@exemple.fr", "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    said = {"challenge": answer.json()["challenge"], "code": running.telephones[name].code(steps)}
    answer = caller.post("/v1/auth/mfa", json=said)
    assert answer.status_code == 200, answer.text
    return answer.json()["access_token"]


# ----------------------------------------------------------------------------------------------- the processes


def test_installing_twice_is_harmless(running: Deployment) -> None:
    running.run("bootstrap")
    running.run("migrate")
    for service in SERVERS:
        assert running.healthy(service)


def test_the_first_account_is_made_with_what_bootstrap_has(running: Deployment) -> None:
    who = ("--role", "administrator", "--email", "prenom.nom@exemple.fr", "--name", "Prénom Nom")
    link, code = (
        line.partition(" : ")[2] for line in running.run("bootstrap", "accounts", "add", *who).splitlines()[:2]
    )
    identity = running.caller("identity")
    opened = identity.post("/v1/auth/invitations/open", json={"token": link}).json()
    said = {"token": link, "approval_code": code, "password": "girafe ombrelle tournevis chocolat"}
    said["totp_code"] = Telephone(opened["secret"]).code()
    token = identity.post("/v1/auth/invitations/accept", json=said).json()["tokens"]["access_token"]
    assert running.caller("social", token).get("/v1/me").status_code == 200
    assert running.caller("police", token).get("/v1/me").status_code == 403


def test_the_directory_goes_in_and_out_with_what_the_worker_has(running: Deployment, tmp_path: Path) -> None:
    file = tmp_path / "annuaire.json"
    running.run("worker", "partners", "export", str(file))
    # Under the name of another producer: ours is kept for what is typed here.
    file.write_text(file.read_text(encoding="utf-8").replace("relais", "producteur"), encoding="utf-8")
    assert "Créées : 4" in running.run("worker", "partners", "import", str(file))
    assert "Créées : 0" in running.run("worker", "partners", "import", str(file))


def test_each_notifier_starts_with_what_it_has_and_gives_a_sign_of_life(running: Deployment, tmp_path: Path) -> None:
    for notifier in NOTIFIERS:
        alive, log = tmp_path / notifier, tmp_path / f"{notifier}.log"
        command = running.command(notifier, "worker", "--alive", str(alive))
        with log.open("wb") as said:
            process = subprocess.Popen(command, env=running.environment(notifier), cwd=ROOT, stdout=said, stderr=said)
        try:
            deadline = time.monotonic() + 120
            while not alive.exists():
                assert process.poll() is None and time.monotonic() < deadline, log.read_text(encoding="utf-8")
                time.sleep(0.1)
        finally:
            process.terminate()
        assert process.wait(20) == 0
    short = {name: value for name, value in running.environment("notifier").items() if "SECRETS" not in name}
    done = subprocess.run(command, env=short, check=False, capture_output=True, text=True, timeout=60, cwd=ROOT)
    assert done.returncode == 1 and "Aucune voie à notifier" in done.stderr


def test_each_process_is_ready_and_says_so_without_a_word_more(running: Deployment) -> None:
    for service in SERVERS:
        answer = running.caller(service).get("/readyz")
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_the_three_publish_the_same_keys(running: Deployment) -> None:
    published = [running.caller(service).get("/.well-known/jwks.json").json() for service in SERVERS]
    assert published[0]["keys"] and published[0] == published[1] == published[2]


def test_nobody_signs_in_where_the_signing_key_is_not(running: Deployment) -> None:
    said = {"email": "officer@exemple.fr", "password": PASSWORD}
    for service in ("social", "police"):
        for path in ("/v1/auth/login", "/v1/auth/token", "/v1/auth/revoke"):
            assert running.caller(service).post(path, json=said).status_code == 404


def test_the_identity_process_serves_nothing_but_identity(running: Deployment, tokens: dict[str, str]) -> None:
    for token in tokens.values():
        caller = running.caller("identity", token)
        for path in ("/v1/me", "/v1/referrals", "/v1/situations", "/v1/units"):
            assert caller.get(path).status_code == 404


def test_the_officer_works_on_the_police_process_and_is_refused_by_the_other(
    running: Deployment, tokens: dict[str, str]
) -> None:
    sent = running.caller("police", tokens["officer"]).post("/v1/referrals", json=REFERRAL)
    assert sent.status_code == 201, sent.text
    elsewhere = running.caller("social", tokens["officer"])
    for refused in (elsewhere.get("/v1/referrals"), elsewhere.get("/v1/me"), elsewhere.get("/v1/situations")):
        assert (refused.status_code, refused.json()["code"]) == (403, "lane_not_served")


def test_the_worker_writes_a_note_whose_very_route_the_police_process_does_not_have(
    running: Deployment, tokens: dict[str, str]
) -> None:
    referral = running.caller("police", tokens["officer"]).post("/v1/referrals", json=REFERRAL).json()
    worker = running.caller("social", tokens["worker"])
    situation = worker.post(f"/v1/referrals/{referral['id']}/accept", json={}).json()
    notes = f"/v1/participations/{situation['participations'][0]['id']}/notes"
    written = worker.post(notes, json={"text": "Ce qu'elle m'a confié."})
    assert written.status_code == 201, written.text

    for token in (None, *tokens.values()):
        police = running.caller("police", token)
        for path in (notes, f"/v1/notes/{written.json()['id']}", f"/v1/situations/{situation['id']}", "/v1/persons"):
            assert police.get(path).status_code == 404
        assert police.post(notes, json={"text": "x"}).status_code == 404
    wrong_door = running.caller("police", tokens["worker"]).get("/v1/me")
    assert (wrong_door.status_code, wrong_door.json()["code"]) == (403, "lane_not_served")
    paths = running.caller("police").get("/openapi.json").json()["paths"]
    assert not [path for path in paths if "notes" in path or "situations" in path or "persons" in path]


def test_logs_hold_no_name_no_address_and_no_secret(running: Deployment, tokens: dict[str, str]) -> None:
    secrets = [path.read_text(encoding="utf-8").strip() for path in (running.folder / "secrets").glob("relais_*")]
    logs = "".join(running.log(service) for service in SERVERS)
    for told in ("Bolieu", "Ce qu'elle m'a confié", "exemple.fr", PASSWORD, *tokens.values(), *secrets):
        assert told not in logs


def test_a_process_without_its_public_keys_does_not_start(running: Deployment, tmp_path: Path) -> None:
    short = tmp_path / "secrets"
    environment = running.environment("police", RELAIS_HOST="127.0.0.1", RELAIS_PORT=str(free_port()))
    shutil.copytree(environment["RELAIS_SECRETS_DIR"], short)
    (short / "relais_verification_keys").unlink()
    environment["RELAIS_SECRETS_DIR"] = str(short)
    done = subprocess.run(
        running.command("police"), env=environment, check=False, capture_output=True, text=True, timeout=60, cwd=ROOT
    )
    assert done.returncode != 0 and "RELAIS_VERIFICATION_KEYS" in done.stderr


async def test_postgresql_accepts_our_settings_and_understands_our_rules(running: Deployment) -> None:
    connection = await asyncpg.connect(running.superuser_url)
    try:
        assert not await connection.fetch("select * from pg_hba_file_rules where error is not null")
        assert not await connection.fetch("select * from pg_ident_file_mappings where error is not null")
        kinds = {row["auth_method"] for row in await connection.fetch("select auth_method from pg_hba_file_rules")}
        assert kinds == {"peer", "scram-sha-256", "reject"}
        assert not await connection.fetch("select name from pg_settings where pending_restart")
        for name, value in {
            "data_checksums": "on", "log_error_verbosity": "terse", "log_min_error_statement": "panic",
            "log_parameter_max_length": "0", "log_parameter_max_length_on_error": "0", "log_statement": "none",
            "password_encryption": "scram-sha-256", "allow_alter_system": "off",
        }.items():  # fmt: skip
            assert await connection.fetchval("select current_setting($1)", name) == value
    finally:
        await connection.close()


# --------------------------------------------------------------------------------------------------- the proxy


class Proxy:
    """nginx before the three processes."""

    def __init__(self, running: Deployment, port: int) -> None:
        self.running = running
        self.port = port
        self.trusted = ssl.create_default_context(cafile=str(running.folder / "secrets" / "tls_certificate"))

    def caller(self, world: str, token: str | None = None, *, host: str | None = None) -> httpx.Client:
        """A client that asks for ``police.…`` or ``social.…``, with the certificate verified."""
        name = f"{world}.{DOMAIN}"
        headers = {"Host": host or name} | ({"Authorization": f"Bearer {token}"} if token else {})

        def ask(request: httpx.Request) -> None:
            request.extensions["sni_hostname"] = name

        client = httpx.Client(
            base_url=f"https://127.0.0.1:{self.port}", headers=headers, verify=self.trusted, timeout=20,
            event_hooks={"request": [ask]},
        )  # fmt: skip
        return self.running.closing.enter_context(client)

    def slow(self, head: bytes, trickle: bytes) -> tuple[bytes, float]:
        """Send a head, then one byte a second; what came back, and after how many seconds."""
        started = time.monotonic()
        received = b""
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=1)
        with contextlib.suppress(OSError), self.trusted.wrap_socket(plain, server_hostname=f"police.{DOMAIN}") as link:
            link.sendall(head)
            while time.monotonic() - started < 30:
                link.sendall(trickle)
                with contextlib.suppress(TimeoutError):
                    received += (piece := link.recv(65536))
                    if not piece:
                        break
        return received, time.monotonic() - started


@pytest.fixture(scope="module")
def nginx(running: Deployment) -> Iterator[Proxy]:
    """The proxy, where nginx is installed."""
    if NGINX is None:
        pytest.skip("nginx n'est pas installé ici (Debian : nginx-light) ; sa configuration n'a pas été essayée")
    with proxy(running) as port:
        yield Proxy(running, port)


def test_the_host_name_chooses_the_world(nginx: Proxy) -> None:
    officer = nginx.caller("police", sign_in(nginx.running, nginx.caller("police"), "officer", 1))
    worker = nginx.caller("social", sign_in(nginx.running, nginx.caller("social"), "worker", 1))
    referral = officer.post("/v1/referrals", json=REFERRAL)
    assert referral.status_code == 201, referral.text
    assert worker.post(f"/v1/referrals/{referral.json()['id']}/accept", json={}).status_code == 201
    assert worker.get("/v1/situations").status_code == 200
    # The same session at the other door.
    crossed = nginx.caller("social", officer.headers["Authorization"].removeprefix("Bearer ")).get("/v1/referrals")
    assert (crossed.status_code, crossed.json()["code"]) == (403, "lane_not_served")
    assert officer.get("/v1/situations").status_code == 404
    keys = [nginx.caller(world).get("/.well-known/jwks.json").json() for world in ("police", "social")]
    assert keys[0]["keys"] and keys[0] == keys[1]


def test_the_proxy_answers_as_the_application_does_and_says_little(nginx: Proxy) -> None:
    caller = nginx.caller("police")
    for answer, status in (
        (caller.get("/readyz"), 404),
        (caller.get("/metrics"), 404),
        (caller.post("/v1/referrals", content=b"x" * 1_100_000), 413),
        (caller.post("/v1/auth/login", content=b"x" * 9_000), 413),
        (nginx.caller("police", host=f"social.{DOMAIN}").get("/v1/status"), 421),
    ):
        assert (answer.status_code, answer.json()["status"]) == (status, status)
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json().keys() == {"type", "title", "status", "detail", "instance", "code"}
        assert answer.headers["server"] == "nginx"
        assert answer.headers["strict-transport-security"].startswith("max-age=63072000")
    served = caller.get("/v1/status")
    assert served.status_code == 200 and served.headers["strict-transport-security"]
    assert caller.get("/v1/status", headers={"X-Big": "x" * 40_000}).status_code in (400, 431)


def test_an_unknown_name_or_plain_http_gets_nothing(nginx: Proxy) -> None:
    with pytest.raises(httpx.ConnectError):
        nginx.caller("autre").get("/v1/status")
    with httpx.Client() as plain:
        assert plain.get(f"http://127.0.0.1:{nginx.port}/v1/status").status_code == 400


def test_slow_clients_are_cut_off(nginx: Proxy) -> None:
    host = f"Host: police.{DOMAIN}\r\n".encode()
    login = (
        b"POST /v1/auth/login HTTP/1.1\r\n" + host + b"Content-Type: application/json\r\nContent-Length: 200\r\n\r\n"
    )
    with ThreadPoolExecutor(2) as together:
        slow_body = together.submit(nginx.slow, login, b" ")
        slow_head = together.submit(nginx.slow, b"GET /v1/status HTTP/1.1\r\n" + host, b"a")
        received, seconds = slow_body.result()
        assert b" 408 " in received.split(b"\r\n")[0] and seconds < 20
        received, seconds = slow_head.result()
        assert b" 200 " not in received and seconds < 20


def test_no_path_no_query_and_no_token_in_the_access_log(nginx: Proxy) -> None:
    nginx.caller("police", "un.jeton.secret").get("/v1/referrals?limit=5&after=chuchotement")
    for log in ("access.log", "error.log"):
        text = (nginx.running.folder / "proxy" / "tmp" / log).read_text(encoding="utf-8")
        assert not [word for word in ("chuchotement", "jeton", "/v1/", "limit=", "exemple.fr") if word in text]
    assert " police.relais.localhost GET 4" in (nginx.running.folder / "proxy" / "tmp" / "access.log").read_text()


def test_a_machine_that_guesses_passwords_is_slowed_down(nginx: Proxy) -> None:
    # Last: it spends what the proxy allows this address. An empty attempt counts as much, and hashes nothing.
    caller = nginx.caller("police")
    answers = [caller.post("/v1/auth/login", json={}) for _ in range(60)]
    assert {answer.status_code for answer in answers} == {422, 429}
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.headers["retry-after"] == "60" and refused.json()["code"] == "too_many_requests"
    assert caller.get("/v1/status").status_code == 200
