"""T7, penal or not: never a qualification (article 46 of the act of 1978)."""

from app.indicators.definitions import Count, CrossTable, Part, across, total
from app.indicators.facts import PENAL, PROBLEM, SITUATIONS

ACTIVE = Count(
    "T7.situations",
    "Situations",
    SITUATIONS,
    "Situations actives de la période, selon qu’elles relèvent ou non du champ pénal, sans qualification.",
    by=(PROBLEM, PENAL),
    keeping="active",
)

TABLE = CrossTable(
    "T7",
    "Champ pénal",
    "situations",
    ACTIVE.sentence,
    PROBLEM,
    (*across(ACTIVE, PENAL), Part("share", "Part", total(ACTIVE))),
)
