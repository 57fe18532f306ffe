"""What a socket can say that no HTTP library would: bytes, and what they must be answered."""

from __future__ import annotations

from dataclasses import dataclass

GET = b"GET /healthz HTTP/1.1\r\nHost: a\r\n"
POST = b"POST /v1/auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
CLOSE = b"Connection: close\r\n\r\n"
END = b"\r\n"
SMUGGLED = b"GET /readyz HTTP/1.1\r\nHost: a\r\nX-Smuggled: 1\r\n\r\n"
"""A second request hidden in the first: it must never be answered."""

BAD, OK, ANY_REFUSAL = (400,), (200,), (400, 404, 405, 408, 411, 413, 414, 415, 422, 426, 431, 501, 505)


@dataclass(frozen=True)
class Said:
    """Bytes, the statuses that they may be answered (none: closed without a word), and how many answers at most."""

    sent: bytes
    statuses: tuple[int, ...] = BAD
    answers: int = 1
    may_be_silent: bool = False


def chunked(body: bytes, statuses: tuple[int, ...] = BAD) -> Said:
    """A chunked body, said wrong."""
    return Said(POST + b"Transfer-Encoding: chunked\r\n\r\n" + body, statuses)


def header(line: bytes, statuses: tuple[int, ...] = BAD) -> Said:
    """One more header line."""
    return Said(GET + line + b"\r\n" + CLOSE, statuses)


def target(line: bytes, statuses: tuple[int, ...] = ANY_REFUSAL) -> Said:
    """Another request line."""
    return Said(line + b"\r\nHost: a\r\n" + CLOSE, statuses, may_be_silent=True)


RAW: dict[str, Said] = {
    # Where does the body end?
    "CL then TE": Said(POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED),
    "TE then CL": Said(POST + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + SMUGGLED),
    "TE obfuscated by case and space": Said(POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + SMUGGLED),
    "TE xchunked": Said(POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + SMUGGLED, (400, 501)),
    "TE chunked, identity": Said(
        POST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + SMUGGLED, (400, 501)
    ),
    "TE twice": Said(POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" + SMUGGLED),
    "TE with a vertical tab": Said(POST + b"Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n" + SMUGGLED),
    "TE folded": Said(POST + b"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n" + SMUGGLED),
    "TE in quotes": Said(POST + b'Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n' + SMUGGLED, (400, 501)),
    "TE in HTTP/1.0": Said(
        b"POST /v1/auth/login HTTP/1.0\r\nHost: a\r\nContent-Type: application/json\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED, ANY_REFUSAL),
    "two equal lengths": Said(POST + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}" + SMUGGLED),
    "two different lengths": Said(POST + b"Content-Length: 2\r\nContent-Length: 99\r\n\r\n{}" + SMUGGLED),
    "a list of lengths": Said(POST + b"Content-Length: 2, 2\r\n\r\n{}" + SMUGGLED),
    "a negative length": Said(POST + b"Content-Length: -1\r\n\r\n{}"),
    "a signed length": Said(POST + b"Content-Length: +2\r\n\r\n{}" + SMUGGLED),
    "a length in hexadecimal": Said(POST + b"Content-Length: 0x2\r\n\r\n{}" + SMUGGLED),
    "a length with an underscore": Said(POST + b"Content-Length: 1_0\r\n\r\n{}" + SMUGGLED),
    "a length past 64 bits": Said(POST + b"Content-Length: 18446744073709551618\r\n\r\n{}"),
    "a length of a hundred digits": Said(POST + b"Content-Length: " + b"9" * 100 + b"\r\n\r\n{}"),
    "a length larger than allowed": Said(POST + b"Content-Length: 999999999999\r\n\r\n{}", (413,)),
    "an empty length": Said(POST + b"Content-Length: \r\n\r\n{}" + SMUGGLED, (400, 401, 422)),
    "a body where none is read": Said(GET + b"Content-Length: 76\r\n\r\n" + SMUGGLED.ljust(76), BAD),
    "a length on a HEAD": Said(b"HEAD /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", BAD),
    # Chunks.
    "a chunk size past 64 bits": chunked(b"FFFFFFFFFFFFFFFFF\r\n{}\r\n0\r\n\r\n"),
    "a chunk size of 2 to the 63": chunked(b"8000000000000000\r\n{}\r\n0\r\n\r\n", (400, 408, 413)),
    "a negative chunk size": chunked(b"-2\r\n{}\r\n0\r\n\r\n"),
    "a chunk size in a prefix": chunked(b"0x2\r\n{}\r\n0\r\n\r\n"),
    "a chunk size with a space": chunked(b"2 2\r\n{}\r\n0\r\n\r\n"),
    "an empty chunk size": chunked(b"\r\n{}\r\n0\r\n\r\n"),
    "a chunk longer than said": chunked(b"2\r\n{}{}\r\n0\r\n\r\n"),
    "a chunk ended by a bare LF": chunked(b"2\n{}\n0\n\n"),
    "a chunk extension of 20 KB": chunked(b"2;" + b"a" * 20_000 + b"\r\n{}\r\n0\r\n\r\n", (413, 422, 431)),
    "trailers of 20 KB": chunked(b"2\r\n{}\r\n0\r\nX: " + b"a" * 20_000 + b"\r\n\r\n", (431,)),
    "a trailer that is a length": chunked(b"2\r\n{}\r\n0\r\nContent-Length: 99\r\n\r\n"),
    "a hundred thousand chunks of one byte": chunked(b"1\r\n \r\n" * 100_000 + b"0\r\n\r\n"),
    # Who is spoken to, and what is asked for?
    "no Host": Said(b"GET /healthz HTTP/1.1\r\n" + CLOSE),
    "two Hosts": header(b"Host: b"),
    "an empty Host": Said(b"GET /healthz HTTP/1.1\r\nHost:\r\n" + CLOSE),
    "a Host with a path": Said(b"GET /healthz HTTP/1.1\r\nHost: a/b\r\n" + CLOSE),
    "a Host with an account": Said(b"GET /healthz HTTP/1.1\r\nHost: a@b\r\n" + CLOSE),
    "absolute form": target(b"GET http://elsewhere.example/healthz HTTP/1.1", OK),
    "absolute form of a secret place": target(b"GET http://169.254.169.254/latest/meta-data HTTP/1.1"),
    "authority form": target(b"CONNECT elsewhere.example:443 HTTP/1.1"),
    "authority form on GET": target(b"GET elsewhere.example:443 HTTP/1.1"),
    "asterisk form": target(b"OPTIONS * HTTP/1.1"),
    "asterisk form on GET": target(b"GET * HTTP/1.1"),
    "no target": target(b"GET  HTTP/1.1"),
    "a fragment": target(b"GET /healthz#a HTTP/1.1", (200, *ANY_REFUSAL)),
    "a space in the target": target(b"GET /health z HTTP/1.1"),
    "a NUL in the target": target(b"GET /healthz\x00 HTTP/1.1"),
    "bytes past ASCII in the target": target(b"GET /\xff\xfe HTTP/1.1"),
    "a target of 20 KB": target(b"GET /" + b"a" * 20_000 + b" HTTP/1.1", (414, 431)),
    "TRACE": target(b"TRACE /healthz HTTP/1.1"),
    "QUERY": target(b"QUERY /v1/persons HTTP/1.1"),
    "PRI": target(b"PRI * HTTP/1.1"),
    "a method in lower case": target(b"get /healthz HTTP/1.1"),
    "an unknown method": target(b"BREW /healthz HTTP/1.1"),
    "a method of 20 KB": target(b"A" * 20_000 + b" /healthz HTTP/1.1"),
    # Versions and other protocols.
    "HTTP/0.9": Said(b"GET /healthz\r\n\r\n", (400, 505), may_be_silent=True),
    "HTTP/1.2": target(b"GET /healthz HTTP/1.2"),
    "HTTP/2.0 in words": target(b"GET /healthz HTTP/2.0"),
    "HTTP/11": target(b"GET /healthz HTTP/11"),
    "the preface of HTTP/2": Said(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00" * 9),
    "a TLS greeting": Said(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\xaa" * 500),
    "a PROXY line": Said(b"PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\n" + GET + CLOSE),
    "an SSH greeting": Said(b"SSH-2.0-OpenSSH_9.6\r\n"),
    "PostgreSQL": Said(b"\x00\x00\x00\x08\x04\xd2\x16\x2f" + b"\x00" * 8),
    "nothing but NULs": Said(b"\x00" * 4096),
    # Headers.
    "a header of 64 KB": header(b"X: " + b"a" * 65_536, (431,)),
    "headers of 16 KB": header(b"\r\n".join(b"X-%d: " % n + b"a" * 1000 for n in range(17)), (431,)),
    "a hundred and one headers": header(b"\r\n".join(b"X-%d: a" % n for n in range(101)), (200, 431)),
    "ten thousand headers": header(b"\r\n".join(b"X-%d: a" % n for n in range(10_000)), (431,)),
    "a bare LF": Said(b"GET /healthz HTTP/1.1\nHost: a\nConnection: close\n\n", (200, 400)),
    "a bare CR": Said(b"GET /healthz HTTP/1.1\rHost: a\r\r", BAD),
    "a folded header": header(b"X: a\r\n b"),
    "a first line that is folded": Said(b"GET /healthz HTTP/1.1\r\n Host: a\r\n" + CLOSE),
    "a NUL in a header": header(b"X: a\x00b"),
    "a CR in a header": header(b"X: a\rb"),
    "a control character in a header": header(b"X: a\x01b", (200, 400)),
    "a space before the colon": header(b"X : a"),
    "a header without a name": header(b": a"),
    "a header without a colon": header(b"nonsense"),
    "a name with a space": header(b"X Y: a"),
    "a name past ASCII": header(b"X-\xe9: a"),
    "bytes past ASCII in a value": header(b"X: \xff\xfe", (200, 400)),
    "two Authorizations": header(b"Authorization: Bearer a\r\nAuthorization: Bearer b"),
    "two Content-Types": Said(POST + b"Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}"),
    "Expect of something else": header(b"Expect: 200-ok", (200, 417)),
    "an upgrade to WebSocket": header(
        b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", (200, 400, 426)),
    "an upgrade to h2c": header(
        b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__", (200, 400)),
    "an upgrade with a body": Said(
        POST + b"Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 2\r\n\r\n{}", ANY_REFUSAL),
    # One request inside another.
    "a request in a body that is too long for its length": Said(
        POST + b"Content-Length: 2\r\nConnection: close\r\n\r\n{}" + SMUGGLED, ANY_REFUSAL),
    "a request in a form": Said(
        b"POST /v1/auth/revoke HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(SMUGGLED) + SMUGGLED, ANY_REFUSAL),
    "a request in a GET": Said(GET + b"Content-Length: %d\r\n\r\n" % len(SMUGGLED) + SMUGGLED, BAD),
    "a body compressed": Said(POST + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08\x00", (415,)),
}  # fmt: skip
