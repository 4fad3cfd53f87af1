"""Counters per shard, and the lines that tell them, once per interval. No event content.

Fields of `action=shard_metrics`, a line for each shard that is held or had something to count:

| Field | Meaning |
|---|---|
| seconds | since the line before, which the counts are of |
| batches | answers with logs that were delivered, gaps and quarantined log groups among them |
| events, filtered | logs that were written; that the topic filter dropped |
| repaired | events in which damaged UTF-8 was replaced |
| not_unfolded | events in which a field that should hold JSON does not |
| raw_bytes, written_bytes | of the logs as SLS counts them, unpacked; of the XML in splunkd's pipe |
| lag_s | age, since SLS received it, of the oldest log that is not yet written; 0 at the shard's end |
| cursor_time | when SLS received that log, epoch seconds; only where SLS was asked and told it |
| fetches, fetch_s | PullLogs answered; the seconds they took, without waits for room in memory |
| retries | calls for the shard that failed and were repeated, and batches fetched again, as damaged |
| render_s, write_s | seconds of unpacking and rendering, and of writing, the batches delivered |
| blocked_s | seconds in which writes waited for room in splunkd's pipe; one that still waits counts, too |
| gaps, quarantined | holes announced; log groups that cannot be read |

Of a shard that was given up, lag_s is that of this moment. A backfill reads old logs by intent: its lag_s is
only told where a shard's window is read to its end, as 0.

`action=input_metrics` has their sums and the largest lag_s; its retries include those of heartbeats. Counting
comes after the write: of a process that was killed, the counts since its last lines are missing.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from typing import Callable

from .lag import Lag
from .log_fields import Value
from .pipeline import Rendered

Destination = tuple[str, str]  # sourcetype, index


@dataclass
class Counts:
    """What happened in one interval: logs, bytes before rendering and after, seconds spent."""

    batches: int = 0
    events: int = 0
    filtered: int = 0
    repaired: int = 0
    not_unfolded: int = 0
    raw_bytes: int = 0
    written_bytes: int = 0
    fetches: int = 0
    fetch_s: float = 0.0
    retries: int = 0
    render_s: float = 0.0
    write_s: float = 0.0
    blocked_s: float = 0.0
    gaps: int = 0
    quarantined: int = 0
    destinations: Counter[Destination] = field(default_factory=Counter)
    """Events by sourcetype and index."""

    def __bool__(self) -> bool:
        return any(getattr(self, each.name) for each in fields(self))

    def add(self, other: Counts) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            value += getattr(other, each.name)
            setattr(self, each.name, value)

    def numbers(self) -> dict[str, Value]:
        """All but the destinations."""
        return {each.name: getattr(self, each.name) for each in fields(self) if each.name != "destinations"}


def delivered(raw_bytes: int, rendered: Rendered, render_s: float, write_s: float) -> Counts:
    """What one batch counts that is written."""
    return Counts(
        batches=1,
        events=rendered.events,
        filtered=rendered.filtered,
        repaired=rendered.repaired,
        not_unfolded=rendered.not_unfolded,
        raw_bytes=raw_bytes,
        written_bytes=rendered.written,
        render_s=render_s,
        write_s=write_s,
        destinations=Counter(rendered.destinations),
    )


class ShardMetrics:
    """Counts of one shard since they were last taken, and its lag. Threads may share it."""

    def __init__(self, fetch_interval: float, clock: Callable[[], float]) -> None:
        self._lock, self._clock = threading.Lock(), clock
        self._counts = Counts()
        self._interval, self._lag = fetch_interval, Lag(fetch_interval, clock())
        self._last_lag: float | None = None
        self._is_given_up = False
        self._blocked_since: float | None = None

    def begun(self) -> None:
        """The shard is held from now on, perhaps again: its position may be behind what it once was."""
        with self._lock:
            self._lag, self._last_lag = Lag(self._interval, self._clock()), None
            self._is_given_up = False

    def given_up(self, position: str) -> None:
        """The shard is held no longer; all before `position` is written, and that is how far it came."""
        with self._lock:
            self._last_lag, self._is_given_up = self._lag.seconds(position, self._clock()), True

    def ended(self, cursor: str) -> None:
        """There is nothing to fetch beyond `cursor`, for which SLS need not be asked."""
        with self._lock:
            self._lag.ended(cursor, self._clock())

    def fetched(self, seconds: float, sent: float, end: str | None) -> None:
        """PullLogs, asked at `sent`, took `seconds`; nothing was beyond the cursor `end`, if one is given."""
        with self._lock:
            self._counts.fetches += 1
            self._counts.fetch_s += seconds
            self._lag.heard(sent)
            if end is not None:
                self._lag.ended(end, sent)

    def add(self, counts: Counts) -> None:
        with self._lock:
            self._counts.add(counts)

    @contextmanager
    def blocked(self) -> Iterator[None]:
        """Meanwhile a write waits for room; told of before it is over, as it may last."""
        with self._lock:
            self._blocked_since = self._clock()
        try:
            yield
        finally:
            with self._lock:
                self._take_blocked()
                self._blocked_since = None

    def _take_blocked(self) -> None:
        if self._blocked_since is not None:
            now = self._clock()
            self._counts.blocked_s += now - self._blocked_since
            self._blocked_since = now

    def written(self, position: str) -> None:
        """All before this cursor is written."""
        with self._lock:
            self._lag.written(position)

    def received(self, moment: float) -> None:
        """The first log that is not written was received at this moment of the clock."""
        with self._lock:
            self._lag.received(moment)

    def lag(self, position: str) -> float | None:
        """Seconds, when all before `position` is written; None while that is unknown."""
        with self._lock:
            return self._lag.seconds(position, self._clock())

    @property
    def last_lag(self) -> float | None:
        """Of a shard that was given up: its lag of that moment, as what comes later is another's to tell."""
        with self._lock:
            return self._last_lag

    @property
    def is_over(self) -> bool:
        """Whether the shard was given up, and all of it is told."""
        with self._lock:
            return self._is_given_up and not self._counts

    def take(self) -> Counts:
        """The counts so far, and start again from nothing."""
        with self._lock:
            self._take_blocked()
            counts, self._counts = self._counts, Counts()
            return counts


class InputMetrics:
    """The shards of one input. A shard that is given up keeps its counts until they are told."""

    def __init__(self, fetch_interval: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._interval, self.clock = fetch_interval, clock
        self._lock = threading.Lock()
        self._shards: dict[int, ShardMetrics] = {}
        self._retries = 0

    def shard(self, shard_id: int) -> ShardMetrics:
        with self._lock:
            return self._known(shard_id)

    def _known(self, shard_id: int) -> ShardMetrics:
        """Under the lock."""
        if shard_id not in self._shards:
            self._shards[shard_id] = ShardMetrics(self._interval, self.clock)
        return self._shards[shard_id]

    def begun(self, shard_id: int) -> None:
        """The shard is held from now on."""
        with self._lock:
            self._known(shard_id).begun()  # in here, or it might be forgotten just before

    def forget(self) -> None:
        """Forget the shards that were given up and are told of; shards that were split never come back."""
        with self._lock:
            for shard_id in [shard_id for shard_id, shard in self._shards.items() if shard.is_over]:
                del self._shards[shard_id]

    def retried(self) -> None:
        """A call that is not about one shard failed and is repeated."""
        with self._lock:
            self._retries += 1

    def take(self) -> tuple[dict[int, Counts], int]:
        """The counts of each shard, and the retries beside them; start again from nothing."""
        with self._lock:
            retries, self._retries = self._retries, 0
            shards = sorted(self._shards.items())
        return {shard_id: shard.take() for shard_id, shard in shards}, retries
