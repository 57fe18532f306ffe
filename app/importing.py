"""What ``relais partners`` does: a file or an address into the directory, and the directory into a file.

On the lane ``worker``: no person is behind it. An address is received whole in a temporary file before a transaction
opens; the pages of the data·inclusion API are followed to the last.
"""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, Final

import httpx
import ijson

from app.background import worker_transaction
from app.data_inclusion.reading import Rows
from app.errors import Problem
from app.messages import field_sentence, problem_sentence
from app.references.communes import departements
from app.refusal import CannotRun, reason
from app.services.import_reports import Outcome, Report
from app.services.partner_exports import write_export
from app.services.partner_imports import import_rows

LARGEST_DOWNLOAD: Final = 500_000_000
LONGEST_DOWNLOAD: Final = 3600.0
"""Seconds, all pages together."""
MOST_PAGES: Final = 10_000
MOST_REDIRECTS: Final = 5
# A page of the API is small. A larger answer is one file, not worth reading twice to find out.
LARGEST_PAGE: Final = 64_000_000
_HERE: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_CHUNK: Final = 1 << 16
_TIMEOUT: Final = httpx.Timeout(30.0, connect=10.0)

Advance = Callable[[int, int], None]


async def import_file(url: str, file: Any, advance: Advance) -> Report:
    """Import a file opened in binary mode. The report keeps the refused rows only. ``CannotRun`` if it breaks off."""
    try:
        async with worker_transaction(url) as writing:
            rows = Rows(file)
            return await import_rows(writing, rows, progress=advance, only_refused=True)
    except Problem as problem:
        said = [problem_sentence(problem.code, "fr")]
        said += [
            f"Fiche {' : '.join(each.pointer[1:].split('/'))} — {field_sentence(each.code, 'fr', dict(each.limits))}"
            for each in problem.errors
        ]
        raise CannotRun("\n".join(said)) from None


async def export_file(url: str, path: Path, *, departement_code: str | None) -> int:
    """Write the directory into a file, whole or not at all. Returns how many rows."""
    if departement_code is not None and departement_code not in departements():
        raise CannotRun(field_sentence("unknown_departement", "fr", {}))
    draft = path.with_name(f".{path.name}.part")
    try:
        with draft.open("wb") as file:
            async with worker_transaction(url) as reading:
                count = await write_export(reading, file, departement_code=departement_code)
        draft.replace(path)
    except OSError as error:
        raise CannotRun(f"Le fichier {path} ne peut pas être écrit ({reason(error)}).") from None
    finally:
        draft.unlink(missing_ok=True)
    return count


def line(refused: Outcome) -> str:
    """A refused row, as it is told at the keyboard."""
    member = f", {refused.member}" if refused.member else ""
    return f"Fiche {refused.number} ({refused.source_id or refused.kind}{member}) : {refused.detail('fr')}"


@contextlib.contextmanager
def opened(source: str, *, token: str | None, advance: Advance) -> Iterator[Any]:
    """The file itself or, for an ``http`` address, what it answers, received in a temporary file."""
    try:
        if source.startswith(("http://", "https://")):
            with tempfile.TemporaryFile() as file:
                _Download(file, token, advance).receive(source)
                yield file
        else:
            with Path(source).open("rb") as file:
                yield file
    except OSError as error:
        raise CannotRun(f"Le fichier ne peut pas être lu ({reason(error)}).") from None


class _Download:
    def __init__(self, file: IO[bytes], token: str | None, advance: Advance) -> None:
        self._file = file
        self._token = token
        self._host: str | None = None
        self._advance = advance
        self._ends_at = time.monotonic() + LONGEST_DOWNLOAD

    def receive(self, address: str) -> None:
        """One answer, or every page of the API, one after the other in the file."""
        try:
            with httpx.Client(timeout=_TIMEOUT, headers={"Accept": "application/json"}) as client:
                url, page = httpx.URL(address), 0
                self._host = url.host
                if self._token and url.scheme != "https" and url.host not in _HERE:
                    raise CannotRun("Le jeton ne part que vers une adresse https.")
                while True:
                    start = self._file.tell()
                    url = self._receive_one(client, url)
                    found = _page_and_pages(self._file, start)
                    if found is None or found[0] >= found[1]:
                        return
                    if found[0] <= page or found[1] > MOST_PAGES:
                        raise CannotRun("Les pages de cette adresse ne se suivent pas.")
                    page = found[0]
                    url = url.copy_set_param("page", page + 1)
                    self._file.write(b"\n")
                    self._advance(page, found[1])
        except httpx.InvalidURL:
            raise CannotRun("Cette adresse n'est pas valable.") from None
        except httpx.HTTPError:
            raise CannotRun("Cette adresse ne répond pas, ou pas à temps.") from None

    def _receive_one(self, client: httpx.Client, url: httpx.URL) -> httpx.URL:
        """One answer, at the end of the file. Returns the address that gave it, which may have moved."""
        first = url
        for _ in range(MOST_REDIRECTS):
            # The token is for the place that was named, and goes nowhere else.
            headers = {"Authorization": f"Bearer {self._token}"} if self._token and url.host == self._host else {}
            with client.stream("GET", url, headers=headers) as answer:
                if answer.has_redirect_location:
                    url = url.join(answer.headers["location"])
                    if url.scheme != first.scheme:
                        raise CannotRun("Cette adresse renvoie à un autre protocole. Donnez l'adresse finale.")
                    continue
                if answer.status_code != 200:
                    raise CannotRun(f"Cette adresse répond {answer.status_code}.")
                for chunk in answer.iter_bytes(_CHUNK):
                    self._file.write(chunk)
                    if self._file.tell() > LARGEST_DOWNLOAD:
                        raise CannotRun("Le fichier à cette adresse dépasse 500 Mo.")
                    if time.monotonic() > self._ends_at:
                        raise CannotRun("Le fichier à cette adresse met trop de temps à venir.")
                return url
        raise CannotRun("Cette adresse renvoie trop de fois à une autre.")


def _page_and_pages(file: IO[bytes], start: int) -> tuple[int, int] | None:
    """Which page of how many the answer received at ``start`` says it is; ``None`` if it is no page."""
    if file.tell() - start > LARGEST_PAGE:
        return None
    file.seek(start)
    found: dict[str, Any] = {}
    with contextlib.suppress(ijson.JSONError):  # the import will say where it breaks
        for prefix, _, value in ijson.parse(file):
            if prefix in ("page", "pages") and isinstance(value, int):
                found[prefix] = value
    file.seek(0, 2)
    return (found["page"], found["pages"]) if found.keys() == {"page", "pages"} else None
