"""No regular expression of the add-on takes long, whatever text it is given.

Each one runs on long texts made out of the expression itself: every repetition in it pumped up and then ended
by a character that does not fit, near misses again and again, long runs of its characters. They run in a
process of their own that is ended when it is slow: nothing else stops Python's re.
"""

from __future__ import annotations

import ast
import multiprocessing
import random
import re
import signal
import warnings
from collections.abc import Iterator
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.app_package import ROOT
from tests.knowledge import pcre, settings

try:
    from re import _parser as sre_parse  # type: ignore[attr-defined]
except ImportError:  # before Python 3.11
    import sre_parse

LENGTH = 60_000
CPU_SECONDS = 0.36  # for one run: what grows with the square of the length would take 1 s for 100,000
MOST_TEXTS = 80  # for one regex
DONE = "done"
MODULE_CALLS = ("compile", "search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer")


class Regex(NamedTuple):
    place: str
    pattern: str
    flags: int = 0


def of_the_confs() -> list[Regex]:
    """Those of the conf files, one for each text; `.` is any character, as it is for EXTRACT."""
    found: dict[str, Regex] = {}
    for place, text in settings.regexes(settings.confs(settings.source_app(ROOT))):
        compiled = pcre.compiled(text)
        found.setdefault(text, Regex(place, compiled.pattern, compiled.flags | re.DOTALL))
    return list(found.values())


def of_the_code() -> list[Regex]:
    """Those in bin/sls_ingest; one that is not written out fails the test."""
    return [regex for path in sorted((ROOT / "bin" / "sls_ingest").glob("*.py")) for regex in in_module(path)]


def in_module(path: Path) -> Iterator[Regex]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == "re"
            and node.func.attr in MODULE_CALLS
        ):
            place = f"{path.name}:{node.lineno}"
            assert isinstance(node.args[0], ast.Constant), f"{place}: a regex that is not written out"
            pattern = node.args[0].value
            # The flags stand behind the pattern; sub() and others have more between.
            words = {
                word.attr
                for arg in node.args[1:]
                for word in ast.walk(arg)
                if isinstance(word, ast.Attribute)
            }
            yield Regex(place, pattern, sum(int(getattr(re, word)) for word in words if word.isupper()))


def hostile_texts(regex: Regex) -> list[str]:
    tree = sre_parse.parse(regex.pattern, regex.flags)
    letters = list(dict.fromkeys(_letters(tree)))
    sample = _sample(tree)
    ends = ["\x00", *(letter for letter in letters[:2])]
    texts = [
        f"{before}{_long(body)}{end}{after}"
        for before, body in dict.fromkeys(_pumped(tree, ""))
        for end, after in [(ends[0], ""), (ends[-1], ends[0])]
    ]
    texts += [_long(letter) for letter in [*letters[:8], "a", " ", "0", '"', "\\"]]
    texts += [
        _long(sample),
        _long(sample[:-1]),
        sample[:-1] + _long(sample[-1:] or "x"),
        _long(sample[:-1] + "\x00"),
    ]
    shuffled = random.Random(ascii(regex.pattern))
    texts += [_long("".join(shuffled.choices(letters or ["x"], k=1000))) for _ in range(2)]
    return list(dict.fromkeys(texts))[:MOST_TEXTS]


def _long(text: str) -> str:
    return text * (LENGTH // max(1, len(text)))


def _pumped(tree: Any, before: str) -> Iterator[tuple[str, str]]:
    """(what comes before, what is repeated) for every repetition that may go on for long."""
    for operation, argument in tree:
        name = str(operation)
        if name.endswith("_REPEAT"):
            _, most, inner = argument
            if most > 20:
                yield from ((before, body) for body in _variants(inner))
            yield from _pumped(inner, before)
        elif name == "SUBPATTERN":
            yield from _pumped(argument[-1], before)
        elif name == "BRANCH":
            for branch in argument[1]:
                yield from _pumped(branch, before)
        elif name in ("ASSERT", "ASSERT_NOT"):
            yield from _pumped(argument[1], before)
        elif name == "ATOMIC_GROUP":
            yield from _pumped(argument, before)
        before += _sample([(operation, argument)])


def _variants(tree: Any) -> list[str]:
    """A few different texts that `tree` matches."""
    letters = list(dict.fromkeys(_letters(tree)))
    if len(tree) == 1 and str(tree[0][0]) in ("IN", "ANY", "LITERAL", "NOT_LITERAL"):
        return letters[:3]
    return list(dict.fromkeys([_sample(tree), *(_sample(tree, pick) for pick in (1, 2))]))


def _sample(tree: Any, pick: int = 0) -> str:
    """A short text that `tree` matches, or nearly; `pick` chooses among alternatives."""
    text = ""
    for operation, argument in tree:
        name = str(operation)
        if name in ("LITERAL", "NOT_LITERAL", "IN", "ANY"):
            letters = list(_letters([(operation, argument)]))
            text += letters[pick % len(letters)]
        elif name.endswith("_REPEAT"):
            text += _sample(argument[2], pick) * max(1, argument[0])
        elif name == "SUBPATTERN":
            text += _sample(argument[-1], pick)
        elif name == "ATOMIC_GROUP":
            text += _sample(argument, pick)
        elif name == "BRANCH":
            text += _sample(argument[1][pick % len(argument[1])], pick)
    return text


_CATEGORIES = {"DIGIT": "0", "SPACE": " ", "WORD": "a", "NOT_DIGIT": "x", "NOT_SPACE": "x", "NOT_WORD": "-"}


def _letters(tree: Any) -> Iterator[str]:
    """Characters that its parts match, the outer ones first."""
    for operation, argument in tree:
        name = str(operation)
        if name == "LITERAL":
            yield chr(argument)
        elif name == "NOT_LITERAL":
            yield "x" if argument != ord("x") else "y"
        elif name == "ANY":
            yield "x"
        elif name == "IN":
            members = set(_members(argument))
            negated = bool(argument) and str(argument[0][0]) == "NEGATE"
            yield from [c for c in 'x0 -./:="%é' if c not in members][:3] if negated else sorted(members)[:3]
        elif name.endswith("_REPEAT"):
            yield from _letters(argument[2])
        elif name in ("SUBPATTERN", "ASSERT", "ASSERT_NOT"):
            yield from _letters(argument[-1])
        elif name == "ATOMIC_GROUP":
            yield from _letters(argument)
        elif name == "BRANCH":
            for branch in argument[1]:
                yield from _letters(branch)


def _members(items: Any) -> Iterator[str]:
    for operation, argument in items:
        name = str(operation)
        if name == "LITERAL":
            yield chr(argument)
        elif name == "RANGE":
            yield from map(chr, range(argument[0], min(argument[1], argument[0] + 300) + 1))
        elif name == "CATEGORY":
            yield _CATEGORIES[str(argument).removeprefix("CATEGORY_")]


def work(connection: Connection) -> None:
    """Runs regexes on their texts, and says before each run on which; SIGPROF ends it in a slow one."""
    while True:
        regex = connection.recv()
        compiled = re.compile(regex.pattern, regex.flags)
        for text in hostile_texts(regex):
            for run in (partial(compiled.sub, ""), compiled.fullmatch):  # sub: search, and on from there
                connection.send(f"{text[:20]!r}...{text[-5:]!r}")
                signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
                run(text)
                signal.setitimer(signal.ITIMER_PROF, 0)
        connection.send(DONE)


class Worker:
    """A process for many regexes, and the next one where a regex was its end."""

    def __init__(self) -> None:
        self._context = multiprocessing.get_context("fork")
        self._start()

    def _start(self) -> None:
        self._ours, theirs = self._context.Pipe()
        self._process = self._context.Process(target=work, args=(theirs,), daemon=True)
        with warnings.catch_warnings():
            # Python 3.12 warns of fork() beside threads, such as pytest-xdist's; the worker shares none.
            warnings.simplefilter("ignore", DeprecationWarning)
            self._process.start()
        theirs.close()

    def stop(self) -> None:
        self._process.kill()
        self._process.join()
        self._ours.close()

    def slow(self, regex: Regex) -> str:
        """On which text the regex is slow; empty where on none."""
        self._ours.send(regex)
        said = ""
        try:
            while said != DONE:
                said = self._ours.recv()
        except EOFError:
            self._process.join()
            assert self._process.exitcode == -signal.SIGPROF, f"the worker failed on {regex}"
            self._start()
            return f"{regex.place}: {regex.pattern!r} is slow on {said}"
        return ""


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    worker = Worker()
    yield worker
    worker.stop()


def test_no_regex_of_the_conf_files_is_slow(worker: Worker) -> None:
    regexes = of_the_confs()
    assert any(regex.pattern == r"([\r\n]+)" for regex in regexes)
    slow = [text for regex in regexes if (text := worker.slow(regex))]
    assert not slow, "\n".join(slow)


def test_no_regex_of_the_code_is_slow(worker: Worker) -> None:
    regexes = of_the_code()
    assert {"settings.py", "timespec.py"} <= {regex.place.partition(":")[0] for regex in regexes}
    slow = [text for regex in regexes if (text := worker.slow(regex))]
    assert not slow, "\n".join(slow)


@pytest.mark.parametrize(
    "pattern",
    [
        r"(a+)+$",  # grows with 2 to the power of the length
        r"^(?:[^/]*/?)*\.html$",
        r"(?:x|xx)+y",
        r"\s+$",  # grows with the square of the length
        r"user=.*id=.*end",
    ],
)
def test_a_slow_regex_is_found(worker: Worker, pattern: str) -> None:
    assert worker.slow(Regex("planted", pattern))


@pytest.mark.parametrize("pattern", [r"([\r\n]+)", r"^(\d{1,3})\.(\d{1,3})$", r"(?:GET|POST) (?P<path>/\S*)"])
def test_a_quick_regex_is_not_found(worker: Worker, pattern: str) -> None:
    assert not worker.slow(Regex("planted", pattern))


def test_the_regexes_of_a_module_are_found(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text(
        'A = re.compile(r"a+" "b", re.I | re.S)\nB = re.sub("c", "", text)\nC = text.match("d")\n'
    )
    assert list(in_module(path)) == [
        Regex("module.py:1", "a+b", int(re.I | re.S)),
        Regex("module.py:2", "c"),
    ]
    path.write_text("A = re.compile(made_of_settings)\n")
    with pytest.raises(AssertionError, match=r"module\.py:1: a regex that is not written out"):
        list(in_module(path))
