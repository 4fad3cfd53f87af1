"""What an input costs that has nothing to do, alone and among ten; and how soon it is at work."""

from __future__ import annotations

import statistics
import time

from tests.bench.process import cpu_seconds, resident_mb
from tests.bench.side.arrivals import ParsedArrivals
from tests.bench.side.measurement import Figures, Goal, Measurement, Table, number
from tests.bench.side.process import interpreter, proportional_mb, started_at
from tests.bench.side.stage import Bench, Site

SHARDS, MANY = 4, 10
SECONDS, SETTLE = 30.0, 8.0
STARTS = 4  # of an input whose byte code is there, after the first one


def run(bench: Bench) -> Figures:
    """CPU in % of a core per shard, resident MB, seconds to the first heartbeat."""
    with bench.site(ParsedArrivals()) as site:
        starts = [_start(site, 0)]
        alone = _idle(site, 1)
        starts += [_start_again(site) for _ in range(STARTS)]
        for number_ in range(1, MANY):
            _start(site, number_)
        many = _idle(site, MANY)
        return {
            "shards": SHARDS,
            "seconds": SECONDS,
            "python": interpreter(site.pid("idle0")),
            "first_start_s": starts[0],
            "start_s": statistics.median(starts[1:]),
            "start_most_s": max(starts[1:]),
            "alone": alone,
            "ten": many,
        }


def _start(site: Site, number_: int) -> float:
    """A new input on a new, empty logstore; seconds from its process's start to its first heartbeat."""
    name = f"idle{number_}"
    site.logstore(name, SHARDS)
    pid = site.start_input(name, name, cursor_start_time="-1h")
    return _seconds_to_heartbeat(site, name, pid)


def _start_again(site: Site) -> float:
    site.stop_input("idle0")
    return _seconds_to_heartbeat(site, "idle0", site.enable_input("idle0"))


def _seconds_to_heartbeat(site: Site, name: str, pid: int) -> float:
    began = started_at(pid)
    return site.first_heartbeat(f"splunk-{name}", began) - began


def _idle(site: Site, inputs: int) -> Figures:
    """Let the inputs rest and look at them."""
    time.sleep(SETTLE)
    pids = [site.pid(f"idle{number_}") for number_ in range(inputs)]
    before = {pid: cpu_seconds(pid) for pid in pids}
    began = time.monotonic()
    time.sleep(SECONDS)
    used = [cpu_seconds(pid) - before[pid] for pid in pids]
    took = time.monotonic() - began
    shares = [proportional_mb(pid) for pid in pids]
    return {
        "inputs": inputs,
        "cpu_percent_per_shard": 100 * sum(used) / took / inputs / SHARDS,
        "cpu_percent_per_shard_most": 100 * max(used) / took / SHARDS,
        "rss_mb": [resident_mb(pid) for pid in pids],
        "rss_most_mb": max(resident_mb(pid, "VmHWM") for pid in pids),
        "pss_mb": [share for share in shares if share is not None],
    }


def table(found: Figures) -> Table:
    """Alone, and among ten; PSS divides what processes share among them."""
    heads = ("idle inputs", "CPU per shard, %", "RSS of each, MB", "PSS of each, MB", "start, s")
    rows = []
    for row in (found["alone"], found["ten"]):
        own = number(statistics.fmean(row["pss_mb"])) if row["pss_mb"] else "not readable"
        rss = f"{number(min(row['rss_mb']))} to {number(max(row['rss_mb']))}"
        rows.append([str(row["inputs"]), number(row["cpu_percent_per_shard"]), rss, own, "-"])
    first, later = (number(found[key]) for key in ("first_start_s", "start_s"))
    rows[0][-1] = f"first {first}, later {later}"
    return Table(heads, rows)


def goals(found: Figures) -> list[Goal]:
    """Cheap enough to have many of them."""
    rows = (found["alone"], found["ten"])
    return [
        Goal("idle CPU per shard, %,", max(row["cpu_percent_per_shard"] for row in rows), 1.0),
        Goal("idle RSS, MB,", max(max(row["rss_mb"]) for row in rows), 60.0),
        Goal("start to first heartbeat, s,", found["start_s"], 1.5),
    ]


MEASUREMENT = Measurement(
    "idle",
    "Idle inputs, and starting",
    f"{SHARDS} empty shards for each input, default settings, {SECONDS:.0f} s. A start is counted from the "
    f"process's start to its first answered ConsumerGroupHeartBeat, median of {STARTS}; the very first one "
    "after an installation also compiles the byte code.",
    run,
    table,
    goals,
)
