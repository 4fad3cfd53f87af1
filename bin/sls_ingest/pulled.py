"""One PullLogs answer: its headers, and its body as LogGroupList bytes.

A pulled batch stays bytes: parsing is ours, and a damaged one cannot wedge the SDK's fetch task.
"""

from __future__ import annotations

import zlib

import lz4.block
from aliyun.log import LogException

_MOST_RAW = 256 * 1024 * 1024  # bytes; SLS caps one answer at about 10 MB


class PulledBatch:
    """One PullLogs answer, with the questions that the SDK's fetch task asks. `raw` is None when empty."""

    def __init__(self, headers: dict[str, str], raw: bytes | None) -> None:
        self._headers = {name.lower(): value for name, value in headers.items()}
        self.raw = raw

    def get_next_cursor(self) -> str:
        return self._headers.get("x-log-cursor", "")

    def get_loggroup_count(self) -> int:
        return self._number("x-log-count")

    def get_raw_size(self) -> int:
        return self._number("x-log-bodyrawsize")

    def get_raw_log_group_count_before_query(self) -> int:
        return self._number("x-log-rawdatacount")

    def get_raw_size_before_query(self) -> int:
        return self._number("x-log-rawdatasize")

    @property
    def is_empty(self) -> bool:
        return self.get_loggroup_count() == 0

    def decompress(self, body: bytes) -> bytes:
        """`body` by the codec that the answer names; lz4 is a bare block, its size is in the header."""
        codec = self._headers.get("x-log-compresstype", "").lower()
        if codec == "lz4":
            return bytes(lz4.block.decompress(body, uncompressed_size=self.get_raw_size()))
        if codec in ("deflate", "gzip"):
            return zlib.decompress(body)
        if codec:
            raise ValueError(f"unknown x-log-compresstype {codec!r}")
        return body

    def _number(self, name: str) -> int:
        return int(self._headers.get(name) or 0)


def decompressed(batch: PulledBatch, body: bytes, shard_id: int, cursor: str) -> bytes:
    """The body as LogGroupList bytes.

    Raises:
        LogException: it does not decompress to the size that its header names; the text holds none of it.
    """
    size = batch.get_raw_size()
    if size > _MOST_RAW:
        raise _bad_body(shard_id, cursor, f"the header names {size} bytes, more than any batch holds")
    try:
        raw = batch.decompress(body)
    except (lz4.block.LZ4BlockError, zlib.error, ValueError) as error:
        raise _bad_body(shard_id, cursor, f"{len(body)} bytes do not decompress") from error
    if len(raw) != size:
        raise _bad_body(shard_id, cursor, f"{len(raw)} bytes where the header says {size}")
    return raw


def _bad_body(shard_id: int, cursor: str, what: str) -> LogException:
    return LogException("BadResponse", f"damaged answer from shard {shard_id} at cursor {cursor}: {what}")
