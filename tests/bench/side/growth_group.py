"""One input among more and more consumers of its group: what its own four shards cost, busy and idle."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from tests.bench.process import cpu_seconds
from tests.bench.side.arrivals import UnparsedArrivals
from tests.bench.side.measurement import Figures
from tests.bench.side.members import Place, members
from tests.bench.side.payload import GROUPED
from tests.bench.side.stage import Bench, Site
from tests.functional.harness import PROJECT, wait_for

CONSUMERS = (1, 2, 10, 50)
SHARDS = 4  # for each consumer
EACH = 25_000  # events in each shard of the input that is measured
IDLE, SETTLE = 8.0, 3.0  # seconds
HEARTBEAT = 5  # seconds, so that shards are handed over soon
_HAND_OVER = 6 * HEARTBEAT


def run(bench: Bench) -> list[Figures]:
    """CPU per event and idle CPU for each size of the group."""
    with bench.site(UnparsedArrivals()) as site:
        return [_among(site, count) for count in CONSUMERS]


def _among(site: Site, consumers: int) -> Figures:
    name = f"group-{consumers}"
    site.logstore(name, SHARDS * consumers)
    with _others(site, name, consumers - 1):
        pid = site.start_input(name, name, heartbeat_interval=HEARTBEAT)
        mine = wait_for(lambda: _mine(site, name), _HAND_OVER, f"shards of {name}", poll=0.2)
        time.sleep(SETTLE)
        began, cpu = time.monotonic(), cpu_seconds(pid)
        time.sleep(IDLE)
        idle = 100 * (cpu_seconds(pid) - cpu) / (time.monotonic() - began)
        busy, events = _busy(site, name, mine, pid)
        site.stop_input(name)
    return {
        "consumers": consumers,
        "shards": len(mine),
        "events": events,
        "idle_cpu_percent": idle,
        "cpu_s": busy,
        "cpu_us_per_event": busy / events * 1e6,
    }


@contextmanager
def _others(site: Site, name: str, count: int) -> Iterator[None]:
    place = Place(name, f"splunk-{name}", 2 * HEARTBEAT)
    with members(site.address, place, count) if count else nullcontext():
        yield


def _mine(site: Site, name: str) -> list[int]:
    """The shards of the input once it has its full share and no shard is on its way; else none."""
    groups = site.sls.control.consumer_groups(PROJECT, name)
    rows = groups.get(f"splunk-{name}", {"shards": {}})["shards"]
    if any(row["state"] != "already_alloc" for row in rows.values()):
        return []
    found = [shard for shard, row in rows.items() if not row["owner"].startswith("member-")]
    told = {row["owner"] for shard, row in rows.items() if shard in found}
    return found if len(found) == SHARDS and len(told) == 1 else []


def _busy(site: Site, name: str, shards: list[int], pid: int) -> tuple[float, int]:
    """Fill the input's own shards; CPU seconds until all has arrived, and how many events that were."""
    cpu = cpu_seconds(pid)
    events = site.fill(name, shards, GROUPED, round(EACH / GROUPED.logs))
    site.await_events(name, events)
    return cpu_seconds(pid) - cpu, events
