"""``relais keys``: nobody is disconnected when the signing key changes, no note closes when the sealing key does."""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import asyncpg
import pytest
from pydantic import SecretStr

from app.access.key_rings import BELIEVED_FOR, SigningRing
from app.access.tokens import Signer, Verifier, jwks, new_signing_key
from app.errors import Unauthenticated
from app.models.columns import new_id
from app.rewrapping import BATCH, WRAPPINGS
from app.services.clock import now
from app.services.proving import UnsafeStart
from app.services.sealing import SealingKey, new_data_key
from app.statements import name_of
from tests.house_for_tests import House, Town, settings_for
from tests.running.relais_for_tests import ROOT, command, environment


def folder_of(tmp_path: Path, **keys: str) -> Path:
    """A folder of secrets, as the containers have it."""
    folder = tmp_path / "secrets"
    folder.mkdir(exist_ok=True)
    for name, text in keys.items():
        (folder / f"relais_{name}").write_text(f"{text}\n")
    return folder


class Desk:
    """An operator at the keyboard, with the database and a folder of secrets."""

    def __init__(self, town: Town, database: str, folder: Path) -> None:
        head, _, query = town.superuser_url.partition("?")
        url = f"{head.rpartition('/')[0]}/postgres" + (f"?{query}" if query else "")
        # The URLs of the lanes name the database.
        self.more = {
            "RELAIS_BOOTSTRAP_URL": url, "RELAIS_MIGRATOR_URL": town.lane_url("migrator", database),
        }  # fmt: skip
        self.folder = folder

    async def keys(self, *words: str, code: int = 0, **more: str) -> CompletedProcess[str]:
        said = {**self.more, **more}
        done = await asyncio.to_thread(
            lambda: command(Path("unused"), 1, "keys", *words, "--folder", str(self.folder), **said)
        )
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done

    def key(self, name: str) -> str:
        return (self.folder / f"relais_{name}").read_text().strip()


@pytest.fixture
def signing(town: Town, database: str, tmp_path: Path, keys: dict[str, str]) -> Desk:
    """A folder with one signing key, and its public part beside it."""
    folder = folder_of(tmp_path, signing_key=keys["signing_key"], verification_keys=jwks(keys["signing_key"]))
    return Desk(town, database, folder)


# ------------------------------------------------------------------------------------------------- signing keys


async def test_the_signing_key_changes_and_nobody_is_disconnected(
    town: Town, database: str, signing: Desk, keys: dict[str, str]
) -> None:
    """Two processes, as in production: identity signs, police verifies with what it was last given."""

    def identity() -> Any:
        more = {**keys, "signing_key": signing.key("signing_key")}
        return House.running(town, database, settings_for(town, database, more, roles=["authentication"]))

    def police() -> Any:
        more = {"cursor_key": keys["cursor_key"], "verification_keys": signing.key("verification_keys")}
        return House.running(town, database, settings_for(town, database, more, roles=["police_officer"]))

    async def me(process: House, token: str) -> int:
        async with process.caller(token) as caller:
            return (await caller.get("/v1/me")).status_code

    async with identity() as old_desk, police() as old_police:
        before = await old_desk.session_of("officer")
        assert await me(old_police, before["access_token"]) == 200

    # Once: the next key is drawn and published, nothing signs with it yet; every process is started again.
    said = await signing.keys("rotate")
    assert "celle en service n'a pas changé" in said.stdout
    async with police() as informed:
        assert await me(informed, before["access_token"]) == 200

        # Twice: it signs. Identity alone is started again; the other process is left as it was.
        assert "La clé suivante signe" in (await signing.keys("rotate")).stdout
        async with identity() as desk:
            after = await desk.session_of("officer")
            kids = [json.loads(base64.urlsafe_b64decode(each["access_token"].split(".")[0] + "=="))["kid"]
                    for each in (before, after)]  # fmt: skip
            assert kids[0] != kids[1]
            assert await me(informed, before["access_token"]) == 200, "the older token still serves"
            assert await me(informed, after["access_token"]) == 200, "the newer one already does"
            renewed = await desk.caller().post(
                "/v1/auth/token", data={"grant_type": "refresh_token", "refresh_token": before["refresh_token"]}
            )
            assert await me(informed, renewed.json()["access_token"]) == 200
            published = (await desk.caller().get("/.well-known/jwks.json")).json()["keys"]
            assert len(published) == 3
            assert [each["kid"] for each in published if "until" in each] == [kids[0]]
            assert published == json.loads(signing.key("verification_keys"))["keys"]
    # The process started again later than that knows the retired key too, while it is believed.
    async with police() as last:
        assert await me(last, before["access_token"]) == 200


def test_a_retired_key_is_believed_until_its_last_token_has_expired_and_no_longer() -> None:
    names: Mapping[str, str] = {"issuer": "https://relais.invalid", "audience": "relais"}
    moment = now().replace(microsecond=0)
    first = SigningRing.of(new_signing_key())
    ring = first.rotated(moment).rotated(moment)
    clock = [moment.timestamp()]
    verifier = Verifier(ring.key_set(), **names, clock=lambda: clock[0])

    def token() -> str:
        return Signer(first.current.pem, **names).access_token(
            account_id=new_id(), session_id=new_id(), role="police_officer", client_id="x", jti=new_id(),
            now=int(clock[0]),
        )  # fmt: skip

    early = token()
    assert verifier.actor(early).role == "police_officer"
    clock[0] += BELIEVED_FOR.total_seconds() - 1
    assert verifier.actor(early).role == "police_officer"
    forged = token()  # whoever kept the key
    assert verifier.actor(forged).role == "police_officer"
    clock[0] += 1
    for each in (early, forged, token()):
        with pytest.raises(Unauthenticated):
            verifier.actor(each)


async def test_a_stolen_key_is_believed_no_more_at_once(signing: Desk, keys: dict[str, str]) -> None:
    stolen = SigningRing.of(keys["signing_key"]).current.kid
    assert "n'est plus crue" in (await signing.keys("rotate", "--stolen")).stdout
    ring = SigningRing.of(signing.key("signing_key"))
    assert stolen not in {each.kid for each in ring.keys}
    assert stolen not in signing.key("verification_keys")
    assert [each.state for each in ring.keys] == ["current", "next"]


async def test_a_rotation_cut_short_before_the_next_key_was_published_publishes_it_first(signing: Desk) -> None:
    published = signing.key("verification_keys")
    await signing.keys("rotate")
    ring = signing.key("signing_key")
    (signing.folder / "relais_verification_keys").write_text(published)  # as if it had been killed just before

    said = await signing.keys("rotate")

    assert "celle en service n'a pas changé" in said.stdout
    assert signing.key("signing_key") == ring
    assert signing.key("verification_keys") == SigningRing.of(ring).key_set()


async def test_keys_are_listed_and_published_without_a_secret(signing: Desk, superuser: asyncpg.Connection) -> None:
    await signing.keys("rotate")
    await signing.keys("rotate")
    ring = SigningRing.of(signing.key("signing_key"))

    listed = (await signing.keys("list")).stdout
    public = (await signing.keys("public")).stdout

    assert [line.split()[1] for line in listed.splitlines()] == [each.kid for each in ring.keys]
    assert "en service" in listed and "déjà publiée" in listed and "crue jusqu'au" in listed
    assert json.loads(public) == json.loads(ring.key_set())
    for each in ring.keys:
        body = each.pem.splitlines()[1]
        assert body not in listed + public and '"d"' not in public
        assert body not in repr(ring)
    assert (signing.folder / "relais_signing_key").stat().st_mode & 0o777 == 0o600
    traced = await superuser.fetch("select lane, act, outcome from audit.trace where act like 'key:%'")
    assert [tuple(row) for row in traced] == [("postgres", "key:rotate", "done")] * 2


async def test_a_ring_that_is_not_one_is_refused_in_one_sentence(signing: Desk) -> None:
    path = signing.folder / "relais_signing_key"
    for text in ('{"keys": []}', "{", '{"keys": [{"state": "current", "pem": "x"}]}', "pas une clé"):
        path.write_text(text)
        done = await signing.keys("rotate", code=1)
        assert "ne tient pas de clé de signature" in done.stderr
        assert path.read_text() == text


# ------------------------------------------------------------------------------------------------- sealing keys


class Notes:
    """A house with sealed words of each kind, and many more data keys than one batch."""

    def __init__(self, house: House, superuser: asyncpg.Connection, desk: Desk) -> None:
        self.house, self.superuser, self.desk = house, superuser, desk
        self.note: dict[str, Any] = {}
        self.orientation: dict[str, Any] = {}

    async def fill(self, extra: int) -> None:
        """One note, one content sent to a partner, and the data keys of ``extra`` more persons."""
        situation = await self.house.situation()
        participation = situation["participations"][0]["id"]
        self.note = await self.house.note(participation)
        self.orientation = await self.house.sent_orientation(participation_id=participation)
        ring = SealingKey(self.desk.key("sealing_key"))
        post, persons = self.house.ids["shared_post"], [new_id() for _ in range(extra)]
        await self.superuser.executemany(
            "insert into social.person (id, post_id, sex, recorded_at) values ($1, $2, 'female', now())",
            [(each, post) for each in persons],
        )
        keys = [(new_id(), each) for each in persons]
        await self.superuser.executemany(
            "insert into confidential.person_key (id, post_id, person_id, sealing_key_id, wrapped_key, created_at)"
            " values ($1, $2, $3, $4, $5, now())",
            [(key, post, each, ring.key_id, ring.wrap(new_data_key(), bound_to=key.bytes + each.bytes))
             for key, each in keys],
        )  # fmt: skip

    async def are_read(self, house: House) -> None:
        """The process of ``house`` reads the note and the content."""
        read = await (await house("worker")).get(f"/v1/notes/{self.note['id']}")
        assert (read.status_code, read.json().get("text")) == (200, "Ce qu'elle m'a confié.")
        sent = await (await house("partner")).get(f"/v1/orientations/{self.orientation['id']}")
        assert (sent.status_code, sent.json()["content"]["last_name"]) == (200, "Petit"), sent.text

    async def all_open(self, keys: str) -> int:
        """Every data key opens by these sealing keys; how many there are."""
        ring, count = SealingKey(keys), 0
        for said in WRAPPINGS:
            names = f"{said.key} as key, {said.bound} as bound, wrapped_key"
            for row in await self.superuser.fetch(f"select {names} from {name_of(said.table)}"):
                assert len(ring.unwrap(row["wrapped_key"], bound_to=row["key"].bytes + row["bound"].bytes)) == 32
                count += 1
        return count

    async def wrapped_by(self) -> dict[str, int]:
        """How many data keys each sealing key wraps."""
        rows = await self.superuser.fetch(
            "select sealing_key_id, count(*) from (select sealing_key_id from confidential.person_key"
            " union all select sealing_key_id from exchange.orientation_content) k group by 1"
        )
        return dict(rows)

    def process(self, keys: str) -> Any:
        """Another start of the social process, with these sealing keys."""
        said = self.house.settings.model_copy(update={"sealing_key": SecretStr(keys)})
        return House.running(self.house.town, self.house.database, said)


@pytest.fixture
async def notes(house: House, superuser: asyncpg.Connection, tmp_path: Path, keys: dict[str, str]) -> Notes:
    """The notes, and the folder of the operator."""
    return Notes(
        house, superuser, Desk(house.town, house.database, folder_of(tmp_path, sealing_key=keys["sealing_key"]))
    )


async def test_the_sealing_key_changes_in_three_steps_and_every_note_opens_all_along(
    notes: Notes, keys: dict[str, str]
) -> None:
    await notes.fill(extra=2 * BATCH + 10)
    old, total = SealingKey(keys["sealing_key"]).key_id, 2 * BATCH + 12

    # 1. A new key in front; the running process knows nothing of it. Nothing is wrapped again before one has taken it.
    assert "redémarrez tous les processus sociaux" in (await notes.desk.keys("rotate", "--sealing")).stdout
    both = notes.desk.key("sealing_key")
    new = SealingKey(both).key_id
    assert [each.key_id for each in SealingKey(both).ring] == [new, old]
    (copy,) = notes.desk.folder.glob("relais_sealing_key.copy-*")
    assert (copy.read_text().strip(), copy.stat().st_mode & 0o777) == (keys["sealing_key"], 0o600)
    waiting = await notes.desk.keys("rotate", "--sealing", code=1)
    assert "Aucun processus social n'a encore pris la nouvelle clé" in waiting.stderr
    assert await notes.wrapped_by() == {old: total}

    async with notes.process(both) as process:
        await notes.are_read(process)
        assert f"Reste à sceller de nouveau : {total}" in (await listed(notes)).stdout

        # 2. Everything is wrapped again while the process runs.
        said = await notes.desk.keys("rotate", "--sealing")
        assert f"Scellées de nouveau : {total}. Reste : 0" in said.stdout
        assert await notes.wrapped_by() == {new: total}
        await notes.are_read(process)
        assert await notes.all_open(both.split()[0]) == total
        assert "Reste à sceller de nouveau : 0" in (await listed(notes)).stdout

        # 3. The older key leaves.
        assert "rien ne s'en sert" in (await notes.desk.keys("rotate", "--sealing")).stdout
        assert notes.desk.key("sealing_key") == both.split()[0]
        await notes.are_read(process)
    async with notes.process(both.split()[0]) as process:
        await notes.are_read(process)
    with pytest.raises(UnsafeStart, match="n'est pas celle qui a scellé"):
        async with notes.process(keys["sealing_key"]):
            pass
    acts = await notes.superuser.fetch("select act, row_count from audit.trace where act like 'key:%' order by seq")
    assert [tuple(row) for row in acts] == [("key:add", 1), ("key:rewrap", total), ("key:retire", 1)]


async def listed(notes: Notes) -> CompletedProcess[str]:
    """``relais keys list``, which also wants a signing key."""
    (notes.desk.folder / "relais_signing_key").write_text(new_signing_key())
    return await notes.desk.keys("list")


async def test_a_rewrapping_killed_several_times_goes_on_and_loses_no_note(notes: Notes, keys: dict[str, str]) -> None:
    """SIGKILL, midway, really: batches are committed one by one, and done again from where they stopped."""
    await notes.fill(extra=12 * BATCH)
    total = 12 * BATCH + 2
    await notes.desk.keys("rotate", "--sealing")
    both = notes.desk.key("sealing_key")
    new, old = (each.key_id for each in SealingKey(both).ring)
    async with notes.process(both) as process:
        killed = 0
        for aim in (0, 3 * BATCH, 7 * BATCH):
            done = await killed_after(notes, new, beyond=aim)
            assert aim < done < total, "killed midway, and not before it went further"
            killed += 1
            assert await notes.all_open(both) == total
            await notes.are_read(process)
        assert killed == 3
        assert set(await notes.wrapped_by()) == {new, old}
        refused = await notes.desk.keys("rotate", "--sealing")
        assert "Reste : 0" in refused.stdout
        assert await notes.wrapped_by() == {new: total}
        await notes.are_read(process)
        assert await notes.all_open(both.split()[0]) == total


async def killed_after(notes: Notes, new: str, *, beyond: int) -> int:
    """Start the command, kill it once more than ``beyond`` keys are wrapped again; how many are."""
    words = ["keys", "rotate", "--sealing", "--folder", str(notes.desk.folder)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "app.cli", *words, cwd=ROOT, env=environment(Path("unused"), 1, notes.desk.more),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    while (await notes.wrapped_by()).get(new, 0) <= beyond:
        assert process.returncode is None
        await asyncio.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    assert await process.wait() == -signal.SIGKILL
    await asyncio.sleep(0.1)
    return (await notes.wrapped_by())[new]


async def test_the_older_key_stays_while_anything_needs_it(notes: Notes, keys: dict[str, str]) -> None:
    await notes.fill(extra=3)
    await notes.desk.keys("rotate", "--sealing")
    both = notes.desk.key("sealing_key")
    async with notes.process(both):
        pass
    stranger = SealingKey(base64.b64encode(secrets.token_bytes(32)).decode())
    await notes.superuser.execute(
        "update confidential.person_key set wrapped_key = $1, sealing_key_id = $2 where id ="
        " (select id from confidential.person_key order by id limit 1)",
        stranger.wrap(new_data_key(), bound_to=b"elsewhere"), stranger.key_id,
    )  # fmt: skip

    for _ in range(2):
        done = await notes.desk.keys("rotate", "--sealing", code=1)
        assert "1 clés de données ne s'ouvrent par aucune des clés : l'ancienne reste." in done.stderr
        assert notes.desk.key("sealing_key") == both


async def test_a_file_that_is_not_that_of_the_notes_changes_nothing(notes: Notes) -> None:
    await notes.fill(extra=1)
    other = base64.b64encode(secrets.token_bytes(32)).decode()
    path = notes.desk.folder / "relais_sealing_key"
    path.write_text(other)
    done = await notes.desk.keys("rotate", "--sealing", code=1)
    assert "n'est pas celui de la clé qui a scellé les notes de cette base" in done.stderr
    assert path.read_text() == other
    path.write_text(f"{other} {other}")
    assert "ne tient pas de clé de scellement" in (await notes.desk.keys("rotate", "--sealing", code=1)).stderr


async def test_a_start_proves_each_key_of_the_ring_on_its_canary(notes: Notes, keys: dict[str, str]) -> None:
    new, other = (base64.b64encode(secrets.token_bytes(32)).decode() for _ in range(2))
    for ring, reason in (
        (new, "n'est pas celle qui a scellé"),
        (f"{new} {other}", "n'est pas celle qui a scellé"),
        (f"{keys['sealing_key']} {new}", "seule la première peut être neuve"),
        (f"{new} {keys['sealing_key']} {other}", "seule la première peut être neuve"),
    ):
        with pytest.raises(UnsafeStart, match=reason):
            async with notes.process(ring):
                pass
    async with notes.process(f"{new} {keys['sealing_key']}"):
        pass
    async with notes.process(f"{keys['sealing_key']} {new}"):
        pass  # both have their canary now: going back is possible until everything is wrapped again
    await notes.superuser.execute(
        "update confidential.sealing_canary set wrapped_key = set_byte(wrapped_key, 20, get_byte(wrapped_key, 20) # 1)"
        " where sealing_key_id = $1", SealingKey(new).key_id,
    )  # fmt: skip
    with pytest.raises(UnsafeStart, match="n'ouvre pas son témoin"):
        async with notes.process(f"{keys['sealing_key']} {new}"):
            pass


async def test_every_table_that_holds_wrapped_keys_is_wrapped_again(superuser: asyncpg.Connection) -> None:
    rows = await superuser.fetch(
        "select table_schema || '.' || table_name as name from information_schema.columns"
        " where column_name = 'sealing_key_id' or column_name like 'wrapped%' group by 1"
    )
    assert {row["name"] for row in rows} == {
        "confidential.sealing_canary", *(name_of(said.table) for said in WRAPPINGS),
    }  # fmt: skip
