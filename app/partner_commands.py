"""``relais partners``: the directory, in and out. Thin, as ``app.cli`` is, which mounts these commands."""

# ruff: noqa: PLC0415 — help must not wait for the whole program to load

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

Source = Annotated[str, typer.Argument(help="Un fichier, ou une adresse http(s).", show_default=False)]
Destination = Annotated[Path, typer.Argument(help="Le fichier à écrire.", dir_okay=False, show_default=False)]
Departement = Annotated[str | None, typer.Option("--departement", help="Les structures de ce département seulement.")]


def partner_commands(in_french: Callable[[Callable[..., None]], Callable[..., None]]) -> typer.Typer:
    """The group of commands; ``in_french`` tells what cannot be done."""
    said = {"help_option_names": ["-h", "--help"]}
    partners = typer.Typer(no_args_is_help=True, context_settings=said, help="L'annuaire des partenaires.")
    partners.command("import")(in_french(import_command))
    partners.command("export")(in_french(export_command))
    return partners


def import_command(source: Source) -> None:
    """Importer des fiches data·inclusion v1 : créées, mises à jour, inchangées ou refusées.

    Refaire un import n'ajoute rien. Le code de sortie est 1 dès qu'une fiche est refusée. Pour l'API data·inclusion, le
    jeton se donne dans RELAIS_DATA_INCLUSION_TOKEN, jamais dans l'adresse.
    """
    from app.importing import import_file, line, opened
    from app.running.background import worker_url
    from app.running.telling import Told

    url, told = worker_url(), Told()
    with contextlib.ExitStack() as held:
        with told.step("Réception du fichier") as receiving:
            token = os.environ.get("RELAIS_DATA_INCLUSION_TOKEN")
            file = held.enter_context(opened(source, token=token, advance=receiving))
        with told.step("Import de l'annuaire") as importing:
            report = asyncio.run(import_file(url, file, importing))
    for refused in report.rows:
        typer.echo(line(refused))  # not through rich: an identifier may look like its mark-up
    told.say(
        f"Créées : {report.created} · mises à jour : {report.updated} · inchangées : {report.unchanged}"
        f" · refusées : {report.refused}"
    )
    if report.refused:
        raise typer.Exit(1)


def export_command(destination: Destination, departement: Departement = None) -> None:
    """Exporter l'annuaire au schéma data·inclusion v1. L'adresse d'un refuge n'y est pas."""
    from app.importing import export_file
    from app.running.background import worker_url
    from app.running.telling import Told

    url, told = worker_url(), Told()
    with told.step("Export de l'annuaire"):
        count = asyncio.run(export_file(url, destination, departement_code=departement))
    told.say(f"{count} fiches dans {destination}")
