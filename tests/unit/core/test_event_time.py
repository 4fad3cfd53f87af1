"""The time that a field states."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sls_ingest import event_time

OWN = 1_767_225_700_000  # 2026-01-01T00:01:40Z


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1767225600", 1_767_225_600_000),
        ("1767225600.5", 1_767_225_600_500),
        ("1767225600.123456789", 1_767_225_600_123),
        ("1767225600123", 1_767_225_600_123),
        ("1767225600123456", 1_767_225_600_123),
        ("1767225600123456789", 1_767_225_600_123),
        (1767225600, 1_767_225_600_000),
        (1767225600.25, 1_767_225_600_250),
        ("2026-01-01T00:00:00Z", 1_767_225_600_000),
        ("2026-01-01t00:00:00.25z", 1_767_225_600_250),
        ("2026-01-01 08:00:00 +08:00", 1_767_225_600_000),
        ("2025-12-31T18:30:00,007-0530", 1_767_225_600_007),
    ],
)
def test_times_that_logs_carry(value: Any, expected: int) -> None:
    assert event_time.stamp(value, OWN) == expected


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "-",
        "N/A",
        b"1767225600",
        ["1767225600"],
        True,
        "12345678",  # too few digits to tell the unit
        "17672256001",
        "1767225600e3",
        "１７６７２２５６００",  # digits of another script
        "2026-01-01T00:00:00",  # of which zone?
        "2026-02-30T00:00:00Z",
        "2026-01-01T25:00:00Z",
        "2026-01-01T00:00:00Z" + " " * 30,
        "9" * 100_000,
        "0001-01-01T00:00:00+08:00",  # what some write for "never"
        "9999-12-31T23:59:59-08:00",
        "946684799",  # before 2000
        str(OWN - event_time.OLDEST - 1),  # more than a year behind SLS
        str(OWN + event_time.LATEST + 1),  # more than a day ahead of SLS
    ],
)
def test_what_states_no_time_leaves_that_of_sls(value: Any) -> None:
    assert event_time.stamp(value, OWN) == OWN


def test_a_day_ahead_is_believed_and_so_is_any_time_where_sls_has_none() -> None:
    assert event_time.stamp(str(OWN + event_time.LATEST), OWN) == OWN + event_time.LATEST
    assert event_time.stamp("1767225600", 0) == 1_767_225_600_000


@given(st.text("0123456789-+:TZ. ", max_size=40) | st.from_regex(event_time._ISO, fullmatch=True))
def test_no_text_is_a_reason_to_fail(value: str) -> None:
    assert event_time.stamp(value, OWN) > 0
