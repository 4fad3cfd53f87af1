"""Writes numbered logs to an SLS stand-in at a steady, adjustable rate, and keeps the ledger of them."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable

from tests.standins.sls import SlsControl
from tests.standins.sls.shard import cursor_value

from . import payload
from .tap import Tap

STEP = 0.25  # seconds between two writes
_MOST_GROUP, _MOST_GROUPS_PER_CALL = 500, 60
_BURST = 20_000  # logs per step when the rest is written
_MOST_WAITING = 150_000  # logs that may be under way while the rest is written


class Producer(threading.Thread):
    """Writes `events` logs to random read-write shards; `lock` keeps the shards and their ends still.

    `trim()` is called every few seconds under that lock.
    """

    def __init__(
        self,
        control: SlsControl,
        place: tuple[str, str],
        tap: Tap,
        events: int,
        rng: random.Random,
        trim: Callable[[], None],
    ) -> None:
        super().__init__(name="producer", daemon=True)
        self.lock = threading.RLock()
        self.writable: list[int] = []  #: read-write shards, kept by whoever splits or merges
        self.error = ""  #: why the producer ended early
        self._control, self._tap, self._rng, self._trim = control, tap, rng, trim
        self._project, self._logstore = place
        self._left = events
        self._rate = 0.0
        self._hurry = threading.Event()
        self._ended = threading.Event()

    @property
    def left(self) -> int:
        """Logs that are still to be written."""
        return self._left

    def pace(self, seconds: float) -> None:
        """Spread what is left over so many seconds."""
        self._rate = self._left / max(seconds, 5.0)

    def finish(self) -> None:
        """Write all that is left soon; the thread ends after that."""
        self._hurry.set()

    def stop(self) -> None:
        """End now."""
        self._ended.set()

    def run(self) -> None:
        last, owed, trimmed = time.monotonic(), 0.0, time.monotonic()
        try:
            while not self._ended.wait(STEP) and not (self._hurry.is_set() and not self._left):
                now = time.monotonic()
                owed, last = owed + (now - last) * self._rate, now
                wanted = self._due(owed)
                owed = 0.0 if self._hurry.is_set() else owed - wanted
                if wanted:
                    self._write(wanted)
                if now - trimmed > 5:
                    trimmed = now
                    with self.lock:
                        self._trim()
        except (OSError, RuntimeError) as error:
            self.error = f"{type(error).__name__}: {error}"

    def _due(self, owed: float) -> int:
        if self._hurry.is_set():
            with self._tap.lock:
                waiting = self._tap.ledger.missing
            return min(self._left, _BURST if waiting < _MOST_WAITING else 0)
        return min(self._left, int(owed))

    def _write(self, logs: int) -> None:
        with self.lock:
            shards = self._rng.sample(self.writable, min(len(self.writable), 1 + logs // 200))
            for shard in shards:
                self._put(shard, logs // len(shards))
            self._put(shards[0], logs % len(shards))

    def put(self, shard: int, logs: int) -> None:
        """Write about so many logs to one shard now, in eight LogGroups."""
        with self.lock:
            self._put_groups(shard, [max(1, logs // 8)] * 8, raw=None)

    def put_around(self, shard: int, raw: bytes) -> int:
        """Write bytes as a LogGroup between two good ones; returns its position."""
        with self.lock:
            return self._put_groups(shard, [20, 20], raw)

    def _put(self, shard: int, logs: int) -> None:
        while logs:
            size = min(logs, self._rng.randint(1, _MOST_GROUP))
            count = min(logs // size, _MOST_GROUPS_PER_CALL)
            self._put_groups(shard, [size] * count, raw=None)
            logs -= size * count

    def _put_groups(self, shard: int, sizes: list[int], raw: bytes | None) -> int:
        """Groups of these sizes; `raw` goes between the first and the second. Returns the raw's position."""
        now, ledger = time.time(), self._tap.ledger
        template = self._rng.choice(payload.templates(int(now)))
        tail = payload.group_tail(self._rng.randrange(8))
        blocks, groups = [], []
        self._left = max(0, self._left - sum(sizes))
        with self._tap.lock:
            for size in sizes:
                blocks.append(ledger.produce(size, shard, now))
                groups.append(payload.group(ledger.first_of(blocks[-1]), size, template, tail))
        if raw is not None:
            groups.insert(1, raw)
        stored = self._control.put_raw_groups(self._project, self._logstore, groups, shard, sizes[0])
        positions = [cursor_value(row["cursor"], unpadded=True) for row in stored]
        at = positions.pop(1) if raw is not None else -1
        with self._tap.lock:
            for block, position in zip(blocks, positions):
                ledger.place(block, position)
        return at
