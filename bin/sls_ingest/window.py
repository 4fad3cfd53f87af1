"""Where the shards of an input with cursor_end_time end, as SLS tells it.

SLS gives the cursor of the first log that it received at the end time or later; until that time has come,
that is wherever the shard ends just now. So an end is asked for anew each time it is reached, until it is
final, and no fetch ever goes beyond one.
"""

from __future__ import annotations

import time
from typing import Any, NamedTuple

from .backfill import EndCursor, Standing, is_over, unfinished
from .cursors import is_at
from .settings import InputSettings
from .transport import SlsLogClient, date_of


class Saved(NamedTuple):
    """A checkpoint, and when SLS got it, epoch seconds."""

    cursor: str
    updated: float


class Window:
    """The windows of all shards of a logstore; threads may share it.

    Methods that ask SLS raise LogException.
    """

    def __init__(self, settings: InputSettings, end: int, client: SlsLogClient) -> None:
        self._settings, self.end, self._client = settings, end, client
        self._ends: dict[int, EndCursor] = {}
        self._starts: dict[int, float] = {}
        self._shards: list[int] = []
        self._saved: dict[int, Saved] = {}

    @property
    def _where(self) -> tuple[str, str]:
        return self._settings.project, self._settings.logstore

    def end_beyond(self, shard: int, cursor: str) -> str | None:
        """The end up to which may be read from `cursor` on; None when that is reached for now."""
        end = self._ends.get(shard)
        if end is None or (not end.final and is_at(cursor, end.cursor)):
            end = self._ask_end(shard)
        return None if is_at(cursor, end.cursor) else end.cursor

    def is_read(self, shard: int, cursor: str) -> bool:
        """Whether all before `cursor` is all of the shard's window, as far as is known without asking SLS."""
        end = self._ends.get(shard)
        return end is not None and end.final and is_at(cursor, end.cursor)

    @property
    def shards(self) -> int:
        """How many there were at the last look."""
        return len(self._shards)

    def unfinished(self) -> list[int]:
        """The shards of the whole logstore whose saved checkpoint, whoever saved it, is not at the end."""
        shards = self._client.list_shards(*self._where).get_shards_info()
        self._shards = sorted(int(shard["shardID"]) for shard in shards)
        answer = self._client.get_check_point(*self._where, self._settings.consumer_group)
        rows = answer.get_consumer_group_check_points()
        self._saved = {
            int(row["shard"]): Saved(str(row["checkpoint"]), int(row.get("updateTime") or 0) / 1e6)
            for row in rows
            if row["checkpoint"]
        }
        return unfinished(self._shards, self._position, self._final_end)

    def _position(self, shard: int) -> str:
        saved = self._saved.get(shard)
        return saved.cursor if saved else str(self._start(shard).get_cursor())

    def is_dropped(self, shard: int) -> bool:
        """Whether SLS keeps nothing of the window of this unfinished shard, which was read up to some place.

        What that place is cannot be told any more: the end of the window, or one before it.
        """
        end, saved = self._ends[shard], self._saved.get(shard)
        if not end.final or saved is None or saved.updated < self.end:
            return False
        return end.cursor == str(self._client.get_cursor(*self._where, shard, "begin").get_cursor())

    def standing(self, shard: int, cursor: str) -> Standing:
        """How far the shard's window is read when all before `cursor` is."""
        if shard not in self._starts:
            self._starts[shard] = self._start_time(shard)
        start = self._starts[shard]
        if self.is_read(shard, cursor):
            return Standing(start, self.end, self.end, True)
        return Standing(start, self.end, self._time_at(shard, cursor) if cursor else start, False)

    # -- what SLS tells

    def _ask_end(self, shard: int) -> EndCursor:
        answer = self._client.get_cursor(*self._where, shard, self.end)
        final = is_over(self.end, date_of(answer), time.time())
        self._ends[shard] = EndCursor(str(answer.get_cursor()), final)
        return self._ends[shard]

    def _final_end(self, shard: int) -> EndCursor:
        """The shard's end, asked for unless it is known for good."""
        end = self._ends.get(shard)
        return end if end is not None and end.final else self._ask_end(shard)

    def _start(self, shard: int) -> Any:
        return self._client.get_cursor(*self._where, shard, self._settings.start.fixed)

    def _start_time(self, shard: int) -> float:
        start = self._settings.start.fixed
        if isinstance(start, str):  # begin: where the oldest log is
            return min(self._time_at(shard, str(self._start(shard).get_cursor())), float(self.end))
        return float(start)

    def _time_at(self, shard: int, cursor: str) -> float:
        return float(self._client.get_cursor_time(*self._where, shard, cursor).get_cursor_time())
