"""The fictitious département of the demonstration: employers, units, sites, posts, and who works there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

from sqlmodel import SQLModel

from app.demo import directory
from app.models.accounts import Account, Credential, Posting
from app.models.organisation import Employer, Post, PostFunding, PostSite, PostUnit, Site, Unit
from app.services.clock import now
from app.services.fiction import DOMAIN

# Towns, units and employers are invented, in a département of which the lists of communes and of holidays are real.
DEPARTEMENT = "28"

EMPLOYERS = {
    "departement": ("Département de la Haute-Lisse (fictif)", "departement"),
    "association": ("Association L'Étape d'Aubrelle (fictive)", "association"),
}
UNITS = {
    "aubrelle": ("Commissariat d'Aubrelle", "police", "Aubrelle"),
    "orlanne": ("Commissariat de Sainte-Orlanne", "police", "Sainte-Orlanne"),
    "verchamp": ("Brigade de gendarmerie de Verchamp-sur-Lisse", "gendarmerie", "Verchamp-sur-Lisse"),
    "roquebrane": ("Brigade de gendarmerie de Roquebrane", "gendarmerie", "Roquebrane"),
    "hevin": ("Brigade de gendarmerie de Port-Hévin", "gendarmerie", "Port-Hévin"),
}
SITES = {
    "aubrelle": ("Bureau de l'ISCG, commissariat d'Aubrelle", "police_station", "Aubrelle"),
    "justice": ("Maison de protection des familles d'Aubrelle", "family_protection_house", "Aubrelle"),
    "orlanne": ("Commissariat de Sainte-Orlanne", "police_station", "Sainte-Orlanne"),
    "verchamp": ("Permanence à la mairie de Verchamp-sur-Lisse", "town_hall", "Verchamp-sur-Lisse"),
    "hevin": ("Brigade de Port-Hévin", "gendarmerie_brigade", "Port-Hévin"),
}
# post: name, employer, units served (several: mutualisé), where people are received
POSTS = {
    "aubrelle": ("ISCG d'Aubrelle", "departement", ("aubrelle",), "aubrelle"),
    "lisse": ("ISCG mutualisé de la Lisse", "departement", ("orlanne", "verchamp", "roquebrane"), "verchamp"),
    "hevin": ("ISCG de Port-Hévin", "association", ("hevin",), "hevin"),
}
# Where each post receives, besides, and how often.
OTHER_SITES = {"aubrelle": ("justice", 0.25), "lisse": ("orlanne", 0.4)}
# Who has authority on each post beside its employer, and who pays for it, in per cent.
AUTHORITIES = {
    "aubrelle": ("ddsp", "Direction départementale de la sécurité publique de la Haute-Lisse"),
    "lisse": ("mixed", "Commissariat de Sainte-Orlanne et compagnie de Verchamp"),
    "hevin": ("gendarmerie_company", "Compagnie de gendarmerie de Verchamp-sur-Lisse"),
}
FUNDING = {
    "aubrelle": {"state_fipd": "33.34", "departement": "66.66"},
    "lisse": {"state_fipd": "40", "departement": "45", "epci": "15"},
    "hevin": {"state_fipd": "50", "commune": "30"},
}


@dataclass(frozen=True)
class Someone:
    """A person who works there."""

    role: str
    name: str
    unit: str | None = None
    post: str | None = None
    employer: str | None = None
    diploma: str | None = None
    partner: str | None = None

    @property
    def units(self) -> tuple[str, ...]:
        """The units of her posting, or those that her post serves."""
        if self.post is not None:
            return POSTS[self.post][2]
        return (self.unit,) if self.unit else ()


PEOPLE: dict[str, Someone] = {
    "claire.vasseline": Someone(
        "social_worker", "Claire Vasseline", post="aubrelle", employer="departement", diploma="ass"
    ),
    "samir.oudrane": Someone(
        "social_worker", "Samir Oudrane", post="aubrelle", employer="departement", diploma="educateur_specialise"
    ),
    "agathe.lisieul": Someone("social_worker", "Agathe Lisieul", post="lisse", employer="departement", diploma="ass"),
    "maud.kerbrizan": Someone("social_worker", "Maud Kerbrizan", post="hevin", employer="association", diploma="cesf"),
    "paul.ardouvin": Someone("police_officer", "Paul Ardouvin", unit="aubrelle"),
    "leila.montesquiol": Someone("police_officer", "Leïla Montesquiol", unit="aubrelle"),
    "hugues.barvanne": Someone("police_officer", "Hugues Barvanne", unit="orlanne"),
    "sophie.dreuvet": Someone("police_officer", "Sophie Dreuvet", unit="verchamp"),
    "yann.toulverne": Someone("police_officer", "Yann Toulverne", unit="roquebrane"),
    "ines.chabrillat": Someone("police_officer", "Inès Chabrillat", unit="hevin"),
    "marc.estournel": Someone("unit_commander", "Marc Estournel", unit="aubrelle"),
    "anne.pradvert": Someone("unit_commander", "Anne Pradvert", unit="verchamp"),
    "julie.senlissac": Someone("partner", "Julie Senlissac", partner="ccas"),
    "david.morvellec": Someone("partner", "David Morvellec", partner="victims"),
    "rachel.aubinet": Someone("partner", "Rachel Aubinet", partner="sector"),
    "bernard.quintrel": Someone("coordinator", "Bernard Quintrel", employer="departement"),
    "odile.favrange": Someone("observatory", "Odile Favrange"),
    "hakim.servoz": Someone("observatory", "Hakim Servoz (comité de suivi)", employer="departement"),
    "thomas.gervinois": Someone("administrator", "Thomas Gervinois"),
    "nora.belcastre": Someone("dpo", "Nora Belcastre"),
    # Two persons open an access: one alone could approve nothing.
    "estelle.corvanne": Someone("administrator", "Estelle Corvanne"),
}


def picked_site(rng: Random, post: str) -> str:
    """One of the places where this post receives."""
    other, share = OTHER_SITES.get(post, ("", 0.0))
    return other if rng.random() < share else POSTS[post][3]


def email(key: str) -> str:
    """The address of someone of the demonstration."""
    return f"{key}@{DOMAIN}"


def in_place_since(today: date) -> date:
    """Since when the town is as it is: before the past of the demonstration (January of the year before last)."""
    return date(today.year - 3, 9, 1)


@dataclass(frozen=True)
class Town:
    """The rows to insert, in order, and the identifier of each thing by its kind and key."""

    rows: list[SQLModel]
    ids: dict[tuple[str, str], UUID]

    def credentials(self, hashes: dict[str, str]) -> list[Credential]:
        """The credentials to insert; ``hashes`` are the argon2id digests of the passwords, by person."""
        return [
            Credential(account_id=self.ids["account", key], password_hash=digest, changed_at=now())
            for key, digest in hashes.items()
        ]


def build(ids: dict[tuple[str, str], UUID], *, today: date) -> Town:
    """The whole town, under these identifiers, without the passwords of its people."""
    since = in_place_since(today)
    rows: list[SQLModel] = [
        Employer(id=ids["employer", key], name=name, employer_type=kind, departement_code=DEPARTEMENT)
        for key, (name, kind) in EMPLOYERS.items()
    ]
    rows += [
        Unit(id=ids["unit", key], name=name, zone=zone, departement_code=DEPARTEMENT, municipality=municipality)
        for key, (name, zone, municipality) in UNITS.items()
    ]
    rows += [
        Site(id=ids["site", key], name=name, site_type=kind, municipality=municipality)
        for key, (name, kind, municipality) in SITES.items()
    ]
    for key in POSTS:
        rows += _post(key, ids, since)
    rows += directory.rows(ids, since=since)
    for key, someone in PEOPLE.items():
        rows += _account(key, someone, ids, since)
    return Town(rows, ids)


def _post(key: str, ids: dict[tuple[str, str], UUID], since: date) -> list[SQLModel]:
    name, employer, units, site = POSTS[key]
    authority, authority_name = AUTHORITIES[key]
    dated: dict[str, Any] = {"post_id": ids["post", key], "starts_on": since}
    sites = (site, *(OTHER_SITES[key][:1] if key in OTHER_SITES else ()))
    return [
        Post(
            id=ids["post", key],
            name=name,
            employer_id=ids["employer", employer],
            starts_on=since,
            functional_authority=authority,
            functional_authority_name=authority_name,
        ),
        *(PostUnit(unit_id=ids["unit", unit], **dated) for unit in units),
        *(PostSite(site_id=ids["site", each], **dated) for each in sites),
        *(
            PostFunding(funding_source=source, share_percent=Decimal(share), **dated)
            for source, share in FUNDING[key].items()
        ),
    ]


def _account(key: str, someone: Someone, ids: dict[tuple[str, str], UUID], since: date) -> list[SQLModel]:
    account_id = ids["account", key]
    # Secrecy by profession for the assistant de service social, by mission for the others (CASF L411-3, CP 226-13).
    basis = {None: None, "ass": "by_profession"}.get(someone.diploma, "by_mission")
    rows: list[SQLModel] = [
        Account(
            id=account_id,
            email=email(key),
            name=someone.name,
            role=someone.role,
            employer_id=ids["employer", someone.employer] if someone.employer else None,
            diploma=someone.diploma,
            secrecy_basis=basis,
            created_at=now(),
            approved_at=now(),
        )
    ]
    posted: dict[str, Any] = {"account_id": account_id, "starts_on": since, "approved_at": now()}
    if someone.unit:
        rows.append(Posting(unit_id=ids["unit", someone.unit], **posted))
    if someone.post:
        rows.append(Posting(post_id=ids["post", someone.post], **posted))
    if someone.partner:
        rows.append(Posting(partner_id=ids["partner", someone.partner], **posted))
    return rows


def listed(passwords: dict[str, str]) -> list[dict[str, Any]]:
    """What ``demo-accounts.json`` says."""
    return [
        {
            "role": someone.role,
            "email": email(key),
            "password": passwords[key],
            "name": someone.name,
            "units": [UNITS[unit][0] for unit in someone.units],
            **({"partner": directory.BODIES[someone.partner].name} if someone.partner else {}),
        }
        for key, someone in PEOPLE.items()
        if key in passwords
    ]
