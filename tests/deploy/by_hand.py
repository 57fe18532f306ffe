"""The containers of ``docker-compose.yml``, started by hand: same commands, same environments, same secret files.

What differs, for want of a Docker engine: the embedded PostgreSQL stands for the ``db`` container, and everything
listens on 127.0.0.1. Images, networks, capabilities and file systems are not tried here.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import httpx

from app.embedded import EmbeddedPostgres
from app.services.passwords import hashed
from tests.deploy.reading import DEPLOY, ROOT, SERVERS, compose, environment_of, secrets_of
from tests.house_for_tests import PEOPLE, _people
from tests.strong import Telephone, give_factor

DOMAIN = "relais.localhost"
PASSWORD = "une phrase de passe pour les essais"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
_START_SECONDS = 120
_STOP_SECONDS = 20


def free_port() -> int:
    """A port of 127.0.0.1 that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def stop(process: subprocess.Popen[bytes]) -> None:
    """End one process that we started, in good order if it will."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


# -------------------------------------------------------------------------------------------------- PostgreSQL


def postgresql_settings(folder: Path) -> dict[str, str]:
    """Our ``postgresql.conf``, less what opens the network, plus haste; ``folder`` is where the rules are laid."""
    text = (DEPLOY / "postgres" / "postgresql.conf").read_text(encoding="utf-8")
    said = {name: value.strip("'") for name, value in re.findall(r"^(\w+) = (\S.*)$", text, re.MULTILINE)}
    rules = (DEPLOY / "postgres" / "pg_hba.conf").read_text(encoding="utf-8")
    # The embedded server is reached by its socket and a password; our own rules follow, read but not reached.
    (folder / "pg_hba.conf").write_text(f"local all all scram-sha-256\n{rules}", encoding="utf-8")
    shutil.copy(DEPLOY / "postgres" / "pg_ident.conf", folder)
    for path in folder.iterdir():
        path.chmod(0o644)
    haste = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    places = {name: str(folder / Path(said[name]).name) for name in ("hba_file", "ident_file")}
    return {**said, **haste, **places}


# --------------------------------------------------------------------------------------------------- processes


@dataclass
class Deployment:
    """Everything that runs, and where."""

    folder: Path
    server: EmbeddedPostgres
    said: dict[str, Any]
    ids: dict[str, Any] = field(default_factory=dict)
    telephones: dict[str, Telephone] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    closing: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    @property
    def superuser_url(self) -> str:
        """The superuser, on the database of Relais."""
        return self.server.url(role="postgres", password=self.server.superuser_password, database="relais")

    @property
    def identity_key(self) -> str:
        """The key that seals second factors, as the identity process gets it."""
        return (self.folder / "secrets" / "relais_identity_key").read_text(encoding="utf-8").strip()

    def make_secrets(self) -> None:
        """As an installer would; then the addresses of the ``db`` container become those of our server."""
        secrets = self.folder / "secrets"
        subprocess.run(
            ["bash", str(DEPLOY / "make-secrets.sh"), str(secrets)],
            env={**os.environ, "RELAIS_DOMAIN": DOMAIN}, check=True, capture_output=True, timeout=60,
        )  # fmt: skip
        for path in secrets.glob("relais_*url*"):
            parts = urlsplit(path.read_text(encoding="utf-8").strip())
            assert (parts.hostname, parts.port) == ("db", 5432)
            role, password = parts.username or "", parts.password or ""
            password = self.server.superuser_password if role == "postgres" else password
            path.write_text(self.server.url(role=role, password=password, database=parts.path[1:]) + "\n")

    def environment(self, service: str, **instead: str) -> dict[str, str]:
        """The environment of a container, and the folder that stands for its ``/run/secrets``."""
        spoken = self.said["services"][service]
        folder = self.folder / "run" / service
        folder.mkdir(parents=True, exist_ok=True)
        for target, source in secrets_of(spoken).items():
            shutil.copy(self.folder / "secrets" / source, folder / target)
        said = environment_of(spoken)
        assert said["RELAIS_SECRETS_DIR"] == "/run/secrets"
        # Nothing of the environment of the tests gets through, as nothing of the host's does.
        image = {"PATH": "/usr/local/bin:/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1"}
        home = {"RELAIS_HOME": str(self.folder / "home" / service)}
        return {**image, **home, **said, "RELAIS_SECRETS_DIR": str(folder), **instead}

    def command(self, service: str, *instead: str) -> list[str]:
        """What the container would run; ``instead`` as after ``docker compose run SERVICE``."""
        return [sys.executable, "-m", "app.cli", *(instead or self.said["services"][service]["command"])]

    def run(self, service: str, *instead: str) -> str:
        """A one-shot container, to its end; what it printed."""
        done = subprocess.run(
            self.command(service, *instead),
            env=self.environment(service), cwd=ROOT, capture_output=True, text=True, check=False, timeout=180,
        )  # fmt: skip
        assert done.returncode == 0, f"{service} : {done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def start(self, service: str) -> None:
        """A container that stays up."""
        self.ports[service] = port = free_port()
        assert self.environment(service)["RELAIS_HOST"] == "0.0.0.0"
        environment = self.environment(service, RELAIS_HOST="127.0.0.1", RELAIS_PORT=str(port))
        with (self.folder / f"{service}.log").open("ab") as log:
            self.processes[service] = subprocess.Popen(
                self.command(service), env=environment, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def healthy(self, service: str) -> bool:
        """The health check of the Compose file, run as it stands."""
        kind, program, *arguments = self.said["services"][service]["healthcheck"]["test"]
        assert (kind, program) == ("CMD", "python")
        arguments = [each.replace("127.0.0.1:8000", f"127.0.0.1:{self.ports[service]}") for each in arguments]
        return subprocess.run([sys.executable, *arguments], check=False, capture_output=True).returncode == 0

    def wait_until_healthy(self, service: str) -> None:
        """As ``depends_on: service_healthy`` would."""
        deadline = time.monotonic() + _START_SECONDS
        while not self.healthy(service):
            ended = self.processes[service].poll() is not None
            assert not ended and time.monotonic() < deadline, f"{service} :\n{self.log(service)}"
            time.sleep(0.2)

    def log(self, service: str) -> str:
        """All that a process has printed."""
        return (self.folder / f"{service}.log").read_text(encoding="utf-8", errors="replace")

    def caller(self, service: str, token: str | None = None) -> httpx.Client:
        """A client that speaks to a process without the proxy."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        address = f"http://127.0.0.1:{self.ports[service]}"
        return self.closing.enter_context(httpx.Client(base_url=address, headers=headers, timeout=15))

    async def people_it(self) -> None:
        """The small département of the tests, whose people all have the same password."""
        connection = await asyncpg.connect(self.superuser_url)
        try:
            await _people(connection, self.ids)
            # Addresses that sign-in accepts: « .test » is reserved, and refused.
            await connection.execute("update accounts.account set email = name || '@exemple.fr'")
            digest = hashed(PASSWORD)
            for name in PEOPLE:
                await connection.execute(
                    "insert into accounts.credential (account_id, password_hash, changed_at) values ($1, $2, now())",
                    self.ids[name], digest,
                )  # fmt: skip
                self.telephones[name] = await give_factor(connection, self.ids[name], self.identity_key)
        finally:
            await connection.close()


@contextlib.contextmanager
def deployment(folder: Path) -> Iterator[Deployment]:
    """A database with our settings, and the folder of everything; processes are started by whoever asks."""
    folder.chmod(0o711)
    (folder / "rules").mkdir(mode=0o755)
    server = EmbeddedPostgres(folder / "db", settings=postgresql_settings(folder / "rules"))
    server.start()
    running = Deployment(folder, server, compose())
    try:
        running.make_secrets()
        yield running
    finally:
        running.closing.close()
        for process in running.processes.values():
            if process.poll() is None:
                process.terminate()  # all at once: each drains for a moment
        for process in running.processes.values():
            stop(process)
        server.stop()


# ------------------------------------------------------------------------------------------------------- proxy


def _put_instead(text: str, instead: Mapping[str, str]) -> str:
    for old, new in instead.items():
        assert old in text, old
        text = text.replace(old, new)
    return text


@contextlib.contextmanager
def proxy(running: Deployment) -> Iterator[int]:
    """nginx with our configuration, as an ordinary account; yields the port where it serves TLS."""
    assert NGINX is not None
    port, folder = free_port(), running.folder / "proxy"
    shutil.copytree(DEPLOY / "proxy", folder / "conf")
    (folder / "secrets").mkdir()
    (folder / "tmp").mkdir()
    for target, source in secrets_of(running.said["services"]["proxy"]).items():
        shutil.copy(running.folder / "secrets" / source, folder / "secrets" / target)
    said = (folder / "conf" / "nginx.conf").read_text(encoding="utf-8")
    instead = {
        " /tmp/": f" {folder}/tmp/",
        "/dev/stderr": f"{folder}/tmp/error.log",
        "/dev/stdout": f"{folder}/tmp/access.log",
        "/run/secrets/": f"{folder}/secrets/",
        "/etc/nginx/relais/": f"{folder}/conf/",
        "listen 8443": f"listen 127.0.0.1:{port}",
        "listen 127.0.0.1:8081": f"listen 127.0.0.1:{free_port()}",
        **{f"server {service}:8000": f"server 127.0.0.1:{running.ports[service]}" for service in SERVERS},
    }
    (folder / "conf" / "nginx.conf").write_text(_put_instead(said, instead), encoding="utf-8")
    switch: dict[str, Any] = {}
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        for path in (folder, *folder.rglob("*")):
            os.chown(path, nobody.pw_uid, nobody.pw_gid)
        switch = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    command = [NGINX, "-e", "stderr", "-c", str(folder / "conf" / "nginx.conf")]
    tested = subprocess.run([*command, "-t"], cwd="/", check=False, capture_output=True, text=True, **switch)
    assert tested.returncode == 0, tested.stderr
    process = subprocess.Popen([*command, "-g", "daemon off;"], cwd="/", stdin=subprocess.DEVNULL, **switch)
    try:
        deadline = time.monotonic() + 10
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.05)
        yield port
    finally:
        stop(process)
