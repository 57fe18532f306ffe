"""The sentences spoken to people, read once from ``messages.toml``, and the choice of their language."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

Language = Literal["fr", "en"]

_CATALOGUE: Mapping[str, Any] = tomllib.loads(Path(__file__).with_name("messages.toml").read_text("utf-8"))
TITLES: Mapping[str, Mapping[str, str]] = _CATALOGUE["titles"]
PROBLEMS: Mapping[str, Mapping[str, str]] = _CATALOGUE["problems"]
FIELDS: Mapping[str, Mapping[str, str]] = _CATALOGUE["fields"]
PYDANTIC: Mapping[str, str] = _CATALOGUE["pydantic"]
CONSTRAINTS: Mapping[str, Mapping[str, Any]] = _CATALOGUE["constraints"]

# Limits of the contract that a sentence may quote. They come from our own annotations, never from a request.
QUOTABLE = frozenset({"max_length", "min_length", "gt", "ge", "lt", "le", "multiple_of"})


def title(status: int, language: Language) -> str:
    """Short title of an HTTP status; a status we did not foresee borrows the title of its class."""
    entry = TITLES.get(str(status)) or TITLES["500" if status >= 500 else "400"]
    return entry[f"title_{language}"]


def problem_sentence(code: str, language: Language) -> str:
    """Sentence of a problem code. An unknown code gets a harmless one: speaking must never fail."""
    entry = PROBLEMS.get(code) or FIELDS.get(code) or PROBLEMS["invalid_request"]
    return entry[language]


def field_sentence(code: str, language: Language, limits: Mapping[str, object]) -> str:
    """Sentence of a field's fault, quoting only the limits named in ``QUOTABLE``."""
    entry = FIELDS.get(code) or PROBLEMS.get(code) or FIELDS["invalid_value"]
    try:
        return entry[language].format_map({key: limits[key] for key in QUOTABLE & limits.keys()})
    except KeyError:
        # The sentence quotes a limit that this error does not carry.
        return FIELDS["invalid_value"][language]


def preferred_language(accept_language: str | None) -> Language:
    """French, unless ``Accept-Language`` clearly prefers English. Garbage is read as "no preference"."""
    best: dict[str, float] = {}
    for part in (accept_language or "")[:500].split(","):
        tag, _, parameters = part.partition(";")
        primary = tag.strip().lower().partition("-")[0]
        name, _, value = parameters.strip().partition("=")
        weight = 1.0
        if name.strip().lower() == "q":
            # RFC 9110: 0 to 1, three decimals. float() alone would take "nan", "1e9" or "1_0".
            digits = value.strip()
            if not (digits.isascii() and digits.replace(".", "", 1).isdigit() and len(digits) <= 5):
                continue
            weight = min(float(digits), 1.0)
        best[primary] = max(best.get(primary, 0.0), weight)
    return "en" if best.get("en", 0.0) > best.get("fr", 0.0) else "fr"
