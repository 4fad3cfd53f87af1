"""An AccessKey pair with its STS token, as an account or a service gives it, and how long it lasts. Pure."""

from __future__ import annotations

import calendar
import math
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .timespec import http_epoch

_STAMP = "%Y-%m-%dT%H:%M:%SZ"
_UNKNOWN_LIFE = 600.0  # seconds; what we count on when nothing tells how long credentials last
_LEAST_PAUSE = 1.0  # seconds between two renewals, however short the credentials last


@dataclass(frozen=True)
class AccessKey:
    """What signs a request. `life`: the seconds it lasts from when it was asked for; inf = permanent.

    The secrets are kept out of repr, so that no log or traceback can show them.
    """

    id: str
    _secret: tuple[str, str]
    life: float = math.inf

    def __repr__(self) -> str:
        return f"AccessKey({self.id!r}, life={self.life:g})"

    @property
    def secret(self) -> str:
        return self._secret[0]

    @property
    def security_token(self) -> str:
        """The STS token, empty for a permanent AccessKey."""
        return self._secret[1]

    def renewal(self) -> float:
        """Seconds from its fetching to its renewal: before half of its life, so that the other half is there
        to try again in; with jitter, so that inputs do not march in step."""
        return max(self.life * random.uniform(0.4, 0.5), _LEAST_PAUSE)


class UnusableError(ValueError):
    """What was given as credentials is none; the text says why, and holds nothing of it."""


def read_access_key(given: Mapping[str, Any], date: str, now: float, most: float) -> AccessKey:
    """Temporary credentials as STS and the metadata service write them.

    Args:
        date: the answer's Date header, "" where it has none.
        now: this machine's time in epoch seconds.
        most: seconds that such credentials last at most.

    Raises:
        UnusableError: a part is missing, or they have expired.
    """
    parts = [given.get(name) for name in ("AccessKeyId", "AccessKeySecret", "SecurityToken", "Expiration")]
    if not all(isinstance(part, str) and part for part in parts):
        raise UnusableError("they are not complete")
    key_id, secret, token, expiration = map(str, parts)
    return AccessKey(key_id, (secret, token), life(expiration, date, now, most))


def life(expiration: str, date: str, now: float, most: float) -> float:
    """Seconds that credentials still last, whatever this machine's clock says.

    The service stamps its answer with its own time (Date), and the end counts from there: a clock that is
    off neither asks again and again nor lets credentials lapse. Without Date our own clock has to do. Where
    that leads to an end in the past, or beyond `most`, the clock is off, and a cautious guess has to do.

    Raises:
        UnusableError: they have expired, by the service's own time.
    """
    end, stamped = _epoch(expiration), http_epoch(date)
    guess = min(most, _UNKNOWN_LIFE)
    if end is None:
        return guess
    if stamped is None:
        return end - now if 0 < end - now <= most else guess
    if end <= stamped:
        raise UnusableError("they have expired")
    return min(end - stamped, most)


def _epoch(text: str) -> float | None:
    try:
        return float(calendar.timegm(time.strptime(text, _STAMP)))
    except ValueError:
        return None
