"""T2, the public: sex and age. One of the two contents that the job description names."""

from app.indicators.definitions import Also, Count, CrossTable, Part, across, total
from app.indicators.facts import AGE_BAND, PERSONS, SEX

SEEN = Count(
    "T2.persons",
    "Personnes",
    PERSONS,
    "Personnes de la période, une fois chacune. L’âge est celui du premier acte de la période, en années révolues ; "
    "d’une naissance connue au mois ou à l’année près, le premier jour vaut la date.",
    by=(AGE_BAND, SEX),
)


def _cut(code: str, label: str, keeping: str) -> Also:
    count = Count(f"T2.{code}", label, PERSONS, SEEN.sentence, by=(SEX,), keeping=keeping)
    return Also(code, label, count)


TABLE = CrossTable(
    "T2",
    "Public : sexe et âge",
    "personnes",
    SEEN.sentence,
    AGE_BAND,
    (*across(SEEN, SEX), Part("share", "Part", total(SEEN))),
    also=(
        _cut("minors", "dont mineurs", "majority = 'minor'"),
        _cut("adults", "dont majeurs", "majority = 'adult'"),
        _cut("aged_12_25", "dont 12 à 25 ans", "age between 12 and 25"),
        _cut("aged_65_plus", "dont 65 ans et plus", "age >= 65"),
    ),
)
