from __future__ import annotations

import base64

from hypothesis import given
from hypothesis import strategies as st

from sls_ingest.lag import Lag

INTERVAL = 0.2


def cursor(number: int) -> str:
    return base64.b64encode(str(number).encode()).decode()


def test_nothing_is_known_at_first() -> None:
    lag = Lag(INTERVAL, 100)
    assert lag.seconds(cursor(5), 100) is None
    assert lag.seconds("", 100) is None


def test_a_shard_that_is_read_to_its_end_has_none() -> None:
    lag = Lag(INTERVAL, 100)
    lag.ended(cursor(9), 100)
    assert lag.seconds(cursor(8), 101) is None  # its last log is still being written
    assert lag.seconds(cursor(9), 101) == 0


def test_it_grows_while_nothing_more_is_heard() -> None:
    lag = Lag(INTERVAL, 100)
    lag.ended(cursor(9), 100)
    assert lag.seconds(cursor(9), 105) == 0
    assert lag.seconds(cursor(9), 110) == 10
    assert lag.seconds(cursor(9), 400) == 300
    lag.ended(cursor(9), 500)
    assert lag.seconds(cursor(9), 500) == 0


def test_a_long_fetch_interval_is_no_lag() -> None:
    lag = Lag(60, 100)
    lag.ended(cursor(9), 100)
    assert lag.seconds(cursor(9), 161) == 0


def test_the_receive_time_of_the_first_unwritten_log_counts() -> None:
    lag = Lag(INTERVAL, 100)
    lag.received(-1100)
    assert lag.seconds(cursor(1), 100) == 1200
    lag.received(40)
    assert lag.seconds(cursor(2), 100) == 60
    assert lag.seconds(cursor(2), 130) == 90  # SLS does not answer any more, or splunkd does not read


def test_an_end_that_was_seen_before_the_writing_got_there_counts_once_it_has() -> None:
    lag = Lag(INTERVAL, 100)
    lag.ended(cursor(5), 100)
    lag.ended(cursor(9), 110)
    lag.heard(118)
    assert lag.seconds(cursor(4), 120) is None
    lag.written(cursor(5))
    assert lag.seconds(cursor(6), 120) == 20
    assert lag.seconds(cursor(9), 120) == 10


def test_what_is_beyond_a_known_end_came_after_it() -> None:
    """SLS may tell anything of the end itself, where there is no log: for example when the last one came."""
    lag = Lag(INTERVAL, 100)
    lag.ended(cursor(9), 1000)
    lag.received(10)
    assert lag.seconds(cursor(9), 1060) == 60


def test_the_silence_counts_where_nothing_is_known() -> None:
    """A shard that is taken over while SLS is out of reach."""
    lag = Lag(INTERVAL, 100)
    assert lag.seconds("", 105) is None  # its first answer may be on its way
    assert lag.seconds("", 110) == 10
    assert lag.seconds("", 400) == 300
    lag.heard(450)
    assert lag.seconds(cursor(5), 452) is None  # it is being read, and SLS says no more than that
    assert lag.seconds(cursor(5), 500) == 50
    lag.received(-1000)
    assert lag.seconds(cursor(5), 500) == 1500


def test_a_clock_that_is_behind_gives_no_negative_lag() -> None:
    lag = Lag(INTERVAL, 100)
    lag.received(200)
    assert lag.seconds(cursor(1), 100) == 0


def test_cursors_of_another_form_are_compared_as_they_are() -> None:
    lag = Lag(INTERVAL, 100)
    lag.ended("b", 100)
    assert lag.seconds("a", 100) is None
    assert lag.seconds("b", 100) == 0


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(0, 5), st.booleans()), min_size=1, max_size=40))
def test_it_is_never_told_too_small(steps: list[tuple[int, int, bool]]) -> None:
    """Logs come in, one at each step, and are written later; whoever reads asks for the end now and then."""
    lag, came, written, now = Lag(0, 0.0), [0.0], 0, 0.0
    for seconds, writes, looks in steps:
        now += seconds
        came.append(now)
        written = min(written + writes, len(came))
        if looks:
            lag.heard(now)
            lag.ended(cursor(len(came)), now)
        told = lag.seconds(cursor(written), now)
        real = now - came[written] if written < len(came) else 0.0
        assert told is None or told >= real - 5  # what a fetch may take
