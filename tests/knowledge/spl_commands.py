"""The commands by name, and those that work row by row, from search to lookup."""

from __future__ import annotations

import re
from typing import Callable

from tests.knowledge import evalexpr, lookup, search, spl_text
from tests.knowledge.errors import KnowledgeError, UncertainError
from tests.knowledge.spl_rows import Context, FieldValue, Row, evaluated, fields_for_eval, order
from tests.knowledge.spl_stats import eventstats, stats, timechart

_MOST_SORTED = 10_000  # rows that sort keeps unless it is told a number
_SORT_KEY = re.compile(r'([-+]?)(\s*)("(?:[^"\\]|\\.)*"|[^\s,"+-][^\s,"]*)[\s,]*')


def run(name: str, text: str, rows: list[Row], context: Context) -> list[Row]:
    """The rows after one command.

    Raises:
        KnowledgeError: it is not known here, or holds what is not.
    """
    if name not in COMMANDS:
        raise KnowledgeError(f"unknown search command '{name}'")
    return COMMANDS[name](rows, text, context)


def _search(rows: list[Row], text: str, context: Context) -> list[Row]:
    parsed = search.parse(text, of_index=True)
    return [row for row in rows if parsed.matches(row)]


def _where(rows: list[Row], text: str, context: Context) -> list[Row]:
    condition = evalexpr.parse_condition(text)
    return [row for row in rows if condition.run(fields_for_eval(row, context))]


def _eval(rows: list[Row], text: str, context: Context) -> list[Row]:
    for part in spl_text.parts(text):
        name, equals, expression = part.partition("=")
        name = name.strip().strip("'")
        if not equals or not re.fullmatch(r'"[^"]+"|[\w. -]+', name):
            raise KnowledgeError(f"eval {part!r}")
        parsed = evalexpr.parse(expression.strip())
        rows = [
            _assigned(row, spl_text.unquoted(name), evaluated(parsed.node.run(fields_for_eval(row, context))))
            for row in rows
        ]
    return rows


def _assigned(row: Row, name: str, value: FieldValue | None) -> Row:
    rest = {key: old for key, old in row.items() if key != name}
    return rest if value is None else {**row, name: value}


def _table(rows: list[Row], text: str, context: Context) -> list[Row]:
    names = _names(text)
    return [{name: row[name] for name in names if name in row} for row in rows]


def _fields(rows: list[Row], text: str, context: Context) -> list[Row]:
    """`fields a b` keeps what is Splunk's own, too."""
    sign = text[:1] if text[:1] in "+-" else "+"
    names = _names(text.lstrip("+- "))
    if sign == "-":
        return [{name: value for name, value in row.items() if name not in names} for row in rows]
    inner = ("_time", "_raw")
    return [{name: row[name] for name in (*inner, *names) if name in row} for row in rows]


def _names(text: str) -> list[str]:
    names = spl_text.words(text)
    if not names or any("*" in name for name in names):
        raise KnowledgeError(f"names of fields are needed, without *: {text!r}")
    return names


def _rename(rows: list[Row], text: str, context: Context) -> list[Row]:
    given = spl_text.words(text)
    pairs = list(zip(given[::3], given[2::3]))
    if len(given) % 3 or any(word.upper() != "AS" for word in given[1::3]) or "*" in text:
        raise KnowledgeError(f"rename {text!r}")
    names = dict(pairs)
    return [{names.get(name, name): value for name, value in row.items()} for row in rows]


def _sort(rows: list[Row], text: str, context: Context) -> list[Row]:
    most = _MOST_SORTED
    if found := re.match(r"(\d+)\s+", text):
        most, text = int(found[1]) or len(rows), text[found.end() :]
    keys = _SORT_KEY.findall(text)
    if not keys or _SORT_KEY.sub("", text).strip():
        raise KnowledgeError(f"sort {text!r}")
    if len(keys) > 1 and any(sign and blank for sign, blank, _ in keys):
        raise KnowledgeError(f"sort {text!r}: a sign with a blank behind it counts for all")
    for sign, _, name in reversed(keys):
        if len({spl_text.unquoted(name) in row for row in rows}) > 1:
            raise UncertainError(f"sort {text!r}: where rows without {name} go is not sure")
        rows = sorted(rows, key=_sort_value(spl_text.unquoted(name)), reverse=sign == "-")
    return rows[:most]


def _sort_value(name: str) -> Callable[[Row], tuple[int, float, str]]:
    return lambda row: order(row.get(name, ""))


def _head(rows: list[Row], text: str, context: Context) -> list[Row]:
    if not re.fullmatch(r"\d*", text):
        raise KnowledgeError(f"head {text!r}")
    return rows[: int(text or "10")]


def _dedup(rows: list[Row], text: str, context: Context) -> list[Row]:
    names = _names(text)
    if any(re.fullmatch(r"\d+|sortby|\w+=.*", name) for name in names):
        raise KnowledgeError(f"dedup {text!r}")
    kept: dict[tuple[FieldValue, ...], Row] = {}
    for row in rows:
        if all(name in row for name in names):
            kept.setdefault(tuple(row[name] for name in names), row)
    return list(kept.values())


def _fillnull(rows: list[Row], text: str, context: Context) -> list[Row]:
    value = "0"
    if found := re.match(r'value=("(?:[^"\\]|\\.)*"|\S+)\s+', text):
        value, text = spl_text.unquoted(found[1]), text[found.end() :]
    return [{**dict.fromkeys(_names(text), value), **row} for row in rows]


def _lookup(rows: list[Row], text: str, context: Context) -> list[Row]:
    if context.knowledge is None:
        raise KnowledgeError("no lookups are given")
    parsed = lookup.parse("lookup", text, context.knowledge)
    for place, row in enumerate(rows):
        for name, value in parsed.run(row).items():
            rows[place] = _assigned(rows[place], name, value)
    return rows


COMMANDS: dict[str, Callable[[list[Row], str, Context], list[Row]]] = {
    "search": _search,
    "where": _where,
    "eval": _eval,
    "stats": stats,
    "eventstats": eventstats,
    "timechart": timechart,
    "table": _table,
    "fields": _fields,
    "rename": _rename,
    "sort": _sort,
    "head": _head,
    "dedup": _dedup,
    "fillnull": _fillnull,
    "lookup": _lookup,
}
