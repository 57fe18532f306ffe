"""Logs: one JSON object a line, and never the words of an exception."""

import json
import subprocess
import sys

from tests.running.relais_for_tests import ROOT

SPEAKER = """
import logging, structlog
from app.running.logs import configure_logs
configure_logs()
try:
    raise ValueError("Madame Dupont, 06 39 98 00 01")
except ValueError:
    structlog.get_logger().exception("ours")
    logging.getLogger("a.library").exception("theirs")
structlog.get_logger().info("request", status=200)
logging.getLogger("a.library").info("trop bavarde")
"""


def test_a_log_line_is_json_and_an_exception_gives_its_class_and_where_only() -> None:
    done = subprocess.run([sys.executable, "-c", SPEAKER], cwd=ROOT, capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in done.stderr.splitlines()]

    assert [line["event"] for line in lines] == ["ours", "theirs", "request"]
    assert {line["error_class"] for line in lines[:2]} == {"ValueError"}
    assert "Dupont" not in done.stderr and done.stdout == ""
