"""What flows through the core: groups of records. Pure data."""

from __future__ import annotations

from typing import Any, NamedTuple

Fields = dict[Any, Any]  # str to str, but for damaged UTF-8, which protobuf hands over as bytes


class Group(NamedTuple):
    """One LogGroup: `topic` and `source` as text, `meta` the fields that each of its logs gets."""

    topic: str
    source: str
    meta: dict[str, str]
    logs: Any


class Record(NamedTuple):
    """One log: `seconds` since the epoch (0 = the log has no time), `nanos` 0..999999999, its fields."""

    seconds: int
    nanos: int
    fields: Fields


def text(value: str | bytes) -> str:
    """`value` as text; bytes that are not UTF-8 become U+FFFD, visibly."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
