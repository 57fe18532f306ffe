"""What the client prefers (RFC 7240): ``Prefer: handling=strict, dry-run`` tries a write, answers, and undoes it."""

from __future__ import annotations

from typing import Final

from fastapi import Request

from app.access.gate import permission_of
from app.errors import Malformed
from app.wire import effective_route
from app.wire_headers import add_header

DRY_RUN: Final = "dry-run"
KNOWN: Final = frozenset({DRY_RUN, "handling"})


async def heed_preferences(request: Request) -> None:
    """Mark a write that is only for trial; 400 where trial is not possible, rather than doing it in earnest.

    ``handling=strict`` also refuses a preference that we do not know.
    """
    given = request.headers.getlist("prefer")
    if not given:
        return
    asked = dict(_preference(each) for each in ",".join(given).split(",") if each.strip())
    if asked.get("handling") == "strict" and not asked.keys() <= KNOWN:
        raise Malformed("unknown_preference")
    if DRY_RUN not in asked or request.method in ("GET", "HEAD"):
        return
    permission = permission_of(effective_route(request.scope))
    if permission is None or permission.leaves:
        raise Malformed("dry_run_not_possible")
    if not permission.scope.endswith(":read"):
        request.state.rehearsed = True
        add_header(request, "Preference-Applied", DRY_RUN)


def _preference(text: str) -> tuple[str, str]:
    name, _, value = text.partition(";")[0].partition("=")
    return name.strip().lower(), value.strip().strip('"').lower()
