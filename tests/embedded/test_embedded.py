"""The PostgreSQL of a first run: closed to strangers, and back on its feet after every kind of fall."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import pytest

from app.embedded import EmbeddedPostgres, EmbeddedPostgresError, programs

QUICK = {"fsync": "off", "shared_buffers": "16MB"}
STARTER = """
import sys, time
from pathlib import Path
from app.embedded import EmbeddedPostgres
EmbeddedPostgres(Path(sys.argv[1]), settings={"fsync": "off", "shared_buffers": "16MB"}).start()
print("ready", flush=True)
time.sleep(60)
"""
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="ne concerne que le compte root")


@contextmanager
def temporary_folder() -> Iterator[Path]:
    # Not `tmp_path`: as root, pytest closes it to the account that runs the server.
    folder = Path(tempfile.mkdtemp(prefix="relais-test-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def folder() -> Iterator[Path]:
    with temporary_folder() as folder:
        yield folder


@pytest.fixture
def closed_folder(folder: Path) -> Path:
    folder.chmod(0o700)
    return folder


@pytest.fixture
def postgres(folder: Path) -> Iterator[EmbeddedPostgres]:
    postgres = EmbeddedPostgres(folder / "home", settings=QUICK)
    yield postgres
    postgres.stop()


@pytest.fixture(scope="module")
def started() -> Iterator[EmbeddedPostgres]:
    """One server for the tests that only look at it; it was told to open the network, and must not have."""
    with temporary_folder() as folder:
        postgres = EmbeddedPostgres(folder / "home", settings={**QUICK, "listen_addresses": "*"})
        postgres.start()
        yield postgres
        postgres.stop()


def pid_of(postgres: EmbeddedPostgres) -> int:
    return int((postgres.home / "postgres" / "postmaster.pid").read_text().split()[0])


def starter(home: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", STARTER, str(home)], stdout=subprocess.PIPE)


def kill(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.communicate()


def wait_until(condition: Callable[[], object]) -> None:
    while not condition():
        time.sleep(0.005)


def psql(postgres: EmbeddedPostgres, address: str, query: str) -> str:
    return subprocess.check_output([str(postgres.binary("psql")), "-XAtc", query, address], text=True)


async def ask(postgres: EmbeddedPostgres, query: str, **who: str) -> object:
    person = {"role": "postgres", "password": postgres.superuser_password, "database": "postgres", **who}
    connection = await asyncpg.connect(postgres.url(**person))
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def test_every_connection_needs_the_right_password(started: EmbeddedPostgres) -> None:
    assert await ask(started, "select current_user") == "postgres"
    with pytest.raises(asyncpg.InvalidPasswordError):
        await ask(started, "select 1", password="mauvais")
    with pytest.raises(asyncpg.InvalidPasswordError):
        await ask(started, "select 1", password="")


async def test_nobody_is_trusted_and_nothing_listens_on_the_network(started: EmbeddedPostgres) -> None:
    methods = "select string_agg(type || ' ' || auth_method, ',') from pg_hba_file_rules"
    assert await ask(started, methods) == "local scram-sha-256"
    assert (started.home / "postgres" / "pg_hba.conf").read_text() == "local all all scram-sha-256\n"
    assert await ask(started, "select setting from pg_settings where name = 'listen_addresses'") == ""


async def test_the_server_is_set_as_relais_needs_it(started: EmbeddedPostgres) -> None:
    expected = {
        "data_checksums": "on",
        "server_encoding": "UTF8",
        "TimeZone": "UTC",
        "log_error_verbosity": "terse",
        "log_min_error_statement": "panic",
        "log_parameter_max_length": "0",
        "log_parameter_max_length_on_error": "0",
        "password_encryption": "scram-sha-256",
        "fsync": "off",
    }
    shown = {name: await ask(started, f"show {name}") for name in expected}
    assert shown == expected
    assert started.version.startswith("18.")


async def test_names_and_passwords_of_any_shape_fit_in_an_address(started: EmbeddedPostgres) -> None:
    await ask(started, """create role "l'été @ 100%/?" login password 'p@s:s/w#o&r=d %é'""")
    await ask(started, 'create database "base à part"')

    who = {"role": "l'été @ 100%/?", "password": "p@s:s/w#o&r=d %é", "database": "base à part"}
    assert await ask(started, "select current_user || ' ' || current_database()", **who) == (
        "l'été @ 100%/? base à part"
    )
    assert psql(started, started.url(**who), "select current_database()") == "base à part\n"


def test_the_password_is_kept_for_the_owner_alone(started: EmbeddedPostgres) -> None:
    secret = started.home / "secrets" / "postgres"
    assert (secret.stat().st_mode & 0o777, secret.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert (secret.stat().st_uid, len(started.superuser_password)) == (os.geteuid(), 43)
    assert started.superuser_password not in (started.home / "postgres.log").read_text()


async def test_a_restart_keeps_the_data_and_stopping_twice_is_harmless(postgres: EmbeddedPostgres) -> None:
    postgres.start()
    await ask(postgres, "create table kept as select 42 as answer")
    address = postgres.url(role="a", password="b", database="c")

    postgres.stop()
    postgres.stop()
    assert not postgres.running
    postgres.start()
    postgres.start()

    assert postgres.running
    assert await ask(postgres, "select answer from kept") == 42
    assert postgres.url(role="a", password="b", database="c") == address


def test_nothing_stays_in_the_temporary_folder_after_the_stop(postgres: EmbeddedPostgres) -> None:
    postgres.start()
    socket_folder = Path((postgres.home / "postgres.socket").read_text().strip())
    assert socket_folder.stat().st_mode & 0o777 == 0o700

    postgres.stop()

    assert not socket_folder.exists()


async def test_a_server_left_by_a_killed_relais_is_adopted_then_stopped(postgres: EmbeddedPostgres) -> None:
    relais = starter(postgres.home)
    assert relais.stdout is not None and relais.stdout.readline() == b"ready\n"
    await ask(postgres, "create table kept as select 42 as answer")
    kill(relais)
    orphan = pid_of(postgres)
    assert postgres.running

    postgres.start()

    assert pid_of(postgres) == orphan
    assert await ask(postgres, "select answer from kept") == 42
    postgres.stop()
    assert not postgres.running


async def test_a_server_left_with_other_settings_is_replaced(folder: Path) -> None:
    relais = starter(folder / "home")
    assert relais.stdout is not None and relais.stdout.readline() == b"ready\n"
    kill(relais)

    postgres = EmbeddedPostgres(folder / "home", settings={**QUICK, "max_connections": "17"})
    postgres.start()
    try:
        assert await ask(postgres, "show max_connections") == "17"
    finally:
        postgres.stop()


async def test_an_interrupted_creation_is_done_again(postgres: EmbeddedPostgres) -> None:
    relais = starter(postgres.home)
    wait_until(lambda: list(postgres.home.glob("postgres.new-*/base")))
    kill(relais)
    assert not (postgres.home / "postgres").exists()

    postgres.start()

    assert await ask(postgres, "select 1") == 1


async def test_a_server_killed_outright_recovers_its_data(postgres: EmbeddedPostgres) -> None:
    postgres.start()
    await ask(postgres, "create table kept as select 42 as answer")
    os.kill(pid_of(postgres), signal.SIGKILL)
    wait_until(lambda: not postgres.running)

    postgres.start()

    assert await ask(postgres, "select answer from kept") == 42


def test_a_process_that_received_the_number_of_the_server_is_left_alone(postgres: EmbeddedPostgres) -> None:
    postgres.start()
    postgres.stop()
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        left_over = postgres.home / "postgres" / "postmaster.pid"
        left_over.write_text(f"{stranger.pid}\n{postgres.home}/postgres\n1\n5432\n/nowhere\n\n0 0\nready\n")
        assert not postgres.running

        postgres.start()
        postgres.stop()

        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


async def test_a_swept_temporary_folder_does_not_prevent_a_start(postgres: EmbeddedPostgres) -> None:
    relais = starter(postgres.home)
    assert relais.stdout is not None and relais.stdout.readline() == b"ready\n"
    kill(relais)
    shutil.rmtree((postgres.home / "postgres.socket").read_text().strip())

    postgres.start()

    assert await ask(postgres, "select 1") == 1


def test_two_relais_cannot_share_a_folder(postgres: EmbeddedPostgres) -> None:
    postgres.start()
    second = EmbeddedPostgres(postgres.home, settings=QUICK)

    with pytest.raises(EmbeddedPostgresError, match="Un autre Relais utilise déjà le dossier"):
        second.start()
    second.stop()

    assert postgres.running


def test_a_refusal_of_postgresql_is_told_with_its_last_words(folder: Path) -> None:
    postgres = EmbeddedPostgres(folder / "home", settings={**QUICK, "shared_buffers": "beaucoup"})

    with pytest.raises(EmbeddedPostgresError, match=r"(?s)n’a pas démarré.*shared_buffers"):
        postgres.start()

    assert not postgres.running


@as_root
async def test_data_live_outside_when_the_folders_above_are_closed(closed_folder: Path) -> None:
    folder = closed_folder
    postgres = EmbeddedPostgres(folder / "home", settings=QUICK)
    postgres.start()
    outside = (folder / "home" / "postgres").readlink()
    try:
        assert await ask(postgres, "show data_directory") == str(outside)
        assert [each.stat().st_mode & 0o777 for each in (outside, folder)] == [0o700, 0o700]
    finally:
        postgres.stop()
        shutil.rmtree(outside)


@as_root
def test_copied_programs_can_be_written_by_root_alone(folder: Path) -> None:
    copy = programs._copy_once(folder)
    assert all(path.stat().st_uid == 0 and not path.stat().st_mode & 0o022 for path in copy.rglob("*"))
    assert programs._copy_once(folder) == copy

    copy.chmod(0o777)
    with pytest.raises(PermissionError):
        programs._copy_once(folder)
