"""LogGroupList as the fuzz tests see it: model, encoder and strict decoder, independent of the add-on.

Field numbers are those of SLS's documentation: LogGroupList{1 LogGroups}; LogGroup{1 Logs, 3 Topic, 4 Source,
6 LogTags}; Log{1 Time, 2 Contents, 4 Time_ns fixed32}; Contents and LogTags {1 Key, 2 Value}.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator
from typing import NamedTuple, Union

Pair = tuple[bytes, bytes]
Value = Union[int, bytes]


class Log(NamedTuple):
    """`seconds` is the epoch second or 0 = none; `nanos` is what stands on the wire, None = nothing does."""

    seconds: int
    nanos: int | None
    pairs: tuple[Pair, ...]


class Group(NamedTuple):
    topic: bytes
    source: bytes
    tags: tuple[Pair, ...]
    logs: tuple[Log, ...]


class WireError(ValueError):
    """Bytes that are no LogGroupList."""


# -- encoder -----------------------------------------------------------------------------------------------


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def _delimited(number: int, data: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(data)) + data


_UNKNOWN = (
    b"\x38\x96\x01",  # field 7, varint
    b"\x3d\x00\x00\x00\x00",  # field 7, four bytes
    b"\x79" + bytes(8),  # field 15, eight bytes
    b"\x4b\x08\x05\x4c",  # field 9, a group with one varint
    b"\xfa\xff\xff\xff\x0f\x01x",  # field 2**29 - 1
)


# What a log's pairs may be and still be told apart by counting names and values.
_ODDITIES = ("no name", "no value", "two names", "two values")


class Encoder:
    """Writes groups in a layout of `rng`'s choice that means the same: order, unknown fields, repetitions."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng

    def batch(self, groups: tuple[Group, ...]) -> bytes:
        return self._mixed([_delimited(1, self._group(group)) for group in groups])

    def _group(self, group: Group) -> bytes:
        return self._mixed(
            [_delimited(1, self._log(log)) for log in group.logs],
            self._text(3, group.topic),
            self._text(4, group.source),
            [_delimited(6, self._pair(*tag)) for tag in group.tags],
            [_delimited(2, b"category"), _delimited(5, b"\xff\x00machine")] if self._rarely() else [],
        )

    def _log(self, log: Log) -> bytes:
        # Numbers keep the low 32 bits and the last of several values counts.
        time = [b"\x08" + varint(log.seconds | (self._rarely() << 40))]
        if self._rarely():
            time.insert(0, b"\x08\x2a")
        if not log.seconds and self._rarely():
            time.clear()
        nanos = [] if log.nanos is None else [b"\x25" + struct.pack("<I", log.nanos)]
        oddity = self._rng.choice(_ODDITIES) if self._rarely() else ""
        return self._mixed(time, [_delimited(2, self._content(*pair, oddity)) for pair in log.pairs], nanos)

    def _content(self, key: bytes, value: bytes, oddity: str) -> bytes:
        """A log's pair, with what SLS's schema does not allow, but of one kind in a log only."""
        parts = []
        for number, name, text in ((1, "name", key), (2, "value", value)):
            omitted = oddity == f"no {name}" and not text
            earlier = [_delimited(number, b"earlier")] if oddity == f"two {name}s" and self._rarely() else []
            parts.append([] if omitted else [*earlier, _delimited(number, text)])
        return self._mixed(*parts, unknown=False)

    def _pair(self, key: bytes, value: bytes) -> bytes:
        return self._mixed(self._text(1, key), self._text(2, value), unknown=False)

    def _text(self, number: int, value: bytes) -> list[bytes]:
        if not value and self._rarely():
            return []
        earlier = [_delimited(number, b"earlier")] if self._rarely() else []
        return [*earlier, _delimited(number, value)]

    def _mixed(self, *streams: list[bytes], unknown: bool = True) -> bytes:
        """All fields: those of one stream in their order, the streams now and then interleaved at random."""
        waiting = [list(stream) for stream in streams if stream]
        if unknown and self._rarely():
            waiting.append(self._rng.sample(_UNKNOWN, 2))
        if not self._rarely():
            return b"".join(b"".join(stream) for stream in waiting)
        out = []
        while waiting:
            stream = self._rng.choice(waiting)
            out.append(stream.pop(0))
            waiting = [stream for stream in waiting if stream]
        return b"".join(out)

    def _rarely(self) -> bool:
        return self._rng.random() < 0.1


# -- decoder -----------------------------------------------------------------------------------------------


def decode(raw: bytes) -> tuple[Group, ...]:
    """What a LogGroupList holds.

    Raises WireError, sometimes also for what a lenient reader accepts: among them a log in which some pairs
    have too much and others too little, so that names and values cannot be told apart by counting them.
    """
    return tuple(_group(value) for number, value in _fields(raw) if number == 1 and isinstance(value, bytes))


def _group(raw: bytes) -> Group:
    texts: dict[int, bytes] = {}
    tags, logs = [], []
    for number, value in _fields(raw):
        if not isinstance(value, bytes):
            continue
        if number == 1:
            logs.append(_log(value))
        elif number == 6:
            tags.append(_pair(value))
        else:
            texts[number] = value
    return Group(texts.get(3, b""), texts.get(4, b""), tuple(tags), tuple(logs))


def _log(raw: bytes) -> Log:
    seconds, nanos, pairs, parts = 0, None, [], []
    for number, value in _fields(raw):
        if number == 1 and isinstance(value, int):
            seconds = value & 0xFFFFFFFF
        elif number == 2 and isinstance(value, bytes):
            pairs.append(_pair(value))
            parts.append(
                [part for part, text in _fields(value) if part in (1, 2) and isinstance(text, bytes)]
            )
        elif number == -4 and isinstance(value, int):
            nanos = value
    names, values = (sum(part.count(number) for part in parts) for number in (1, 2))
    if names == values and any(len(part) != 2 or len(set(part)) != 2 for part in parts):
        raise WireError("pairs that break the schema in ways that make up for each other")
    return Log(seconds, nanos, tuple(pairs))


def _pair(raw: bytes) -> Pair:
    texts = {number: value for number, value in _fields(raw) if isinstance(value, bytes)}
    return texts.get(1, b""), texts.get(2, b"")


def _fields(raw: bytes) -> Iterator[tuple[int, Value]]:
    """(number, value) of varints and delimited fields, (-number, value) of four-byte ones; no others."""
    position = 0
    while position < len(raw):
        tag, position = _varint(raw, position)
        number, kind = tag >> 3, tag & 7
        if not 0 < number < 1 << 29 or kind in (3, 4, 6, 7):
            raise WireError(f"field {number} of wire type {kind}")
        if kind == 0:
            value, position = _varint(raw, position)
            yield number, value
            continue
        size, position = _varint(raw, position) if kind == 2 else ({1: 8, 5: 4}[kind], position)
        if size > len(raw) - position:
            raise WireError("a field is cut off")
        data, position = raw[position : position + size], position + size
        if kind != 1:
            yield (number, data) if kind == 2 else (-number, int.from_bytes(data, "little"))


def _varint(raw: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while shift < 70:
        if position >= len(raw):
            raise WireError("a varint is cut off")
        byte, position = raw[position], position + 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
        shift += 7
    raise WireError("a varint is too long")
