"""stats, eventstats and timechart.

Documented (Search Reference): count, sum, min, max, avg, range, dc, values, list, first, last, earliest and
latest, of a field or of eval(...), which then needs AS; an event without one of the BY fields is left out,
one with several values counts under each; without BY there is one row even of no events. timechart makes a
row for each span of the time range, with a column for each value of its BY field (NULL for none), the
largest `limit` of them (10), the rest in OTHER; per_minute() is the sum per minute; without span= it follows
the time range (the documentation's table, up to a day). earliest and latest look at events that have the
field; of two at the same time either may be taken: here it is the first one given. (inferred): 15 digits of
a sum, 6 decimals of a quotient.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence
from typing import NamedTuple, Union

from tests.knowledge import evalexpr, spl_text
from tests.knowledge.errors import KnowledgeError
from tests.knowledge.spl_rows import Context, FieldValue, Row, evaluated, fields_for_eval, order, several

Made = Union[FieldValue, None]
_FUNCTION = re.compile(r"(?P<name>\w+)(?:\((?P<of>(?:[^()]|\((?:[^()]|\([^()]*\))*\))*)\))?", re.DOTALL)
_AS = re.compile(r'\s+AS\s+("(?:[^"\\]|\\.)*"|[\w.{}-]+)', re.IGNORECASE)
_BY = re.compile(r"(?:^|\s)BY\s+", re.IGNORECASE)
_SPANS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}
#: Longest time range in seconds, and the span that it gets.
_AUTOMATIC = ((900, 10), (3600, 60), (14400, 300), (86400, 1800))


class Aggregate(NamedTuple):
    """One function of a stats command: what it is called in the result, and what it makes of some rows."""

    label: str
    run: Callable[[list[Row], float], Made]


def stats(rows: list[Row], text: str, context: Context) -> list[Row]:
    made, names = _parsed(text, context)
    found = _groups(rows, names)
    if not names:
        found = {(): rows}
    return [_row(names, key, made, group) for key, group in sorted(found.items(), key=_by_value)]


def eventstats(rows: list[Row], text: str, context: Context) -> list[Row]:
    made, names = _parsed(text, context)
    found = _groups(rows, names) if names else {(): rows}
    results = {key: _row((), (), made, group) for key, group in found.items()}
    return [_with(row, results, names) for row in rows]


def _with(row: Row, results: dict[tuple[str, ...], Row], names: Sequence[str]) -> Row:
    keys = list(itertools.product(*(several(row.get(name)) for name in names)))
    if len(keys) > 1:
        raise KnowledgeError("eventstats BY a field with several values")
    return {**row, **(results[keys[0]] if keys else {})}


def _by_value(item: tuple[tuple[str, ...], list[Row]]) -> list[tuple[int, float, str]]:
    return [order(value) for value in item[0]]


def _row(names: Sequence[str], key: Sequence[str], made: list[Aggregate], rows: list[Row]) -> Row:
    values = {each.label: each.run(rows, 60.0) for each in made}
    return {**dict(zip(names, key)), **{name: value for name, value in values.items() if value is not None}}


def _groups(rows: list[Row], names: Sequence[str]) -> dict[tuple[str, ...], list[Row]]:
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        for key in itertools.product(*(several(row.get(name)) for name in names)):
            groups.setdefault(key, []).append(row)
    return groups


def timechart(rows: list[Row], text: str, context: Context) -> list[Row]:
    options, text = _options(text)
    made, names = _parsed(text, context)
    if len(names) > 1 or (names and len(made) > 1):
        raise KnowledgeError("timechart: one BY field, and one function with it")
    span = _span(options, context)
    starts = _starts(rows, span, context)
    chosen = _series(rows, made, names, options) if names else {}
    found: list[Row] = []
    for start in starts:
        within = [row for row in rows if start <= float(str(row["_time"])) < start + span]
        found.append({"_time": str(start), "_span": str(span), **_cells(within, made, names, chosen, span)})
    return found


def _cells(
    rows: list[Row], made: list[Aggregate], names: list[str], chosen: dict[str, str], span: int
) -> Row:
    if not names:
        values = {each.label: each.run(rows, span) for each in made}
    else:
        groups: dict[str, list[Row]] = {name: [] for name in chosen.values()}
        for row in rows:
            for value in several(row.get(names[0])) or ("NULL",):
                if value in chosen:
                    groups[chosen[value]].append(row)
        values = {name: made[0].run(group, span) for name, group in groups.items()}
    return {name: value for name, value in values.items() if value is not None}


def _series(
    rows: list[Row], made: list[Aggregate], names: list[str], options: dict[str, str]
) -> dict[str, str]:
    """The values that get a column, and the column's name."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        for value in several(row.get(names[0])) or ("NULL",):
            groups.setdefault(value, []).append(row)
    if options.get("usenull", "t") not in ("t", "true", "1"):
        groups.pop("NULL", None)
    sizes = {value: float(str(made[0].run(group, 60.0) or 0)) for value, group in groups.items()}
    most = int(options.get("limit", "10")) or len(sizes)
    largest = sorted(sizes, key=lambda value: -sizes[value])[:most]
    columns = {value: value for value in sorted(largest, key=order)}
    if len(sizes) > most and options.get("useother", "t") in ("t", "true", "1"):
        columns.update({value: "OTHER" for value in sizes if value not in columns})
    return columns


def _options(text: str) -> tuple[dict[str, str], str]:
    options: dict[str, str] = {}
    while found := re.match(r"\s*(\w+)=(\w+)\s+", text):
        if found[1] not in ("span", "limit", "useother", "usenull"):
            raise KnowledgeError(f"timechart: {found[1]} is not read here")
        options[found[1]], text = found[2], text[found.end() :]
    return options, text


def _span(options: dict[str, str], context: Context) -> int:
    if "span" in options:
        found = re.fullmatch(r"(\d+)(\w+)", options["span"])
        if found is None or found[2] not in _SPANS:
            raise KnowledgeError(f"timechart: span={options['span']} is not read here")
        return int(found[1]) * _SPANS[found[2]]
    long = context.latest - context.earliest
    for most, span in _AUTOMATIC:
        if long <= most:
            return span
    raise KnowledgeError("timechart without span= over more than a day")


def _starts(rows: list[Row], span: int, context: Context) -> list[int]:
    times = [float(str(row["_time"])) for row in rows]
    first = context.earliest or min(times, default=context.latest)
    last = max([*times, context.latest]) if context.earliest else max(times, default=first)
    return list(range(int(first // span) * span, int(last) + 1, span))


def _parsed(text: str, context: Context) -> tuple[list[Aggregate], list[str]]:
    places = [found.span() for found in _BY.finditer(spl_text.hidden(text))]
    if len(places) > 1:
        raise KnowledgeError(f"more than one BY: {text!r}")
    start, end = places[0] if places else (len(text), len(text))
    names = spl_text.words(text[end:])
    if places and not names:
        raise KnowledgeError(f"nothing after BY: {text!r}")
    made = _aggregates(text[:start], context)
    if not made:
        raise KnowledgeError(f"no function: {text!r}")
    return made, names


def _aggregates(text: str, context: Context) -> list[Aggregate]:
    found, place = [], 0
    while place < len(text):
        match = _FUNCTION.match(text, place)
        if match is None:
            raise KnowledgeError(f"stats {text!r} is not read here")
        name = _AS.match(text, match.end())
        run = _function(match["name"], match["of"], name is not None, context)
        found.append(Aggregate(spl_text.unquoted(name[1]) if name else match[0], run))
        place = (name or match).end()
        place += len(text[place:]) - len(text[place:].lstrip(" ,\n\t"))
    return found


def _function(
    name: str, of: str | None, is_named: bool, context: Context
) -> Callable[[list[Row], float], Made]:
    if name in ("count", "c") and of is None:
        return lambda rows, span: str(len(rows))
    if name not in _VALUES or of is None:
        raise KnowledgeError(f"stats: {name}({of or ''}) is not read here")
    read = _reader(of.strip(), is_named, context)
    if name in ("earliest", "latest"):
        return lambda rows, span: _at_an_end(rows, read, name)
    run = _VALUES[name]
    return lambda rows, span: run([value for row in rows for value in read(row)], span)


def _reader(of: str, is_named: bool, context: Context) -> Callable[[Row], tuple[str, ...]]:
    if not of.startswith("eval("):
        name = spl_text.unquoted(of)
        if not re.fullmatch(r"[\w.{} -]+", name):
            raise KnowledgeError(f"stats of {of!r}")
        return lambda row: several(row.get(name))
    if not is_named:
        raise KnowledgeError(f"stats of {of} needs AS")
    expression = of[len("eval(") : -1]
    try:
        condition = evalexpr.parse_condition(expression)
    except KnowledgeError:
        value = evalexpr.parse(expression)
        return lambda row: several(evaluated(value.node.run(fields_for_eval(row, context))))
    return lambda row: ("1",) if condition.run(fields_for_eval(row, context)) else ()


def _at_an_end(rows: list[Row], read: Callable[[Row], tuple[str, ...]], name: str) -> Made:
    having = [row for row in rows if read(row)]
    if not having:
        return None
    times = [float(str(row["_time"])) for row in having]
    wanted = min(times) if name == "earliest" else max(times)
    found = read(next(row for row, when in zip(having, times) if when == wanted))
    return found if len(found) > 1 else found[0]


def number(value: float) -> str:
    """How a sum prints."""
    return str(int(value)) if float(value).is_integer() else f"{value:.15g}"


def _quotient(value: float) -> str:
    return number(round(value, 6))


def _numbers(values: list[str]) -> list[float]:
    try:
        return [float(value) for value in values]
    except ValueError as error:
        raise KnowledgeError(f"a sum over text ({error})") from error


def _of_numbers(run: Callable[[list[float], float], str]) -> Callable[[list[str], float], Made]:
    return lambda values, span: run(_numbers(values), span) if values else None


_VALUES: dict[str, Callable[[list[str], float], Made]] = {
    "count": lambda values, span: str(len(values)),
    "sum": _of_numbers(lambda values, span: number(sum(values))),
    "avg": _of_numbers(lambda values, span: _quotient(sum(values) / len(values))),
    "range": _of_numbers(lambda values, span: number(max(values) - min(values))),
    "per_minute": _of_numbers(lambda values, span: _quotient(sum(values) * 60 / span)),
    "min": lambda values, span: min(values, key=order, default=None),
    "max": lambda values, span: max(values, key=order, default=None),
    "dc": lambda values, span: str(len(set(values))),
    "values": lambda values, span: _many(sorted(set(values))),
    "list": lambda values, span: _many(values[:100]),
    "first": lambda values, span: values[0] if values else None,
    "last": lambda values, span: values[-1] if values else None,
    "earliest": lambda values, span: None,
    "latest": lambda values, span: None,
}


def _many(values: list[str]) -> Made:
    return tuple(values) if len(values) > 1 else (values[0] if values else None)
