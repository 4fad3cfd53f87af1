"""A backfill: what SLS received before cursor_end_time, and how far it is read. Pure.

All times are SLS's receive times, in epoch seconds.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Callable, Final, NamedTuple

from .cursors import is_at
from .timespec import http_epoch

SETTLED: Final = 60
"""Seconds after the end until nothing can turn up before it any more: shards that came out of a split show
up to a minute late (observed in the tests of a client)."""
_CLOCK_TOLERANCE: Final = 900
"""Seconds by which SLS lets a client's clock be off."""
READING, DONE = "reading", "done"


class EndCursor(NamedTuple):
    """Where a shard's window ends. While it is not final, logs may still arrive in the window, behind it."""

    cursor: str
    final: bool


class Standing(NamedTuple):
    """How far the window of a shard is written; `position` is the receive time of the first log that is
    not."""

    start: float
    end: int
    position: float
    done: bool

    @property
    def percent(self) -> float:
        """Of the window, by receive time; 100 only when all of it is written."""
        if self.done:
            return 100.0
        part = (self.position - self.start) / max(self.end - self.start, 1)
        return min(max(100 * part, 0.0), 99.9)

    def fields(self) -> dict[str, float | int | str | None]:
        """For a line in the log."""
        position = self.end if self.done else min(max(self.position, self.start), self.end)
        return {
            "percent": round(self.percent, 1),
            "position_time": int(position),
            "start_time": int(self.start),
            "end_time": self.end,
            "state": DONE if self.done else READING,
        }


def is_over(end: int, date: str, now: float) -> bool:
    """Whether everything that SLS receives before `end` has been received.

    Args:
        end: epoch seconds.
        date: the Date header of an answer by SLS; where it is none, `now` has to do.
        now: this machine's time, in epoch seconds.
    """
    there = http_epoch(date)
    return (now - _CLOCK_TOLERANCE if there is None else there) >= end + SETTLED


def unfinished(
    shards: Iterable[int], positions: Callable[[int], str], ends: Callable[[int], EndCursor]
) -> list[int]:
    """The shards whose window is not read to its end.

    `positions` gives each shard's checkpoint, or where it would be read from without one: a shard that nobody
    may read yet, because it waits for the one that it came out of, has nothing in a window that ended before.
    """
    left = []
    for shard in shards:
        end = ends(shard)
        if not end.final:
            return list(shards)  # nor is any other's: no need to ask
        if not is_at(positions(shard), end.cursor):
            left.append(shard)
    return left
