"""A SIRET is checked before it is kept."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.references.identifiers import WrongSiret, checked_siret

CALM = settings(deadline=None, derandomize=True, database=None)


@pytest.mark.parametrize("typed", ["73282932000074", "732 829 320 00074", " 732 829 320 00074\n", "732.829.320.00074"])
def test_a_siret_is_kept_as_fourteen_digits_however_it_is_spaced(typed: str) -> None:
    assert checked_siret(typed) == "73282932000074"


def test_a_post_office_has_a_key_of_its_own() -> None:
    assert checked_siret("356 000 000 09075") == "35600000009075"
    assert checked_siret("35600000000048") == "35600000000048"  # the head office has the key of everyone


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "73282932000079",
        "35600000009076",
        "732829320",
        "7328293200007",
        "732829320000740",
        "00000000000000",
        "73282932O00074",
        "7328293200007\ud800",
        "7" * 100_000,
        " " * 100_000 + "73282932000074",
    ],
)
def test_a_wrong_siret_is_refused_and_never_repeated(typed: str) -> None:
    with pytest.raises(WrongSiret) as refusal:
        checked_siret(typed)
    assert str(refusal.value).startswith("Ce SIRET n'est pas valable")
    assert refusal.value.args == ()
    assert refusal.value.__context__ is None


@CALM
@given(st.integers(0, 13), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(place: int, shift: int) -> None:
    right = "73282932000074"
    wrong = right[:place] + str((int(right[place]) + shift) % 10) + right[place + 1 :]
    with pytest.raises(WrongSiret):
        checked_siret(wrong)


@CALM
@given(st.text(max_size=60))
def test_whatever_is_typed_gives_fourteen_digits_or_a_refusal(typed: str) -> None:
    try:
        kept = checked_siret(typed)
    except WrongSiret:
        return
    assert len(kept) == 14
    assert kept.isascii()
    assert kept.isdigit()
