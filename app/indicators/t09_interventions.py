"""T9, the work done: what, how long, where."""

from app.indicators.definitions import Count, CrossTable, Part, Places, Told, across, total
from app.indicators.facts import ACTS, INTERVENTION_TYPE, PRESENCE, SITE

DONE = Count(
    "T9.acts",
    "Interventions",
    ACTS,
    "Actes datés de la période, quelle qu’en soit l’issue, hors contacts anonymes. À distance : "
    "téléphone, visioconférence, "
    "écrit.",
    by=(INTERVENTION_TYPE, PRESENCE),
    keeping="not anonymous",
)
MINUTES = Count(
    "T9.minutes",
    "Durée",
    ACTS,
    "Durée notée des actes réalisés ; un acte sans durée n’ajoute rien.",
    by=(INTERVENTION_TYPE,),
    keeping="not anonymous",
    summing="minutes",
)
BY_SITE = Count(
    "T9.by_site",
    "Par lieu",
    ACTS,
    "Les mêmes actes, quand le lieu de réception est noté.",
    by=(INTERVENTION_TYPE, SITE),
    keeping="not anonymous and site_id is not null",
)

TABLE = CrossTable(
    "T9",
    "Interventions",
    "interventions",
    DONE.sentence,
    INTERVENTION_TYPE,
    (
        *across(DONE, PRESENCE),
        Part("share", "Part", total(DONE)),
        Told("hours", "Durée totale (heures)", MINUTES, unit="hours", divided_by=60),
        Places(BY_SITE, SITE),
    ),
)
