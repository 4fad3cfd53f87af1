"""Request and byte quotas per second or minute, counted in fixed windows."""

from __future__ import annotations

import threading
from typing import Any

from .clock import Clock
from .errors import quota
from .knobs import Knobs


class Quotas:
    """Counts calls and bytes; a limit of 0 is off."""

    def __init__(self, knobs: Knobs, clock: Clock) -> None:
        self._knobs = knobs
        self._clock = clock
        self._counts: dict[Any, tuple[int, int]] = {}
        self._lock = threading.Lock()

    def _spent(self, key: Any, window: float, limit: int, amount: int) -> bool:
        """Count `amount` and say whether the limit had been reached before."""
        if not limit:
            return False
        slot = int(self._clock.monotonic() / window)
        with self._lock:
            old_slot, used = self._counts.get(key, (slot, 0))
            used = used if old_slot == slot else 0
            self._counts[key] = (slot, used + amount)
        return used >= limit

    def read(self, project: str, logstore: str, shard: int) -> None:
        """One PullLogs; raises ReadQuotaExceed or ShardReadQuotaExceed."""
        if self._spent(("project", project), 60.0, self._knobs.project_read_per_minute, 1):
            raise quota("ReadQuotaExceed")
        if self._spent(("read", project, logstore, shard), 1.0, self._knobs.shard_read_per_second, 1):
            raise quota("ShardReadQuotaExceed")
        if self._spent(("bytes", project, logstore, shard), 1.0, self._knobs.shard_read_bytes_per_second, 0):
            raise quota("ShardReadQuotaExceed", "shard read bytes exceed quota limits")

    def read_bytes(self, project: str, logstore: str, shard: int, size: int) -> None:
        """Count the bytes of a PullLogs answer."""
        self._spent(("bytes", project, logstore, shard), 1.0, self._knobs.shard_read_bytes_per_second, size)

    def write(self, project: str, logstore: str, shard: int) -> None:
        """One PutLogs; raises ShardWriteQuotaExceed."""
        if self._spent(("write", project, logstore, shard), 1.0, self._knobs.shard_write_per_second, 1):
            raise quota("ShardWriteQuotaExceed")
