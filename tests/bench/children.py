"""The processes of a bench: the measured programs, and the event collector."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from tests.app_package import ROOT

READ_BYTES = 65536  # as the Splunk stand-in reads
EVENT_END = b"</event>"
TOKEN = "5d0a7c1e-bench"


class Counter(Protocol):
    """Reads what a program prints, and says what it means in logs so far."""

    def take(self, data: bytes) -> None: ...
    def events(self) -> int: ...


class EventTags:
    """Counts the events of splunkd's XML."""

    def __init__(self) -> None:
        self._events, self._rest = 0, b""

    def take(self, data: bytes) -> None:
        data = self._rest + data
        self._events += data.count(EVENT_END)
        self._rest = data[1 - len(EVENT_END) :]  # too short to be counted twice

    def events(self) -> int:
        return self._events


class Totals:
    """The last whole line is the number of log groups so far, of `logs` logs each."""

    def __init__(self, logs: int) -> None:
        self._logs, self._total, self._rest = logs, 0, b""

    def take(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        if lines:
            self._total = int(lines[-1])

    def events(self) -> int:
        return self._total * self._logs


class Ask:
    """Asks somebody else; the program's own output means nothing."""

    def __init__(self, total: Callable[[], int]) -> None:
        self._total, self._before = total, total()

    def take(self, data: bytes) -> None:
        """Nothing to learn."""

    def events(self) -> int:
        return self._total() - self._before


class Program:
    """A measured program in a process of its own, killed at the end; a context manager."""

    def __init__(self, argv: Sequence[str], env: Mapping[str, str], log: Path, counter: Counter) -> None:
        self._counter = counter
        self._log = log
        with log.open("wb") as errors:
            self._child = subprocess.Popen(
                argv, env=dict(env), stdout=subprocess.PIPE, stderr=errors, bufsize=0
            )
        self.pid = self._child.pid
        self._reader = threading.Thread(target=self._drain, name=f"drain-{self.pid}", daemon=True)
        self._reader.start()

    def events(self) -> int:
        """Logs delivered so far. Raises RuntimeError when the program has ended by itself."""
        if self._child.poll() is not None:
            tail = self._log.read_text(encoding="utf-8", errors="replace").splitlines()[-5:]
            raise RuntimeError(
                f"the measured program ended with {self._child.returncode}: {' | '.join(tail)}"
            )
        return self._counter.events()

    def _drain(self) -> None:
        assert self._child.stdout is not None
        with self._child.stdout as pipe:
            while data := pipe.read(READ_BYTES):
                self._counter.take(data)

    def __enter__(self) -> Program:
        return self

    def __exit__(self, *exc: object) -> None:
        self._child.kill()
        self._child.wait()
        self._reader.join()


class HecSink:
    """The event collector in a process of its own; a context manager."""

    def __enter__(self) -> HecSink:
        command = [sys.executable, "-m", "tests.bench.hec_sink", TOKEN]
        self._child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, env=dict(os.environ))
        assert self._child.stdout is not None
        self._port = int(self._child.stdout.readline())
        self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)
        return self

    def __exit__(self, *exc: object) -> None:
        self._connection.close()
        self._child.terminate()
        self._child.communicate()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/services/collector/event"

    def total(self) -> int:
        """Events since it was started."""
        self._connection.request("GET", "/")
        return int(self._connection.getresponse().read())
