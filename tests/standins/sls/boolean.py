"""Conditions over one log: the search language, and the `where` conditions of SPL and SQL (small subsets).

A log is a mapping of field name to text. Whatever lies outside the subset raises ConditionError: the service
would answer 400 for a syntax error, and a stand-in must not silently ignore what it cannot do.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

Fields = Mapping[str, str]
Condition = Callable[[Fields], bool]
TOKEN = re.compile(
    r"""\s*(?:(?P<single>'(?:[^']|'')*')|(?P<double>"(?:[^"\\]|\\.)*")|(?P<op><=|>=|!=|<>|==|[=<>():,])"""
    r"""|(?P<word>[^\s'"=<>!():,|]+))""",
    re.DOTALL,
)
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "==": operator.eq,
    "!=": operator.ne,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class ConditionError(ValueError):
    """Text outside the subset."""


class Tokens:
    """The tokens of a condition, with one look ahead; each is (kind, text)."""

    def __init__(self, text: str) -> None:
        self.items: list[tuple[str, str]] = []
        position, text = 0, text.rstrip()
        while position < len(text):
            found = TOKEN.match(text, position)
            if not found or not found.lastgroup:
                raise ConditionError(f"cannot read: {text[position:]}")
            self.items.append((found.lastgroup, found[found.lastgroup]))
            position = found.end()
        self.position = 0

    def peek(self) -> tuple[str, str]:
        """The next token, ("", "") at the end."""
        return self.items[self.position] if self.position < len(self.items) else ("", "")

    def take(self, *texts: str) -> str:
        """Consume the next unquoted token if it is one of `texts` (any case); returns it lower-case, or
        ""."""
        kind, text = self.peek()
        if kind in ("op", "word") and text.lower() in texts:
            self.position += 1
            return text.lower()
        return ""

    def next(self) -> tuple[str, str]:
        """Consume the next token; raises ConditionError at the end."""
        token = self.peek()
        if not token[0]:
            raise ConditionError("the condition ends too early")
        self.position += 1
        return token

    def expect(self, text: str) -> None:
        """Consume `text`; raises ConditionError when something else comes."""
        if not self.take(text):
            raise ConditionError(f"{text} expected, got {self.peek()[1]!r}")


def unquote(kind: str, text: str) -> str:
    """The value of a quoted or plain token."""
    if kind == "single":
        return text[1:-1].replace("''", "'")
    if kind == "double":
        return re.sub(r"\\(.)", r"\1", text[1:-1])
    return text


Atom = Callable[[Tokens], Condition]


def parse(text: str, atom: Atom, *, implicit_and: bool = False) -> Condition:
    """A whole condition of and, or, not and parentheses over `atom`s."""
    tokens = Tokens(text)
    condition = _or(tokens, atom, implicit_and)
    if tokens.peek()[0]:
        raise ConditionError(f"unexpected {tokens.peek()[1]!r}")
    return condition


def _or(tokens: Tokens, atom: Atom, implicit: bool) -> Condition:
    parts = [_and(tokens, atom, implicit)]
    while tokens.take("or"):
        parts.append(_and(tokens, atom, implicit))
    return parts[0] if len(parts) == 1 else lambda log: any(part(log) for part in parts)


def _and(tokens: Tokens, atom: Atom, implicit: bool) -> Condition:
    parts = [_not(tokens, atom, implicit)]
    while tokens.take("and") or (implicit and tokens.peek()[1].lower() not in ("", ")", "or")):
        parts.append(_not(tokens, atom, implicit))
    return parts[0] if len(parts) == 1 else lambda log: all(part(log) for part in parts)


def _not(tokens: Tokens, atom: Atom, implicit: bool) -> Condition:
    if tokens.take("not"):
        inner = _not(tokens, atom, implicit)
        return lambda log: not inner(log)
    if tokens.take("("):
        inner = _or(tokens, atom, implicit)
        tokens.expect(")")
        return inner
    return atom(tokens)


# -- search language


def search(text: str) -> Condition:
    """A search expression: `*`, words, `key: value`, `key > number`, and / or / not, parentheses."""
    if text.strip() in ("", "*"):
        return lambda log: True
    return parse(text, _search_atom, implicit_and=True)


def _search_atom(tokens: Tokens) -> Condition:
    kind, text = tokens.next()
    if kind == "op":
        raise ConditionError(f"unexpected {text!r}")
    name = unquote(kind, text)
    if tokens.take(":"):
        pattern = words(unquote(*tokens.next()))
        return lambda log: name in log and bool(pattern.search(log[name]))
    sign = tokens.take("=", "<", "<=", ">", ">=")
    if sign:
        return comparison(lambda log: log.get(name), COMPARE[sign], number(unquote(*tokens.next())))
    if name == "*":
        return lambda log: True
    pattern = words(name)
    return lambda log: any(pattern.search(value) for value in log.values())


@lru_cache(maxsize=1024)
def words(text: str) -> re.Pattern[str]:
    """Matches `text` as whole words in any case; * and ? are wildcards."""
    if text == "*":
        return re.compile("")
    body = "".join({"*": r"\w*", "?": r"\w"}.get(char, re.escape(char)) for char in text)
    return re.compile(rf"(?<!\w){body}(?!\w)", re.IGNORECASE)


# -- where


def where(text: str) -> Condition:
    """A where condition: comparisons, like, in, is [not] null, cast(x as bigint|double), and / or / not."""
    return parse(text, _where_atom)


def _where_atom(tokens: Tokens) -> Condition:
    field = _field(tokens)
    if tokens.take("is"):
        negate = bool(tokens.take("not"))
        tokens.expect("null")
        return lambda log: (field(log) is None) != negate
    negate = bool(tokens.take("not"))
    if tokens.take("like"):
        return _maybe_not(_like(field, unquote(*tokens.next())), negate)
    if tokens.take("in"):
        return _maybe_not(_in(field, tokens), negate)
    sign = tokens.take(*COMPARE)
    if not sign or negate:
        raise ConditionError(f"a comparison expected, got {tokens.peek()[1]!r}")
    kind, text = tokens.next()
    if kind == "single":
        return comparison(field, COMPARE[sign], unquote(kind, text))
    return comparison(field, COMPARE[sign], number(text))


def _field(tokens: Tokens) -> Callable[[Fields], object]:
    if tokens.take("cast"):
        tokens.expect("(")
        inner = _field(tokens)
        tokens.expect("as")
        if not tokens.take("bigint", "double", "integer", "varchar"):
            raise ConditionError("cast to bigint, double, integer or varchar only")
        tokens.expect(")")
        return inner
    kind, text = tokens.next()
    if kind in ("single", "op"):
        raise ConditionError(f"a field name expected, got {text}")
    name = unquote(kind, text)
    return lambda log: log.get(name)


def _maybe_not(condition: Condition, negate: bool) -> Condition:
    return (lambda log: not condition(log)) if negate else condition


def _like(field: Callable[[Fields], object], text: str) -> Condition:
    body = "".join({"%": ".*", "_": "."}.get(char, re.escape(char)) for char in text)
    pattern = re.compile(body, re.DOTALL)
    return lambda log: isinstance(value := field(log), str) and bool(pattern.fullmatch(value))


def _in(field: Callable[[Fields], object], tokens: Tokens) -> Condition:
    tokens.expect("(")
    values = {unquote(*tokens.next())}
    while tokens.take(","):
        values.add(unquote(*tokens.next()))
    tokens.expect(")")
    return lambda log: field(log) in values


def number(text: str) -> float:
    """`text` as a number; raises ConditionError."""
    try:
        return float(text)
    except ValueError:
        raise ConditionError(f"a number or a quoted text expected, got {text!r}") from None


def comparison(
    field: Callable[[Fields], object], compare: Callable[[Any, Any], bool], wanted: str | float
) -> Condition:
    """`field compare wanted`; a missing field, or no number where one is due, is false."""

    def holds(log: Fields) -> bool:
        value = field(log)
        if not isinstance(value, str):
            return False
        if isinstance(wanted, str):
            return compare(value, wanted)
        try:
            return compare(float(value), wanted)
        except ValueError:
            return False

    return holds
