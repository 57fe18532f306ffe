"""Where a commune stands: its areas, its former codes, the names people read."""

import csv
import json
import time
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from app.references import build_communes
from app.references.communes import (
    Commune,
    UnknownArea,
    UnknownCommune,
    area_name,
    areas_around,
    commune,
    current_area,
    departement_of,
    departements,
    known_area,
)


def lines_of(name: str) -> list[dict[str, str]]:
    text = files("app.references").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines(), strict=True))


def test_rennes_is_in_its_metropole_its_departement_and_france() -> None:
    assert commune("35238") == Commune("35238", "Rennes", "35", "243500139", None)
    assert areas_around("35238") == ("commune:35238", "epci:243500139", "departement:35", "france")
    assert departement_of("35238") == "35"


def test_every_area_has_a_name_that_people_read() -> None:
    names = [area_name(each) for each in areas_around("35238")]
    assert names == ["Rennes", "Rennes Métropole", "Ille-et-Vilaine", "France"]


def test_a_municipal_arrondissement_is_in_its_commune_and_in_all_that_holds_it() -> None:
    assert areas_around("75108") == ("commune:75108", "commune:75056", "epci:200054781", "departement:75", "france")
    assert areas_around("75108")[1:] == areas_around("75056")
    assert area_name("commune:75108") == "Paris 8e Arrondissement"
    assert [commune(each).parent_code for each in ("13201", "69381")] == ["13055", "69123"]


def test_the_code_of_a_merged_commune_gives_the_commune_of_today() -> None:
    assert commune("01120") == commune("01262")
    assert commune("01262").name == "Montluel"
    assert areas_around("01120")[0] == "commune:01262"


def test_a_new_commune_that_keeps_the_code_of_a_delegated_one_stays_itself() -> None:
    assert commune("01015").code == "01015"
    assert commune("01015").name == "Arboys en Bugey"


def test_corsica_and_the_overseas_are_french_like_the_others() -> None:
    assert areas_around("2A004")[2:] == ("departement:2A", "france")
    assert [departement_of(each) for each in ("97105", "97411", "97608")] == ["971", "974", "976"]
    assert area_name("departement:974") == "La Réunion"


def test_a_place_without_epci_goes_straight_to_its_departement() -> None:
    assert areas_around("29155") == ("commune:29155", "departement:29", "france")  # Ouessant
    assert areas_around("97502") == ("commune:97502", "departement:975", "france")


@pytest.mark.parametrize("code", ["", "3523", "352380", "99999", "00000", "35238,Rennes", "2a004", "٣٥٢٣٨", "ZZZZZ"])
def test_an_unknown_code_is_refused_and_never_repeated(code: str) -> None:
    with pytest.raises(UnknownCommune) as refusal:
        commune(code)
    assert str(refusal.value) == "Code de commune inconnu."
    assert refusal.value.args == ()


@pytest.mark.parametrize("area", ["commune:35238", "commune:75108", "epci:243500139", "departement:2B", "france"])
def test_an_area_that_exists_is_known(area: str) -> None:
    assert known_area(area)
    assert current_area(area) == area


@pytest.mark.parametrize(
    "area",
    [
        "",
        "France",
        "france:",
        "35238",
        "commune:",
        "commune:99999",
        "epci:35238",
        "departement:99",
        "region:53",
        "epci",
    ],
)
def test_an_area_that_does_not_exist_is_neither_known_nor_repeated(area: str) -> None:
    assert not known_area(area)
    with pytest.raises(UnknownArea) as refusal:
        area_name(area)
    assert str(refusal.value) == "Territoire inconnu."
    assert refusal.value.args == ()


def test_an_area_written_before_a_merger_is_found_again_under_its_current_name() -> None:
    assert not known_area("commune:01120")
    assert current_area("commune:01120") == "commune:01262"
    assert area_name("commune:01120") == "Montluel"


def test_the_whole_of_france_is_there_and_holds_together() -> None:
    rows = lines_of("communes.csv")
    of_today = {row["code"] for row in rows if row["name"]}
    whole = {row["code"] for row in rows if row["name"] and not row["parent_code"]}
    assert 34_500 < len(whole) < 35_500
    assert len(of_today - whole) == 20 + 9 + 16  # Paris, Lyon, Marseille
    assert [row["code"] for row in rows] == sorted({row["code"] for row in rows})
    assert {row["parent_code"] for row in rows if row["parent_code"]} <= whole
    assert {row["departement_code"] for row in rows if row["name"]} == departements().keys()
    assert {row["epci_code"] for row in rows if row["epci_code"]} == {row["code"] for row in lines_of("epcis.csv")}
    assert {len(row["code"]) for row in rows} == {5}


def test_every_area_around_every_commune_is_a_known_one() -> None:
    around = {area for row in lines_of("communes.csv") for area in areas_around(row["code"])}
    assert len(around) > 36_000
    assert [area for area in around if not known_area(area)] == []


def test_asking_ten_thousand_times_takes_less_than_a_second() -> None:
    started = time.process_time()
    for _ in range(10_000):
        areas_around("75108")
    assert time.process_time() - started < 1


PARIS: dict[str, Any] = {"code": "75056", "nom": "Paris", "departement": "75", "type": "commune-actuelle"}
EIGHTH: dict[str, Any] = {
    "code": "75108",
    "nom": "Paris  8e",
    "departement": "75",
    "type": "arrondissement-municipal",
    "commune": "75056",
}
GREATER_PARIS: dict[str, Any] = {"code": "200054781", "nom": "Grand Paris", "membres": [{"code": "75056"}]}


def test_the_yearly_update_gives_an_arrondissement_the_epci_of_its_commune() -> None:
    assert build_communes.communes([EIGHTH, PARIS], [GREATER_PARIS]) == [
        ("75056", "Paris", "75", "200054781", ""),
        ("75108", "Paris 8e", "75", "200054781", "75056"),
    ]


def test_the_yearly_update_prefers_the_delegated_commune_of_today_to_an_old_change_of_code() -> None:
    rennes = {**PARIS, "code": "35238", "anciensCodes": ["35001", "35002"]}
    delegated = {"code": "35001", "nom": "Ici", "type": "commune-deleguee", "chefLieu": "75056"}
    rows = build_communes.communes([PARIS, rennes, delegated], [])
    assert [row for row in rows if not row[1]] == [("35001", "", "", "", "75056"), ("35002", "", "", "", "35238")]


def test_the_yearly_update_refuses_a_code_that_leads_nowhere() -> None:
    with pytest.raises(ValueError, match="75108"):
        build_communes.communes([EIGHTH], [])


def test_the_yearly_update_writes_the_three_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "data").mkdir()
    package = {
        "communes.json": [{"code": "01001", "nom": "Là", "departement": "01", "type": "commune-actuelle"}],
        "epci.json": [{"code": "200", "nom": "CC A, B", "membres": []}],
        "departements.json": [{"code": "01", "nom": "Ain"}],
    }
    for name, entries in package.items():
        (tmp_path / "data" / name).write_text(json.dumps(entries), encoding="utf-8")
    monkeypatch.setattr(build_communes, "HERE", tmp_path)
    build_communes.main(tmp_path)
    assert (tmp_path / "communes.csv").read_text(encoding="utf-8") == (
        "code,name,departement_code,epci_code,parent_code\n01001,Là,01,,\n"
    )
    assert (tmp_path / "epcis.csv").read_text(encoding="utf-8") == 'code,name\n200,"CC A, B"\n'
    assert (tmp_path / "departements.csv").read_text(encoding="utf-8") == "code,name\n01,Ain\n"
