"""T1, overview: what a committee asks first. The ten first lines are the key figures of a report."""

from app.indicators.definitions import Count, ListTable, Told
from app.indicators.facts import ACTS, ORIENTATIONS, PERSONS, REFERRALS, SITUATIONS

PERSONS_SEEN = Count(
    "T1.persons",
    "Personnes",
    PERSONS,
    "Personnes distinctes pour lesquelles au moins un acte ou une tentative de contact est daté de la période. "
    "Chacune est comptée une fois.",
)
PERSONS_REACHED = Count(
    "T1.persons_reached",
    "Personnes rencontrées",
    PERSONS,
    "Personnes avec au moins un entretien réalisé dans la période. Un rendez-vous manqué n’est pas un entretien.",
    keeping="reached",
)
NEW_PERSONS = Count(
    "T1.new_persons",
    "Nouvelles personnes",
    PERSONS,
    "Personnes dont le tout premier acte est daté de la période.",
    keeping="newly_met",
)
SITUATIONS_OPENED = Count(
    "T1.situations_opened",
    "Situations nouvelles",
    SITUATIONS,
    "Situations ouvertes dans la période.",
    keeping="opened",
)
SITUATIONS_ACTIVE = Count(
    "T1.situations_active",
    "Situations actives",
    SITUATIONS,
    "Situations avec au moins un acte daté de la période.",
    keeping="active",
)
SITUATIONS_CLOSED = Count(
    "T1.situations_closed",
    "Situations closes",
    SITUATIONS,
    "Situations closes dans la période.",
    keeping="closed",
)
REFERRALS_RECEIVED = Count(
    "T1.referrals",
    "Saisines",
    REFERRALS,
    "Demandes parvenues dans la période, d’une unité, d’un partenaire ou de la personne elle-même. Une "
    "situation ouverte "
    "sans saisine écrite compte pour une saisine, au jour de son ouverture ; une saisine retirée avant d’être prise "
    "n’est pas comptée.",
)
INTERVENTIONS = Count(
    "T1.interventions",
    "Interventions",
    ACTS,
    "Actes datés de la période, quelle qu’en soit l’issue, liaisons et écrits compris. Sans les activités collectives "
    "ni les contacts anonymes.",
    keeping="not anonymous",
)
INTERVIEWS = Count(
    "T1.interviews",
    "Entretiens",
    ACTS,
    "Actes dont la nature compte comme entretien et qui ont été réalisés.",
    keeping="interview and not anonymous",
)
ORIENTATIONS_PROPOSED = Count(
    "T1.orientations",
    "Orientations",
    ORIENTATIONS,
    "Orientations proposées dans la période : une par personne, par situation et par partenaire proposé.",
)
ANONYMOUS_CONTACTS = Count(
    "T1.anonymous_contacts",
    "Contacts anonymes",
    ACTS,
    "Informations données sans ouvrir de dossier, comptées à part, jamais parmi les personnes.",
    keeping="anonymous",
)

KEY_FIGURES = (
    PERSONS_SEEN,
    PERSONS_REACHED,
    NEW_PERSONS,
    SITUATIONS_OPENED,
    SITUATIONS_ACTIVE,
    SITUATIONS_CLOSED,
    REFERRALS_RECEIVED,
    INTERVENTIONS,
    INTERVIEWS,
    ORIENTATIONS_PROPOSED,
)

TABLE = ListTable(
    "T1",
    "Vue d’ensemble",
    "personnes, situations, saisines, actes",
    "Chaque ligne a sa propre unité de compte, définie ci-dessous.",
    tuple(Told(count.code.removeprefix("T1."), count.label, count) for count in (*KEY_FIGURES, ANONYMOUS_CONTACTS)),
    notes=(
        "Une personne vue dans deux lieux ou par deux postes compte dans chacun : la somme des lieux peut "
        "dépasser le total.",
    ),
)
