"""How far a shard's writing is behind SLS: the age of the oldest log that is not yet written. Pure.

SLS tells two things, now and then: that a shard had no logs beyond a cursor, and when the log at a cursor was
received. Each one bounds the age of whatever is not written yet, and the least age is the answer. So a lag is
never told too small; while nothing is heard it grows with the clock.

Where it has told neither, its silence is the answer: the seconds since it answered for the shard last, or
since the shard was taken over. That may be too small, but grows as well, and ends with the next answer.

Moments are seconds on one clock of the caller, which never jumps; SLS's clock and this machine's may differ.
"""

from __future__ import annotations

from collections import deque

from .cursors import is_at

_MOST_ENDS = 100  # that wait for the writing; beyond, the oldest are forgotten, and a lag may seem larger
_GRACE = 5.0  # seconds that a fetch may take before a shard that was read to its end counts as behind again


class Lag:
    """What is known of one shard."""

    def __init__(self, fetch_interval: float, begun: float) -> None:
        """`begun`: the moment from which on SLS is asked."""
        self._patience = fetch_interval + _GRACE
        self._heard = begun
        self._ends: deque[tuple[str, float]] = deque(maxlen=_MOST_ENDS)
        self._complete: float | None = None
        self._oldest: float | None = None

    def heard(self, moment: float) -> None:
        """SLS answered what it was asked at `moment`."""
        self._heard = max(self._heard, moment)

    def ended(self, cursor: str, moment: float) -> None:
        """There was nothing beyond `cursor` when SLS was asked at `moment`."""
        if self._ends and self._ends[-1][0] == cursor:
            self._ends.pop()
        self._ends.append((cursor, moment))

    def received(self, moment: float) -> None:
        """The first log that is not written was received at `moment`, or there is none."""
        self._oldest = moment if self._oldest is None else max(self._oldest, moment)

    def seconds(self, position: str, now: float) -> float | None:
        """The lag when all before `position` is written: 0 when the shard is read to its end.

        None while nothing is known, though SLS does answer. A position never goes back while this object
        lives.
        """
        self.written(position)
        if self._complete is not None and now - self._complete <= self._patience:
            return 0.0
        known = [moment for moment in (self._complete, self._oldest) if moment is not None]
        if known:
            return max(now - max(known), 0.0)
        silence = now - self._heard
        return silence if silence > self._patience else None

    def written(self, position: str) -> None:
        """All before `position` is written."""
        while self._ends and is_at(position, self._ends[0][0]):
            self._complete = self._ends.popleft()[1]
