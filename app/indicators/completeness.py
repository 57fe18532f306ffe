"""Completeness: how much of each field of the grid was filled. Printed at the end of every report."""

from app.indicators.counts import (
    ACTIVE,
    AGE_RECORDED,
    KNOWN_RECORDED,
    PENAL_RECORDED,
    PROBLEM_RECORDED,
    SEX_RECORDED,
    STATUS_RECORDED,
)
from app.indicators.definitions import Count, Share
from app.indicators.facts import ACTS, ORIENTATIONS, REFERRALS
from app.indicators.t01_overview import ORIENTATIONS_PROPOSED, PERSONS_SEEN, REFERRALS_RECEIVED, SITUATIONS_ACTIVE

HELD = Count("held_acts", "Actes réalisés", ACTS, "Actes réalisés.", keeping="held and not anonymous")
TIMED = Count("timed_acts", "Avec durée", ACTS, "Avec durée.", keeping="held and not anonymous and minutes is not null")
ON_SITE = Count(
    "on_site_acts", "Actes sur place", ACTS, "Actes sur place.", keeping="channel = 'on_site' and not anonymous"
)
PLACED = Count(
    "placed_acts",
    "Avec lieu",
    ACTS,
    "Avec lieu.",
    keeping="channel = 'on_site' and not anonymous and site_id is not null",
)
CONSENT_KNOWN = Count(
    "consent_known", "Accord demandé", REFERRALS, "Accord demandé.", keeping="contact_consent <> 'not_asked'"
)
NAMED_PARTNER = Count(
    "named_partner",
    "Partenaire nommé",
    ORIENTATIONS,
    "Partenaire nommé, non la seule catégorie.",
    keeping="partner_named",
)


def _filled(code: str, label: str, recorded: Count, expected: Count) -> Share:
    return Share(
        f"completeness_{code}", label, f"{recorded.label}, sur : {expected.label.lower()}.", recorded, expected
    )


COMPLETENESS = (
    _filled("sex", "Sexe", SEX_RECORDED, PERSONS_SEEN),
    _filled("age", "Âge, ou majorité", AGE_RECORDED, PERSONS_SEEN),
    _filled("known", "Connue des services sociaux", KNOWN_RECORDED, PERSONS_SEEN),
    _filled("status", "Statut", STATUS_RECORDED, ACTIVE),
    _filled("problem", "Problématique principale", PROBLEM_RECORDED, ACTIVE),
    _filled("penal", "Champ pénal", PENAL_RECORDED, SITUATIONS_ACTIVE),
    _filled("consent", "Accord de la personne", CONSENT_KNOWN, REFERRALS_RECEIVED),
    _filled("duration", "Durée des actes", TIMED, HELD),
    _filled("site", "Lieu des actes sur place", PLACED, ON_SITE),
    _filled("partner", "Partenaire de l’orientation", NAMED_PARTNER, ORIENTATIONS_PROPOSED),
)
