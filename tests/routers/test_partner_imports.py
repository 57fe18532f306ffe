"""Import and export of the directory: data·inclusion v1, over HTTP; a bad row never loses the others."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx
import pytest

from app.data_inclusion.mapping import key_of
from app.routers.partner_imports import LARGEST_IMPORT
from app.services import partner_imports
from tests.data_inclusion.saying import published, service, structure
from tests.house_for_tests import ONE_OF_EACH_ROLE, House
from tests.routers.asking import day, faults, patch, refused

IMPORT, EXPORT = "/v1/partners/import", "/v1/partners/export"
LINES = {"Content-Type": "application/x-ndjson"}
JSON = {"Content-Type": "application/json"}
COUNTED = ("created", "updated", "unchanged", "refused")


async def imported(house: House, *rows: Any, by: str = "worker") -> Any:
    """The report of an import of these rows, one a line."""
    content = "\n".join(json.dumps(each) for each in rows)
    answer = await (await house(by)).post(IMPORT, content=content, headers=LINES)
    assert answer.status_code == 200, answer.text
    return answer.json()


def totals(report: Any) -> tuple[int, ...]:
    """Created, updated, unchanged, refused."""
    return tuple(report[name] for name in COUNTED)


def outcomes(report: Any) -> list[tuple[str, str | None, str | None]]:
    """What became of each row, why, and which member."""
    return [(row["outcome"], row["code"], row["member"]) for row in report["rows"]]


async def exported(house: House, by: str = "worker", **asked: str) -> Any:
    """The directory, as published."""
    answer = await (await house(by)).get(EXPORT, params=asked)
    assert answer.status_code == 200, answer.text
    assert int(answer.headers["content-length"]) == len(answer.content)
    return answer.json()


def one(kind: str, number: Any) -> str:
    """The address of an imported partner, or of a service."""
    stem = {"structure": "partners", "service": "partner-services"}[kind]
    return f"/v1/{stem}/{key_of('exemple', f'exemple--{number}')}"


async def test_an_import_adds_then_changes_nothing_then_updates(house: House) -> None:
    rows = structure(1), service(1)
    assert totals(await imported(house, *rows)) == (2, 0, 0, 0)
    assert totals(await imported(house, *rows, by="coordinator")) == (0, 0, 2, 0)
    again = await imported(house, structure(1, nom="CCAS renommé"), service(1, date_maj="2026-03-01"))
    assert totals(again) == (0, 2, 0, 0)
    worker = await house("worker")
    partner = (await worker.get(one("structure", 1))).json()
    assert (partner["name"], partner["partner_category"], partner["address_confidential"]) == (
        "CCAS renommé", "ccas_cias", False,
    )  # fmt: skip
    assert (partner["source"], partner["source_id"]) == ("exemple", "exemple--1")
    found = await worker.get("/v1/partner-services?need=protection_safety&commune=35238")
    assert [each["name"] for each in found.json()["items"]] == ["Accueil 1"]


async def test_a_partner_imported_under_another_name_is_found_by_it(house: House) -> None:
    await imported(house, structure(1, nom="L’Étape"))
    await imported(house, structure(1, nom="Cœur d’Élan"))
    worker = await house("worker")
    found = (await worker.get("/v1/partners", params={"name": "coeur d'elan"})).json()["items"]
    assert [each["name"] for each in found] == ["Cœur d’Élan"]
    assert (await worker.get("/v1/partners", params={"name": "etape"})).json()["items"] == []


async def test_every_form_of_the_file_is_read(house: House) -> None:
    worker = await house("worker")
    for number, said in enumerate(
        (
            {"services": [service(1, of=1)], "structures": [structure(1)]},
            [service(2, of=2), structure(2)],
            {"items": [structure(3), service(3, of=3)], "total": 2, "page": 1, "size": 50, "pages": 1},
        )
    ):
        answer = await worker.post(IMPORT, json=said)
        assert (answer.status_code, totals(answer.json())) == (200, (2, 0, 0, 0)), f"{number}: {answer.text}"


async def test_each_row_is_told_its_outcome_and_a_bad_one_never_loses_the_others(house: House) -> None:
    report = await imported(
        house,
        service(1, of=4),
        structure(1, siret="12345678901234"),
        structure(2),
        service(2, of=1),
        service(3, of=2, thematiques=["inconnue"]),
        structure(4, score_qualite=0.5),
        {"nom": "Sans rien"},
        "du texte",
        service(4, of=2, zone_eligibilite=None, code_insee=None),
    )
    assert outcomes(report) == [
        ("created", None, None),
        ("refused", "wrong_siret", "siret"),
        ("created", None, None),
        ("refused", "import_structure_unknown", "structure_id"),
        ("refused", "unknown_thematic", "thematiques"),
        ("created", None, None),
        ("refused", "missing", "source"),
        ("refused", "object_expected", None),
        ("created", None, None),
    ]
    assert totals(report) == (4, 0, 0, 5)
    assert [row["number"] for row in report["rows"]] == list(range(1, 10))
    assert [row["kind"] for row in report["rows"]][:3] == ["service", "structure", "structure"]
    assert report["ignored_members"] == 1
    assert all(bool(row["detail"]) == (row["outcome"] == "refused") for row in report["rows"])


async def test_a_refusal_never_repeats_what_was_received(house: House) -> None:
    worker = await house("worker")
    secret = "Marie-Secrete"
    rows = [structure(1, **{name: secret}) for name in ("siret", "telephone", "courriel", "horaires_accueil", "id")]
    answer = await worker.post(IMPORT, json=[*rows, structure(2, reseaux_porteurs=[secret]), {secret: secret}])
    assert answer.json()["refused"] == 7
    assert [row["source_id"] for row in answer.json()["rows"]] == [*["exemple--1"] * 4, secret, "exemple--2", None]
    assert secret not in answer.text.replace(f'"source_id":"{secret}"', "")


async def test_a_service_finds_a_structure_already_here_and_never_changes_it_for_another(house: House) -> None:
    await imported(house, structure(1), structure(2))
    assert totals(await imported(house, service(1, of=1))) == (1, 0, 0, 0)
    moved = await imported(house, service(1, of=2))
    assert outcomes(moved) == [("refused", "import_structure_changed", "structure_id")]


async def test_the_same_row_twice_in_a_file_is_created_then_updated(house: House) -> None:
    report = await imported(house, structure(1), structure(1), structure(1, nom="Autre nom"))
    assert [row["outcome"] for row in report["rows"]] == ["created", "unchanged", "updated"]
    assert (await (await house("worker")).get(one("structure", 1))).json()["name"] == "Autre nom"


async def test_what_was_decided_here_outlives_an_import(house: House) -> None:
    worker = await house("worker")
    await imported(house, structure(1, reseaux_porteurs=None), service(1))
    await patch(worker, one("structure", 1), {"partner_category": "victim_support"})
    await patch(worker, one("service", "s1"), {"capacity_note": "Deux places", "ended_on": day(0)})
    later = {"date_maj": "2199-01-01"}
    assert totals(await imported(house, structure(1, reseaux_porteurs=["unaf"], **later), service(1, **later))) == (
        0, 2, 0, 0,
    )  # fmt: skip
    partner = (await worker.get(one("structure", 1))).json()
    assert (partner["partner_category"], partner["networks"]) == ("victim_support", ["unaf"])
    kept = (await worker.get(one("service", "s1"))).json()
    assert (kept["capacity_note"], kept["ended_on"], kept["updated_on"]) == ("Deux places", day(0), "2199-01-01")


async def test_a_row_corrected_here_after_the_day_of_its_producer_stays_as_it_is(house: House) -> None:
    worker = await house("worker")
    await imported(house, structure(1))
    await patch(worker, one("structure", 1), {"phone": "0639980001"})
    assert totals(await imported(house, structure(1, nom="Nom d’avant"))) == (0, 0, 1, 0)
    assert (await worker.get(one("structure", 1))).json()["phone"] == "+33639980001"
    assert totals(await imported(house, structure(1, nom="Nom d’après", date_maj=day(0)))) == (0, 1, 0, 0)


async def test_an_import_never_gives_its_address_back_to_a_refuge(house: House, superuser: asyncpg.Connection) -> None:
    worker = await house("worker")
    await imported(house, structure(1), service(1))
    hidden = await patch(worker, one("structure", 1), {"address_confidential": True})
    assert hidden.status_code == 200, hidden.text
    later = {"date_maj": "2199-01-01"}
    rows = structure(1, nom="La Halte", **later), service(1, nom="Mise à l’abri", **later), service(2, **later)
    # The social worker no longer corrects it, by an import either; she may add to it.
    report = await imported(house, *rows)
    kept = "refuge_kept_by_the_coordinator"
    assert outcomes(report) == [("refused", kept, None), ("refused", kept, None), ("created", None, None)]
    assert totals(await imported(house, *rows, by="coordinator")) == (0, 2, 1, 0)
    written = await superuser.fetch(
        "select p::text from directory.partner p where id = $1 union all select s::text from directory.service s where"
        " partner_id = $1",
        key_of("exemple", "exemple--1"),
    )
    assert len(written) == 3
    for telling in ("35238", "Rennes", "rue des Essais", "48.11", "13003013300016", "exemple--", "acceslibre", "epci:"):
        assert telling not in str(written), telling
    partner = (await worker.get(one("structure", 1))).json()
    assert (partner["name"], partner["address_confidential"], partner["departement_code"]) == ("La Halte", True, "35")
    # A row that no longer tells its commune does not take the département away either.
    nowhere = {"code_insee": None, "date_maj": "2199-01-02"}
    assert (
        totals(
            await imported(
                house, structure(1, **nowhere), service(2, zone_eligibilite=None, **nowhere), by="coordinator"
            )
        )[1]
        == 2
    )
    assert (await worker.get(one("structure", 1))).json()["departement_code"] == "35"
    assert (await worker.get(one("service", "s2"))).json()["departement_code"] == "35"
    areas = (await worker.get(one("service", "s1"))).json()["areas"]
    assert areas == ["departement:35", "france"]


async def test_a_row_that_the_database_refuses_never_loses_the_others(
    house: House, superuser: asyncpg.Connection
) -> None:
    await superuser.execute(
        "alter table directory.partner add constraint partner_is_not_the_third check (source_id <> 'exemple--3')"
    )
    report = await imported(house, *(structure(number) for number in range(1, 6)), service(1, of=3), service(2, of=4))
    assert totals(report) == (5, 0, 0, 2)
    assert {row["number"]: row["code"] for row in report["rows"] if row["code"]} == {
        3: "conflict_generic", 6: "import_structure_unknown",
    }  # fmt: skip


async def test_a_file_that_breaks_off_writes_nothing_and_says_where_and_what_else_was_wrong(
    house: House, superuser: asyncpg.Connection
) -> None:
    worker = await house("worker")
    before = await superuser.fetchval("select count(*) from directory.partner")
    good, bad = json.dumps(structure(1)), json.dumps(structure(2, siret="1"))
    answer = await worker.post(
        IMPORT,
        content=f'{{"structures": [{good}, {bad}], "services": [{json.dumps(service(1, of=9))}, {{"a": NaN',
        headers=JSON,
    )
    refused(answer, 422, "import_json_broken")
    assert faults(answer) == {
        "/4": "import_json_broken", "/2/siret": "wrong_siret", "/3/structure_id": "import_structure_unknown",
    }  # fmt: skip
    assert await superuser.fetchval("select count(*) from directory.partner") == before
    for content, code in (
        (b"", "import_json_broken"),
        (b'[{"a": 1, "a": 2}]', "duplicate_member"),
        (b"[" * 40, "too_deep"),
        (b'["' + b"x" * 400_000 + b'"]', "import_row_too_large"),
    ):
        refused(await worker.post(IMPORT, content=content, headers=JSON), 422, code)


async def test_only_those_who_keep_the_directory_import_and_nothing_is_read_of_the_others(house: House) -> None:
    asked = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal asked
        asked += 1
        yield b"[]"

    for name in ONE_OF_EACH_ROLE.values():
        answer = await (await house(name)).post(IMPORT, json=[])
        assert answer.status_code == (200 if name in ("worker", "coordinator") else 403), name
    refused(await house.caller().post(IMPORT, content=body(), headers=JSON), 401, "unauthenticated")
    refused(await house.caller("no.such.token").post(IMPORT, content=body(), headers=JSON), 401, "unauthenticated")


async def test_another_media_type_or_too_long_a_body_is_refused(house: House) -> None:
    worker = await house("worker")
    kinds = ("text/csv", "application/merge-patch+json", "application/json; charset=latin-1", "")
    for kind in kinds:
        answer = await worker.post(IMPORT, content=b"[]", headers={"Content-Type": kind})
        refused(answer, 415, "unsupported_media_type")
        assert answer.headers["accept-post"] == "application/json, application/x-ndjson"
    said = {**JSON, "Content-Length": str(LARGEST_IMPORT + 1)}
    answer = await worker.post(IMPORT, content=b"[]", headers=said)
    refused(answer, 413, "body_too_large")
    assert answer.headers["connection"] == "close"


async def test_one_import_at_a_time(house: House) -> None:
    worker = await house("worker")
    with partner_imports._alone():
        answer = await worker.post(IMPORT, json=[])
    refused(answer, 503, "import_under_way")
    assert answer.headers["retry-after"] == "30"
    assert (await worker.post(IMPORT, json=[])).status_code == 200


async def test_more_rows_than_a_batch_and_services_before_them(house: House) -> None:
    count = partner_imports.BATCH + 20
    report = await imported(
        house,
        *(service(number, of=number) for number in range(count)),
        *(structure(number) for number in range(count)),
    )
    assert totals(report) == (2 * count, 0, 0, 0)
    told = await exported(house, departement_code="35")
    assert (len(told["structures"]), len(told["services"])) == (count, count)


async def test_what_is_exported_is_what_the_published_schemas_want_and_can_be_imported_again(house: House) -> None:
    worker = await house("worker")
    await imported(house, structure(1), service(1))
    draft = {
        "name": "A",
        "partner_category": "emergency_shelter",
        "address_confidential": True,
        "departement_code": "28",
    }
    coordinator = await house("coordinator")
    refuge = await coordinator.post("/v1/partners", json=draft)
    offer = {"name": "Nuitée", "description": "Bref", "needs": ["housing"], "areas": ["departement:28"]}
    assert (await coordinator.post(f"{refuge.headers['location']}/services", json=offer)).status_code == 201
    for name in ONE_OF_EACH_ROLE.values():
        told = await exported(house, by=name)
        assert (len(told["structures"]), len(told["services"])) == (4, 4)
    for kind in ("structure", "service"):
        for each in told[f"{kind}s"]:
            published(kind).validate(each)
    assert structure(1) | {"telephone": "+33299000001"} in told["structures"]
    again = await worker.post(IMPORT, json=told)
    assert totals(again.json()) == (0, 0, 2, 6)
    assert {row["code"] for row in again.json()["rows"]} == {None, "import_source_is_ours"}


async def test_the_export_keeps_the_structures_of_a_departement_and_leaves_out_what_has_ended(house: House) -> None:
    worker = await house("worker")
    await imported(house, structure(1), service(1), structure(2, code_insee="28085"), service(2, of=2))
    told = await exported(house, departement_code="35")
    assert [each["id"] for each in told["structures"]] == ["exemple--1"]
    assert [each["id"] for each in told["services"]] == ["exemple--s1"]
    await patch(worker, one("structure", 1), {"ended_on": day(0)})
    told = await exported(house, departement_code="35")
    assert told == {"structures": [], "services": []}
    refused(await worker.get(EXPORT, params={"departement_code": "00"}), 422, "invalid_request")


async def test_an_import_is_traced_with_how_many_rows_it_wrote(house: House, superuser: asyncpg.Connection) -> None:
    await imported(house, structure(1), structure(2), structure(3, siret="1"))
    row = await superuser.fetchrow("select * from audit.trace order by at desc limit 1")
    assert ("partner:add" in str(dict(row).values()), row["row_count"], row["outcome"]) == (True, 2, "done")


async def test_two_imports_and_a_correction_at_once_end_well(house: House) -> None:
    worker, coordinator = await house("worker"), await house("coordinator")
    await imported(house, *(structure(number) for number in range(50)))

    async def send(client: httpx.AsyncClient, name: str) -> int:
        rows = [structure(number, nom=name, date_maj=day(0)) for number in range(50)]
        return (await client.post(IMPORT, json=rows)).status_code

    found = await asyncio.gather(
        send(worker, "Nom un"),
        send(coordinator, "Nom deux"),
        patch(worker, one("structure", 7), {"phone": "0639980001"}, seen="*"),
    )
    assert sorted(found[:2]) == [200, 503]
    assert found[2].status_code == 200


@pytest.mark.parametrize("language", ["fr", "en"])
async def test_the_report_speaks_the_language_of_who_asks(house: House, language: str) -> None:
    worker = await house("worker")
    answer = await worker.post(IMPORT, json=[structure(1, siret="1")], headers={"Accept-Language": language})
    assert ("chiffres" in answer.json()["rows"][0]["detail"]) == (language == "fr")
