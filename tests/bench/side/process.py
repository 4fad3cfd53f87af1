"""More that the operating system says of a process (Linux): memory, start, CPU time at any moment."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from pathlib import Path
from typing import NamedTuple

from tests.bench.process import cpu_seconds, megabytes

_TICKS = os.sysconf("SC_CLK_TCK")


def proportional_mb(pid: int) -> float | None:
    """Resident MB with each shared page divided among its users; None where that may not be read."""
    with contextlib.suppress(OSError):
        return megabytes(Path(f"/proc/{pid}/smaps_rollup"), "Pss")
    return None


def started_at(pid: int) -> float:
    """When a process was started, in epoch seconds, to a hundredth of a second."""
    since_boot = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]) / _TICKS
    return time.time() - time.clock_gettime(time.CLOCK_BOOTTIME) + since_boot


def interpreter(pid: int) -> str:
    """Name of the program that a process runs, such as python3.13."""
    return Path(f"/proc/{pid}/exe").resolve().name


class Look(NamedTuple):
    """One look: epoch seconds and CPU seconds so far."""

    at: float
    cpu: float


class CpuWatch(threading.Thread):
    """Notes the CPU time of a process every `every` seconds, so that it can be told for any moment later.

    A context manager.
    """

    def __init__(self, pid: int, every: float = 0.02) -> None:
        super().__init__(name=f"cpu-{pid}", daemon=True)
        self._pid, self._every = pid, every
        self._looks = [Look(started_at(pid), 0.0)]
        self._ended = threading.Event()

    def run(self) -> None:
        with contextlib.suppress(OSError):
            while not self._ended.is_set():
                self._looks.append(Look(time.time(), cpu_seconds(self._pid)))
                self._ended.wait(self._every)

    def cpu_at(self, moment: float) -> float:
        """CPU seconds that were used at an epoch second, between two looks by proportion."""
        looks = [*self._looks]
        after = next((n for n, look in enumerate(looks) if look.at >= moment), len(looks) - 1)
        last, before = looks[after], looks[max(after - 1, 0)]
        share = (moment - before.at) / (last.at - before.at) if last.at > before.at else 1.0
        return before.cpu + (last.cpu - before.cpu) * min(max(share, 0.0), 1.0)

    def __enter__(self) -> CpuWatch:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._ended.set()
        self.join()
