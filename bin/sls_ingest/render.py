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
from typing import Any

import orjson

from .record import Fields, FreeNames, text

_FORBIDDEN = re.compile("[\x00-\x1f\ufffe\uffff\ud800-\udfff]")
_SPELLED = {
    **{code: f"\\x{code:02x}" for code in range(0x20)},
    **{code: f"\\u{code:04x}" for code in (0xFFFE, 0xFFFF, *range(0xD800, 0xE000))},
    **{ord("\n"): "\\n", ord("\r"): "\\r", ord("\t"): "\t"},
}
_NON_CHARACTERS = ((b"\xef\xbf\xbe", b"\\ufffe"), (b"\xef\xbf\xbf", b"\\uffff"))
_MOST_OPENINGS = 4096  # remembered at once; logs that are sent together mostly share their second


def json_events(records: Iterable[Fields]) -> tuple[list[bytes], int]:
    """Each record as one line of JSON, and in how many of them damaged UTF-8 had to be replaced."""
    lines, repaired = [], 0
    for fields in records:
        try:
            lines.append(orjson.dumps(fields))
        except TypeError:  # bytes among the text: damaged UTF-8 on the producer's side
            lines.append(orjson.dumps(_repaired(fields)))
            repaired += 1
    return lines, repaired


def _repaired(fields: Fields) -> dict[str, Any]:
    repaired: dict[str, Any] = {}
    names = FreeNames(repaired)  # two damaged names may look alike once repaired
    for name, value in fields.items():
        repaired[names.of(text(name))] = text(value)
    return repaired


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


class Openings(dict[int, bytes]):
    """Epoch milliseconds -> the opening of an event up to and with its time; below 1000, no time."""

    def __missing__(self, stamp: int) -> bytes:
        if len(self) >= _MOST_OPENINGS:
            self.clear()
        opening = b"<event>"
        if stamp >= 1000:
            opening = b"<event><time>%d.%03d</time>" % divmod(stamp, 1000)
        self[stamp] = opening
        return opening


def events(openings: Iterable[bytes], headers: Iterable[bytes], lines: Sequence[bytes]) -> bytes:
    """Join events; escaping is done once for all of them, as no line holds a line feed."""
    if not lines:
        return b""
    plain = b"\n".join(lines)
    escaped = _escape(plain)
    if len(escaped) != len(plain):  # every replacement is longer
        lines = escaped.split(b"\n")
    return b"".join(chain.from_iterable(zip(openings, headers, lines, repeat(b"</data></event>"))))


def _escape(data: bytes) -> bytes:
    # One byte at a time, as that is what bytes.replace is fastest at; so every > and not only that of ]]>.
    data = data.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;")
    if b"\xbf" in data and b"\xef\xbf" in data:
        for raw, escaped in _NON_CHARACTERS:
            data = data.replace(raw, escaped)
    return data
