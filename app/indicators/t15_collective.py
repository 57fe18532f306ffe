"""T15, collective work: no person in it."""

from app.indicators.definitions import Count, CrossTable, Told
from app.indicators.facts import ACTIVITY_TYPE, COLLECTIVE

SESSIONS = Count("T15.sessions", "Séances", COLLECTIVE, "Séances tenues dans la période.", by=(ACTIVITY_TYPE,))
MINUTES = Count("T15.minutes", "Durée", COLLECTIVE, "Leur durée.", by=(ACTIVITY_TYPE,), summing="duration_minutes")
PARTICIPANTS = Count(
    "T15.participants",
    "Participants",
    COLLECTIVE,
    "Présents, séance par séance.",
    by=(ACTIVITY_TYPE,),
    summing="participants",
)

TABLE = CrossTable(
    "T15",
    "Activité collective",
    "séances",
    "Instances, formations, réseau : aucune donnée nominative. Qui vient à deux séances compte deux fois.",
    ACTIVITY_TYPE,
    (
        Told("sessions", "Séances", SESSIONS),
        Told("hours", "Heures", MINUTES, unit="hours", divided_by=60),
        Told("participants", "Participants", PARTICIPANTS),
    ),
)
