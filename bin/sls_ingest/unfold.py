"""JSON text in a log's field becomes a JSON object in the event, so that Splunk sees its fields. Pure.

The text is checked and then goes into the event as it is: numbers keep all their digits, names that occur
twice are both kept, and nothing is encoded twice. What is no JSON object or array, is nested deeper than
DEPTH or longer than LENGTH, stays the text that it was.
"""

from __future__ import annotations

from typing import Any, Final

import orjson

from .record import Fields

DEPTH: Final = 64  # levels of objects and arrays
LENGTH: Final = 1024 * 1024  # characters; SLS takes no longer value by default


def unfold(fields: Fields, names: tuple[str, ...], keep: str = "") -> tuple[bool, Any]:
    """Unfold those of `names` that the log has.

    Returns:
        False when one of them was said to hold JSON and does not; what `keep`, one of them, holds as Python
        objects, else None.
    """
    fine, kept = True, None
    for name in names:
        value = fields.get(name)
        if not value:
            continue
        parsed = _parsed(value)
        if parsed is None:
            fine = False
            continue
        fields[name] = orjson.Fragment(_one_line(value))
        if name == keep:
            kept = parsed
    return fine, kept


def _parsed(value: str | bytes) -> Any:
    if isinstance(value, bytes) or len(value) > LENGTH or value.lstrip()[:1] not in ("{", "["):
        return None
    try:
        parsed = orjson.loads(value)
    except orjson.JSONDecodeError:
        return None
    if value.count("{") + value.count("[") > DEPTH and _is_deep(parsed):
        return None
    return parsed


def _one_line(value: str) -> str:
    if "\n" in value or "\r" in value:  # between the tokens, as JSON has none inside of them
        value = value.replace("\r", " ").replace("\n", " ")
    return value


def _is_deep(parsed: Any) -> bool:
    level = [parsed]
    for _ in range(DEPTH):
        level = [part for nest in level for part in _parts(nest) if isinstance(part, (dict, list))]
        if not level:
            return False
    return True


def _parts(nest: Any) -> Any:
    return nest.values() if isinstance(nest, dict) else nest
