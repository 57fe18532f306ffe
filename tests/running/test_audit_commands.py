"""``relais audit``, as an operator types it: intact, broken, unverifiable; what a signature kept elsewhere sees."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess
from uuid import UUID

import asyncpg
import pytest

from app.auditing import Found, anchor, verify
from app.services.anchors import AnchorKey, Unverifiable, new_anchor_key, public_keys, verified
from tests.house_for_tests import House
from tests.running.relais_for_tests import command

NOBODY = UUID(int=0)


@dataclass
class Office:
    """A house whose traces have been anchored a few times."""

    house: House
    superuser: asyncpg.Connection
    key: AnchorKey
    pem: str
    file: Path

    @property
    def url(self) -> str:
        return self.house.town.lane_url("worker", self.house.database)

    @property
    def chain(self) -> tuple[UUID, str]:
        """The chain of the town's worker."""
        return self.house.ids["shared_post"], "relais_social_worker"

    async def act(self, times: int = 1) -> None:
        worker = await self.house("worker")
        for _ in range(times):
            assert (await worker.get("/v1/situations")).status_code == 200

    async def anchored(self) -> int:
        n, _ = await anchor(self.url, self.file, self.key)
        return n

    async def verified(self, *, with_anchors: bool = True) -> Found:
        keys = public_keys(self.key.public)
        return await verify(self.url, self.file if with_anchors else None, keys)

    async def relais(self, *words: str, **more: str) -> CompletedProcess[str]:
        said = {"RELAIS_DATABASE_URL__WORKER": self.url, "RELAIS_ANCHOR_KEY": self.pem, **more}
        return await asyncio.to_thread(lambda: command(Path("unused"), 1, "audit", *words, **said))


@pytest.fixture
async def office(house: House, superuser: asyncpg.Connection, tmp_path: Path) -> Office:
    """Ten readings, and three anchors on the way."""
    pem = new_anchor_key()
    made = Office(house, superuser, AnchorKey(pem), pem, tmp_path / "anchors.jsonl")
    for number in range(1, 4):
        await made.act(3)
        assert await made.anchored() == number
    await made.act(1)
    return made


# What somebody who owns the database may do to a chain: $1 the post, $2 the lane; then the link where it shows.
TAMPERINGS: Mapping[str, tuple[str, int, str]] = {
    "edited": (
        "update audit.trace set act = 'unit:read' where perimeter_id = $1 and lane = $2 and seq = 4",
        4, "ce maillon n'est plus ce qu'il était",
    ),
    "moved to another instant": (
        "update audit.trace set at = at + interval '1 microsecond' where perimeter_id = $1 and lane = $2 and seq = 4",
        4, "ce maillon n'est plus ce qu'il était",
    ),
    "deleted": (
        "delete from audit.trace where perimeter_id = $1 and lane = $2 and seq = 4",
        5, "un maillon manque juste avant celui-ci",
    ),
    "inserted": (
        "insert into audit.trace (perimeter_id, lane, seq, at, act, row_count, outcome, prev_hash, hash)"
        " select perimeter_id, lane, 0, at, act, 0, outcome, '\\x00', sha256('\\x00' || convert_to(jsonb_build_array("
        " perimeter_id, lane, 0, to_char(at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US'), null, null, act, null,"
        " 0, outcome)::text, 'UTF8')) from audit.trace where perimeter_id = $1 and lane = $2 and seq = 4",
        0, "un maillon manque juste avant celui-ci",
    ),
    "reordered": (
        "update audit.trace set seq = case seq when 4 then 5 else 4 end"
        " where perimeter_id = $1 and lane = $2 and seq in (4, 5)",
        4, "ce maillon n'est plus ce qu'il était",
    ),
    "cut at the end": (
        "delete from audit.trace where perimeter_id = $1 and lane = $2 and seq = 10",
        10, "la fin de la chaîne manque",
    ),
    "without its head": (
        "delete from audit.head where perimeter_id = $1 and lane = $2",
        11, "la tête de la chaîne a disparu",
    ),
}  # fmt: skip


@pytest.mark.parametrize("how", TAMPERINGS)
async def test_a_chain_that_was_tampered_with_is_named_with_the_link_and_the_reason(office: Office, how: str) -> None:
    before = await office.verified()
    assert (before.broken, before.doubts, before.anchors) == ([], [], 3)
    statement, seq, reason = TAMPERINGS[how]
    perimeter, lane = office.chain
    await office.superuser.execute("alter table audit.trace drop constraint trace_pkey")  # whoever owns it may
    assert not (await office.superuser.execute(statement, perimeter, lane)).endswith(" 0")

    found = await office.verified(with_anchors=False)

    assert found.broken == [f"Chaîne {perimeter} {lane}, maillon {seq} : {reason}."]


REWRITE = """
do $$
declare
    link record;
    prev bytea := '\\x00';
    digest bytea;
begin
    for link in select * from audit.trace where perimeter_id = '{perimeter}' and lane = '{lane}' order by seq loop
        digest := sha256(prev || convert_to(jsonb_build_array(link.perimeter_id, link.lane, link.seq,
            to_char(link.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), link.account_id, link.session_id,
            link.act, link.subject_id, link.row_count, link.outcome)::text, 'UTF8'));
        update audit.trace set prev_hash = prev, hash = digest
         where perimeter_id = link.perimeter_id and lane = link.lane and seq = link.seq;
        prev := digest;
    end loop;
    update audit.head set hash = prev, seq = (select max(seq) from audit.trace t
        where t.perimeter_id = '{perimeter}' and t.lane = '{lane}')
     where perimeter_id = '{perimeter}' and lane = '{lane}';
end $$
"""


async def rewritten(office: Office, *edits: str) -> None:
    """Edit a chain, then recompute all that follows, as whoever knows the program would."""
    perimeter, lane = office.chain
    for edit in edits:
        await office.superuser.execute(f"{edit} and perimeter_id = '{perimeter}' and lane = '{lane}'")
    await office.superuser.execute(REWRITE.format(perimeter=perimeter, lane=lane))


async def test_a_chain_all_rewritten_is_seen_by_the_anchors_alone(office: Office) -> None:
    await rewritten(office, "update audit.trace set subject_id = gen_random_uuid() where seq = 5")
    assert (await office.verified(with_anchors=False)).broken == []

    found = await office.verified()

    perimeter, lane = office.chain
    said = f"Chaîne {perimeter} {lane}, maillon 6 : ce n'est pas ce que l'ancre 2 a signé (la chaîne fut récrite)."
    assert found.broken == [said]
    with pytest.raises(Exception, match="récrite"):
        await office.anchored()
    assert len(office.file.read_bytes().splitlines()) == 3, "nothing is signed after what does not hold"


async def test_a_chain_cut_and_given_a_new_head_is_seen_by_the_anchors_alone(office: Office) -> None:
    await rewritten(office, "delete from audit.trace where seq > 7")
    assert (await office.verified(with_anchors=False)).broken == []

    found = await office.verified()

    perimeter, lane = office.chain
    said = f"Chaîne {perimeter} {lane}, maillon 9 : ce n'est pas ce que l'ancre 3 a signé (il manque)."
    assert found.broken == [said]


def forged(office: Office, number: int, **changed: object) -> None:
    """Change a line of the file, with the right hand or none."""
    lines = office.file.read_bytes().splitlines(keepends=True)
    said = json.loads(lines[number]) | changed
    lines[number] = json.dumps(said, sort_keys=True, separators=(",", ":")).encode() + b"\n"
    office.file.write_bytes(b"".join(lines))


def without(office: Office, number: int) -> None:
    """Take a line away."""
    lines = office.file.read_bytes().splitlines(keepends=True)
    del lines[number]
    office.file.write_bytes(b"".join(lines))


async def test_a_file_of_anchors_that_does_not_hold_concludes_nothing(office: Office) -> None:
    whole = office.file.read_bytes()
    stranger = AnchorKey(new_anchor_key())
    for spoil, reason in (
        (lambda: forged(office, 1, n=7), "ligne 2 : la signature ne vaut pas"),
        (lambda: forged(office, 2, heads=[]), "ligne 3 : la signature ne vaut pas"),
        (lambda: forged(office, 0, key_id=stranger.key_id), "ligne 1 : signée d'une clé inconnue"),
        (lambda: forged(office, 0, more="x"), "ligne 1 : ce n'est pas une ancre"),
        (lambda: without(office, 0), "ligne 1 : des lignes manquent avant elle"),
        (lambda: without(office, 1), "ligne 2 : elle ne suit pas celle d'avant"),
        (lambda: without(office, 2), "Les traces connaissent l'ancre 3, le fichier finit à la 2"),
        (lambda: office.file.write_bytes(whole[:-5]), "La dernière ligne du fichier d'ancres est coupée"),
        (lambda: office.file.write_bytes(b""), "Le fichier d'ancres est vide"),
        (lambda: office.file.write_bytes(b"\xff\x00\n" + whole), "ligne 1 : ce n'est pas une ancre"),
        (lambda: office.file.write_bytes(b"[" * 100_000 + b"\n"), "ligne 1 : ce n'est pas une ancre"),
    ):
        office.file.write_bytes(whole)
        spoil()
        found = await office.verified()
        assert (found.broken, len(found.doubts)) == ([], 1), reason
        assert reason in found.doubts[0]


async def test_nothing_is_added_to_a_file_that_does_not_hold_or_runs_ahead_of_the_database(office: Office) -> None:
    whole = office.file.read_bytes()
    forged(office, 2, n=4)
    with pytest.raises(Unverifiable, match="la signature ne vaut pas"):
        await office.anchored()
    # The database restored from before the last two anchors.
    office.file.write_bytes(whole)
    await office.superuser.execute(
        "delete from audit.trace where perimeter_id = $1 and lane = 'relais_worker' and seq > 2", NOBODY
    )
    with pytest.raises(Unverifiable, match="Le fichier finit à l'ancre 3, les traces à la 1"):
        await office.anchored()
    assert office.file.read_bytes() == whole
    # And a file that lost its end.
    office.file.write_bytes(b"".join(whole.splitlines(keepends=True)[:1]))
    await office.superuser.execute("update audit.trace set row_count = 3 where act = 'audit:anchor'")
    with pytest.raises(Unverifiable, match="Le fichier finit à l'ancre 1, les traces à la 3"):
        await office.anchored()


async def test_an_anchor_whose_number_was_traced_and_that_was_not_written_does_not_stop_the_next(
    office: Office,
) -> None:
    whole = office.file.read_bytes()
    assert await office.anchored() == 4
    office.file.write_bytes(whole)  # cut short between the trace and the line

    assert await office.anchored() == 5

    assert [each.n for each in verified(office.file.read_bytes(), public_keys(office.key.public))] == [1, 2, 3, 5]
    assert ((await office.verified()).broken, (await office.verified()).doubts) == ([], [])


async def test_two_keys_sign_one_file_and_both_are_needed_to_verify_it(office: Office) -> None:
    """The key is replaced: the operator verifies with the two public parts."""
    following = AnchorKey(new_anchor_key())
    both = public_keys(office.key.public + following.public)
    line = following.line(n=4, chains=[], previous=verified(office.file.read_bytes(), both)[-1].digest)
    assert b'"n":4' in line
    with pytest.raises(Unverifiable, match="une chaîne y est plus courte"):
        verified(office.file.read_bytes() + line, both)
    with pytest.raises(Unverifiable, match="clé inconnue"):
        verified(office.file.read_bytes(), public_keys(following.public))


async def test_the_command_says_intact_broken_or_unverifiable_by_its_exit_code(office: Office, tmp_path: Path) -> None:
    file, public = str(office.file), tmp_path / "public.pem"
    public.write_text((await office.relais("key")).stdout)
    assert "PRIVATE" not in public.read_text()
    assert (await office.relais("anchor", file)).stdout.startswith("Ancre 4 : ")
    elsewhere = shutil.copy(file, tmp_path / "copy.jsonl")

    intact = await office.relais("verify", "--anchors", str(elsewhere), "--key", str(public), RELAIS_ANCHOR_KEY="")
    assert (intact.returncode, intact.stderr) == (0, ""), intact.stderr
    assert "Tout tient." in intact.stdout
    plain = await office.relais("verify")
    assert (plain.returncode, "Sans ancres" in plain.stdout) == (0, True)
    for words, more in (
        (("verify", "--anchors", str(tmp_path / "absent")), {}),
        (("verify", "--anchors", file, "--key", str(tmp_path / "absent")), {}),
        (("verify", "--anchors", file), {"RELAIS_ANCHOR_KEY": new_anchor_key()}),
        (("verify",), {"RELAIS_DATABASE_URL__WORKER": "postgresql://relais_worker:x@127.0.0.1:1/relais"}),
        (("anchor", str(tmp_path / "absent" / "file")), {}),
    ):
        done = await office.relais(*words, **more)
        assert (done.returncode, "Traceback" in done.stderr) == (3, False), (words, done.stderr)

    await rewritten(office, "update audit.trace set outcome = 'refused' where seq = 2")
    broken = await office.relais("verify", "--anchors", file)
    assert (broken.returncode, "la chaîne fut récrite" in broken.stderr) == (2, True)
    assert (await office.relais("anchor", file)).returncode == 2


async def test_a_verification_and_an_anchor_are_traced_too(office: Office) -> None:
    await office.verified()
    rows = await office.superuser.fetch(
        "select act, account_id, row_count, outcome from audit.trace where lane = 'relais_worker'"
        " and act <> 'process:start' order by seq"
    )
    assert [tuple(row) for row in rows[:3]] == [("audit:anchor", None, n, "done") for n in (1, 2, 3)]
    assert (rows[3]["act"], rows[3]["outcome"]) == ("audit:verify", "done")


async def test_the_summary_of_a_day_is_told_without_a_name(office: Office) -> None:
    done = await office.relais("summary")
    assert done.returncode == 0, done.stderr
    line = next(each for each in done.stdout.splitlines() if "situation:read" in each)
    assert str(office.house.ids["worker"]) in line
    assert "social_worker  situation:read (fait) : 10 actes" in line
    assert "Rien." in (await office.relais("summary", "--on", "2020-01-01")).stdout
    assert "worker@" not in done.stdout


async def test_a_process_that_starts_is_traced_by_each_of_the_lanes_it_serves(
    house: House, superuser: asyncpg.Connection
) -> None:
    rows = await superuser.fetch(
        "select lane, perimeter_id, account_id, outcome from audit.trace where act = 'process:start'"
    )
    lanes = {f"relais_{role}" for role in house.settings.database_url}
    assert {tuple(row) for row in rows} == {(lane, NOBODY, None, "done") for lane in lanes}


async def test_a_lane_of_people_traces_a_start_and_nothing_else_without_a_session(
    house: House, superuser: asyncpg.Connection
) -> None:
    lane = await asyncpg.connect(house.town.lane_url("police_officer", house.database))
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await lane.execute("select access.trace_process('audit:anchor', 99, 'done')")
    finally:
        await lane.close()
    assert await superuser.fetchval("select count(*) from audit.trace where act = 'audit:anchor'") == 0
