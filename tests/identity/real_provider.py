"""A real provider process (``oidc-provider``, from npm): installed once, started, stopped by its own handle."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import IO, Any, Self
from urllib.parse import urljoin

import httpx
import pytest
from joserfc.jwk import ECKey

from app.access.signatures import SigningKey, new_signing_key

HERE = Path(__file__).parent / "provider"
INSTALLS_WITHIN = 120
STARTS_WITHIN = 20


def installed() -> None:
    """The package, in a folder that git ignores; the test is skipped when it cannot be had."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("Node et npm ne sont pas installés : le vrai fournisseur d'identité ne peut pas démarrer")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True, timeout=20).stdout
    if int(version.strip().removeprefix("v").split(".")[0]) < 18:
        pytest.skip(f"Node {version.strip()} est trop ancien : 18 au moins")
    with (Path(tempfile.gettempdir()) / f"relais-npm-{os.getuid()}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = json.loads((HERE / "package.json").read_text(encoding="utf-8"))["dependencies"]["oidc-provider"]
        there = HERE / "node_modules" / "oidc-provider" / "package.json"
        if there.exists() and json.loads(there.read_text(encoding="utf-8"))["version"] == wanted:
            return
        words = [npm, "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"]
        try:
            done = subprocess.run(words, cwd=HERE, capture_output=True, check=False, timeout=INSTALLS_WITHIN)
        except subprocess.TimeoutExpired:
            pytest.skip("npm n'a pas répondu à temps : le vrai fournisseur d'identité n'est pas installé")
        if done.returncode != 0:
            pytest.skip("npm n'a pas pu installer oidc-provider (pas de registre ?)")


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


class RealProvider:
    """The process, and the person who fills its forms."""

    def __init__(self, folder: Path, *, callback: str, people: dict[str, Any]) -> None:
        installed()
        self.port = _free_port()
        self.issuer = f"http://127.0.0.1:{self.port}"
        self.client_key = new_signing_key()
        self._log = folder / "provider.log"
        self._callback = callback
        self._people = people
        self._process: subprocess.Popen[bytes] | None = None
        self._out: IO[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def registration(self) -> dict[str, Any]:
        """What our settings say of it."""
        return {
            "label": "Fournisseur réel", "issuer": self.issuer, "client_id": "relais", "client_key": self.client_key,
            "acr": ["eidas2", "eidas3"], "userinfo_signed_alg": "ES256",
        }  # fmt: skip

    def start(self) -> None:
        """Start with a signing key of its own, drawn anew."""
        pem = new_signing_key()
        public = SigningKey(pem).public
        private = {**ECKey.import_key(pem).as_dict(private=True), "kid": public["kid"], "alg": "ES256", "use": "sig"}
        client = {
            "client_id": "relais", "redirect_uris": [self._callback], "response_types": ["code"],
            "grant_types": ["authorization_code"], "token_endpoint_auth_method": "private_key_jwt",
            "token_endpoint_auth_signing_alg": "ES256", "id_token_signed_response_alg": "ES256",
            "userinfo_signed_response_alg": "ES256", "jwks": {"keys": [SigningKey(self.client_key).public]},
        }  # fmt: skip
        said = {"port": self.port, "client": client, "keys": [private], "people": self._people}
        environment = {"PATH": os.environ["PATH"], "PROVIDER": json.dumps(said)}
        self._out = self._log.open("wb")
        self._process = subprocess.Popen(
            ["node", "provider.mjs"], cwd=HERE, env=environment, stdin=subprocess.DEVNULL, stdout=self._out,
            stderr=self._out,
        )  # fmt: skip
        until = time.monotonic() + STARTS_WITHIN
        while "listening" not in self.told():
            assert self._process.poll() is None and time.monotonic() < until, self.told()
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop it, and it alone."""
        if self._process is not None and self._out is not None:
            self._process.terminate()
            self._process.wait(timeout=10)
            self._out.close()
            self._process = None

    def told(self) -> str:
        """Its log: one request a line."""
        return self._log.read_text(encoding="utf-8")

    async def browse(self, address: str, *, login: str, acr: str) -> str:
        """Follow the browser there, fill its forms, and stop where it is sent back to us."""
        async with httpx.AsyncClient() as browser:
            answer = await browser.get(address)
            for _ in range(12):
                if answer.status_code in (302, 303):
                    following = urljoin(str(answer.url), answer.headers["location"])
                    if following.startswith(f"{self._callback}?"):
                        return following
                    answer = await browser.get(following)
                else:
                    assert answer.status_code == 200, answer.text
                    action = answer.text.split('action="')[1].split('"')[0]
                    answer = await browser.post(urljoin(str(answer.url), action), data={"login": login, "acr": acr})
        raise AssertionError("the provider sends the browser round and round")
