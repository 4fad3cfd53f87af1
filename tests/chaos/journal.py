"""What the suite did, as JSON lines: one file per cell, and the lines around a moment for a report."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any


class Journal:
    """Thread-safe; each line has `t` (epoch seconds) and `event`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("a", encoding="utf-8")
        self._lock = threading.Lock()

    def write(self, event: str, **facts: Any) -> float:
        """One line; returns its time."""
        now = time.time()
        with self._lock:
            line = {"t": round(now, 3), "event": event, **facts}
            self._file.write(json.dumps(line, ensure_ascii=False, default=str) + "\n")
            self._file.flush()
        return now

    def around(self, begin: float, end: float) -> list[str]:
        """The lines between two epoch seconds."""
        lines = self.path.read_text(encoding="utf-8").splitlines()
        return [line for line in lines if begin <= json.loads(line)["t"] <= end]

    def close(self) -> None:
        self._file.close()
