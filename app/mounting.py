"""Which routes a process serves: those of its lanes, in this order, each counted and read strictly."""

from __future__ import annotations

from collections.abc import Iterable

from fastapi import APIRouter, Depends, FastAPI

from app.access.gate import permission_of
from app.access.quotas import spend_quota
from app.routers import (
    accounts,
    answer_links,
    clients,
    collective_activities,
    federated_identities,
    handovers,
    health,
    home_visit_agreements,
    hsds,
    institutions,
    interventions,
    invitations,
    invitations_accepted,
    me,
    my_sessions,
    nomenclatures,
    notes,
    notices,
    organisation,
    orientations,
    own_proofs,
    participations,
    partner_imports,
    partner_services,
    partners,
    persons,
    postings,
    presences,
    referrals,
    replacements,
    reports,
    requisitions,
    safe_contacts,
    sessions,
    situations,
    statistics,
    traces,
    transmissions,
    webhooks,
)
from app.routers.parameters import refuse_unknown_parameters
from app.routers.preferences import heed_preferences

# Hot routes first: matching is linear.
ROUTERS = (
    referrals.router,
    situations.router,
    participations.router,
    notes.router,
    safe_contacts.router,
    interventions.router,
    collective_activities.router,
    orientations.router,
    answer_links.router,
    transmissions.router,
    requisitions.router,
    home_visit_agreements.router,
    replacements.router,
    handovers.router,
    notices.router,
    persons.router,
    partner_services.router,
    partner_imports.router,  # before « /partners/{partner_id} »
    partners.router,
    statistics.router,
    reports.router,
    me.router,
    my_sessions.router,
    me.audit,
    traces.router,
    nomenclatures.router,
    presences.router,
    organisation.router,
    accounts.router,
    federated_identities.router,
    invitations.router,
    postings.router,
    clients.router,
    webhooks.router,
)
# Of the identity process: no scope opens them.
SIGN_IN = (sessions.router, institutions.router, invitations_accepted.router, own_proofs.router)
FORM_PATHS = frozenset({"/v1/auth/token", "/v1/auth/revoke"})
STREAMED = partner_imports.STREAMED


def _served(routers: Iterable[APIRouter], lanes: Iterable[str]) -> Iterable[APIRouter]:
    """The routes that at least one lane of this process may use; the others do not exist here."""
    served = set(lanes)
    for router in routers:
        kept = APIRouter()
        for route in router.routes:
            permission = permission_of(route)
            if permission is None:
                raise RuntimeError(f"route sans permission : {getattr(route, 'path', route)}")
            if served & set(permission.roles):
                kept.routes.append(route)
        yield kept


def mount(app: FastAPI, lanes: Iterable[str]) -> None:
    """Mount what these lanes serve, every request counted."""
    counted = [Depends(spend_quota)]
    strict = [*counted, Depends(refuse_unknown_parameters), Depends(heed_preferences)]
    served = set(lanes)
    for router in _served(ROUTERS, served):
        app.include_router(router, prefix="/v1", dependencies=strict)
    for router in (*_served((hsds.router,), served), hsds.about):
        app.include_router(router, prefix="/hsds", dependencies=strict)
    for router in SIGN_IN if "authentication" in served else ():
        app.include_router(router, prefix="/v1", dependencies=strict)
    if "authentication" in served:
        # An institution says more than we read, and may (RFC 6749, section 4.1.2).
        app.include_router(institutions.coming_back, prefix="/v1", dependencies=counted)
    if "answering" in served:
        app.include_router(answer_links.by_link, prefix="/v1", dependencies=strict)
    # Not counted: whoever watches the service must be answered, above all when it is asked too much.
    app.include_router(health.router, dependencies=strict[1:])
