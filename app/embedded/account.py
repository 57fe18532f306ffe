"""Who runs the server: ourselves, or `nobody` when we are root, since PostgreSQL refuses to be root."""

import os
import pwd
import secrets
import stat
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

# The environment of Relais may hold keys: PostgreSQL inherits none of it.
ENVIRONMENT: Final = {"PATH": "/usr/bin:/bin", "TZ": "UTC"}


class EmbeddedPostgresError(RuntimeError):
    """PostgreSQL cannot be used here; the message, in French, is meant for the person at the keyboard."""


class Account(NamedTuple):
    """The system account that runs PostgreSQL; `switches` when it is not ours."""

    uid: int
    gid: int
    switches: bool

    @classmethod
    def ours(cls) -> Self:
        """The account that runs Relais."""
        return cls(os.geteuid(), os.getegid(), switches=False)

    @classmethod
    def for_the_server(cls) -> Self:
        """Ours, unless we are root. No account is ever created: `nobody` stands on every Linux."""
        if os.geteuid() != 0:
            return cls.ours()
        try:
            nobody = pwd.getpwnam("nobody")
        except KeyError:
            raise EmbeddedPostgresError(
                "PostgreSQL refuse de tourner sous le compte root, et le compte « nobody » n’existe pas ici. "
                "Lancez Relais avec un compte ordinaire."
            ) from None
        return cls(nobody.pw_uid, nobody.pw_gid, switches=True)

    def may_enter(self, folder: Path) -> bool:
        """Whether the account can pass through this folder and all those above it."""
        folder = folder.resolve()
        return not self.switches or all(self._may_pass(each.stat()) for each in (folder, *folder.parents))

    def _may_pass(self, status: os.stat_result) -> bool:
        if status.st_uid == self.uid:
            return bool(status.st_mode & stat.S_IXUSR)
        if status.st_gid == self.gid:
            return bool(status.st_mode & stat.S_IXGRP)
        return bool(status.st_mode & stat.S_IXOTH)

    def takes(self, folder: Path) -> bool:
        """Give the account a folder that we have just made; false where the file system does not allow it."""
        if self.switches:
            with suppress(OSError):
                os.chown(folder, self.uid, self.gid)
        return folder.stat().st_uid == self.uid

    def write(self, path: Path, text: str) -> None:
        """Write a file of the account, for its eyes only, in one step.

        As root we write where the server may write: no link that it might have planted is followed.
        """
        draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            if self.switches:
                os.fchown(descriptor, self.uid, self.gid)
            file.write(text)
            file.flush()
            os.fsync(descriptor)
        draft.rename(path)

    def how(self) -> dict[str, Any]:
        """Arguments that make `subprocess` run as the account, from a folder that everyone may enter."""
        switch = {"user": self.uid, "group": self.gid, "extra_groups": []} if self.switches else {}
        return {"cwd": "/", "env": ENVIRONMENT, "stdin": subprocess.DEVNULL, **switch}

    def run(self, command: Sequence[str]) -> str | None:
        """Run a program of PostgreSQL to its end: `None` if all went well, else what it complained of."""
        try:
            done = subprocess.run(  # noqa: S603 - our own programs, no shell
                command, check=False, capture_output=True, text=True, timeout=300, **self.how()
            )
        except (OSError, subprocess.SubprocessError) as error:
            return str(error)
        return None if done.returncode == 0 else done.stderr.strip()
