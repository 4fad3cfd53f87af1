from __future__ import annotations

import base64

import pytest

from sls_ingest import backfill
from sls_ingest.backfill import EndCursor, Standing
from sls_ingest.cursors import is_at

END = 1735689600  # 2025-01-01T00:00:00Z


def cursor(number: int) -> str:
    return base64.b64encode(str(number).encode()).decode()


def test_a_cursor_is_at_another_or_behind_it() -> None:
    assert is_at(cursor(9), cursor(9))
    assert is_at(cursor(10), cursor(9))  # as numbers, not as texts
    assert not is_at(cursor(9), cursor(10))
    assert not is_at("", cursor(9))
    assert is_at("opaque", "opaque")
    assert not is_at("opaque", "other")


@pytest.mark.parametrize(
    ("date", "now", "over"),
    [
        ("Wed, 01 Jan 2025 00:00:59 GMT", END + 5000, False),  # SLS's clock decides
        ("Wed, 01 Jan 2025 00:01:00 GMT", END - 5000, True),
        ("", END + 959, False),  # without it, as much as clocks may differ is waited for
        ("nonsense", END + 960, True),
    ],
)
def test_nothing_turns_up_before_the_end_any_more(date: str, now: float, over: bool) -> None:
    assert backfill.is_over(END, date, now) is over


def test_unfinished_are_shards_whose_position_is_before_their_end() -> None:
    ends = {0: EndCursor(cursor(5), True), 1: EndCursor(cursor(5), True), 2: EndCursor(cursor(0), True)}
    positions = {0: cursor(5), 1: cursor(4), 2: cursor(0)}
    assert backfill.unfinished([0, 1, 2], positions.__getitem__, ends.__getitem__) == [1]


def test_while_an_end_is_not_final_no_shard_is_finished() -> None:
    asked: list[int] = []

    def end(shard: int) -> EndCursor:
        asked.append(shard)
        return EndCursor(cursor(5), False)

    assert backfill.unfinished([0, 1, 2], lambda _: cursor(5), end) == [0, 1, 2]
    assert asked == [0]


@pytest.mark.parametrize(
    ("position", "done", "percent", "shown"),
    [
        (END - 3600.0, False, 0.0, END - 3600),
        (END - 900.0, False, 75.0, END - 900),
        (END + 20.0, False, 99.9, END),  # the last log may be written and not yet saved
        (END - 5000.0, False, 0.0, END - 3600),
        (END - 900.0, True, 100.0, END),  # nothing came in the last quarter of an hour
    ],
)
def test_percent_is_of_the_window_by_receive_time(
    position: float, done: bool, percent: float, shown: int
) -> None:
    fields = Standing(END - 3600.0, END, position, done).fields()
    assert fields == {
        "percent": percent,
        "position_time": shown,
        "start_time": END - 3600,
        "end_time": END,
        "state": "done" if done else "reading",
    }


def test_a_window_without_width_has_a_percentage_all_the_same() -> None:
    assert Standing(float(END), END, float(END), False).percent == 0.0
