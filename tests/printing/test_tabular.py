"""The CSV: flat, French, in the order of the grid, and never a formula."""

import pytest

from app.indicators.figures import Cell, Grid
from app.printing.tabular import HEAD, grid_csv, guarded, report_csv
from tests.printing.example import grid, report
from tests.printing.reading import rows
from tests.printing.test_xlsx import hostile


def cells(printed: Grid) -> list[Cell]:
    return [cell for table in printed.tables for line in table.lines for cell in line.cells]


def test_a_french_spreadsheet_opens_it_by_a_double_click() -> None:
    written = grid_csv(grid())
    assert written.startswith(b"\xef\xbb\xbf")
    assert written.decode("utf-8-sig").split("\r\n")[0] == ";".join(HEAD)


def test_each_cell_of_the_grid_is_one_row_in_order() -> None:
    exact = grid()
    said = rows(grid_csv(exact))
    assert [row["Tableau"] for row in said] == [
        table.code for table in exact.tables for line in table.lines for _ in line.cells
    ]
    assert [row["Valeur"] == "" for row in said] == [cell.value is None for cell in cells(exact)]
    assert all(row["Remarque"] == ("n.d." if row["Valeur"] == "" else "") for row in said)


def test_a_number_has_a_decimal_comma_and_nothing_else() -> None:
    said = rows(grid_csv(grid()))
    hours = next(row for row in said if row["Libellé de la colonne"] == "Durée totale" and row["Niveau"] == "0")
    assert (hours["Valeur"], hours["Unité"]) == ("4881,8", "heures")
    assert {character for row in said for character in row["Valeur"]} <= set("0123456789,-")


def test_a_rounded_cell_says_so_and_shows_nothing_finer() -> None:
    rounded = grid(5)
    for row, cell in zip(rows(grid_csv(rounded)), cells(rounded), strict=True):
        assert row["Arrondi à"] == ("" if cell.rounded_to is None else "5")
        if cell.rounded_to and cell.value is not None:
            assert int(row["Valeur"]) == cell.value
            assert int(row["Valeur"]) % 5 == 0


def test_each_row_says_whose_figures_they_are_and_who_may_read_them() -> None:
    row = rows(grid_csv(grid(5)))[0]
    assert (row["Période"], row["Du"], row["Au"]) == ("année 2026", "2026-01-01", "2026-12-31")
    assert (row["Diffusion"], row["Version"]) == ("Comité de suivi", "2")


def test_an_empty_grid_says_why_in_one_row() -> None:
    (row,) = rows(grid_csv(grid(tables=(), reason="La période n’est pas close.")))
    assert row["Remarque"] == "La période n’est pas close."
    assert row["Valeur"] == row["Tableau"] == ""


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@A1", "\t=1", "\r=1", "\n=1", "＝1"])
def test_a_text_is_never_a_formula(text: str) -> None:
    assert guarded(text) == f"'{text}"
    for row in rows(grid_csv(hostile(text))):
        for name in ("Libellé de la ligne", "Code externe", "Libellé de la colonne", "Libellé du tableau", "Périmètre"):
            assert row[name] == f"'{text}"


def test_a_negative_number_stays_a_number() -> None:
    said = rows(report_csv(report()))
    change = next(row for row in said if row["Ligne"] == "referrals" and row["Colonne"] == "change")
    assert (change["Valeur"], change["Unité"]) == ("-6,8", "%")


def test_a_report_tells_its_key_figures_then_its_sections() -> None:
    said = rows(report_csv(report()))
    order = list(dict.fromkeys((row["Section"], row["Tableau"]) for row in said))
    expected = [("", "key_figures")]
    for section in report().sections:
        expected += [(section.code, "indicators")] if section.figures else []
        expected += [(section.code, table.code) for table in section.tables]
    assert order == expected
    untold = next(row for row in said if row["Ligne"] == "take_up_rate")
    assert untold["Valeur"] == ""
    assert "le taux ne se dit pas" in untold["Remarque"]


def test_two_prints_are_the_same_bytes() -> None:
    assert grid_csv(grid(5)) == grid_csv(grid(5))
    assert report_csv(report()) == report_csv(report())
