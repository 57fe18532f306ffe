"""T11, delays: how soon a person is called, met, and her situation relayed."""

from app.indicators.definitions import Delay, DelayTable
from app.indicators.facts import REFERRALS, SITUATIONS

FIRST_ATTEMPT = Delay(
    "T11.first_attempt",
    "De la saisine à la première tentative de contact",
    REFERRALS,
    "first_attempt_days",
    "Jours ouvrés entre la réception de la saisine et la première tentative de contact, aboutie ou non.",
)
FIRST_INTERVIEW = Delay(
    "T11.first_interview",
    "De la saisine au premier entretien",
    REFERRALS,
    "first_interview_days",
    "Jours ouvrés entre la réception de la saisine et le premier entretien réalisé.",
)
FOLLOW_UP = Delay(
    "T11.follow_up",
    "De l’ouverture à la clôture",
    SITUATIONS,
    "follow_up_days",
    "Jours entre l’ouverture et la clôture des situations closes dans la période.",
    keeping="closed",
    working_days=False,
)

TABLE = DelayTable(
    "T11",
    "Délais",
    "saisines, situations",
    "Médiane et neuvième décile. Ce qui n’a pas encore eu lieu est compté à part, jamais estimé.",
    (FIRST_ATTEMPT, FIRST_INTERVIEW, FOLLOW_UP),
    notes=("Jours ouvrés : du lundi au vendredi, hors jours fériés du département de l’employeur.",),
)
