"""Back-off, and saying a lasting trouble once instead of once per try. No I/O but a logger's."""

from __future__ import annotations

import logging
import random
import threading
import time
from typing import Callable

KIND = "exc_l"
"""Name, in a log record and in the line, of the kind of trouble; solnlib's, for UCC's panels."""
SETTINGS, SPLUNKD, INTERNAL = "settings", "splunkd", "internal"
"""Kinds of trouble that are not SLS's or the network's; the last one is a mistake of ours."""
GAP, QUARANTINE = "gap", "quarantine"
BAD_RESPONSE = "BadResponse"
"""Kind, and error code, of an answer of SLS that makes no sense."""
_REMIND = 300.0  # seconds until a trouble that lasts is said again
_COMES_BACK = (
    60.0  # seconds in which a shard that an outage cost is expected back, with the trouble or without
)


def of_kind(kind: str) -> dict[str, str]:
    """`extra` of a log call that tells of a trouble of this kind."""
    return {KIND: kind}


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
        self._left: dict[str, float] = {}  # what of it is not tried any more -> since when
        self._works: dict[str, str] = {}  # kind of trouble -> what has had it last, and works

    def failed(self, what: str, kind: str, sentence: str) -> None:
        """`what` (a call, a shard) failed: eight shards behind one dead proxy are one `kind` of trouble."""
        now = self._clock()
        with self._lock:
            self._end(self._dropped(now))
            self._left.pop(what, None)
            self._down[what] = kind
            last = self._said.get(kind)
            due = last is None or now - last >= _REMIND
            if due:
                self._said[kind] = now
        if due:
            self._logger.error("%s", sentence, extra=of_kind(kind))

    def recovered(self, what: str) -> None:
        """`what` works; the end is said when nothing else has the same trouble any more."""
        if not self._down:  # the usual case, on every call: no lock
            return
        with self._lock:
            kinds = self._dropped(self._clock())
            self._left.pop(what, None)
            kind = self._down.pop(what, None)
            if kind is not None:
                self._works[kind] = what
                kinds.add(kind)
            ends = self._end(kinds)
        for works in ends:
            self._logger.info("%s works again", works)

    def leave(self, prefix: str) -> None:
        """What begins with `prefix` is not tried any more, here; if that lasts, no end of a trouble waits
        for it."""
        if not self._down:
            return
        with self._lock:
            for what in self._down:
                if what.startswith(prefix):
                    self._left.setdefault(what, self._clock())

    def _dropped(self, now: float) -> set[str]:
        """The kinds of trouble of what was left for long, which is forgotten."""
        old = [what for what, since in self._left.items() if now - since >= _COMES_BACK]
        for what in old:
            del self._left[what]
        return {self._down.pop(what) for what in old}

    def _end(self, kinds: set[str]) -> list[str]:
        """Forget those of `kinds` that nothing has any more; what works again of each, where it is known."""
        over = kinds.difference(self._down.values())
        for kind in over:
            self._said.pop(kind, None)
        return [self._works.pop(kind) for kind in sorted(over) if kind in self._works]
