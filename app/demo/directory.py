"""The partners of the demonstration: invented bodies, over real communes so that the search finds them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlmodel import SQLModel

from app.models.directory import Partner, Service
from app.services.partners import folded

CHARTRES, DREUX = "commune:28085", "commune:28134"
EURE_ET_LOIR, FRANCE = "departement:28", "france"
WEEKDAYS = "Mo-Fr 09:00-12:30,13:30-17:00; PH off"


@dataclass(frozen=True)
class Offer:
    """One service of a partner."""

    name: str
    needs: tuple[str, ...]
    area: str = EURE_ET_LOIR
    publics: tuple[str, ...] = ("everyone",)
    hours: str | None = WEEKDAYS
    conditions: str | None = None
    capacity: str | None = None


@dataclass(frozen=True)
class Body:
    """A partner and what it offers."""

    name: str
    category: str
    offers: tuple[Offer, ...]
    phone: str
    secret: bool = False


BODIES: dict[str, Body] = {
    "ccas": Body(
        "CCAS d'Aubrelle (fictif)",
        "ccas_cias",
        (
            Offer("Accueil social et accès aux droits", ("administrative_help", "information_rights"), CHARTRES),
            Offer("Secours et aide alimentaire", ("financial_aid", "food_aid"), CHARTRES),
        ),
        "+33639980101",
    ),
    "sector": Body(
        "Maison des solidarités de la Lisse (fictive)",
        "departmental_social_service",
        (
            Offer("Service social de secteur", ("social_follow_up", "financial_aid", "housing")),
            Offer("Protection maternelle et soutien à la parentalité", ("parenting_support",), publics=("families",)),
        ),
        "+33639980102",
    ),
    "victims": Body(
        "France Aide Lisse (fictive)",
        "victim_support",
        (
            Offer("Accompagnement juridique des victimes", ("legal_support", "information_procedure")),
            Offer("Soutien psychologique", ("psychological_support", "listening_support"), capacity="Trois semaines."),
        ),
        "+33639980103",
    ),
    "refuge": Body(
        "Refuge des Tilleuls (fictif)",
        "emergency_shelter",
        (
            Offer(
                "Mise en sécurité des femmes et de leurs enfants",
                ("protection_safety", "emergency_accommodation"),
                publics=("women", "families"),
                hours="24/7",
                conditions="Appel d'un professionnel ; l'adresse n'est donnée qu'à la personne, de vive voix.",
                capacity="Deux places.",
            ),
        ),
        "+33639980104",
        secret=True,
    ),
    "night": Body(
        "Écoute de nuit (fictive)",
        "violence_specialised",
        (Offer("Écoute et orientation, nuit et week-end", ("listening_support",), FRANCE, hours="Mo-Su 18:00-24:00"),),
        "+33639980105",
    ),
    "addiction": Body(
        "CSAPA de Dreux (fictif)",
        "addiction_service",
        (Offer("Consultations d'addictologie", ("addiction_care", "medical_care"), DREUX),),
        "+33639980106",
    ),
    "minors": Body(
        "CRIP de la Haute-Lisse (fictive)",
        "child_protection_crip",
        (Offer("Recueil des informations préoccupantes", ("child_protection",)),),
        "+33639980107",
    ),
}


def rows(ids: dict[tuple[str, str], UUID], *, since: date) -> list[SQLModel]:
    """The rows of the directory, in order; ``ids`` holds ``("partner", key)`` and ``("service", "key/number")``."""
    found: list[SQLModel] = []
    for key, body in BODIES.items():
        partner_id = ids["partner", key]
        found.append(
            Partner(
                id=partner_id,
                name=body.name,
                folded_name=folded(body.name),
                partner_category=body.category,
                phone=body.phone,
                address_confidential=body.secret,
                departement_code="28",
                networks=[],
                source="relais",
                updated_on=since,
            )
        )
        found += [
            Service(
                id=ids["service", f"{key}/{number}"],
                partner_id=partner_id,
                address_confidential=body.secret,
                name=offer.name,
                description=f"{offer.name} : service inventé pour la démonstration.",
                needs=list(offer.needs),
                thematics=[],
                publics=list(offer.publics),
                areas=[offer.area],
                reception_modes=["en-presentiel"],
                reach_modes=["telephoner"],
                reached_by=["professionnels"],
                conditions=offer.conditions,
                capacity_note=offer.capacity,
                capacity_on=since if offer.capacity else None,
                opening_hours=offer.hours,
                departement_code="28",
                source="relais",
                updated_on=since,
            )
            for number, offer in enumerate(body.offers)
        ]
    return found
