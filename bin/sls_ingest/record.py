"""What flows through the core: log groups and the fields of their logs. Pure data."""

from __future__ import annotations

from collections.abc import Container
from typing import Any, NamedTuple

Fields = dict[Any, Any]  # str to str, but for damaged UTF-8, which protobuf hands over as bytes
Record = tuple[int, Fields]  # one log: its time in epoch milliseconds, below 1000 = it has none; its fields


class Group(NamedTuple):
    """One LogGroup: `topic` and `source` as text, `meta` the fields that each of its logs gets.

    `weight` is about how many bytes these fields take in an event. `logs` is a sequence in which each log
    has its names and its values as lists, `exact` the batch that has them as pairs, and `number` the place
    of the group in it.
    """

    topic: str
    source: str
    meta: dict[str, str]
    weight: int
    logs: Any
    exact: Any
    number: int


class Origin(NamedTuple):
    """Where a batch lies in SLS: enough to name each log in it, the same at each delivery."""

    shard: int
    cursor: str
    first: int | None
    """Position of its first log group; None where a query leaves some out."""
    groups: int


class FreeNames:
    """Names that nothing in `taken` has: a name itself, or `<name>__2`, `<name>__3`, ...

    Remembers how far it has counted: a hostile log may hold one name a hundred thousand times.
    """

    def __init__(self, taken: Container[Any]) -> None:
        self._taken = taken
        self._next: dict[str, int] = {}

    def of(self, name: Any) -> Any:
        """The first free name for `name`; the caller is to take it."""
        if name not in self._taken:
            return name
        base = text(name)
        number = self._next.get(base, 2)
        while f"{base}__{number}" in self._taken:
            number += 1
        self._next[base] = number + 1
        return f"{base}__{number}"


def text(value: str | bytes) -> str:
    """`value` as text; bytes that are not UTF-8 become U+FFFD, visibly."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
