from __future__ import annotations

import math

import pytest

from sls_ingest.access_key import AccessKey, UnusableError, life, read_access_key

NINE = 1767258000.0  # 2026-01-01T09:00:00Z
TEN = "2026-01-01T10:00:00Z"
DATE_NINE = "Thu, 01 Jan 2026 09:00:00 GMT"
GIVEN = {"AccessKeyId": "STS.id", "AccessKeySecret": "s3cr3t", "SecurityToken": "t0k3n", "Expiration": TEN}


def test_credentials_are_read_and_show_no_secret() -> None:
    key = read_access_key(GIVEN, DATE_NINE, NINE, 7200)
    assert (key.id, key.secret, key.security_token, key.life) == ("STS.id", "s3cr3t", "t0k3n", 3600)
    assert "s3cr3t" not in repr(key)
    assert "t0k3n" not in repr(key)


@pytest.mark.parametrize("name", sorted(GIVEN))
@pytest.mark.parametrize("value", [None, "", 7, ["x"]])
def test_incomplete_credentials_are_none(name: str, value: object) -> None:
    with pytest.raises(UnusableError, match="not complete"):
        read_access_key({**GIVEN, name: value}, DATE_NINE, NINE, 7200)


@pytest.mark.parametrize("skew", [-40_000, -3600, -1, 0, 1, 3600, 40_000])
def test_a_skewed_clock_changes_nothing_where_the_service_tells_its_own_time(skew: int) -> None:
    assert life(TEN, DATE_NINE, NINE + skew, 7200) == 3600


@pytest.mark.parametrize(
    ("skew", "left"),
    [
        (0, 3600),
        (-600, 4200),  # a little off: a little wrong
        (-40_000, 600),  # they would last longer than any do: a guess, so that they do not lapse
        (3600, 600),  # over before they came: a guess, so that nobody asks again and again
        (40_000, 600),
    ],
)
def test_without_date_our_own_clock_counts_as_far_as_it_makes_sense(skew: int, left: int) -> None:
    assert life(TEN, "", NINE + skew, 7200) == left


@pytest.mark.parametrize("date", ["", " ", "yesterday", "Thu, 99 Jan 2026 09:00:00 GMT", "\x00"])
def test_a_date_that_is_none_counts_as_missing(date: str) -> None:
    assert life(TEN, date, NINE, 7200) == 3600


def test_no_life_is_longer_than_what_was_asked_for() -> None:
    assert life(TEN, DATE_NINE, NINE, 900) == 900
    assert life("soon", DATE_NINE, NINE, 7200) == 600
    assert life("soon", DATE_NINE, NINE, 300) == 300


def test_expired_by_the_services_own_time_is_no_use() -> None:
    with pytest.raises(UnusableError, match="expired"):
        life("2026-01-01T09:00:00Z", DATE_NINE, NINE - 3600, 7200)


@pytest.mark.parametrize("seconds", [900.0, 3600.0, 21600.0])
def test_credentials_are_renewed_before_half_of_their_life_is_over(seconds: float) -> None:
    for _ in range(100):
        assert 0.4 * seconds <= AccessKey("id", ("s", "t"), seconds).renewal() <= 0.5 * seconds


def test_permanent_keys_are_never_renewed_and_short_lived_ones_not_at_once() -> None:
    assert AccessKey("id", ("s", "")).renewal() == math.inf
    assert AccessKey("id", ("s", "t"), 0.01).renewal() == 1.0
