"""The first start, the second, and every way of falling: tried as a person would, in other processes."""

import json
import os
import signal
import socket
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from shutil import rmtree

import asyncpg
import httpx
import pytest

from app.access.policy import policy
from app.embedded import EmbeddedPostgres
from app.services.clock import PARIS
from tests.running.relais_for_tests import Relais, command, free_port, running
from tests.strong import entered, sign_in

COUNTS = (
    "select (select count(*) from social.situation), (select count(*) from accounts.account where client_id is null)"
)


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    # Not `tmp_path`: as root, pytest closes it to the account that runs PostgreSQL.
    folder = Path(tempfile.mkdtemp(prefix="relais-start-"))
    folder.chmod(0o711)
    yield folder
    EmbeddedPostgres(folder / "home").stop()
    rmtree(folder)


@pytest.fixture(scope="module")
def home(place: Path) -> Path:
    return place / "home"


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def first(home: Path, port: int) -> Iterator[Relais]:
    """A first start, cut short in the middle of its demonstration, then done again and left running."""
    with running(home, port) as cut:
        cut.waits_for("démonstration : 25 %")
        cut.stop(signal.SIGKILL)
    with running(home, port) as relais:
        relais.ready()
        yield relais


def accounts(home: Path) -> list[dict[str, object]]:
    return json.loads((home / "demo-accounts.json").read_text())


def signed_in(relais: Relais, role: str) -> httpx.Client:
    account = next(each for each in accounts(relais.home) if each["role"] == role)
    said = {"email": account["email"], "password": account["password"]}
    answer = httpx.post(f"{relais.address}/v1/auth/login", json=said, timeout=30)
    assert answer.status_code == 200
    bearer = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    return httpx.Client(base_url=relais.address, headers=bearer, timeout=30)


async def ask(home: Path, query: str) -> list[object]:
    postgres = EmbeddedPostgres(home)
    connection = await asyncpg.connect(
        postgres.url(role="postgres", password=postgres.superuser_password, database="relais")
    )
    try:
        return list(await connection.fetchrow(query))
    finally:
        await connection.close()


async def test_a_demonstration_cut_short_is_made_again_and_is_whole(first: Relais) -> None:
    assert "Démonstration interrompue" in first.said()
    situations, people = await ask(first.home, COUNTS)
    assert situations > 1_000 and people == len(accounts(first.home))
    # What is told act by act is traced, as any work is; the past is not.
    (told,) = await ask(first.home, "select count(*) from audit.trace where act = 'situation:add'")
    assert told == 70
    notes, shares, both, minors, visits, anonymous, withdrawn, redirected = await ask(
        first.home,
        "select (select count(*) from confidential.note),"
        " (select count(*) from confidential.note_share where handover_id is null),"
        " (select count(*) from social.participation where person_status = 'alleged_perpetrator'),"
        " (select count(*) from social.person where birth_date > now() - interval '18 years'),"
        " (select count(*) from social.intervention where needs_home_visit_clearance),"
        " (select count(*) from social.intervention where anonymous_contact),"
        " (select count(*) from shared.referral where withdrawn_at is not null),"
        " (select count(*) from social.referral_handling where decision = 'redirected')",
    )
    assert notes > 30 and shares == 1 and both >= 1 and minors >= 1 and visits == 1 and anonymous > 6
    assert (withdrawn, redirected) == (1, 1)


async def test_the_demonstration_counts_sessions_and_days_in_the_past_only(first: Relais) -> None:
    sessions, kinds, months, posts, late = await ask(
        first.home,
        "select (select count(*) from social.collective_activity),"
        " (select count(distinct collective_activity_type) from social.collective_activity),"
        " (select count(*) from employer.presence), (select count(distinct post_id) from employer.presence),"
        " (select count(*) from social.collective_activity where recorded_at > now() or recorded_at::date < held_on)"
        " + (select count(*) from employer.presence where recorded_at > now() or recorded_at::date < month_on)",
    )
    # Nine months told by the story, then those before it, from January of the year before last.
    assert sessions > 24 and months % 3 == 0 and months >= 3 * (9 + 12) and (posts, late) == (3, 0) and kinds >= 4


# What is published of the trade (domain 1.7), in percentage points or days, and how near the demonstration must be.
PUBLISHED = {
    "share_women": (75, 5), "share_minors": (8, 5), "share_victims": (65, 7), "share_alleged_perpetrators": (10, 5),
    "share_unknown_to_services": (50, 6), "share_partner_violence": (40, 7), "share_non_penal": (43, 6),
    "share_unit_referrals": (77, 6), "contact_rate": (80, 6), "remote_share": (60, 6), "median_first_contact": (2, 1),
    "follow_up": (21, 6),
}  # fmt: skip


def test_the_year_of_the_demonstration_looks_like_those_that_are_published(first: Relais) -> None:
    year = datetime.now(PARIS).year - 1
    with signed_in(first, "coordinator") as client:
        report = client.get("/v1/reports").json()["items"][0]
        asked = {"period": str(year), "perimeter": f"employer:{report['employer_id']}"}
        told = {each["code"]: each for each in client.get("/v1/statistics/indicators", params=asked).json()["items"]}
    far = {
        code: told[code]["value"]
        for code, (expected, tolerance) in PUBLISHED.items()
        if abs(told[code]["value"] - expected) > tolerance
    }
    assert far == {}
    assert 200 <= told["persons_per_fte"]["value"] <= 350
    assert all(each["previous"] is not None for code, each in told.items() if code in PUBLISHED)


def test_the_report_of_last_year_is_frozen_and_read_by_each(first: Relais) -> None:
    year = str(datetime.now(PARIS).year - 1)
    with signed_in(first, "coordinator") as client:
        frozen = [each for each in client.get("/v1/reports").json()["items"] if each["frozen_at"]]
        assert [each["period"] for each in frozen] == [year] and len(frozen[0]["commentary"]) > 8
        exact = client.get(f"/v1/reports/{frozen[0]['id']}/document", params={"format": "csv"})
        assert exact.status_code == 200 and "Usage interne" in exact.text
    for role in ("unit_commander", "observatory"):
        with signed_in(first, role) as client:
            printed = client.get(f"/v1/reports/{frozen[0]['id']}/document", params={"format": "csv"})
            assert printed.status_code == 200 and "Comité de suivi" in printed.text
    with signed_in(first, "observatory") as client:
        for period in (year, f"{year}-Q1", f"{year}-Q4", str(int(year) - 1)):
            grid = client.get("/v1/statistics/grid", params={"period": period, "perimeter": "national"}).json()
            assert grid["rounded_to"] == 5 and grid["tables"]


async def test_the_past_is_rows_that_the_application_could_have_written(first: Relais) -> None:
    wrong, without_an_act, named = await ask(
        first.home,
        "select (select count(*) from social.intervention i join social.situation s on s.id = i.situation_id"
        "   where (i.occurred_at at time zone 'Europe/Paris')::date not between s.opened_on and"
        "   coalesce(s.closed_on, current_date)),"
        " (select count(*) from social.situation s where s.closed_on < current_date - 300 and not exists"
        "   (select from social.intervention i where i.situation_id = s.id)),"
        " (select count(*) from social.person p where p.last_name is not null and not exists"
        "   (select from social.participation a join social.situation s on s.id = a.situation_id"
        "     where a.person_id = p.id and coalesce(s.closed_on, current_date) >= current_date - 731))",
    )
    assert (wrong, without_an_act, named) == (0, 0, 0)


async def test_the_story_is_spread_over_nine_months_and_never_in_the_future(first: Relais) -> None:
    oldest, newest, late = await ask(
        first.home,
        "select (select min(sent_at) < now() - interval '8 months' from shared.referral),"
        " (select max(sent_at) > now() - interval '10 days' from shared.referral),"
        " (select count(*) from shared.referral r join social.referral_handling h on h.referral_id = r.id"
        "   where h.received_at < r.sent_at or r.sent_at > now() or r.feedback_on < r.sent_at::date)",
    )
    assert (oldest, newest, late) == (True, True, 0)


def test_every_role_has_an_account_in_a_file_for_its_owner_alone(first: Relais) -> None:
    path = first.home / "demo-accounts.json"
    assert path.stat().st_mode & 0o777 == 0o600
    assert {each["role"] for each in accounts(first.home)} == {role.name for role in policy().people}
    for each in accounts(first.home):
        body = {"partner"} if each["role"] == "partner" else set()
        assert set(each) == {"role", "email", "password", "name", "units"} | body
    assert len({each["password"] for each in accounts(first.home)}) == len(accounts(first.home))
    assert not any(str(each["password"]) in first.said() for each in accounts(first.home))


def test_secrets_are_for_their_owner_alone(first: Relais) -> None:
    folder = first.home / "secrets"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    keys = {"signing_key", "sealing_key", "cursor_key", "refresh_key", "lane_police_officer"}
    assert keys <= {path.name for path in folder.iterdir()}
    assert not any(path.read_text().strip() in first.said() for path in folder.iterdir())


@pytest.mark.parametrize("role", ["social_worker", "police_officer", "dpo"])
def test_the_accounts_of_the_demonstration_can_sign_in(first: Relais, role: str) -> None:
    with signed_in(first, role) as client:
        assert client.get("/v1/me").json()["role"] == role
    assert httpx.get(f"{first.address}/docs").status_code == 200


def test_the_tour_keeps_every_promise(first: Relais) -> None:
    done = command(first.home, first.port, "tour")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "permission denied for schema confidential" in done.stdout
    assert "✗" not in done.stdout


def test_a_second_relais_says_what_is_in_the_way(first: Relais) -> None:
    same_port = command(first.home.parent / "another", first.port, "run")
    assert same_port.returncode == 1 and f"Le port {first.port} de 127.0.0.1 est déjà pris" in same_port.stderr
    same_home = command(first.home, free_port(), "run")
    assert same_home.returncode == 1 and "Un autre Relais utilise déjà le dossier" in same_home.stderr
    assert "Traceback" not in same_port.stderr + same_home.stderr


def test_incomplete_or_unreadable_settings_are_named(first: Relais) -> None:
    url = "postgresql://relais_dpo:secret-de-test@127.0.0.1:1/relais"
    some = command(first.home, free_port(), "run", RELAIS_DATABASE_URL__DPO=url)
    assert some.returncode == 1 and "RELAIS_DATABASE_URL__POLICE_OFFICER" in some.stderr
    # The lane of answer links is asked for like any other; that of the commands is not.
    assert "RELAIS_DATABASE_URL__ANSWERING" in some.stderr and "RELAIS_DATABASE_URL__WORKER" not in some.stderr
    bad = command(first.home, free_port(), "run", RELAIS_PORT="huit mille")
    assert bad.returncode == 1 and "RELAIS_PORT" in bad.stderr
    assert "Traceback" not in some.stderr + bad.stderr and "secret-de-test" not in some.stderr + bad.stderr


def test_one_lane_alone_is_served_from_the_environment(first: Relais) -> None:
    postgres = EmbeddedPostgres(first.home)
    password = (first.home / "secrets" / "lane_police_officer").read_text().strip()
    url = postgres.url(role="relais_police_officer", password=password, database="relais")
    keys = httpx.get(f"{first.address}/.well-known/jwks.json").text
    said = {
        "RELAIS_DATABASE_URL__POLICE_OFFICER": url,
        "RELAIS_VERIFICATION_KEYS": keys,
        "RELAIS_CURSOR_KEY": (first.home / "secrets" / "cursor_key").read_text().strip(),
        "RELAIS_DRAIN": "1",
    }
    with running(first.home, free_port(), "serve", **said) as police:
        police.ready()
        with signed_in(first, "police_officer") as client:
            token = client.headers["Authorization"]
        with httpx.Client(base_url=police.address, headers={"Authorization": token}) as client:
            assert client.get("/v1/referrals").status_code == 200
            assert client.get("/v1/situations").status_code == 404
            police.process.send_signal(signal.SIGTERM)
            time.sleep(0.3)
            assert client.get("/readyz").status_code == 503
            assert client.get("/v1/referrals").status_code == 200
        assert police.process.wait(10) == 0
    logged = [json.loads(line) for line in lines_of(police)]
    assert {"ready", "request", "stopped"} <= {line["event"] for line in logged}


def lines_of(relais: Relais) -> list[str]:
    return [line for line in Path(relais.out.name).read_text().splitlines() if line]


async def test_an_operator_invites_someone_who_chooses_her_own_proofs(first: Relais) -> None:
    (unit,) = await ask(first.home, "select id::text from organisation.unit limit 1")
    words = ("accounts", "add", "--role", "police_officer", "--name", "Agent Neuf", "--unit", str(unit))
    done = command(first.home, first.port, *words, "--email", "Agent.Neuf@demo.relais.example")
    async with httpx.AsyncClient(base_url=first.address, timeout=30) as client:
        tokens = (await entered(client, done))["tokens"]
        bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
        assert (await client.get("/v1/me", headers=bearer)).json()["role"] == "police_officer"
        # Invented or not, whoever has a second factor is asked for it.
        again = await sign_in(client, email="agent.neuf@demo.relais.example")
        assert again.json()["next"] == "second_factor"
    again = command(first.home, first.port, *words, "--email", "agent.neuf@demo.relais.example")
    assert again.returncode == 1 and "porte déjà l'adresse" in again.stderr


async def test_stop_kill_and_start_again(first: Relais) -> None:
    before = await ask(first.home, COUNTS)
    passwords = accounts(first.home)

    code, seconds = first.stop()
    assert code == 0 and seconds < 8 and not first.database_lives

    with running(first.home, first.port) as second:
        assert second.ready() < 20
        assert "Données fictives" not in second.said()
        assert await ask(first.home, COUNTS) == before and accounts(first.home) == passwords
        second.stop(signal.SIGKILL)
        assert second.database_lives

    (first.home / "demo-accounts.json").unlink()
    with running(first.home, first.port) as third:
        third.ready()
        assert await ask(first.home, COUNTS) == before
        signed_in(third, "administrator").close()
        code, _ = third.stop(signal.SIGINT)
        assert code == 0 and not third.database_lives


def test_the_demonstration_refuses_a_database_that_holds_real_data(place: Path) -> None:
    home, port = place / "real", free_port()
    with running(home, port, "run", "--no-demo") as relais:
        relais.ready()
        words = ("--role", "administrator", "--name", "Une Vraie Personne", "--email", "vraie@departement.example")
        assert command(home, port, "accounts", "add", *words).returncode == 0
        refused = command(home, port, "demo", "load")
        assert refused.returncode == 1 and "ne se charge pas ici" in refused.stderr
        assert not (home / "demo-accounts.json").exists()
        relais.stop()
    with running(home, port) as relais:
        relais.ready()
        assert "la démonstration n'est pas chargée" in relais.said()


def test_ctrl_c_during_the_preparation_stops_postgresql_too(place: Path) -> None:
    home = place / "hasty"
    with running(home, free_port()) as relais:
        relais.waits_for("Rôles et droits")
        code, _ = relais.stop(signal.SIGINT)
        assert code == 130 and not relais.database_lives
        assert "Traceback" not in relais.said()


def test_a_taken_port_leaves_nothing_behind(place: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = command(place / "nothing", taken.getsockname()[1], "run")
    assert done.returncode == 1 and not (place / "nothing").exists()


def test_help_is_in_french_and_needs_nothing() -> None:
    done = command(Path(os.devnull), 1, "--help")
    assert done.returncode == 0 and "intervenant social" in done.stdout
