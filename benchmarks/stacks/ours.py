"""Relais itself, as it is served: every lane, the wire, the traces."""

from typing import Any

from app.main import create_app
from app.settings import Settings


def make() -> Any:
    """The application, from the environment."""
    return create_app(Settings())
