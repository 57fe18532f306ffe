"""Notes confidentielles et leurs partages."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from app.access.gate import Reading, SealingKey, Writing, may, sealing_key
from app.routers.answers import AskedPage, IfMatch, answer, created, gone, listed, said
from app.routers.route import Route
from app.schemas.notes import NoteDraft, NotePage, NoteShareDraft, NoteShares, NoteShareShown, NoteShown
from app.services import notes

router = APIRouter(tags=["notes"], route_class=Route)

Key = Annotated[SealingKey, Depends(sealing_key)]


@router.get(
    "/participations/{participation_id}/notes",
    operation_id="listNotes",
    response_model=NotePage,
    summary="Lister mes notes, et celles qui me sont ouvertes, sur une personne",
)
async def list_notes(
    participation_id: UUID, reading: Annotated[Reading, may("note:read")], key: Key, asked: AskedPage
) -> Response:
    found, last = await notes.list_of_participation(
        reading, key, participation_id, limit=asked.limit, after=asked.after(reading)
    )
    items = b"[" + b",".join(said(NoteShown(**note)) for note in found) + b"]"
    return asked.answer(items, last, reading)


@router.post(
    "/participations/{participation_id}/notes",
    operation_id="writeNote",
    status_code=201,
    summary="Écrire une note confidentielle",
    response_model=NoteShown,
)
async def write_note(
    participation_id: UUID, draft: NoteDraft, writing: Annotated[Writing, may("note:add")], key: Key
) -> Response:
    note = NoteShown(**await notes.write(writing, key, participation_id, **draft.model_dump()))
    return created(said(note), f"/v1/notes/{note.id}")


@router.get(
    "/notes/{note_id}",
    operation_id="readNote",
    summary="Lire une note confidentielle",
    response_model=NoteShown,
)
async def read_note(
    note_id: UUID, request: Request, reading: Annotated[Reading, may("note:read")], key: Key
) -> Response:
    return answer(said(NoteShown(**await notes.read(reading, key, note_id))), request)


@router.get(
    "/notes/{note_id}/shares",
    operation_id="listNoteShares",
    summary="Lister les partages d'une note",
    response_model=NoteShares,
)
async def list_shares(note_id: UUID, request: Request, reading: Annotated[Reading, may("note_share:read")]) -> Response:
    await notes.find(reading, note_id)
    return listed(await reading.show_all(notes.SHARES, NoteShareShown, note_id=note_id), request)


@router.post(
    "/notes/{note_id}/shares",
    operation_id="shareNote",
    status_code=201,
    summary="Ouvrir une note à un collègue nommé",
    response_model=NoteShareShown,
)
async def share_note(
    note_id: UUID, draft: NoteShareDraft, writing: Annotated[Writing, may("note_share:add")]
) -> Response:
    share_id = await notes.share(writing, note_id, **draft.model_dump())
    body = await writing.show(notes.SHARE, NoteShareShown, note_id=note_id, id=share_id)
    return created(body, f"/v1/notes/{note_id}/shares/{share_id}")


@router.get(
    "/notes/{note_id}/shares/{share_id}",
    operation_id="readNoteShare",
    summary="Lire un partage",
    response_model=NoteShareShown,
)
async def read_share(
    note_id: UUID, share_id: UUID, request: Request, reading: Annotated[Reading, may("note_share:read")]
) -> Response:
    return answer(await reading.show(notes.SHARE, NoteShareShown, note_id=note_id, id=share_id), request)


@router.delete(
    "/notes/{note_id}/shares/{share_id}",
    operation_id="endNoteShare",
    status_code=204,
    summary="Refermer une note",
    response_class=Response,
)
async def end_share(
    note_id: UUID, share_id: UUID, writing: Annotated[Writing, may("note_share:change")], seen: IfMatch
) -> Response:
    keys = {"note_id": note_id, "id": share_id}
    seen.holds_for(await writing.hold(notes.SHARE, NoteShareShown, notes.SHARE_TABLE, **keys))
    await notes.end_share(writing, note_id, share_id)
    return gone()
