"""Searches of event types and constraints of data models: what stands before the first pipe.

Documented (Search Manual): NOT binds tightest, then OR, then AND, which is implied between terms; values are
compared without regard to case and may hold `*`; `field!=value` needs the field, `NOT field=value` does not;
of a multivalue one matching value is enough. Refused here: bare words, macros, pipes, subsearches,
eventtype=, index= in event types, < and > on text, and lower-case operators, which Splunk would take for
words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Callable, NamedTuple, Union

from tests.knowledge.errors import KnowledgeError, UncertainError
from tests.knowledge.scan import scan
from tests.knowledge.values import looks_numeric

Fields = Mapping[str, Union[str, Sequence[str]]]
Test = Callable[[Fields], bool]

_TOKEN = re.compile(
    r"""(?P<space>\s+)|(?P<string>"(?:[^"\\]|\\.)*")|(?P<op>!=|<=|>=|=|<|>)|(?P<mark>[(),])"""
    r"""|(?P<word>[^\s"()<>=!,|\[\]`']+)""",
    re.DOTALL,
)
_PLAIN = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_REFUSED_FIELDS = frozenset({"eventtype", "savedsearch", "splunk_server", "earliest", "latest"})


class _Token(NamedTuple):
    kind: str
    text: str


@dataclass(frozen=True)
class Search:
    """A parsed search; `terms` are its (field, operator, value), in order."""

    text: str
    test: Test
    terms: tuple[tuple[str, str, str], ...]

    def matches(self, fields: Fields) -> bool:
        """Whether an event with these fields (tags as the field `tag`) is found."""
        return self.test(fields)


@cache
def parse(text: str, of_index: bool = False) -> Search:
    """A search; one that is run, and not the constraint of an event type, may also name the index.

    Raises:
        KnowledgeError: it is none, or one that this tool does not read.
    """
    parser = _Parser(text, _REFUSED_FIELDS if of_index else _REFUSED_FIELDS | {"index"})
    test = parser.whole()
    return Search(text, test, tuple(parser.terms))


class _Parser:
    def __init__(self, text: str, refused: frozenset[str]) -> None:
        self._text, self._refused = text, refused
        self._tokens = self._split(text)
        self._at = 0
        self.terms: list[tuple[str, str, str]] = []

    def _error(self, message: str) -> KnowledgeError:
        return KnowledgeError(f"search {self._text!r}: {message}")

    def _split(self, text: str) -> list[_Token]:
        tokens = [_Token(str(found.lastgroup), found.group()) for found in scan(_TOKEN, text, "search")]
        return [*tokens, _Token("end", "")]

    def _peek(self) -> _Token:
        return self._tokens[self._at]

    def _take(self) -> _Token:
        self._at += 1
        return self._tokens[self._at - 1]

    def _is(self, kind: str, text: str) -> bool:
        if self._peek() == _Token(kind, text):
            self._at += 1
            return True
        return False

    def whole(self) -> Test:
        test = self._and()
        if self._peek().kind != "end":
            raise self._error(f"{self._peek().text!r} is not expected here")
        return test

    def _and(self) -> Test:
        tests = []
        while True:
            tests.append(self._or())
            if self._is("word", "AND"):
                continue
            if self._peek().kind == "end" or self._peek() == _Token("mark", ")"):
                break
        return lambda fields: all(test(fields) for test in tests)

    def _or(self) -> Test:
        tests = [self._not()]
        while self._is("word", "OR"):
            tests.append(self._not())
        return tests[0] if len(tests) == 1 else lambda fields: any(test(fields) for test in tests)

    def _not(self) -> Test:
        if not self._is("word", "NOT"):
            return self._term()
        test = self._not()
        return lambda fields: not test(fields)

    def _term(self) -> Test:
        if self._is("mark", "("):
            test = self._and()
            if not self._is("mark", ")"):
                raise self._error("')' is missing")
            return test
        token = self._take()
        if token.kind not in ("word", "string") or token.text in ("AND", "OR", "IN"):
            raise self._error(f"{token.text or 'the end'!r} is not expected here")
        field = _unquoted(token)
        if field.lower() in ("and", "or", "not") and token.kind == "word":
            raise self._error(f"{field!r}: operators are written in capitals")
        if self._is("word", "IN"):
            return self._one_of(self._field(field))
        if self._peek().kind != "op":
            raise self._error(f"{token.text!r} is a bare word: give a field")
        op = self._take().text
        value = self._take()
        if value.kind not in ("word", "string"):
            raise self._error(f"no value after {field}{op}")
        return self._compare(self._field(field), op, _unquoted(value))

    def _field(self, name: str) -> str:
        if name in self._refused or "*" in name or not name:
            raise self._error(f"{name!r} is not for this")
        return name

    def _one_of(self, field: str) -> Test:
        if not self._is("mark", "("):
            raise self._error("'(' is missing after IN")
        tests = []
        while True:
            value = self._take()
            if value.kind not in ("word", "string"):
                raise self._error(f"{value.text!r} in the list of IN")
            tests.append(self._compare(field, "=", _unquoted(value)))
            if self._is("mark", ")"):
                return lambda fields: any(test(fields) for test in tests)
            if not self._is("mark", ","):
                raise self._error("',' or ')' is missing in the list of IN")

    def _compare(self, field: str, op: str, wanted: str) -> Test:
        self.terms.append((field, op, wanted))
        if op in ("=", "!="):
            same = _matcher(wanted)
            if op == "=":
                return lambda fields: any(map(same, _values(fields, field)))
            return lambda fields: _differs(list(map(same, _values(fields, field))), f"{field}!={wanted}")
        if not looks_numeric(wanted):
            raise self._error(f"{field}{op}{wanted}: only numbers are compared")
        return lambda fields: any(_ordered(value, op, wanted) for value in _values(fields, field))


def _unquoted(token: _Token) -> str:
    if token.kind == "word":
        if "\\" in token.text:
            raise KnowledgeError(f"search: {token.text!r}: a backslash outside of quotes")
        return token.text
    return re.sub(r'\\(["\\])', lambda m: m.group(1), token.text[1:-1])


def _values(fields: Fields, name: str) -> Sequence[str]:
    value = fields.get(name)
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else value


def _differs(same: list[bool], what: str) -> bool:
    if any(same) and not all(same):
        raise UncertainError(f"{what} on a multivalue of which some are the same")
    return bool(same) and not any(same)


def _matcher(wanted: str) -> Callable[[str], bool]:
    as_number = float(wanted) if _PLAIN.fullmatch(wanted) else None
    pattern = re.compile(".*".join(map(re.escape, wanted.split("*"))), re.DOTALL | re.IGNORECASE)

    def same(value: str) -> bool:
        if pattern.fullmatch(value):
            return True
        if as_number is not None and _PLAIN.fullmatch(value) and float(value) == as_number:
            raise UncertainError(f"{value!r} = {wanted!r}: as text or as numbers?")
        return False

    return same


def _ordered(value: str, op: str, wanted: str) -> bool:
    if not looks_numeric(value):
        raise UncertainError(f"{value!r} {op} {wanted}: a comparison of text")
    left, right = float(value), float(wanted)
    return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[op]
