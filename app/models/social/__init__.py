"""Circle ``social``: what the holder of the post keeps; invisible to the police and the gendarmerie."""

from app.models.social.collective_activities import CollectiveActivity
from app.models.social.handovers import HandoverItem
from app.models.social.interventions import Intervention
from app.models.social.orientations import Orientation, PartnerReferralHandling, Transmission
from app.models.social.persons import HouseholdLink, Person
from app.models.social.situations import Need, Participation, ReferralHandling, Situation

__all__ = [
    "CollectiveActivity",
    "HandoverItem",
    "HouseholdLink",
    "Intervention",
    "Need",
    "Orientation",
    "Participation",
    "PartnerReferralHandling",
    "Person",
    "ReferralHandling",
    "Situation",
    "Transmission",
]
