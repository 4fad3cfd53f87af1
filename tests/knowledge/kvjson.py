"""Automatic field extraction from JSON (KV_MODE = json), and the paths of spath().

Documented in limits.conf.spec: [kv] `maxchars`, only the first 10,240 characters of an event are looked at.
What a JSON text that is cut there still gives is not documented: here, the values that lie wholly before the
cut. Not sure, so that an event is read in several ways (READINGS) and nothing may depend on which one it is:
- what becomes of empty text and of null (transforms.conf.spec says that automatic extraction ignores empty
  values, not whether that goes for JSON);
- whether [kv] `limit` (100 fields) goes for JSON;
- whether [spath] `extraction_cutoff` (5,000 bytes, for "the auto kv extraction and the spath command") cuts
  first;
- whether names that begin with _ can be used, as Splunk's own internal fields do.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple, Union

from tests.knowledge.errors import UncertainError

MAX_CHARS = 10_240
_CUTOFF = 5_000  # bytes
_MOST_FIELDS = 100
_MAX_DEPTH = 64
_NO_LIMIT = 10**9


class Reading(NamedTuple):
    """One way in which Splunk may read an event."""

    about: str
    keeps_empty: bool = True
    keeps_null: bool = True
    most: int = _NO_LIMIT
    """Fields."""
    cutoff: int = _NO_LIMIT
    """Bytes."""
    keeps_underscore: bool = True


READINGS = (
    Reading("everything is read"),
    Reading("empty text and null give no field", keeps_empty=False, keeps_null=False),
    Reading(f"only {_MOST_FIELDS} fields are read", most=_MOST_FIELDS),
    Reading(f"only {_CUTOFF:,} bytes are read", cutoff=_CUTOFF),
    Reading("names that begin with _ give no field", keeps_underscore=False),
)


class Num(str):
    """A number as it is written in the text."""


class _Pairs(list):  # type: ignore[type-arg]
    """An object, its names in order, also those that occur twice."""


_DECODER = json.JSONDecoder(
    object_pairs_hook=_Pairs, parse_int=Num, parse_float=Num, parse_constant=Num, strict=False
)
Fields = dict[str, Union[str, tuple[str, ...]]]


def extract(text: str, reading: Reading) -> Fields:
    """The fields of a JSON event, in order of their first value."""
    found: dict[str, list[str]] = {}
    for name, value in _flat(_visible(text, reading.cutoff), "", 0):
        shown = _shown(value, reading)
        if name.startswith("_") and not reading.keeps_underscore:
            continue
        if name and shown is not None and (name in found or len(found) < reading.most):
            found.setdefault(name, []).append(shown)
    return {name: values[0] if len(values) == 1 else tuple(values) for name, values in found.items()}


def _shown(value: Any, reading: Reading) -> str | None:
    if value is None:
        return "null" if reading.keeps_null else None
    if isinstance(value, bool):
        return "true" if value else "false"
    if value == "" and not reading.keeps_empty:
        return None
    return str(value)


def _flat(value: Any, path: str, depth: int) -> Iterator[tuple[str, Any]]:
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, _Pairs):
        for name, part in value:
            yield from _flat(part, f"{path}.{name}" if path else name, depth + 1)
    elif isinstance(value, list):
        for part in value:
            yield from _flat(part, f"{path}{{}}", depth + 1)
    else:
        yield path, value


def _visible(text: str, cutoff: int) -> Any:
    """The parsed event, or of a long one what lies wholly before the cut."""
    if len(text) <= MAX_CHARS and len(text.encode()) <= cutoff:
        try:
            return _DECODER.decode(text)
        except ValueError:
            return None
    return _Cut(text[:MAX_CHARS].encode()[:cutoff].decode(errors="ignore")).read()


class _Cut:
    """Reads a JSON text that ends somewhere; drops the value in which it ends, unless that is a container."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._place = 0

    def read(self) -> Any:
        try:
            return self._value()
        except (IndexError, ValueError):
            return None

    def _next(self) -> str:
        while self._text[self._place] in " \t\r\n":
            self._place += 1
        return self._text[self._place]

    def _value(self) -> Any:
        start = self._next()
        if start in "{[":
            return self._container(start)
        value, end = _DECODER.raw_decode(self._text, self._place)
        if end >= len(self._text):
            raise IndexError
        self._place = end
        return value

    def _container(self, start: str) -> Any:
        parts: list[Any] = _Pairs() if start == "{" else []
        self._place += 1
        try:
            while self._next() not in "}]":
                if self._text[self._place] == ",":
                    self._place += 1
                    self._next()
                if start == "{":
                    name = self._value()
                    if self._next() != ":":
                        raise ValueError(self._place)
                    self._place += 1
                    parts.append((name, None))
                    parts[-1] = (name, self._value())
                else:
                    parts.append(self._value())
            self._place += 1
        except (IndexError, ValueError):
            if start == "{" and parts and parts[-1][1] is None:
                parts.pop()  # what was cut in two
            self._place = len(self._text)
        return parts


def at_path(text: str, path: str) -> list[str]:
    """The values of spath(text, path): names, {} for each item of an array, {0} for one."""
    try:
        level: list[Any] = [_DECODER.decode(text)]
    except ValueError:
        return []
    for step in re.findall(r"\{\d*\}|[^.{}]+", path):
        level = [part for value in level for part in _step(value, step)]
    if any(isinstance(value, list) for value in level):
        raise UncertainError(f"{path!r} leads to a whole object or array")
    if any(value is None for value in level):
        raise UncertainError(f"{path!r} leads to JSON's null")
    return [str(_shown(value, READINGS[0])) for value in level]


def _step(value: Any, step: str) -> list[Any]:
    if step.startswith("{"):
        if not isinstance(value, list) or isinstance(value, _Pairs):
            return []
        return value if step == "{}" else value[int(step[1:-1]) : int(step[1:-1]) + 1]
    return [part for name, part in value if name == step] if isinstance(value, _Pairs) else []
