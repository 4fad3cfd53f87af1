"""LogGroupList bytes in, the fields of each log out. Pure.

A log keeps its own fields first and in their order, then gets what SLS says about the group: `__topic__`,
`__source__`, `__tag__:<key>`, and `__time_ns_part__` where the log carries nanoseconds. Nothing is
overwritten: when two values claim one name, SLS's own keeps it and the log's field moves to `<name>__2`,
`<name>__3`, ... in order.

Names and values come as two lists (see wire.py), which belong together one to one: SLS's schema requires
both in each pair. Where their numbers differ, the log is read again pair by pair.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

from google.protobuf.message import DecodeError

from .errors import BadBatchError
from .record import Fields, FreeNames, Group, Record, text
from .wire import LogColumns, LogGroupList

_NANOSECONDS = 1_000_000_000
_MILLISECOND = 1_000_000  # nanoseconds


class _Exact:
    """The batch with its logs as pairs, parsed when it is first asked for."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    @cached_property
    def _groups(self) -> Any:
        return LogGroupList.FromString(self._raw).LogGroups

    def columns(self, group: int, log: int) -> tuple[list[Any], list[Any]]:
        """Names and values of one log; what a pair lacks is empty, and the last of several counts."""
        contents = self._groups[group].Logs[log].Contents
        return [pair.Key for pair in contents], [pair.Value for pair in contents]


def groups(raw: bytes, expected: int) -> Iterator[Group]:
    """Parse a decompressed PullLogs body, which is said to hold `expected` log groups.

    Raises:
        BadBatchError: the bytes are not a LogGroupList, or not of so many log groups.
    """
    batch = LogColumns()
    try:
        batch.ParseFromString(raw)
    except DecodeError as error:
        raise BadBatchError(f"{len(raw)} bytes are not a LogGroupList") from error
    if len(batch.LogGroups) != expected:
        raise BadBatchError(f"{len(batch.LogGroups)} log groups where {expected} were announced")
    exact = _Exact(raw)
    for number, group in enumerate(batch.LogGroups):
        topic, source, tags = group.Topic, group.Source, group.LogTags
        if isinstance(topic, bytes) or isinstance(source, bytes):
            topic, source = text(topic), text(source)
        meta = {"__topic__": topic, "__source__": source}
        weight = len(topic) + len(source)
        if tags:
            weight += _add_tags(meta, tags)
        yield Group(topic, source, meta, weight, group.Logs, exact, number)


def _add_tags(meta: dict[str, str], tags: Any) -> int:
    """Returns the characters added."""
    names, weight = FreeNames(meta), 0
    for tag in tags:
        name, value = names.of(f"__tag__:{text(tag.Key)}"), text(tag.Value)
        meta[name] = value
        weight += len(name) + len(value)
    return weight


def records(group: Group, logs: Sequence[Any], first: int) -> Iterator[Record]:
    """Time and fields of each of `logs`, which are the group's from number `first` on."""
    meta, meta_count = group.meta, len(group.meta)
    for number, log in enumerate(logs, first):
        contents = log.Contents
        names, values = contents.Key[:], contents.Value[:]
        fields: Fields = dict(zip(names, values))
        fields.update(meta)
        # Two lengths tell whether any name was claimed twice, without a look at each field.
        if len(fields) != len(names) + meta_count or len(names) != len(values):
            if len(names) != len(values):
                names, values = group.exact.columns(group.number, number)
            fields = _without_loss(names, values, meta)
        stamp, nanos = log.Time * 1000, log.Time_ns
        if nanos:
            nanos %= _NANOSECONDS
            stamp += nanos // _MILLISECOND
            if nanos:
                put_own(fields, "__time_ns_part__", str(nanos))
        yield stamp, fields


def put_own(fields: Fields, name: str, value: str) -> None:
    """Set a field of SLS's or ours, whose name nobody else keeps: a log's field of that name moves."""
    claimed = fields.get(name)
    fields[name] = value
    if claimed is not None:
        fields[FreeNames(fields).of(name)] = claimed


def _without_loss(names: list[Any], values: list[Any], meta: dict[str, str]) -> Fields:
    fields: Fields = {}
    taken = set(meta)
    free = FreeNames(taken)
    for name, value in zip(names, values):
        own = free.of(name)
        taken.add(own)
        fields[own] = value
    fields.update(meta)
    return fields
