"""One shard: an append-only sequence of pre-serialized log groups, addressed by cursors.

A cursor value is the position before a log group; consecutive log groups have consecutive values. The text
form is base64 of the decimal integer. Both observed in clients; the start value is a knob.
"""

from __future__ import annotations

import base64
import binascii
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

from .wire import frame

KEY_SPACE = 1 << 128


def cursor_text(value: int) -> str:
    """A cursor value as clients see it."""
    return base64.b64encode(str(value).encode()).decode()


def cursor_value(text: str, *, unpadded: bool) -> int:
    """The value of a cursor text; raises ValueError when it is not base64 of a decimal number."""
    padded = text + "=" * (-len(text) % 4) if unpadded else text
    try:
        digits = base64.b64decode(padded, validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError) as exc:
        raise ValueError("not base64") from exc
    if not digits.isdigit() or len(digits) > 19:
        raise ValueError("not a number")
    return int(digits)


def key_text(value: int) -> str:
    """A hash key as 32 hex digits; the end of the key space is written as all f."""
    return f"{min(value, KEY_SPACE - 1):032x}"


@dataclass
class Slice:
    """What one read of a shard found: frames of LogGroupList and their bytes, where they start, and the
    shard's end."""

    start: int
    frames: list[bytes]
    size: int
    end: int

    @property
    def next(self) -> int:
        """Cursor value after the last frame."""
        return self.start + len(self.frames)


@dataclass
class Shard:
    """Key range, lineage and data of one shard. Not locked: the logstore's lock guards it."""

    id: int
    begin_key: int
    end_key: int
    created: int
    base: int
    parents: tuple[int, ...] = ()
    readonly_since: int | None = None
    first: int = 0
    frames: list[bytes] = field(default_factory=list)
    times: list[int] = field(default_factory=list)
    logs_written: int = 0
    bytes_written: int = 0

    @property
    def begin(self) -> int:
        """Cursor value of the oldest retained log group."""
        return self.base + self.first

    @property
    def end(self) -> int:
        """Cursor value of the next log group to be written."""
        return self.begin + len(self.frames)

    @property
    def readonly(self) -> bool:
        """True after a split or merge made it a parent."""
        return self.readonly_since is not None

    def append(self, group: bytes, now: int, logs: int = 0) -> int:
        """Store one serialized log group received at `now` (epoch seconds); returns its cursor value."""
        cursor = self.end
        self.frames.append(frame(group))
        self.times.append(max(now, self.times[-1]) if self.times else now)
        self.logs_written += logs
        self.bytes_written += len(group)
        return cursor

    def repeat(self, groups: int, times: int, *, logs: int, size: int) -> None:
        """Store the last `groups` log groups `times` times more. Their bytes are held once, so a further log
        group costs two references. `logs` and `size` (bytes) are those of one round."""
        self.frames += self.frames[-groups:] * times
        self.times += self.times[-1:] * (groups * times)
        self.logs_written += logs * times
        self.bytes_written += size * times

    def at_time(self, when: int) -> int:
        """Cursor value of the first log group received at or after `when` (epoch seconds)."""
        return self.begin + bisect_left(self.times, when)

    def time_at(self, cursor: int, now: int) -> int:
        """Receive time of the log group at `cursor`; `now` at the end."""
        index = cursor - self.begin
        return self.times[index] if 0 <= index < len(self.times) else now

    def read(self, cursor: int, count: int, limit: int, stop: int | None = None) -> Slice:
        """Up to `count` log groups and about `limit` bytes from `cursor`, never past `stop`; at least one."""
        index = cursor - self.begin
        last = min(index + count, len(self.frames))
        if stop is not None:
            last = min(last, max(stop - self.begin, index))
        frames = self.frames[index:last]
        sizes = list(accumulate(map(len, frames)))
        kept = max(bisect_right(sizes, limit), min(len(frames), 1))
        return Slice(cursor, frames[:kept], sizes[kept - 1] if kept else 0, self.end)

    def expire(self, before: int) -> int:
        """Drop log groups received before `before` (epoch seconds); returns how many."""
        if not self.times or self.times[0] >= before:
            return 0
        return self.drop(bisect_left(self.times, before))

    def drop(self, count: int) -> int:
        """Drop the `count` oldest log groups; returns how many there were."""
        count = max(0, min(count, len(self.frames)))
        del self.frames[:count]
        del self.times[:count]
        self.first += count
        return count

    def holds(self, key: int) -> bool:
        """True when `key` lies in this shard's half-open range (the last range includes all f)."""
        return self.begin_key <= key < self.end_key

    def describe(self) -> dict[str, Any]:
        """The shard as ListShards shows it."""
        return {
            "shardID": self.id,
            "status": "readonly" if self.readonly else "readwrite",
            "inclusiveBeginKey": key_text(self.begin_key),
            "exclusiveEndKey": key_text(self.end_key),
            "createTime": self.created,
        }
