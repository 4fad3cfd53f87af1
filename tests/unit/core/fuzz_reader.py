"""Reads the add-on's event stream back as splunkd would, and says what each log should have become."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from xml.parsers import expat

from tests.unit.core.fuzz_wire import Group, Log, Pair

NANOS, TOPIC, SOURCE, TAG, EVENT_ID = (
    "__time_ns_part__",
    "__topic__",
    "__source__",
    "__tag__:",
    "__event_id__",
)
_SECOND, _MILLISECOND = 1_000_000_000, 1_000_000  # nanoseconds
_SUFFIXES = re.compile(r"(?:__[0-9]+)+\Z")
_ORDER = ("time", "source", "sourcetype", "index", "host", "data")


class StreamReader:
    """The events of one payload, each as {element: text}. Raises AssertionError for anything unexpected."""

    def __init__(self, payload: bytes) -> None:
        self.events: list[dict[str, str]] = []
        self._open: list[str] = []
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._text
        try:
            parser.Parse(b"<stream>" + payload + b"</stream>", True)
        except expat.ExpatError as error:
            raise AssertionError(f"not well-formed: {error}") from error
        for event in self.events:
            assert list(event) == [name for name in _ORDER if name in event], "elements out of order"

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        assert not attributes
        self._open.append(name)
        if len(self._open) == 2:
            assert name == "event"
            self.events.append({})
        elif len(self._open) > 2:
            assert len(self._open) == 3 and name in _ORDER and name not in self.events[-1], name
            self.events[-1][name] = ""

    def _end(self, name: str) -> None:
        self._open.pop()

    def _text(self, text: str) -> None:
        assert len(self._open) == 3, f"text outside of an element: {text[:40]!r}"
        self.events[-1][self._open[-1]] += text


def text_of(value: bytes) -> str:
    """Documented: what is not UTF-8 becomes U+FFFD."""
    return value.decode("utf-8", "replace")


def is_damaged(log: Log) -> bool:
    """Whether a key or value of the log is not UTF-8."""
    return any(text_of(part).encode() != part for pair in log.pairs for part in pair)


def time_of(log: Log) -> str | None:
    """The text of `<time>`: seconds and milliseconds; none for a log without a time."""
    nanos = (log.nanos or 0) % _SECOND
    return f"{log.seconds}.{nanos // _MILLISECOND:03d}" if log.seconds else None


def spelled(value: str) -> str:
    """A text for an element that has no escapes: what XML or one line cannot hold is spelled out."""
    named = {"\n": "\\n", "\r": "\\r", "\t": "\t"}
    return "".join(
        named.get(c) or (f"\\x{ord(c):02x}" if c < " " else f"\\u{ord(c):04x}" if c in "\ufffe\uffff" else c)
        for c in value
    )


def check_fields(data: str, group: Group, log: Log, with_id: bool) -> None:
    """One JSON event against its log: every value is there, under its name or under `<name>__<number>`."""
    assert "\n" not in data and "\r" not in data
    pairs: list[tuple[str, str]] = json.loads(data, object_pairs_hook=list)
    found = dict(pairs)
    assert len(found) == len(pairs), "a name occurs twice"
    wanted = [*_own(group), *_texts(log.pairs)]
    nanos = (log.nanos or 0) % _SECOND
    if nanos:
        wanted.append((NANOS, str(nanos)))
    if with_id:
        assert re.fullmatch(r"[0-9a-f]{8}-3-[0-9a-f]+-[0-9a-f]+", found[EVENT_ID])
        wanted.append((EVENT_ID, found[EVENT_ID]))
    _compare(found, wanted, all(text_of(key).encode() == key for key, _ in log.pairs))
    for name, value in ((TOPIC, group.topic), (SOURCE, group.source)):
        assert found[name] == text_of(value)


def _own(group: Group) -> Iterator[tuple[str, str]]:
    yield TOPIC, text_of(group.topic)
    yield SOURCE, text_of(group.source)
    yield from ((TAG + key, value) for key, value in _texts(group.tags))


def _texts(pairs: tuple[Pair, ...]) -> Iterator[tuple[str, str]]:
    return ((text_of(key), text_of(value)) for key, value in pairs)


def _compare(found: dict[str, str], wanted: list[tuple[str, str]], clean_names: bool) -> None:
    """Names that nobody else claims hold exactly their value; others are kept, numbered in order."""
    claims: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for name, value in wanted:
        claims[_SUFFIXES.sub("", name)].append((name, value))
    held: dict[str, list[str]] = defaultdict(list)
    for name, value in found.items():
        held[_SUFFIXES.sub("", name)].append(value)
    assert held.keys() == claims.keys()
    for root, claimed in claims.items():
        assert Counter(held[root]) == Counter(value for _, value in claimed)
        if len(claimed) == 1:
            assert found[claimed[0][0]] == claimed[0][1]
        elif clean_names and root not in (NANOS, EVENT_ID) and all(name == root for name, _ in claimed):
            numbered = [root, *(f"{root}__{number}" for number in range(2, len(claimed) + 1))]
            assert [found[name] for name in numbered] == [value for _, value in claimed]
