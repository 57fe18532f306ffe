"""The commands: ``relais run``, and what an operator needs. Thin: each reads its settings, calls, tells."""

# ruff: noqa: PLC0415 — help, and a port already taken, must not wait for the whole program to load

from __future__ import annotations

import logging
import signal
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import ValidationError

from app.account_commands import account_commands, client_commands
from app.embedded import EmbeddedPostgresError
from app.operator_commands import mount as mount_operator_commands
from app.partner_commands import partner_commands
from app.refusal import CannotRun
from app.running.listening import address_of, reserve
from app.statistics_commands import statistics_commands

if TYPE_CHECKING:
    from app.running.telling import Told
    from app.settings import Settings

HELP = {"help_option_names": ["-h", "--help"]}
app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings=HELP,
    help="Relais : l'API de l'intervenant social en commissariat et en gendarmerie.",
)
demo = typer.Typer(no_args_is_help=True, context_settings=HELP, help="La démonstration, entièrement fictive.")
app.add_typer(demo, name="demo")

STOPPED_BEFORE_READY = 130


def _settings() -> Settings:
    from app.settings import read_settings

    return read_settings()


def _told() -> Told:
    from app.running.telling import Told

    return Told()


def _fail(sentence: str) -> typer.Exit:
    typer.echo(f"Erreur : {sentence}", err=True)
    return typer.Exit(1)


def _says_yes(question: str) -> bool:
    try:
        return bool(typer.prompt(question) == "oui")
    except typer.Abort:
        typer.echo()
        return False


def in_french(command: Callable[..., None]) -> Callable[..., None]:
    """What cannot be done is told in one sentence, without a traceback."""

    @wraps(command)
    def told(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except (CannotRun, EmbeddedPostgresError) as error:
            raise _fail(str(error)) from None
        except ValidationError as error:
            if error.title != "Settings":
                raise
            names = ("RELAIS_" + "__".join(map(str, each["loc"])).upper() for each in error.errors(include_input=False))
            raise _fail(f"réglage non valable : {', '.join(names)}.") from None

    return told


def _stop_in_good_order() -> None:
    """Ctrl-C or SIGTERM while we prepare: leave by the front door, so that PostgreSQL is stopped; once only."""

    def leave(*_: object) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: None)
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, leave)


@app.command()
@in_french
def run(
    demonstration: Annotated[
        bool | None,
        typer.Option("--demo/--no-demo", help="Charger les données fictives (d'office sur le PostgreSQL fourni)."),
    ] = None,
) -> None:
    """Tout démarrer : PostgreSQL fourni, tables, données fictives la première fois, puis l'API. Ctrl-C pour arrêter.

    RELAIS_HOME (.relais), RELAIS_HOST (127.0.0.1) et RELAIS_PORT (8000) se règlent par l'environnement. Avec une URL
    par voie (RELAIS_DATABASE_URL__…), c'est ce serveur-là qui sert.
    """
    _stop_in_good_order()
    told, ready = _told(), False
    try:
        settings = _settings()
        taken = reserve(settings.host, settings.port)
        with told.step("Chargement du programme"):
            from app.running.logs import configure_logs
            from app.running.preparing import prepared
            from app.running.serving import serve
            from app.running.welcome import welcome

        configure_logs(level=logging.WARNING if sys.stderr.isatty() else logging.INFO)
        # Nobody gets invented people in a database of their own without asking.
        wanted = not settings.database_url if demonstration is None else demonstration
        with prepared(settings, told, demo=wanted) as (house, is_demo):

            def announce() -> None:
                nonlocal ready
                ready = True
                welcome(told, address_of(taken), house.settings.home, demo=is_demo)

            serve(house.settings, taken, announce=announce, notifying=True)
            told.say("Arrêt : les requêtes en cours sont finies.")
    except KeyboardInterrupt:
        told.say("Arrêt demandé.")
        if not ready:
            raise typer.Exit(STOPPED_BEFORE_READY) from None
    told.say("Relais est arrêté.")


@app.command()
@in_french
def serve(
    drain: Annotated[
        float,
        typer.Option(
            envvar="RELAIS_DRAIN", min=0, max=300, help="Secondes entre « plus prêt » et l'arrêt de l'écoute."
        ),
    ] = 2.0,
) -> None:
    """Servir les voies que donne l'environnement, et elles seules (RELAIS_DATABASE_URL__POLICE_OFFICER…)."""
    import structlog

    from app.running.logs import configure_logs
    from app.running.serving import check
    from app.running.serving import serve as serve_until_told

    configure_logs()
    settings = _settings()
    check(settings)
    taken = reserve(settings.host, settings.port)
    log = structlog.get_logger("relais.serving")
    lanes = sorted(settings.database_url)
    address = address_of(taken)
    serve_until_told(settings, taken, announce=lambda: log.info("ready", address=address, lanes=lanes), drain=drain)
    log.info("stopped")


@app.command()
@in_french
def worker(
    alive: Annotated[
        Path | None, typer.Option(help="Fichier touché à chaque tour, pour qui vérifie que ce processus vit.")
    ] = None,
) -> None:
    """Notifier les abonnés des voies que donne l'environnement (RELAIS_DATABASE_URL__SOCIAL_WORKER…)."""
    from app.running.logs import configure_logs
    from app.running.notifying import notify_until_told

    configure_logs()
    notify_until_told(_settings(), alive=alive)


@app.command("bootstrap")
@in_french
def bootstrap_command() -> None:
    """Créer ou remettre en état rôles, extensions et durcissement (superutilisateur : RELAIS_BOOTSTRAP_URL).

    Une fois à l'installation, puis après chaque restauration et chaque changement de version. Les mots de passe des
    voies viennent de leurs URL ou de RELAIS_LANE_PASSWORD__….
    """
    from app.access.policy import policy
    from app.installing import INSTALLERS
    from app.running.preparing import operated

    house, told = operated(_settings()), _told()
    with told.step(f"Rôles et droits de la base « {house.database} »"):
        house.bootstrap()
    if mute := sorted({*policy().roles, *INSTALLERS} - house.passwords.keys()):
        told.say(f"Sans mot de passe donné, inchangés : {', '.join(mute)}.")


@app.command("migrate")
@in_french
def migrate_command() -> None:
    """Mettre tables et règles d'accès à jour (RELAIS_MIGRATOR_URL)."""
    from app.running.preparing import operated

    house, told = operated(_settings()), _told()
    with told.step(f"Tables et règles d'accès de la base « {house.database} »"):
        house.migrate()


app.add_typer(account_commands(in_french), name="accounts")
app.add_typer(client_commands(in_french), name="clients")
app.add_typer(partner_commands(in_french), name="partners")
app.add_typer(statistics_commands(in_french), name="statistics")
mount_operator_commands(app, in_french)


@demo.command("load")
@in_french
def load_demo() -> None:
    """Charger la démonstration dans une base vide ; refuse une base qui contient de vraies données."""
    from app.running.preparing import operated

    house, told = operated(_settings()), _told()
    house.demonstrate(told, refusing=True)
    told.say(f"Comptes de démonstration : {house.settings.home / 'demo-accounts.json'}")


@demo.command("reset")
@in_french
def reset_demo(
    yes: Annotated[bool, typer.Option("--yes", help="Ne rien demander.")] = False,
) -> None:
    """Remettre la démonstration comme au premier démarrage, que Relais tourne ou non ; refuse toute autre base.

    Ce qui y a été saisi est perdu et les sessions finissent ; adresses, mots de passe et identifiants fixes restent
    (docs/sandbox.md).
    """
    from app.running.logs import configure_logs
    from app.running.resetting import house_to_reset, refuse_anything_else, reset

    configure_logs(level=logging.WARNING)
    _stop_in_good_order()
    told = _told()
    with house_to_reset(_settings()) as house:
        refuse_anything_else(house)
        if not yes and not _says_yes("Tout ce qui a été saisi sera perdu. Écrivez oui pour continuer"):
            raise _fail("rien n'a été remis à neuf ; « --yes » ne demande rien.")
        reset(house, told)
    told.say("La démonstration est comme au premier démarrage. Les sessions sont finies : se connecter de nouveau.")


@app.command()
@in_french
def tour() -> None:
    """Faire visiter l'API, requête par requête, sur un Relais qui tourne avec la démonstration."""
    from app.demo.tour import visit

    if not visit(_settings(), _told().console):
        raise typer.Exit(1)


def main() -> None:
    """Entry point."""
    app(prog_name="relais")


if __name__ == "__main__":
    main()
