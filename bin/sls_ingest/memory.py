"""How much of what was fetched may wait in memory, whatever the number of shards.

A body is let in before it is read off its connection. One that finds no room stays where it is: in the
network, which is the back-pressure. Nothing is queued on our side.
"""

from __future__ import annotations

import threading
import time
from collections import deque

_LOOK = 0.2  # seconds between two looks at the stop


class Room:
    """Room for one body, until it is left or nobody holds it any more."""

    def __init__(self, memory: Memory, size: int, waited: float = 0.0) -> None:
        self._memory, self._size = memory, size
        self.waited = waited  # seconds, for this room

    def leave(self) -> None:
        """Give the room back; a second time does nothing."""
        size, self._size = self._size, 0
        if size:
            self._memory._give_back(size)

    def __del__(self) -> None:
        # The library may drop a batch at any time, for example when a shard is given up.
        self.leave()


class Memory:
    """`limit` bytes of bodies; one that is larger is let in alone. First come, first served."""

    def __init__(self, limit: int, stop: threading.Event) -> None:
        self._limit, self._stop = limit, stop
        self._changed = threading.Condition(threading.RLock())  # a Room may go while its thread is in here
        self._waiting: deque[object] = deque()
        self.held = 0

    def room(self, size: int) -> Room:
        """Wait for room for `size` bytes; a stop lets everybody in, as the process is about to end."""
        if not size:
            return Room(self, 0)
        me, begun = object(), time.monotonic()
        with self._changed:
            self._waiting.append(me)
            while not self._stop.is_set() and not (self._waiting[0] is me and self._fits(size)):
                self._changed.wait(_LOOK)
            self._waiting.remove(me)
            self.held += size
            self._changed.notify_all()
        return Room(self, size, time.monotonic() - begun)

    def _fits(self, size: int) -> bool:
        return not self.held or self.held + size <= self._limit

    def _give_back(self, size: int) -> None:
        with self._changed:
            self.held -= size
            self._changed.notify_all()
