"""Records to the XML that splunkd reads from a modular input. Pure.

Rules (splunkd's reader is an XML 1.0 parser, and says nothing about what it does with bad input):
- one `<event>` per log, without `unbroken`: the data is one finished event, on one line;
- what costs time is done once for a slice of a batch, not for each event;
- `<time>` is epoch seconds with milliseconds, as documented; a log without a time gets none, so that Splunk
  stamps it on arrival; full nanoseconds stay in the field `__time_ns_part__`;
- JSON escapes every control character, so only U+FFFE and U+FFFF are left that XML forbids: they become JSON
  escapes too and arrive unchanged. In raw events, which have no escapes, they become visible text (`\\x00`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import chain, repeat
from typing import Any, Callable, Final

import orjson

from .record import Fields, FreeNames, Record, text

_FORBIDDEN = re.compile("[\x00-\x1f\ufffe\uffff\ud800-\udfff]")
_SPELLED = {
    **{code: f"\\x{code:02x}" for code in range(0x20)},
    **{code: f"\\u{code:04x}" for code in (0xFFFE, 0xFFFF, *range(0xD800, 0xE000))},
    **{ord("\n"): "\\n", ord("\r"): "\\r", ord("\t"): "\t"},
}
_NON_CHARACTERS = ((b"\xef\xbf\xbe", b"\\ufffe"), (b"\xef\xbf\xbf", b"\\uffff"))
_START, _END = b"<event>", b"</data></event>"
LONG_EVENT: Final = 4000  # bytes of JSON from which on long values stand last
_SHORT = 256  # characters of a value
_MOST_STAMPS, _MOST_HEADERS = 256, 256  # remembered at once


def json_event(fields: Fields) -> bytes:
    """The record as one line of JSON.

    Raises:
        TypeError: damaged UTF-8 is in it, as bytes.
    """
    return orjson.dumps(fields)


def _repaired(fields: Fields) -> dict[str, Any]:
    """The fields with damaged UTF-8 replaced."""
    repaired: dict[str, Any] = {}
    names = FreeNames(repaired)  # two damaged names may look alike once repaired
    for name, value in fields.items():
        repaired[names.of(text(name))] = text(value) if isinstance(value, bytes) else value
    return repaired


def _long_last(fields: Fields) -> Fields:
    """The short fields first, in their order, then the long ones, the longest last.

    Splunk makes fields out of the beginning of an event only (limits.conf: 5,000 bytes or 10,240 characters):
    else whoever chooses a URL or a command line could hide all that stands behind it.
    """
    sizes = {name: _size(value) for name, value in fields.items()}
    longest_last = sorted(fields, key=lambda name: max(sizes[name], _SHORT))
    return {name: fields[name] for name in longest_last}


def _size(value: Any) -> int:
    """Characters of a text; bytes of what is unfolded."""
    return len(value) if isinstance(value, (str, bytes)) else len(orjson.dumps(value))


def raw_event(value: str | bytes) -> bytes:
    """A text log as one line: what XML or a one-line event cannot hold is spelled out, visibly."""
    line = text(value)
    if _FORBIDDEN.search(line):  # a text full of them is translated many times faster than matched
        line = line.translate(_SPELLED)
    return line.encode("utf-8", "replace")


def xml_text(value: str) -> bytes:
    """`value` for an XML element such as `<host>`: escaped, forbidden characters spelled out."""
    return _escape(raw_event(value))


def header(source: str, sourcetype: str, index: str, host: str) -> bytes:
    """Everything between an event's time and its data; empty values leave splunkd's default in force."""
    elements = (("source", source), ("sourcetype", sourcetype), ("index", index), ("host", host))
    parts = [
        b"<%b>%b</%b>" % (name.encode(), xml_text(value), name.encode()) for name, value in elements if value
    ]
    return b"".join(parts) + b"<data>"


class _Prefixes(dict[int, bytes]):
    """Epoch milliseconds -> all of an event before its data; below 1000, without a time.

    Logs that are sent together mostly share their second.
    """

    def __init__(self, header: bytes) -> None:
        super().__init__()
        self._header = header

    def __missing__(self, stamp: int) -> bytes:
        if len(self) >= _MOST_STAMPS:
            self.clear()
        time = b"<time>%d.%03d</time>" % divmod(stamp, 1000) if stamp >= 1000 else b""
        prefix = self[stamp] = _START + time + self._header
        return prefix


class Slice:
    """Events that are collected for one write; `size` is that of their lines, in bytes."""

    def __init__(self) -> None:
        self.size = 0
        self._prefixes: dict[bytes, _Prefixes] = {}
        self._parts: list[bytes] = []
        self._lines: list[bytes] = []

    def add(
        self, records: Iterable[Record], header: bytes, to_line: Callable[[Fields], bytes] = orjson.dumps
    ) -> int:
        """Events of one log group; `to_line` makes one line of JSON or text out of a log's fields.

        Returns:
            In how many events damaged UTF-8 was replaced.
        """
        prefixes, repaired = self._prefixes_of(header), 0
        lines, parts = self._lines, self._parts
        is_json = to_line is orjson.dumps
        for stamp, fields in records:
            try:
                line = to_line(fields)
            except TypeError:  # bytes among the text: damaged UTF-8 on the producer's side
                fields = _repaired(fields)
                line = orjson.dumps(fields)
                repaired += 1
            if is_json and len(line) > LONG_EVENT:
                line = orjson.dumps(_long_last(fields))
            lines.append(line)
            parts.append(prefixes[stamp])
            self.size += len(line)
        return repaired

    def _prefixes_of(self, header: bytes) -> _Prefixes:
        try:
            return self._prefixes[header]
        except KeyError:
            if len(self._prefixes) >= _MOST_HEADERS:
                self._prefixes.clear()
            prefixes = self._prefixes[header] = _Prefixes(header)
            return prefixes

    def xml(self) -> bytes:
        """The events as splunkd reads them. Escaping is done once for all, as no line holds a line feed."""
        return events(self._parts, self._lines)


def event_prefix(time: float, header: bytes) -> bytes:
    """All of an event before its data, for a time in epoch seconds."""
    return _Prefixes(header)[int(time * 1000)]


def events(prefixes: Sequence[bytes], lines: Sequence[bytes]) -> bytes:
    """Join events: what stands before the data of each, and its data as one line that is not escaped yet."""
    if not lines:
        return b""
    plain = b"\n".join(lines)
    escaped = _escape(plain)
    if len(escaped) != len(plain):  # every replacement is longer
        lines = escaped.split(b"\n")
    return b"".join(chain.from_iterable(zip(prefixes, lines, repeat(_END))))


def _escape(data: bytes) -> bytes:
    # One byte at a time, as that is what bytes.replace is fastest at; so every > and not only that of ]]>.
    data = data.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;")
    if b"\xbf" in data and b"\xef\xbf" in data:
        for raw, escaped in _NON_CHARACTERS:
            data = data.replace(raw, escaped)
    return data
