"""T8, known to social services or not: half of the public is not (2017)."""

from app.indicators.definitions import Count, CrossTable, Part, across, total
from app.indicators.facts import KNOWN, PERSONS, PROBLEM

SEEN = Count(
    "T8.persons",
    "Personnes",
    PERSONS,
    "Personnes de la période, une fois chacune, selon ce qui est noté dans la situation de leur premier "
    "acte de la période.",
    by=(PROBLEM, KNOWN),
)

TABLE = CrossTable(
    "T8",
    "Connues des services sociaux",
    "personnes",
    SEEN.sentence,
    PROBLEM,
    (*across(SEEN, KNOWN), Part("share", "Part", total(SEEN))),
)
