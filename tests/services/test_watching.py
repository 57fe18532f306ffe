"""The windows of the alarms: how many, how long, at what hour; bounded, whatever comes."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

import pytest
from structlog.testing import capture_logs

from app.watching import MOST_ACCOUNTS, PARIS, SPRAYED, TEN_MINUTES, Watch, Window

ACCOUNT = UUID(int=7)


class Clock:
    """A clock that is set by hand."""

    def __init__(self, said: str = "2026-06-10 12:00") -> None:
        self.seconds = 0.0
        self.local = datetime.fromisoformat(said).replace(tzinfo=PARIS)

    def watch(self, **more: int) -> Watch:
        return Watch(clock=lambda: self.seconds, local_time=lambda: self.local, **more)


def kinds(logs: list[dict[str, object]]) -> list[object]:
    return [each["kind"] for each in logs]


def test_sixty_files_within_an_hour_are_told_and_fifty_nine_are_not() -> None:
    clock = Clock()
    watch, subjects = clock.watch(), [uuid4() for _ in range(60)]
    with capture_logs() as logs:
        for each in subjects[:59]:
            watch.read(ACCOUNT, "social_worker", each)
        assert logs == []
        clock.seconds = 3599
        watch.read(ACCOUNT, "social_worker", subjects[59])
    assert kinds(logs) == ["many_subjects"]

    clock, watch = Clock(), clock.watch()
    watch = clock.watch()
    with capture_logs() as logs:
        for each in subjects[:59]:
            watch.read(ACCOUNT, "social_worker", each)
        clock.seconds = 3600
        watch.read(ACCOUNT, "social_worker", subjects[59])
    assert logs == []


@pytest.mark.parametrize(
    ("moment", "closed"),
    [
        ("2026-06-10 06:59", True), ("2026-06-10 07:00", False), ("2026-06-10 19:59", False),
        ("2026-06-10 20:00", True),
        ("2026-06-13 12:00", True), ("2026-06-14 12:00", True), ("2026-07-14 12:00", True), ("2026-12-25 12:00", True),
    ],
)  # fmt: skip
def test_reading_outside_working_hours_is_told_once_a_night(moment: str, closed: bool) -> None:
    clock = Clock(moment)
    watch = clock.watch()
    with capture_logs() as logs:
        for _ in range(5):
            watch.read(ACCOUNT, "social_worker", None)
        watch.read(ACCOUNT, "police_officer", None)
        clock.seconds = 13 * 3600
        watch.read(ACCOUNT, "social_worker", None)
    assert kinds(logs) == (["off_hours"] * 2 if closed else [])


def test_refusals_are_told_again_when_they_go_on_in_another_window_and_never_within_one() -> None:
    clock = Clock()
    watch = clock.watch(most_refusals=3)
    with capture_logs() as logs:
        for _ in range(50):
            watch.refused(ACCOUNT)
        assert kinds(logs) == ["repeated_refusals"]
        clock.seconds = TEN_MINUTES
        for _ in range(3):
            watch.refused(ACCOUNT)
    assert kinds(logs) == ["repeated_refusals"] * 2


def test_wrong_passwords_on_any_accounts_are_a_spray_when_they_are_many_and_close() -> None:
    clock = Clock()
    watch = clock.watch()
    with capture_logs() as logs:
        for _ in range(SPRAYED - 1):
            watch.wrong_password()
        clock.seconds = TEN_MINUTES
        watch.wrong_password()
        assert logs == []
        for _ in range(SPRAYED):
            watch.wrong_password()
    assert kinds(logs) == ["sign_in_spray"]


def test_a_window_stays_small_whatever_comes() -> None:
    window = Window(seconds=3600, threshold=10, clock=lambda: 0.0)
    for _ in range(2 * MOST_ACCOUNTS):
        window.meets(uuid4(), uuid4())
    for _ in range(10_000):
        window.meets(ACCOUNT, uuid4())
    assert len(window) < MOST_ACCOUNTS + 10
    assert len(window._told) <= MOST_ACCOUNTS
