"""T14, territory: by unit here; by municipality of residence for exact audiences only (``municipalities``)."""

from app.indicators.definitions import Count, CrossTable, Told
from app.indicators.facts import PERSONS_BY_UNIT, REFERRALS, UNIT

PERSONS_SEEN = Count(
    "T14.persons",
    "Personnes",
    PERSONS_BY_UNIT,
    "Personnes de la période, une fois pour chaque unité que leurs actes nomment ; au total, une fois chacune.",
    by=(UNIT,),
    once="counted_once",
)
REFERRALS_RECEIVED = Count(
    "T14.referrals", "Saisines", REFERRALS, "Saisines reçues dans la période, selon l’unité.", by=(UNIT,)
)

TABLE = CrossTable(
    "T14",
    "Territoire",
    "personnes, saisines",
    "Selon l’unité d’origine. Une personne venue par deux unités compte dans chacune : la somme des unités "
    "peut dépasser le total.",
    UNIT,
    (Told("persons", "Personnes", PERSONS_SEEN), Told("referrals", "Saisines", REFERRALS_RECEIVED)),
)
