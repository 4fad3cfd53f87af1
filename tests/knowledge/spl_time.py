"""The time range of a search: earliest and latest as Splunk's time modifiers (Search Reference)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

from tests.knowledge.errors import KnowledgeError

_SECONDS = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1),
    **dict.fromkeys(("m", "min", "minute", "minutes"), 60),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 3600),
    **dict.fromkeys(("d", "day", "days"), 86400),
}
_RELATIVE = re.compile(r"(?P<offset>[-+](?P<count>\d*)(?P<unit>[a-z]+))?(?:@(?P<snap>[a-z]+))?")


def moment(text: str, now: float) -> float:
    """Epoch seconds; days are cut in UTC.

    Raises:
        KnowledgeError: a modifier that is not read here: weeks, months, snapping to a weekday.
    """
    text = text.strip()
    if text == "now":
        return now
    if re.fullmatch(r"\d+(?:\.\d+)?", text):
        return float(text)
    if re.match(r"\d{4}-", text):
        return _iso(text)
    found = _RELATIVE.fullmatch(text)
    units = [found[name] for name in ("unit", "snap") if found[name]] if found else []
    if found is None or not text or any(unit not in _SECONDS for unit in units):
        raise KnowledgeError(f"Invalid time modifier: {text!r}")
    then = datetime.fromtimestamp(now, timezone.utc)
    if found["offset"]:
        amount = int(found["count"] or 1) * _SECONDS[found["unit"]]
        then += timedelta(seconds=amount if found["offset"][0] == "+" else -amount)
    stamp = then.timestamp()
    return stamp if not found["snap"] else stamp // _SECONDS[found["snap"]] * _SECONDS[found["snap"]]


def _iso(text: str) -> float:
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError as error:
        raise KnowledgeError(f"Invalid time: {text!r}") from error
    return (found if found.tzinfo else found.replace(tzinfo=timezone.utc)).timestamp()
