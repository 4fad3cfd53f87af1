"""The searches that the documents show: a search, then stats, table, sort and head. Nothing else is read.

stats knows count, sum, min, max, dc and values, with AS and BY; an event without one of the BY fields is
left out, one with several values counts under each, as documented.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from typing import Any, Callable, Union

from tests.knowledge import search
from tests.knowledge.apply import Event, Outcome
from tests.knowledge.errors import KnowledgeError

FieldValue = Union[str, tuple[str, ...]]
Row = dict[str, FieldValue]

_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_FUNCTION = re.compile(
    r"(count|(?P<name>sum|dc|min|max|values)\((?P<field>[\w.{}-]+)\))(?:\s+AS\s+(?P<as>\w+))?"
)


def view(event: Event, outcome: Outcome) -> Row:
    """The fields that a search sees of an event."""
    meta = {"sourcetype": event.sourcetype, "source": event.source, "host": event.host, "_time": event.time}
    return {**outcome.fields, **meta, "tag": outcome.tags, "eventtype": outcome.eventtypes}


def answer(spl: str, events: Sequence[Mapping[str, FieldValue]]) -> list[Row]:
    """The rows that the search gives over `events`.

    Raises:
        KnowledgeError: it holds what this tool does not read.
    """
    first, *commands = _commands(spl)
    parsed = search.parse(first)
    rows: list[Row] = [dict(event) for event in events if parsed.matches(event)]
    for command in commands:
        name, _, rest = command.partition(" ")
        if name not in _COMMANDS:
            raise KnowledgeError(f"{command!r} is not read here")
        rows = _COMMANDS[name](rows, rest.strip())
    return rows


def _commands(spl: str) -> list[str]:
    """The parts between pipes that stand outside of quotes."""
    hidden = _QUOTED.sub(lambda match: "x" * len(match[0]), spl)
    places = [-1, *(place for place, sign in enumerate(hidden) if sign == "|"), len(spl)]
    return [" ".join(spl[start + 1 : end].split()) for start, end in zip(places, places[1:])]


def _stats(rows: list[Row], rest: str) -> list[Row]:
    functions, _, by = re.sub(r"\bBY\b", "by", rest).partition(" by ")
    names = re.split(r"[\s,]+", by.strip()) if by else []
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        for key in itertools.product(*(_several(row.get(name)) for name in names)):
            groups.setdefault(key, []).append(row)
    made = _functions(functions)
    return [
        {**dict(zip(names, key)), **{label: run(found) for label, run in made}}
        for key, found in sorted(groups.items())
    ]


def _functions(text: str) -> list[tuple[str, Callable[[list[Row]], FieldValue]]]:
    found, place = [], 0
    while place < len(text):
        match = _FUNCTION.match(text, place)
        if match is None:
            raise KnowledgeError(f"stats {text!r} is not read here")
        found.append((match["as"] or match[1], _function(match["name"] or "count", match["field"] or "")))
        place = match.end()
        place += len(text[place:]) - len(text[place:].lstrip(" ,"))
    return found


def _function(name: str, field: str) -> Callable[[list[Row]], FieldValue]:
    def values(rows: list[Row]) -> list[str]:
        return [value for row in rows for value in _several(row.get(field))]

    return {
        "count": lambda rows: str(len(rows)),
        "sum": lambda rows: f"{sum(map(float, values(rows))):g}",
        "min": lambda rows: min(values(rows), key=_order, default=""),
        "max": lambda rows: max(values(rows), key=_order, default=""),
        "dc": lambda rows: str(len(set(values(rows)))),
        "values": lambda rows: tuple(sorted(set(values(rows)))),
    }[name]


def _table(rows: list[Row], rest: str) -> list[Row]:
    names = re.split(r"[\s,]+", rest)
    return [{name: row.get(name, "") for name in names} for row in rows]


def _sort(rows: list[Row], rest: str) -> list[Row]:
    for key in reversed(re.split(r"\s*,\s*", re.sub(r"([-+])\s+", r"\1", rest))):
        sign, name = (key[0], key[1:]) if key[0] in "+-" else ("+", key)
        rows = sorted(rows, key=lambda row: _order(row.get(name, "")), reverse=sign == "-")
    return rows


def _order(value: FieldValue) -> tuple[int, float, str]:
    text = value if isinstance(value, str) else ",".join(value)
    number = re.fullmatch(r"-?\d+(?:\.\d+)?", text)
    return (0, float(text), "") if number else (1, 0.0, text)


def _head(rows: list[Row], rest: str) -> list[Row]:
    return rows[: int(rest)]


def _several(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)


_COMMANDS: dict[str, Callable[[list[Row], str], list[Row]]] = {
    "stats": _stats,
    "table": _table,
    "sort": _sort,
    "head": _head,
}
