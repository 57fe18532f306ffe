"""Our words and those of data·inclusion."""

import json

import pytest

from app.data_inclusion import correspondences, vocabulary
from app.nomenclature.terms import codes
from tests.data_inclusion.saying import SCHEMAS


def test_every_thematic_gives_a_need_so_that_no_imported_service_is_out_of_reach() -> None:
    assert all(correspondences.needs_of([each]) for each in vocabulary.THEMATICS)


def test_every_need_but_other_has_a_thematic_to_be_exported_under() -> None:
    bare = {need for need in codes("need_type") if not correspondences.thematics_of([need])}
    assert bare == {"other"}


def test_no_thematic_makes_a_service_a_mediation_between_parties_or_the_protection_of_children() -> None:
    given = set(correspondences.needs_of(vocabulary.THEMATICS))
    assert set(codes("need_type")) - given == {"family_mediation", "child_protection"}


def test_violence_is_met_by_listening_and_safety() -> None:
    found = correspondences.needs_of(["famille--surmonter-conflits-separation-violence"])
    assert found == ["listening_support", "protection_safety"]


def test_publics_match_one_to_one_and_everyone_leaves_no_room_for_another() -> None:
    publics = sorted(vocabulary.PUBLICS - {vocabulary.EVERYONE})
    assert correspondences.published_publics(correspondences.publics_of(publics)) == publics
    assert correspondences.publics_of(["tous-publics"]) == ["everyone"]
    assert correspondences.published_publics(["women", "everyone"]) == ["tous-publics"]


def test_a_network_tells_the_category_of_a_partner() -> None:
    known = {
        "ccas-cias": "ccas_cias", "mdph": "disability_mdph", "siao": "siao_115", "ase": "child_protection_crip",
        "cidff": "womens_rights_cidff", "csapa": "addiction_service", "spip": "pjj_spip", "unaf": "other",
    }  # fmt: skip
    assert {network: correspondences.category_of([network]) for network in known} == known
    assert correspondences.category_of(["caf", "siao"]) == "siao_115"
    assert not correspondences.tells_a_category(["unaf"])
    assert correspondences.category_of([]) == "other"


@pytest.mark.parametrize(
    ("definition", "schema", "ours"),
    [
        ("ReseauPorteur", "structure", vocabulary.NETWORKS), ("Thematique", "service", vocabulary.THEMATICS),
        ("TypeService", "service", vocabulary.SERVICE_TYPES), ("Frais", "service", vocabulary.FEES),
        ("Public", "service", vocabulary.PUBLICS), ("ModeAccueil", "service", vocabulary.RECEPTION_MODES),
        ("ModeMobilisation", "service", vocabulary.REACH_MODES),
        ("PersonneMobilisatrice", "service", vocabulary.REACHED_BY),
    ],
)  # fmt: skip
def test_the_vocabularies_are_the_published_ones(definition: str, schema: str, ours: frozenset[str]) -> None:
    path = SCHEMAS / f"{schema}.json"
    if not path.exists():
        pytest.skip("les schémas publiés de data·inclusion ne sont pas à côté du projet")
    assert set(json.loads(path.read_text())["$defs"][definition]["enum"]) == ours
