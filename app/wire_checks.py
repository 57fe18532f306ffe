"""What a request must look like before anyone reads it: its head, its media type, its text, its JSON.

Each check raises a ``Problem`` and never says what it saw. The reason for them: of 24 hostile inputs, 11 were
errors 500 in an ordinary FastAPI application (NUL, lone surrogates, huge integers, ``NaN``, ``1e999``…).
"""

import json
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import unquote_to_bytes

from starlette.types import Scope

from app.errors import Invalid, Malformed, Problem, UnsupportedMediaType

JSON: Final = "application/json"
MERGE_PATCH: Final = "application/merge-patch+json"
FORM: Final = "application/x-www-form-urlencoded"
LINES: Final = "application/x-ndjson"
STREAMED: Final = frozenset({JSON, LINES})
"""What a streamed path reads: JSON, or one JSON value a line."""

_DEEPEST: Final = 16
_LONGEST_LIST: Final = 1_000
_MOST_NAMES: Final = 100  # headers of a request, parameters of an address, members of a form
_LARGEST_INTEGER: Final = 2**63 - 1

# Unicode "Cc" and the surrogates. In a text, tab and line ends may stay; in an address, nothing may.
_IN_A_TEXT: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_IN_AN_ADDRESS: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
# JSON itself refuses a raw control character below a space. What it lets by needs one of these to be written.
_SUSPECT_JSON: Final = re.compile(r"\\[bfu]|[\x7f-\x9f]")
_BROKEN_ESCAPE: Final = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_ESCAPED_SEPARATOR: Final = re.compile(rb"%(2f|5c)", re.IGNORECASE)
_HOST: Final = re.compile(rb"[A-Za-z0-9._-]{1,253}(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:[0-9]{1,5})?")
# Blanks are a space or a tab: what Python calls one (a vertical tab) is no part of HTTP.
_MEDIA: Final = re.compile(
    r"[ \t]*([a-z0-9.+-]+/[a-z0-9.+-]+)[ \t]*"
    r"(?:;[ \t]*charset[ \t]*=[ \t]*\"?([a-z0-9_-]+)\"?[ \t]*)?;?[ \t]*"
)
_VERSIONS: Final = frozenset({"1.0", "1.1"})
# Said twice, these could be read one way by a proxy and another way here.
_ONCE: Final = frozenset(
    {b"host", b"content-length", b"transfer-encoding", b"content-type", b"content-encoding", b"authorization"}
)


def check_head(scope: Scope, *, max_header: int) -> None:
    """Refuse an ambiguous, oversized or unreadable request line and headers (400, 415, 431)."""
    headers: list[tuple[bytes, bytes]] = list(scope["headers"])
    raw_path: bytes = scope.get("raw_path") or scope["path"].encode("utf-8", "surrogatepass")
    query: bytes = scope.get("query_string", b"")
    if len(headers) > _MOST_NAMES or query.count(b"&") >= _MOST_NAMES:
        raise Problem("header_too_large", status=431)
    # Four bytes a line: the colon, the space and the line end.
    if len(raw_path) + len(query) + sum(len(name) + len(value) + 4 for name, value in headers) > max_header:
        raise Problem("header_too_large", status=431)
    names = [name for name, _ in headers]
    if any(names.count(name) > 1 for name in _ONCE.intersection(names)):
        raise Malformed("bad_header")
    found = dict(headers)
    # The parser reads any version and any coding; a proxy in front may have read another end of the body.
    if scope.get("http_version", "1.1") not in _VERSIONS or not _ends_where_said(scope, found):
        raise Malformed("bad_header")
    if not _HOST.fullmatch(found.get(b"host", b"")):
        raise Malformed("bad_header")
    length = found.get(b"content-length")
    if length is not None and (b"transfer-encoding" in found or not length.isdigit() or len(length) > 18):
        raise Malformed("bad_header")
    if found.get(b"content-encoding", b"identity").strip().lower() != b"identity":
        raise UnsupportedMediaType()
    # An escaped slash would be one path here and another in a proxy's rules.
    if not _is_clean(raw_path, _IN_AN_ADDRESS) or _ESCAPED_SEPARATOR.search(raw_path):
        raise Malformed("bad_path")
    if not _is_clean(query, _IN_AN_ADDRESS):
        raise Malformed("bad_query")


def _ends_where_said(scope: Scope, headers: Mapping[bytes, bytes]) -> bool:
    """A coding is ``chunked`` alone, and no coding exists in HTTP/1.0 (RFC 9112, 6.1)."""
    coding = headers.get(b"transfer-encoding")
    return coding is None or (coding.strip().lower() == b"chunked" and scope.get("http_version") != "1.0")


def _is_clean(escaped: bytes, forbidden: re.Pattern[str]) -> bool:
    """Percent-encoded ASCII that decodes to UTF-8 without any forbidden character."""
    if not escaped.isascii() or _BROKEN_ESCAPE.search(escaped):
        return False
    try:
        return not forbidden.search(unquote_to_bytes(escaped).decode())
    except UnicodeDecodeError:
        return False


def check_body(scope: Scope, body: bytes, *, form_paths: Iterable[str]) -> None:
    """Refuse a body whose media type is not expected here, or whose content is not strictly what it says."""
    method = scope["method"]
    if not body:
        return
    if method in {"GET", "HEAD", "DELETE"}:
        raise Malformed("body_not_expected")
    given = _MEDIA.fullmatch(_header(scope, b"content-type").lower())
    if given is None or (given[2] or "utf-8") not in {"utf-8", "utf8"}:
        raise _unsupported(method)
    if given[1] == FORM and method == "POST" and scope["path"] in form_paths:
        check_form(body)
    elif given[1] == (MERGE_PATCH if method == "PATCH" else JSON):
        check_json(body)
    else:
        raise _unsupported(method)


def check_streamed(scope: Scope) -> None:
    """Refuse a media type that a streamed path does not read; its content is its route's business."""
    given = _MEDIA.fullmatch(_header(scope, b"content-type").lower())
    if given is None or (given[2] or "utf-8") not in {"utf-8", "utf8"} or given[1] not in STREAMED:
        raise UnsupportedMediaType(headers={"Accept-Post": ", ".join(sorted(STREAMED))})


def _unsupported(method: str) -> UnsupportedMediaType:
    header = {"Accept-Patch": MERGE_PATCH} if method == "PATCH" else {"Accept-Post": JSON}
    return UnsupportedMediaType(headers=header)


def _header(scope: Scope, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


def check_form(body: bytes) -> None:
    """A form: UTF-8, no control character, no name given twice."""
    if not _is_clean(body, _IN_A_TEXT):
        raise Invalid("bad_text")
    names = [unquote_to_bytes(pair.partition(b"=")[0].replace(b"+", b" ")) for pair in body.split(b"&")]
    if len(names) > _MOST_NAMES:
        raise Invalid("list_too_long")
    if len(set(names)) != len(names):
        raise Malformed("duplicate_member")


def check_json(body: bytes) -> None:
    """Strict JSON: UTF-8, no duplicate member, at most 16 levels, bounded lists, finite numbers."""
    try:
        text = body.decode()
        content = json.loads(
            text,
            object_pairs_hook=_no_duplicate,
            parse_int=_integer,
            parse_float=_float,
            parse_constant=_constant,
        )
    except RecursionError:
        raise Malformed("too_deep") from None
    except ValueError:  # UnicodeDecodeError and JSONDecodeError, whose text quotes the document
        raise Malformed("malformed_json") from None
    # Most bodies are small and plain: three counts at the speed of C spare them the walk.
    if text.count("[") + text.count("{") > _DEEPEST or text.count(",") >= _LONGEST_LIST or _SUSPECT_JSON.search(text):
        _walk(content)


def _walk(content: Any) -> None:
    waiting: list[tuple[Any, int]] = [(content, 1)]
    while waiting:
        node, depth = waiting.pop()
        if isinstance(node, str):
            if _IN_A_TEXT.search(node):
                raise Invalid("bad_text")
            continue
        if not isinstance(node, dict | list):
            continue
        if depth > _DEEPEST:
            raise Malformed("too_deep")
        if len(node) > _LONGEST_LIST:  # members too: each unknown one would be an error to report
            raise Invalid("list_too_long")
        if isinstance(node, dict):
            waiting.extend((name, depth) for name in node)
        waiting.extend((child, depth + 1) for child in (node.values() if isinstance(node, dict) else node))


def _no_duplicate(pairs: list[tuple[str, Any]]) -> Mapping[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise Malformed("duplicate_member")
    return members


def _integer(digits: str) -> int:
    # The length first: converting a million digits is work, and Python refuses it past 4 300.
    if len(digits) > 20 or not -_LARGEST_INTEGER - 1 <= int(digits) <= _LARGEST_INTEGER:
        raise Invalid("bad_number")
    return int(digits)


def _float(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise Invalid("bad_number")
    return number


def _constant(_name: str) -> float:
    raise Invalid("bad_number")  # NaN, Infinity, -Infinity
