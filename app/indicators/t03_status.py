"""T3, status of persons in their situations."""

from app.indicators.definitions import Count, CrossTable, Part, across, total
from app.indicators.facts import PARTICIPATIONS, SEX, STATUS

ACTIVE = Count(
    "T3.participations",
    "Personnes dans une situation",
    PARTICIPATIONS,
    "Personnes dans une situation, avec au moins un acte dans la période. Une personne reçue pour deux "
    "situations compte "
    "deux fois.",
    by=(STATUS, SEX),
)

TABLE = CrossTable(
    "T3",
    "Statut des personnes",
    "personnes dans une situation",
    ACTIVE.sentence,
    STATUS,
    (*across(ACTIVE, SEX), Part("share", "Part", total(ACTIVE))),
)
