"""The server's own door: ``uvicorn --http app.wire_protocol:GuardedProtocol``.

Left to itself, uvicorn keeps for ever a connection that says nothing or trickles its headers, and reads
headers of any size. Here a head has an absolute deadline, counted from the connection or from its first byte,
and 16 KiB. A connection kept alive between two requests stays under uvicorn's own ``timeout_keep_alive``.
"""

import asyncio
import uuid
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from app.errors import Malformed, Problem, problem_body, problem_headers


class GuardedProtocol(HttpToolsProtocol):
    """uvicorn's httptools protocol, with a deadline and a size for the head of each request."""

    head_deadline: ClassVar[float] = 10.0
    max_head: ClassVar[int] = 16_384

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.access_log = False  # it would print addresses, paths and queries; wire.py keeps its own
        self._reading_head = True
        self._head_size = 0
        self._guard: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._arm()

    def connection_lost(self, exc: Exception | None) -> None:
        self._disarm()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._reading_head:
            self._head_size += len(data)
            if self._guard is None:
                self._arm()
        super().data_received(data)
        if self._reading_head and self._head_size > self.max_head and not self.transport.is_closing():
            self._refuse(Problem("header_too_large", status=431))

    def on_headers_complete(self) -> None:
        self._disarm()
        self._reading_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        # What comes next is another head. Its deadline starts with its first byte.
        self._reading_head, self._head_size = True, 0

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 — ours says it in people's words
        self._refuse(Malformed("bad_header"))

    def _should_upgrade_to_ws(self) -> bool:
        return False  # no WebSocket here: an upgrade is an ordinary request

    def _arm(self) -> None:
        self._guard = self.loop.call_later(self.head_deadline, self._too_late)

    def _disarm(self) -> None:
        if self._guard is not None:
            self._guard.cancel()
            self._guard = None

    def _too_late(self) -> None:
        self._guard = None
        if self._answering():
            self._arm()  # the head of a pipelined request may wait for the answer in progress
        elif not self.transport.is_closing():
            self.transport.close()

    def _answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _refuse(self, problem: Problem) -> None:
        """Answer without the application, in French since no header can be trusted, and close."""
        self._disarm()
        if self._answering() and self.cycle.more_body and not self.pipeline:
            # The fault is in the body of the request in progress: nobody waits for the rest of it.
            self.cycle.disconnected = True
            self.cycle.message_event.set()
            if self.cycle.response_started:
                self.transport.close()
                return
        elif self._answering():
            # An earlier request is still owed its answer: it will be the last, and nothing more is read.
            self.cycle.keep_alive = False
            self.flow.pause_reading()
            return
        body = problem_body(problem, language="fr", instance=uuid.uuid4().urn)
        headers = {
            **problem_headers(problem, language="fr"),
            "Content-Length": str(len(body)),
            "Connection": "close",
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self.transport.write(STATUS_LINE[problem.status] + lines.encode() + b"\r\n" + body)
        self.transport.close()
