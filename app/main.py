"""The application: the routes of the lanes that this process serves, behind the wire."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI

from app.access.gate import IdentityDesk
from app.access.key_rings import SigningRing
from app.access.policy import policy
from app.access.tokens import Signer, Verifier
from app.assembling import allowed_origins, key_bytes, public_keys, trusted_networks, webhook_desk
from app.database import Database
from app.error_handlers import install
from app.mounting import FORM_PATHS, STREAMED, mount
from app.openapi import VERSION, describe, serve_docs
from app.quotas import Quotas
from app.services import passwords
from app.services.institutions import Institutions
from app.services.proving import prove_lanes, prove_sealing_key, trace_start
from app.services.sealing import SealingKey
from app.services.sessions import Keys
from app.settings import Settings
from app.watching import Watch
from app.wire import Wire
from app.wire_origins import Origins


def _settle_memory() -> None:
    """What start-up made lives as long as the process: not worth looking at again on each collection."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def _watch(app: FastAPI, settings: Settings) -> Watch:
    """What this process notices of itself, and who may read it."""
    app.state.watch = watch = Watch(most_subjects=settings.alarm_subjects, most_refusals=settings.alarm_refusals)
    watch.gauge("relais_password_checks_waiting", "Mots de passe en cours ou en attente.", passwords.waiting)
    app.state.metrics_token = settings.metrics_token
    return watch


def _wire(app: FastAPI, settings: Settings) -> None:
    """Put around the application what every request goes through, the last outermost."""
    app.add_middleware(Wire, form_paths=FORM_PATHS, streamed=STREAMED, watch=_watch(app, settings))
    if allowed := allowed_origins(settings.allowed_origins):
        app.add_middleware(Origins, allowed=allowed)


def create_app(settings: Settings) -> FastAPI:
    """Build the application of one process from its settings; nothing is connected yet."""
    urls = {role: url.get_secret_value() for role, url in settings.database_url.items()}
    unknown = urls.keys() - policy().roles.keys()
    if unknown:
        raise RuntimeError(f"voie inconnue dans RELAIS_DATABASE_URL : {sorted(unknown)}")
    names: Any = {"issuer": settings.issuer, "audience": settings.audience}
    ring = SigningRing.of(settings.signing_key.get_secret_value()) if settings.signing_key else None
    public = public_keys(settings, ring)
    cursor_key = key_bytes(settings.cursor_key)
    if cursor_key is None and urls.keys() & {role.name for role in policy().people}:
        raise RuntimeError("il faut RELAIS_CURSOR_KEY pour servir des listes")
    refresh_key, identity_key = key_bytes(settings.refresh_key), key_bytes(settings.identity_key)
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
        version=VERSION,
        lifespan=lifespan,
        openapi_url=None,  # app.openapi serves it, and that of each audience
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
    app.state.statistics_key = key_bytes(settings.statistics_key)
    app.state.cursor_key = cursor_key
    app.state.webhook_desk = webhook_desk(settings)
    app.state.trusted_proxies = trusted_networks(settings.trusted_proxies)
    app.state.quotas = Quotas(settings.quota, store=settings.quota_store, secret=cursor_key or refresh_key)
    mount(app, urls)
    install(app)
    describe(app, urls)
    serve_docs(app)
    _wire(app, settings)
    return app
