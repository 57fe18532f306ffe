"""The application: the routes of the lanes that this process serves, behind the wire."""

from __future__ import annotations

import base64
import gc
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, Depends, FastAPI
from pydantic import SecretStr

from app.access.gate import IdentityDesk, permission_of
from app.access.key_rings import SigningRing
from app.access.policy import policy
from app.access.quotas import spend_quota
from app.access.sources import Network, networks
from app.access.tokens import Signer, Verifier
from app.database import Database
from app.error_handlers import install
from app.openapi import describe, serve_docs
from app.quotas import Quotas
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
from app.services import passwords
from app.services.institutions import Institutions
from app.services.proving import prove_lanes, prove_sealing_key, trace_start
from app.services.sealing import SealingKey
from app.services.sessions import Keys
from app.services.webhook_addresses import Reach
from app.services.webhooks import WebhookDesk
from app.settings import Settings
from app.watching import Watch
from app.wire import Wire
from app.wire_origins import Origins, origins

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


def _key_bytes(said: SecretStr | None) -> bytes | None:
    """A key of 32 bytes given in base64, or ``None`` when it is absent."""
    if said is None:
        return None
    key = base64.b64decode(said.get_secret_value(), validate=True)
    if len(key) != 32:
        raise RuntimeError("une clé doit faire 32 octets, en base64")
    return key


def _settle_memory() -> None:
    """What start-up made lives as long as the process: not worth looking at again on each collection."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def _trusted(said: str) -> tuple[Network, ...]:
    """The networks of the proxies that are believed; none by default."""
    try:
        return networks(said)
    except ValueError:
        raise RuntimeError("RELAIS_TRUSTED_PROXIES attend des réseaux, comme 10.213.11.0/28") from None


def _allowed(said: str) -> frozenset[str]:
    """The origins whose pages may call; none by default."""
    try:
        return origins(said)
    except ValueError:
        raise RuntimeError(
            "RELAIS_ALLOWED_ORIGINS attend des origines exactes, comme https://relais.exemple.fr"
        ) from None


def _webhook_desk(settings: Settings) -> WebhookDesk | None:
    """What keeping subscriptions takes; ``None`` without the key of their secrets."""
    try:
        reach = Reach.of(settings.webhook_networks)
    except ValueError:
        raise RuntimeError("RELAIS_WEBHOOK_NETWORKS attend des réseaux, comme 10.1.2.0/24") from None
    key = settings.webhook_key
    return WebhookDesk(SealingKey(key.get_secret_value()), reach) if key else None


def _mount(app: FastAPI, lanes: Iterable[str], quotas: Quotas) -> None:
    """Mount what these lanes serve, every request counted."""
    app.state.quotas = quotas
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


def _watch(app: FastAPI, settings: Settings) -> Watch:
    """What this process notices of itself, and who may read it."""
    app.state.watch = watch = Watch(most_subjects=settings.alarm_subjects, most_refusals=settings.alarm_refusals)
    watch.gauge("relais_password_checks_waiting", "Mots de passe en cours ou en attente.", passwords.waiting)
    app.state.metrics_token = settings.metrics_token
    return watch


def _wire(app: FastAPI, settings: Settings) -> None:
    """Put around the application what every request goes through, the last outermost."""
    app.add_middleware(Wire, form_paths=FORM_PATHS, streamed=partner_imports.STREAMED, watch=_watch(app, settings))
    if allowed := _allowed(settings.allowed_origins):
        app.add_middleware(Origins, allowed=allowed)


def create_app(settings: Settings) -> FastAPI:
    """Build the application of one process from its settings; nothing is connected yet."""
    urls = {role: url.get_secret_value() for role, url in settings.database_url.items()}
    unknown = urls.keys() - policy().roles.keys()
    if unknown:
        raise RuntimeError(f"voie inconnue dans RELAIS_DATABASE_URL : {sorted(unknown)}")
    names: Any = {"issuer": settings.issuer, "audience": settings.audience}
    ring = SigningRing.of(settings.signing_key.get_secret_value()) if settings.signing_key else None
    # Whoever signs with a ring knows best what it has published; the others are told.
    public = (
        ring.key_set() if ring and (ring.following or not settings.verification_keys) else settings.verification_keys
    )
    if public is None:
        raise RuntimeError("il faut RELAIS_VERIFICATION_KEYS (ou, pour le processus d'identité, RELAIS_SIGNING_KEY)")
    cursor_key = _key_bytes(settings.cursor_key)
    if cursor_key is None and urls.keys() & {role.name for role in policy().people}:
        raise RuntimeError("il faut RELAIS_CURSOR_KEY pour servir des listes")
    refresh_key, identity_key = _key_bytes(settings.refresh_key), _key_bytes(settings.identity_key)
    if "authentication" in urls and not (ring and refresh_key and identity_key):
        raise RuntimeError(
            "la voie d'authentification demande RELAIS_SIGNING_KEY, RELAIS_REFRESH_KEY et RELAIS_IDENTITY_KEY"
        )

    if settings.providers and "authentication" not in urls:
        raise RuntimeError("RELAIS_PROVIDERS est au seul processus d'identité : celui-ci n'a pas sa voie")

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.database = database = await Database.connect(urls, size=settings.pool_size)
        known = Institutions.of(settings)
        try:
            for lane in database.lanes.values():
                lane.waited = app.state.watch.waited
            app.state.quotas.connect(database.lanes)
            await prove_lanes(database)
            if app.state.sealing_key is not None and "social_worker" in database.lanes:
                await prove_sealing_key(database.lanes["social_worker"], app.state.sealing_key)
            if "authentication" in database.lanes and ring and refresh_key and identity_key:
                keys = Keys(Signer(ring.current.pem, **names), refresh_key, identity_key)
                app.state.desk = IdentityDesk(database.lanes["authentication"], keys, known)
            await trace_start(database)
            _settle_memory()
            yield
            app.state.stopping = True
        finally:
            await known.close()
            await database.close()

    app = FastAPI(
        title="Relais",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        separate_input_output_schemas=False,
        # Traces of the framework carry URLs and exception messages.
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    app.state.stopping = False
    app.state.verifier = Verifier(public, **names)
    app.state.sealing_key = SealingKey(settings.sealing_key.get_secret_value()) if settings.sealing_key else None
    app.state.statistics_key = _key_bytes(settings.statistics_key)
    app.state.cursor_key = cursor_key
    app.state.webhook_desk = _webhook_desk(settings)
    app.state.trusted_proxies = _trusted(settings.trusted_proxies)
    _mount(app, urls, Quotas(settings.quota, store=settings.quota_store, secret=cursor_key or refresh_key))
    install(app)
    describe(app)
    serve_docs(app)
    _wire(app, settings)
    return app
