"""Points in time as people write them in settings. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Union

from dateutil import parser

ACCEPTED: Final = (
    "give begin, end, epoch seconds (1735689600), a time such as 2026-01-31T08:00:00Z "
    "(without a zone: the forwarder's local time), or a time ago such as -4h (units s, m, h, d, w)"
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

    `fixed` is "begin", "end" or epoch seconds; when `ago` (seconds) is set it counts back from now instead.
    """

    fixed: Moment = "begin"
    ago: int = 0

    def resolve(self, now: float) -> Moment:
        """The moment meant at `now` (epoch seconds)."""
        return max(0, int(now) - self.ago) if self.ago else self.fixed

    @property
    def moves(self) -> bool:
        """Whether asking later gives a later position (`end`, `-1h`)."""
        return bool(self.ago) or self.fixed == "end"


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
        return TimeSpec(int(parser.parse(value).timestamp()))
    raise ValueError(value)
