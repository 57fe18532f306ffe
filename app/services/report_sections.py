"""The outline of a report: sections in order, what each shows, and the charts read at a glance.

``statistics.md`` section 4, from the job description and published reports. To add a section: one ``Outline`` here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from app.indicators.figures import Chart, Column, FilledTable, Series
from app.nomenclature.terms import LISTS

MOST_BARS: Final = 10
AGED: Final = frozenset(term.code for term in LISTS["age_band"].terms if term.facts["min_age"] is not None)


@dataclass(frozen=True, slots=True)
class Outline:
    """One section: its tables by code, its indicators by code, and whether a quarterly report has it."""

    code: str
    title: str
    tables: tuple[str, ...] = ()
    indicators: tuple[str, ...] = ()
    quarterly: bool = True
    warning: str | None = None


SECTIONS: Final = (
    Outline("highlights", "Faits marquants", ("T1",)),
    Outline("territory_context", "Le territoire", quarterly=False),
    Outline(
        "public",
        "Le public",
        ("T2", "T3", "T8"),
        ("share_women", "share_minors", "share_victims", "share_alleged_perpetrators", "share_unknown_to_services"),
    ),
    Outline(
        "referrals",
        "Les saisines et les délais",
        ("T4", "T5", "T11"),
        ("share_unit_referrals", "contact_rate", "refusal_rate", "median_first_contact"),
    ),
    Outline(
        "situations",
        "Les situations",
        ("T6", "T7"),
        ("share_partner_violence", "share_family_violence", "share_non_penal", "follow_up"),
    ),
    Outline("work", "Le travail accompli", ("T9", "T13"), ("interviews_per_person", "remote_share")),
    Outline(
        "orientations",
        "Les orientations et le partenariat",
        ("T10", "T12"),
        ("orientation_rate", "take_up_rate", "no_feedback_share"),
    ),
    Outline("territory", "Le territoire et les lieux", ("T14", "T14.municipalities"), quarterly=False),
    Outline(
        "collective",
        "Le travail collectif et le poste",
        ("T15", "T16"),
        ("persons_per_fte",),
        quarterly=False,
    ),
    Outline(
        "illustrations",
        "Illustrations anonymes",
        quarterly=False,
        warning="Des détails anodins, réunis, désignent quelqu’un : ni nom, ni lieu précis, ni date, ni métier rare.",
    ),
    Outline("perspectives", "Difficultés, besoins, perspectives", quarterly=False),
    Outline("annexes", "Complétude de la saisie", ("completeness",)),
)
SECTION_CODES: Final = frozenset(section.code for section in SECTIONS)


def outline(*, annual: bool) -> tuple[Outline, ...]:
    """The sections of an annual report, or of a quarterly one, which is shorter."""
    return tuple(section for section in SECTIONS if annual or section.quarterly)


def charts_of(tables: dict[str, FilledTable]) -> dict[str, Chart]:
    """The chart of each section that has one, drawn from its tables; none where there is nothing to draw."""
    drawn = {
        "public": _pyramid(tables["T2"]),
        "referrals": _bars(tables["T4"], "Origine des saisines", ("total",)),
        "situations": _bars(tables["T6"], "Problématiques principales", ("total",)),
        "work": _bars(tables["T9"], "Nature des interventions", ("total",)),
        "orientations": _bars(tables["T10"], "Orientations, par sorte de partenaire", ("proposed", "taken_up")),
    }
    return {code: chart for code, chart in drawn.items() if chart is not None}


def trend(labels: tuple[str, ...], persons: Series, interviews: Series) -> Chart:
    """How the year went, quarter by quarter."""
    said = "; ".join(
        f"{label} : {_told(seen)} personnes, {_told(held)} entretiens"
        for label, seen, held in zip(labels, persons.values, interviews.values, strict=True)
    )
    return Chart("lines", "Personnes et entretiens, par trimestre", f"{said}.", "count", labels, (persons, interviews))


def _pyramid(table: FilledTable) -> Chart | None:
    women, men = (_column(table, code) for code in ("persons_female", "persons_male"))
    bands = [line for line in table.lines if line.level == 1 and line.code in AGED]
    series = [tuple(line.cells[at].value for line in bands) for at in (women, men)]
    if not any(value for values in series for value in values):
        return None
    labels = tuple(line.label for line in bands)
    said = "; ".join(
        f"{label} : {_told(first)} femmes, {_told(second)} hommes"
        for label, first, second in zip(labels, *series, strict=True)
    )
    return Chart(
        "pyramid",
        "Pyramide des âges",
        f"{said}.",
        "count",
        labels,
        (Series("Femmes", series[0]), Series("Hommes", series[1])),
    )


def _bars(table: FilledTable, title: str, codes: tuple[str, ...]) -> Chart | None:
    at = [_column(table, code) for code in codes]
    lines = sorted(
        (line for line in table.lines if line.level == 1 and line.cells[at[0]].value),
        key=lambda line: -(line.cells[at[0]].value or 0),
    )[:MOST_BARS]
    if not lines:
        return None
    columns: tuple[Column, ...] = tuple(table.columns[each] for each in at)
    said = "; ".join(
        f"{line.label} : "
        + ", ".join(f"{_told(line.cells[each].value)} {table.columns[each].label.lower()}" for each in at)
        for line in lines
    )
    series = tuple(
        Series(each.label, tuple(line.cells[place].value for line in lines))
        for each, place in zip(columns, at, strict=True)
    )
    return Chart("bars", title, f"{said}.", "count", tuple(line.label for line in lines), series)


def _column(table: FilledTable, code: str) -> int:
    return next(number for number, column in enumerate(table.columns) if column.code == code)


def _told(value: float | int | None) -> str:
    return "non dit" if value is None else f"{value:g}"
