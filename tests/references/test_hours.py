"""Is the door open? « Yes » and « no » only when that is sure."""

import time
import tracemalloc
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.references.communes import UnknownDepartement, departements
from app.references.hours import LONGEST, HoursNotUnderstood, checked_hours, next_opening, open_at

CALM = settings(deadline=None, derandomize=True, database=None)
OFFICE = "Mo-Fr 09:00-12:00,14:00-17:00; PH off"


def paris(day: str, hour: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{hour}").replace(tzinfo=ZoneInfo("Europe/Paris"))


def in_paris(instant: datetime | None) -> str | None:
    return None if instant is None else instant.astimezone(ZoneInfo("Europe/Paris")).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Mo-Fr 09:00-12:00 ", "Mo-Fr 09:00-12:00"),
        ("mo-fr 9:00-12:00", "Mo-Fr 09:00-12:00"),
        ("Mo-Fr 09:00-12:00; PH off", "Mo-Fr 09:00-12:00; PH closed"),
        ('Tu 14:00-17:00 "sur rendez-vous"', 'Tu 14:00-17:00 "sur rendez-vous"'),
        ("24/7", "24/7"),
    ],
)
def test_hours_are_kept_in_one_writing(typed: str, kept: str) -> None:
    assert checked_hours(typed) == kept
    assert checked_hours(kept) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "lundi au vendredi 9h-12h",
        "Mo–Fr 09:00-12:00",
        "Mo 10:00-49:00",
        "Mo 10:00-12:00\nTu 10:00-12:00",
        'Mo "a\x00b"',
        'Mo "a\x1b[31mb"',
        'Mo "a\u202eb"',
        'Mo "a\u2028b"',
        'Mo "a\ud800b"',
        "(" * 400,
        "2026-2030/0",
        "PH +1 day",  # rewritten by the library into what it no longer reads
        "Jan-Dec , easter PH 22:00-26:00",  # rewritten by the library into something else
        "Mo 10:00-12:00; " * 100,
        '"' + "a" * LONGEST + '"',
        ",".join(["Jan 1+"] * 70),  # short enough as typed, too long once rewritten
    ],
)
def test_hours_that_nobody_could_read_are_refused_and_never_repeated(typed: str) -> None:
    with pytest.raises(HoursNotUnderstood) as refusal:
        checked_hours(typed)
    assert str(refusal.value).startswith("Horaires illisibles")
    assert refusal.value.args == ()
    assert refusal.value.__context__ is None


@pytest.mark.parametrize(
    ("hour", "answer"),
    [("08:59", False), ("09:00", True), ("11:59", True), ("12:00", False), ("14:30", True), ("17:00", False)],
)
def test_an_office_that_opens_twice_a_day_is_shut_at_lunch(hour: str, answer: bool) -> None:
    assert open_at(OFFICE, paris("2026-07-15", hour), "35") is answer


def test_an_office_is_shut_on_the_14th_of_july_and_opens_again_on_the_15th() -> None:
    assert open_at(OFFICE, paris("2026-07-14", "10:00"), "35") is False
    assert in_paris(next_opening(OFFICE, paris("2026-07-13", "18:00"), "35")) == "2026-07-15 09:00"


def test_hours_that_say_nothing_of_holidays_hold_on_the_14th_of_july() -> None:
    assert open_at("Mo-Fr 09:00-12:00", paris("2026-07-14", "10:00"), "35") is True


def test_eight_in_the_evening_in_paris_is_not_eight_in_the_evening_in_la_reunion() -> None:
    evening = "Mo-Su 18:00-21:00"
    assert open_at(evening, paris("2026-07-15", "20:00"), "75") is True
    assert open_at(evening, paris("2026-07-15", "20:00"), "974") is False  # there, ten at night
    assert open_at(evening, paris("2026-07-15", "17:00"), "974") is True


@pytest.mark.parametrize(
    ("departement", "noon_in_utc"),
    [
        ("35", 10),
        ("2A", 10),
        ("971", 16),
        ("972", 16),
        ("973", 15),
        ("974", 8),
        ("975", 14),
        ("976", 9),
        ("977", 16),
        ("978", 16),
        ("984", 7),
        ("986", 0),
        ("987", 22),
        ("988", 1),
    ],
)
def test_noon_is_noon_where_the_place_stands(departement: str, noon_in_utc: int) -> None:
    at_noon = "12:00-12:30"
    answers = {hour: open_at(at_noon, datetime(2026, 7, 15, hour, 10, tzinfo=UTC), departement) for hour in range(24)}
    assert [hour for hour, answer in answers.items() if answer] == [noon_in_utc]


def test_without_a_departement_the_place_is_on_paris_time() -> None:
    assert open_at(OFFICE, datetime(2026, 7, 15, 7, 30, tzinfo=UTC), None) is True
    assert open_at(OFFICE, datetime(2026, 1, 15, 7, 30, tzinfo=UTC), None) is False


def test_one_instant_has_one_answer_whatever_the_clock_it_is_told_by() -> None:
    told = [paris("2026-07-15", "09:30"), datetime(2026, 7, 15, 7, 30, tzinfo=UTC)]
    told.append(told[0].astimezone(timezone(timedelta(hours=-9))))
    assert [open_at(OFFICE, each, "35") for each in told] == [True, True, True]
    assert len({next_opening(OFFICE, each, "35") for each in told}) == 1


def test_a_night_shelter_open_past_midnight_is_open_at_one_in_the_morning() -> None:
    assert open_at("Mo 20:00-26:00", paris("2026-07-14", "01:00"), "35") is True
    assert open_at("Mo 20:00-26:00", paris("2026-07-14", "02:00"), "35") is False


def test_on_appointment_is_neither_open_nor_shut() -> None:
    hours = 'Mo-Fr 09:00-12:00; Mo-Fr 14:00-17:00 "sur rendez-vous"'
    assert open_at(hours, paris("2026-07-15", "15:00"), "35") is None
    assert open_at(hours, paris("2026-07-15", "20:00"), "35") is False
    assert open_at('"sur rendez-vous"', paris("2026-07-15", "15:00"), "35") is None
    assert next_opening('Mo-Fr 14:00-17:00 "sur rendez-vous"', paris("2026-07-15", "08:00"), "35") is None


def test_a_reason_to_be_shut_leaves_the_door_shut() -> None:
    hours = 'Mo-Fr 09:00-12:00; Aug off "fermeture annuelle"'
    assert open_at(hours, paris("2026-08-05", "10:00"), "35") is False
    assert in_paris(next_opening(hours, paris("2026-07-31", "13:00"), "35")) == "2026-09-01 09:00"


@pytest.mark.parametrize("hours", [None, "", "Mo unknown", "lundi matin", "x" * 100_000])
def test_hours_that_are_missing_or_not_understood_say_nothing(hours: str | None) -> None:
    assert open_at(hours, paris("2026-07-13", "10:00"), "35") is None
    assert next_opening(hours, paris("2026-07-13", "10:00"), "35") is None


@pytest.mark.parametrize("hours", ["Mo-Fr 09:00-17:00; SH off", "sunrise-sunset", "Mo-Fr 09:00-dusk", "Mo-Fr 09:00+"])
def test_what_no_calendar_here_can_tell_is_kept_but_never_answered(hours: str) -> None:
    assert checked_hours(hours)
    assert open_at(hours, paris("2026-07-15", "10:00"), "35") is None
    assert next_opening(hours, paris("2026-07-15", "03:00"), "35") is None


def test_words_in_a_comment_are_not_rules() -> None:
    assert open_at('Mo 09:00-12:00; Tu off "SH, PH, sunset"', paris("2026-07-13", "10:00"), "35") is True


def test_good_friday_is_doubtful_in_strasbourg_and_an_ordinary_day_in_rennes() -> None:
    assert open_at(OFFICE, paris("2026-04-03", "10:00"), "35") is True
    assert open_at(OFFICE, paris("2026-04-03", "10:00"), "67") is None
    assert open_at("Mo-Fr 09:00-12:00", paris("2026-04-03", "10:00"), "67") is True
    assert in_paris(next_opening(OFFICE, paris("2026-04-02", "18:00"), "35")) == "2026-04-03 09:00"
    assert in_paris(next_opening(OFFICE, paris("2026-04-02", "18:00"), "67")) == "2026-04-07 09:00"


def test_the_next_opening_of_an_open_door_is_the_one_after() -> None:
    assert in_paris(next_opening(OFFICE, paris("2026-07-15", "09:00"), "35")) == "2026-07-15 14:00"
    assert in_paris(next_opening(OFFICE, paris("2026-07-17", "16:59"), "35")) == "2026-07-20 09:00"


def test_a_door_that_never_shuts_never_opens_again() -> None:
    assert open_at("24/7", paris("2026-07-15", "03:00"), "35") is True
    assert next_opening("24/7", paris("2026-07-15", "03:00"), "35") is None


def test_an_opening_further_than_three_months_is_not_announced() -> None:
    assert in_paris(next_opening("Dec 24 10:00-12:00", paris("2026-10-01", "10:00"), "35")) == "2026-12-24 10:00"
    assert next_opening("Dec 24 10:00-12:00", paris("2026-07-01", "10:00"), "35") is None


def test_the_hour_that_spring_removes_opens_no_door() -> None:
    night = "02:10-02:50"
    assert in_paris(next_opening(night, paris("2026-03-28", "20:00"), "35")) == "2026-03-30 02:10"


@pytest.mark.parametrize("hour", range(24))
def test_three_months_away_may_fall_in_the_hour_that_spring_removes(hour: int) -> None:
    far = datetime(2026, 3, 29, 0, 30, tzinfo=UTC) - timedelta(days=92) + timedelta(hours=hour)
    assert next_opening("2030", far, "35") is None


def test_the_end_of_the_calendar_is_no_accident() -> None:
    for edge in (datetime.min, datetime.max, datetime.max.replace(month=10)):
        for departement in ("35", "987", "986"):
            assert open_at("24/7", edge.replace(tzinfo=UTC), departement) is None
            assert next_opening(OFFICE, edge.replace(tzinfo=UTC), departement) is None


def test_an_instant_without_time_zone_and_a_departement_that_does_not_exist_are_refused() -> None:
    for ask in (open_at, next_opening):
        with pytest.raises(ValueError, match="fuseau"):
            ask(OFFICE, datetime(2026, 7, 15, 9, 30), "35")
        with pytest.raises(UnknownDepartement):
            ask(OFFICE, paris("2026-07-15", "09:30"), "99")


def minutes(count: int, tail: str) -> str:
    """One minute open every half hour."""
    starts = [f"{each // 2:02}:{each % 2 * 3}" for each in range(count)]
    return ",".join(f"{each}0-{each}1" for each in starts) + tail


HOSTILE = {
    "until the year 9999": "1950-9999 Mo-Su 10:00-10:01 unknown",
    "one week in seven": "week 1-53/7 Mo 10:00-10:01 unknown",
    "a day that never comes": "Feb 29 week 53 Mo 10:00-11:00",
    "week one of June": "Jun week 1 Mo 10:00-10:01",
    "every minute": "00:00-24:00/00:01",
    "every zero minutes": "00:00-24:00/00:00",
    "two days in one": "00:00-48:00",
    "many short comments": minutes(40, ' "x"'),
    "many short doubts": minutes(40, " unknown"),
    "many rules": "; ".join(["10:00-10:01 unknown"] * 23),
    "many impossible days": "; ".join(["Feb 30 Mo[5] 10:00-10:01"] * 19),
    "many Easters": ",".join(["easter +1 day"] * 34) + ' "x"',
    "many Mondays": ",".join(["Mo[1,2,3,4,5]"] * 34) + ' "x"',
    "many fallbacks": " || ".join(["Feb 30 PH"] * 38),
    "many brackets": "(" * LONGEST,
    "many quotes": '"' * LONGEST,
    "many commas": "Mo," * 166,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_hours_are_read_or_refused_in_a_moment(name: str) -> None:
    hours, instant = HOSTILE[name], paris("2026-07-15", "20:00")
    open_at(OFFICE, instant, "67")  # the calendar is read
    started = time.process_time()
    open_at(hours, instant, "67")
    next_opening(hours, instant, "67")
    with suppress(HoursNotUnderstood):
        checked_hours(hours)
    assert time.process_time() - started < 0.05


def test_an_opening_hidden_behind_a_thousand_doubtful_ones_is_not_searched_for() -> None:
    opening = "; Aug 30 10:00-11:00"
    evening = paris("2026-07-15", "20:00")
    assert in_paris(next_opening(minutes(1, " unknown") + opening, evening, "35")) == "2026-08-30 10:00"
    assert next_opening(minutes(30, " unknown") + opening, evening, "35") is None


def test_texts_of_any_length_are_not_kept_in_memory() -> None:
    tracemalloc.start()
    for each in range(50):
        open_at(f"{each}" * 200_000, paris("2026-07-15", "20:00"), "35")
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 1_000_000


DAYS = ["Mo", "Mo-Fr", "Sa,Su", "Mo[1]", "PH", "SH", "PH -1 day", "Jan-Mar", "Feb 29", "easter", "week 1-53/2", "2026"]
TIMES = ["09:00-12:00", "22:00-26:00", "02:00-03:00", "10:00+", "sunrise-sunset", "24/7"]
WORDS = ["off", "unknown", "open", '"x"', 'off "x"', ";", ",", "||"]
PIECES = st.sampled_from(DAYS + TIMES + WORDS)
DOORS = st.lists(PIECES, max_size=14).map(" ".join) | st.text(max_size=40)
INSTANTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))


@CALM
@given(DOORS)
def test_whatever_is_typed_is_kept_in_a_stable_writing_or_refused(typed: str) -> None:
    try:
        kept = checked_hours(typed)
    except HoursNotUnderstood:
        return
    assert checked_hours(kept) == kept
    assert 0 < len(kept) <= LONGEST


@CALM
@given(DOORS, INSTANTS, st.none() | st.sampled_from(sorted(departements())))
def test_a_door_announced_open_is_open_at_that_instant(typed: str, instant: datetime, departement: str | None) -> None:
    found = next_opening(typed, instant, departement)
    assert open_at(typed, instant, departement) in {True, False, None}
    if found is not None:
        assert found > instant
        assert found.tzinfo is UTC
        assert open_at(typed, found, departement) is True
