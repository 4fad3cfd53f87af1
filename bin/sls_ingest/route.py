"""Topic filter and the choice of sourcetype, index, host, source, time, and fields to unfold. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Callable, TypeVar

from .log_types import GENERIC_SOURCETYPE, LOG_TYPES, LogType
from .settings import AUTO, InputSettings

_UNKNOWN = LogType("", GENERIC_SOURCETYPE, "")


@dataclass(frozen=True)
class Route:
    """Splunk's metadata for the logs of one topic and SLS source; empty = splunkd's default.

    `unfold`: the fields that hold JSON text. `time`: the field with the event's time; empty = SLS's own.
    """

    source: str
    sourcetype: str
    index: str
    host: str
    unfold: tuple[str, ...] = ()
    time: str = ""


T = TypeVar("T")
Matcher = Callable[[str], bool]


def glob_matcher(globs: tuple[str, ...]) -> Matcher:
    """One test for any of `globs`; `*` stands for any text, all else for itself, case matters.

    No regex: topics come from outside, and one with many stars could keep it busy for seconds.
    """
    tests = [_glob(glob.split("*")) for glob in globs]
    return lambda topic: any(test(topic) for test in tests)


def _glob(parts: list[str]) -> Matcher:
    first, *middle, last = parts if len(parts) > 1 else (*parts, "")
    if len(parts) == 1:
        return first.__eq__

    def test(topic: str) -> bool:
        place, end = len(first), len(topic) - len(last)
        if place > end or not (topic.startswith(first) and topic.endswith(last)):
            return False
        for part in middle:
            found = topic.find(part, place, end)
            if found < 0:
                return False
            place = found + len(part)
        return True

    return test


class Router:
    """Chooses the route of a group, or none where the topic filter drops it."""

    def __init__(self, settings: InputSettings) -> None:
        self._settings = settings
        self._included = glob_matcher(settings.topics_include) if settings.topics_include else None
        self._excluded = glob_matcher(settings.topics_exclude)
        self._indexes = tuple((glob_matcher((glob,)), index) for glob, index in settings.index_routes)
        self._types = tuple((glob_matcher((row.topic,)), row) for row in LOG_TYPES if row.topic)
        self._default = next(filter(self._is_default, LOG_TYPES), _UNKNOWN)
        self._unfolded = tuple((glob_matcher((glob,)), fields) for glob, fields in settings.unfold or ())

    def _is_default(self, row: LogType) -> bool:
        """Whether the input's sourcetype, or its logstore, says what logs of no known topic are."""
        if self._settings.sourcetype == AUTO:
            return bool(row.logstore) and row.logstore == self._settings.logstore
        return row.sourcetype == self._settings.sourcetype

    def route(self, topic: str, source: str) -> Route | None:
        """The route of a group of `topic` and SLS source `source`; None when its logs are filtered out."""
        return self._choose(topic, source) if self._wanted(topic) else None

    def _wanted(self, topic: str) -> bool:
        if self._excluded(topic):
            return False
        return self._included is None or self._included(topic)

    def _choose(self, topic: str, source: str) -> Route:
        settings, log_type = self._settings, self._log_type(topic)
        return Route(
            settings.source,
            log_type.sourcetype if settings.sourcetype == AUTO else settings.sourcetype,
            _first(self._indexes, topic, settings.index),
            settings.host or source,
            log_type.unfold if settings.unfold is None else _first(self._unfolded, topic, ()),
            log_type.time if settings.time_field == AUTO else settings.time_field,
        )

    def _log_type(self, topic: str) -> LogType:
        """The type of a known topic, unless the input is set to another known sourcetype."""
        fixed = self._settings.sourcetype != AUTO and self._default is not _UNKNOWN
        by_topic = _first(self._types, topic, self._default)
        return self._default if fixed and by_topic.sourcetype != self._default.sourcetype else by_topic


def _first(rows: Iterable[tuple[Matcher, T]], topic: str, default: T) -> T:
    return next((value for matches, value in rows if matches(topic)), default)
