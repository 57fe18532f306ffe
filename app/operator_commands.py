"""What an operator looks after: ``relais audit``, ``relais keys``, ``relais check``. ``app.cli`` mounts them."""

# ruff: noqa: PLC0415 — help must not wait for the whole program to load

from __future__ import annotations

from collections.abc import Callable

import typer

from app.audit_commands import audit_commands
from app.key_commands import key_commands


def mount(app: typer.Typer, in_french: Callable[[Callable[..., None]], Callable[..., None]]) -> None:
    """Add these commands; ``in_french`` tells what cannot be done."""
    app.add_typer(audit_commands(in_french), name="audit")
    app.add_typer(key_commands(in_french), name="keys")
    app.command("check")(in_french(check_command))


def check_command() -> None:
    """Dire si un processus démarrerait avec ces réglages, point par point. Le code de sortie est 1 s'il refuserait."""
    from app.running.background import known_settings
    from app.running.checking import looked_at

    found = list(looked_at(known_settings()))
    for each in found:
        typer.echo(f"{'refusé' if each.refused else 'ok':7}{each.what}{f' : {each.refused}' if each.refused else ''}")
    if any(each.refused for each in found):
        raise typer.Exit(1)
