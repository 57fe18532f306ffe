"""The plain way: FastAPI and a SQLModel session as tutorials write them. Frozen: it is a landmark, never optimised.

Rows are kept apart by ``where`` clauses only, reads leave no trace, notes are kept in clear.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import OAuth2PasswordBearer
from jose import JWTError, jwt
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import col, desc, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.models.accounts import Account, Posting
from app.models.social import Intervention, Participation, Person, ReferralHandling, Situation
from benchmarks.stacks.plain_models import (
    InterventionCreate,
    InterventionRead,
    NoteCreate,
    NoteRead,
    ParticipationRead,
    PersonLine,
    PersonRead,
    PersonSearch,
    PersonsRead,
    PlainNote,
    PlainTrace,
    SituationRead,
    SituationsRead,
)

engine = create_async_engine(os.environ["BENCH_PLAIN_URL"].replace("postgresql://", "postgresql+asyncpg://", 1))
bearer = OAuth2PasswordBearer(tokenUrl="login")


async def get_session() -> AsyncIterator[AsyncSession]:
    async with AsyncSession(engine) as session:
        yield session


Database = Annotated[AsyncSession, Depends(get_session)]


async def get_current_account(token: Annotated[str, Depends(bearer)], session: Database) -> Account:
    keys = os.environ["RELAIS_VERIFICATION_KEYS"]
    try:
        claims = jwt.decode(token, keys, algorithms=["ES256"], audience="relais", issuer="https://relais.invalid")
    except JWTError:
        raise HTTPException(401) from None
    account = await session.get(Account, UUID(claims["sub"]))
    if account is None or account.ended_at is not None:
        raise HTTPException(401)
    return account


Me = Annotated[Account, Depends(get_current_account)]


async def get_my_posts(account: Me, session: Database) -> list[UUID]:
    postings = await session.exec(
        select(Posting).where(
            Posting.account_id == account.id,
            Posting.starts_on <= date.today(),
            or_(col(Posting.ends_on).is_(None), col(Posting.ends_on) >= date.today()),
        )
    )
    return [posting.post_id for posting in postings.all() if posting.post_id]


MyPosts = Annotated[list[UUID], Depends(get_my_posts)]


async def read_model(session: AsyncSession, situation: Situation) -> SituationRead:
    people = await session.exec(
        select(Participation, Person)
        .join(Person, col(Person.id) == col(Participation.person_id))
        .where(Participation.situation_id == situation.id, Participation.post_id == situation.post_id)
        .order_by(col(Participation.id))
    )
    handling = await session.exec(
        select(ReferralHandling).where(
            ReferralHandling.situation_id == situation.id, ReferralHandling.post_id == situation.post_id
        )
    )
    referral = handling.first()
    return SituationRead(
        **situation.model_dump(),
        referral_id=referral.referral_id if referral else None,
        participations=[
            ParticipationRead(**participation.model_dump(), person=PersonLine(**person.model_dump()))
            for participation, person in people.all()
        ],
    )


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    yield
    await engine.dispose()


app = FastAPI(lifespan=lifespan)


@app.get("/v1/situations/{situation_id}", response_model=SituationRead)
async def read_situation(situation_id: UUID, posts: MyPosts, session: Database) -> Any:
    found = await session.exec(select(Situation).where(Situation.id == situation_id, col(Situation.post_id).in_(posts)))
    situation = found.first()
    if situation is None:
        raise HTTPException(404)
    return await read_model(session, situation)


@app.get("/v1/situations", response_model=SituationsRead)
async def list_situations(posts: MyPosts, session: Database, limit: int = 50) -> Any:
    found = await session.exec(
        select(Situation)
        .where(col(Situation.post_id).in_(posts))
        .order_by(desc(col(Situation.opened_on)), desc(col(Situation.id)))
        .limit(limit + 1)
    )
    situations = found.all()
    ids = [situation.id for situation in situations]
    people = await session.exec(
        select(Participation, Person)
        .join(Person, col(Person.id) == col(Participation.person_id))
        .where(col(Participation.situation_id).in_(ids), col(Participation.post_id).in_(posts))
        .order_by(col(Participation.id))
    )
    handlings = await session.exec(
        select(ReferralHandling).where(
            col(ReferralHandling.situation_id).in_(ids), col(ReferralHandling.post_id).in_(posts)
        )
    )
    referrals = {handling.situation_id: handling.referral_id for handling in handlings.all()}
    lines: dict[UUID, list[ParticipationRead]] = {key: [] for key in ids}
    for participation, person in people.all():
        line = ParticipationRead(**participation.model_dump(), person=PersonLine(**person.model_dump()))
        lines[participation.situation_id].append(line)
    items = [
        SituationRead(
            **situation.model_dump(),
            referral_id=referrals.get(situation.id),
            participations=lines[situation.id],
        )
        for situation in situations[:limit]
    ]
    return SituationsRead(items=items, next_cursor=str(items[-1].id) if len(situations) > limit else None)


@app.post("/v1/persons/search", response_model=PersonsRead)
async def search_persons(search: PersonSearch, posts: MyPosts, session: Database) -> Any:
    likeness = func.extensions.similarity(Person.folded_name, search.name.lower())
    found = await session.exec(
        select(Person).where(col(Person.post_id).in_(posts), likeness > 0.3).order_by(desc(likeness)).limit(20)
    )
    return PersonsRead(items=[PersonRead(**person.model_dump(), minor=None) for person in found.all()])


@app.post("/v1/interventions", response_model=InterventionRead, status_code=201)
async def create_intervention(draft: InterventionCreate, account: Me, posts: MyPosts, session: Database) -> Any:
    participation = await session.get(Participation, draft.participation_id)
    if participation is None or participation.post_id not in posts:
        raise HTTPException(404)
    situation = await session.get(Situation, participation.situation_id)
    if situation is None or situation.status == "closed":
        raise HTTPException(409)
    intervention = Intervention(
        **draft.model_dump(),
        post_id=participation.post_id,
        situation_id=situation.id,
        unit_id=situation.unit_id,
        counts_as_interview=True,
        needs_home_visit_clearance=False,
        may_lack_participation=False,
        anonymous_contact=False,
        recorded_by=account.id,
        recorded_at=datetime.now(UTC),
    )
    session.add(intervention)
    trace = PlainTrace(account_id=account.id, act="intervention:add", subject_id=intervention.id, at=datetime.now(UTC))
    session.add(trace)
    await session.commit()
    await session.refresh(intervention)
    return intervention


@app.post("/v1/participations/{participation_id}/notes", response_model=NoteRead, status_code=201)
async def write_note(participation_id: UUID, draft: NoteCreate, account: Me, posts: MyPosts, session: Database) -> Any:
    participation = await session.get(Participation, participation_id)
    if participation is None or participation.post_id not in posts:
        raise HTTPException(404)
    note = PlainNote(
        post_id=participation.post_id,
        participation_id=participation_id,
        author_id=account.id,
        written_at=datetime.now(UTC),
        text=draft.text,
    )
    session.add(note)
    session.add(PlainTrace(account_id=account.id, act="note:add", subject_id=note.id, at=datetime.now(UTC)))
    await session.commit()
    await session.refresh(note)
    return note


@app.get("/v1/notes/{note_id}", response_model=NoteRead)
async def read_note(note_id: UUID, account: Me, posts: MyPosts, session: Database) -> Any:
    note = await session.get(PlainNote, note_id)
    if note is None or note.post_id not in posts or note.author_id != account.id:
        raise HTTPException(404)
    return note


def make() -> Any:
    """The application; its module reads the environment."""
    return app
