"""JSON text in a log's field becomes a JSON object in the event, so that Splunk sees its fields. Pure.

The text is checked and then goes into the event as it is: numbers keep all their digits, names that occur
twice are both kept, and nothing is encoded twice. What is no JSON object or array, or is nested deeper than
DEPTH, stays the text that it was.
"""

from __future__ import annotations

from typing import Any, Final

import orjson

from .record import Fields

DEPTH: Final = 64  # levels of objects and arrays


def unfold(fields: Fields, names: tuple[str, ...]) -> bool:
    """Unfold those of `names` that the log has; False when one was said to hold JSON and does not."""
    fine = True
    for name in names:
        value = fields.get(name)
        if value:
            nested = _nested(value)
            if nested is None:
                fine = False
            else:
                fields[name] = nested
    return fine


def _nested(value: str | bytes) -> orjson.Fragment | None:
    if isinstance(value, bytes) or value.lstrip()[:1] not in ("{", "["):
        return None
    try:
        parsed = orjson.loads(value)
    except orjson.JSONDecodeError:
        return None
    if value.count("{") + value.count("[") > DEPTH and _is_deep(parsed):
        return None
    if "\n" in value or "\r" in value:  # between the tokens, as JSON has none inside of them
        value = value.replace("\r", " ").replace("\n", " ")
    return orjson.Fragment(value)


def _is_deep(parsed: Any) -> bool:
    level = [parsed]
    for _ in range(DEPTH):
        level = [part for nest in level for part in _parts(nest) if isinstance(part, (dict, list))]
        if not level:
            return False
    return True


def _parts(nest: Any) -> Any:
    return nest.values() if isinstance(nest, dict) else nest
