"""LogGroupList bytes in, records out. Pure.

A record keeps the log's own fields first and in their order, then what SLS says about the group:
`__topic__`, `__source__`, `__tag__:<key>`, and `__time_ns_part__` where the log carries nanoseconds.
Nothing is overwritten: when two values claim one name, SLS's own keeps it and the log's field moves to
`<name>__2`, `<name>__3`, ... in order.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from google.protobuf.message import DecodeError

from .errors import BadBatchError
from .record import Fields, FreeNames, Group, Record, text
from .wire import LogGroupList

_NANOSECONDS = 1_000_000_000


def groups(raw: bytes, expected: int) -> Iterator[Group]:
    """Parse a decompressed PullLogs body, which is said to hold `expected` log groups.

    Raises:
        BadBatchError: the bytes are not a LogGroupList, or not of so many log groups.
    """
    batch = LogGroupList()
    try:
        batch.ParseFromString(raw)
    except DecodeError as error:
        raise BadBatchError(f"{len(raw)} bytes are not a LogGroupList") from error
    if len(batch.LogGroups) != expected:
        raise BadBatchError(f"{len(batch.LogGroups)} log groups where {expected} were announced")
    for group in batch.LogGroups:
        yield _group(group)


def _group(group: Any) -> Group:
    topic, source = text(group.Topic), text(group.Source)
    meta = {"__topic__": topic, "__source__": source}
    names = FreeNames(meta)
    for tag in group.LogTags:
        meta[names.of(f"__tag__:{text(tag.Key)}")] = text(tag.Value)
    return Group(topic, source, meta, group.Logs)


def records(group: Group) -> Iterator[Record]:
    """The group's logs, in order."""
    meta, meta_count = group.meta, len(group.meta)
    for log in group.logs:
        contents = log.Contents
        nanos = log.Time_ns % _NANOSECONDS
        fields: Fields = {pair.Key: pair.Value for pair in contents}
        fields.update(meta)
        # One length tells whether any name was claimed twice, without a look at each field.
        if len(fields) != len(contents) + meta_count:
            fields = _without_loss(contents, meta)
        if nanos:
            put_own(fields, "__time_ns_part__", str(nanos))
        yield Record(log.Time, nanos, fields)


def put_own(fields: Fields, name: str, value: str) -> None:
    """Set a field of SLS's or ours, whose name nobody else keeps: a log's field of that name moves."""
    claimed = fields.get(name)
    fields[name] = value
    if claimed is not None:
        fields[FreeNames(fields).of(name)] = claimed


def _without_loss(contents: Any, meta: dict[str, str]) -> Fields:
    fields: Fields = {}
    taken = set(meta)
    names = FreeNames(taken)
    for pair in contents:
        name = names.of(pair.Key)
        taken.add(name)
        fields[name] = pair.Value
    fields.update(meta)
    return fields
