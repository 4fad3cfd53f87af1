"""The checkpoint of one shard: moved by what was written, and saved in this one place.

The library's own tracker saves at moments of its own, from several threads, and lets a failed save end its
worker thread or undo a roll-back. This one keeps the library's interface and takes the saving away from it.
"""

from __future__ import annotations

import threading
from typing import Any

from aliyun.log.consumer.checkpoint_tracker import ConsumerCheckpointTracker

_MOST_SPANS = 1000  # remembered at once; each is a few bytes, and forgetting one only delays a checkpoint


class Checkpoints(ConsumerCheckpointTracker):  # type: ignore[misc]  # the SDK has no types
    """Everything before `get_check_point()` is written to the pipe or known to hold no logs."""

    def __init__(self, client: Any, consumer: str, shard_id: int) -> None:
        super().__init__(client, consumer, shard_id)
        self._moving, self._saving = threading.Lock(), threading.Lock()
        self.last_persistent_checkpoint: str = ""
        self._empty: dict[str, str] = {}  # cursor -> where the next logs may be

    def written_up_to(self, cursor: str) -> None:
        """All logs before `cursor` are in splunkd's pipe."""
        with self._moving:
            self.temp_check_point = cursor
            self._skip_empty()

    def nothing_between(self, cursor: str, next_cursor: str) -> None:
        """There is nothing to deliver from `cursor` to `next_cursor`, for example because a query drops it.

        The checkpoint follows as soon as everything before `cursor` is written: a read-only shard is only
        over once its very end is saved.
        """
        if not cursor or not next_cursor or cursor == next_cursor:
            return
        with self._moving:
            if len(self._empty) >= _MOST_SPANS:
                self._empty.clear()
            self._empty[cursor] = next_cursor
            self._skip_empty()

    def _skip_empty(self) -> None:
        while self.temp_check_point in self._empty:
            self.temp_check_point = self._empty.pop(self.temp_check_point)

    def save(self) -> None:
        """Save the checkpoint in SLS, unless it is saved already.

        Raises:
            LogException: SLS did not take it.
        """
        with self._saving:
            cursor = self.get_check_point()
            if cursor in ("", self.last_persistent_checkpoint):
                return
            self.consumer_group_client.update_check_point(self.shard_id, self.consumer_name, cursor)
            self.last_persistent_checkpoint = cursor

    def flush_check_point(self) -> None:
        """The library's own saving: none."""

    def flush_check(self) -> None:
        """The library's own saving: none."""
