"""Automatic field extraction of name=value pairs (KV_MODE = auto), as far as it is sure.

Documented (props.conf.spec, Knowledge Manager Manual): pairs divided by `=` become fields, a value in double
quotes without the quotes; only the first 10,240 characters are looked at (limits.conf.spec, [kv] maxchars).
Not documented is what ends a name or a value among other signs, and which value counts of a name that is
there twice. So a field is sure when its name is a plain word at the start of a word, there once, and its
value is quoted without a backslash, or of signs that end nothing in anybody's reading. Reading any other
raises.
"""

from __future__ import annotations

import re

from tests.knowledge.kvjson import MAX_CHARS

_PAIR = re.compile(r'(?P<name>[^\s="]*)=(?:"(?P<quoted>[^"]*)"|(?P<plain>[^\s"]*))')
_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_PLAIN = re.compile(r"[\w.:/+-]+", re.ASCII)


def extract(raw: str) -> tuple[dict[str, str], frozenset[str]]:
    """The fields that are sure, and the names of those that are not. An empty value gives no field."""
    sure: dict[str, str] = {}
    unsure: set[str] = set()
    for found in _PAIR.finditer(raw[:MAX_CHARS]):
        name, quoted, plain = found["name"], found["quoted"], found["plain"]
        after = raw[found.end() : found.end() + 1]
        is_sure = _NAME.fullmatch(name) and after in ("", " ", "\n")
        is_plain = _PLAIN.fullmatch(plain) if quoted is None else "\\" not in quoted
        names = re.findall(r"\w+", name)[-1:]
        if not (is_sure and is_plain) or name in sure or name in unsure:
            unsure.update(names)
            sure.pop(name, None)
        else:
            sure[name] = plain if quoted is None else quoted
    return {name: value for name, value in sure.items() if value}, frozenset(unsure)
