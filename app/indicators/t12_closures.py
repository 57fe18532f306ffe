"""T12, why situations end."""

from app.indicators.definitions import Count, CrossTable, Part, across, total
from app.indicators.facts import CLOSURE, SITUATIONS, STATUS

CLOSED = Count(
    "T12.situations",
    "Situations closes",
    SITUATIONS,
    "Situations closes dans la période, selon le motif et le statut de la première personne de la situation.",
    by=(CLOSURE, STATUS),
    keeping="closed",
)

TABLE = CrossTable(
    "T12",
    "Clôtures",
    "situations",
    CLOSED.sentence,
    CLOSURE,
    (*across(CLOSED, STATUS), Part("share", "Part", total(CLOSED))),
)
