"""The account of millions of numbered logs: what arrived, how often, how late. Pure, and compact.

A number costs 5 bytes: its copies and the second of its first arrival. What is the same for all logs of a
LogGroup is kept once, in a block. Times are epoch seconds at this border and relative to `epoch` inside.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

MOST_COPIES = 255
UNPLACED = -1


class Block(NamedTuple):
    """One LogGroup: numbers `first` to `last`, produced at `at`; `position` is its cursor as a number."""

    first: int
    last: int
    shard: int
    at: float
    position: int


class Surplus(NamedTuple):
    """A copy of a number that had arrived before, at `first_at`; `reader` tells which forwarder sent it."""

    number: int
    shard: int
    reader: int
    first_at: float
    at: float
    position: int


class BulkLedger:
    """Not locked: the caller's lock guards it."""

    def __init__(self, epoch: float) -> None:
        self.arrived = 0  #: different numbers that have arrived
        self.duplicates = 0  #: surplus copies
        self.unknown: list[str] = []  #: numbers that nobody produced
        self.late_after_drop = 0  #: numbers that arrived though they had been given up
        self.worst_lag = 0.0  #: seconds from production to first arrival, since it was last set to 0
        self._epoch = epoch
        self._copies = bytearray()
        self._first_at = array("f")
        self._firsts, self._positions = array("q"), array("q")
        self._shards, self._ats = array("H"), array("d")
        self._surplus = (array("q"), array("f"), array("B"))
        self._dropped: set[int] = set()
        self._shelved: set[int] = set()
        self._low = 0
        self._recent = Block(0, -1, 0, 0.0, UNPLACED)

    # -- production

    def __len__(self) -> int:
        """How many numbers were produced: they run from 0 to one less."""
        return len(self._copies)

    def produce(self, count: int, shard: int, at: float) -> int:
        """Enter one LogGroup of `count` logs; returns its block, which is to be placed."""
        self._firsts.append(len(self._copies))
        self._positions.append(UNPLACED)
        self._shards.append(shard)
        self._ats.append(at - self._epoch)
        self._copies.extend(bytes(count))
        self._first_at.extend(array("f", bytes(4 * count)))
        return len(self._firsts) - 1

    def place(self, block: int, position: int) -> None:
        """The LogGroup lies at `position` of its shard."""
        self._positions[block] = position

    def first_of(self, block: int) -> int:
        """The lowest number of a block."""
        return self._firsts[block]

    def block(self, number: int) -> Block:
        """The block of a produced number."""
        return self._block(bisect_right(self._firsts, number) - 1)

    def _block(self, index: int) -> Block:
        last = self._firsts[index + 1] - 1 if index + 1 < len(self._firsts) else len(self._copies) - 1
        at = self._ats[index] + self._epoch
        return Block(self._firsts[index], last, self._shards[index], at, self._positions[index])

    def blocks(self, shard: int, begin: int, end: int) -> Iterator[Block]:
        """Blocks of a shard that lie in positions `begin` to `end` (exclusive), newest first."""
        for index in range(len(self._firsts) - 1, -1, -1):
            if self._shards[index] == shard and self._positions[index] != UNPLACED:
                if self._positions[index] < begin:
                    return
                if self._positions[index] < end:
                    yield self._block(index)

    # -- arrival

    def arrive(self, number: int, at: float, reader: int = 0) -> None:
        """One copy of a number arrived at forwarder `reader`."""
        if not 0 <= number < len(self._copies):
            self.unknown.append(str(number))
            return
        copies = self._copies[number]
        if copies:
            self._repeat(number, copies, at, reader)
            return
        self._copies[number] = 1
        self._first_at[number] = at - self._epoch
        self.arrived += 1
        self.late_after_drop += number in self._dropped
        if not self._recent.first <= number <= self._recent.last:
            self._recent = self.block(number)
        self.worst_lag = max(self.worst_lag, at - self._recent.at)

    def _repeat(self, number: int, copies: int, at: float, reader: int) -> None:
        self._copies[number] = min(copies + 1, MOST_COPIES)
        self.duplicates += 1
        for column, value in zip(self._surplus, (number, at - self._epoch, reader)):
            column.append(value)

    def surplus(self, start: int, stop: int | None = None) -> Iterator[Surplus]:
        """The surplus copies from the `start`-th on, in the order of their arrival."""
        numbers, ats, readers = self._surplus
        for index in range(start, len(numbers) if stop is None else stop):
            number = numbers[index]
            block = self.block(number)
            first_at = self._first_at[number] + self._epoch
            at = ats[index] + self._epoch
            yield Surplus(number, block.shard, readers[index], first_at, at, block.position)

    # -- what is missing

    def complete_before(self) -> int:
        """Every number below this one has arrived, was dropped, or is shelved."""
        while True:
            absent = self._copies.find(0, self._low)
            self._low = len(self._copies) if absent < 0 else absent
            if absent < 0 or not (absent in self._dropped or absent in self._shelved):
                return self._low
            self._low = absent + 1

    def has_arrived(self, block: Block) -> bool:
        """Whether each of its logs has arrived at least once."""
        return 0 not in self._copies[block.first : block.last + 1]

    def drop(self, block: Block) -> int:
        """SLS has dropped a LogGroup: what has not arrived of it is not missed; returns how many that are."""
        lost = [n for n in range(block.first, block.last + 1) if not self._copies[n]]
        self._dropped.update(lost)
        return len(lost)

    @property
    def dropped(self) -> int:
        """Numbers that were dropped and never arrived."""
        return len(self._dropped) - self.late_after_drop

    @property
    def missing(self) -> int:
        """How many have neither arrived nor been dropped; shelved ones count."""
        return len(self._copies) - self.arrived - self.dropped

    def shelve(self) -> None:
        """Do not wait for what is missing now; it stays missing until it arrives."""
        self._shelved.update(self._missing_numbers(self._low))

    def missing_blocks(self) -> Iterator[tuple[Block, list[int]]]:
        """Each LogGroup that is not complete, with the numbers that it lacks."""
        group: list[int] = []
        for number in self._missing_numbers(0):
            if group and number > self.block(group[0]).last:
                yield self.block(group[0]), group
                group = []
            group.append(number)
        if group:
            yield self.block(group[0]), group

    def _missing_numbers(self, start: int) -> Iterator[int]:
        number = self._copies.find(0, start)
        while number >= 0:
            if number not in self._dropped:
                yield number
            number = self._copies.find(0, number + 1)
