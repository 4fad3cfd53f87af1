"""Every sentence that the add-on can say when something is wrong, read out of its source.

No text is followed to a log: whatever reads like a sentence counts, wherever it stands, unless the syntax
says that it is something else (a docstring, a line of INFO, the result of a check that found all in order).
So a new one cannot slip through.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

HOLE = "\0"
"""Stands for what is filled in at run time."""
_LEAST_WORDS = 3  # or two and something filled in: "SLS answered ...", but not "certificate name"
_QUIET = ("info", "debug", "add_argument", "ArgumentParser", "compile", "setLoggerClass")
"""Calls whose texts are no complaint."""
_FORMAT = re.compile(r"\{[a-z_]*\}|%[sd]")
_WORD = re.compile(r"[A-Za-z'][A-Za-z'-]+")


class Sentence(NamedTuple):
    """A text with HOLE where something is filled in."""

    module: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.module}:{self.line}: {self.text.replace(HOLE, '...')}"


def sentences(path: Path) -> list[Sentence]:
    """Those of one module, in their order."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    passed_over = {id(node) for node in _passed_over(tree)}
    found = [Sentence(path.name, line, text) for line, text in _texts(tree, passed_over)]
    return list({row.text: row for row in found if _is_sentence(row.text)}.values())


def _is_sentence(text: str) -> bool:
    words = len(_WORD.findall(text.replace(HOLE, " ")))
    return words + min(words // 2, text.count(HOLE)) >= _LEAST_WORDS and " " in text.strip()


def _passed_over(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        yield from _docstrings(node)
        if isinstance(node, ast.Call) and (_name(node.func) in _QUIET or _is_fine(node)):
            yield node
        if isinstance(node, ast.Compare):  # a word that is looked for
            yield node
        if isinstance(node, ast.Tuple) and _has_needle(node):
            yield node.elts[0]


def _docstrings(node: ast.AST) -> Iterator[ast.AST]:
    body = getattr(node, "body", None)
    for part in body if isinstance(body, list) else ():
        if isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant):
            yield part.value


def _is_fine(call: ast.Call) -> bool:
    """The result of a check that found all in order: Result(check, OK, ...)."""
    return _name(call.func) == "Result" and len(call.args) > 1 and getattr(call.args[1], "id", "") == "OK"


def _has_needle(row: ast.Tuple) -> bool:
    """A row of a table: what is looked for in a text, in lower case, and the sentence for it."""
    first = row.elts[0] if len(row.elts) == 2 else None
    return isinstance(first, ast.Constant) and isinstance(first.value, str) and first.value.islower()


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _texts(node: ast.AST, passed_over: set[int]) -> Iterator[tuple[int, str]]:
    if id(node) in passed_over:
        return
    text = _text(node)
    if text is not None:
        yield getattr(node, "lineno", 0), text
        return
    for child in ast.iter_child_nodes(node):
        yield from _texts(child, passed_over)


def _text(node: ast.AST) -> str | None:
    """The text that an expression makes, with holes; None where it makes none, or nothing is known of it."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return _FORMAT.sub(HOLE, node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) or HOLE for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _text(node.left), _text(node.right)
        if left is not None or right is not None:
            return (HOLE if left is None else left) + (HOLE if right is None else right)
    return None
