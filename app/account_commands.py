"""``relais accounts`` and ``relais clients``: who may come in. Thin, as ``app.cli`` is, which mounts these commands."""

# ruff: noqa: PLC0415 — help must not wait for the whole program to load

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from app.refusal import CannotRun

if TYPE_CHECKING:
    from app.account_acts import Told

InFrench = Callable[[Callable[..., None]], Callable[..., None]]
Address = Annotated[str, typer.Argument(help="Adresse professionnelle du compte.", show_default=False)]
SAID = {"help_option_names": ["-h", "--help"]}


def account_commands(in_french: InFrench) -> typer.Typer:
    """The group of accounts; ``in_french`` tells what cannot be done."""
    accounts = typer.Typer(no_args_is_help=True, context_settings=SAID, help="Les comptes.")
    accounts.command("add")(in_french(add_account_command))
    accounts.command("invite")(in_french(invite_command))
    accounts.command("federate")(in_french(federate_command))
    accounts.command("suspend")(in_french(suspend_command))
    accounts.command("resume")(in_french(resume_command))
    accounts.command("end")(in_french(end_command))
    accounts.command("list")(in_french(list_command))
    return accounts


def client_commands(in_french: InFrench) -> typer.Typer:
    """The group of the software of partners."""
    clients = typer.Typer(no_args_is_help=True, context_settings=SAID, help="Les logiciels des partenaires.")
    clients.command("add")(in_french(add_client_command))
    clients.command("keys")(in_french(client_keys_command))
    clients.command("end")(in_french(end_client_command))
    clients.command("list")(in_french(list_clients_command))
    return clients


def _superuser() -> tuple[str, str]:
    from app.running.preparing import operated
    from app.settings import Settings

    house = operated(Settings())
    if house.superuser_url is None:
        raise CannotRun("Il faut RELAIS_BOOTSTRAP_URL, l'URL d'un superutilisateur de PostgreSQL.")
    return house.superuser_url, house.database


def _tell(told: Told) -> None:
    for line in told.lines():
        typer.echo(line)
    apart = (
        "Remettez le lien et le code séparément, à la personne même."
        if told.code
        else "Remettez-le à la personne même."
    )
    typer.echo(f"Ceci ne s'affichera plus, et vaut sept jours. {apart}", err=True)


def add_account_command(
    role: Annotated[str, typer.Option(help="social_worker, police_officer, unit_commander, administrator, dpo…")],
    email: Annotated[str, typer.Option(help="Adresse professionnelle.")],
    name: Annotated[str, typer.Option(help="Nom affiché aux collègues.")],
    unit: Annotated[list[UUID] | None, typer.Option(help="Unité d'affectation ; répétable.")] = None,
    post: Annotated[list[UUID] | None, typer.Option(help="Poste tenu ; répétable.")] = None,
    partner: Annotated[list[UUID] | None, typer.Option(help="Organisme, pour un partenaire ; répétable.")] = None,
    employer: Annotated[UUID | None, typer.Option(help="Employeur du coordinateur, ou que suit un comité.")] = None,
    diploma: Annotated[str | None, typer.Option(help="Diplôme d'État de l'intervenant social (liste diploma).")] = None,
    secrecy_basis: Annotated[str | None, typer.Option(help="Fondement de son secret (liste secrecy_basis).")] = None,
) -> None:
    """Créer un compte, et l'invitation par laquelle son titulaire choisira lui-même ses preuves."""
    from app.account_acts import add_account

    url, database = _superuser()
    said: dict[str, Any] = {"unit_ids": unit or [], "post_ids": post or [], "partner_ids": partner or []}
    said |= {"employer_id": employer, "diploma": diploma, "secrecy_basis": secrecy_basis}
    _tell(asyncio.run(add_account(url, database=database, role=role, email=email, name=name, **said)))


def invite_command(
    email: Address,
    purpose: Annotated[
        str, typer.Option(help="welcome (entrer), password ou second_factor (perdu), renewal (les deux perdus).")
    ],
) -> None:
    """Inviter le titulaire d'un compte : entrer, ou refaire ce qu'il a perdu. L'invitation précédente tombe."""
    from app.account_acts import invite

    url, database = _superuser()
    _tell(asyncio.run(invite(url, database=database, email=email, purpose=purpose)))


def federate_command(
    email: Address,
    provider: Annotated[str, typer.Option(help="Nom de l'institution dans les réglages, ou son émetteur (https://…).")],
    siret: Annotated[str | None, typer.Option(help="SIRET attendu de son organisme.")] = None,
) -> None:
    """Attendre le titulaire d'un compte à son institution : sa première connexion l'y lie, pour de bon."""
    from app.federating import federate
    from app.settings import Settings

    url, database = _superuser()
    said: dict[str, Any] = {"providers": Settings().providers, "email": email, "provider": provider, "siret": siret}
    typer.echo(asyncio.run(federate(url, database=database, **said)))


def _change(email: str, act: str, done: str) -> None:
    from app.account_acts import change_standing

    url, database = _superuser()
    asyncio.run(change_standing(url, database=database, email=email, act=act))
    typer.echo(done)


def suspend_command(email: Address) -> None:
    """Suspendre un compte, dès sa prochaine demande."""
    _change(email, "suspend", "Compte suspendu ; ses sessions sont finies.")


def resume_command(email: Address) -> None:
    """Rendre un compte suspendu à son titulaire, avec ses preuves d'avant."""
    _change(email, "resume", "Compte rendu à son titulaire.")


def end_command(email: Address) -> None:
    """Mettre fin à un compte, pour toujours."""
    _change(email, "end", "Compte fini ; ses sessions aussi.")


def list_command() -> None:
    """Montrer les comptes des personnes : adresse, nom, rôle, état."""
    from app.account_acts import list_accounts

    url, database = _superuser()
    for line in asyncio.run(list_accounts(url, database=database)):
        typer.echo(line)


def add_client_command(
    name: Annotated[str, typer.Option(help="Nom du logiciel.")],
    partner: Annotated[UUID, typer.Option(help="Organisme dont c'est le logiciel.")],
    scope: Annotated[list[str], typer.Option(help="orientation:read, orientation:answer… ; répétable.")],
) -> None:
    """Enregistrer le logiciel d'un partenaire. Son secret, tiré au sort, s'affiche une seule fois."""
    from app.registering import add_client

    url, database = _superuser()
    said = asyncio.run(add_client(url, database=database, name=name, partner_id=partner, scopes=scope))
    typer.echo("Identifiant : {}\nSecret : {}".format(*said))
    typer.echo("Ce secret ne s'affichera plus : remettez-le en main propre.", err=True)


def client_keys_command(
    client_id: str,
    file: Annotated[typer.FileText, typer.Argument(help="Clés publiques du logiciel (JWKS).", show_default=False)],
) -> None:
    """Donner au logiciel les clés publiques avec lesquelles il signe ses demandes, à la place d'un secret."""
    from app.registering import set_client_keys

    url, database = _superuser()
    asyncio.run(set_client_keys(url, database=database, client_id=client_id, published=file.read()))
    typer.echo(f"Clés enregistrées : {client_id}.")


def end_client_command(client_id: str) -> None:
    """Fermer l'accès d'un logiciel, dès sa prochaine demande."""
    from app.registering import end_client

    url, database = _superuser()
    asyncio.run(end_client(url, database=database, client_id=client_id))
    typer.echo(f"Accès fermé : {client_id}.")


def list_clients_command() -> None:
    """Montrer les logiciels enregistrés, leur organisme et leurs portées ; jamais leur secret."""
    from app.registering import list_clients

    url, database = _superuser()
    for each in asyncio.run(list_clients(url, database=database)):
        typer.echo(each.line())
