"""Sixteen busy shards in one input: memory at its highest, and what a core carries."""

from __future__ import annotations

import time

from tests.bench.process import cpu_seconds, resident_mb
from tests.bench.side.arrivals import UnparsedArrivals
from tests.bench.side.measurement import Figures, Goal, Measurement, Table, number
from tests.bench.side.pair import rates
from tests.bench.side.payload import GROUPED
from tests.bench.side.process import interpreter
from tests.bench.side.stage import Bench

SHARDS, SECONDS, SETTLE = 16, 30.0, 3.0
AHEAD = 8_000  # log groups in each shard: 3.9 GB in all


def run(bench: Bench) -> Figures:
    """Rates over SECONDS, and the most that was ever resident."""
    with bench.site(UnparsedArrivals()) as site:
        site.logstore("many", SHARDS)
        site.fill("many", range(SHARDS), GROUPED, AHEAD)
        pid = site.start_input("many", "many")
        site.await_events("many")
        time.sleep(SETTLE)
        began, cpu, events = time.monotonic(), cpu_seconds(pid), site.arrivals.of("many")
        time.sleep(SECONDS)
        took = time.monotonic() - began
        found = rates(cpu_seconds(pid) - cpu, site.arrivals.of("many") - events, took)
        return {
            "shards": SHARDS,
            "seconds": SECONDS,
            "python": interpreter(pid),
            **found,
            "rss_most_mb": resident_mb(pid, "VmHWM"),
        }


def table(found: Figures) -> Table:
    """One row."""
    heads = ("shards", "raw MB/s", "events/s", "CPU, %", "raw MB per CPU-second", "highest RSS, MB")
    keys = ("mb_per_s", "events_per_s", "cpu_percent", "mb_per_cpu_s", "rss_most_mb")
    return Table(heads, [[str(found["shards"]), *(number(found[key]) for key in keys)]])


def goals(found: Figures) -> list[Goal]:
    """Memory does not follow the number of shards."""
    return [Goal(f"highest RSS with {found['shards']} busy shards, MB,", found["rss_most_mb"], 250)]


MEASUREMENT = Measurement(
    "shards16",
    "Sixteen busy shards",
    f"More in every shard than can be read, logs of 20 fields and 1 kB, {SECONDS:.0f} s.",
    run,
    table,
    goals,
)
