"""One batch: decode -> route -> render, to bytes for the pipe and the counts of what was done. Pure.

The bytes come in slices. A log group's tags are repeated in each of its logs, so a hostile one of 1 MB can
mean gigabytes of events; a slice bounds what is in memory at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

from . import decode, event_time, render, unfold
from .errors import BadBatchError
from .event_id import FIELD, EventIds
from .record import Fields, Group, Origin, Record
from .route import Route, Router
from .settings import InputSettings

# What a mistake of ours could raise on a log that nobody thought of: the same log would raise it at each
# fetch.
_OUR_MISTAKES = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
_SLICE = 256 * 1024  # bytes of events, about; small enough for the CPU's cache
_LOG = 256  # bytes that a log is taken for beside its tags
# Topics and sources come from outside: a hostile producer must not fill the memory.
_MOST_REMEMBERED = 4096  # pairs of a topic and a source
_REMEMBERED_LENGTH = 1024  # characters of a pair that is worth remembering


@dataclass
class Rendered:
    """What was rendered of one batch, counted in logs; `written` in bytes."""

    written: int = 0
    events: int = 0
    filtered: int = 0
    repaired: int = 0  # events in which damaged UTF-8 was replaced
    not_unfolded: int = 0  # events in which a field that should hold JSON does not; it stays text
    without_raw_field: int = 0  # raw format: the log lacks the field or has it empty, so it went out as JSON
    destinations: dict[tuple[str, str], int] = field(default_factory=dict)
    """Events by sourcetype and index."""


class _Target(NamedTuple):
    """What the events of one topic and SLS source have in common; `header` is the XML before their data."""

    destination: tuple[str, str]
    """Sourcetype and index."""
    header: bytes
    unfold: tuple[str, ...]
    time: str
    """Field with the event's time, empty = SLS's; with `inner`, the unfolded field that has it as `inner`."""
    inner: str


class Pipeline:
    """The pure middle of the data path, compiled from the settings of one input."""

    def __init__(self, settings: InputSettings) -> None:
        self._router = Router(settings)
        self._raw_field = settings.raw_field
        self._ids = EventIds(settings.project, settings.logstore) if settings.event_id else None
        self._targets: dict[tuple[str, str], _Target | None] = {}

    def run(self, raw: bytes, origin: Origin, done: Rendered) -> Iterator[bytes]:
        """Render a decompressed LogGroupList to slices of XML without the stream tag, counted in `done`.

        Raises:
            BadBatchError: `raw` is not a LogGroupList of so many log groups, which is known before the first
                slice; or holds what we cannot render.
        """
        try:
            yield from self._slices(raw, origin, done)
        except _OUR_MISTAKES as error:
            raise BadBatchError(f"{type(error).__name__} while rendering {len(raw)} bytes") from error

    def _slices(self, raw: bytes, origin: Origin, done: Rendered) -> Iterator[bytes]:
        part = render.Slice()
        for group in decode.groups(raw, origin.groups):
            target = self._counted_target(group, done)
            if target is None:
                continue
            prefix = self._ids.of_group(origin, group.number) if self._ids else ""
            for first, logs in _parts(group):
                records = decode.records(group, logs, first)
                if prefix:
                    records = _with_ids(records, first, prefix)
                self._add(part, records, target, done)
                if part.size >= _SLICE:
                    yield _counted(part.xml(), done)
                    part = render.Slice()
        if part.size:
            yield _counted(part.xml(), done)

    def _counted_target(self, group: Group, done: Rendered) -> _Target | None:
        """The group's target; None when its logs are filtered out."""
        target, count = self._target(group.topic, group.source), len(group.logs)
        if target is None:
            done.filtered += count
            return None
        done.events += count
        done.destinations[target.destination] = done.destinations.get(target.destination, 0) + count
        return target

    def _target(self, topic: str, source: str) -> _Target | None:
        key = (topic, source)
        try:
            return self._targets[key]
        except KeyError:
            pass
        target, route = None, self._router.route(topic, source)
        if route is not None:
            header = render.header(route.source, route.sourcetype, route.index, route.host)
            target = _Target((route.sourcetype, route.index), header, *self._beyond(route))
        if len(topic) + len(source) <= _REMEMBERED_LENGTH:
            if len(self._targets) >= _MOST_REMEMBERED:
                self._targets.clear()
            self._targets[key] = target
        return target

    def _beyond(self, route: Route) -> tuple[tuple[str, ...], str, str]:
        """The fields to unfold; the field with the time, and its name in there when that one is unfolded."""
        names = () if self._raw_field else route.unfold
        time, _, inner = route.time.partition(".")
        return (names, time, inner) if inner and time in names else (names, route.time, "")

    def _add(self, part: render.Slice, records: Iterator[Record], target: _Target, done: Rendered) -> None:
        if target.unfold or target.time:
            records = _completed(records, target, done)
        if self._raw_field:
            done.repaired += part.add(records, target.header, partial(self._raw_line, done))
        else:
            done.repaired += part.add(records, target.header)

    def _raw_line(self, done: Rendered, fields: Fields) -> bytes:
        value = fields.get(self._raw_field)
        if value:
            return render.raw_event(value)
        done.without_raw_field += 1
        return render.json_event(fields)


def _counted(payload: bytes, done: Rendered) -> bytes:
    done.written += len(payload)
    return payload


def _parts(group: Group) -> Iterable[tuple[int, Any]]:
    """Numbers and logs: so many at a time that the tags they repeat do not take too much memory."""
    logs, step = group.logs, _SLICE // (group.weight + _LOG) or 1
    if len(logs) <= step:
        return ((0, logs[:]),)
    return ((first, logs[first : first + step]) for first in range(0, len(logs), step))


def _completed(records: Iterator[Record], target: _Target, done: Rendered) -> Iterator[Record]:
    """The logs with their JSON text unfolded and with the time that they state themselves."""
    names, time, inner = target.unfold, target.time, target.inner
    for stamp, fields in records:
        stated = None if inner else fields.get(time)
        fine, kept = unfold.unfold(fields, names, time)
        if not fine:
            done.not_unfolded += 1
        if inner and isinstance(kept, dict):
            stated = kept.get(inner)
        yield (stamp if stated is None else event_time.stamp(stated, stamp)), fields


def _with_ids(records: Iterator[Record], first: int, prefix: str) -> Iterator[Record]:
    for number, (stamp, fields) in enumerate(records, first):
        decode.put_own(fields, FIELD, f"{prefix}{number:x}")
        yield stamp, fields
