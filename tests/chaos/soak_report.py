"""The samples of a soak: how they are taken from /proc, what they show, and what counts as a failure."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from tests.chaos import slope

WARM_UP = (
    12.0  # minutes: what malloc keeps grows that long (285 to 300 MB in a run at full rate), then no more
)
ENOUGH = 29.5  # minutes of a run that can tell a leak from noise
NEGLIGIBLE = 50.0  # KB per minute; it would take ten days to grow by 700 MB
SPARE_THREADS, SPARE_FDS = 1, 2  # what may come and go
_BLOCK = 1.0  # minutes
_TICKS = os.sysconf("SC_CLK_TCK")

HEAD = "  minute      events        MB  events/s   MB/s    RSS MB  (most)  threads  fds  CPU %\n"


@dataclass(frozen=True)
class Sample:
    """One look at the input's process, `seconds` after the first event; `events` and `mb` are since then.

    `rss_kb` is the mean since the sample before, `rss_most_kb` the largest seen: it goes up and down with
    each batch of 10 MB, and a single reading says little.
    """

    seconds: float
    rss_kb: int
    rss_most_kb: int
    threads: int
    fds: int
    cpu_seconds: float
    events: int
    mb: float

    @property
    def minutes(self) -> float:
        return self.seconds / 60


def status(pid: int) -> tuple[int, int]:
    """Resident KB and threads of a process. Raises ProcessLookupError or FileNotFoundError when gone."""
    rows = dict(row.split(":", 1) for row in Path(f"/proc/{pid}/status").read_text().splitlines())
    if "VmRSS" not in rows:
        raise ProcessLookupError(f"the input's process {pid} has ended")
    return int(rows["VmRSS"].split()[0]), int(rows["Threads"])


def sample(pid: int, rss: Sequence[int], seconds: float, events: int, mb: float) -> Sample:
    """The present state of process `pid`; `rss` are its resident KB since the sample before. Raises as
    status()."""
    folder = Path(f"/proc/{pid}")
    stat = (folder / "stat").read_text().rpartition(")")[2].split()
    return Sample(
        seconds,
        int(fmean(rss)),
        max(rss),
        status(pid)[1],
        len(list((folder / "fd").iterdir())),
        (int(stat[11]) + int(stat[12])) / _TICKS,
        events,
        mb,
    )


def line(samples: Sequence[Sample]) -> str:
    """The latest sample, with rates over the minute before it."""
    last = samples[-1]
    first = next(s for s in samples if last.seconds - s.seconds <= 60.5)
    took = last.seconds - first.seconds
    events, mb, cpu = (
        (after - before) / took if took else 0.0
        for before, after in (
            (first.events, last.events),
            (first.mb, last.mb),
            (100 * first.cpu_seconds, 100 * last.cpu_seconds),
        )
    )
    most = max(s.rss_most_kb for s in samples if s.seconds > first.seconds or s is last)
    return (
        f"  {last.minutes:6.1f}  {last.events:10,}  {last.mb:8,.0f}  {events:8,.0f}  {mb:5.1f}"
        f"  {last.rss_kb / 1024:8.1f}  {most / 1024:6.0f}  {last.threads:7}  {last.fds:3}  {cpu:5.0f}\n"
    )


@dataclass(frozen=True)
class Report:
    """The outcome. `rss` is in KB per minute; `steady` are the samples after the warm-up."""

    samples: list[Sample]
    steady: list[Sample]
    rss: slope.Slope
    failures: list[str]

    def text(self) -> str:
        """Slope, threads, descriptors and verdict."""
        short = "" if self.samples[-1].minutes >= ENOUGH else " (too short a run to judge by)"
        verdict = "FAILED: " + "; ".join(self.failures) if self.failures else "OK"
        return (
            f"\n  RSS after the warm-up: {self.rss.value:+.1f} KB/min, 95 % interval {self.rss.low:+.1f} to "
            f"{self.rss.high:+.1f}: {_meaning(self.rss)}{short}\n"
            f"  threads: {_range([s.threads for s in self.steady])}\n"
            f"  descriptors: {_range([s.fds for s in self.steady])}\n  {verdict}\n"
        )

    def figures(self) -> dict[str, Any]:
        """All of it for a file."""
        return {
            "rss_kb_per_minute": self.rss._asdict(),
            "negligible_kb_per_minute": NEGLIGIBLE,
            "failures": self.failures,
            "samples": [asdict(sample) for sample in self.samples],
        }


def report(samples: list[Sample], problems: list[str]) -> Report:
    """Judge a run of at least a minute; one under half an hour warms up for a third and proves no leak."""
    enough = samples[-1].minutes >= ENOUGH
    after = WARM_UP if enough else samples[-1].minutes / 3
    steady = [sample for sample in samples if sample.minutes >= after]
    points = slope.blocks([(s.minutes, float(s.rss_kb)) for s in steady], _BLOCK)
    rss = slope.slope(points)
    failures = _failures(steady, problems)
    if enough and rss.low > 0 and rss.value > NEGLIGIBLE:
        failures.append("the memory grew")
    return Report(samples, steady, rss, failures)


def _failures(steady: list[Sample], problems: list[str]) -> list[str]:
    found = [f"the event stream: {problem}" for problem in problems]
    if slope.grew([s.threads for s in steady], SPARE_THREADS):
        found.append("the threads grew")
    if slope.grew([s.fds for s in steady], SPARE_FDS):
        found.append("the file descriptors grew")
    if any(later.events == earlier.events for earlier, later in zip(steady, steady[1:])):
        found.append("for ten seconds nothing arrived")
    return found


def _meaning(rss: slope.Slope) -> str:
    if rss.holds_zero:
        return "zero lies within it"
    if abs(rss.value) <= NEGLIGIBLE:
        return f"not zero, but below {NEGLIGIBLE:g} KB/min, which is negligible"
    return "the memory grows" if rss.value > 0 else "the memory shrinks"


def _range(values: list[int]) -> str:
    return f"first {values[0]}, most {max(values)}, last {values[-1]}"
