r"""Splunk's eval expressions: parser and evaluator for what this add-on may use, and nothing else.

Names are fields, also in single quotes; text stands in double quotes, in which only \" and \\ are escapes
(arguments that are regexes keep every backslash). NOT binds tighter than AND, AND tighter than OR; both AND
and OR take null for false. Conditions are checked for being conditions while parsing, as Splunk does, and
cannot be assigned to a field. Stricter than Splunk, because its documents do not say or because it is an easy
mistake: `.` beside arithmetic needs parentheses, a.b and a-b need blanks (or quotes, when they are one name),
lower-case and/or/not are refused, NOT of a null condition and all that values.py names raise UncertainError.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Callable, NamedTuple, Union

from tests.knowledge.errors import KnowledgeError, UncertainError
from tests.knowledge.functions import BOOL, FUNCTIONS, VALUE, parts_of
from tests.knowledge.pcre import compiled
from tests.knowledge.scan import scan
from tests.knowledge.values import Raw, Value, as_fields, compare, equal, exact, number_of, text_of

Fields = Mapping[str, Union[str, tuple[str, ...]]]
_NULL = "null"
NOW = "now()"
"""The name under which the fields have the time of the search, in whole epoch seconds."""

_TOKEN = re.compile(
    r"""(?P<space>\s+)|(?P<number>[0-9]+(?:\.[0-9]+)?(?![\w.]))|(?P<string>"(?:[^"\\]|\\.)*")"""
    r"""|(?P<quoted>'[^'\\]*')|(?P<name>[A-Za-z_]\w*)|(?P<op>==|!=|<=|>=|[=<>+\-*/%.(),])""",
    re.DOTALL | re.ASCII,
)
_LOGIC = frozenset({"AND", "OR", "NOT", "XOR"})
_KEYWORDS = _LOGIC | {"IN", "LIKE"}


class _Token(NamedTuple):
    kind: str
    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Node:
    """A parsed expression: `kind` is bool, value or null; `reads` the fields it looks at."""

    kind: str
    run: Callable[[Fields], Value]
    reads: frozenset[str] = frozenset()
    literal: str | None = None
    odd: bool = False
    """A literal with a backslash that only a regex may have."""
    operator: str = ""


@dataclass(frozen=True)
class Expression:
    """An expression that gives a value for a field."""

    text: str
    node: Node

    @property
    def reads(self) -> frozenset[str]:
        return self.node.reads

    def value(self, fields: Fields) -> str | tuple[str, ...] | None:
        """What the field holds afterwards; None = it is absent."""
        return as_fields(self.node.run(fields))


@cache
def parse(text: str) -> Expression:
    """An expression whose result goes into a field.

    Raises:
        KnowledgeError: it is none, or one that this tool does not read.
    """
    node = _Parser(text).whole()
    if node.kind == BOOL:
        raise KnowledgeError(f"{text!r} is a condition: it cannot be assigned to a field; use if()")
    return Expression(text, node)


@cache
def parse_condition(text: str) -> Node:
    """An expression that is true, false or null."""
    node = _Parser(text).whole()
    if node.kind != BOOL:
        raise KnowledgeError(f"{text!r} is no condition")
    return node


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = self._split(text)
        self._at = 0

    def whole(self) -> Node:
        node = self._or()
        if self._peek().kind != "end":
            raise self._error(f"{self._peek().text!r} is not expected here")
        return self._plain(node)

    def _error(self, message: str) -> KnowledgeError:
        return KnowledgeError(f"eval {self._text!r}: {message}")

    def _split(self, text: str) -> list[_Token]:
        tokens = [
            _Token(str(found.lastgroup), found.group(), found.start(), found.end())
            for found in scan(_TOKEN, text, "eval")
        ]
        for left, op, right in zip(tokens, tokens[1:], tokens[2:]):
            close = left.end == op.start and op.end == right.start
            if close and op.text in (".", "-") and left.kind == right.kind == "name":
                name = left.text + op.text + right.text
                raise self._error(f"{name}: a field of that name needs single quotes, two fields need blanks")
        return [*tokens, _Token("end", "", len(text), len(text))]

    def _peek(self) -> _Token:
        return self._tokens[self._at]

    def _take(self) -> _Token:
        self._at += 1
        return self._tokens[self._at - 1]

    def _word(self, word: str) -> bool:
        token = self._peek()
        if token.kind == "name" and token.text == word:
            self._at += 1
            return True
        return False

    def _op(self, *texts: str) -> str:
        token = self._peek()
        if token.kind == "op" and token.text in texts:
            self._at += 1
            return token.text
        return ""

    def _expect(self, text: str) -> None:
        if not self._op(text):
            raise self._error(f"{text!r} is missing before {self._peek().text!r}")

    def _or(self) -> Node:
        node = self._and()
        while self._word("OR"):
            node = self._logic(node, self._and(), any_of=True)
        return node

    def _and(self) -> Node:
        node = self._not()
        while self._word("AND"):
            node = self._logic(node, self._not(), any_of=False)
        return node

    def _logic(self, left: Node, right: Node, any_of: bool) -> Node:
        self._need(left, BOOL)
        self._need(right, BOOL)
        first, second = left.run, right.run

        def run(fields: Fields) -> Value:
            answer = first(fields)
            if answer is any_of:
                return any_of
            other = second(fields)
            if other is any_of:
                return any_of
            return None if answer is None or other is None else not any_of

        return Node(BOOL, run, left.reads | right.reads)

    def _not(self) -> Node:
        if not self._word("NOT"):
            return self._comparison()
        node = self._need(self._not(), BOOL)

        def run(fields: Fields) -> Value:
            answer = node.run(fields)
            if answer is None:
                raise UncertainError("NOT of a condition on a missing field: guard it with isnotnull()")
            return not answer

        return Node(BOOL, run, node.reads)

    def _need(self, node: Node, kind: str) -> Node:
        if node.kind not in (kind, _NULL) or (kind == BOOL and node.kind == _NULL):
            raise self._error(
                "a condition is missing" if kind == BOOL else "a condition where a value is needed"
            )
        return self._plain(node)

    def _plain(self, node: Node) -> Node:
        if node.odd:
            raise self._error(f"{node.literal!r}: outside of a regex a backslash is written as two")
        return node

    def _comparison(self) -> Node:
        left = self._sum()
        op = self._op("==", "=", "!=", "<", "<=", ">", ">=")
        if op:
            return self._compared(self._need(left, VALUE), op, self._need(self._sum(), VALUE))
        if self._word("IN"):
            self._need(left, VALUE)
            return self._call("in", FUNCTIONS["in"], [left, *self._arguments()])
        return left

    def _compared(self, left: Node, op: str, right: Node) -> Node:
        if self._peek().text in ("==", "=", "!=", "<", "<=", ">", ">="):
            raise self._error("two comparisons in a row")

        def run(fields: Fields) -> Value:
            first, second = left.run(fields), right.run(fields)
            if op in ("=", "==", "!="):
                answer = equal(first, second)
                return answer if op != "!=" or answer is None else not answer
            order = compare(first, second)
            if order is None:
                return None
            return {"<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0}[op]

        return Node(BOOL, run, left.reads | right.reads)

    def _sum(self) -> Node:
        node = self._product()
        used = ""
        while True:
            op = self._op("+", "-", ".")
            if not op:
                return node
            right = self._product()
            kinds = {"." if o == "." else "+" for o in (used, op) if o}
            if len(kinds) > 1 or (op == "." and {node.operator, right.operator} & {"*", "/", "%"}):
                raise self._error("'.' beside arithmetic: use parentheses")
            used = op
            node = self._binary(node, op, right)

    def _product(self) -> Node:
        node = self._unary()
        while True:
            op = self._op("*", "/", "%")
            if not op:
                return node
            node = self._binary(node, op, self._unary())

    def _unary(self) -> Node:
        if self._op("-"):
            token = self._take()
            if token.kind != "number":
                raise self._error("'-' before something that is no number")
            number = -_number(token.text)
            return Node(VALUE, lambda fields: number)
        return self._primary()

    def _binary(self, left: Node, op: str, right: Node) -> Node:
        self._need(left, VALUE)
        self._need(right, VALUE)

        def run(fields: Fields) -> Value:
            first, second = left.run(fields), right.run(fields)
            if first is None or second is None:
                return None
            if op == ".":
                return text_of(first) + text_of(second)
            return _calculated(op, first, second)

        return Node(VALUE, run, left.reads | right.reads, operator=op)

    def _primary(self) -> Node:
        token = self._take()
        if token.kind == "number":
            number = _number(token.text)
            return Node(VALUE, lambda fields: number)
        if token.kind == "string":
            return self._text_literal(token.text)
        if token.kind == "quoted":
            return self._field(token.text[1:-1])
        if token.kind == "op" and token.text == "(":
            node = self._or()
            self._expect(")")
            return replace(node, operator="")
        if token.kind == "name":
            if token.text in _KEYWORDS or (token.text.upper() in _LOGIC):
                raise self._error(f"{token.text} is not expected here")
            if self._peek().text == "(" and self._peek().kind == "op":
                return self._function(token.text)
            return self._field(token.text)
        raise self._error(f"{token.text or 'the end'!r} is not expected here")

    def _field(self, name: str) -> Node:
        if not name or "*" in name:
            raise self._error(f"{name!r} is no field's name")

        def run(fields: Fields) -> Value:
            value = fields.get(name)
            if value is None:
                return None
            return tuple(map(Raw, value)) if isinstance(value, tuple) else Raw(value)

        return Node(VALUE, run, frozenset({name}))

    def _text_literal(self, token: str) -> Node:
        text = _unescaped(token[1:-1])
        return Node(VALUE, lambda fields: text, literal=text, odd=_has_odd_escape(token[1:-1]))

    def _arguments(self) -> list[Node]:
        self._expect("(")
        if self._op(")"):
            return []
        given = [self._or()]
        while self._op(","):
            given.append(self._or())
        self._expect(")")
        return given

    def _function(self, name: str) -> Node:
        given = self._arguments()
        if name == "if":
            return self._if(given)
        if name == "case":
            return self._case(given)
        if name == "mvfilter":
            return self._mvfilter(given)
        if name == "null":
            if given:
                raise self._error("null() takes nothing")
            return Node(_NULL, lambda fields: None)
        if name == "now":
            return self._now(given)
        if name not in FUNCTIONS:
            raise self._error(f"unknown function {name}()")
        return self._call(name, FUNCTIONS[name], given)

    def _now(self, given: list[Node]) -> Node:
        """When the search was started, for those that are run at a time."""
        if given:
            raise self._error("now() takes nothing")

        def run(fields: Fields) -> Value:
            found = fields.get(NOW)
            if found is None:
                raise UncertainError("now(): it is not said when this is searched")
            return exact(str(found))

        return Node(VALUE, run)

    def _call(self, name: str, function: Any, given: list[Node]) -> Node:
        if len(given) < function.least or (function.most is not None and len(given) > function.most):
            raise self._error(f"{name}() with {len(given)} arguments")
        for place, node in enumerate(given):
            if place not in function.regexes and name != "tostring":
                self._need(node, VALUE)
            if place in function.literal and node.literal is None:
                raise self._error(f"argument {place + 1} of {name}() has to be text in double quotes")
        if name in ("match", "replace"):
            compiled(str(given[1].literal))
        runs, call = [node.run for node in given], function.run

        def run(fields: Fields) -> Value:
            return call(*[argument(fields) for argument in runs])

        return Node(function.kind, run, _reads(given))

    def _if(self, given: list[Node]) -> Node:
        if len(given) != 3:
            raise self._error(f"if() with {len(given)} arguments")
        condition, then, other = given
        self._need(condition, BOOL)
        kind = self._common([then, other])
        return Node(
            kind,
            lambda fields: then.run(fields) if condition.run(fields) else other.run(fields),
            _reads(given),
        )

    def _case(self, given: list[Node]) -> Node:
        if not given or len(given) % 2:
            raise self._error("case() needs pairs of a condition and a value")
        for condition in given[::2]:
            self._need(condition, BOOL)
        kind = self._common(given[1::2])
        pairs = list(zip(given[::2], given[1::2]))

        def run(fields: Fields) -> Value:
            return next((value.run(fields) for condition, value in pairs if condition.run(fields)), None)

        return Node(kind, run, _reads(given))

    def _common(self, nodes: list[Node]) -> str:
        kinds = {self._plain(node).kind for node in nodes} - {_NULL}
        if len(kinds) > 1:
            raise self._error("conditions and values mixed in if() or case()")
        return kinds.pop() if kinds else VALUE

    def _mvfilter(self, given: list[Node]) -> Node:
        if len(given) != 1:
            raise self._error("mvfilter() takes one condition")
        condition = self._need(given[0], BOOL)
        if len(condition.reads) != 1:
            raise self._error("the condition of mvfilter() reads exactly one field")
        (name,) = condition.reads

        def run(fields: Fields) -> Value:
            value = fields.get(name)
            kept = [Raw(part) for part in parts_of(value) if condition.run({name: part})]
            return (tuple(kept) if len(kept) > 1 else kept[0]) if kept else None

        return Node(VALUE, run, condition.reads)


def _reads(nodes: list[Node]) -> frozenset[str]:
    return frozenset().union(*[node.reads for node in nodes]) if nodes else frozenset()


def _number(text: str) -> Any:
    return float(text) if "." in text else int(text)


def _unescaped(text: str) -> str:
    return re.sub(r'\\(["\\])', lambda m: m.group(1), text)


def _has_odd_escape(text: str) -> bool:
    return re.search(r'\\[^"\\]', text.replace("\\\\", "")) is not None


def _calculated(op: str, left: Value, right: Value) -> Value:
    first, second = number_of(left), number_of(right)
    if first is None or second is None:
        raise UncertainError(f"'{op}' with text ({left!r}, {right!r}): use tonumber()")
    if op == "+":
        return first + second
    if op == "-":
        return first - second
    if op == "*":
        return first * second
    if second == 0:
        return None
    return first / second if op == "/" else _remainder(first, second)


def _remainder(left: Any, right: Any) -> Any:
    if left < 0 or right < 0:
        raise UncertainError("% with a negative number")
    return left % right
