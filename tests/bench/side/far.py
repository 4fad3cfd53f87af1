"""`python -m tests.bench.side.far --target PORT --rtt 0.1`: a relay that is as far away as one likes.

Every byte arrives `rtt` / 2 seconds after it was sent, in order, each way, however many are under way:
distance without a limit to bandwidth. What a real network adds (windows that open slowly, losses) is not
here. Prints its port when it listens; ends with SIGTERM.
"""

from __future__ import annotations

import argparse
import contextlib
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_CHUNK = 1 << 18
_MOST_UNDER_WAY = 256 << 20  # bytes in one direction; more than any test sends at once


class Lane:
    """One direction of a connection: takes from `source` at once, gives to `sink` after `delay` seconds."""

    def __init__(self, source: socket.socket, sink: socket.socket, delay: float) -> None:
        self._source, self._sink, self._delay = source, sink, delay
        self._under_way: deque[tuple[float, bytes]] = deque()
        self._bytes = 0
        self._changed = threading.Condition()
        for run in (self._take, self._give):
            threading.Thread(target=run, daemon=True).start()

    def _take(self) -> None:
        data = b"."
        while data:
            try:
                data = self._source.recv(_CHUNK)
            except OSError:
                data = b""
            with self._changed:
                self._changed.wait_for(lambda: self._bytes < _MOST_UNDER_WAY)
                self._under_way.append((time.monotonic() + self._delay, data))
                self._bytes += len(data)
                self._changed.notify_all()

    def _give(self) -> None:
        """An empty piece is the end, which travels like any other."""
        with contextlib.suppress(OSError):
            while data := self._next():
                self._sink.sendall(data)
        for end in (self._sink, self._source):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_WR if end is self._sink else socket.SHUT_RD)

    def _next(self) -> bytes:
        with self._changed:
            self._changed.wait_for(lambda: self._under_way)
            due, data = self._under_way.popleft()
            self._bytes -= len(data)
            self._changed.notify_all()
        time.sleep(max(0.0, due - time.monotonic()))
        return data


def serve(target: int, rtt: float) -> None:
    """Pass on connections for ever."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        sys.stdout.write(f"{listener.getsockname()[1]}\n")
        sys.stdout.flush()
        while True:
            near, _ = listener.accept()
            far = socket.create_connection(("127.0.0.1", target), 5)
            far.settimeout(None)
            for end in (near, far):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            Lane(near, far, rtt / 2)
            Lane(far, near, rtt / 2)


@contextmanager
def far_away(target: int, rtt: float) -> Iterator[int]:
    """The relay in a process of its own; gives its port."""
    command = [sys.executable, "-m", "tests.bench.side.far", "--target", str(target), "--rtt", str(rtt)]
    root = Path(__file__).resolve().parents[3]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as child:
        try:
            assert child.stdout is not None
            yield int(child.stdout.readline())
        finally:
            child.terminate()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--target", type=int, required=True, help="port on this machine")
    parser.add_argument("--rtt", type=float, required=True, help="round-trip time in seconds")
    given = parser.parse_args()
    serve(given.target, given.rtt)
