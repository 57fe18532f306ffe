"""T4, where referrals come from."""

from app.indicators.definitions import Count, CrossTable, Part, across, total
from app.indicators.facts import DOCUMENTED, REFERRALS, SOURCE, ZONE

RECEIVED = Count(
    "T4.referrals",
    "Saisines",
    REFERRALS,
    "Saisines reçues dans la période, selon qui a fait connaître la situation.",
    by=(SOURCE, DOCUMENTED),
)
BY_ZONE = Count("T4.by_zone", "Saisines par zone", REFERRALS, RECEIVED.sentence, by=(SOURCE, ZONE))

TABLE = CrossTable(
    "T4",
    "Origine des saisines",
    "saisines",
    RECEIVED.sentence,
    SOURCE,
    (
        *across(RECEIVED, DOCUMENTED)[:-1],
        *across(BY_ZONE, ZONE)[:-1],
        total(RECEIVED),
        Part("share", "Part", total(RECEIVED)),
    ),
    notes=(
        "La zone est celle de l’unité ; pour qui est venu sans elle, celle que dessert le poste.",
        "L’origine d’une demande de partenaire est celle de la situation qu’elle ouvre ; avant, ou si aucune ne "
        "s’ouvre, celle de sa catégorie.",
    ),
)
