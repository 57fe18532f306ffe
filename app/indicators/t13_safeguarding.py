"""T13, safeguarding: counted, and nothing else told."""

from app.indicators.definitions import Count, ListTable, Told
from app.indicators.facts import ACTS, TRANSMISSIONS

CONCERNING_INFORMATION = Count(
    "T13.concerning_information",
    "Informations préoccupantes",
    TRANSMISSIONS,
    "Informations préoccupantes envoyées à la CRIP (L. 226-2-1 du CASF).",
    keeping="transmission_kind = 'concerning_information'",
)
PROSECUTOR_REPORT = Count(
    "T13.prosecutor_report",
    "Signalements au procureur",
    TRANSMISSIONS,
    "Signalements envoyés au procureur de la République.",
    keeping="transmission_kind = 'prosecutor_report'",
)
SHELTERING = Count(
    "T13.emergency_sheltering",
    "Mises à l’abri",
    ACTS,
    "Actes de mise à l’abri réalisés.",
    keeping="intervention_type = 'emergency_sheltering' and held",
)

TABLE = ListTable(
    "T13",
    "Protection",
    "transmissions, actes",
    "Nombre seul.",
    tuple(
        Told(count.code.removeprefix("T13."), count.label, count)
        for count in (CONCERNING_INFORMATION, PROSECUTOR_REPORT, SHELTERING)
    ),
)
