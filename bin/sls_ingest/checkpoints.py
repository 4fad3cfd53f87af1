"""The checkpoint of one shard: moved by what splunkd has read, and saved in this one place.

The library's own tracker saves at moments of its own, from several threads, and lets a failed save end its
worker thread or undo a roll-back. This one keeps the library's interface and takes the saving away from it.

Two positions follow each other through the shard: up to `get_check_point()` all is written to the pipe, and a
roll-back goes there; up to the one that is saved, splunkd has read it out of the pipe. What lies between
them would be lost with splunkd, which acknowledges nothing.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import Any

from aliyun.log.consumer.checkpoint_tracker import ConsumerCheckpointTracker

_MOST_SPANS = 1000  # remembered at once; each is a few bytes, and forgetting one only delays a checkpoint


class Checkpoints(ConsumerCheckpointTracker):  # type: ignore[misc]  # the SDK has no types
    """Where a shard stands. Offsets are bytes of the event stream."""

    def __init__(self, client: Any, consumer: str, shard_id: int) -> None:
        super().__init__(client, consumer, shard_id)
        self._moving, self._saving = threading.Lock(), threading.Lock()
        self.last_persistent_checkpoint: str = ""
        self._read = ""  # splunkd has read all before this cursor
        self._in_pipe: deque[tuple[int, str]] = deque()  # (end of the write, cursor), oldest first
        self._empty: dict[str, str] = {}  # cursor -> where the next logs may be

    def set_memory_check_point(self, cursor: str) -> None:
        """The library: the shard is read from `cursor` on."""
        with self._moving:
            self.temp_check_point = self._read = cursor

    def set_persistent_check_point(self, cursor: str) -> None:
        """The library: SLS has it already. It is saved again all the same: SLS names who saved a checkpoint
        last, and so whoever wants to move it can tell who is at work on a shard that nothing arrives in."""

    def written_up_to(self, cursor: str, offset: int) -> None:
        """All logs before `cursor` are in splunkd's pipe, before `offset` of the event stream."""
        with self._moving:
            self.temp_check_point = cursor
            self._in_pipe.append((offset, cursor))
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
            if self._in_pipe:
                self._in_pipe[-1] = (self._in_pipe[-1][0], self.temp_check_point)
            else:
                self._read = self.temp_check_point

    def save(self, read: int) -> bool:
        """Save how far splunkd has read the shard, unless that is saved; `read`: its offset in the stream.

        Returns:
            Whether everything written is saved now.

        Raises:
            LogException: SLS did not take it.
        """
        with self._saving:
            with self._moving:
                while self._in_pipe and self._in_pipe[0][0] <= read:
                    self._read = self._in_pipe.popleft()[1]
                cursor, all_read = self._read, not self._in_pipe
            if cursor not in ("", self.last_persistent_checkpoint):
                self.consumer_group_client.update_check_point(self.shard_id, self.consumer_name, cursor)
                self.last_persistent_checkpoint = cursor
            return all_read

    def save_again(self) -> None:
        """SLS has another one than was saved: let the next save tell it anew."""
        with self._saving:
            self.last_persistent_checkpoint = ""

    def flush_check_point(self) -> None:
        """The library's own saving: none."""

    def flush_check(self) -> None:
        """The library's own saving: none."""
