"""What the machine logs: on stderr, structured. An exception gives its class and where, never its words."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog

from app.error_handlers import safe_frames
from app.errors import database_facts


def configure_logs(*, level: int = logging.INFO) -> None:
    """JSON lines on stderr, or readable lines on a terminal."""
    pretty = sys.stderr.isatty()
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_words,
    ]
    renderer: Any = structlog.dev.ConsoleRenderer() if pretty else structlog.processors.JSONRenderer(ensure_ascii=False)
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    # Libraries speak only to warn: at their ease they would print addresses and statements.
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.captureWarnings(True)


def _without_words(_: Any, __: str, event: Any) -> Any:
    """Replace an exception by its class, its SQLSTATE and its frames: its message may carry what people typed."""
    error = event.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()[1]
    if isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        event |= {**database_facts(error), "frames": safe_frames(error)}
    return event
