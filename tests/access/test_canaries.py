"""What is confided appears in no log, no error, no trace, no address and no backup, even when everything breaks."""

import asyncio
import base64
import contextlib
import logging
import os
import re
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg
import httpx
import pytest
import uvicorn
from pydantic import BaseModel, ValidationError
from sqlmodel import SQLModel

from app.embedded import EmbeddedPostgres
from app.errors import FieldError, Invalid, Problem
from app.models.shared import Referral
from app.models.social import Intervention, ReferralHandling
from app.schemas.accounts import AccountDraft, AccountShown, RequestedAccountDraft
from app.schemas.answer_links import AnswerLinkMade
from app.schemas.clients import ClientDraft
from app.schemas.handovers import HandoverItemDraft, HandoverSummaryShown
from app.schemas.home_visit_agreements import HomeVisitAgreementDraft
from app.schemas.invitations import InvitationApproved, InvitationMade
from app.schemas.invitations_accepted import (
    InvitationAcceptanceDraft,
    InvitationOpenDraft,
    OpenedInvitationShown,
    SoftwareShown,
)
from app.schemas.notes import NoteDraft, SafeContactDraft
from app.schemas.orientations import OrientationReadByPartner, OrientationTransmissionDraft
from app.schemas.own_proofs import (
    AnnouncedSecondFactorShown,
    PasswordChangeDraft,
    RecoveryCodesShown,
    SecondFactorConfirmationDraft,
    StepUpDraft,
)
from app.schemas.partner_referrals import PartnerReferralDraft
from app.schemas.persons import PersonDraft, PersonSearch
from app.schemas.referrals import ReferralDraft
from app.schemas.requisitions import HandOverShown, RequisitionDecisionDraft, RequisitionDraft
from app.schemas.sessions import ChallengeShown, SecondFactorProofDraft, SignInDraft, TokensShown
from app.schemas.transmissions import TransmissionContentShown, TransmissionDraft
from app.services.passwords import hashed
from app.services.sealing import BrokenSeal
from app.wire_protocol import GuardedProtocol
from tests.access.canaries import (
    ADDRESSED,
    CHOSEN,
    DRAFT,
    JUDGED,
    KEY,
    MESSAGE,
    NAME,
    NAMED,
    NARRATIVE,
    NOTE,
    PASSWORD,
    PERSON,
    PHONE,
    SEALED,
    SEARCHED,
    STRANGE,
    SUMMARY,
    TOKEN,
    TYPED,
    VISITED,
    WORDS,
    Story,
    found_in,
)  # fmt: skip
from tests.access.canaries_of_exchange import FROM_PARTNER, Exchange
from tests.access.canaries_of_identity import Identity
from tests.access.walking import REFERRAL, REPORT, REQUISITION, TRANSMITTED
from tests.house_for_tests import PEOPLE, House, Town


@contextlib.asynccontextmanager
async def served(house: House) -> AsyncIterator[str]:
    """The same application behind the real server: what reaches uvicorn, uvicorn prints."""
    config = uvicorn.Config(
        house.app, host="127.0.0.1", port=0, http=GuardedProtocol, lifespan="off", access_log=False, log_level="debug"
    )
    server = uvicorn.Server(config)
    vars(server)["capture_signals"] = contextlib.nullcontext  # the signals are pytest's
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 — uvicorn has no event for it
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await task


async def test_what_is_confided_is_in_no_log_no_error_no_address_and_no_trace_even_when_all_breaks(
    house: House,
    town: Town,
    database: str,
    superuser: asyncpg.Connection,
    server: EmbeddedPostgres,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("asyncpg", "asyncio", "fastapi", "uvicorn.error"):
        caplog.set_level(logging.DEBUG, name)
    worker_id = house.ids["worker"]
    await superuser.execute("insert into accounts.credential values ($1, $2, now())", worker_id, hashed(PASSWORD))
    other = await asyncpg.connect(town.superuser_url, database=database)
    story = await Story.told(house)
    exchange = await Exchange.told(story)
    identity = await Identity.told(story, superuser)
    await story.goes_wrong()
    await story.breaks(superuser, other)
    await other.close()
    async with served(house) as url, httpx.AsyncClient(base_url=url, headers=story.worker.headers) as client:
        for path in (story.notes[0], f"{story.participation}/safe-contact", f"/v1/persons/{NAME}?{STRANGE}%20={NAME}"):
            story.answers.append(await client.get(path))
        story.answers.append(await client.post(f"{story.participation}/notes", json={"text": NOTE}))
        for link in exchange.links:
            await client.get(link, headers={"Authorization": ""})
            await client.delete(link + "/" + link[-43:])
        assert [answer.status_code for answer in story.answers[-4:]] == [500, 500, 422, 404]

    refusals = [answer for answer in story.answers if answer.status_code >= 400]
    assert {400, 401, 403, 404, 409, 412, 415, 422, 428, 500, 503} == {answer.status_code for answer in refusals}
    for answer in refusals:
        assert not found_in(answer.text), f"{answer.request.url}: {answer.text}"
    for answer in story.answers:
        assert not found_in(str(answer.headers)), f"{answer.request.url}: {answer.headers}"

    secrets = [
        *WORDS,
        *(token for said in house.tokens.values() for token in (said["access_token"], said["refresh_token"])),
        *exchange.secrets,
        *identity.secrets,
    ]
    for answer in refusals:
        told = f"{answer.text} {answer.headers}"
        assert not found_in(told, *exchange.secrets, *identity.secrets), answer.request.url
    metrics = (await house.caller().get("/metrics")).text
    assert "/v1/auth/invitations/accept" in metrics
    assert not found_in(metrics, *secrets)
    printed = capfd.readouterr()
    # The client of the tests prints addresses; the program is not the client.
    ours = [record for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]
    logs = printed.out + printed.err + "".join(f"{logging.Formatter().format(r)}\n{vars(r)}\n" for r in ours)
    assert "note_cannot_be_read" in logs or "BrokenSeal" in logs  # we do hear
    assert logs.count("/v1/participations/{participation_id}/notes") > 5
    assert logs.count("/v1/answers/{token}") > 5
    assert logs.count("/v1/auth/invitations/accept") > 5
    assert not found_in(logs, *secrets), [line for line in logs.splitlines() if found_in(line, *secrets)]
    traces = "\n".join(row["line"] for row in await superuser.fetch("select t::text as line from audit.trace t"))
    assert traces.count("note:add") >= 3
    assert traces.count("orientation:") >= 5
    assert not found_in(traces, *secrets)
    if "RELAIS_TEST_SUPERUSER_URL" not in os.environ:
        said = (server.home / "postgres.log").read_text(encoding="utf-8")
        assert "terminating connection due to administrator command" in said
        assert not found_in(said, *secrets), [line for line in said.splitlines() if found_in(line, *secrets)]

    for name in set(PEOPLE) - {"worker"}:
        client = await house(name)
        paths = ("referrals", "situations", "persons", "interventions", "me", "me/traces", "colleagues", "audit/traces")
        for path in (
            *(f"/v1/{one}?" for one in paths),
            *story.notes,
            story.situation,
            story.person,
            story.participation,
        ):
            text = (await client.get(path.rstrip("?"))).text
            holder, unit = name == "colleague", PEOPLE[name][1] == "north" and name != "commander"
            allowed = {NAME, TYPED, PHONE} if holder else {TYPED} if unit else set()
            allowed |= {ADDRESSED} if name == "partner" and "referrals" in path else set()
            assert set(found_in(text)) <= allowed, f"{name} {path}: {text}"
            assert NOTE not in text
        for path in exchange.paths:
            text = (await client.get(path)).text
            typed = {TYPED} if name in ("officer", "officer_same_unit", "colleague") and "referrals?" in path else set()
            allowed = exchange.may_read(name, path) | typed
            assert set(found_in(text)) <= allowed, f"{name} {path}: {text}"
            assert not found_in(text, *exchange.secrets), f"{name} {path}"
        for path in identity.paths:
            text = (await client.get(path)).text
            assert set(found_in(text)) <= identity.may_read(name, path), f"{name} {path}: {text}"
            assert not found_in(text, *identity.secrets), f"{name} {path}"
    assert identity.refusals > 25


@pytest.mark.parametrize("role", ["backup", "superuser"])
async def test_a_backup_holds_every_note_and_not_one_word_of_them(
    role: str,
    house: House,
    town: Town,
    database: str,
    superuser: asyncpg.Connection,
    server: EmbeddedPostgres,
    tmp_path: Path,
) -> None:
    await superuser.execute(
        "insert into accounts.credential values ($1, $2, now())", house.ids["worker"], hashed(PASSWORD)
    )
    story = await Story.told(house)
    exchange = await Exchange.told(story)
    identity = await Identity.told(story, superuser)
    await house.note(story.participation.rpartition("/")[2], NOTE, by="colleague")
    file = tmp_path / "dump.sql"
    superuser_url = urlsplit(town.superuser_url)._replace(path=f"/{database}").geturl()
    url = town.lane_url("backup", database) if role == "backup" else superuser_url
    command = (str(server.binary("pg_dump")), "--dbname", url, "--file", str(file))
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
    _, complaint = await process.communicate()
    assert process.returncode == 0, complaint.decode()
    dump = file.read_text(encoding="utf-8")
    for table in (
        "confidential.note",
        "confidential.safe_contact",
        "confidential.person_key",
        "confidential.transmission_content",
        "confidential.handover_summary",
        "accounts.second_factor",
        "accounts.recovery_code",
        "accounts.invitation",
        "accounts.remembered_answer",
        "exchange.orientation_content",
        "exchange.answer_link",
        "exchange.referral",
        "employer.requisition",
        "social.person",
        "audit.trace",
    ):
        rows = await superuser.fetchval(f"select count(*) from {table}")
        block = re.search(rf"^COPY {table} .*?^\\\.$", dump, re.MULTILINE | re.DOTALL)
        assert block is not None, table
        assert block[0].count("\n") - 1 == rows > 0, table
    # The file of a person is not sealed, nor what a unit or a partner types, nor the register of requisitions: the
    # backup itself is to be kept under lock.
    assert {NAME, TYPED, ADDRESSED, JUDGED, NAMED, VISITED} <= set(found_in(dump))
    assert len(re.findall("COPY confidential.note ", dump)) == 1
    tokens = [token for said in house.tokens.values() for token in (said["access_token"], said["refresh_token"])]
    for word in (*SEALED, PASSWORD, SEARCHED, CHOSEN, KEY, *tokens, *exchange.secrets, *identity.secrets):
        # As typed, as PostgreSQL prints bytes, and as programs often do.
        for shape in (word, word.encode().hex(), base64.b64encode(word.encode()).decode().rstrip("=")[:-1]):
            assert shape.lower() not in dump.lower(), word


async def test_a_row_of_the_database_never_prints_what_it_holds(house: House, superuser: asyncpg.Connection) -> None:
    story = await Story.told(house)
    await Exchange.told(story)
    await Identity.told(story, superuser)
    printed = 0
    for table in (mapper.class_ for mapper in SQLModel._sa_registry.mappers):
        for row in await superuser.fetch(f"select * from {table.__table__.fullname}"):
            one = table(**dict(row))
            printed += 1
            assert not found_in(f"{one!r} {one!s}"), table.__name__
    assert printed > 40


DRAFTS: tuple[tuple[type[BaseModel], dict[str, Any]], ...] = (
    (NoteDraft, {"text": NOTE}),
    (SafeContactDraft, DRAFT),
    (PersonDraft, PERSON),
    (PersonSearch, {"name": SEARCHED}),
    (ReferralDraft, REFERRAL | {"last_name": TYPED, "facts": TYPED}),
    (OrientationTransmissionDraft, TRANSMITTED | {"message": MESSAGE}),
    (TransmissionDraft, REPORT | {"participation_id": UUID(int=7), "narrative": NARRATIVE, "message": MESSAGE}),
    (RequisitionDraft, REQUISITION | {"requested_scope": JUDGED}),
    (RequisitionDecisionDraft, {"decision": "refused", "decision_grounds": JUDGED}),
    (PartnerReferralDraft, FROM_PARTNER | {"post_id": UUID(int=7)}),
    (SignInDraft, {"email": "intervenante@exemple.fr", "password": PASSWORD}),
    (HandoverItemDraft, {"participation_id": UUID(int=7), "notes_go_along": False, "summary": SUMMARY}),
    (HomeVisitAgreementDraft, {"visit_on": date(2026, 2, 2), "municipality": VISITED}),
    (AccountDraft, {"email": f"{NAMED}@exemple.test", "name": NAMED, "role": "dpo"}),
    (RequestedAccountDraft, {"email": f"{NAMED}@exemple.test", "name": NAMED}),
    (ClientDraft, {"name": NAMED, "partner_id": UUID(int=7), "scopes": ["orientation:read"]}),
    (InvitationOpenDraft, {"token": TOKEN}),
    (InvitationAcceptanceDraft, {"token": TOKEN, "approval_code": TOKEN, "password": CHOSEN}),
    (SecondFactorProofDraft, {"challenge": TOKEN, "code": TOKEN}),
    (StepUpDraft, {"password": CHOSEN}),
    (PasswordChangeDraft, {"password": CHOSEN, "code": "123456", "new_password": CHOSEN}),
    (SecondFactorConfirmationDraft, {"ticket": TOKEN, "code": "123456"}),
)


def test_an_error_never_prints_what_was_typed() -> None:
    for shape, said in DRAFTS:
        # The same words, each where it does not fit.
        wrong = {STRANGE: STRANGE} | {name: [value] for name, value in said.items()}
        with pytest.raises(ValidationError) as caught:
            shape(**wrong)
        assert not found_in(f"{caught.value!r} {caught.value!s}".replace(f"\n{STRANGE}\n", "\n")), shape.__name__
    for problem in (BrokenSeal(), Invalid(FieldError(f"/{NAME}", "missing")), Problem("conflict_generic")):
        assert not found_in(f"{problem!r} {problem!s}")


def test_a_shape_of_the_wire_never_prints_what_it_holds() -> None:
    shown = TokensShown(access_token=TOKEN, token_type="Bearer", expires_in=1, refresh_token=TOKEN, scope="")
    made = AnswerLinkMade.model_construct(path=TOKEN)
    handed = HandOverShown.model_construct(passphrase=TOKEN, archive_base64=TOKEN)
    read = OrientationReadByPartner.model_construct(content={"message": MESSAGE})
    kept = TransmissionContentShown.model_construct(fields={"message": MESSAGE}, narrative=NARRATIVE)
    told_once = (
        InvitationMade.model_construct(link=TOKEN), InvitationApproved.model_construct(code=TOKEN),
        OpenedInvitationShown.model_construct(email=NAMED, secret=TOKEN, otpauth_uri=TOKEN),
        AnnouncedSecondFactorShown(ticket=TOKEN, expires_in=1, secret=TOKEN, otpauth_uri=TOKEN),
        RecoveryCodesShown(recovery_codes=[TOKEN]), SoftwareShown(client_id=NAMED, client_secret=TOKEN),
        ChallengeShown(challenge=TOKEN, expires_in=1, next="second_factor"),
        HandoverSummaryShown.model_construct(text=SUMMARY), AccountShown.model_construct(name=NAMED, email=NAMED),
    )  # fmt: skip
    for one in (*told_once, *(shape(**said) for shape, said in DRAFTS), shown, made, handed, read, kept):
        assert not found_in(f"{one!r} {one!s}"), type(one).__name__


def test_a_row_prints_neither_a_birth_date_nor_who_cleared_a_home_visit_nor_where_one_was_directed() -> None:
    cleared = {"security_service_informed_by": NAME, "employer_agreement_given_by": NAME}
    rows = (Intervention(**cleared), Referral(birth_date=date(1983, 7, 19)), ReferralHandling(redirected_to=NAME))
    printed = " ".join(f"{row!r} {row!s}" for row in rows)
    assert not found_in(printed)
    assert "1983" not in printed
