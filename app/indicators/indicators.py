"""The indicators: shares, means and delays, each with its numerator and its denominator printed beside.

Formulas: ``docs/indicators.md`` prints them as they are here. A denominator counts only what was recorded; how much was
not is the completeness of the indicator.
"""

from app.indicators.counts import (
    ACTIVE,
    AGE_RECORDED,
    ALLEGED_PERPETRATORS,
    DUE_FOR_CONTACT,
    FAMILY_VIOLENCE,
    FROM_UNITS,
    KNOWN_RECORDED,
    MET,
    MINORS,
    NON_PENAL,
    ORIENTED,
    PARTNER_VIOLENCE,
    PENAL_RECORDED,
    PROBLEM_RECORDED,
    REFUSED,
    REMOTE_INTERVIEWS,
    SENT,
    SEX_RECORDED,
    STATUS_RECORDED,
    TAKEN_UP,
    UNANSWERED,
    UNKNOWN,
    UNKNOWN_FOR_THIS_REASON,
    VICTIMS,
    WOMEN,
)
from app.indicators.definitions import Delay, Indicator, Share
from app.indicators.facts import REFERRALS
from app.indicators.t01_overview import INTERVIEWS, PERSONS_REACHED, PERSONS_SEEN, REFERRALS_RECEIVED, SITUATIONS_ACTIVE
from app.indicators.t11_delays import FOLLOW_UP
from app.indicators.t16_post import FULL_TIME

FIRST_CONTACT = Delay(
    "median_first_contact",
    "Délai médian de premier contact",
    REFERRALS,
    "first_contact_days",
    "Jours ouvrés entre la réception de la saisine et le premier contact abouti. Les saisines sans "
    "contact sont comptées à "
    "part, jamais estimées.",
)

INDICATORS: tuple[Indicator, ...] = (
    Share(
        "share_women",
        "Part des femmes",
        "Femmes parmi les personnes dont le sexe est noté.",
        WOMEN,
        SEX_RECORDED,
        recorded=SEX_RECORDED,
        expected=PERSONS_SEEN,
    ),
    Share(
        "share_minors",
        "Part des mineurs",
        "Mineurs parmi les personnes d’âge connu.",
        MINORS,
        AGE_RECORDED,
        recorded=AGE_RECORDED,
        expected=PERSONS_SEEN,
    ),
    Share(
        "share_partner_violence",
        "Part des violences au sein du couple",
        "Parmi les personnes dont la problématique principale est notée.",
        PARTNER_VIOLENCE,
        PROBLEM_RECORDED,
        recorded=PROBLEM_RECORDED,
        expected=ACTIVE,
    ),
    Share(
        "share_family_violence",
        "Part des violences intrafamiliales",
        "Violences au sein du couple, autres violences intrafamiliales, enfant maltraité ou exposé, parmi "
        "les personnes dont "
        "la problématique principale est notée. L’usage de ce mot varie : la liste est celle-ci.",
        FAMILY_VIOLENCE,
        PROBLEM_RECORDED,
        recorded=PROBLEM_RECORDED,
        expected=ACTIVE,
    ),
    Share(
        "share_victims",
        "Part des victimes",
        "Parmi les personnes dont le statut est noté.",
        VICTIMS,
        STATUS_RECORDED,
        recorded=STATUS_RECORDED,
        expected=ACTIVE,
    ),
    Share(
        "share_alleged_perpetrators",
        "Part des mis en cause",
        "Parmi les personnes dont le statut est noté.",
        ALLEGED_PERPETRATORS,
        STATUS_RECORDED,
        recorded=STATUS_RECORDED,
        expected=ACTIVE,
    ),
    Share(
        "share_unknown_to_services",
        "Part des personnes inconnues des services sociaux",
        "Inconnues de tout service, parmi les personnes pour qui c’est noté.",
        UNKNOWN,
        KNOWN_RECORDED,
        recorded=KNOWN_RECORDED,
        expected=PERSONS_SEEN,
    ),
    Share(
        "share_unknown_for_this_reason",
        "Part des personnes inconnues pour ce motif",
        "Inconnues, ou connues pour un autre motif, parmi les personnes pour qui c’est noté.",
        UNKNOWN_FOR_THIS_REASON,
        KNOWN_RECORDED,
        recorded=KNOWN_RECORDED,
        expected=PERSONS_SEEN,
    ),
    Share(
        "share_non_penal",
        "Part hors champ pénal",
        "Parmi les situations actives où le champ est noté.",
        NON_PENAL,
        PENAL_RECORDED,
        recorded=PENAL_RECORDED,
        expected=SITUATIONS_ACTIVE,
    ),
    Share(
        "share_unit_referrals",
        "Part des saisines police et gendarmerie",
        "Saisines des unités et repérages dans la main courante, parmi toutes.",
        FROM_UNITS,
        REFERRALS_RECEIVED,
    ),
    Share(
        "contact_rate",
        "Taux de contact",
        "Saisines suivies d’un entretien, parmi celles reçues au moins 15 jours avant la fin de la période.",
        MET,
        DUE_FOR_CONTACT,
    ),
    Share(
        "refusal_rate",
        "Taux de refus",
        "Contacts refusés ou suites déclinées, parmi les saisines.",
        REFUSED,
        REFERRALS_RECEIVED,
    ),
    FIRST_CONTACT,
    Share(
        "interviews_per_person",
        "Entretiens par personne",
        "Entretiens réalisés, par personne rencontrée.",
        INTERVIEWS,
        PERSONS_REACHED,
        unit="ratio",
    ),
    Share(
        "remote_share",
        "Part à distance",
        "Entretiens par téléphone ou visioconférence, parmi les entretiens.",
        REMOTE_INTERVIEWS,
        INTERVIEWS,
    ),
    Share(
        "orientation_rate",
        "Taux d’orientation",
        "Personnes dans une situation active dont une orientation au moins est acceptée.",
        ORIENTED,
        ACTIVE,
    ),
    Share(
        "take_up_rate",
        "Taux de relais effectif",
        "Orientations prises en charge, parmi celles transmises.",
        TAKEN_UP,
        SENT,
    ),
    Share(
        "no_feedback_share",
        "Part sans retour",
        "Orientations sans réponse du partenaire, parmi celles transmises.",
        UNANSWERED,
        SENT,
    ),
    FOLLOW_UP,
    Share(
        "persons_per_fte",
        "Personnes par ETP présent",
        "Personnes de la période, pour un équivalent temps plein présent : jours travaillés déclarés sur "
        "jours ouvrés de la "
        "période. À rapprocher des 300 à 400 personnes par an et par poste.",
        PERSONS_SEEN,
        FULL_TIME,
        unit="ratio",
        times=1000,
    ),
)
