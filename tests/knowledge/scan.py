"""Cuts eval expressions and searches into tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.knowledge.errors import KnowledgeError


def scan(pattern: re.Pattern[str], text: str, kind: str) -> Iterator[re.Match[str]]:
    """The matches of `pattern` that `text` consists of, without those of its group "space".

    Raises:
        KnowledgeError: something between them is no token; `kind` says what `text` is.
    """
    place = 0
    while place < len(text):
        found = pattern.match(text, place)
        if found is None:
            raise KnowledgeError(f"{kind} {text!r}: cannot read {text[place : place + 20]!r}")
        if found.lastgroup != "space":
            yield found
        place = found.end()
