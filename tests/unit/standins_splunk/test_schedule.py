"""When inputs are due."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.standins.splunk.schedule import Cron, Schedule, ScheduleError


def at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def test_seconds_start_at_once_and_keep_to_their_grid() -> None:
    schedule = Schedule.parse("60")
    assert schedule.first(100.0) == 100.0
    assert schedule.next(100.0, 101.0) == 160.0
    assert schedule.next(100.0, 160.0) == 220.0
    assert schedule.next(100.0, 350.5) == 400.0


def test_zero_is_due_at_once_and_minus_one_never_again() -> None:
    assert Schedule.parse("0").next(1.0, 5.0) == 5.0
    assert Schedule.parse("-1").next(1.0, 5.0) is None
    assert Schedule.parse("-1").first(1.0) == 1.0


@pytest.mark.parametrize(
    "text", ["", "x", "1m", "-2", "1e3", "* * * *", "60 * * * *", "* * 0 * *", "a * * * *", "5-1 * * * *"]
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(ScheduleError):
        Schedule.parse(text)


@given(st.floats(0.1, 1e5), st.floats(0, 1e9), st.floats(0, 1e6))
def test_the_next_tick_is_after_now_and_on_the_grid(seconds: float, start: float, passed: float) -> None:
    schedule, now = Schedule(seconds), start + passed
    tick = schedule.next(start, now)
    assert tick is not None
    assert now <= tick <= now + seconds * 1.001 + 1e-3


def test_cron_does_not_run_at_the_start() -> None:
    assert Schedule.parse("*/5 * * * *").first(at("2026-03-01 10:05:00")) == at("2026-03-01 10:10:00")


@pytest.mark.parametrize(
    ("text", "now", "due"),
    [
        ("* * * * *", "2026-01-01 00:00:59", "2026-01-01 00:01:00"),
        ("30 2 * * *", "2026-01-01 02:30:00", "2026-01-02 02:30:00"),
        ("0 0 31 * *", "2026-01-31 00:00:00", "2026-03-31 00:00:00"),
        ("0 12 * * 1-5", "2026-01-02 13:00:00", "2026-01-05 12:00:00"),
        ("0 0 * * 7", "2026-01-01 00:00:00", "2026-01-04 00:00:00"),
        ("0 0 13 * 5", "2026-01-01 12:00:00", "2026-01-02 00:00:00"),
        ("5,10-20/5 * * * *", "2026-01-01 00:15:00", "2026-01-01 00:20:00"),
        ("0 0 29 2 *", "2026-01-01 00:00:00", "2028-02-29 00:00:00"),
    ],
)
def test_cron(text: str, now: str, due: str) -> None:
    assert Cron.parse(text).after(at(now)) == at(due)


def test_a_day_that_never_comes() -> None:
    with pytest.raises(ScheduleError):
        Cron.parse("0 0 31 2 *").after(at("2026-01-01 00:00:00"))
