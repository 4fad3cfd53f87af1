"""Does the cost of an event grow with the backlog, with the number of shards, with the size of the group?"""

from __future__ import annotations

from tests.bench.process import cpu_seconds
from tests.bench.side import growth_group
from tests.bench.side.arrivals import UnparsedArrivals
from tests.bench.side.measurement import Figures, Goal, Measurement, Table, number
from tests.bench.side.payload import GROUPED
from tests.bench.side.process import CpuWatch
from tests.bench.side.stage import Bench, Site

BACKLOGS = (1_000, 10_000, 100_000, 1_000_000)  # events over four shards
SHARDS = (1, 4, 16, 64, 256)
ENOUGH_SHARDS = 16  # to tell what one costs
EVENTS = (200_000, 600_000)  # over all shards


def run(bench: Bench) -> Figures:
    """CPU microseconds per event along each of the three axes."""
    with bench.site(UnparsedArrivals()) as site:
        _read(site, "warm", 1, 1_000)  # compiles the byte code
        backlog = [_read(site, f"backlog-{events}", 4, events) for events in BACKLOGS]
        shards = [_over(site, count) for count in SHARDS]
    return {"backlog": backlog, "shards": shards, "consumers": growth_group.run(bench)}


def _over(site: Site, shards: int) -> Figures:
    """Two backlogs over so many shards: what an event costs is the slope, what a shard costs is the rest."""
    few, many = (_read(site, f"shards-{shards}-{events}", shards, events) for events in EVENTS)
    event = (many["cpu_s"] - few["cpu_s"]) / (many["events"] - few["events"])
    found = {**many, "cpu_us_per_event": event * 1e6}
    if shards >= ENOUGH_SHARDS:
        found["cpu_ms_per_shard"] = max(0.0, few["cpu_s"] - event * few["events"]) / shards * 1e3
    return found


def _read(site: Site, name: str, shards: int, events: int) -> Figures:
    """Read a backlog to its end; what it cost from the first heartbeat on, and what was spent before."""
    site.logstore(name, shards)
    groups = max(1, round(events / GROUPED.logs / shards))
    logs = site.fill(name, range(shards), GROUPED, groups)
    pid = site.start_input(name, name)
    with CpuWatch(pid) as watch:
        site.await_events(name, logs, timeout=120)
        cpu = cpu_seconds(pid)
        start = watch.cpu_at(site.first_heartbeat(f"splunk-{name}", 0.0))
    site.stop_input(name)
    return {
        "shards": shards,
        "events": logs,
        "start_cpu_s": start,
        "cpu_s": cpu - start,
        "cpu_us_per_event": (cpu - start) / logs * 1e6,
    }


def table(found: Figures) -> Table:
    """All three axes under each other."""
    heads = ("", "events", "until the first heartbeat, s", "after it, s", "per event, us", "per shard, ms")
    rows = [[f"4 shards, backlog of {row['events']:,}", *_cells(row)] for row in found["backlog"]]
    rows += [[f"{row['shards']} shards", *_cells(row)] for row in found["shards"]]
    for row in found["consumers"]:
        idle = f"idle: {number(row['idle_cpu_percent'])} %"
        rows.append([f"{row['consumers']} consumers, 4 shards each ({idle})", *_cells(row)])
    return Table(heads, rows)


def _cells(row: Figures) -> list[str]:
    keys = ("start_cpu_s", "cpu_s", "cpu_us_per_event", "cpu_ms_per_shard")
    return [f"{row['events']:,}", *(number(row[key]) if key in row else "-" for key in keys)]


def goals(found: Figures) -> list[Goal]:
    """Flat, within a quarter."""
    big = [row for row in found["backlog"] if row["events"] > 50_000]
    shards, consumers = found["shards"], found["consumers"]
    return [
        Goal("CPU per event, 1,000,000 against 100,000 events, %,", _percent(big[-1], big[0]), 125),
        Goal("CPU per event, 256 shards against 4, %,", _percent(shards[-1], shards[1]), 125),
        Goal("CPU per event, 50 consumers against 1, %,", _percent(consumers[-1], consumers[0]), 125),
    ]


def _percent(row: Figures, base: Figures) -> float:
    return 100 * float(row["cpu_us_per_event"]) / float(base["cpu_us_per_event"])


MEASUREMENT = Measurement(
    "growth",
    "What grows with what",
    "CPU seconds, logs of 20 fields and 1 kB. Backlogs over four shards. Two backlogs, "
    f"{EVENTS[0]:,} and {EVENTS[1]:,} events, over more and more shards: the difference between them tells "
    "what an event costs, and what is left over is what a shard costs to take up and to save. More and more "
    "consumers in one group, all but one of which only send heartbeats and save checkpoints.",
    run,
    table,
    goals,
)
