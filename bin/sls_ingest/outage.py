"""Back-off, and saying a lasting trouble once instead of once per try. No I/O but a logger's."""

from __future__ import annotations

import logging
import random
import threading
import time
from typing import Callable

_REMIND = 300.0  # seconds until a trouble that lasts is said again


class Backoff:
    """Growing waits with jitter, from `first` to `most` seconds."""

    def __init__(self, first: float = 0.5, most: float = 30.0) -> None:
        self._first, self._most = first, most
        self._next = first

    def delay(self) -> float:
        """Seconds to wait now: half of the step to all of it, so that forwarders do not march in step."""
        step, self._next = self._next, min(self._next * 2, self._most)
        return step * random.uniform(0.5, 1.0)

    def reset(self) -> None:
        self._next = self._first


class OutageLog:
    """Says each kind of trouble once, again after five minutes, and its end; threads may share it."""

    def __init__(self, logger: logging.Logger, clock: Callable[[], float] = time.monotonic) -> None:
        self._logger, self._clock = logger, clock
        self._lock = threading.Lock()
        self._said: dict[str, float] = {}  # kind of trouble -> when it was last said
        self._down: dict[str, str] = {}  # what fails now -> its kind of trouble

    def failed(self, what: str, kind: str, sentence: str) -> None:
        """`what` (a call, a shard) failed: eight shards behind one dead proxy are one `kind` of trouble."""
        now = self._clock()
        with self._lock:
            self._down[what] = kind
            last = self._said.get(kind)
            due = last is None or now - last >= _REMIND
            if due:
                self._said[kind] = now
        if due:
            self._logger.error("%s", sentence)

    def recovered(self, what: str) -> None:
        """`what` works; the end is said when nothing else has the same trouble any more."""
        if not self._down:  # the usual case, on every call: no lock
            return
        with self._lock:
            kind = self._down.pop(what, None)
            over = kind is not None and kind not in self._down.values()
            if over and kind is not None:
                self._said.pop(kind, None)
        if over:
            self._logger.info("%s works again", what)
