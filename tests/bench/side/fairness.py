"""Do fifteen quiet shards keep their latency while a sixteenth is read at full rate by the same input?"""

from __future__ import annotations

import time

from tests.bench.side.agents import Traffic, agents
from tests.bench.side.arrivals import UnparsedArrivals
from tests.bench.side.latency import ages_of
from tests.bench.side.measurement import Figures, Goal, MeasureError, Measurement, Table, number
from tests.bench.side.payload import GROUPED
from tests.bench.side.stage import Bench, Site

SHARDS, SECONDS, WARM_UP = 16, 30.0, 4.0
LOGS = 5  # in each small put; each quiet shard gets one a second
AHEAD = 60_000  # log groups in the hot shard: 1.8 GB


def run(bench: Bench) -> Figures:
    """Latencies of the quiet shards without and with the hot one beside them."""
    with bench.site(UnparsedArrivals()) as site:
        site.logstore("mixed", SHARDS)
        traffic = Traffic("mixed", SHARDS - 1, LOGS, tuple(range(1, SHARDS)))
        site.start_input("mixed", "mixed")
        with agents(site.address, traffic) as producers:
            site.await_events("mixed")
            time.sleep(WARM_UP)
            quiet = _watch(site, SECONDS / 3)
            site.fill("mixed", [0], GROUPED, AHEAD)
            time.sleep(WARM_UP)
            beside = _watch(site, SECONDS)
            written = producers.end()
            _await_stamped(site, written)
        return {"shards": SHARDS, "seconds": SECONDS, "alone": quiet, "beside": beside}


def _watch(site: Site, seconds: float) -> Figures:
    """Latencies of what is made in so many seconds, as far as it arrives within a few more."""
    begin, events, stamped = time.time(), site.arrivals.of("mixed"), len(site.arrivals.stamped)
    time.sleep(seconds)
    end = time.time()
    hot = site.arrivals.of("mixed") - events - (len(site.arrivals.stamped) - stamped)
    time.sleep(WARM_UP)
    ages = [one.latency for one in site.arrivals.stamped if begin <= one.made < end]
    return {
        "events": len(ages),
        "hot_mb_per_s": hot * GROUPED.bytes_per_log / 1e6 / (end - begin),
        **ages_of(ages),
    }


def _await_stamped(site: Site, written: int) -> None:
    """Raises MeasureError when what the quiet shards got does not arrive at all."""
    until = time.monotonic() + 30
    while len(site.arrivals.stamped) < written:
        if time.monotonic() > until:
            raise MeasureError(
                f"{written - len(site.arrivals.stamped)} events of the quiet shards are missing"
            )
        time.sleep(0.1)


def table(found: Figures) -> Table:
    """Without and with the hot shard."""
    heads = ("hot shard, raw MB/s", "events of the quiet ones", "p50 s", "p90 s", "p99 s", "max s")
    rows = [
        [
            number(row["hot_mb_per_s"]) if row["hot_mb_per_s"] > 0.01 else "none",
            f"{row['events']:,}",
            *(number(row[key]) for key in ("p50_s", "p90_s", "p99_s", "max_s")),
        ]
        for row in (found["alone"], found["beside"])
    ]
    return Table(heads, rows)


def goals(found: Figures) -> list[Goal]:
    """The same as for latency without a hot shard."""
    beside = found["beside"]
    return [
        Goal("latency of quiet shards beside a hot one, p50, s,", beside["p50_s"], 1.0),
        Goal("the same, p99, s,", beside["p99_s"], 3.0),
    ]


MEASUREMENT = Measurement(
    "fairness",
    "Quiet shards beside a hot one",
    f"{SHARDS - 1} shards get a put of {LOGS} logs a second each, first alone, then while one more shard "
    f"with a long backlog is read at full rate, {SECONDS:.0f} s.",
    run,
    table,
    goals,
)
