"""T16, the post itself: who was there, and how much."""

from app.indicators.definitions import Count, ListTable, Told
from app.indicators.facts import POSTS

EXISTING = Count("T16.posts", "Postes", POSTS, "Postes ouverts au moins un jour de la période.")
HALF_DAYS = Count(
    "T16.half_days",
    "Demi-journées",
    POSTS,
    "Demi-journées travaillées, telles que déclarées.",
    summing="half_days_worked",
)
WORKING_DAYS = Count(
    "T16.working_days",
    "Jours ouvrés",
    POSTS,
    "Jours ouvrés de la période où le poste existe, fériés du département exclus.",
    summing="working_days",
)
VACANT_DAYS = Count(
    "T16.vacant_days",
    "Jours ouvrés de vacance",
    POSTS,
    "Jours ouvrés où le poste existe et où personne n’y est affecté.",
    summing="vacant_days",
)
SITES = Count(
    "T16.sites",
    "Lieux d’intervention",
    POSTS,
    "Lieux de réception que nomment les actes de la période, poste par poste.",
    summing="sites",
)
FULL_TIME = Count(
    "T16.full_time_thousandths",
    "Équivalents temps plein présents",
    POSTS,
    "Jours travaillés déclarés, sur les jours ouvrés de la période.",
    summing="full_time_thousandths",
)

TABLE = ListTable(
    "T16",
    "Le poste",
    "postes, jours",
    "Présence déclarée mois par mois ; vacance déduite des affectations. Seulement pour le poste entier.",
    (
        Told("posts", "Postes", EXISTING),
        Told("full_time", "Équivalents temps plein présents", FULL_TIME, unit="ratio", divided_by=1000),
        Told("days_worked", "Jours travaillés", HALF_DAYS, unit="days", divided_by=2),
        Told("working_days", "Jours ouvrés", WORKING_DAYS),
        Told("vacant_days", "Jours ouvrés de vacance", VACANT_DAYS),
        Told("sites", "Lieux d’intervention", SITES),
    ),
)
