"""Counters per shard, one line per interval. No event content."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from .pipeline import Rendered


@dataclass
class ShardCounts:
    """What happened in one interval: logs, bytes before rendering and after, seconds spent."""

    batches: int = 0
    events: int = 0
    filtered: int = 0
    repaired: int = 0
    not_unfolded: int = 0
    raw_bytes: int = 0
    written_bytes: int = 0
    render_seconds: float = 0.0
    write_seconds: float = 0.0
    by_sourcetype: dict[str, int] = field(default_factory=dict)

    def line(self) -> str:
        """`name=value` pairs, which Splunk extracts as they are."""
        seconds = f"render_s={self.render_seconds:.3f} write_s={self.write_seconds:.3f}"
        return (
            f"batches={self.batches} events={self.events} filtered={self.filtered} repaired={self.repaired} "
            f"not_unfolded={self.not_unfolded} "
            f"raw_bytes={self.raw_bytes} written_bytes={self.written_bytes} {seconds}"
        )


class ShardMetrics:
    """Counts of one shard since they were last taken."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts = ShardCounts()

    def add(self, raw_bytes: int, rendered: Rendered, render_seconds: float, write_seconds: float) -> None:
        """Count one delivered batch."""
        with self._lock:
            counts = self._counts
            counts.batches += 1
            counts.events += rendered.events
            counts.filtered += rendered.filtered
            counts.repaired += rendered.repaired
            counts.not_unfolded += rendered.not_unfolded
            counts.raw_bytes += raw_bytes
            counts.written_bytes += rendered.written
            counts.render_seconds += render_seconds
            counts.write_seconds += write_seconds
            for sourcetype, events in rendered.by_sourcetype.items():
                counts.by_sourcetype[sourcetype] = counts.by_sourcetype.get(sourcetype, 0) + events

    def take(self) -> ShardCounts:
        """The counts so far, and start again from nothing."""
        with self._lock:
            counts, self._counts = self._counts, ShardCounts()
            return counts
