"""The search for a damaged log group: it finds exactly that one, and gives no other up."""

from __future__ import annotations

import pytest

from sls_ingest.narrowing import FETCHES, PATIENCE, Narrowing


def read_all(
    bad: set[int], total: int, most: int = 1000, passing: float = 0.0
) -> tuple[list[int], int, float]:
    """Read log groups 0..total-1, of which `bad` cannot be read until `passing` seconds have passed.

    Returns the log groups passed by, the number of fetches, and the seconds it took.
    """
    search, position, fetches, now, passed = Narrowing(), 0, 0, 0.0, []
    while position < total:
        fetches += 1
        assert fetches < 1000, "fetched for ever"
        count = min(search.limit or most, total - position)
        if now < passing or bad.isdisjoint(range(position, position + count)):
            damaged = now < passing
        else:
            damaged = True
        if not damaged:
            search.read(count)
            position += count
        elif search.failed(str(position), count, now):
            assert count == 1
            passed.append(position)
            search.over()
            position += 1
        now += 0.2 + (1.0 if search.wait is None else search.wait)
    return passed, fetches, now


@pytest.mark.parametrize("bad", [{0}, {1}, {499}, {500}, {998}, {999}, {3, 4}, {0, 500, 999}])
def test_only_the_damaged_log_groups_are_passed_by(bad: set[int]) -> None:
    passed, fetches, seconds = read_all(bad, 1000)
    assert passed == sorted(bad)
    assert fetches <= len(bad) * 30
    assert seconds >= PATIENCE


def test_a_batch_of_one_log_group_is_tried_as_long() -> None:
    passed, fetches, seconds = read_all({5}, 10, most=1)
    assert passed == [5]
    assert fetches >= 9 + 2 * FETCHES
    assert seconds >= PATIENCE


@pytest.mark.parametrize("seconds", [0.5, 3.0, 9.0])
def test_damage_that_passes_costs_no_log_group(seconds: float) -> None:
    assert read_all(set(), 1000, passing=seconds)[0] == []


def test_a_single_log_group_is_fetched_without_compression() -> None:
    search = Narrowing()
    for _ in range(FETCHES):
        search.failed("c", 2, 0.0)
    assert search.limit == 1
    assert search.uncompressed
    search.read(1)
    search.read(1)
    assert search.limit is None
