"""A very small part of the search language: enough to look at events and to feed the pages."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field

_FIELDS = {"index", "host", "source", "sourcetype"}


class SearchError(ValueError):
    """The search uses a command that is not understood."""


@dataclass
class Search:
    """``where`` and ``args`` are SQL over the events table, ``commands`` what follows the first pipe."""

    where: str = "1=1"
    args: list[str] = field(default_factory=list)
    commands: list[list[str]] = field(default_factory=list)


def parse(text: str) -> Search:
    """Read ``search <terms> | command ...``. Raises SearchError."""
    pieces = _pipes(text.strip())
    first, rest = pieces[0].strip(), pieces[1:]
    search = Search(commands=[_split(piece) for piece in rest if piece.strip()])
    if first:
        terms = _split(re.sub(r"\s*=\s*", "=", first))
        if terms[0].lower() != "search":
            raise SearchError(f"Unknown search command '{terms[0]}'.")
        _terms(search, terms[1:])
    elif not search.commands:
        raise SearchError("Empty search.")
    return search


def _pipes(text: str) -> list[str]:
    pieces, current, quoted = [], "", False
    for char in text:
        quoted = not quoted if char == '"' else quoted
        if char == "|" and not quoted:
            pieces.append(current)
            current = ""
        else:
            current += char
    return [*pieces, current]


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        raise SearchError(str(error)) from error


def _terms(search: Search, terms: list[str]) -> None:
    clauses: list[str] = []
    for term in terms:
        name, equals, value = term.partition("=")
        if term.upper() in ("AND", "*"):
            continue
        if equals and name in _FIELDS:
            clauses.append(f"\"{name}\" LIKE ? ESCAPE '\\'")
            search.args.append(_like(value))
        else:
            text = value if equals and name not in _FIELDS else term
            clauses.append("raw LIKE ? ESCAPE '\\'")
            search.args.append(f"%{_like(text.strip('*'))}%")
    search.where = " AND ".join(clauses) or "1=1"


def _like(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return escaped.replace("*", "%")
