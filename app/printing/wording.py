"""Numbers, dates and sentences as French print writes them, for every format."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Final
from zoneinfo import ZoneInfo

from app.indicators.figures import Grid, Report, Unit

THIN: Final = "\u202f"
"""The narrow no-break space: thousands, and before ``%``, ``;``, ``?`` and ``!``."""
FIXED: Final = "\u00a0"
"""The no-break space: before ``:``, inside guillemets, between a day and its month."""
MINUS: Final = "\u2212"
NOT_TOLD: Final = "–"
UNPRINTABLE: Final = "\ufffd"

NOT_TOLD_NOTE: Final = (
    "– signifie n.d., non disponible : trop peu d’observations pour être dit, ou rien à quoi rapporter le nombre."
)
INVENTED: Final = "Données inventées : aucun chiffre de ce document ne décrit de vraies personnes."
NO_FIGURES: Final = "Aucun chiffre n’est disponible pour cette période et ce périmètre."

AUDIENCES: Final = {
    "internal": "Usage interne",
    "committee": "Comité de suivi",
    "public": "Diffusion publique",
}
KINDS: Final = {"annual": "Rapport annuel", "quarterly": "Rapport trimestriel"}
STATUSES: Final = {"draft": "Projet", "validated": "Validé", "frozen": "Figé"}
CHANGE_UNITS: Final[dict[Unit, str]] = {
    "count": "%",
    "percent": "points",
    "days": "jours",
    "hours": "heures",
    "ratio": "rapport",
}
UNITS: Final[dict[Unit, str]] = {
    "count": "nombre",
    "percent": "%",
    "days": "jours",
    "hours": "heures",
    "ratio": "rapport",
}

_MONTHS: Final = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
_PARIS: Final = ZoneInfo("Europe/Paris")

# Letters, accents, punctuation, signs and arrows that the fonts of the PDF hold. PDF/UA refuses a document with a
# character that no font draws: one smiley in a commentary would cost the whole report.
_DRAWN: Final = (
    (0x20, 0x7E), (0xA0, 0x4FF), (0x1E00, 0x1FFF), (0x2010, 0x2040), (0x2070, 0x20CF),
    (0x2116, 0x2117), (0x2122, 0x2122), (0x2190, 0x22FF), (0x2500, 0x25FF),
)  # fmt: skip
_LONG_WORD: Final = re.compile(r"[^\s\u200b]{25,}")
_PIECE: Final = 8


def number(value: float | None, unit: Unit = "count") -> str:
    """The number alone, as in a column whose head says the unit; only a percentage carries its sign."""
    if value is None:
        return NOT_TOLD
    said = _grouped(kept(value, unit))
    return f"{said}{THIN}%" if unit == "percent" else said


def quantity(value: float | None, unit: Unit) -> str:
    """The number and its unit, as in a sentence: ``2,5 jours``, ``12,5 %``."""
    said = number(value, unit)
    if value is None or unit not in ("days", "hours"):
        return said
    word = {"days": "jour", "hours": "heure"}[unit]
    return f"{said}{FIXED}{word if abs(value) < 2 else word + 's'}"


def change(value: float | None, unit: Unit) -> str:
    """What changed since the period before: ``+3,2 %`` of a count, ``−1,5 point`` of a percentage."""
    if value is None:
        return NOT_TOLD
    said = _grouped(kept(value, "ratio"))
    if value > 0 and said != "0,0":
        said = f"+{said}"
    if unit == "count":
        return f"{said}{THIN}%"
    word = {"percent": "point", "days": "jour", "hours": "heure"}.get(unit)
    return said if word is None else f"{said}{FIXED}{word if abs(value) < 2 else word + 's'}"


def kept(value: float, unit: Unit) -> Decimal:
    """The number as it is told, no digit more: a file must not hold what its print does not show.

    Halves go up, as people round, whatever the binary fraction is. What is counted by halves or by hundredths (days
    worked, full-time equivalents) keeps them, even among whole numbers.
    """
    exact = Decimal(str(value))
    if unit != "count":
        return exact.quantize(Decimal("0.1"), ROUND_HALF_UP)
    told = exact.quantize(Decimal("0.01"), ROUND_HALF_UP)
    return told.quantize(Decimal(1)) if told == told.to_integral_value() else told.normalize()


def plain_number(value: float, unit: Unit) -> str:
    """For a file that a spreadsheet reads: a decimal comma, nothing between the thousands, an ASCII minus."""
    return str(kept(value, unit)).replace(".", ",")


def within(label: str) -> str:
    """The label in the middle of a sentence: ``174 femmes sur 236 personnes``; an acronym keeps its capitals."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def calculation(parts: Iterable[str], unit: Unit) -> str:
    """What was divided by what. A delay is divided by nothing: those who still wait are told beside."""
    return (" ; " if unit == "days" else " sur ").join(part for part in parts if part)


def day(value: date) -> str:
    """``3 mars 2026``, ``1er mars 2026``."""
    return f"{'1er' if value.day == 1 else value.day}{FIXED}{_MONTHS[value.month - 1]} {value.year}"


def day_of(instant: datetime) -> str:
    """The day of an instant, in Paris."""
    return day(instant.astimezone(_PARIS).date())


def version(number: int | None) -> str:
    """``Version 2``; exact figures have none, they are counted when they are asked."""
    return "Chiffres du moment, sans version" if number is None else f"Version{FIXED}{number}"


def rounding(rounded_to: int | None) -> str:
    """How exact the figures are, in a few words."""
    return "Chiffres exacts" if rounded_to is None else f"Chiffres arrondis à{FIXED}{rounded_to}"


def rounding_note(rounded_to: int | None) -> str | None:
    """What to know before adding rounded figures."""
    if rounded_to is None:
        return None
    return (
        f"Chaque nombre est arrondi séparément, à {rounded_to}, davantage si une même personne y compte plusieurs "
        "fois, pour que personne ne puisse être reconnu : la somme des lignes peut différer du total."
    )


def mark(printed: Grid | Report) -> str:
    """Who may read this, and how exact it is: what stands on every page and every sheet."""
    return f"{AUDIENCES[printed.audience]} · {rounding(printed.rounded_to).lower()}"


def foot(printed: Grid | Report) -> str:
    """The mark, and that the figures are invented when they are."""
    invented = isinstance(printed, Report) and printed.invented
    return f"{mark(printed)} · données inventées" if invented else mark(printed)


def typeset(text: str) -> str:
    """The same words with the spaces that French typography keeps on one line."""
    text = re.sub(r"[ \u00a0]+(?=[;!?]|%)", THIN, text)
    text = re.sub(r"[ \u00a0\u202f]+(?=[:»])", FIXED, text)
    return re.sub(r"«[ \u00a0\u202f]+", "«" + FIXED, text)


def shortened(text: str, most: int) -> str:
    """The text, or its beginning and an ellipsis."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def drawable(text: str) -> str:
    """The same text without what no font of the PDF draws, and with long words that may be broken.

    Never empty: PDF/UA refuses a heading, a title or an alternative that says nothing.
    """
    kept = (_drawn(each) for each in unicodedata.normalize("NFC", text.replace("\t", " ").replace("\n", " ")))
    return _LONG_WORD.sub(lambda found: _broken(found.group()), "".join(kept).strip()) or NOT_TOLD


def _drawn(character: str) -> str:
    if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") or "\ufe00" <= character <= "\ufe0f":
        return ""
    return character if any(low <= ord(character) <= high for low, high in _DRAWN) else UNPRINTABLE


def _broken(word: str) -> str:
    return "\u200b".join(word[start : start + _PIECE] for start in range(0, len(word), _PIECE))


def _grouped(exact: Decimal) -> str:
    said = f"{abs(exact):,}".replace(",", THIN).replace(".", ",")
    return f"{MINUS}{said}" if exact < 0 else said
