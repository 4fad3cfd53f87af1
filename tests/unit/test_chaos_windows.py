"""How much was repeated, and how much of it is in order."""

from __future__ import annotations

import pytest

from tests.chaos.ledger import Surplus
from tests.chaos.windows import CHECKPOINT_INTERVAL, SAVE_TAKES, Repetition, Trouble, allowed, repetitions

ONCE = CHECKPOINT_INTERVAL + SAVE_TAKES


def copy(first_at: float, at: float, shard: int = 0, reader: int = 0) -> Surplus:
    return Surplus(0, shard, reader, first_at, at, 0)


def repeated(first_from: float, first_to: float) -> Repetition:
    return Repetition(0, 0, 1, first_from, first_to, first_to + 5, first_to + 6)


def test_a_stretch_that_is_read_again_is_one_repetition() -> None:
    (found,) = repetitions([copy(10.0 + i / 2, 20.0 + i / 100) for i in range(7)])
    assert (found.copies, found.first_from, found.first_to) == (7, 10.0, 13.0)
    assert found.window == pytest.approx(3.0)


def test_time_in_which_nothing_was_written_does_not_count() -> None:
    (found,) = repetitions([copy(at, 50.0) for at in (10.0, 10.4, 30.0, 30.3)])
    assert found.window == pytest.approx(0.4 + 1.0 + 0.3)


def test_shards_and_readers_are_told_apart() -> None:
    found = repetitions([copy(1, 9, shard=0), copy(2, 9, shard=1), copy(3, 9, shard=1, reader=1)])
    assert sorted((r.shard, r.reader) for r in found) == [(0, 0), (1, 0), (1, 1)]


def test_two_takeovers_are_two_repetitions() -> None:
    found = repetitions([copy(1, 10), copy(2, 10.1), copy(9, 20), copy(10, 20.1)])
    assert [(r.first_from, r.first_to) for r in found] == [(1, 2), (9, 10)]


def test_a_crash_out_of_the_blue_may_repeat_one_interval() -> None:
    crash = Trouble(104.0, 104.0, False)
    assert allowed(repeated(100.5, 104.0), [crash]) == ONCE
    assert allowed(repeated(100.5, 104.0), []) == ONCE
    assert allowed(repeated(100.5, 104.0), [crash], slack=2) == 2 * ONCE


def test_refused_checkpoints_add_their_time_and_the_next_interval() -> None:
    refusal = Trouble(98.0, 102.0, True)
    assert allowed(repeated(97.0, 104.0), [refusal]) == ONCE + 4.0 + CHECKPOINT_INTERVAL


def test_a_trouble_long_before_excuses_nothing() -> None:
    assert allowed(repeated(100.0, 109.0), [Trouble(80.0, 95.0, True)]) == ONCE


def test_a_takeover_just_before_starts_the_interval_anew() -> None:
    assert allowed(repeated(100.0, 106.0), [Trouble(103.0, 103.0, False)]) == ONCE + CHECKPOINT_INTERVAL
