"""Follows the events on their way: progress, the end, and signs that there will be none."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from tests.demo import report
from tests.demo.stage import Stage

POLL_SECONDS = 0.2
RATE_SECONDS = 2.0
"""The rate shown is that of the last seconds."""
QUIET_SECONDS = 45.0
"""Give up when no event has arrived for so long."""
SETTLE_SECONDS = 1.5
"""Wait for late copies after the last event, so that duplicates are seen."""
START_SECONDS = 15.0


@dataclass(frozen=True)
class Watched:
    """Seconds from the start to the last event (or to giving up), and what went wrong, if anything."""

    seconds: float
    trouble: str


def watch(stage: Stage, started: float, out: TextIO) -> Watched:
    """Show progress until everything has arrived or nothing more comes. ``started``: time.monotonic()."""
    line, history = report.ProgressLine(out), deque([(started, 0)])
    last, trouble = started, ""
    while not trouble:
        now, indexed = time.monotonic(), stage.indexed()
        if indexed != history[-1][1]:
            last = now
        _remember(history, now, indexed)
        line.show(report.progress(len(stage.ledger), indexed, _rate(history), now - started))
        if _all_there(stage, indexed):
            break
        trouble = _trouble(stage, now - last)
        time.sleep(POLL_SECONDS)
    time.sleep(SETTLE_SECONDS)
    elapsed = (time.monotonic() if trouble else last) - started
    line.show(report.progress(len(stage.ledger), stage.indexed(), None, elapsed), final=True)
    return Watched(elapsed, trouble)


def _remember(history: deque[tuple[float, int]], now: float, indexed: int) -> None:
    history.append((now, indexed))
    while now - history[0][0] > RATE_SECONDS:
        history.popleft()


def _rate(history: deque[tuple[float, int]]) -> float:
    (first, before), (last, after) = history[0], history[-1]
    return (after - before) / max(last - first, POLL_SECONDS)


def _all_there(stage: Stage, indexed: int) -> bool:
    """Counting is cheap, matching is exact: copies of one event must not stand for another."""
    return stage.producer.done and indexed >= len(stage.ledger) and stage.reconcile().complete


def _trouble(stage: Stage, quiet: float) -> str:
    if stage.producer.error:
        return stage.producer.error
    if quiet > QUIET_SECONDS:
        return f"Nothing arrived for {QUIET_SECONDS:.0f} s."
    return ""


def interpreter(stage: Stage) -> str:
    """The interpreter that runs the inputs: the system's own word on Linux, else what Splunk may choose."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        pids = [entry.pid for entry in stage.splunk.inputs() if entry.pid]
        programs = {str(Path(f"/proc/{pid}/exe").resolve()) for pid in pids}
        if pids:
            found = sorted(path for path in programs if not path.startswith("/proc"))
            return " and ".join(found) or f"one of {', '.join(stage.pythons.values())}"
        time.sleep(POLL_SECONDS)
    return "nothing yet: no input process has started"
