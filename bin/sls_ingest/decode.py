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
from .record import Fields, Group, Record, text
from .wire import LogGroupList

_NANOSECONDS = 1_000_000_000


def groups(raw: bytes) -> Iterator[Group]:
    """Parse a decompressed PullLogs body.

    Raises:
        BadBatchError: the bytes are not a LogGroupList.
    """
    batch = LogGroupList()
    try:
        batch.ParseFromString(raw)
    except DecodeError as error:
        raise BadBatchError(f"{len(raw)} bytes are not a LogGroupList") from error
    for group in batch.LogGroups:
        yield _group(group)


def _group(group: Any) -> Group:
    topic, source = text(group.Topic), text(group.Source)
    meta = {"__topic__": topic, "__source__": source}
    for tag in group.LogTags:
        _add(meta, f"__tag__:{text(tag.Key)}", text(tag.Value))
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
            _add(fields, "__time_ns_part__", str(nanos))
        yield Record(log.Time, nanos, fields)


def _without_loss(contents: Any, meta: dict[str, str]) -> Fields:
    fields: Fields = {}
    taken = set(meta)
    for pair in contents:
        name = _free_name(pair.Key, taken)
        taken.add(name)
        fields[name] = pair.Value
    fields.update(meta)
    return fields


def _add(fields: dict[Any, Any], name: str, value: str) -> None:
    fields[_free_name(name, fields)] = value


def _free_name(name: Any, taken: Any) -> Any:
    if name not in taken:
        return name
    base, number = text(name), 2
    while f"{base}__{number}" in taken:
        number += 1
    return f"{base}__{number}"
