"""Do two busy inputs on one forwarder cost each other anything but the machine's cores?"""

from __future__ import annotations

import time

from tests.bench.process import cpu_seconds
from tests.bench.side.arrivals import UnparsedArrivals
from tests.bench.side.measurement import Figures, Goal, Measurement, Table, number
from tests.bench.side.payload import GROUPED
from tests.bench.side.stage import Bench, Site

SHARDS, SECONDS, SETTLE = 4, 12.0, 3.0
AHEAD = 30_000  # log groups in each shard: 4 GB for each input


def run(bench: Bench) -> Figures:
    """MB per CPU-second of one input alone, and of the same and another one side by side."""
    with bench.site(UnparsedArrivals()) as site:
        for name in ("one", "two"):
            site.logstore(name, SHARDS)
            site.fill(name, range(SHARDS), GROUPED, AHEAD)
        pids = {"one": site.start_input("one", "one")}
        before = _busy(site, pids)["one"]
        pids["two"] = site.start_input("two", "two")
        together = _busy(site, pids)
        site.stop_input("two")
        after = _busy(site, {"one": pids["one"]})["one"]
        alone = {key: (before[key] + after[key]) / 2 for key in before}
        return {"seconds": SECONDS, "shards": SHARDS, "alone": alone, "together": together}


def _busy(site: Site, pids: dict[str, int]) -> dict[str, Figures]:
    for name in pids:
        site.await_events(name)
    time.sleep(SETTLE)
    began = time.monotonic()
    before = {name: (cpu_seconds(pid), site.arrivals.of(name)) for name, pid in pids.items()}
    time.sleep(SECONDS)
    after = {name: (cpu_seconds(pid), site.arrivals.of(name)) for name, pid in pids.items()}
    took = time.monotonic() - began
    return {
        name: rates(after[name][0] - before[name][0], after[name][1] - before[name][1], took) for name in pids
    }


def rates(cpu: float, events: int, seconds: float) -> Figures:
    """What an input did: raw MB/s, raw MB per CPU-second, and the CPU it used in % of a core."""
    mb = events * GROUPED.bytes_per_log / 1e6
    return {
        "mb_per_s": mb / seconds,
        "mb_per_cpu_s": mb / cpu,
        "cpu_percent": 100 * cpu / seconds,
        "events_per_s": events / seconds,
    }


def table(found: Figures) -> Table:
    """One row for each input."""
    heads = ("inputs", "raw MB/s", "CPU, %", "raw MB per CPU-second", "against alone, %")
    rows = [["one alone", *_cells(found["alone"], found["alone"])]]
    for name, row in found["together"].items():
        rows.append([f"{name} of two", *_cells(row, found["alone"])])
    return Table(heads, rows)


def _cells(row: Figures, alone: Figures) -> list[str]:
    share = 100 * row["mb_per_cpu_s"] / alone["mb_per_cpu_s"]
    return [*(number(row[key]) for key in ("mb_per_s", "cpu_percent", "mb_per_cpu_s")), f"{share:.0f}"]


def goals(found: Figures) -> list[Goal]:
    """A tenth at most."""
    alone = found["alone"]["mb_per_cpu_s"]
    worst = min(row["mb_per_cpu_s"] for row in found["together"].values())
    return [
        Goal("MB per CPU-second of two side by side against one alone, %,", 100 * worst / alone, 90, True)
    ]


MEASUREMENT = Measurement(
    "pair",
    "Two inputs side by side",
    f"{SHARDS} shards each, more in every shard than can be read, {SECONDS:.0f} s each; alone is the mean of "
    "before and after. The stand-ins run on the same cores.",
    run,
    table,
    goals,
)
