"""``relais partners``, as an operator types it: a file or an address in, a file out."""

import asyncio
import io
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import asyncpg
import pytest

from app.importing import import_file
from tests.data_inclusion.saying import published, service, structure
from tests.house_for_tests import House
from tests.running.relais_for_tests import command


async def relais(house: House, *words: str, **more: str) -> CompletedProcess[str]:
    """A command, with the URL of the lane ``worker`` alone."""
    urls = {"RELAIS_DATABASE_URL__WORKER": house.town.lane_url("worker", house.database), **more}
    return await asyncio.to_thread(lambda: command(Path("unused"), 1, "partners", *words, **urls))


async def count(superuser: asyncpg.Connection) -> int:
    """The imported rows of the directory."""
    found: int = await superuser.fetchval(
        "select (select count(*) from directory.partner where source = 'exemple')"
        " + (select count(*) from directory.service where source = 'exemple')"
    )
    return found


def names(folder: Path) -> list[str]:
    """What a folder holds."""
    return sorted(each.name for each in folder.iterdir())


async def test_a_file_comes_in_twice_and_goes_out(house: House, superuser: asyncpg.Connection, tmp_path: Path) -> None:
    file = tmp_path / "annuaire.json"
    file.write_text(json.dumps({"services": [service(1)], "structures": [structure(1), structure(2)]}))
    for totals in ("Créées : 3 · mises à jour : 0 · inchangées : 0", "Créées : 0 · mises à jour : 0 · inchangées : 3"):
        done = await relais(house, "import", str(file))
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        assert f"{totals} · refusées : 0\n" in done.stdout
    assert await count(superuser) == 3
    out = tmp_path / "export.json"
    done = await relais(house, "export", str(out), "--departement", "35")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, f"3 fiches dans {out}"), done.stderr
    told = json.loads(out.read_text())
    assert names(tmp_path) == ["annuaire.json", "export.json"]
    for each in told["structures"]:
        published("structure").validate(each)
    assert [each["id"] for each in told["services"]] == ["exemple--s1"]


async def test_a_refused_row_is_told_and_seen_in_the_exit_code(
    house: House, superuser: asyncpg.Connection, tmp_path: Path
) -> None:
    file = tmp_path / "annuaire.ndjson"
    rows = [structure("[bold]1", siret="1"), structure(2), service(1, of=3)]
    file.write_text("\n".join(map(json.dumps, rows)))
    done = await relais(house, "import", str(file))
    assert done.returncode == 1
    assert "Fiche 1 (exemple--[bold]1, siret) : Ce SIRET n’est pas valable" in done.stdout
    assert "Fiche 3 (exemple--s1, structure_id) : La structure de ce service" in done.stdout
    assert "Créées : 1 · mises à jour : 0 · inchangées : 0 · refusées : 2" in done.stdout
    assert await count(superuser) == 1


class SlowFile(io.BytesIO):
    """A file that takes its time."""

    def read(self, size: int | None = -1) -> bytes:
        time.sleep(0.05)
        return super().read(size)


async def test_an_import_that_has_nothing_to_write_for_a_while_keeps_its_transaction(
    house: House, superuser: asyncpg.Connection
) -> None:
    """Services are put aside until every structure is here: PostgreSQL ends a transaction that says nothing."""
    await superuser.execute(
        f"alter role relais_worker in database {house.database} set idle_in_transaction_session_timeout = '2s'"
    )
    rows = [*({"structure_id": "x", "told": "x" * 200} for _ in range(5_000)), structure(1)]
    url, slow = house.town.lane_url("worker", house.database), SlowFile(json.dumps(rows).encode())
    report = await import_file(url, slow, lambda _done, _total: None)
    assert (report.created, report.refused, await count(superuser)) == (1, 5_000, 1)


async def test_a_file_that_breaks_off_writes_nothing(
    house: House, superuser: asyncpg.Connection, tmp_path: Path
) -> None:
    file = tmp_path / "annuaire.json"
    file.write_text(f"[{json.dumps(structure(1))}, {json.dumps(structure(2, siret='1'))}, {{")
    done = await relais(house, "import", str(file))
    assert done.returncode == 1
    assert done.stderr.startswith("Erreur : Le fichier n’est pas du JSON valide jusqu’au bout : rien n’est importé.")
    assert "Fiche 2 : siret — Ce SIRET" in done.stderr
    assert "Fiche 3 — " in done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    assert await count(superuser) == 0


async def test_without_a_server_a_file_or_a_right_it_says_what_to_do(house: House, tmp_path: Path) -> None:
    for words, said, more in (
        (["import", str(tmp_path / "absent.json")], "Le fichier ne peut pas être lu (introuvable)", {}),
        (["import", str(tmp_path)], "Le fichier ne peut pas être lu (c'est un dossier)", {}),
        (["import", "x.json"], "RELAIS_DATABASE_URL__WORKER", {"RELAIS_DATABASE_URL__WORKER": ""}),
        (["export", str(tmp_path / "no" / "where.json")], "ne peut pas être écrit (introuvable)", {}),
        (["export", str(tmp_path / "none.json"), "--departement", "99"], "Ce code n’est celui d’aucun département", {}),
    ):
        if more:
            done = await asyncio.to_thread(command, tmp_path / "home", 1, "partners", *words)
        else:
            done = await relais(house, *words)
        assert (done.returncode, "Traceback" in done.stderr) == (1, False), done.stderr
        assert said in done.stderr
    assert names(tmp_path) == []


class Api(BaseHTTPRequestHandler):
    """The data·inclusion API, two rows a page; and a few places that are not what they should be."""

    pages = ([structure(1), structure(2)], [service(1), service(2, of=2)], [structure(3)])
    tokens: list[str | None] = []  # noqa: RUF012 — one server a test

    def do_GET(self) -> None:
        self.tokens.append(self.headers["authorization"])
        path, _, query = self.path.partition("?")
        page = int(dict(part.split("=") for part in query.split("&") if part).get("page", 1))
        if path == "/api/v1/structures":
            said = {"items": self.pages[page - 1], "total": 5, "page": page, "size": 2, "pages": 3}
            self._answer(200, json.dumps(said).encode())
        elif path == "/same":
            self._answer(200, json.dumps({"items": [], "total": 5, "page": 1, "size": 2, "pages": 3}).encode())
        elif path == "/moved":
            self._answer(302, b"", Location="/api/v1/structures")
        elif path == "/elsewhere":
            self._answer(302, b"", Location="ftp://exemple.test/a.json")
        elif path == "/round":
            self._answer(302, b"", Location="/round")
        else:
            self._answer(404, b"")

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    """Where the API answers."""
    Api.tokens.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Api) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


async def test_an_address_is_followed_page_by_page_with_the_token_of_the_environment(
    house: House, superuser: asyncpg.Connection, address: str
) -> None:
    done = await relais(house, "import", f"{address}/api/v1/structures?size=2", RELAIS_DATA_INCLUSION_TOKEN="a token")
    assert (done.returncode, await count(superuser)) == (0, 5), done.stderr + done.stdout
    assert Api.tokens == ["Bearer a token"] * 3
    assert "a token" not in done.stdout + done.stderr
    clear = await relais(house, "import", "http://exemple.test/a.json", RELAIS_DATA_INCLUSION_TOKEN="a token")
    assert "https" in clear.stderr
    moved = await relais(house, "import", f"{address}/moved")
    assert "inchangées : 5" in moved.stdout, moved.stderr


async def test_an_address_that_is_not_what_it_should_be_is_told(house: House, address: str) -> None:
    for place, said in (
        (f"{address}/absent", "Cette adresse répond 404."),
        (f"{address}/elsewhere", "renvoie à un autre protocole"),
        (f"{address}/round", "renvoie trop de fois"),
        (f"{address}/same", "ne se suivent pas"),
        ("http://127.0.0.1:1/", "ne répond pas"),
        ("http://exemple.test:port/", "n'est pas valable"),
    ):
        done = await relais(house, "import", place)
        assert (done.returncode, "Traceback" in done.stderr) == (1, False), done.stderr
        assert said in done.stderr, done.stderr
