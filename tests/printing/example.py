"""An invented grid and an invented report, of the size of a real one."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, Literal

from app.indicators.figures import (
    Cell,
    Chart,
    Column,
    Figure,
    FilledTable,
    Grid,
    Line,
    Perimeter,
    Period,
    Report,
    Section,
    Series,
    Unit,
)

YEAR = Period("2026", "année 2026", date(2026, 1, 1), date(2026, 12, 31), closed=True)
POST = Perimeter("post", "0192f3c4-0000-7000-8000-000000000001", "Poste d’ISCG de Valmorel et du Haut-Pays")
AS_OF = datetime(2027, 3, 1, 8, 30, tzinfo=UTC)
FROZEN_AT = datetime(2027, 3, 3, 23, 30, tzinfo=UTC)

AGES = (
    "0 à 5 ans", "6 à 11 ans", "12 à 14 ans", "15 à 17 ans", "18 à 24 ans", "25 à 34 ans", "35 à 44 ans",
    "45 à 54 ans", "55 à 64 ans", "65 à 74 ans", "75 ans et plus",
)  # fmt: skip
MONTHS = (
    "janv.", "févr.", "mars", "avril", "mai", "juin", "juill.", "août", "sept.", "oct.", "nov.", "déc.",
)  # fmt: skip
WOMEN = (6, 9, 14, 21, 58, 97, 104, 71, 38, 24, 31)
MEN = (7, 8, 9, 12, 22, 41, 47, 39, 22, 13, 12)

# A table: code, label, what is counted, its columns (label, unit), its lines (level, label, first number).
_Lines = tuple[tuple[int, str, int], ...]
_TABLES: tuple[tuple[str, str, str, tuple[tuple[str, Unit], ...], _Lines], ...] = (
    (
        "overview", "Vue d’ensemble", "ce que dit chaque ligne",
        (("2026", "count"), ("2025", "count"), ("Évolution", "percent")),
        (
            (1, "Personnes", 705), (1, "Personnes rencontrées", 566), (1, "Nouvelles personnes", 512),
            (1, "Situations nouvelles", 498), (1, "Situations actives", 611), (1, "Situations closes", 472),
            (1, "Saisines", 1214), (1, "Interventions", 3487), (1, "Entretiens", 1322), (1, "Orientations", 1108),
            (1, "Contacts anonymes", 64),
        ),
    ),
    (
        "public", "Public selon l’âge et le sexe", "personnes",
        (("Femmes", "count"), ("Hommes", "count"), ("Non renseigné", "count"), ("Ensemble", "count")),
        ((0, "Ensemble", 705), *((1, age, 2 * count) for age, count in zip(AGES, WOMEN, strict=True))),
    ),
    (
        "status", "Statut des personnes dans la situation", "participations",
        (("Femmes", "count"), ("Hommes", "count"), ("Ensemble", "count"), ("Part", "percent")),
        (
            (0, "Ensemble", 798), (1, "Victime", 431), (1, "Mis en cause", 96), (1, "Victime et mis en cause", 22),
            (1, "Personne en difficulté sociale (ni victime ni mis en cause)", 148), (1, "Proche de victime", 41),
            (1, "Enfant exposé, co-victime", 38), (1, "Témoin", 9), (1, "Non renseigné", 13),
        ),
    ),
    (
        "referral_source", "Origine des saisines", "saisines",
        (("Avec document", "count"), ("Sans document", "count"), ("Ensemble", "count"), ("Part", "percent")),
        (
            (0, "Ensemble", 1214), (1, "Service de police", 648), (1, "Unité de gendarmerie", 214),
            (1, "Repérage par l’ISCG (main courante, comptes rendus)", 131), (1, "Personne elle-même", 88),
            (1, "Service social départemental", 47), (1, "Justice (parquet, SPIP, PJJ, point-justice)", 29),
            (1, "Mairie ou élu", 21), (1, "Autre", 36),
        ),
    ),
    (
        "referral_document", "Document à l’origine de la saisine, selon l’unité", "saisines",
        tuple(
            (label, "count")
            for label in (
                "CSP de Valmorel", "CSP de Bourg-Neuf", "BTA du Haut-Pays", "BTA de Saint-Loup", "COB des Deux-Rives",
                "BPDJ", "PSIG", "BMO", "COB de Clairval", "Brigade de recherches", "Ensemble",
            )
        ),
        (
            (0, "Ensemble", 1214), (1, "Main courante", 402), (1, "Plainte", 318), (1, "Procès-verbal de renseignement "
            "judiciaire", 96), (1, "Compte rendu d’intervention", 221), (1, "Aucun document", 177),
        ),
    ),
    (
        "problems", "Problématique principale", "participations",
        (("Femmes", "count"), ("Hommes", "count"), ("Mineurs", "count"), ("Majeurs", "count"), ("Ensemble", "count"),
         ("Part", "percent")),
        (
            (0, "Ensemble", 798), (1, "Violences au sein du couple", 312),
            (2, "Violences physiques au sein du couple", 141), (2, "Violences psychologiques au sein du couple", 97),
            (2, "Violences numériques au sein du couple (cybercontrôle)", 18),
            (2, "Violences par un ancien conjoint, concubin ou partenaire de PACS", 56),
            (1, "Autres violences intrafamiliales", 84), (2, "Violences sur ascendant", 21),
            (2, "Violences exercées par un enfant ou un adolescent sur ses parents", 34), (2, "Mariage forcé", 3),
            (1, "Violences sexuelles hors couple", 27), (1, "Différend de couple, séparation conflictuelle", 102),
            (2, "Désaccord sur la résidence de l’enfant ou le droit de visite et d’hébergement", 41),
            (1, "Conflit familial ou intergénérationnel", 46), (1, "Enfance en danger", 61),
            (2, "Mineur exposé aux violences au sein du couple", 29), (2, "Fugue de mineur", 14),
            (1, "Personne vulnérable", 43), (1, "Santé mentale, souffrance psychique", 38), (1, "Addictions", 22),
            (1, "Conflit de voisinage", 31), (1, "Harcèlement", 19), (1, "Logement, hébergement", 26),
            (1, "Difficultés financières, précarité", 17), (1, "Autre", 9),
        ),
    ),
    (
        "penal", "Contexte pénal", "situations", (("Situations", "count"), ("Part", "percent")),
        ((0, "Ensemble", 498), (1, "Pénal", 301), (1, "Hors champ pénal", 162), (1, "Non renseigné", 35)),
    ),
    (
        "known", "Connue des services sociaux", "personnes", (("Personnes", "count"), ("Part", "percent")),
        ((0, "Ensemble", 705), (1, "Inconnue", 388), (1, "Connue pour un autre motif", 141), (1, "Connue", 122)),
    ),
    (
        "interventions", "Interventions", "interventions",
        (("Nombre", "count"), ("Durée totale", "hours"), ("Sur place", "count"), ("À distance", "count")),
        (
            (0, "Ensemble", 3487), (1, "Entretien physique au service", 702), (1, "Entretien téléphonique", 498),
            (1, "Entretien en visioconférence", 21), (1, "Visite à domicile", 37), (1, "Tentative de contact", 611),
            (1, "Liaison avec un partenaire", 733), (1, "Liaison avec les policiers ou les gendarmes", 604),
            (1, "Information préoccupante, signalement", 48),
        ),
    ),
    (
        "orientations", "Orientations et leur suite", "orientations",
        tuple(
            (label, "count")
            for label in ("Proposées", "Acceptées", "Transmises", "Effectives", "Refusées", "Sans retour")
        ),
        (
            (0, "Ensemble", 1108), (1, "Service social départemental ou de secteur", 241), (1, "CCAS ou CIAS", 96),
            (1, "CRIP, aide sociale à l’enfance", 58), (1, "Association d’aide aux victimes (France Victimes)", 214),
            (1, "CIDFF", 133), (1, "SIAO, 115", 71), (1, "Point-justice, maison de justice et du droit, avocat", 124),
            (1, "CMP, psychiatrie", 33), (1, "Autre", 18),
        ),
    ),
    (
        "delays", "Délais", "saisines ou situations", (("Médiane", "days"), ("90 % en moins de", "days")),
        (
            (1, "De la saisine au premier contact", 2), (1, "De la saisine au premier entretien", 6),
            (1, "De l’ouverture à la clôture", 74),
        ),
    ),
    (
        "closures", "Motifs de clôture", "situations", (("Situations", "count"), ("Part", "percent")),
        ((0, "Ensemble", 472), (1, "Relais effectif", 201), (1, "Besoin satisfait", 96), (1, "Refus", 51)),
    ),
    (
        "safeguarding", "Protection", "interventions", (("Nombre", "count"),),
        ((1, "Information préoccupante", 37), (1, "Signalement au procureur", 11), (1, "Mise à l’abri", 42)),
    ),
    (
        "territory", "Commune de résidence", "personnes et saisines",
        (("Personnes", "count"), ("Saisines", "count")),
        ((0, "Ensemble", 705), (1, "Valmorel", 312), (1, "Bourg-Neuf", 148), (1, "Autres communes", 245)),
    ),
    (
        "collective", "Actions collectives", "séances", (("Séances", "count"), ("Heures", "hours"),
        ("Participants", "count")), ((0, "Ensemble", 21), (1, "Formation d’officiers et de gardiens", 9)),
    ),
    (
        "post", "Le poste", "jours", (("Équivalent temps plein présent", "ratio"), ("Jours travaillés", "days")),
        ((1, "Poste d’ISCG de Valmorel", 1), (1, "Renfort du second semestre", 0)),
    ),
)  # fmt: skip


def _cell(unit: Unit, first: int, rank: int, rounded_to: int | None) -> Cell:
    """A number that looks like one of its kind; every thirteenth cannot be told."""
    if (first + rank) % 13 == 0:
        return Cell(None)
    if unit == "percent":
        return Cell(round((first * 37 % 1000) / 10, 1))
    if unit in ("days", "hours", "ratio"):
        return Cell(round(first * (rank + 1) * 0.7, 1))
    value = first if rank == 0 else first * (7 - rank % 6) // 9
    return Cell(value) if rounded_to is None else Cell(round(value / rounded_to) * rounded_to, rounded_to)


def tables(rounded_to: int | None = None) -> tuple[FilledTable, ...]:
    """The sixteen tables of the grid."""
    return tuple(
        FilledTable(
            code,
            label,
            counted,
            f"Nombre de {counted} dans la période et le périmètre, chacune une seule fois par tableau ; "
            "la date retenue est celle du premier acte.",
            tuple(Column(f"{code}_{rank}", name, unit) for rank, (name, unit) in enumerate(columns)),
            tuple(
                Line(
                    f"{code}_line_{place}",
                    name,
                    f"MI-{place:02d}" if place % 2 else None,
                    level,
                    tuple(_cell(unit, first, rank, rounded_to) for rank, (_, unit) in enumerate(columns)),
                )
                for place, (level, name, first) in enumerate(lines)
            ),
            ("Une personne vue sur deux sites compte une fois pour chacun : la somme peut dépasser l’ensemble.",)
            if code == "territory"
            else (),
        )
        for code, label, counted, columns, lines in _TABLES
    )


def grid(rounded_to: int | None = None, **said: Any) -> Grid:
    """The grid of the invented post in 2026; exact, or rounded for the committee."""
    made = Grid(
        period=YEAR,
        perimeter=POST,
        audience="internal" if rounded_to is None else "committee",
        rounded_to=rounded_to,
        version=None if rounded_to is None else 2,
        as_of=AS_OF,
        nomenclature_version="2026-01",
        notes=("Les totaux des sites peuvent dépasser celui du poste.",),
        reason=None,
        tables=tables(rounded_to),
    )
    return replace(made, **said)


def figure(code: str, label: str, unit: Unit, value: float | None, **said: Any) -> Figure:
    """An indicator with the period before, and what it divides."""
    made = Figure(
        code, label, f"{label} : définition inventée pour l’exemple, imprimée avec le nombre.", unit, value,
        numerator=None, numerator_label=None, denominator=None, denominator_label=None, completeness=None,
        previous=None, change=None,
    )  # fmt: skip
    return replace(made, **said)


def _share(code: str, label: str, value: float, top: int, bottom: int, of: str, **said: Any) -> Figure:
    return figure(
        code, label, "percent", value, numerator=Cell(top), numerator_label=of, denominator=Cell(bottom),
        denominator_label=f"{of}, renseignement connu", completeness=96.4, **said,
    )  # fmt: skip


KEY_FIGURES = (
    figure("persons", "Personnes", "count", 705, previous=642, change=9.8),
    figure("persons_reached", "Personnes rencontrées", "count", 566, previous=541, change=4.6),
    figure("referrals", "Saisines", "count", 1214, previous=1302, change=-6.8),
    figure("interviews", "Entretiens", "count", 1322, previous=1322, change=0.0),
    figure("orientations", "Orientations", "count", 1108, previous=None, change=None),
    _share("share_women", "Part des femmes", 67.1, 473, 705, "personnes", previous=68.6, change=-1.5),
    _share("share_minors", "Part des mineurs", 12.2, 86, 705, "personnes", previous=10.1, change=2.1),
    _share("share_partner_violence", "Part des violences au sein du couple", 39.1, 312, 798, "participations",
           previous=41.0, change=-1.9),
    figure("median_first_contact", "Délai médian de premier contact", "days", 1.5, previous=2.5, change=-1.0,
           denominator=Cell(1103), denominator_label="saisines suivies d’un contact"),
    figure("take_up_rate", "Taux de relais effectif", "percent", None,
           reason="Moins de 20 orientations transmises : le taux ne se dit pas."),
)  # fmt: skip

CHARTS = {
    "pyramid": Chart(
        "pyramid", "Pyramide des âges",
        "Pyramide des âges : 473 femmes et 232 hommes ; la tranche la plus nombreuse est de 35 à 44 ans.",
        "count", AGES, (Series("Femmes", WOMEN), Series("Hommes", MEN)),
    ),
    "lines": Chart(
        "lines", "Saisines reçues par mois",
        "Saisines par mois : de 88 en janvier 2026 à 124 en décembre, avec un creux en août ; 2025 est plus stable.",
        "count", MONTHS,
        (Series("2026", (88, 94, 101, 97, 112, 108, 84, 71, None, 118, 121, 124)),
         Series("2025", (104, 101, 112, 109, 106, 111, 98, 95, 113, 117, 118, 118))),
    ),
    "sources": Chart(
        "bars", "Origine des saisines", "Origine des saisines : la police d’abord, 648 saisines sur 1 214.", "count",
        ("Service de police", "Unité de gendarmerie", "Repérage par l’ISCG (main courante, comptes rendus)",
         "Personne elle-même", "Service social départemental", "Autre"),
        (Series("Saisines", (648, 214, 131, 88, 47, None)),),
    ),
    "follow_up": Chart(
        "bars", "Orientations proposées, acceptées et effectives",
        "Orientations par partenaire : environ les trois quarts sont acceptées, la moitié deviennent effectives.",
        "count", ("Service social départemental", "Aide aux victimes", "CIDFF", "SIAO, 115"),
        (Series("Proposées", (241, 214, 133, 71)), Series("Acceptées", (187, 166, 103, 55)),
         Series("Effectives", (121, 98, 77, 23))),
    ),
    "rate": Chart(
        "lines", "Part des femmes par trimestre", "Part des femmes : de 64,5 % à 67,1 % en quatre trimestres.",
        "percent", ("1er trimestre", "2e trimestre", "3e trimestre", "4e trimestre"),
        (Series("Part des femmes", (64.5, 66.2, 65.0, 67.1)),),
    ),
}  # fmt: skip


def _nearest(value: float | None, rounded_to: int) -> int | None:
    return None if value is None else round(value / rounded_to) * rounded_to


def key_figures(rounded_to: int | None = None) -> tuple[Figure, ...]:
    """The ten figures, exact or rounded with what they divide."""
    if rounded_to is None:
        return KEY_FIGURES

    def cell(exact: Cell | None) -> Cell | None:
        return exact and Cell(_nearest(exact.value, rounded_to), rounded_to)

    return tuple(
        replace(
            each,
            numerator=cell(each.numerator),
            denominator=cell(each.denominator),
            value=_nearest(each.value, rounded_to) if each.unit == "count" else each.value,
            previous=_nearest(each.previous, rounded_to) if each.unit == "count" else each.previous,
            rounded_to=rounded_to if each.unit == "count" else None,
        )
        for each in KEY_FIGURES
    )


def chart(name: str, rounded_to: int | None = None) -> Chart:
    """One of the pictures, exact or rounded."""
    exact = CHARTS[name]
    if rounded_to is None or exact.unit != "count":
        return exact
    series = tuple(Series(s.label, tuple(_nearest(v, rounded_to) for v in s.values)) for s in exact.series)
    return replace(exact, series=series)


COMMENTARY = (
    "L’année est marquée par l’ouverture d’une permanence au Haut-Pays : les unités rurales saisissent davantage, "
    "et plus tôt. Le délai de premier contact recule d’un jour ouvré ; c’est l’effet attendu du repérage quotidien "
    "de la main courante. Qui aurait pu le prédire ?\n"
    "Le relais vers le service social départemental reste le premier : « aller vers » suppose que quelqu’un attende "
    "à l’arrivée."
)

_SECTIONS: tuple[tuple[str, str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("context", "Contexte du territoire", (), ()),
    ("public", "Public", ("overview", "public", "status", "known"), ("pyramid", "rate")),
    ("referrals", "Saisines et délais", ("referral_source", "referral_document", "delays"), ("sources", "lines")),
    ("situations", "Situations", ("problems", "penal"), ()),
    ("work", "Travail réalisé", ("interventions", "safeguarding"), ()),
    ("orientations", "Orientations, partenariat et clôtures", ("orientations", "closures"), ("follow_up",)),
    ("territory", "Territoire et sites", ("territory",), ()),
    ("collective", "Actions collectives, instances et réseau", ("collective", "post"), ()),
    ("illustrations", "Illustrations anonymisées", (), ()),
)


def report(
    status: Literal["draft", "validated", "frozen"] = "frozen", rounded_to: int | None = None, **said: Any
) -> Report:
    """The yearly report of the invented post; internal and exact, or rounded for the committee."""
    by_code = {each.code: each for each in tables(rounded_to)}
    sections = tuple(
        Section(
            code,
            title,
            COMMENTARY,
            figures=key_figures(rounded_to)[5:8] if code == "public" else (),
            tables=tuple(by_code[each] for each in filled),
            charts=tuple(chart(each, rounded_to) for each in charts),
            notes=("Source : saisie quotidienne du poste.",) if code == "referrals" else (),
            warning="Réunis, plusieurs détails peuvent désigner quelqu’un : relire avant d’envoyer."
            if code == "illustrations"
            else None,
        )
        for code, title, filled, charts in _SECTIONS
    )
    made = Report(
        title="Rapport d’activité 2026",
        kind="annual",
        status=status,
        version=2,
        period=YEAR,
        perimeter=POST,
        audience="internal" if rounded_to is None else "committee",
        rounded_to=rounded_to,
        identification=(
            ("Employeur", "Centre communal d’action sociale de Valmorel"),
            ("Autorité fonctionnelle", "Commissaire divisionnaire, chef de la circonscription de Valmorel"),
            ("Sites", "Commissariat de Valmorel, brigade du Haut-Pays, permanence de Saint-Loup"),
            ("Poste mutualisé", "Oui, police et gendarmerie"),
            ("Convention", "Du 1er janvier 2025 au 31 décembre 2027"),
            ("Financeurs", "État (FIPD) 40 %, département 30 %, ville 30 %"),
            ("Équivalent temps plein présent", "0,92"),
        ),
        key_figures=key_figures(rounded_to),
        sections=sections,
        notes=(
            "Saisine : une demande qui parvient à l’ISCG, à une date, d’une source, pour une ou plusieurs personnes.",
            "Personne : comptée une seule fois par tableau, quel que soit le nombre de ses situations.",
        ),
        nomenclature_version="2026-01",
        as_of=AS_OF,
        validated_by="Camille Exemple, coordinatrice" if status != "draft" else None,
        frozen_at=FROZEN_AT if status == "frozen" else None,
        invented=True,
    )
    return replace(made, **said)
