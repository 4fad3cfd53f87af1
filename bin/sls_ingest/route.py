"""Topic filter and the choice of sourcetype, index, host, source, and fields to unfold. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Callable

from .log_types import GENERIC_SOURCETYPE, SOURCETYPES, UNFOLDED
from .settings import AUTO, InputSettings


@dataclass(frozen=True)
class Route:
    """Splunk's metadata for the logs of one topic and SLS source; empty = splunkd's default.

    `unfold`: the fields that hold JSON text.
    """

    source: str
    sourcetype: str
    index: str
    host: str
    unfold: tuple[str, ...] = ()


Matcher = Callable[[str], object]


def glob_matcher(globs: tuple[str, ...]) -> Matcher:
    """One compiled test for any of `globs`; `*` stands for any text, all else for itself, case matters."""
    patterns = [".*".join(map(re.escape, glob.split("*"))) for glob in globs]
    return re.compile("|".join(patterns) or r"(?!)", re.DOTALL).fullmatch


class Router:
    """Chooses the route of a group, or none where the topic filter drops it."""

    def __init__(self, settings: InputSettings) -> None:
        self._settings = settings
        self._included = glob_matcher(settings.topics_include) if settings.topics_include else None
        self._excluded = glob_matcher(settings.topics_exclude)
        self._indexes = tuple((glob_matcher((glob,)), index) for glob, index in settings.index_routes)
        self._sourcetypes = tuple((glob_matcher((glob,)), name) for glob, name in SOURCETYPES)
        unfolded = UNFOLDED if settings.unfold is None else settings.unfold
        self._unfolded = tuple((glob_matcher((glob,)), fields) for glob, fields in unfolded)

    def route(self, topic: str, source: str) -> Route | None:
        """The route of a group of `topic` and SLS source `source`; None when its logs are filtered out."""
        return self._choose(topic, source) if self._wanted(topic) else None

    def _wanted(self, topic: str) -> bool:
        if self._excluded(topic):
            return False
        return self._included is None or bool(self._included(topic))

    def _choose(self, topic: str, source: str) -> Route:
        settings = self._settings
        sourcetype = settings.sourcetype
        if sourcetype == AUTO:
            sourcetype = _first(self._sourcetypes, topic) or GENERIC_SOURCETYPE
        index = _first(self._indexes, topic) or settings.index
        unfold = next((fields for matches, fields in self._unfolded if matches(topic)), ())
        return Route(settings.source, sourcetype, index, settings.host or source, unfold)


def _first(rows: tuple[tuple[Matcher, str], ...], topic: str) -> str:
    return next((value for matches, value in rows if matches(topic)), "")
