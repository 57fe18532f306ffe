"""One PostgreSQL server in the data folder of Relais: created, started or adopted, stopped."""

import fcntl
import os
import re
import secrets
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Final
from urllib.parse import quote

from app.embedded.account import ENVIRONMENT, Account, EmbeddedPostgresError
from app.embedded.postmaster import Postmaster, command_of
from app.embedded.programs import our_programs, outside_folder, programs_for

_ACCESS_RULES: Final = "local all all scram-sha-256\n"
_DEFAULTS: Final = {
    "timezone": "UTC",
    "log_timezone": "UTC",
    # The log never repeats what a request carried.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "fsync": "on",
}
_PORT: Final = 5432  # names the socket file, and nothing else
_SOCKET: Final = f".s.PGSQL.{_PORT}"
_LONGEST_SOCKET_PATH: Final = 107  # bytes, a limit of Linux
_RETRY_SECONDS: Final = 10
_LARGEST_LOG: Final = 1_000_000  # bytes; beyond, the log starts afresh


class EmbeddedPostgres:
    """A PostgreSQL server of our own, reached through a Unix socket and a password.

    `home` is the data folder of Relais. `settings` are settings of PostgreSQL, such as `{"fsync": "off"}`,
    laid over ours; none opens the network.
    """

    def __init__(self, home: Path, *, settings: Mapping[str, str] | None = None) -> None:
        self.home = home.absolute()
        self._settings = {**_DEFAULTS, **(settings or {})}
        self._account = Account.for_the_server()
        self._lock: int | None = None
        self._folder = self.home / "postgres"
        self._postmaster = Postmaster(self._folder)
        self._log = self.home / "postgres.log"
        self._secret = self.home / "secrets" / "postgres"

    def start(self) -> None:
        """Make the server run: create it on first use, adopt one that a killed Relais left, else start it.

        Takes a few seconds the first time. Raises `EmbeddedPostgresError`, and then leaves nothing running.
        """
        try:
            # Others may pass through the folder of a root Relais, without listing it: the data are below.
            self.home.mkdir(mode=0o711 if self._account.switches else 0o700, parents=True, exist_ok=True)
            self._take_lock()
        except OSError as error:
            raise EmbeddedPostgresError(f"Le dossier {self.home} n’est pas utilisable : {error}") from None
        try:
            self._sweep()
            if not os.path.lexists(self._folder):
                self._create()
            self._check_data()
            self._run()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Shut down and wait for the end. Does nothing if this object has neither started nor adopted it."""
        if self._lock is None:
            return
        try:
            if (pid := self._postmaster.pid) is not None:
                self._postmaster.shut_down(pid)
            self._remove_socket_folder()
        finally:
            os.close(self._lock)
            self._lock = None

    @property
    def running(self) -> bool:
        """Whether the server of this data folder accepts connections, whoever started it."""
        pid = self._postmaster.pid
        return pid is not None and self._postmaster.is_ready(pid)

    @cached_property
    def version(self) -> str:
        """Version of PostgreSQL, such as `18.6`."""
        command = [str(self.binary("postgres")), "--version"]
        said = subprocess.check_output(command, env=ENVIRONMENT, text=True)  # noqa: S603 - our own program
        return said.split()[-1]

    @property
    def superuser_password(self) -> str:
        """Password of the role `postgres`, made on first use and kept in `secrets/postgres`."""
        try:
            return self._secret.read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            raise EmbeddedPostgresError(f"Le mot de passe de PostgreSQL manque : {self._secret}") from None

    def url(self, *, role: str, password: str, database: str) -> str:
        """Address of a database for a role, for any PostgreSQL client; known once the server has started."""
        role, password, database = (quote(part, safe="") for part in (role, password, database))
        folder = quote(str(self._socket_folder()), safe="")
        return f"postgresql://{role}:{password}@/{database}?host={folder}&port={_PORT}"

    def binary(self, name: str) -> Path:
        """Path of one of PostgreSQL's programs (`pg_dump`, `psql`), to be run by ourselves."""
        program = our_programs() / name
        if not program.is_file():
            raise EmbeddedPostgresError(f"Le PostgreSQL fourni ne comprend pas « {name} ».")
        return program

    @cached_property
    def _programs(self) -> Path:
        return programs_for(self._account)

    def _take_lock(self) -> None:
        if self._lock is not None:
            return
        lock = os.open(self.home / "postgres.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(lock, 20).decode() or "inconnu"
            os.close(lock)
            raise EmbeddedPostgresError(
                f"Un autre Relais utilise déjà le dossier {self.home} (processus {holder}). "
                "Arrêtez-le d’abord, ou donnez un autre dossier par RELAIS_HOME."
            ) from None
        os.truncate(lock, 0)
        os.pwrite(lock, str(os.getpid()).encode(), 0)
        self._lock = lock

    def _sweep(self) -> None:
        """Remove what interrupted creations have left."""
        for leftover in self.home.glob("postgres.new-*"):
            shutil.rmtree(leftover.resolve(), ignore_errors=True)
            if leftover.is_symlink():
                leftover.unlink()

    def _create(self) -> None:
        """Build the data folder aside and rename it once complete: an interrupted creation is simply redone.

        Each attempt has its own folder, since an `initdb` orphaned by a kill may still write in the last one.
        """
        draft = Path(tempfile.mkdtemp(prefix="postgres.new-", dir=self.home))
        if not self._account.may_enter(self.home) or not self._account.takes(draft):
            draft.rmdir()
            outside = outside_folder()
            draft.symlink_to(outside)
            self._account.takes(outside)
        password = secrets.token_urlsafe(32) + "\n"
        password_file = self._make_socket_folder() / "password"
        self._account.write(password_file, password)
        try:
            self._initdb(str(draft.resolve()), str(password_file))
        finally:
            password_file.unlink()
        self._secret.parent.mkdir(exist_ok=True)
        self._secret.parent.chmod(0o700)
        Account.ours().write(self._secret, password)
        draft.rename(self._folder)

    def _initdb(self, data: str, password_file: str) -> None:
        command = [
            str(self._programs / "initdb"),
            "-D",
            data,
            "--username=postgres",
            f"--pwfile={password_file}",
        ]
        command += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale-provider=libc", "--data-checksums"]
        if self._settings["fsync"] == "off":
            command.append("--no-sync")
        complaint = self._account.run([*command, "--locale=C.UTF-8"])
        if complaint is not None and "locale" in complaint:  # a system so bare that it has no C.UTF-8
            complaint = self._account.run([*command, "--locale=C"])
        if complaint is not None:
            raise EmbeddedPostgresError(f"La base de données n’a pas pu être créée.\n{complaint}")

    def _check_data(self) -> None:
        data = self._folder.resolve()
        if not data.is_dir():
            raise EmbeddedPostgresError(
                f"Les données de PostgreSQL ne sont plus là : {data}. "
                f"Restaurez-les ou, pour repartir de zéro, supprimez le dossier {self.home}."
            )
        if data.stat().st_uid != self._account.uid:
            raise EmbeddedPostgresError(
                f"Les données {data} appartiennent à un autre compte (numéro {data.stat().st_uid}) : "
                "lancez Relais avec le même compte que la première fois."
            )
        major = (data / "PG_VERSION").read_text(encoding="utf-8").strip()
        if major != self.version.split(".", maxsplit=1)[0]:
            raise EmbeddedPostgresError(
                f"Ces données ont été créées par PostgreSQL {major} ; le paquet installé est {self.version}. "
                "Exportez-les avec l’ancienne version de Relais avant de changer."
            )

    def _run(self) -> None:
        """Adopt the running server if it is the one that we would start, else start ours."""
        data, socket_folder = self._folder.resolve(), self._make_socket_folder()
        closed = {
            "listen_addresses": "",
            "port": str(_PORT),
            "unix_socket_directories": str(socket_folder),
            "unix_socket_permissions": "0700",
        }
        options = [f"--{name}={value}" for name, value in {**self._settings, **closed}.items()]
        command = [str(self._programs / "postgres"), "-D", str(data), *options]
        pid = self._postmaster.pid
        if pid is not None and command_of(pid) == command and (socket_folder / _SOCKET).is_socket():
            if self._postmaster.becomes_ready(pid):
                return
        elif pid is not None:
            self._postmaster.shut_down(pid)
        self._launch(data, command)

    def _launch(self, data: Path, command: list[str]) -> None:
        rules = data / "pg_hba.conf"
        self._account.write(rules, _ACCESS_RULES)
        if rules.read_text(encoding="utf-8") != _ACCESS_RULES:
            raise EmbeddedPostgresError(f"Règles d’accès inattendues : {rules}")
        self._postmaster.forget_the_dead(self._account)
        if self._log.exists() and self._log.stat().st_size > _LARGEST_LOG:
            self._log.unlink()
        self._log.touch(mode=0o600)
        deadline = time.monotonic() + _RETRY_SECONDS
        while True:
            already = self._log.stat().st_size
            try:
                if self._postmaster.launch(command, self._log, self._account):
                    return
                what = "PostgreSQL n’a pas démarré."
            except EmbeddedPostgresError as error:
                what = str(error)
            said = self._log.read_bytes()[already:].decode(errors="replace")
            # A killed server leaves children that need a moment to notice; a killed Relais may have left a
            # server so young that it has only now written down its number: ask again.
            if not re.search(r"shared memory block|postmaster\.pid", said) or time.monotonic() > deadline:
                last = "\n".join(said.splitlines()[-10:])
                raise EmbeddedPostgresError(f"{what} Dernières lignes de {self._log} :\n{last}")
            if (pid := self._postmaster.pid) is not None:
                self._postmaster.shut_down(pid)
            time.sleep(0.2)

    def _socket_folder(self) -> Path:
        try:
            return Path((self.home / "postgres.socket").read_text(encoding="utf-8").strip())
        except FileNotFoundError:
            raise EmbeddedPostgresError("PostgreSQL n’a encore jamais été démarré ici.") from None

    def _remove_socket_folder(self) -> None:
        with suppress(EmbeddedPostgresError, OSError):
            folder = self._socket_folder()
            for name in (_SOCKET, f"{_SOCKET}.lock", "password"):  # what a killed server leaves
                (folder / name).unlink(missing_ok=True)
            folder.rmdir()

    def _make_socket_folder(self) -> Path:
        """The recorded folder if it is still ours, made again if it has vanished, else a new one.

        Private and short; never under `home`, whose path may be longer than a socket allows.
        """
        with suppress(EmbeddedPostgresError, OSError):
            folder = self._socket_folder()
            with suppress(FileExistsError):
                folder.mkdir(mode=0o700)
                self._account.takes(folder)
            status = folder.lstat()
            if (status.st_mode, status.st_uid) == (stat.S_IFDIR | 0o700, self._account.uid):
                return folder
        for parent in (tempfile.gettempdir(), "/tmp", "/var/tmp"):  # noqa: S108 - mkdtemp only
            plain = re.fullmatch(r"[\w./-]+", parent, re.ASCII) is not None
            short = len(f"{parent}/relais-01234567/{_SOCKET}") <= _LONGEST_SOCKET_PATH
            if plain and short and os.access(parent, os.W_OK) and self._account.may_enter(Path(parent)):
                folder = Path(tempfile.mkdtemp(prefix="relais-", dir=parent))
                self._account.takes(folder)
                (self.home / "postgres.socket").write_text(f"{folder}\n", encoding="utf-8")
                return folder
        raise EmbeddedPostgresError("Aucun dossier temporaire ne convient à la socket de PostgreSQL.")
