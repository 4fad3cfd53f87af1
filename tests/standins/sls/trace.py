"""What was asked and answered: no bodies, no secrets."""

from __future__ import annotations

import threading
from collections import Counter, deque
from typing import Any


class Trace:
    """The last requests, numbered from 1, and counters over all of them."""

    def __init__(self, size: int) -> None:
        self._entries: deque[dict[str, Any]] = deque(maxlen=size)
        self._lock = threading.Lock()
        self._number = 0
        self._counts: Counter[str] = Counter()

    def add(self, entry: dict[str, Any]) -> None:
        """Number and keep one entry."""
        with self._lock:
            self._number += 1
            self._entries.append({"n": self._number, **entry})
            self._counts[f"{entry['endpoint']} {entry['status']} {entry['code']}".strip()] += 1

    def since(self, number: int) -> list[dict[str, Any]]:
        """Entries with a number above `number`."""
        with self._lock:
            return [entry for entry in self._entries if entry["n"] > number]

    def counts(self) -> dict[str, int]:
        """How often each `endpoint status code` was answered."""
        with self._lock:
            return dict(self._counts)
