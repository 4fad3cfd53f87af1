"""Filter, sort and page a collection as splunkd's list arguments say."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from typing import Any, Callable

from .envelopes import Entry, Feed
from .request import Request

DEFAULT_COUNT = 30


def paged(feed: Feed, request: Request) -> Feed:
    """Apply ``search``, ``sort_key``, ``sort_dir``, ``sort_mode``, ``count`` and ``offset`` to a feed."""
    entries = filtered(feed.entries, request.arg("search"))
    entries = _sorted(entries, request)
    count = _number(request.arg("count"), DEFAULT_COUNT)
    offset = max(_number(request.arg("offset"), 0), 0)
    feed.total, feed.per_page, feed.offset = len(entries), max(count, 0), offset
    feed.entries = entries[offset:] if count <= 0 else entries[offset : offset + count]
    return feed


def _number(text: str, default: int) -> int:
    return int(text) if re.fullmatch(r"-?\d+", text) else default


def filtered(entries: list[Entry], search: str) -> list[Entry]:
    """Entries that match the words and ``field=value`` terms of a search filter (documented)."""
    terms = _terms(search)
    return [entry for entry in entries if all(_matches(entry, term) for term in terms)]


def _terms(search: str) -> list[str]:
    lexer = shlex.shlex(search.strip(), posix=True)
    lexer.whitespace_split = True
    lexer.commenters = ""
    lexer.quotes = '"'
    lexer.escape = ""
    try:
        return [term for term in lexer if term.upper() != "AND"]
    except ValueError:
        return [search.strip()]


def _matches(entry: Entry, term: str) -> bool:
    key, equals, wanted = term.partition("=")
    if not equals:
        return any(_like(text, f"*{term}*") for text in _texts(entry))
    return any(_like(text, wanted) for text in _values(entry, key))


def _texts(entry: Entry) -> list[str]:
    texts = [entry.name]
    for value in entry.content.values():
        texts += _as_texts(value)
    return texts


def _values(entry: Entry, key: str) -> list[str]:
    if key in ("name", "title"):
        return [entry.name]
    if key.startswith("eai:acl."):
        return _as_texts(entry.acl.as_dict().get(key[len("eai:acl.") :]))
    return _as_texts(entry.content.get(key, ""))


def _as_texts(value: Any) -> list[str]:
    if isinstance(value, bool):
        return ["1", "true"] if value else ["0", "false"]
    if isinstance(value, list):
        return [str(item) for item in value]
    if isinstance(value, Mapping):
        return []
    return ["" if value is None else str(value)]


def _like(text: str, pattern: str) -> bool:
    regex = ".*".join(re.escape(piece) for piece in pattern.split("*"))
    return re.fullmatch(regex, text, re.IGNORECASE | re.DOTALL) is not None


def _sorted(entries: list[Entry], request: Request) -> list[Entry]:
    key = request.arg("sort_key", "name")
    values = {id(entry): (_values(entry, key) or [""])[0] for entry in entries}
    order = _order(request.arg("sort_mode", "auto"), list(values.values()))
    reverse = request.arg("sort_dir") == "desc"
    return sorted(entries, key=lambda entry: order(values[id(entry)]), reverse=reverse)


def _order(mode: str, values: list[str]) -> Callable[[str], Any]:
    if mode == "alpha_case":
        return str
    numeric = mode == "num" or (mode == "auto" and values and all(re.fullmatch(r"\d+", v) for v in values))
    if numeric:
        return lambda text: int(text) if re.fullmatch(r"\d+", text) else 0
    return lambda text: (text.lower(), text)
