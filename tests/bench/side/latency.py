"""How old is an event when splunkd reads it: default settings, 1 MB/s out of many small puts."""

from __future__ import annotations

import random
import statistics
import time

from tests.bench.side.agents import Agents, Traffic, agents
from tests.bench.side.arrivals import Arrival, ParsedArrivals
from tests.bench.side.measurement import Figures, Goal, MeasureError, Measurement, Table, number, percentile
from tests.bench.side.payload import stamped
from tests.bench.side.stage import Bench, Site
from tests.demo.put_logs import encode_group

SHARDS, SECONDS = 4, 30.0
PUTS, LOGS = 40, 25  # a second, and logs of some 1 kB in each: 1 MB/s
WARM_UP = 3.0


def run(bench: Bench) -> Figures:
    """Latencies in seconds of what was made within SECONDS, and how SLS was asked meanwhile."""
    with bench.site(ParsedArrivals()) as site:
        site.logstore("agents", SHARDS)
        site.start_input("agents", "agents", cursor_start_time="-1h")
        with agents(site.address, Traffic("agents", PUTS, LOGS)) as producers:
            site.await_events("agents")
            time.sleep(WARM_UP)
            begin, before = time.time(), producers.logs
            time.sleep(SECONDS)
            end, written = time.time(), producers.logs - before
            arrived = _all_arrived(site, producers)
        ages = [one.latency for one in arrived if begin <= one.made < end]
        return {
            "seconds": SECONDS,
            "shards": SHARDS,
            "events": len(ages),
            "raw_mb_per_s": written * bytes_per_log() / (end - begin) / 1e6,
            **ages_of(ages),
            **_pulls(site, begin, end),
        }


def _all_arrived(site: Site, producers: Agents) -> list[Arrival]:
    """Every stamped event, after waiting for the last; raises MeasureError when some are missing."""
    total = producers.end()
    try:
        site.await_events("agents", total, timeout=20)
    except AssertionError as error:
        raise MeasureError(f"not all events arrived: {error}") from None
    return site.arrivals.stamped


def ages_of(ages: list[float]) -> dict[str, float]:
    """Percentiles in seconds."""
    return {
        "p50_s": percentile(ages, 0.5),
        "p90_s": percentile(ages, 0.9),
        "p99_s": percentile(ages, 0.99),
        "max_s": max(ages),
    }


def bytes_per_log() -> float:
    """Raw size of a stamped log in a group of LOGS."""
    return len(encode_group(stamped(random.Random(0), LOGS))) / LOGS


def _pulls(site: Site, begin: float, end: float) -> dict[str, float]:
    """How often each shard was asked, and how long SLS took to answer."""
    rows = [row for row in site.calls("PullLogs", begin) if row["t"] < end]
    return {
        "pulls_per_shard_and_s": len(rows) / SHARDS / (end - begin),
        "pull_answered_in_s": statistics.median(row["seconds"] for row in rows),
    }


def table(found: Figures) -> Table:
    """One row."""
    heads = ("raw MB/s", "events", "p50 s", "p90 s", "p99 s", "max s", "pulls per shard and s")
    keys = ("p50_s", "p90_s", "p99_s", "max_s", "pulls_per_shard_and_s")
    row = [
        number(found["raw_mb_per_s"]),
        f"{found['events']:,}",
        *(number(found[key]) for key in keys),
    ]
    return Table(heads, [row])


def goals(found: Figures) -> list[Goal]:
    """Half of all events within one second, nearly all within three."""
    return [
        Goal("latency p50, s,", found["p50_s"], 1.0),
        Goal("latency p99, s,", found["p99_s"], 3.0),
    ]


MEASUREMENT = Measurement(
    "latency",
    "Latency",
    f"Default settings, {SHARDS} shards, {PUTS} signed PutLogs a second of {LOGS} logs each, for "
    f"{SECONDS:.0f} s. From the making of a log to the reading of its event from the input's pipe; the way "
    "through the real SLS and through splunkd comes on top.",
    run,
    table,
    goals,
)
