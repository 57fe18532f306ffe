"""T6, problems: the main one of each situation, and secondary mentions apart."""

from app.indicators.definitions import Count, CrossTable, Part, Told, across, total
from app.indicators.facts import MAJORITY, PARTICIPATIONS, PROBLEM, SECONDARY_PROBLEMS, SEX

ACTIVE = Count(
    "T6.participations",
    "Personnes dans une situation",
    PARTICIPATIONS,
    "Personnes dans une situation active, selon la problématique principale de la situation (premier niveau).",
    by=(PROBLEM, SEX),
)
BY_MAJORITY = Count("T6.by_majority", "Par majorité", PARTICIPATIONS, ACTIVE.sentence, by=(PROBLEM, MAJORITY))
SECONDARY = Count(
    "T6.secondary",
    "Mentions secondaires",
    SECONDARY_PROBLEMS,
    "Problématiques secondaires notées, une fois par personne dans une situation ; elles ne s’ajoutent pas au total.",
    by=(PROBLEM,),
)

TABLE = CrossTable(
    "T6",
    "Problématiques",
    "personnes dans une situation",
    ACTIVE.sentence,
    PROBLEM,
    (
        *across(ACTIVE, SEX)[:-1],
        *across(BY_MAJORITY, MAJORITY)[:-1],
        total(ACTIVE),
        Part("share", "Part", total(ACTIVE)),
        Told("secondary", "Mentions secondaires", SECONDARY),
    ),
)
