"""Numbers and dates as they are written in France."""

import json
import unicodedata
from datetime import UTC, date, datetime

import pytest
import typst

from app.printing import wording
from app.printing.wording import change, day, day_of, drawable, number, plain_number, quantity, shortened, typeset

THIN, FIXED = "\u202f", "\u00a0"


def test_thousands_are_parted_by_a_thin_space_that_does_not_break() -> None:
    assert number(1234567) == f"1{THIN}234{THIN}567"
    assert number(999) == "999"


def test_decimals_follow_a_comma_and_halves_go_up() -> None:
    assert number(12.25, "days") == "12,3"
    assert number(0.25, "ratio") == "0,3"
    assert number(1000.0, "hours") == f"1{THIN}000,0"


def test_a_percentage_carries_its_sign_and_a_duration_its_word() -> None:
    assert number(12.5, "percent") == quantity(12.5, "percent") == f"12,5{THIN}%"
    assert quantity(1.5, "days") == f"1,5{FIXED}jour"
    assert quantity(2, "hours") == f"2,0{FIXED}heures"


def test_what_cannot_be_told_is_a_dash() -> None:
    assert number(None) == quantity(None, "days") == change(None, "count") == "–"


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (9.8, "count", f"+9,8{THIN}%"), (-6.84, "count", f"−6,8{THIN}%"), (0.0, "count", f"0,0{THIN}%"),
        (0.04, "count", f"0,0{THIN}%"), (-0.04, "count", f"0,0{THIN}%"), (2.1, "percent", f"+2,1{FIXED}points"),
        (-1.5, "percent", f"−1,5{FIXED}point"), (-1.0, "days", f"−1,0{FIXED}jour"), (0.2, "ratio", "+0,2"),
    ],
)  # fmt: skip
def test_a_change_says_its_direction_and_its_unit(value: float, unit: wording.Unit, said: str) -> None:
    assert change(value, unit) == said


def test_a_spreadsheet_gets_a_number_it_can_add_and_no_digit_more_than_the_print() -> None:
    assert [plain_number(1234, "count"), plain_number(-3.25, "ratio")] == ["1234", "-3,3"]
    assert plain_number(200 / 3, "percent") == "66,7"


def test_dates_are_french_and_the_first_of_a_month_is_the_first() -> None:
    assert day(date(2026, 3, 3)) == f"3{FIXED}mars 2026"
    assert day(date(2026, 8, 1)) == f"1er{FIXED}août 2026"
    assert day_of(datetime(2026, 12, 31, 23, 30, tzinfo=UTC)) == f"1er{FIXED}janvier 2027"


def test_french_punctuation_is_never_left_alone_on_a_line() -> None:
    assert typeset("Qui ? Lui ! Ici ; là : « oui » à 12 %") == (
        f"Qui{THIN}? Lui{THIN}! Ici{THIN}; là{FIXED}: «{FIXED}oui{FIXED}» à 12{THIN}%"
    )
    assert typeset("https://exemple.fr/?a=1;b") == "https://exemple.fr/?a=1;b"


def test_what_no_font_draws_is_shown_as_missing_instead_of_costing_the_report() -> None:
    assert drawable("Bravo 😀 à Łódź") == "Bravo \ufffd à Łódź"
    assert drawable("\u200b ") == drawable("") == "–"
    assert drawable("a\u200fb\x00c\ud800d\u00ade\tf") == "abcde f"


def test_a_word_as_long_as_a_line_may_be_broken_and_others_are_not_touched() -> None:
    assert drawable("anticonstitutionnelle") == "anticonstitutionnelle"
    assert drawable("a" * 40) == "\u200b".join(["a" * 8] * 5)


def test_a_text_too_long_for_its_place_says_that_it_goes_on() -> None:
    assert shortened("court", 5) == "court"
    assert shortened("un peu plus long", 8) == "un peu…"


def test_the_fonts_draw_every_character_that_is_let_through() -> None:
    kept = [chr(code) for code in range(0x20, 0x3000) if unicodedata.category(chr(code))[0] != "C"]
    drawn = "".join(each for each in kept if drawable(each) == each)
    assert len(drawn) > 2000
    source = '#set document(title: "x", date: none)\n#set text(font: "Libertinus Serif")\n#json(bytes(sys.inputs.t))'
    pdf = typst.compile(
        source.encode(),
        ignore_system_fonts=True,
        format="pdf",
        pdf_standards=["ua-1"],
        sys_inputs={"t": json.dumps(" ".join(drawn))},
    )
    assert pdf.startswith(b"%PDF")


def test_what_is_counted_by_halves_or_hundredths_keeps_them_among_whole_numbers() -> None:
    assert [wording.number(value) for value in (1, 215.5, 0.86, 10.001, 1234.5)] == [
        "1",
        "215,5",
        "0,86",
        "10",
        "1\u202f234,5",
    ]


def test_a_calculation_is_a_sentence_and_a_delay_is_divided_by_nothing() -> None:
    assert wording.calculation(("174 femmes", f"236 {wording.within('Personnes')}"), "percent") == (
        "174 femmes sur 236 personnes"
    )
    assert wording.calculation(("188 délais connus", "44 sans délai"), "days") == "188 délais connus ; 44 sans délai"
    assert wording.within("ETP présents") == "ETP présents"
