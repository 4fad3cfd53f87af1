"""How long this consumer may believe that its shards are still its own.

SLS gives the shards of a consumer away when it has not heard from it for the group's time-out. It counts
from the arrival of a heartbeat, we from its sending, so that a lease has always lapsed here before it lapses
there.
"""

from __future__ import annotations

import time
from typing import Callable, Final

_NEVER: Final = float("-inf")


class Lease:
    """The right to write, renewed by each answered heartbeat. `timeout` is the group's, in seconds."""

    def __init__(self, timeout: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.timeout = timeout
        self._clock = clock
        self._sent = clock()

    def renewed(self, sent: float) -> None:
        """A heartbeat sent at `sent` (seconds of the clock) was answered."""
        self._sent = sent

    def lost(self) -> None:
        """SLS says that it has given the shards away."""
        self._sent = _NEVER

    @property
    def is_lost(self) -> bool:
        """Whether SLS has said so: no answer to the shards held now will renew it."""
        return self._sent == _NEVER

    @property
    def lapsed(self) -> bool:
        """Whether another consumer may own the shards by now."""
        return self._clock() - self._sent >= self.timeout
