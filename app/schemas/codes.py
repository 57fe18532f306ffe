"""Nomenclature codes as types: the value is checked against the official list, never repeated in an error."""

from typing import Annotated

from app.nomenclature.terms import Coded

BirthDatePrecision = Annotated[str, Coded("birth_date_precision")]
Channel = Annotated[str, Coded("channel")]
ClosureReason = Annotated[str, Coded("closure_reason")]
ContactConsent = Annotated[str, Coded("contact_consent")]
EmployerType = Annotated[str, Coded("employer_type")]
EmploymentStatus = Annotated[str, Coded("employment_status")]
FeedbackStatus = Annotated[str, Coded("feedback_status")]
HouseholdLinkKind = Annotated[str, Coded("household_link")]
HouseholdType = Annotated[str, Coded("household_type")]
HousingStatus = Annotated[str, Coded("housing_status")]
InterventionOutcome = Annotated[str, Coded("intervention_outcome")]
InterventionType = Annotated[str, Coded("intervention_type")]
KnownToSocialServices = Annotated[str, Coded("known_to_social_services")]
NeedType = Annotated[str, Coded("need_type")]
PenalContext = Annotated[str, Coded("penal_context")]
PersonStatus = Annotated[str, Coded("person_status")]
ProblemType = Annotated[str, Coded("problem_type")]
ReferralDecision = Annotated[str, Coded("referral_decision")]
ReferralDocument = Annotated[str, Coded("referral_document")]
ReferralSource = Annotated[str, Coded("referral_source")]
ReferralStatus = Annotated[str, Coded("referral_status")]
Sex = Annotated[str, Coded("sex")]
SiteType = Annotated[str, Coded("site_type")]
SituationStatus = Annotated[str, Coded("situation_status")]
Urgency = Annotated[str, Coded("urgency")]
Zone = Annotated[str, Coded("zone")]
