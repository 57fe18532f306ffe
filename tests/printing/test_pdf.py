"""The report on paper: complete, read aloud, the same bytes each time, and deaf to what a text would command."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.indicators.figures import Cell, Column, Figure, Line, Report, Section
from app.printing.pdf import report_pdf
from tests.printing.example import AS_OF, CHARTS, KEY_FIGURES, POST, figure, report, tables
from tests.printing.reading import Paper, plain

HOSTILE = '#eval("6*7") $x^2$ @ref <label> *gras* _it_ `code` \\u{41} // fin /* */ = Titre #sys.inputs #image("/etc")'


@pytest.fixture(scope="module")
def frozen() -> Paper:
    return Paper(report_pdf(report()))


@pytest.fixture(scope="module")
def rounded_draft() -> Paper:
    return Paper(report_pdf(report("draft", rounded_to=5)))


def test_the_document_says_its_language_its_title_and_that_it_is_accessible(frozen: Paper) -> None:
    assert frozen.root["/Lang"] == "fr-FR"
    assert frozen.root["/MarkInfo"]["/Marked"]
    assert frozen.root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert plain(frozen.reader.metadata.title) == "Rapport d’activité 2026, Poste d’ISCG de Valmorel et du Haut-Pays"
    assert "<pdfuaid:part>1</pdfuaid:part>" in frozen.metadata


def test_every_table_has_heads_that_its_cells_answer_to(frozen: Paper) -> None:
    found = frozen.tags("Table")
    # Sixteen tables, one cut in two by its eleven columns, the indicators of a section, and the definitions.
    assert len(found) == 16 + 1 + 1 + 1
    for table in found:
        heads = frozen.under(table, "TH")
        assert heads
        assert all(str(attribute_of(head, "/Scope")) == "/Column" for head in heads)
        assert all(attribute_of(cell, "/Headers") for cell in frozen.under(table, "TD"))


def test_every_chart_is_said_to_whom_does_not_see_it(frozen: Paper) -> None:
    said = [plain(each["/Alt"]) for each in frozen.tags("Figure")]
    shown = [chart.alternative for section in report().sections for chart in section.charts]
    assert said == [plain(each) for each in shown]


def test_the_outline_leads_to_each_section(frozen: Paper) -> None:
    titles = [plain(each.title) for each in frozen.reader.outline if not isinstance(each, list)]
    for section in report().sections:
        assert any(title.endswith(section.title) for title in titles)


def test_two_prints_of_the_same_report_are_the_same_bytes() -> None:
    assert report_pdf(report()) == report_pdf(report())
    assert report_pdf(report()) != report_pdf(report(version=3))


def test_the_document_is_dated_by_the_report_and_not_by_the_clock(frozen: Paper, rounded_draft: Paper) -> None:
    assert str(frozen.reader.metadata.creation_date).startswith("2027-03-03")
    assert rounded_draft.reader.metadata.creation_date.date() == AS_OF.date()


def test_an_internal_report_says_so_on_its_cover_and_on_every_page(frozen: Paper) -> None:
    assert "USAGE INTERNE" in frozen.pages[0]
    assert all("Usage interne · chiffres exacts" in page for page in frozen.pages[1:])
    assert "PROJET" not in frozen.text


def test_a_published_draft_says_that_it_is_rounded_and_not_final(rounded_draft: Paper) -> None:
    cover = rounded_draft.pages[0]
    assert all(said in cover for said in ("PROJET", "COMITÉ DE SUIVI", "Chiffres arrondis à 5", "projet non validé"))
    assert all("PROJET" in page and "chiffres arrondis à 5" in page for page in rounded_draft.pages[1:])
    assert "la somme des lignes peut différer du total" in rounded_draft.text


def test_invented_data_are_never_taken_for_true_ones(frozen: Paper) -> None:
    assert "Données inventées" in frozen.pages[0]
    assert all("données inventées" in page for page in frozen.pages[1:])
    assert "inventées" not in Paper(report_pdf(report(invented=False))).text


def test_the_cover_says_who_validated_and_when_it_was_frozen(frozen: Paper) -> None:
    assert "Validée par Camille Exemple, coordinatrice" in frozen.pages[0]
    # Half past eleven in the evening of the third, in universal time, is the fourth in Paris.
    assert "Figée le 4 mars 2027" in frozen.pages[0]


def test_the_ten_key_figures_are_on_one_page_with_the_period_before(frozen: Paper) -> None:
    page = frozen.pages[1]
    assert all(each.label in page for each in KEY_FIGURES)
    assert all(said in page for said in ("1 214", "1 302 (−6,8 %)", "67,1 %", "1,5 jour", "(+2,1 points)"))
    assert "473 personnes sur 705 personnes" in page
    assert "le taux ne se dit pas" in page


def test_every_definition_is_printed(frozen: Paper) -> None:
    for said in (*(each.definition for each in tables()), *(each.definition for each in KEY_FIGURES)):
        assert plain(said) in frozen.text.replace("\n", " ")


def test_a_value_that_cannot_be_told_is_a_dash_explained(frozen: Paper) -> None:
    assert "– : non disponible (n.d.)." in frozen.text
    assert "– signifie n.d., non disponible" in frozen.pages[-1]


def test_the_tables_come_in_the_order_of_the_report(frozen: Paper) -> None:
    body = " ".join(frozen.pages[3:])
    labels = [table.label for section in report().sections for table in section.tables]
    places = [body.index(f". {label}") for label in labels]
    assert places == sorted(places)


def everywhere(text: str) -> Report:
    """A report that says the text wherever people write one."""
    table = replace(
        tables()[0],
        label=text,
        counted=text,
        definition=text,
        notes=(text,),
        columns=(Column("x", text),),
        lines=(Line("x", text, text, 1, (Cell(1),)),),
    )
    divided = {"numerator_label": text, "denominator_label": text, "numerator": Cell(1), "denominator": Cell(2)}
    indicator: Figure = figure("x", text, "percent", 50.0, definition=text, **divided)
    picture = replace(
        CHARTS["sources"], title=text, alternative=text, categories=(text,), series=(replace_label(text),)
    )
    section = Section("x", text, text, (indicator,), (table,), (picture,), (text,), text)
    return report(
        title=text, perimeter=replace(POST, label=text), identification=((text, text),), key_figures=(indicator,),
        sections=(section,), notes=(text,), validated_by=text, nomenclature_version=text,
    )  # fmt: skip


def replace_label(text: str) -> Any:
    return replace(CHARTS["sources"].series[0], label=text, values=(1,))


def test_what_people_wrote_is_printed_as_written_and_never_obeyed() -> None:
    paper = Paper(report_pdf(everywhere(HOSTILE)))
    assert paper.text.count('#eval("6*7") $x^2$') > 10
    assert "*gras* _it_ `code`" in paper.text
    assert "42" not in paper.text
    assert len(paper.tags("Figure")) == 1, "no picture came from a text"


def test_a_very_long_word_stays_inside_the_page() -> None:
    paper = Paper(report_pdf(everywhere("a" * 400)))
    for page in paper.reader.pages:
        widest = 0.0

        def visit(text: str, _cm: Any, matrix: Any, _font: Any, size: float) -> None:
            nonlocal widest
            if text.strip():
                widest = max(widest, matrix[4])

        page.extract_text(visitor_text=visit)
        assert widest < page.mediabox.width


@given(st.text(max_size=60))
@example("😀 bravo 日本")
@example("\u202e envers \ufeff \x07 \ud800")
@example("e\u0301\u0323 ﬁ ½ \U0010ffff")
@settings(max_examples=25, deadline=None)
def test_no_character_costs_the_report(text: str) -> None:
    assert report_pdf(everywhere(text)).startswith(b"%PDF")


def test_a_report_without_figures_says_why_and_is_well_formed() -> None:
    why = "Le poste a reçu moins de 50 personnes : il n’est publié qu’avec son département."
    paper = Paper(report_pdf(report(key_figures=(), sections=(), identification=(), notes=(why,))))
    assert "Aucun chiffre n’est disponible" in paper.pages[1]
    assert why in paper.pages[1]
    assert len(paper.pages) == 4
    assert "Graphiques" not in paper.pages[2]
    assert paper.tags("Table") == []


def test_a_chart_without_any_value_is_still_a_chart() -> None:
    empty = tuple(
        replace(chart, series=tuple(replace(each, values=(None,) * len(each.values)) for each in chart.series))
        for chart in CHARTS.values()
    )
    nothing = replace(CHARTS["sources"], categories=(), series=())
    paper = Paper(report_pdf(report(sections=(Section("x", "Vide", None, charts=(*empty, nothing)),))))
    assert len(paper.tags("Figure")) == len(CHARTS) + 1
    assert "Aucune valeur à montrer." in paper.text


def attribute_of(element: Any, name: str) -> Any:
    """An attribute of an element of the structure tree, whichever of its dictionaries holds it."""
    held = element.get("/A", {})
    held = held if isinstance(held, list) else [held]
    return next((each.get_object()[name] for each in held if name in each.get_object()), None)
