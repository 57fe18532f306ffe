"""What can be counted, and by what: the facts of the circle ``statistics`` and their dimensions.

Each fact is a function of that schema (``alembic/sql/0016_facts.sql``) which gives rows without identity for some
posts and some days. Its columns are what a ``Dimension`` or a ``keeping`` may name.
"""

from app.indicators.definitions import Dimension, Fact, Value

PERSONS = Fact("persons", "personnes", "premier acte de la période", "persons")
PERSONS_BY_UNIT = Fact("persons_by_unit", "personnes, pour chaque unité", "premier acte de la période", "persons")
PARTICIPATIONS = Fact("participations", "personnes dans une situation", "premier acte de la période", "acts")
SECONDARY_PROBLEMS = Fact("secondary_problems", "mentions secondaires", "premier acte de la période", "acts")
SITUATIONS = Fact("situations", "situations", "jour d’ouverture, d’acte ou de clôture", "acts")
REFERRALS = Fact("referrals", "saisines", "jour de réception", "acts")
ACTS = Fact("acts", "interventions", "jour de l’acte", "acts")
ORIENTATIONS = Fact("orientations", "orientations", "jour de la proposition", "acts")
TRANSMISSIONS = Fact("transmissions", "transmissions", "jour de l’envoi", "acts")
COLLECTIVE = Fact("collective_activities", "séances", "jour de la séance", "nobody")
POSTS = Fact("posts", "postes", "période", "nobody")

FACTS = (
    PERSONS,
    PERSONS_BY_UNIT,
    PARTICIPATIONS,
    SECONDARY_PROBLEMS,
    SITUATIONS,
    REFERRALS,
    ACTS,
    ORIENTATIONS,
    TRANSMISSIONS,
    COLLECTIVE,
    POSTS,
)

SEX = Dimension("sex", "Sexe", listed="sex")
AGE_BAND = Dimension("age_band", "Âge", listed="age_band")
MAJORITY = Dimension(
    "majority",
    "Majorité",
    given=(Value("minor", "Mineurs"), Value("adult", "Majeurs"), Value("unknown", "Âge inconnu")),
)
STATUS = Dimension("person_status", "Statut", listed="person_status")
SOURCE = Dimension("referral_source", "Origine", listed="referral_source")
DOCUMENT = Dimension("document_type", "Document", listed="referral_document")
DOCUMENTED = Dimension(
    "documented", "Document", given=(Value("with", "Avec document"), Value("without", "Sans document"))
)
ZONE = Dimension("zone", "Zone", listed="zone")
PROBLEM = Dimension(
    "main_problem", "Problématique", listed="problem_type", given=(Value("not_recorded", "Non renseignée"),)
)
PENAL = Dimension("penal_context", "Champ pénal", listed="penal_context")
KNOWN = Dimension("known_to_social_services", "Connue des services", listed="known_to_social_services")
INTERVENTION_TYPE = Dimension("intervention_type", "Nature", listed="intervention_type")
PRESENCE = Dimension("presence", "Mode", given=(Value("on_site", "Sur place"), Value("remote", "À distance")))
CATEGORY = Dimension("partner_category", "Partenaire", listed="partner_category")
CLOSURE = Dimension("closure_reason", "Motif de clôture", listed="closure_reason")
ACTIVITY_TYPE = Dimension("collective_activity_type", "Activité", listed="collective_activity_type")
UNIT = Dimension("unit_id", "Unité", places="unit")
SITE = Dimension("site_id", "Lieu", places="site")
