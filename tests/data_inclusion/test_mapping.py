"""From a row to our facts, and back to what is published."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.data_inclusion.exporting import service_of, structure_of
from app.data_inclusion.mapping import key_of, service_facts, structure_facts
from app.data_inclusion.rows import Refused, read_service, read_structure
from app.models.directory import Partner, Service
from app.statements import columns
from tests.data_inclusion.saying import published, service, structure

ADDRESS = {"adresse", "complement_adresse", "code_postal", "commune", "code_insee", "longitude", "latitude"}


def partner_row(**said: Any) -> dict[str, Any]:
    """A row of the directory as the structure tells it."""
    facts = structure_facts(read_structure(structure()))
    return dict.fromkeys(columns(Partner).keys()) | {"address_confidential": False} | facts | said


def service_row(**said: Any) -> dict[str, Any]:
    """The same of a service."""
    facts = service_facts(read_service(service()), partner_departement=None)
    return dict.fromkeys(columns(Service).keys()) | {"address_confidential": False} | facts | said


def test_the_key_of_a_row_never_changes() -> None:
    assert key_of("exemple", "exemple--1") == UUID("823532a1-a018-5bb6-a220-a1a482b66a09")
    assert key_of("exemple", "exemple--1") != key_of("exemple", "exemple--2") != key_of("autre", "exemple--2")


def test_a_service_knows_the_key_of_its_structure_without_asking() -> None:
    facts = service_facts(read_service(service(7, of=3)), partner_departement=None)
    assert facts["partner_id"] == structure_facts(read_structure(structure(3)))["id"]


def test_facts_are_columns_and_leave_alone_what_is_decided_here() -> None:
    kept = {"address_confidential", "ended_on", "folded_name"}
    assert set(partner_row()) - set(structure_facts(read_structure(structure()))) == kept
    told = service_facts(read_service(service()), partner_departement=None)
    assert set(service_row()) - set(told) == kept - {"folded_name"} | {"capacity_note", "capacity_on"}


def test_a_structure_becomes_a_partner() -> None:
    facts = structure_facts(read_structure(structure(commune=None)))
    assert facts["partner_category"] == "ccas_cias"
    assert (facts["departement_code"], facts["commune_code"], facts["municipality"]) == ("35", "35238", "Rennes")
    assert facts["updated_on"] == date(2026, 1, 31)


def test_a_service_becomes_a_service_with_our_needs_publics_and_areas() -> None:
    facts = service_facts(read_service(service()), partner_departement=None)
    assert facts["needs"] == ["listening_support", "protection_safety"]
    assert facts["publics"] == ["women", "families"]
    assert facts["areas"] == ["commune:35238", "epci:243500139", "departement:35", "france"]


def areas(partner: str | None = None, **said: Any) -> list[str]:
    """The areas of a service that says this."""
    found: list[str] = service_facts(read_service(service(**said)), partner_departement=partner)["areas"]
    return found


def test_without_an_area_a_service_is_offered_in_its_departement_or_that_of_its_structure() -> None:
    assert areas("28", zone_eligibilite=None) == ["departement:35"]
    assert areas("28", zone_eligibilite=None, code_insee=None) == ["departement:28"]
    with pytest.raises(Refused) as refused:
        areas(zone_eligibilite=None, code_insee=None)
    assert (refused.value.code, refused.value.member) == ("import_area_missing", "zone_eligibilite")


def test_areas_take_the_names_of_today_each_once_and_stop_at_the_border() -> None:
    assert areas(zone_eligibilite=["01003", "01165", "2A", "976", "99100"]) == [
        "commune:01165", "departement:2A", "departement:976", "france",
    ]  # fmt: skip
    for zones, code in ((["99109"], "import_area_abroad"), (["00000"], "import_area_unknown"), (["999"], None)):
        with pytest.raises(Refused) as refused:
            areas(zone_eligibilite=zones)
        assert refused.value.code == (code or "import_area_unknown")


def test_what_was_imported_is_exported_as_it_came_and_as_the_schemas_want() -> None:
    said = structure() | {"telephone": "+33299000001"}
    told = structure_of(partner_row())
    assert told == said
    published("structure").validate(told)
    told = service_of(service_row(), partner_row())
    assert {name: told[name] for name in service()} == service()
    published("service").validate(told)


def test_a_row_typed_here_has_our_source_and_our_key() -> None:
    partner = partner_row(id=(key := uuid4()), source="relais", source_id=None)
    told = service_of(service_row(source="relais", source_id=None), partner)
    assert (structure_of(partner)["source"], structure_of(partner)["id"]) == ("relais", f"relais--{key}")
    assert told["structure_id"] == f"relais--{key}"


def test_a_refuge_is_exported_without_anything_that_leads_to_it() -> None:
    partner = partner_row(id=(key := uuid4()), address_confidential=True)
    told = structure_of(partner)
    assert (told["source"], told["id"]) == ("relais", f"relais--{key}")
    silent = ADDRESS | {"siret", "lien_source", "accessibilite_lieu", "site_web"}
    assert {told[name] for name in silent} == {None}
    offered = service_of(service_row(address_confidential=True), partner)
    assert {offered[name] for name in ADDRESS | {"lien_source", "lien_mobilisation"}} == {None}
    assert offered["structure_id"] == f"relais--{key}"
    assert offered["zone_eligibilite"] == ["35", "france"]
    assert "exemple--" not in str(told) + str(offered)
    published("structure").validate(told)
    published("service").validate(offered)


@pytest.mark.parametrize("name", ["A", "AB", "A.", "...", "C" * 400, "Accueil etc."])
@pytest.mark.parametrize("description", ["Mot", "Écoute.", "x" * 20_000])
def test_what_is_typed_here_too_short_or_too_long_is_still_what_the_schemas_want(name: str, description: str) -> None:
    partner = partner_row(name=name, description=description, networks=["un réseau disparu"])
    published("structure").validate(structure_of(partner))
    offered = service_row(
        name=name, description=description, thematics=[], publics=[], reception_modes=[], reach_modes=[],
        reached_by=[], fees="cher", service_type="accueil", needs=["housing", "other"],
    )  # fmt: skip
    told = service_of(offered, partner)
    published("service").validate(told)
    assert "logement-hebergement--se-maintenir-dans-le-logement" in told["thematiques"]
    assert told["publics"] is told["modes_mobilisation"] is told["frais"] is None


def test_what_is_exported_can_be_imported_elsewhere() -> None:
    partner, offered = partner_row(), service_row()
    assert structure_facts(read_structure(structure_of(partner))) == structure_facts(read_structure(structure()))
    again = service_facts(read_service(service_of(offered, partner)), partner_departement=None)
    assert {name: again[name] for name in again if name != "commune"} == {
        name: offered[name] for name in again if name != "commune"
    }
