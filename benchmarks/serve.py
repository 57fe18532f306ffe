"""One stack in a process of its own: ``python -m benchmarks.serve ours``. Loopback, one worker, uvloop, httptools.

Prints its port when it is ready. Ends when its standard input closes: whoever started it may die, it does not stay.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import socket
import sys

import structlog
import uvicorn

from app.wire_protocol import GuardedProtocol


def _write_logs_cheaply() -> None:
    # As in production, one line of JSON for each request, written out; its place here is a file that nobody reads.
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )


async def _main(stack: str) -> None:
    module = importlib.import_module(f"benchmarks.stacks.{stack}")
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(
            module.make(),
            # Relais is served behind its own guard; the other two have none to pay for.
            http=GuardedProtocol if stack in ("ours", "unfair") else "httptools",
            log_level="error",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            lifespan="on",
        )
    )

    def parent_has_gone() -> None:
        if not os.read(0, 1):
            server.should_exit = True

    asyncio.get_running_loop().add_reader(0, parent_has_gone)
    serving = asyncio.create_task(server.serve([listening]))
    while not server.started:
        if serving.done():
            serving.result()
            raise SystemExit(1)
        await asyncio.sleep(0.02)
    print(listening.getsockname()[1], flush=True)
    await serving


if __name__ == "__main__":
    if hasattr(os, "sched_setaffinity") and "BENCH_CORE" in os.environ:
        os.sched_setaffinity(0, {int(os.environ["BENCH_CORE"])})
    _write_logs_cheaply()
    import uvloop

    uvloop.run(_main(sys.argv[1]))
