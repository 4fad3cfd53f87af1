"""The ledger of millions of logs: exact about loss, copies and lag, whatever the order of arrival."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.chaos.ledger import MOST_COPIES, BulkLedger

EPOCH = 1_700_000_000.0
SIZES = st.lists(st.integers(1, 20), min_size=1, max_size=10)


def filled(sizes: list[int], shard: int = 0) -> BulkLedger:
    """One block per size, a second apart, at positions 100, 101, ..."""
    ledger = BulkLedger(EPOCH)
    for number, size in enumerate(sizes):
        ledger.place(ledger.produce(size, shard, EPOCH + number), 100 + number)
    return ledger


@given(SIZES, st.data())
def test_missing_and_repeated_are_exact(sizes: list[int], data: st.DataObject) -> None:
    ledger = filled(sizes)
    copies = [data.draw(st.integers(0, 3)) for _ in range(len(ledger))]
    arrivals = [number for number, count in enumerate(copies) for _ in range(count)]
    random.Random(data.draw(st.integers(0, 99))).shuffle(arrivals)
    for number in arrivals:
        ledger.arrive(number, EPOCH + 50)
    lost = [number for number, count in enumerate(copies) if not count]
    assert ledger.missing == len(lost)
    assert [number for _, numbers in ledger.missing_blocks() for number in numbers] == lost
    assert ledger.duplicates == sum(max(0, count - 1) for count in copies)
    assert ledger.complete_before() == (lost[0] if lost else len(copies))


@given(SIZES)
def test_every_number_knows_its_block(sizes: list[int]) -> None:
    ledger = filled(sizes)
    starts = [sum(sizes[:index]) for index in range(len(sizes))]
    for index, start in enumerate(starts):
        for number in (start, start + sizes[index] - 1):
            block = ledger.block(number)
            assert (block.first, block.last) == (start, start + sizes[index] - 1)
            assert (block.position, block.at) == (100 + index, EPOCH + index)


def test_a_number_that_nobody_produced_is_a_stranger() -> None:
    ledger = filled([3])
    for number in (-1, 3, 10**12):
        ledger.arrive(number, EPOCH)
    assert ledger.unknown == ["-1", "3", "1000000000000"]
    assert (ledger.arrived, ledger.missing) == (0, 3)


def test_what_sls_dropped_unread_is_exempt_and_what_it_dropped_afterwards_is_not() -> None:
    ledger = filled([4, 4, 4])
    for number in (0, 1):
        ledger.arrive(number, EPOCH)
    first, second = (ledger.block(number) for number in (0, 4))
    assert [ledger.drop(first), ledger.drop(second)] == [2, 4]
    assert (ledger.missing, ledger.dropped, ledger.complete_before()) == (4, 6, 8)
    ledger.arrive(2, EPOCH)  # it was on its way
    assert (ledger.missing, ledger.dropped) == (4, 5)


def test_shelved_numbers_are_not_waited_for_but_stay_missing() -> None:
    ledger = filled([2, 2])
    ledger.arrive(1, EPOCH)
    ledger.shelve()
    assert ledger.complete_before() == 4
    assert ledger.missing == 3
    ledger.produce(1, 0, EPOCH)
    assert ledger.complete_before() == 4


def test_lag_is_that_of_first_arrivals() -> None:
    ledger = filled([1, 1])
    ledger.arrive(1, EPOCH + 1.5)
    assert ledger.worst_lag == pytest.approx(0.5)
    ledger.arrive(0, EPOCH + 7)
    ledger.arrive(1, EPOCH + 90)
    assert ledger.worst_lag == pytest.approx(7)


def test_surplus_copies_tell_when_their_first_one_came_and_who_sent_them() -> None:
    ledger = filled([5], shard=3)
    ledger.arrive(2, EPOCH + 10, reader=0)
    ledger.arrive(2, EPOCH + 20, reader=1)
    ledger.arrive(2, EPOCH + 30, reader=2)
    assert [(c.number, c.shard, c.reader, c.first_at - EPOCH, c.at - EPOCH) for c in ledger.surplus(0)] == [
        (2, 3, 1, 10, 20),
        (2, 3, 2, 10, 30),
    ]
    assert [copy.reader for copy in ledger.surplus(1)] == [2]


def test_copies_do_not_overflow() -> None:
    ledger = filled([1])
    for _ in range(MOST_COPIES + 10):
        ledger.arrive(0, EPOCH)
    assert ledger.duplicates == MOST_COPIES + 9
    assert ledger.missing == 0


def test_blocks_of_a_range_are_those_of_that_shard() -> None:
    ledger = BulkLedger(EPOCH)
    for position in range(6):
        ledger.place(ledger.produce(2, position % 2, EPOCH), 100 + position)
    ledger.produce(2, 0, EPOCH)  # not stored yet
    assert [block.position for block in ledger.blocks(0, 101, 105)] == [104, 102]
    assert ledger.has_arrived(ledger.block(0)) is False
    ledger.arrive(0, EPOCH)
    ledger.arrive(1, EPOCH)
    assert ledger.has_arrived(ledger.block(0)) is True


def test_millions_of_numbers_stay_small() -> None:
    ledger = BulkLedger(EPOCH)
    for _ in range(1000):
        ledger.produce(1000, 0, EPOCH)
    held = len(ledger._copies) + ledger._first_at.itemsize * len(ledger._first_at)
    assert held == 5 * len(ledger)
