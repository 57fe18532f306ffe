"""``relais statistics``: publish a closed period, verify a frozen report. Thin, as ``app.cli`` is, which "
"mounts these."""

# ruff: noqa: PLC0415 — help must not wait for the whole program to load

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated
from uuid import UUID

import typer

Period = Annotated[str, typer.Argument(help="Un trimestre (2026-Q3) ou une année (2026), clos.", show_default=False)]
ReportId = Annotated[UUID, typer.Argument(help="L'identifiant d'un rapport figé.", show_default=False)]


def statistics_commands(in_french: Callable[[Callable[..., None]], Callable[..., None]]) -> typer.Typer:
    """The group of commands; ``in_french`` tells what cannot be done."""
    said = {"help_option_names": ["-h", "--help"]}
    statistics = typer.Typer(no_args_is_help=True, context_settings=said, help="Les chiffres publiés et les rapports.")
    statistics.command("publish")(in_french(publish_command))
    statistics.command("verify")(in_french(verify_command))
    return statistics


def publish_command(period: Period) -> None:
    """Publier les chiffres arrondis d'une période close, pour le commandement, les comités et l'observatoire.

    À repasser à volonté : ce qui n'a pas changé n'a pas de nouvelle version. Demande RELAIS_STATISTICS_KEY, toujours la
    même.
    """
    from app.counting import publish_period
    from app.running.background import statistics_key, worker_url
    from app.running.telling import Told

    url, key, told = worker_url(), statistics_key(), Told()
    with told.step("Publication") as publishing:
        added = asyncio.run(publish_period(url, key, period, publishing))
    told.say(f"Versions publiées : {added}")


def verify_command(report_id: ReportId) -> None:
    """Recompter un rapport figé sur les fiches, et nommer chaque différence. Le code de sortie est 1 s'il y en a."""
    from app.counting import verify_report
    from app.running.background import worker_url
    from app.running.telling import Told

    url, told = worker_url(), Told()
    with told.step("Recomptage"):
        differences = asyncio.run(verify_report(url, report_id))
    for difference in differences:
        typer.echo(difference)
    told.say(f"Différences : {len(differences)}" if differences else "Le rapport dit ce que disent les fiches.")
    if differences:
        raise typer.Exit(1)
