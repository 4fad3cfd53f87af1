"""What the Splunk stand-in reads from the inputs' pipes: how many events, and how old stamped ones are."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from tests.addon import SCHEME
from tests.bench.side.payload import STAMP, STAMP_LENGTH

_RAW, _STANZA, _ARRIVED = 5, 6, 8  # columns of a row of the Splunk stand-in
_USUAL = f'{{"{STAMP}":"'
_EVENT_END = b"</event>"
_MARK = STAMP.encode()
_STAMPED = re.compile(_MARK + rb'(?:"|&quot;):(?:"|&quot;)([0-9.]{%d})' % STAMP_LENGTH)
_TAIL = 64  # bytes kept of each read: more than a stamp, less than an event


class Arrival(NamedTuple):
    """One stamped event: when it was made and when its bytes were read from the pipe, epoch seconds."""

    made: float
    read: float

    @property
    def latency(self) -> float:
        """Seconds from one to the other."""
        return self.read - self.made


class ParsedArrivals:
    """Takes events that were parsed and checked. With `characters` it adds up the bytes of their texts."""

    def __init__(self, characters: bool = False) -> None:
        self.counts: Counter[str] = Counter()
        self.bytes: Counter[str] = Counter()
        self.stamped: list[Arrival] = []
        self._characters = characters

    def take(self, rows: Sequence[Any]) -> None:
        """Rows that one read has completed, all of one input."""
        if not rows:
            return
        stanza, begin = rows[0][_STANZA], len(_USUAL)
        if self._characters:
            self.bytes[stanza] += sum(len(row[_RAW].encode()) for row in rows)
        for row in rows:
            if row[_RAW].startswith(_USUAL):
                made = float(row[_RAW][begin : begin + STAMP_LENGTH])
                self.stamped.append(Arrival(made, row[_ARRIVED]))
        self.counts[stanza] += len(rows)

    def of(self, name: str) -> int:
        """Events of the input of that name."""
        return self.counts[f"{SCHEME}://{name}"]

    def size(self, name: str) -> int:
        """Bytes of the texts of that input's events."""
        return self.bytes[f"{SCHEME}://{name}"]


class UnparsedArrivals:
    """Takes bytes as they were read and counts the ends of events: a reader that costs next to nothing."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.stamped: list[Arrival] = []
        self._tails: dict[str, bytes] = {}

    def take(self, stanza: str, data: bytes) -> None:
        """What one read has brought."""
        now = time.time()
        tail = self._tails.get(stanza, b"")
        data = tail + data
        seen = max(0, len(tail) - len(_EVENT_END) + 1)  # an end in the tail was counted, a cut one was not
        if data.find(_MARK) >= 0:
            for found in _STAMPED.finditer(data):
                if found.end() > len(tail):
                    self.stamped.append(Arrival(float(found.group(1)), now))
        self.counts[stanza] += data.count(_EVENT_END, seen)
        self._tails[stanza] = data[-_TAIL:]

    def of(self, name: str) -> int:
        """Events of the input of that name."""
        return self.counts[f"{SCHEME}://{name}"]
