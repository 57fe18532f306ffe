"""What a report prints: the same outline, filled from exact cells for those who do the work, from "
"rounded ones otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from app.indicators.definitions import DelayTable
from app.indicators.figures import Chart, Figure, FilledTable, Perimeter, Period, Report, Section, Series
from app.indicators.grid import GRID
from app.indicators.indicators import INDICATORS
from app.indicators.periods import is_annual, period_of
from app.indicators.t01_overview import KEY_FIGURES
from app.indicators.t01_overview import TABLE as OVERVIEW
from app.indicators.t16_post import TABLE as POST
from app.indicators.version import nomenclature_version
from app.printing.wording import number
from app.services.clock import now, today
from app.services.counted_cells import Counted
from app.services.filling import Filling
from app.services.report_sections import charts_of, outline, trend
from app.services.report_tables import worth_printing

NOTES: Final = (
    "Les définitions sont imprimées sous chaque tableau ou ci-dessous. Les lignes et colonnes où tout vaut zéro "
    "n’y sont pas ; la grille les a toutes.",
    "Une personne est comptée une fois par tableau ; "
    "une personne vue dans "
    "deux lieux ou par deux postes compte dans chacun, si bien que la somme des lieux peut dépasser le total.",
    "Une période appartient à la date de comptage de l’acte : une saisie tardive est comptée tant que le "
    "rapport n’est pas figé.",
)
INTERNAL: Final = "Chiffres exacts, à usage interne : ce document ne se diffuse pas."
ROUNDED: Final = (
    "Chiffres arrondis au hasard, à 5 près pour les personnes : le vrai zéro reste zéro, les totaux ne "
    "sont pas la somme des "
    "lignes, une part ne se dit qu’au-dessus de 20, un délai à partir de 11 observations."
)
WITHHELD: Final = (
    "Moins de 50 personnes dans ce périmètre : ses chiffres ne se publient que dans ceux du périmètre qui le contient."
)


@dataclass(frozen=True)
class Figures:
    """The filled tables of one audience, and the quarters of the year for the trend."""

    filling: Filling
    quarters: tuple[Counted, ...]
    extra: tuple[FilledTable, ...] = ()

    @property
    def rounded_to(self) -> int | None:
        """What they were rounded to, if they were."""
        return self.filling.now.rounded_to


def content_of(
    report: Mapping[str, Any],
    figures: Figures,
    *,
    period: Period,
    perimeter: Perimeter,
    identification: tuple[tuple[str, str], ...],
    invented: bool,
    frozen_at: datetime | None = None,
) -> Report:
    """A whole report: sections, tables, charts, definitions, notes. ``report`` is its row."""
    annual = is_annual(period)
    tables = _tables(figures)
    charts = charts_of(tables)
    printed = {code: table for code, full in tables.items() if (table := worth_printing(full)) is not None}
    indicators = {figure.code: figure for figure in map(figures.filling.figure, INDICATORS)}
    sections = []
    for each in outline(annual=annual):
        drawn = [charts[each.code]] if each.code in charts else []
        if each.code == "highlights" and annual:
            drawn.append(_trend(period, figures))
        sections.append(
            Section(
                code=each.code,
                title=each.title,
                commentary=report["commentary"].get(each.code),
                figures=tuple(indicators[code] for code in each.indicators),
                tables=tuple(printed[code] for code in each.tables if code in printed),
                charts=tuple(drawn),
                warning=each.warning,
            )
        )
    audience: Literal["internal", "committee"] = "internal" if figures.rounded_to is None else "committee"
    return Report(
        title="Rapport d’activité",
        kind="annual" if annual else "quarterly",
        status="frozen" if frozen_at else ("validated" if report["validated_at"] else "draft"),
        version=report["version"],
        period=period,
        perimeter=perimeter,
        audience=audience,
        rounded_to=figures.rounded_to,
        identification=(*identification, *_presence(figures.filling, tables)),
        key_figures=_key_figures(figures.filling),
        # While it is a draft, a section that nobody has written yet says that it may be.
        sections=tuple(each for each in sections if not frozen_at or _says_something(each)),
        notes=(*NOTES, *_how_told(figures)),
        nomenclature_version=nomenclature_version(),
        as_of=frozen_at or now(),
        validated_by=report["validated_as"],
        frozen_at=frozen_at,
        invented=invented,
    )


def _says_something(section: Section) -> bool:
    return bool(section.commentary or section.figures or section.tables or section.charts)


def quarters_of(period: Period) -> tuple[Period, ...]:
    """The quarters of a year that have begun; none for a quarter."""
    if not is_annual(period):
        return ()
    found = (period_of(f"{period.code}-Q{number}", today=today()) for number in (1, 2, 3, 4))
    return tuple(quarter for quarter in found if quarter.starts_on <= today())


def _how_told(figures: Figures) -> tuple[str, ...]:
    if figures.rounded_to is None:
        return (INTERNAL,)
    withheld = figures.filling.now.cell("T1.persons").value is None
    return (ROUNDED, WITHHELD) if withheld else (ROUNDED,)


def _tables(figures: Figures) -> dict[str, FilledTable]:
    filled = [figures.filling.table(table) for table in GRID]
    return {table.code: table for table in (*filled, *figures.extra, figures.filling.completeness())}


def _presence(filling: Filling, tables: Mapping[str, FilledTable]) -> tuple[tuple[str, str], ...]:
    """Where people were received, and how much of a full-time post was there."""
    said = []
    names = set(filling.places.values())
    places = [column.label for column in tables["T9"].columns if column.label in names]
    if places:
        said.append(("Lieux d’accueil", ", ".join(places)))
    present = filling.figure(next(line for line in POST.lines if line.code == "full_time")).value
    if present:
        said.append(("Présence", f"{number(present)} équivalent temps plein"))
    return tuple(said)


def _key_figures(filling: Filling) -> tuple[Figure, ...]:
    wanted = {count.code for count in KEY_FIGURES}
    return tuple(filling.figure(told) for told in OVERVIEW.lines if told.count.code in wanted)


def _trend(period: Period, figures: Figures) -> Chart:
    labels = tuple(quarter.label for quarter in quarters_of(period))
    persons, interviews = (
        Series(label, tuple(counted.cell(cell).value for counted in figures.quarters))
        for label, cell in (("Personnes", "T1.persons"), ("Entretiens", "T1.interviews"))
    )
    return trend(labels, persons, interviews)


def is_empty(filling: Filling) -> bool:
    """Is there nothing at all to tell?"""
    tables = (filling.table(table) for table in GRID if not isinstance(table, DelayTable) and table.code != "T16")
    return not any(cell.value for table in tables for line in table.lines for cell in line.cells)
