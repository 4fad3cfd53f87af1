"""The time that a field of a log states, for logs with a truer one than SLS's own. Pure.

Read are epoch seconds, milliseconds, microseconds and nanoseconds, told apart by their number of digits, and
ISO 8601 with a zone. A time without a zone is not read: which one was meant is a guess.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import Any, Final

LATEST: Final = 86_400_000  # milliseconds that a field may be ahead of SLS's time
OLDEST: Final = 366 * 86_400_000  # milliseconds that it may be behind: Splunk deletes what is old to it
_EARLIEST = 946_684_800_000  # 2000-01-01, in milliseconds
_LONGEST = 40  # characters
_SECOND = 1000  # milliseconds; SLS's time is below where a log has none
_EPOCH = re.compile(r"([0-9]{9,10})(?:\.([0-9]{1,9}))?")
_WHOLE = re.compile(r"[0-9]{12,19}")
_ISO = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))? ?(?:Z|([+-])(\d\d):?(\d\d))", re.IGNORECASE
)
_UNITS = ((13, 1), (16, 1000), (19, 1_000_000))  # digits at most -> divisor to milliseconds


def stamp(value: Any, own: int) -> int:
    """Epoch milliseconds that `value` states; `own`, SLS's time, where it states none to be believed."""
    if not isinstance(value, str):
        value = str(value) if isinstance(value, (int, float)) else ""
    read = _read(value) if 9 <= len(value) <= _LONGEST else None
    if read is None or read < _EARLIEST:
        return own
    return read if own < _SECOND or own - OLDEST <= read <= own + LATEST else own


@lru_cache(maxsize=1024)
def _read(value: str) -> int | None:
    match = _EPOCH.fullmatch(value)
    if match:
        return int(match[1]) * 1000 + _milliseconds(match[2])
    if _WHOLE.fullmatch(value):
        return int(value) // _divisor(len(value))
    iso = _ISO.fullmatch(value)
    return _moment(iso) if iso else None


def _divisor(digits: int) -> int:
    return next(divisor for most, divisor in _UNITS if digits <= most)


def _moment(match: re.Match[str]) -> int | None:
    date, clock, fraction, sign, hours, minutes = match.groups()
    east = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    try:
        moment = datetime.fromisoformat(f"{date}T{clock}").replace(tzinfo=timezone.utc)
        moment = moment + east if sign == "-" else moment - east
    except (ValueError, OverflowError):
        return None
    return int(moment.timestamp()) * 1000 + _milliseconds(fraction)


def _milliseconds(fraction: str | None) -> int:
    return int(fraction[:3].ljust(3, "0")) if fraction else 0
