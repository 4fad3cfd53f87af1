"""Cursors, reads and retention of one shard."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.standins.sls.shard import KEY_SPACE, Shard, cursor_text, cursor_value, key_text
from tests.standins.sls.wire import frame


def make(times: list[int] | None = None, base: int = 1000) -> Shard:
    """A shard with one small log group per receive time."""
    shard = Shard(0, 0, KEY_SPACE, 0, base)
    for number, when in enumerate(times or []):
        shard.append(b"%04d" % number, when, 1)
    return shard


def test_cursor_text_is_base64_of_the_decimal() -> None:
    assert cursor_text(1729070618428044655) == "MTcyOTA3MDYxODQyODA0NDY1NQ=="
    assert cursor_value("MTcyOTA3MDYxODQyODA0NDY1NQ==", unpadded=False) == 1729070618428044655
    assert cursor_value("MTcyOTA3MDYxODQyODA0NDY1NQ", unpadded=True) == 1729070618428044655


@pytest.mark.parametrize("text", ["", "?", "MTcyO", "YWJj", "LTE=", "MTcyOTA3MDYxODQyODA0NDY1NQ", "4pyT"])
def test_other_texts_are_no_cursors(text: str) -> None:
    with pytest.raises(ValueError, match="not"):
        cursor_value(text, unpadded=False)


def test_positions_are_consecutive() -> None:
    shard = make()
    assert shard.begin == shard.end == 1000
    assert [shard.append(b"x", 5), shard.append(b"y", 5)] == [1000, 1001]
    assert (shard.begin, shard.end) == (1000, 1002)


def test_receive_times_never_go_back() -> None:
    shard = make([10, 8, 12])
    assert shard.times == [10, 10, 12]


@pytest.mark.parametrize(("when", "index"), [(0, 0), (10, 0), (11, 2), (12, 2), (13, 3), (99, 3)])
def test_cursor_from_a_time_is_the_first_group_not_older(when: int, index: int) -> None:
    assert make([10, 10, 12]).at_time(when) == 1000 + index


def test_time_at_the_end_is_now() -> None:
    shard = make([10, 12])
    assert [shard.time_at(1000, 99), shard.time_at(1001, 99), shard.time_at(1002, 99)] == [10, 12, 99]


def test_a_read_is_limited_by_count_bytes_and_end_cursor() -> None:
    shard = make([1] * 10)
    size = len(frame(b"0000"))
    assert shard.read(1002, 3, 10**6).next == 1005
    assert len(shard.read(1000, 10, 3 * size).frames) == 3
    assert len(shard.read(1000, 10, 1).frames) == 1, "one log group always comes"
    assert shard.read(1000, 10, 10**6, stop=1004).next == 1004
    assert shard.read(1004, 10, 10**6, stop=1004).frames == []
    assert shard.read(1004, 10, 10**6, stop=1002).next == 1004
    assert shard.read(1010, 10, 10**6).frames == []


@given(st.lists(st.integers(0, 50), max_size=30), st.integers(1, 7), st.integers(1, 40), st.integers(0, 30))
def test_reading_on_from_next_returns_every_group_once(
    times: list[int], count: int, limit: int, gone: int
) -> None:
    shard = make(times)
    shard.drop(gone)
    cursor, seen = shard.begin, []
    while cursor < shard.end:
        got = shard.read(cursor, count, limit)
        assert 1 <= len(got.frames) <= count
        seen += got.frames
        cursor = got.next
    assert seen == [frame(b"%04d" % number) for number in range(gone, len(times))]


def test_retention_moves_begin_and_keeps_positions() -> None:
    shard = make([10, 20, 30])
    assert shard.expire(10) == 0
    assert shard.expire(21) == 2
    assert (shard.begin, shard.end) == (1002, 1003)
    assert shard.read(1002, 10, 10**6).frames == [frame(b"0002")]
    assert shard.drop(5) == 1
    assert shard.begin == shard.end == 1003


def test_key_ranges() -> None:
    assert key_text(0) == "0" * 32
    assert key_text(KEY_SPACE) == "f" * 32
    shard = Shard(0, KEY_SPACE // 4, KEY_SPACE // 2, 0, 0)
    assert shard.holds(int("5f".ljust(32, "0"), 16))
    assert not shard.holds(int("80".ljust(32, "0"), 16))


def test_what_is_repeated_is_held_once() -> None:
    shard = make([10, 20])
    shard.repeat(2, 499_999, logs=2, size=8)
    assert shard.end - shard.begin == shard.logs_written == 10**6
    assert shard.bytes_written == 4 * 10**6
    assert shard.read(1000 + 777_776, 3, 10**6).frames == [frame(b"0000"), frame(b"0001"), frame(b"0000")]
    assert len({id(item) for item in shard.frames}) == 2
    assert len({id(when) for when in shard.times}) == 2, "receive times cost no object either"
    assert shard.at_time(20) == 1001
