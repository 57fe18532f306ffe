"""The workbooks: one sheet a table, charts of the spreadsheet's own, texts that stay texts."""

import io
import zipfile
from dataclasses import replace

import pytest

from app.indicators.figures import Cell, Column, Grid, Line
from app.printing.pdf import report_pdf
from app.printing.tabular import grid_csv
from app.printing.wording import INVENTED, NO_FIGURES
from app.printing.xlsx import grid_xlsx, report_xlsx
from tests.printing.example import POST, grid, report, tables
from tests.printing.reading import Paper, book, rows

FORMULA = '=cmd|"/c calc"!A1'


def hostile(text: str) -> Grid:
    """A grid that says the text wherever people write one."""
    table = replace(
        tables()[0], label=text, definition=text, counted=text, notes=(text,), columns=(Column("c", text),),
        lines=(Line("l", text, text, 1, (Cell(1),)),),
    )  # fmt: skip
    return grid(tables=(table,), perimeter=replace(POST, label=text), notes=(text,))


def texts(xlsx: bytes) -> list[str]:
    return [
        cell.value for sheet in book(xlsx) for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)
    ]


def test_one_sheet_a_table_in_the_order_of_the_grid() -> None:
    made = book(grid_xlsx(grid()))
    assert made.sheetnames[0] == "Lisez-moi"
    assert [made[name]["A1"].value for name in made.sheetnames[1:]] == [table.label for table in grid().tables]


def test_each_table_comes_in_the_same_order_in_the_three_formats() -> None:
    labels = [table.label for table in grid().tables]
    made = book(grid_xlsx(grid()))
    assert [made[name]["A1"].value for name in made.sheetnames[1:]] == labels
    assert list(dict.fromkeys(row["Libellé du tableau"] for row in rows(grid_csv(grid())))) == labels
    in_order = replace(report().sections[0], tables=grid().tables)
    body = " ".join(Paper(report_pdf(report(sections=(in_order,)))).pages[3:])
    assert sorted(labels, key=lambda label: body.index(f". {label}")) == labels


def test_the_first_sheet_says_the_period_the_perimeter_the_audience_and_the_definitions() -> None:
    said = " ".join(str(cell.value) for row in book(grid_xlsx(grid(5)))["Lisez-moi"].iter_rows() for cell in row)
    expected = ("année 2026", POST.label, "Comité de suivi", "Chiffres arrondis à\u00a05", "Version\u00a02", "2026-01")
    assert all(each in said for each in expected)
    assert "la somme des lignes peut différer du total" in said
    assert all(table.definition in said for table in tables())


def test_a_sheet_shows_the_external_code_and_every_value_of_its_table() -> None:
    made = book(grid_xlsx(grid()))
    for name, table in zip(made.sheetnames[1:], grid().tables, strict=True):
        sheet = made[name]
        assert sheet["C3"].value == "Code externe"
        assert sheet.freeze_panes == "B4"
        for row, line in enumerate(table.lines, start=4):
            assert sheet.cell(row, 1).value == line.label
            assert sheet.cell(row, 3).value in (line.external_code, "", None)
            shown = [sheet.cell(row, 4 + rank).value for rank in range(len(line.cells))]
            assert shown == ["–" if cell.value is None else cell.value for cell in line.cells]


def test_numbers_are_numbers_with_the_format_of_their_unit() -> None:
    sheet = book(grid_xlsx(grid()))["Interventions"]
    count, hours = sheet["D4"], sheet["E4"]
    assert (count.data_type, count.number_format) == ("n", "#,##0")
    assert (hours.value, hours.number_format) == (4881.8, "#,##0.0")
    assert sheet["E3"].value == "Durée totale (heures)"


def test_nothing_finer_hides_beside_a_rounded_number() -> None:
    rounded = grid(5)
    made = book(grid_xlsx(rounded))
    told = {cell.value for table in rounded.tables for line in table.lines for cell in line.cells}
    for sheet in made:
        assert sheet.sheet_state == "visible"
        assert not any(each.hidden for each in (*sheet.column_dimensions.values(), *sheet.row_dimensions.values()))
        numbers = {cell.value for row in sheet.iter_rows() for cell in row if cell.data_type == "n"} - {None}
        assert numbers <= told
        assert not any(cell.comment for row in sheet.iter_rows() for cell in row)


def test_a_share_given_with_all_its_digits_is_written_as_it_is_told() -> None:
    table = replace(
        tables()[0],
        columns=(Column("c", "Part", "percent"),),
        lines=(Line("l", "Femmes", None, 1, (Cell(200 / 3),)),),
    )
    assert book(grid_xlsx(grid(tables=(table,)))).worksheets[1]["D4"].value == 66.7


def test_an_empty_grid_is_well_formed_and_says_why() -> None:
    made = grid_xlsx(grid(tables=(), reason="La période n’est pas close."))
    assert book(made).sheetnames == ["Lisez-moi"]
    assert "La période n’est pas close." in texts(made)


def test_a_report_without_figures_says_so() -> None:
    assert NO_FIGURES in texts(report_xlsx(report(key_figures=(), sections=())))


def test_a_report_has_its_figures_its_charts_and_its_commentaries() -> None:
    made = book(report_xlsx(report()))
    assert made.sheetnames[:3] == ["Lisez-moi", "Chiffres clés", "Graphiques"]
    assert made.sheetnames[-1] == "Commentaires"
    drawn = [chart for section in report().sections for chart in section.charts]
    assert len(made["Graphiques"]._charts) == len(drawn)
    kinds = [type(each).__name__ for each in made["Graphiques"]._charts]
    assert kinds == ["LineChart" if chart.kind == "lines" else "BarChart" for chart in drawn]
    assert INVENTED in texts(report_xlsx(report()))


def test_every_chart_is_said_to_whom_does_not_see_it() -> None:
    with zipfile.ZipFile(io.BytesIO(report_xlsx(report()))) as archive:
        drawing = archive.read("xl/drawings/drawing1.xml").decode()
    for section in report().sections:
        for chart in section.charts:
            assert f'descr="{chart.alternative}"' in drawing


def test_charts_are_read_without_colour() -> None:
    with zipfile.ZipFile(io.BytesIO(report_xlsx(report()))) as archive:
        charts = [archive.read(name).decode() for name in archive.namelist() if name.startswith("xl/charts/chart")]
    several = [each for each in charts if each.count("<c:ser>") > 1]
    assert several
    assert all("<a:pattFill" in each or "<a:prstDash" in each for each in several)


@pytest.mark.parametrize(
    "text", [FORMULA, "{=1}", "+1", "-1", "@SUM(1)", "https://exemple.fr", "0123", "mailto:a@b.fr"]
)
def test_a_text_stays_a_text(text: str) -> None:
    made = book(grid_xlsx(hostile(text)))
    assert text in texts(grid_xlsx(hostile(text)))
    for sheet in made:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f"
                assert not (cell.hyperlink and cell.hyperlink.target), "only ways inside the workbook"


def test_bars_are_read_from_top_to_bottom_and_a_pyramid_stands_on_the_youngest() -> None:
    drawn = [chart for section in report().sections for chart in section.charts]
    with zipfile.ZipFile(io.BytesIO(report_xlsx(report()))) as archive:
        for rank, chart in enumerate(drawn, start=1):
            said = archive.read(f"xl/charts/chart{rank}.xml").decode()
            lying = 'barDir val="bar"' in said
            of_categories = said.split("<c:catAx>")[1].split("</c:catAx>")[0]
            assert lying == (chart.kind != "lines")
            assert ('<c:orientation val="maxMin"/>' in of_categories) == (chart.kind == "bars")


def test_a_report_full_of_formulas_holds_none() -> None:
    section = replace(report().sections[1], title=FORMULA, commentary=FORMULA, notes=(FORMULA,), warning=FORMULA)
    charts = tuple(
        replace(each, title=FORMULA, categories=(FORMULA,) * len(each.categories)) for each in section.charts
    )
    made = report_xlsx(report(title=FORMULA, sections=(replace(section, charts=charts),)))
    assert FORMULA in texts(made)
    assert all(cell.data_type != "f" for sheet in book(made) for row in sheet.iter_rows() for cell in row)


@pytest.mark.parametrize("label", ["a" * 60, "[x]:*?/\\'", "", "History", "LISEZ-MOI", "'''"])
def test_any_label_makes_a_sheet(label: str) -> None:
    table = replace(tables()[0], label=label)
    made = book(grid_xlsx(grid(tables=(table, table, table))))
    assert len(made.sheetnames) == 4
    assert all(len(name) <= 31 for name in made.sheetnames)


def test_two_prints_are_the_same_bytes() -> None:
    assert grid_xlsx(grid(5)) == grid_xlsx(grid(5))
    assert report_xlsx(report()) == report_xlsx(report())
    with zipfile.ZipFile(io.BytesIO(report_xlsx(report()))) as archive:
        assert {each.date_time[0] for each in archive.infolist()} == {1980}
        assert b"2027-03-03T23:30:00Z" in archive.read("docProps/core.xml")


def test_a_definition_is_folded_under_its_table_and_halves_are_shown() -> None:
    table = replace(tables()[0], columns=(Column("c", "C"),), lines=(Line("l", "L", None, 1, (Cell(0.86),)),))
    sheet = book(grid_xlsx(grid(tables=(table,)))).worksheets[1]
    assert (sheet["D4"].value, sheet["D4"].number_format) == (0.86, "#,##0.##")
    below = next(str(each) for each in sheet.merged_cells.ranges)
    assert below.startswith("A") and below.split(":")[1].startswith("D")
    assert str(sheet[below.split(":")[0]].value).startswith("Définition : ")


def test_every_sheet_of_invented_data_says_so_on_paper() -> None:
    made = book(report_xlsx(report(invented=True)))
    assert all("données inventées" in str(sheet.oddFooter.left.text) for sheet in made.worksheets)
