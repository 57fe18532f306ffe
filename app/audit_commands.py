"""``relais audit``: do the traces hold, anchor them, sum up a day. Thin, as ``app.cli`` is, which mounts these."""

# ruff: noqa: PLC0415 — help must not wait for the whole program to load

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.refusal import CannotRun

if TYPE_CHECKING:
    from app.services.anchors import AnchorKey

BROKEN, UNVERIFIABLE = 2, 3

Anchors = Annotated[
    Path | None, typer.Option("--anchors", help="Le fichier d'ancres signées, de préférence une copie gardée ailleurs.")
]
PublicKey = Annotated[
    Path | None,
    typer.Option("--key", help="Les clés publiques des ancres (PEM, une ou plusieurs). Sinon, RELAIS_ANCHOR_KEY."),
]
File = Annotated[Path, typer.Argument(help="Le fichier d'ancres, créé s'il manque.", dir_okay=False)]
Day = Annotated[datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="Le jour (aujourd'hui).")]


def audit_commands(in_french: Callable[[Callable[..., None]], Callable[..., None]]) -> typer.Typer:
    """The group of commands; ``in_french`` tells what cannot be done."""
    said = {"help_option_names": ["-h", "--help"]}
    audit = typer.Typer(no_args_is_help=True, context_settings=said, help="Les traces : vérifier, ancrer, résumer.")
    audit.command("verify")(in_french(verify_command))
    audit.command("anchor")(in_french(anchor_command))
    audit.command("key")(in_french(key_command))
    audit.command("summary")(in_french(summary_command))
    return audit


def verify_command(anchors: Anchors = None, key: PublicKey = None) -> None:
    """Recalculer chaque chaîne, et la comparer à ce qui en fut signé.

    Code de sortie : 0, tout tient ; 2, une chaîne est rompue ; 3, on ne peut pas conclure (serveur, fichier, signature
    ou clé).
    """
    from app.auditing import verify
    from app.running.background import worker_url
    from app.services.anchors import Unverifiable

    try:
        keys = _public_keys(key) if anchors is not None else {}
        found = asyncio.run(verify(worker_url(), anchors, keys))
    except (CannotRun, Unverifiable) as why:
        _tell(str(why))
        raise typer.Exit(UNVERIFIABLE) from None
    for sentence in (*found.broken, *found.doubts):
        _tell(sentence)
    typer.echo(f"Chaînes : {found.chains} · maillons : {found.entries} · ancres : {found.anchors}")
    if found.broken or found.doubts:
        raise typer.Exit(BROKEN if found.broken else UNVERIFIABLE)
    typer.echo(
        "Tout tient." if anchors else "Les chaînes tiennent. Sans ancres, une chaîne toute récrite ne se voit pas."
    )


def anchor_command(file: File) -> None:
    """Signer la tête de chaque chaîne, au bout d'un fichier à copier ailleurs. Tous les quarts d'heure, par exemple.

    Demande RELAIS_ANCHOR_KEY. N'écrit rien à la suite d'un fichier qui ne tient pas, ni sur des chaînes rompues : mêmes
    codes de sortie que verify.
    """
    from app.auditing import Broken, anchor
    from app.running.background import worker_url
    from app.services.anchors import Unverifiable

    try:
        n, heads = asyncio.run(anchor(worker_url(), file, _anchor_key()))
    except Broken as broken:
        for sentence in broken.sentences:
            _tell(sentence)
        raise typer.Exit(BROKEN) from None
    except (CannotRun, Unverifiable) as why:
        _tell(str(why))
        raise typer.Exit(UNVERIFIABLE) from None
    typer.echo(f"Ancre {n} : {heads} chaînes.")


def key_command() -> None:
    """Afficher la partie publique de la clé des ancres : à garder avec leur copie."""
    typer.echo(_anchor_key().public, nl=False)


def summary_command(on: Day = None) -> None:
    """Une journée par compte et par acte : des nombres, jamais un nom. Pour le délégué."""
    from app.auditing import summary
    from app.running.background import worker_url

    said = asyncio.run(summary(worker_url(), on.date() if on else None))
    day: date = said["on"]
    typer.echo(f"Traces du {day:%d/%m/%Y}, à Paris")
    for line in said["items"]:
        typer.echo(_line(line))
    if not said["items"]:
        typer.echo("Rien.")


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' if number > 1 else ''}"


def _line(line: dict[str, Any]) -> str:
    outcomes = {"done": "fait", "refused": "refusé", "not_found": "introuvable", "failed": "échoué"}
    off_hours = f", dont {line['off_hours']} hors des heures ouvrées" if line["off_hours"] else ""
    return (
        f"{line['account_id'] or 'sans compte'!s:36}  {line['lane'].removeprefix('relais_')}  {line['act']}"
        f" ({outcomes[line['outcome']]}) : {_count(line['acts'], 'acte')}, {_count(line['subjects'], 'objet')},"
        f" {line['busiest_hour']} dans l'heure la plus chargée{off_hours}"
    )


def _anchor_key() -> AnchorKey:
    from app.running.background import anchor_key

    if (key := anchor_key()) is None:
        raise CannotRun("Il faut RELAIS_ANCHOR_KEY, la clé privée Ed25519 qui signe les ancres.")
    return key


def _public_keys(file: Path | None) -> Any:
    from app.refusal import reason
    from app.services.anchors import Unverifiable, public_keys

    try:
        return public_keys(_anchor_key().public if file is None else file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        why = reason(error) if isinstance(error, OSError) else "ce n'est pas du texte"
        raise Unverifiable(f"La clé publique des ancres ne se lit pas ({why}).") from None


def _tell(sentence: str) -> None:
    typer.echo(sentence, err=True)
