"""One PullLogs answer: its headers checked, its body as LogGroupList bytes.

A pulled batch stays as SLS sent it until its turn comes: compressed, it takes a fifth of the memory while it
waits, and a damaged one cannot wedge the SDK's fetch task. An answer that is no PullLogs answer, or was cut
on its way, is an error, and the fetch is repeated. Damage in a whole answer shows when it is unpacked, and is
the processor's to narrow down.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import lz4.block
from aliyun.log import LogException

from .cursors import position
from .errors import BadBatchError
from .memory import Room
from .notices import Gap
from .outage import BAD_RESPONSE

_MOST_RAW = 256 * 1024 * 1024  # bytes; SLS caps one answer at about 10 MB


@dataclass(frozen=True)
class PulledBatch:
    """What was pulled from `cursor` on, with the questions that the SDK's fetch task asks.

    `body` is as SLS sent it, in the codec `encoding`, and announced to be `size` bytes when unpacked. `gap`
    says that the logs between `cursor` and `next_cursor` are gone. `room` is the memory it takes.
    """

    cursor: str
    next_cursor: str
    groups: int = 0
    body: bytes = b""
    encoding: str = ""
    size: int = 0
    first: int | None = None
    """Position of the first log group as a number, where SLS tells it."""
    groups_before_query: int = 0
    size_before_query: int = 0
    at_end: bool | None = None
    """Whether this was all that the shard had; None where SLS does not tell."""
    gap: Gap | None = None
    room: Room | None = field(default=None, compare=False, repr=False)

    def unpacked(self) -> bytes:
        """LogGroupList bytes.

        Raises:
            BadBatchError: the body is not what it is announced to be.
        """
        if bool(self.size) != bool(self.groups):
            raise BadBatchError(f"{self.groups} log groups in {self.size} bytes")
        if self.size > _MOST_RAW:
            raise BadBatchError(f"{self.size} bytes are announced, more than any batch holds")
        try:
            raw = _decompress(self.encoding, self.body, self.size) if self.size else b""
        except (lz4.block.LZ4BlockError, zlib.error, ValueError) as error:
            codec = self.encoding[:20]
            raise BadBatchError(f"{len(self.body)} bytes do not decompress as '{codec}'") from error
        if len(raw) != self.size:
            raise BadBatchError(f"{len(raw)} bytes where {self.size} were announced")
        return raw

    def get_next_cursor(self) -> str:
        return self.next_cursor

    def get_loggroup_count(self) -> int:
        """Never 0 where the processor has something to do: the library would not call it."""
        return max(self.groups, 1) if self.size or self.gap else self.groups

    def get_raw_size(self) -> int:
        return self.size

    def get_raw_log_group_count_before_query(self) -> int:
        return self.groups_before_query

    def get_raw_size_before_query(self) -> int:
        return self.size_before_query

    @property
    def is_empty(self) -> bool:
        return self.get_loggroup_count() == 0

    @property
    def is_all(self) -> bool:
        """Whether the shard had nothing beyond `next_cursor`, as far as the answer tells."""
        stands = self.is_empty and self.cursor == self.next_cursor
        return stands if self.at_end is None else self.at_end and not self.gap


def read_answer(
    cursor: str, headers: Mapping[str, str], body: bytes, room: Room | None = None
) -> PulledBatch:
    """The batch in an answer to PullLogs from `cursor` on.

    Raises:
        LogException: this is not a whole PullLogs answer; the text holds none of it.
    """
    given = {name.lower(): value for name, value in headers.items()}
    if "content-encoding" not in given and given.get("content-length", str(len(body))) != str(len(body)):
        raise _bad(cursor, f"{len(body)} bytes where {given['content-length']} were announced")
    groups, size = _number(given, "x-log-count", cursor), _number(given, "x-log-bodyrawsize", cursor)
    next_cursor = given.get("x-log-cursor", "")
    if not _leads_on(cursor, next_cursor, groups):
        raise _bad(cursor, "it does not say where to go on")
    return PulledBatch(
        cursor,
        next_cursor,
        groups,
        body,
        given.get("x-log-compresstype", "").lower(),
        size,
        _first_position(given, groups),
        _optional(given, "x-log-rawdatacount"),
        _optional(given, "x-log-rawdatasize"),
        {"1": True, "0": False}.get(given.get("x-log-end-of-cursor", "")),
        room=room,
    )


def _leads_on(cursor: str, next_cursor: str, groups: int) -> bool:
    """Whether `next_cursor` can lie behind so many log groups; once followed, a wrong one is never left."""
    asked, onward = position(cursor), position(next_cursor)
    if asked is None:  # SLS uses another form of cursor than clients have seen so far
        return bool(next_cursor) and not (groups and next_cursor == cursor)
    return onward is not None and onward >= asked + bool(groups)


def _decompress(encoding: str, body: bytes, size: int) -> bytes:
    """`body` by the codec that the answer names; lz4 is a bare block, its size is in the header."""
    if encoding == "lz4":
        return bytes(lz4.block.decompress(body, uncompressed_size=size))
    if encoding in ("deflate", "gzip"):
        unpacking = zlib.decompressobj()
        return unpacking.decompress(body, size + 1)  # no more than that, whatever a bomb would unpack to
    if encoding:
        raise ValueError("unknown codec")
    return body


def _number(headers: Mapping[str, str], name: str, cursor: str) -> int:
    value = headers.get(name, "").strip()
    if not (value.isascii() and value.isdigit()) or len(value) > 18:
        raise _bad(cursor, f"its {name} is no number")
    return int(value)


def _optional(headers: Mapping[str, str], name: str) -> int:
    value = headers.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) <= 18 else 0


def _first_position(headers: Mapping[str, str], groups: int) -> int | None:
    """From x-log-read-last-cursor, the position of the last log group as a plain number (observed)."""
    if not groups or "x-log-rawdatacount" in headers:  # a query leaves log groups out
        return None
    last = headers.get("x-log-read-last-cursor", "")
    return int(last) - groups + 1 if last.isascii() and last.isdigit() and len(last) <= 19 else None


def _bad(cursor: str, what: str) -> LogException:
    return LogException(BAD_RESPONSE, f"the answer to PullLogs at cursor {cursor} is damaged: {what}")
