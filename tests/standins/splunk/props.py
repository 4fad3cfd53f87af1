"""The few index-time settings of props.conf that decide whether an event survives as it was written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone

Stanzas = Mapping[str, Mapping[str, str]]

_ISO = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d")
_EPOCH = re.compile(r"(?<!\d)1\d{9}(?!\d)")


@dataclass(frozen=True)
class Props:
    """Defaults as documented: break at CR/LF, cut at 10000 bytes, look for a time in the text."""

    line_breaker: str = r"([\r\n]+)"
    truncate: int = 10000
    datetime_config: str = ""
    lookahead: int = 128

    def break_lines(self, raw: str) -> list[str]:
        """Split at LINE_BREAKER, whose first group is thrown away; merging of lines is not simulated."""
        lines, start = [], 0
        for found in re.finditer(self.line_breaker, raw):
            lines.append(raw[start : found.start(1)])
            start = found.end(1)
        return [line for line in [*lines, raw[start:]] if line]

    def time_of(self, raw: str, given: float, arrived: float) -> float:
        """Seconds, when splunkd extracts the time: NONE keeps the input's, CURRENT takes the clock.

        Otherwise the text is searched for an ISO 8601 time (read as UTC) or epoch seconds: a rough likeness.
        """
        if self.datetime_config.upper() == "NONE":
            return given
        if self.datetime_config.upper() == "CURRENT":
            return arrived
        head = raw[: self.lookahead]
        iso, epoch = _ISO.search(head), _EPOCH.search(head)
        if iso:
            text = iso.group().replace("T", " ")
            return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=timezone.utc).timestamp()
        return float(epoch.group()) if epoch else given


def props_for(stanzas: Stanzas, sourcetype: str, source: str, host: str) -> Props:
    """Merge [default], [sourcetype], [host::h] and [source::s] (exact names only); the last one wins."""
    merged: dict[str, str] = {}
    for name in ("default", sourcetype, f"host::{host}", f"source::{source}"):
        merged.update(stanzas.get(name, {}))
    known = Props()
    return Props(
        merged.get("LINE_BREAKER", known.line_breaker),
        _int(merged.get("TRUNCATE"), known.truncate),
        merged.get("DATETIME_CONFIG", known.datetime_config),
        _int(merged.get("MAX_TIMESTAMP_LOOKAHEAD"), known.lookahead),
    )


def _int(text: str | None, default: int) -> int:
    return int(text) if text and text.strip().isdigit() else default
