"""The service's clock: real time plus an offset a test can move."""

from __future__ import annotations

import time


class Clock:
    """Wall time in seconds since the epoch, shifted by `offset` seconds; intervals are never shifted."""

    def __init__(self, offset: float = 0.0) -> None:
        self.offset = offset

    def now(self) -> float:
        """Server time in seconds since the epoch."""
        return time.time() + self.offset

    def now_ns(self) -> int:
        """Server time in nanoseconds since the epoch."""
        return time.time_ns() + int(self.offset * 1_000_000_000)

    def monotonic(self) -> float:
        """Seconds for heartbeats and rate limits; not moved by the offset."""
        return time.monotonic()
