"""Points in time as people write them in settings. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Final, Union

from dateutil import parser

ACCEPTED: Final = (
    "give begin, end, epoch seconds (1735689600), a time such as 2026-01-31T08:00:00Z "
    "(without a zone: the forwarder's local time), or a time ago such as -4h (units s, m, h, d, w)"
)
FIXED: Final = (
    "epoch seconds (1735689600) or a time such as 2026-01-31T08:00:00Z "
    "(without a zone: the forwarder's local time)"
)
_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_RELATIVE = re.compile(r"-\s*(\d{1,9})\s*([smhdw])", re.IGNORECASE)
_EPOCH = re.compile(r"\d{9,10}")
_ISO = re.compile(
    r"\d{4}-\d{1,2}-\d{1,2}([T ]\d{1,2}:\d{1,2}(:\d{1,2}(\.\d{1,9})?)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?)?",
    re.IGNORECASE,
)

Moment = Union[str, int]  # "begin", "end", or epoch seconds


@dataclass(frozen=True)
class TimeSpec:
    """A point in time that may depend on when it is asked for.

    `fixed` is "begin", "end" or epoch seconds; when `ago` (seconds) is given it counts back from now instead.
    """

    fixed: Moment = "begin"
    ago: int | None = None

    def resolve(self, now: float) -> Moment:
        """The moment meant at `now` (epoch seconds)."""
        return self.fixed if self.ago is None else max(0, int(now) - self.ago)

    @property
    def moves(self) -> bool:
        """Whether asking later gives a later position (`end`, `-1h`)."""
        return self.ago is not None or self.fixed == "end"


def parse(value: str) -> TimeSpec:
    """Read a point in time.

    Raises:
        ValueError: `value` is none of the accepted forms.
    """
    value = value.strip()
    if value.lower() in ("begin", "end"):
        return TimeSpec(value.lower())
    if _EPOCH.fullmatch(value):
        return TimeSpec(int(value))
    relative = _RELATIVE.fullmatch(value)
    if relative:
        return TimeSpec(ago=int(relative.group(1)) * _UNITS[relative.group(2).lower()])
    if _ISO.fullmatch(value):
        return TimeSpec(_epoch_seconds(parser.parse(value)))
    raise ValueError(value)


def _epoch_seconds(time: datetime) -> int:
    try:
        return int(time.timestamp())
    except (OSError, OverflowError) as error:  # Windows knows local times of 1970 to 3000 only
        raise ValueError(str(time)) from error


def parse_fixed(value: str) -> int:
    """Read a point in time that is the same whenever it is asked for, as epoch seconds.

    Raises:
        ValueError: `value` is none of the forms of FIXED.
    """
    moment = parse(value)
    if isinstance(moment.fixed, str) or moment.moves:
        raise ValueError(value)
    return moment.fixed


def utc(moment: float) -> str:
    """Epoch seconds as people read them: 2026-01-31T08:00:00Z."""
    return datetime.fromtimestamp(moment, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def http_epoch(text: str) -> float | None:
    """A Date header as epoch seconds; None when it is no date."""
    try:
        return parsedate_to_datetime(text).timestamp()
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
