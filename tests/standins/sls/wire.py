"""Wire formats: LogGroup protobuf (by hand, proto2) and the body codecs lz4, zstd, deflate.

Log{1 Time varint, 2 Contents{1 Key, 2 Value}, 4 Time_ns fixed32}; LogGroup{1 Logs, 2 Category, 3 Topic, 4
Source, 5 MachineUUID, 6 LogTags{1 Key, 2 Value}}; LogGroupList{1 LogGroups}. Documented, and common to all
clients. lz4 bodies are one raw block without frame or size prefix; deflate is a zlib stream; zstd one frame.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Union

import lz4.block

Text = Union[str, bytes]
Pair = tuple[bytes, bytes]


class WireError(ValueError):
    """Bytes that do not follow the format."""


@dataclass
class Log:
    """One log: time in epoch seconds, optional nanosecond part, and key/value contents as bytes."""

    time: int
    contents: list[Pair]
    time_ns: int | None = None


@dataclass
class LogGroup:
    """One log group, strings kept as the bytes that were sent."""

    logs: list[Log] = field(default_factory=list)
    topic: bytes = b""
    source: bytes = b""
    tags: list[Pair] = field(default_factory=list)
    category: bytes | None = None
    machine_uuid: bytes | None = None


# -- protobuf


def varint(value: int) -> bytes:
    """`value` as a base-128 varint."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def read_varint(data: bytes, pos: int) -> tuple[int, int]:
    """The varint at `pos` and the position after it; raises WireError."""
    value = shift = 0
    while shift < 70:
        if pos >= len(data):
            raise WireError("truncated varint")
        byte = data[pos]
        pos += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, pos
        shift += 7
    raise WireError("varint too long")


def delimited(number: int, data: bytes) -> bytes:
    """A length-delimited field."""
    return varint(number << 3 | 2) + varint(len(data)) + data


def frame(group: bytes) -> bytes:
    """A serialized log group as an element of LogGroupList."""
    return b"\x0a" + varint(len(group)) + group


def fields_of(data: bytes) -> Iterator[tuple[int, int, int | bytes]]:
    """All fields of a message as (number, wire type, value); raises WireError."""
    pos, end = 0, len(data)
    while pos < end:
        key, pos = read_varint(data, pos)
        number, kind = key >> 3, key & 7
        if number == 0:
            raise WireError("field number 0")
        value: int | bytes
        if kind == 0:
            value, pos = read_varint(data, pos)
        else:
            size, pos = (8, pos) if kind == 1 else (4, pos) if kind == 5 else _length(data, pos, kind)
            if pos + size > end:
                raise WireError("truncated field")
            value = data[pos : pos + size]
            pos += size
        yield number, kind, value


def _length(data: bytes, pos: int, kind: int) -> tuple[int, int]:
    if kind != 2:
        raise WireError(f"unknown wire type {kind}")
    return read_varint(data, pos)


def _bytes(value: int | bytes) -> bytes:
    if isinstance(value, int):
        raise WireError("a varint where bytes are due")
    return value


def _pair(data: bytes) -> Pair:
    found: dict[int, bytes] = {}
    for number, _kind, value in fields_of(data):
        if number in (1, 2):
            found[number] = _bytes(value)
    if len(found) != 2:
        raise WireError("key or value is missing")
    return found[1], found[2]


def decode_log(data: bytes) -> Log:
    """One Log message; raises WireError (also when Time is missing)."""
    time: int | None = None
    log = Log(0, [])
    for number, kind, value in fields_of(data):
        if number == 1 and isinstance(value, int):
            time = value & 0xFFFFFFFF
        elif number == 2:
            log.contents.append(_pair(_bytes(value)))
        elif number == 4:
            log.time_ns = (
                value if isinstance(value, int) else struct.unpack("<I", value)[0] if kind == 5 else None
            )
    if time is None:
        raise WireError("log without Time")
    log.time = time
    return log


def decode_group(data: bytes) -> LogGroup:
    """One LogGroup message; raises WireError."""
    group = LogGroup()
    for number, _kind, value in fields_of(data):
        if number == 1:
            group.logs.append(decode_log(_bytes(value)))
        elif number == 6:
            group.tags.append(_pair(_bytes(value)))
        elif number in (2, 3, 4, 5):
            name = {2: "category", 3: "topic", 4: "source", 5: "machine_uuid"}[number]
            setattr(group, name, _bytes(value))
    return group


def decode_list(data: bytes) -> list[LogGroup]:
    """A LogGroupList message; raises WireError."""
    return [decode_group(_bytes(value)) for number, _kind, value in fields_of(data) if number == 1]


def raw(text: Text) -> bytes:
    """Text as UTF-8, bytes as they are."""
    return text.encode() if isinstance(text, str) else text


def encode_log(log: Log) -> bytes:
    """One Log message."""
    parts = [b"\x08", varint(log.time)]
    for key, value in log.contents:
        parts.append(delimited(2, delimited(1, key) + delimited(2, value)))
    if log.time_ns is not None:
        parts.append(b"\x25" + struct.pack("<I", log.time_ns))
    return b"".join(parts)


def encode_tags(tags: Iterable[Pair]) -> bytes:
    """LogTags fields of a LogGroup; may be appended to a serialized group."""
    return b"".join(delimited(6, delimited(1, key) + delimited(2, value)) for key, value in tags)


def encode_group(group: LogGroup) -> bytes:
    """One LogGroup message."""
    parts = [delimited(1, encode_log(log)) for log in group.logs]
    for number, value in ((2, group.category), (3, group.topic), (4, group.source), (5, group.machine_uuid)):
        if value is not None:
            parts.append(delimited(number, value))
    return b"".join(parts) + encode_tags(group.tags)


# -- body codecs


def compress(codec: str, data: bytes) -> bytes:
    """`data` in `codec` (lz4, zstd, deflate, gzip); raises WireError for any other name."""
    if codec == "lz4":
        return bytes(lz4.block.compress(data, store_size=False))
    if codec in ("deflate", "gzip"):
        return zlib.compress(data)
    if codec == "zstd":
        import zstandard

        return zstandard.ZstdCompressor().compress(data)
    raise WireError(f"unknown codec {codec}")


def decompress(codec: str, data: bytes, size: int) -> bytes:
    """The raw bytes of `data`, which must be exactly `size` long; raises WireError."""
    try:
        out = _decompress(codec, data, size)
    except WireError:
        raise
    except Exception as exc:
        raise WireError(f"{codec} body is damaged") from exc
    if len(out) != size:
        raise WireError(f"raw size is {len(out)}, not {size}")
    return out


def _decompress(codec: str, data: bytes, size: int) -> bytes:
    if codec == "lz4":
        return bytes(lz4.block.decompress(data, uncompressed_size=size)) if data else b""
    if codec in ("deflate", "gzip"):
        return zlib.decompress(data)
    if codec == "zstd":
        import zstandard

        return zstandard.ZstdDecompressor().decompress(data, max_output_size=max(size, 1))
    raise WireError(f"unknown codec {codec}")


def split_frames(data: bytes) -> Sequence[bytes]:
    """The raw bytes of each element of a LogGroupList."""
    return [_bytes(value) for number, _kind, value in fields_of(data) if number == 1]
