"""One measurement: a path in a steady window."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import Any

from tests.bench import process
from tests.bench.paths import Run, Way
from tests.bench.stage import Place, Stage
from tests.functional.harness import wait_for

FIRST_EVENTS = 60.0  # seconds that the first event may take
_LOOK, _QUIET = 0.02, 0.1  # seconds between two looks, and without an event, after which a burst is over
_MOST_READ = 0.85  # of what lies in the shards: near their end a path may wait for the last of them


@dataclass(frozen=True)
class Figures:
    """What one run did in its window: `cpu_s` of `seconds`. MB are 10^6 bytes, raw."""

    seconds: float
    cpu_s: float
    events: int
    mb: float
    peak_rss_mb: float

    @property
    def mb_per_cpu_s(self) -> float:
        return self.mb / self.cpu_s

    def rounded(self) -> dict[str, Any]:
        """All of it for a file."""
        return {name: round(value, 4) for name, value in asdict(self).items()}


@dataclass(frozen=True)
class _Edge:
    at: float
    cpu: float
    events: int


def measure(stage: Stage, place: Place, way: Way, python: str, window: float) -> Figures:
    """Start a path, let it warm up, look at it for `window` seconds.

    Raises RuntimeError when it ends, comes near the shards' end, or delivers nothing in the window, and
    AssertionError when it delivers nothing at all.
    """
    with way.start(stage, place, python) as run:
        wait_for(run.events, FIRST_EVENTS, f"the first event of {way.name}", poll=_LOOK)
        time.sleep(way.warm_up(python))
        first = _edge(run, way.rhythm)
        time.sleep(window)
        last = _edge(run, way.rhythm)
        peak = process.resident_mb(run.pid, "VmHWM")
    events, per_log = last.events - first.events, place.work.bytes_per_log / 1e6
    if last.events * per_log > _MOST_READ * place.mb:
        raise RuntimeError(f"{way.name} came near the end of the shards after {last.events:,} events")
    if not events:
        raise RuntimeError(f"{way.name} delivered nothing for {window:g} s")
    return Figures(last.at - first.at, last.cpu - first.cpu, events, events * per_log, peak)


def _edge(run: Run, rhythm: float) -> _Edge:
    """Now; or the end of the next burst of a path that has a rhythm, so that a window holds whole bursts. One
    that never rests is cut anywhere."""
    if rhythm:
        until, seen, since = time.monotonic() + 1.5 * rhythm, run.events(), float("inf")
        while time.monotonic() < min(until, since + _QUIET):
            time.sleep(_LOOK)
            events = run.events()
            if events != seen:
                seen, since = events, time.monotonic()
    return _Edge(time.monotonic(), process.cpu_seconds(run.pid), run.events())
