"""Watches the saved checkpoints, and drops from SLS what nobody can need any more."""

from __future__ import annotations

import threading
import time
from bisect import bisect_right
from typing import NamedTuple

from tests.standins.sls import SlsControl
from tests.standins.sls.control_client import ControlError
from tests.standins.sls.shard import cursor_value

from .forwarder import GROUP

_EVERY = 0.25  # seconds between two looks
# A consumer that was cut off may still move a checkpoint back to what it wrote itself, so a checkpoint counts
# for trimming only when none lower was seen for so many seconds.
_SETTLED = 60.0


class Save(NamedTuple):
    """A shard's checkpoint was first seen at `position` at `at` (epoch seconds)."""

    at: float
    position: int


class CheckpointWatcher(threading.Thread):
    """Remembers each shard's checkpoints with the time they were seen first."""

    def __init__(self, control: SlsControl, project: str, logstore: str) -> None:
        super().__init__(name="checkpoints", daemon=True)
        self._control, self._project, self._logstore = control, project, logstore
        self._saves: dict[int, list[Save]] = {}
        self._beats: dict[str, float] = {}
        self._lock = threading.Lock()
        self._ended = threading.Event()

    def stop(self) -> None:
        self._ended.set()

    def run(self) -> None:
        while not self._ended.wait(_EVERY):
            try:
                groups = self._control.consumer_groups(self._project, self._logstore)
            except (OSError, ControlError):
                continue  # the stand-in is busy or about to stop: look again
            group = groups.get(GROUP, {})
            self._beats = group.get("consumers", {})
            self._note(group.get("shards", {}), time.time())

    def last_beat(self, consumer: str) -> float:
        """Epoch second of a consumer's last heartbeat; 0 when SLS does not know the consumer (any more)."""
        return self._beats.get(consumer, 0.0)

    def _note(self, shards: dict[int, dict[str, object]], now: float) -> None:
        with self._lock:
            for shard, entry in shards.items():
                position = _position(str(entry["checkpoint"]))
                known = self._saves.setdefault(shard, [])
                if position is not None and (not known or known[-1].position != position):
                    known.append(Save(now, position))

    def saved_position(self, shard: int) -> int | None:
        """The checkpoint that was seen last."""
        with self._lock:
            known = self._saves.get(shard)
            return known[-1].position if known else None

    def trim_position(self, shard: int) -> int | None:
        """No checkpoint below this one was seen for a good while."""
        before = time.time() - _SETTLED
        with self._lock:
            known = self._saves.get(shard, [])
            index = bisect_right(known, (before, 1 << 63))
            return min(save.position for save in known[index - 1 :]) if index else None

    def saved_past(self, shard: int, position: int, before: float) -> float | None:
        """When the checkpoint that stood at epoch second `before` was saved, if it lies past `position`."""
        with self._lock:
            known = self._saves.get(shard, [])
            index = bisect_right(known, (before, 1 << 63))
            if index and min(save.position for save in known[index - 1 :]) > position:
                return known[index - 1].at
            return None


def _position(checkpoint: str) -> int | None:
    """A checkpoint as a number; None for the empty one and for what is no cursor."""
    try:
        return cursor_value(checkpoint, unpadded=True) if checkpoint else None
    except ValueError:
        return None
