"""What the strict reader complains about: a counter per kind, and the first messages of each."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from typing import Callable


class Problems:
    """Counts by kind; keeps at most `keep` messages per kind, so that a flood stays small. Thread-safe."""

    def __init__(self, keep: int = 20, on_add: Callable[[str, str], None] | None = None) -> None:
        self.counts: Counter[str] = Counter()
        self.on_add = on_add
        self._keep = keep
        self._texts: dict[str, list[str]] = defaultdict(list)
        self._lock = threading.Lock()

    def add(self, kind: str, text: str, count: int = 1) -> None:
        """Note a problem `kind` (a short name such as "control_char") that happened `count` times."""
        with self._lock:
            self.counts[kind] += count
            fresh = len(self._texts[kind]) < self._keep
            if fresh:
                self._texts[kind].append(text)
        if fresh and self.on_add is not None:
            self.on_add(kind, text)

    def count_only(self, kind: str, count: int) -> None:
        """Raise a counter without a message."""
        with self._lock:
            self.counts[kind] += count

    def all(self) -> list[str]:
        """One line per kept message, and one per kind for those that were not kept."""
        with self._lock:
            lines = [f"{kind}: {text}" for kind, texts in self._texts.items() for text in texts]
            for kind, count in self.counts.items():
                more = count - len(self._texts.get(kind, ()))
                if more > 0:
                    lines.append(f"{kind}: and {more} more")
            return lines

    def clear(self) -> None:
        with self._lock:
            self.counts.clear()
            self._texts.clear()
