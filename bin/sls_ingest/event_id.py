"""Names for logs that are the same at each delivery, so that a search can count repeated events. Pure.

`<project and logstore>-<shard>-<log group>-<log>`: a digest of 8 hex digits, the shard's number, the
position of the log group in the shard, and the log's place in its group, the last two in hex. Where a query
leaves log groups out, their positions are unknown: then it is the batch's cursor, a dot, and the group's
place in the batch. That is the same at each delivery only while batches are cut alike.
"""

from __future__ import annotations

import hashlib
from typing import Final

from .record import Origin

FIELD: Final = "__event_id__"


class EventIds:
    """The ids of one logstore."""

    def __init__(self, project: str, logstore: str) -> None:
        self._prefix = hashlib.sha256(f"{project}/{logstore}".encode()).hexdigest()[:8]

    def of_group(self, origin: Origin, number: int) -> str:
        """What the ids of log group `number` (from 0) of a batch begin with; the log's place follows."""
        first = origin.first
        group = f"{origin.cursor}.{number:x}" if first is None else f"{first + number:x}"
        return f"{self._prefix}-{origin.shard}-{group}-"
