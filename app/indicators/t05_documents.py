"""T5, the document behind a referral, and which unit sent it."""

from app.indicators.definitions import Count, CrossTable, Part, Places, total
from app.indicators.facts import DOCUMENT, REFERRALS, UNIT

RECEIVED = Count(
    "T5.referrals",
    "Saisines",
    REFERRALS,
    "Saisines reçues dans la période, selon le document qui les accompagne. Ce qui ne vient pas d’une "
    "unité est sans document.",
    by=(DOCUMENT, UNIT),
)

TABLE = CrossTable(
    "T5",
    "Documents à l’origine des saisines",
    "saisines",
    RECEIVED.sentence,
    DOCUMENT,
    (Places(RECEIVED, UNIT), total(RECEIVED), Part("share", "Part", total(RECEIVED))),
)
