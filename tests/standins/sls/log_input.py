"""Logs as tests write them down."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, Union

from .wire import Log, Text, raw

LogLike = Union[Mapping[str, Any], "tuple[int, Sequence[tuple[Text, Text]]]"]
"""A dict of field to value, `__time__` in it being the log's time in epoch seconds; or (time, pairs)."""


def make_log(log: LogLike, time_ns: int | None = None) -> Log:
    """A log from a dict or (time, pairs)."""
    if isinstance(log, Mapping):
        pairs = [(raw(key), raw(value)) for key, value in log.items() if key != "__time__"]
        return Log(int(log.get("__time__", int(time.time()))), pairs, time_ns)
    when, contents = log
    return Log(when, [(raw(key), raw(value)) for key, value in contents], time_ns)
