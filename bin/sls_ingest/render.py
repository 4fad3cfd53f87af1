"""Records to the XML that splunkd reads from a modular input. Pure.

Rules (splunkd's reader is an XML 1.0 parser, and says nothing about what it does with bad input):
- one `<event>` per log, without `unbroken`: the data is one finished event, on one line;
- `<time>` is epoch seconds with milliseconds, as documented; a log without a time gets none, so that Splunk
  stamps it on arrival; full nanoseconds stay in the field `__time_ns_part__`;
- JSON escapes every control character, so only U+FFFE and U+FFFF are left that XML forbids: they become JSON
  escapes too and arrive unchanged. In raw events, which have no escapes, they become visible text (`\\x00`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import orjson

from .record import Fields, FreeNames, Record, text

_FORBIDDEN = re.compile("[\x00-\x1f\ufffe\uffff\ud800-\udfff]")
_SPELLED = {
    **{code: f"\\x{code:02x}" for code in range(0x20)},
    **{code: f"\\u{code:04x}" for code in (0xFFFE, 0xFFFF, *range(0xD800, 0xE000))},
    **{ord("\n"): "\\n", ord("\r"): "\\r", ord("\t"): "\t"},
}
_NON_CHARACTERS = ((b"\xef\xbf\xbe", b"\\ufffe"), (b"\xef\xbf\xbf", b"\\uffff"))
_MILLISECOND = 1_000_000  # nanoseconds


def json_event(fields: Fields) -> tuple[bytes, bool]:
    """The record as one line of JSON, and whether damaged UTF-8 had to be replaced in it."""
    try:
        return orjson.dumps(fields), False
    except TypeError:  # bytes among the text: damaged UTF-8 on the producer's side
        return orjson.dumps(_repaired(fields)), True


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


def event_time(record: Record) -> bytes:
    """The opening of an event up to and with its time, which is seconds and milliseconds."""
    if not record.seconds:
        return b"<event>"
    return b"<event><time>%d.%03d</time>" % (record.seconds, record.nanos // _MILLISECOND)


def events(openings: Iterable[bytes], header: bytes, bodies: list[bytes]) -> bytes:
    """Join the events of one group; escaping is done once for all of them, as no body holds a line feed."""
    if not bodies:
        return b""
    lines = _escape(b"\n".join(bodies)).split(b"\n")
    return b"".join(
        [b"%b%b%b</data></event>" % (opening, header, line) for opening, line in zip(openings, lines)]
    )


def _escape(data: bytes) -> bytes:
    data = data.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b"]]>", b"]]&gt;")
    for raw, escaped in _NON_CHARACTERS:
        data = data.replace(raw, escaped)
    return data
