"""The server process of one data folder: is it alive, is it really ours, does it answer, make it end."""

import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from app.embedded.account import Account, EmbeddedPostgresError

_NO_PROCESS: Final = 2**31 - 1  # a number that Linux gives to no process
_START_SECONDS: Final = 60
_STOP_SECONDS: Final = ((signal.SIGINT, 30), (signal.SIGQUIT, 10))  # in good order, then at once
_PAUSE: Final = 0.02  # seconds


def command_of(pid: int) -> list[str]:
    """Command line of a process; empty when it is gone, or dead and not yet buried."""
    try:
        return os.fsdecode(Path(f"/proc/{pid}/cmdline").read_bytes()).split("\0")[:-1]
    except OSError:
        return []


class Postmaster:
    """What `postmaster.pid` tells about a data folder, checked against the processes that really run."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder  # possibly a link, and possibly not there yet
        self._file = folder / "postmaster.pid"
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The living server of this folder: our child, or one that a killed Relais left behind."""
        if self._child is not None and self._child.poll() is None:
            return self._child.pid
        lines = self._lines()
        pid = int(lines[0]) if lines and lines[0].isdigit() else None
        return pid if pid is not None and self._is_ours(pid) else None

    def is_ready(self, pid: int) -> bool:
        """Whether this server accepts connections."""
        lines = self._lines()
        return len(lines) > 7 and lines[0] == str(pid) and lines[7].strip() == "ready"

    def becomes_ready(self, pid: int) -> bool:
        """Wait until the server accepts connections; false if it ends first."""
        deadline = time.monotonic() + _START_SECONDS
        while self._lives(pid):
            if self.is_ready(pid):
                return True
            if time.monotonic() > deadline:
                raise EmbeddedPostgresError(f"PostgreSQL n’a pas répondu en {_START_SECONDS} secondes.")
            time.sleep(_PAUSE)
        return False

    def launch(self, command: list[str], log: Path, account: Account) -> bool:
        """Start the server and wait until it is ready; false if it ends first."""
        with log.open("ab") as output:
            # A session of its own: Ctrl-C reaches Relais alone, which then stops the server in good order.
            self._child = subprocess.Popen(  # noqa: S603 - our own program
                command, stdout=output, stderr=output, start_new_session=True, **account.how()
            )
        return self.becomes_ready(self._child.pid)

    def shut_down(self, pid: int) -> None:
        """Make the server end, and wait for it."""
        for order, patience in _STOP_SECONDS:
            deadline = time.monotonic() + patience
            with suppress(ProcessLookupError):
                os.kill(pid, order)
            while time.monotonic() < deadline:
                if not self._lives(pid):
                    self._child = None
                    return
                time.sleep(_PAUSE)
        raise EmbeddedPostgresError(f"PostgreSQL (processus {pid}) ne s’arrête pas.")

    def forget_the_dead(self, account: Account) -> None:
        """Correct the file of a server that was killed: another process may bear its number by now.

        PostgreSQL would refuse to start. The rest of the file stays: by it PostgreSQL makes sure that no
        child of the dead server still touches the data.
        """
        lines = self._lines()
        if lines:
            account.write(self._file, "\n".join([str(_NO_PROCESS), *lines[1:], ""]))

    def _lives(self, pid: int) -> bool:
        if self._child is not None and self._child.pid == pid:
            return self._child.poll() is None
        return self._is_ours(pid)

    def _is_ours(self, pid: int) -> bool:
        """Whether this process is the server of this very folder, not one that received its number since."""
        command = command_of(pid)
        return command[1:3] == ["-D", str(self._folder.resolve())] and Path(command[0]).name == "postgres"

    def _lines(self) -> list[str]:
        try:
            return self._file.read_text(encoding="utf-8").splitlines()
        except OSError:
            return []
