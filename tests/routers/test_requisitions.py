"""The register of requisitions: never an access, always an export of exact scope, handed over once."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import json
import re
from typing import Any

import asyncpg
import httpx
import pytest
import pyzipper

from app.nomenclature.terms import codes
from app.services.sealed_archives import ALPHABET, as_read
from tests.house_for_tests import House
from tests.routers.asking import UNKNOWN, day, faults, interview, refused

R = "/v1/requisitions"
ASKED = {
    "received_on": day(-2), "requested_by": "OPJ Martin, commissariat de Chartres", "requisition_basis": "cpp_77_1_1",
    "requisition_number": "2026/117", "requested_scope": "Les dates des entretiens de la personne que vise la pièce 3.",
}  # fmt: skip
SOMEONE = {
    "last_name": "Zqnomzq", "first_name": "Anne", "sex": "female", "birth_date": "1990-05-01",
    "birth_date_precision": "month", "phone": "0639980001", "municipality": "Dreux", "housing_status": "hosted",
}  # fmt: skip
EVERYONE_ELSE = ("officer", "commander", "partner", "observatory", "administrator")


async def entered(house: House, by: str = "worker", *, decision: str | None = None, **said: Any) -> dict[str, Any]:
    """A requisition in the register, and decided when ``decision`` says how."""
    worker = await house(by)
    answer = await worker.post(R, json={**ASKED, **said})
    assert answer.status_code == 201, answer.text
    if decision is not None:
        answer = await worker.post(f"{R}/{answer.json()['id']}/decide", json=decided(decision))
        assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def decided(decision: str, **said: Any) -> dict[str, Any]:
    """A decision; of everything that can be handed over, when something is."""
    whole = [] if decision == "refused" else list(codes("transmissible_field"))
    return {"decision": decision, "decided_fields": whole, **said}


async def someones(house: House, by: str = "worker", **said: Any) -> str:
    """A participation of the post, about whom much is known."""
    joined = {"person": SOMEONE, "person_status": "victim", "contact_consent": "given_to_iscg"}
    situation = await house.situation(by, participations=[joined], main_problem="housing", urgency="urgent", **said)
    found: str = situation["participations"][0]["id"]
    return found


def handing(participation_id: str, *fields: str, **said: Any) -> dict[str, Any]:
    """What is asked to be handed over."""
    return {"participation_id": participation_id, "fields": [*fields], "person_informed": "informed_after", **said}


def opened(handed: dict[str, Any], passphrase: str | None = None) -> dict[str, bytes]:
    """Every file of the archive, opened with its passphrase."""
    with pyzipper.AESZipFile(io.BytesIO(base64.b64decode(handed["archive_base64"]))) as archive:
        archive.setpassword((passphrase or handed["passphrase"]).encode())
        return {name: archive.read(name) for name in archive.namelist()}


async def counts(superuser: asyncpg.Connection) -> tuple[int, int, int]:
    """How many transmissions, contents, and requisitions handed over."""
    row = await superuser.fetchrow(
        "select (select count(*) from social.transmission), (select count(*) from confidential.transmission_content),"
        " (select count(*) from employer.requisition where handed_over_at is not null)"
    )
    return tuple(row)


async def test_a_requisition_is_entered_by_the_post_that_receives_it_for_its_employer(house: House) -> None:
    worker = await house("worker")

    answer = await worker.post(R, json=ASKED)

    assert answer.status_code == 201
    shown = answer.json()
    assert {name: shown[name] for name in ASKED} == ASKED
    assert shown["post_id"] == str(house.ids["shared_post"])
    assert shown["employer_id"] == str(house.ids["employer"])
    assert shown["recorded_by"] == str(house.ids["worker"])
    assert [shown[name] for name in shown if name.startswith(("deci", "handed"))] == [None] * 7
    read = await worker.get(answer.headers["location"])
    assert (read.json(), read.headers["etag"]) == (shown, answer.headers["etag"])


async def test_what_the_register_must_say_is_named_when_it_is_missing_or_wrong(house: House) -> None:
    worker = await house("worker")
    answer = await worker.post(R, json={})
    refused(answer, 422, "invalid_request", "/received_on", "/requested_by", "/requisition_basis", "/requested_scope")
    assert set(faults(answer).values()) == {"missing"}
    for wrong, place in (
        ({"received_on": day(2)}, "/received_on"), ({"requisition_basis": "cpp_40"}, "/requisition_basis"),
        ({"post_id": str(house.ids["other_post"])}, "/post_id"), ({"requested_scope": " "}, "/requested_scope"),
        ({"last_name": "Petit"}, "/last_name"), ({"participation_id": UNKNOWN}, "/participation_id"),
        ({"decision": "refused"}, "/decision"), ({"requested_by": "x" * 301}, "/requested_by"),
    ):  # fmt: skip
        refused(await worker.post(R, json={**ASKED, **wrong}), 422, "invalid_request", place)
    assert (await worker.get(R)).json()["items"] == []


async def test_the_register_is_the_posts_its_employers_and_the_delegates_newest_first(
    house: House, superuser: asyncpg.Connection
) -> None:
    first, second = await entered(house), await entered(house, requested_by="Juge d'instruction")
    far = await entered(house, "worker_elsewhere")

    async def listed(who: str) -> list[str]:
        found, address = [], f"{R}?limit=1"
        while address:
            page = await (await house(who)).get(address)
            found += page.json()["items"]
            address = page.headers.get("link", "").partition("<")[2].partition(">")[0]
        return [each["id"] for each in found]

    assert await listed("worker") == await listed("colleague") == [second["id"], first["id"]]
    assert await listed("worker_elsewhere") == [far["id"]]
    for who in ("coordinator", "dpo"):
        assert await listed(who) == [far["id"], second["id"], first["id"]]
        assert (await (await house(who)).get(f"{R}/{first['id']}")).json() == first
    refused(await (await house("worker_elsewhere")).get(f"{R}/{first['id']}"), 404, "not_found")

    other = UNKNOWN
    await superuser.execute("insert into organisation.employer values ($1, 'Autre', 'commune_ccas', '28')", other)
    await superuser.execute("update accounts.account set employer_id = $1 where role = 'coordinator'", other)
    assert await listed("coordinator") == []
    refused(await (await house("coordinator")).get(f"{R}/{first['id']}"), 404, "not_found")


@pytest.mark.parametrize("who", EVERYONE_ELSE)
async def test_neither_the_police_nor_anyone_else_has_any_way_to_a_requisition(house: House, who: str) -> None:
    requisition, participation = await entered(house, decision="complied"), await someones(house)
    client, address = await house(who), f"{R}/{requisition['id']}"
    refused(await client.get(R), 403, "forbidden")
    refused(await client.post(R, json=ASKED), 403, "forbidden")
    refused(await client.get(address), 403, "forbidden")
    refused(await client.post(f"{address}/decide", json={"decision": "refused"}), 403, "forbidden")
    refused(await client.post(f"{address}/hand-over", json=handing(participation, "sex")), 403, "forbidden")


@pytest.mark.parametrize("who", ["coordinator", "dpo"])
async def test_the_employer_and_the_delegate_read_the_register_and_reach_nothing_else(house: House, who: str) -> None:
    requisition, participation = await entered(house, decision="complied"), await someones(house)
    worker, client, address = await house("worker"), await house(who), f"{R}/{requisition['id']}"
    handed = (await worker.post(f"{address}/hand-over", json=handing(participation, "last_name"))).json()

    seen = await client.get(address)

    assert seen.json() == handed["requisition"]
    assert "Zqnomzq" not in seen.text
    assert participation not in seen.text
    transmission = f"/v1/transmissions/{handed['transmission_id']}"
    for refusal in (
        await client.post(R, json=ASKED),
        await client.post(f"{address}/decide", json={"decision": "refused"}),
        await client.post(f"{address}/hand-over", json=handing(participation, "last_name")),
        await client.get(transmission),
        await client.get(f"{transmission}/content"),
        await client.get(f"/v1/participations/{participation}"),
    ):
        refused(refusal, 403, "forbidden")


async def test_a_requisition_is_decided_once_and_neither_before_it_came_nor_tomorrow(house: House) -> None:
    requisition, worker = await entered(house), await house("worker")
    address = f"{R}/{requisition['id']}/decide"
    for wrong, code, place in (
        ({"decided_on": day(-3)}, "requisition_decided_before_it_is_received", "/decided_on"),
        ({"decided_on": day(2)}, "invalid_request", "/decided_on"),
        ({"decision": "ignored"}, "invalid_request", "/decision"),
        ({"handed_over_at": "2026-01-01T00:00:00Z"}, "invalid_request", "/handed_over_at"),
    ):
        refused(await worker.post(address, json={"decision": "refused", **wrong}), 422, code, place)
    refused(await worker.post(address, json={}), 422, "invalid_request", "/decision")
    assert (await worker.get(f"{R}/{requisition['id']}")).json() == requisition

    said = {"decision": "refused", "decided_on": day(-1), "decision_grounds": "Motif légitime : secret professionnel."}
    decided = await worker.post(address, json=said)

    assert decided.status_code == 200
    assert decided.json() == requisition | said
    refused(await worker.post(address, json={"decision": "complied"}), 409, "requisition_already_decided")
    elsewhere = await (await house("worker_elsewhere")).post(address, json={"decision": "complied"})
    refused(elsewhere, 404, "not_found")


@pytest.mark.parametrize(("decision", "code"), [(None, "requisition_not_decided"), ("refused", "requisition_refused")])
async def test_nothing_is_handed_over_before_the_decision_nor_against_it(
    house: House, superuser: asyncpg.Connection, decision: str | None, code: str
) -> None:
    requisition, participation = await entered(house, decision=decision), await someones(house)
    answer = await (await house("worker")).post(
        f"{R}/{requisition['id']}/hand-over", json=handing(participation, "last_name")
    )
    refused(answer, 409, code)
    assert await counts(superuser) == (0, 0, 0)


async def test_the_archive_holds_exactly_the_fields_that_were_named_and_nothing_else(house: House) -> None:
    requisition, participation = await entered(house, decision="partly_complied"), await someones(house)
    worker = await house("worker")
    await worker.post("/v1/interventions", json=interview(participation, occurred_at="2026-02-02T10:00:00Z"))
    fields = ["last_name", "birth_date", "housing_status", "employment_status", "main_problem", "interventions"]

    answer = await worker.post(f"{R}/{requisition['id']}/hand-over", json=handing(participation, *fields))

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    handed, register = answer.json(), answer.json()["requisition"]
    archive = base64.b64decode(handed["archive_base64"])
    assert hashlib.sha256(archive).hexdigest() == handed["sha256"] == register["handed_over_sha256"]
    files = opened(handed)
    assert sorted(files) == ["contenu.json", "contenu.txt", "manifeste.json"]
    assert json.loads(files["contenu.json"]) == {
        "last_name": "Zqnomzq",
        "birth_date": {"date": "1990-05-01", "precision": "month"},
        "housing_status": "hosted",
        "employment_status": None,
        "main_problem": "housing",
        "interventions": [
            {"occurred_at": "2026-02-02T10:00:00+00:00", "intervention_type": "phone_interview", "outcome": "held"}
        ],
    }
    assert json.loads(files["manifeste.json"]) == {
        "requisition_id": requisition["id"],
        "requisition_number": "2026/117",
        "requisition_basis": "cpp_77_1_1",
        "handed_over_at": json.loads(files["manifeste.json"])["handed_over_at"],
        "fields": fields,
        "sha256": {name: hashlib.sha256(files[name]).hexdigest() for name in ("contenu.json", "contenu.txt")},
    }
    assert register["handed_over_fields"] == fields
    assert register == (await worker.get(f"{R}/{requisition['id']}")).json()
    for unsaid in ("Anne", "Dreux", "639980001", participation):
        assert not any(unsaid.encode() in content for content in files.values())


async def test_the_archive_can_be_read_by_a_person_in_french(house: House) -> None:
    requisition, participation = await entered(house, decision="complied"), await someones(house)
    worker, at = await house("worker"), f"/v1/participations/{participation}"
    await worker.post(f"{at}/needs", json={"need_type": "housing"})
    safe = {"phone": "0639980002", "precautions": "Jamais le soir."}
    await worker.put(f"{at}/safe-contact", json=safe, headers={"If-None-Match": "*"})
    await worker.post("/v1/interventions", json=interview(participation, occurred_at="2026-07-02T10:00:00Z"))
    every = codes("transmissible_field")
    said = handing(participation, *every, message="Suite à votre demande.\nCordialement.")

    answer = await worker.post(f"{R}/{requisition['id']}/hand-over", json=said)

    text = opened(answer.json())["contenu.txt"].decode()
    for line in (
        "Nom : Zqnomzq", "Nom de naissance : non connu", "Sexe : Femme",
        "Date de naissance : 01/05/1990 (Mois et année connus)", "Téléphone : +33639980001", "Emploi : non connu",
        "Statut dans la situation : Victime",
        "Coordonnées sûres : téléphone : +33639980002 ; adresse : non connu",
        "Message rédigé pour le destinataire : Suite à votre demande.\nCordialement.",
        "  02/07/2026, 12:00 : Entretien",
    ):  # fmt: skip
        assert line in text, text
    assert not re.search(r"\b[a-z]+_[a-z_]+\b", text), text


def test_a_field_that_nothing_fills_is_told_as_such() -> None:
    assert as_read({"needs": None, "interventions": [], "phone": None}) == (
        "Besoins évalués : non connu\nDates et nature des interventions : aucune\nTéléphone : non connu\n"
    )


async def test_without_its_passphrase_the_archive_tells_neither_a_word_nor_a_checksum(house: House) -> None:
    requisition, participation = await entered(house, decision="complied"), await someones(house)
    answer = await (await house("worker")).post(
        f"{R}/{requisition['id']}/hand-over", json=handing(participation, "last_name", "phone")
    )
    handed = answer.json()

    groups = handed["passphrase"].split("-")
    assert [len(group) for group in groups] == [4] * 7
    assert set("".join(groups)) <= set(ALPHABET)
    assert len(set(ALPHABET)) ** len("".join(groups)) >= 2**120
    for wrong in ("-".join(["0000"] * 7), handed["passphrase"].lower() + "x"):
        with pytest.raises(RuntimeError, match="Bad password"):
            opened(handed, wrong)
    raw = base64.b64decode(handed["archive_base64"])
    assert b"Zqnomzq" not in raw
    with pyzipper.AESZipFile(io.BytesIO(raw)) as archive:
        for entry in archive.infolist():
            assert (entry.wz_aes_strength, entry.wz_aes_version, entry.CRC) == (3, 2, 0)  # AES-256, AE-2


async def test_two_archives_never_share_a_passphrase(house: House) -> None:
    participation, worker = await someones(house), await house("worker")
    drawn = set()
    for _ in range(3):
        requisition = await entered(house, decision="complied")
        answer = await worker.post(f"{R}/{requisition['id']}/hand-over", json=handing(participation, "sex"))
        drawn.add(answer.json()["passphrase"])
    assert len(drawn) == 3


async def test_the_archive_and_its_passphrase_are_kept_nowhere(house: House, superuser: asyncpg.Connection) -> None:
    requisition, participation = await entered(house, decision="complied"), await someones(house)
    answer = await (await house("worker")).post(
        f"{R}/{requisition['id']}/hand-over", json=handing(participation, "last_name")
    )
    handed = answer.json()
    raw = base64.b64decode(handed["archive_base64"])
    tables = await superuser.fetch(
        "select format('%I.%I', schemaname, tablename) as name from pg_tables"
        " where schemaname not in ('pg_catalog', 'information_schema', 'nomenclature')"
    )
    for table in tables:
        for row in await superuser.fetch(f"select t::text as said from {table['name']} t"):
            assert handed["passphrase"] not in row["said"], table["name"]
            assert raw.hex() not in row["said"], table["name"]


async def test_what_was_handed_over_stands_in_the_register_of_transmissions_and_is_read_again_word_for_word(
    house: House,
) -> None:
    requisition, participation = await entered(house, decision="complied"), await someones(house)
    worker = await house("worker")
    said = handing(participation, "last_name", "message", message="Ce que vous demandez.")
    handed = (await worker.post(f"{R}/{requisition['id']}/hand-over", json=said)).json()

    address = f"/v1/transmissions/{handed['transmission_id']}"
    line, content = (await worker.get(address)).json(), (await worker.get(f"{address}/content")).json()

    assert {name: line[name] for name in ("transmission_kind", "legal_basis", "recipient", "requisition_id")} == {
        "transmission_kind": "requisition", "legal_basis": "judicial_requisition",
        "recipient": ASKED["requested_by"], "requisition_id": requisition["id"],
    }  # fmt: skip
    assert (line["fields"], line["person_informed"]) == (["last_name", "message"], "informed_after")
    assert content["fields"] == json.loads(opened(handed)["contenu.json"])
    refused(await (await house("worker_elsewhere")).get(f"{address}/content"), 404, "not_found")


async def test_what_is_handed_over_is_handed_over_once_even_by_two_hands_at_the_same_instant(
    house: House, superuser: asyncpg.Connection
) -> None:
    requisition, participation = await entered(house, decision="complied"), await someones(house)
    both = [await house("worker"), await house("colleague")]
    address, said = f"{R}/{requisition['id']}/hand-over", handing(participation, "sex")

    answers: list[httpx.Response] = await asyncio.gather(*(who.post(address, json=said) for who in both))

    assert sorted(answer.status_code for answer in answers) == [200, 409]
    refused(await both[0].post(address, json=said), 409, "requisition_already_handed_over")
    assert await counts(superuser) == (1, 1, 1)


async def test_a_closed_situation_may_be_asked_for_too(house: House) -> None:
    requisition, situation = await entered(house, decision="complied"), await house.situation()
    worker = await house("worker")
    await worker.post(f"/v1/situations/{situation['id']}/close", json={"closure_reason": "need_met"})
    said = handing(situation["participations"][0]["id"], "last_name")
    answer = await worker.post(f"{R}/{requisition['id']}/hand-over", json=said)
    assert json.loads(opened(answer.json())["contenu.json"]) == {"last_name": "Petit"}


async def test_a_wrong_handing_over_is_refused_and_leaves_nothing_half_written(
    house: House, superuser: asyncpg.Connection
) -> None:
    requisition, mine = await entered(house, decision="complied"), await someones(house)
    theirs = await someones(house, "worker_elsewhere")
    worker, address = await house("worker"), f"{R}/{requisition['id']}/hand-over"
    for said, place in (
        (handing(theirs, "sex"), "/participation_id"), (handing(UNKNOWN, "sex"), "/participation_id"),
        (handing(mine), "/fields"), (handing(mine, "sex", "notes"), "/fields/1"),
        (handing(mine, "message"), "/message"), (handing(mine, "sex", message="Bonjour."), "/message"),
        (handing(mine, "sex", person_informed="perhaps"), "/person_informed"),
        (handing(mine, "sex", passphrase="motdepasse"), "/passphrase"),
        (handing(mine, *["sex"] * 41), "/fields"), (handing(mine, "sex", message="\t" * 5), "/message"),
    ):  # fmt: skip
        refused(await worker.post(address, json=said), 422, "invalid_request", place)
    missing = await worker.post(address, json={})
    refused(missing, 422, "invalid_request", "/participation_id", "/fields", "/person_informed")
    for what in (UNKNOWN, "pas-un-identifiant"):
        answer = await worker.post(f"{R}/{what}/hand-over", json=handing(mine, "sex"))
        assert answer.status_code in (404, 422)
    elsewhere = await house("worker_elsewhere")
    refused(await elsewhere.post(address, json=handing(theirs, "sex")), 404, "not_found")
    assert await counts(superuser) == (0, 0, 0)
    assert (await worker.get(f"{R}/{requisition['id']}")).json() == requisition


async def test_each_act_on_a_requisition_leaves_its_trace(house: House) -> None:
    requisition, participation = await entered(house, decision="complied"), await someones(house)
    worker = await house("worker")
    await worker.post(f"{R}/{requisition['id']}/hand-over", json=handing(participation, "sex"))
    await (await house("coordinator")).get(f"{R}/{requisition['id']}")
    traces = (await (await house("dpo")).get("/v1/audit/traces")).json()["items"]
    names = {str(each): name for name, each in house.ids.items()}
    mine = [(each["act"], names[each["account_id"]]) for each in traces if each["subject_id"] == requisition["id"]]
    by_worker = ["requisition:add", "requisition:change", "requisition:change"]
    assert sorted(mine) == [*((act, "worker") for act in by_worker), ("requisition:read", "coordinator")]


async def test_a_file_too_long_for_one_archive_is_told_so_and_nothing_is_half_written(
    house: House, superuser: asyncpg.Connection
) -> None:
    participation, requisition = await someones(house), await entered(house, decision="complied")
    worker = await house("worker")
    assert (await worker.post("/v1/interventions", json=interview(participation))).status_code == 201
    names = await superuser.fetchval(
        "select string_agg(column_name, ', ') from information_schema.columns"
        " where table_schema = 'social' and table_name = 'intervention' and column_name <> 'id'"
    )
    await superuser.execute(
        f"insert into social.intervention (id, {names})"
        f" select gen_random_uuid(), {names} from social.intervention, generate_series(1, 2000)"
    )
    before = await counts(superuser)

    answer = await worker.post(f"{R}/{requisition['id']}/hand-over", json=handing(participation, "interventions"))

    refused(answer, 422, "too_long_to_seal")
    assert await counts(superuser) == before
    assert (await worker.get(f"{R}/{requisition['id']}")).json()["handed_over_at"] is None


async def test_what_is_handed_over_stays_within_what_was_decided(house: House) -> None:
    participation, requisition = await someones(house), await entered(house)
    worker, address = await house("worker"), f"{R}/{requisition['id']}"
    assert faults(await worker.post(f"{address}/decide", json={"decision": "complied"})) == {
        "/decided_fields": "scope_of_the_decision"
    }
    assert faults(await worker.post(f"{address}/decide", json=decided("refused", decided_fields=["sex"]))) == {
        "/decided_fields": "scope_of_the_decision"
    }
    said = decided("partly_complied", decided_fields=["interventions"])
    assert (await worker.post(f"{address}/decide", json=said)).json()["decided_fields"] == ["interventions"]

    beyond = await worker.post(f"{address}/hand-over", json=handing(participation, "interventions", "safe_contact"))

    assert faults(beyond) == {"/fields/1": "field_beyond_the_decision"}
    within = await worker.post(f"{address}/hand-over", json=handing(participation, "interventions"))
    assert within.json()["requisition"]["handed_over_fields"] == ["interventions"]
