"""``relais keys``: show, publish, replace the keys. Thin, as ``app.cli`` is, which mounts these commands."""

# ruff: noqa: PLC0415 — help must not wait for the whole program to load

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from app.running.rotating import Operator

Folder = Annotated[
    Path | None,
    typer.Option("--folder", help="Le dossier des clés. Sinon : RELAIS_SECRETS_DIR, puis celui de RELAIS_HOME."),
]
STATES = {"current": "en service", "next": "prochaine, déjà publiée", "retired": "retirée"}


def key_commands(in_french: Callable[[Callable[..., None]], Callable[..., None]]) -> typer.Typer:
    """The group of commands; ``in_french`` tells what cannot be done."""
    said = {"help_option_names": ["-h", "--help"]}
    keys = typer.Typer(no_args_is_help=True, context_settings=said, help="Les clés : voir, publier, changer.")
    keys.command("list")(in_french(list_command))
    keys.command("public")(in_french(public_command))
    keys.command("rotate")(in_french(rotate_command))
    return keys


def list_command(folder: Folder = None) -> None:
    """Montrer les clés par leur nom et leur état, et ce qu'il reste à sceller de nouveau ; jamais une clé."""
    from app.refusal import CannotRun
    from app.running.key_files import key_file
    from app.running.rotating import sealing_left, sealing_ring, signing_ring

    operator, home = _operator(), _home()
    for key in signing_ring(key_file(home, "signing_key", folder)).keys:
        dates = "".join(
            f", {word} {moment:%d/%m/%Y %H:%M} UTC"
            for word, moment in (("depuis le", key.since), ("crue jusqu'au", key.until))
            if moment
        )
        typer.echo(f"signature    {key.kid}  {STATES[key.state]}{dates}")
    try:
        path = key_file(home, "sealing_key", folder)
    except CannotRun:
        return  # where signing is done, notes are not opened
    ring = sealing_ring(path)
    for place, each in enumerate(ring.ring):
        typer.echo(f"scellement   {each.key_id}  {'ouvre encore' if place else 'scelle'}")
    left = asyncio.run(sealing_left(operator, ring))
    typer.echo("Reste à sceller de nouveau : " + ("inconnu, sans RELAIS_BOOTSTRAP_URL" if left is None else str(left)))


def public_command(folder: Folder = None) -> None:
    """Afficher les clés publiques (JWKS), pour RELAIS_VERIFICATION_KEYS des processus qui ne signent pas."""
    from app.running.key_files import key_file
    from app.running.rotating import signing_ring

    typer.echo(signing_ring(key_file(_home(), "signing_key", folder)).key_set())


def rotate_command(
    sealing: Annotated[
        bool, typer.Option("--sealing", help="La clé de scellement, et non celle de signature.")
    ] = False,
    stolen: Annotated[
        bool, typer.Option("--stolen", help="La clé de signature est volée : ne plus la croire.")
    ] = False,
    folder: Folder = None,
) -> None:
    """Passer à la clé suivante. La commande dit ce qu'il faut redémarrer, puis se repasse ; coupée, elle se repasse.

    Signature : la première fois prépare et publie la clé suivante ; chaque fois d'après la met en service. Scellement,
    avec RELAIS_BOOTSTRAP_URL : trois fois (une clé de plus, tout sceller de nouveau, retirer l'ancienne).
    """
    if sealing:
        _rotate_sealing(folder)
    else:
        _rotate_signing(folder, stolen=stolen)


def _rotate_signing(folder: Path | None, *, stolen: bool) -> None:
    from app.running.rotating import rotate_signing

    operator = _operator()
    before, after = rotate_signing(_home(), folder, stolen=stolen)
    traced = asyncio.run(operator.trace("key:rotate"))
    if before.current.kid == after.current.kid:
        typer.echo("La clé suivante est prête et publiée ; celle en service n'a pas changé.")
        typer.echo(
            "Redémarrez tous les processus (identity d'abord), puis repassez la commande pour la mettre en service."
        )
    elif stolen:
        typer.echo("La clé volée n'est plus crue. Redémarrez tous les processus tout de suite : chacun se renouvelle.")
    else:
        typer.echo("La clé suivante signe. Redémarrez identity ; les autres avant la prochaine rotation.")
    if not traced:
        typer.echo("Sans RELAIS_BOOTSTRAP_URL, cette rotation n'est pas tracée : notez-la au registre.", err=True)


def _rotate_sealing(folder: Path | None) -> None:
    from app.running.key_files import key_file
    from app.running.rotating import begin_sealing, end_sealing, go_on_sealing, sealing_ring
    from app.running.telling import Told

    operator, path = _operator(), key_file(_home(), "sealing_key", folder)
    if len(sealing_ring(path).ring) == 1:
        kept = asyncio.run(begin_sealing(operator, path))
        typer.echo(f"Nouvelle clé de scellement ajoutée en tête ; l'ancien fichier est copié dans {kept.name}.")
        typer.echo("Copiez-la hors ligne, redémarrez tous les processus sociaux, puis repassez la commande.")
        return
    with Told().step("Clés de données scellées de nouveau") as advance:
        before, closed = asyncio.run(go_on_sealing(operator, path, advance))
    if closed:
        typer.echo(f"{closed} clés de données ne s'ouvrent par aucune des clés : l'ancienne reste.", err=True)
        raise typer.Exit(1)
    if before:
        typer.echo(f"Scellées de nouveau : {before}. Reste : 0. Repassez la commande pour retirer l'ancienne clé.")
        return
    asyncio.run(end_sealing(operator, path))
    typer.echo("L'ancienne clé n'est plus dans le fichier : rien ne s'en sert. Redémarrez les processus sociaux.")
    typer.echo("Gardez-la hors ligne aussi longtemps que les sauvegardes d'avant, puis détruisez ses copies.")


def _home() -> Path:
    from app.settings import Settings

    return Settings().home


def _operator() -> Operator:
    from app.refusal import CannotRun
    from app.running.preparing import operated
    from app.running.rotating import Operator
    from app.settings import Settings

    try:
        house = operated(Settings())
    except CannotRun:
        return Operator(None, "relais")
    return Operator(house.superuser_url, house.database)
