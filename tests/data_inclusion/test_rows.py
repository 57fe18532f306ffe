"""One row, strictly read: what is refused, under which code, about which member, and never with the value."""

from typing import Any

import pytest

from app.data_inclusion.rows import Refused, ignored_members, read_service, read_structure, shown_id
from app.messages import FIELDS, PROBLEMS
from tests.data_inclusion.saying import service, structure

SECRET = "Marie-Secrete"


def test_a_whole_structure_is_read_and_cleaned() -> None:
    row = read_structure(structure(nom="  CCAS de l’e\u0301té ", adresse="1 rue\ndes Essais", complement_adresse=" "))
    assert (row.nom, row.adresse, row.complement_adresse) == ("CCAS de l’été", "1 rue des Essais", None)
    assert (row.telephone, row.courriel, row.siret) == ("+33299000001", "accueil@exemple.test", "13003013300016")


def test_the_short_numbers_of_france_are_telephone_numbers() -> None:
    for number in ("3919", "115", "119", "39 19", "116006"):
        assert read_structure(structure(telephone=number)).telephone == number.replace(" ", "")


def test_a_commune_that_merged_becomes_the_present_one() -> None:
    assert read_structure(structure(code_insee="01003")).code_insee == "01165"


@pytest.mark.parametrize(
    ("said", "code", "member"),
    [
        ({"nom": None}, "text_expected", "nom"),
        ({"nom": "AB"}, "text_too_short", "nom"),
        ({"nom": "A" * 151}, "text_too_long", "nom"),
        ({"nom": f"{SECRET}\x00"}, "bad_text", "nom"),
        ({"description": "Bref"}, "text_too_short", "description"),
        ({"date_maj": "31/01/2026"}, "day_expected", "date_maj"),
        ({"date_maj": "2026-02-30"}, "day_expected", "date_maj"),
        ({"siret": "13003013300017"}, "wrong_siret", "siret"),
        ({"telephone": SECRET}, "bad_phone", "telephone"),
        ({"telephone": "0299000001 / 0299000002"}, "bad_phone", "telephone"),
        ({"courriel": SECRET}, "bad_email", "courriel"),
        ({"horaires_accueil": "du lundi au vendredi"}, "hours_not_understood", "horaires_accueil"),
        ({"site_web": "javascript:alert(1)"}, "wrong_url", "site_web"),
        ({"lien_source": "https://banque.test@exemple.test/"}, "wrong_url", "lien_source"),
        ({"code_insee": "99999"}, "unknown_commune", "code_insee"),
        ({"code_postal": "3500"}, "text_form", "code_postal"),
        ({"longitude": 200.0}, "at_most", "longitude"),
        ({"latitude": "48"}, "number_expected", "latitude"),
        ({"latitude": None}, "missing", "latitude"),
        ({"reseaux_porteurs": [SECRET]}, "one_of_the_choices", "reseaux_porteurs"),
        ({"reseaux_porteurs": ["caf", "caf"]}, "list_repeats", "reseaux_porteurs"),
        ({"reseaux_porteurs": "caf"}, "list_expected", "reseaux_porteurs"),
        ({"source": "relais", "id": "relais--1"}, "import_source_is_ours", "source"),
        ({"source": "Relais", "id": "Relais--1"}, "import_source_is_ours", "source"),
        ({"source": "un deux", "id": "un deux--1"}, "import_source_expected", "source"),
        ({"id": "autre--1"}, "import_id_expected", "id"),
        ({"id": "exemple--"}, "import_id_expected", "id"),
        ({"id": f"exemple--{'9' * 200}"}, "import_id_expected", "id"),
        ({"id": "exemple--\u200b1"}, "import_id_expected", "id"),
    ],
)
def test_a_structure_that_is_not_right_is_refused_with_a_code_and_a_member(
    said: dict[str, Any], code: str, member: str
) -> None:
    with pytest.raises(Refused) as refused:
        read_structure(structure(**said))
    assert (refused.value.code, refused.value.member) == (code, member)
    assert code in FIELDS or code in PROBLEMS
    assert SECRET not in str(refused.value) + str(refused.value.limits)


@pytest.mark.parametrize(
    ("said", "code", "member"),
    [
        ({"thematiques": [SECRET]}, "unknown_thematic", "thematiques"),
        ({"publics": ["tous-publics", "femmes"]}, "everyone_is_said_alone", "publics"),
        ({"publics": []}, "list_too_short", "publics"),
        ({"type": "accueil"}, "one_of_the_choices", "type"),
        ({"frais": "cher"}, "one_of_the_choices", "frais"),
        ({"structure_id": "autre--1"}, "import_id_expected", "structure_id"),
        ({"zone_eligibilite": ["x"]}, "import_area_unknown", "zone_eligibilite"),
        ({"zone_eligibilite": ["35"] * 401}, "list_too_long", "zone_eligibilite"),
        ({"volume_horaire_hebdomadaire": -1.0}, "at_least", "volume_horaire_hebdomadaire"),
        ({"nombre_semaines": 1.5}, "whole_number_expected", "nombre_semaines"),
    ],
)
def test_a_service_that_is_not_right_is_refused_with_a_code_and_a_member(
    said: dict[str, Any], code: str, member: str
) -> None:
    with pytest.raises(Refused) as refused:
        read_service(service(**said))
    assert (refused.value.code, refused.value.member) == (code, member)
    assert code in FIELDS or code in PROBLEMS


def test_what_must_be_said_and_is_not_is_named() -> None:
    for kind, read in ((structure(), read_structure), (service(), read_service)):
        for member in ("source", "id", "nom", "date_maj"):
            with pytest.raises(Refused) as refused:
                read({name: value for name, value in kind.items() if name != member})
            assert (refused.value.code, refused.value.member) == ("missing", member)


def test_what_is_no_object_is_no_row() -> None:
    for nothing in (None, 3, "exemple--1", [structure()]):
        with pytest.raises(Refused) as refused:
            read_structure(nothing)
        assert (refused.value.code, refused.value.member) == ("object_expected", None)


def test_a_member_that_v1_does_not_know_is_left_aside_and_counted() -> None:
    members = structure(score_qualite=0.8, doublons=[{"id": "x"}])
    assert read_structure(members) == read_structure(structure())
    assert ignored_members("structure", members) == 2
    assert ignored_members("structure", structure()) == ignored_members("service", service()) == 0


def test_an_identifier_is_said_back_only_if_it_is_well_formed() -> None:
    assert shown_id({"id": "exemple--1"}) == "exemple--1"
    assert [shown_id(each) for each in ({}, {"id": 3}, {"id": "a b"}, {"id": "\x1b[31m"}, {"id": "x" * 201}, None)] == [
        None
    ] * 6


def test_a_row_prints_the_names_of_its_members_and_nothing_that_they_hold() -> None:
    assert "Essais" not in repr(read_structure(structure())) + str(read_structure(structure()))
