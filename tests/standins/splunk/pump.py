"""Reading a child's pipe as splunkd does: bounded reads, not at all while queues are blocked."""

from __future__ import annotations

import fcntl
import os
import select
import sys
import termios
import threading
import time
from collections.abc import Callable
from typing import IO

_POLL_SECONDS = 0.05


class ReadGate:
    """Closed while the queues behind it are blocked; opens by itself when a time was given."""

    def __init__(self, parent: ReadGate | None = None) -> None:
        self._parent = parent
        self._until = 0.0

    def pause(self, seconds: float | None) -> None:
        """Block for some seconds, None = until resume()."""
        self._until = float("inf") if seconds is None else time.monotonic() + seconds

    def resume(self) -> None:
        self._until = 0.0

    @property
    def blocked(self) -> bool:
        return time.monotonic() < self._until or (self._parent is not None and self._parent.blocked)


class Pump(threading.Thread):
    """Moves bytes from a pipe to `sink` until its end or close(); closes it then and calls `at_end`.

    With `hold`, a closed gate does not stop the reading: bytes are kept in memory until it opens.
    """

    def __init__(
        self,
        name: str,
        pipe: IO[bytes],
        size: int,
        sink: Callable[[bytes], None],
        at_end: Callable[[], None],
        gate: ReadGate | None = None,
        hold: bool = False,
    ) -> None:
        super().__init__(name=name, daemon=True)
        self._pipe = pipe
        self._size = size
        self._sink = sink
        self._at_end = at_end
        self._gate = gate or ReadGate()
        self._hold = hold
        self._held: list[bytes] = []
        self._closing = threading.Event()

    def close(self) -> None:
        """Close the read end, whatever is still in the pipe; returns at once."""
        self._closing.set()

    def waiting(self) -> int | None:
        """Bytes in the pipe that were not read; None once it is closed."""
        try:
            count = fcntl.ioctl(self._pipe.fileno(), termios.FIONREAD, bytes(4))
        except (ValueError, OSError):  # closed before or during the call
            return None
        return int.from_bytes(count, sys.byteorder)

    def run(self) -> None:
        try:
            self._read_to_end()
            self._release(wait=True)
        finally:
            self._pipe.close()
            self._at_end()

    def _read_to_end(self) -> None:
        poller = select.poll()
        poller.register(self._pipe, select.POLLIN | select.POLLHUP)
        while not self._closing.is_set():
            if self._gate.blocked and not self._hold:
                self._closing.wait(_POLL_SECONDS)
                continue
            self._release(wait=False)
            if poller.poll(_POLL_SECONDS * 1000):
                data = os.read(self._pipe.fileno(), self._size)
                if not data:
                    return
                self._take(data)

    def _take(self, data: bytes) -> None:
        # Without `hold` what was read goes on, even if the gate has closed since: kept back, it would be gone
        # should splunkd be killed meanwhile, which is a fault of its own (knob stop_reading_when_blocked).
        if self._hold and (self._gate.blocked or self._held):
            self._held.append(data)
        else:
            self._sink(data)

    def _release(self, wait: bool) -> None:
        """Pass on what was held, when or (with `wait`) as soon as the gate is open."""
        while wait and self._held and self._gate.blocked and not self._closing.wait(_POLL_SECONDS):
            pass
        if self._held and not self._gate.blocked:
            held, self._held = self._held, []
            for data in held:
                self._sink(data)


class LineSink:
    """Splits bytes into lines for `write`; the last one may lack its line end."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._rest = b""

    def feed(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._emit(line)

    def close(self) -> None:
        if self._rest:
            self._emit(self._rest)

    def _emit(self, line: bytes) -> None:
        self._write(line.rstrip(b"\r").decode("utf-8", "backslashreplace"))
