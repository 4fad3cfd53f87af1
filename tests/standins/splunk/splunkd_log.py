"""splunkd.log, in the line format that searches and people know from the real one."""

from __future__ import annotations

import re
import threading
import time
from datetime import datetime
from pathlib import Path

#: Every control character but the tab; splunkd writes them as \xNN since CVE-2023-32712 (documented).
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]")

LEVELS = ("DEBUG", "INFO", "WARN", "ERROR", "FATAL")


def escape_control(text: str) -> str:
    r"""Write control characters as \xNN, the tab excepted."""
    return _CONTROL.sub(lambda found: f"\\x{ord(found.group()):02x}", text)


def split_level(line: str, default: str = "ERROR") -> tuple[str, str]:
    """Take a leading level and its space off a stderr line: ("WARN", "rest"); default where there is none."""
    head, blank, rest = line.partition(" ")
    return (head, rest) if blank and head in LEVELS else (default, line)


class SplunkdLog:
    """Appends whole lines to one file; safe to share between threads."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._lock = threading.Lock()
        self._file = path.open("a", encoding="utf-8", errors="backslashreplace", buffering=1)

    def write(self, level: str, category: str, text: str, thread: str | None = None) -> None:
        """Append `MM-DD-YYYY HH:MM:SS.mmm +ZZZZ LEVEL Category [tid thread] - text`, unless closed."""
        origin = f"{threading.get_native_id()} {thread or threading.current_thread().name}"
        line = f"{_stamp()} {level:<5} {category} [{origin}] - {escape_control(text)}\n"
        with self._lock:
            if not self._file.closed:
                self._file.write(line)

    def close(self) -> None:
        with self._lock:
            self._file.close()


def _stamp() -> str:
    now = datetime.fromtimestamp(time.time()).astimezone()
    return f"{now:%m-%d-%Y %H:%M:%S}.{now.microsecond // 1000:03d} {now:%z}"
