"""The counts that indicators divide, each protected on its own when figures leave: what is kept is its "
"whole definition."""

from app.indicators.definitions import Count
from app.indicators.facts import ACTS, ORIENTATIONS, PARTICIPATIONS, PERSONS, REFERRALS, SITUATIONS

SEX_RECORDED = Count(
    "sex_recorded", "Personnes dont le sexe est noté", PERSONS, "Sexe noté.", keeping="sex <> 'not_recorded'"
)
WOMEN = Count("women", "Femmes", PERSONS, "Femmes.", keeping="sex = 'female'")
AGE_RECORDED = Count(
    "age_recorded",
    "Personnes d’âge connu",
    PERSONS,
    "Âge connu, ou minorité déclarée.",
    keeping="majority <> 'unknown'",
)
MINORS = Count(
    "minors", "Mineurs", PERSONS, "Moins de 18 ans au premier acte de la période.", keeping="majority = 'minor'"
)

ACTIVE = Count(
    "active_participations",
    "Personnes dans une situation active",
    PARTICIPATIONS,
    "Personnes dans une situation, avec au moins un acte dans la période.",
)
PROBLEM_RECORDED = Count(
    "problem_recorded",
    "Personnes dont la problématique est notée",
    PARTICIPATIONS,
    "Problématique principale notée.",
    keeping="main_problem <> 'not_recorded'",
)
PARTNER_VIOLENCE = Count(
    "partner_violence",
    "Violences au sein du couple",
    PARTICIPATIONS,
    "Problématique principale : violences au sein du couple.",
    keeping="main_problem = 'partner_violence'",
)
FAMILY_VIOLENCE = Count(
    "family_violence",
    "Violences intrafamiliales",
    PARTICIPATIONS,
    "Problématique principale : violences au sein du couple, autres violences intrafamiliales, enfant "
    "maltraité, enfant "
    "exposé aux violences du couple.",
    keeping="main_problem in ('partner_violence', 'family_violence_other') or detailed_problem in "
    "('child_protection_child_abuse', 'child_protection_exposed_to_partner_violence')",
)
STATUS_RECORDED = Count(
    "status_recorded",
    "Personnes dont le statut est noté",
    PARTICIPATIONS,
    "Statut noté.",
    keeping="person_status <> 'unknown'",
)
VICTIMS = Count(
    "victims",
    "Victimes",
    PARTICIPATIONS,
    "Statut : victime, ou victime et mis en cause.",
    keeping="person_status in ('victim', 'victim_and_alleged_perpetrator')",
)
ALLEGED_PERPETRATORS = Count(
    "alleged_perpetrators",
    "Mis en cause",
    PARTICIPATIONS,
    "Statut : mis en cause, ou victime et mis en cause.",
    keeping="person_status in ('alleged_perpetrator', 'victim_and_alleged_perpetrator')",
)
KNOWN_RECORDED = Count(
    "known_recorded",
    "Personnes pour qui c’est noté",
    PERSONS,
    "Connue ou non des services sociaux : noté.",
    keeping="known_to_social_services <> 'not_recorded'",
)
UNKNOWN = Count(
    "unknown_to_services",
    "Inconnues des services sociaux",
    PERSONS,
    "Inconnues de tout service social.",
    keeping="known_to_social_services = 'unknown_to_services'",
)
UNKNOWN_FOR_THIS_REASON = Count(
    "unknown_for_this_reason",
    "Inconnues pour ce motif",
    PERSONS,
    "Inconnues, ou connues pour un autre motif.",
    keeping="known_to_social_services in ('unknown_to_services', 'known_other_reason')",
)
PENAL_RECORDED = Count(
    "penal_recorded",
    "Situations où c’est noté",
    SITUATIONS,
    "Champ pénal ou non : noté, situations actives.",
    keeping="active and penal_context <> 'unknown'",
)
NON_PENAL = Count(
    "non_penal",
    "Hors champ pénal",
    SITUATIONS,
    "Situations actives hors du champ pénal.",
    keeping="active and penal_context = 'non_penal'",
)
FROM_UNITS = Count(
    "from_units",
    "Venues des unités",
    REFERRALS,
    "Saisines d’une unité, ou repérées par la lecture de la main courante.",
    keeping="referral_source in ('police_unit', 'gendarmerie_unit', 'iscg_log_reading')",
)
DUE_FOR_CONTACT = Count(
    "due_for_contact",
    "Saisines d’au moins 15 jours",
    REFERRALS,
    "Saisines reçues au moins 15 jours avant la fin de la période.",
    keeping="due_for_contact",
)
MET = Count(
    "met",
    "Suivies d’un entretien",
    REFERRALS,
    "Parmi elles, un entretien a eu lieu.",
    keeping="due_for_contact and met",
)
REFUSED = Count(
    "contact_refused",
    "Refus",
    REFERRALS,
    "Contact refusé, accord retiré, ou situation close sur refus de la personne.",
    keeping="refused",
)
REMOTE_INTERVIEWS = Count(
    "remote_interviews",
    "Entretiens à distance",
    ACTS,
    "Entretiens réalisés par téléphone ou visioconférence.",
    keeping="interview and not anonymous and channel in ('phone', 'video')",
)
ORIENTED = Count(
    "oriented",
    "Personnes orientées",
    PARTICIPATIONS,
    "Personnes dans une situation active avec au moins une orientation acceptée.",
    keeping="oriented",
)
SENT = Count(
    "orientations_sent", "Orientations transmises", ORIENTATIONS, "Transmises au partenaire.", keeping="transmitted"
)
TAKEN_UP = Count("orientations_taken_up", "Prises en charge", ORIENTATIONS, "Prises en charge.", keeping="taken_up")
UNANSWERED = Count(
    "orientations_unanswered", "Sans retour", ORIENTATIONS, "Ni prises en charge ni refusées.", keeping="unanswered"
)
