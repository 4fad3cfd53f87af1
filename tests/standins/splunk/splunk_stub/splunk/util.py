"""Small helpers that add-ons import."""

from __future__ import annotations

import calendar
from typing import Any

_TRUE = {"1", "true", "t", "yes", "y", "on"}
_FALSE = {"0", "false", "f", "no", "n", "off"}


def normalizeBoolean(value: Any, enableStrictMode: bool = False, includeIntegers: bool = True) -> Any:  # noqa: N802, N803
    """True or False for the usual words, anything else unchanged. Raises ValueError in strict mode."""
    if isinstance(value, bool) or value is None:
        return bool(value)
    word = str(value).strip().lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    if enableStrictMode:
        raise ValueError(f"Unable to cast value to boolean: {value}")
    return value


def mktimegm(moment: Any) -> int:
    """Seconds since the epoch of a UTC time tuple."""
    return calendar.timegm(moment)
