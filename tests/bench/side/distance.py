"""One shard, far away: what is left of the rate when every answer takes a round trip."""

from __future__ import annotations

import socket
import statistics
import threading
import time

from tests.bench.process import cpu_seconds
from tests.bench.side.arrivals import UnparsedArrivals
from tests.bench.side.far import far_away
from tests.bench.side.measurement import Figures, Goal, MeasureError, Measurement, Table, number
from tests.bench.side.payload import GROUPED, LONE, Work
from tests.bench.side.stage import Bench, Site

ROUND_TRIPS = (0.0, 0.05, 0.1, 0.2)  # seconds
SECONDS, SETTLE = 10.0, 2.0
WORKS = {GROUPED.name: (GROUPED, 22_000), LONE.name: (LONE, 400_000)}  # log groups: more than can be read
LEAST = 50.0  # MB/s that the relay itself must pass on
_CHECK_BYTES = 200 << 20


def run(bench: Bench) -> Figures:
    """Raw MB/s by kind of log groups and round-trip time, and what the relay alone does."""
    alone = relay_mb_per_s(0.1)
    if alone < LEAST:
        raise MeasureError(f"the relay passes on {alone:.0f} MB/s only, so it would be measured itself")
    with bench.site(UnparsedArrivals()) as site:
        rows = [
            _far(site, name, work, groups, rtt)
            for name, (work, groups) in WORKS.items()
            for rtt in ROUND_TRIPS
        ]
    return {"seconds": SECONDS, "relay_mb_per_s": alone, "rows": rows}


def _far(site: Site, name: str, work: Work, groups: int, rtt: float) -> Figures:
    place = f"far-{work.logs}-{rtt * 1000:.0f}"
    site.logstore(place, 1)
    site.fill(place, [0], work, groups)
    with far_away(site.sls.https_port, rtt) as port:
        endpoint = f"https://sls.test:{port}"
        pid = site.start_input(place, place, endpoint=endpoint)
        site.await_events(place)
        time.sleep(SETTLE)
        began, cpu, events = time.time(), cpu_seconds(pid), site.arrivals.of(place)
        time.sleep(SECONDS)
        took, events = time.time() - began, site.arrivals.of(place) - events
        cpu = cpu_seconds(pid) - cpu
        pulls = site.calls("PullLogs", began, logstore=place)
        site.stop_input(place)
    pace = _pace(pulls)
    pulled = (pace["groups_per_pull"] or 0) * work.bytes_per_log * work.logs / 1e6
    return {
        "work": name,
        "rtt_s": rtt,
        "ceiling_mb_per_s": pulled / rtt if rtt else None,
        "mb_per_s": events * work.bytes_per_log / 1e6 / took,
        "cpu_percent": 100 * cpu / took,
        **pace,
    }


def _pace(pulls: list[dict[str, float]]) -> Figures:
    """Seconds between two pulls, and log groups in each."""
    times = [row["t"] for row in pulls]
    gaps = [after - before for before, after in zip(times, times[1:])]
    return {
        "between_pulls_s": statistics.median(gaps) if gaps else None,
        "groups_per_pull": statistics.median(float(row["log_groups"]) for row in pulls) if pulls else None,
    }


def relay_mb_per_s(rtt: float) -> float:
    """What the relay passes on from a sender that does nothing else."""
    with socket.create_server(("127.0.0.1", 0)) as listener, far_away(listener.getsockname()[1], rtt) as port:
        threading.Thread(target=_send, args=(listener,), daemon=True).start()
        with socket.create_connection(("127.0.0.1", port)) as reader:
            began, got = time.monotonic(), 0
            while data := reader.recv(1 << 18):
                got += len(data)
            return got / (time.monotonic() - began) / 1e6


def _send(listener: socket.socket) -> None:
    connection, _ = listener.accept()
    piece = bytes(1 << 20)
    with connection:
        for _ in range(_CHECK_BYTES // len(piece)):
            connection.sendall(piece)


def table(found: Figures) -> Table:
    """One row for each kind and round-trip time."""
    heads = (
        "work",
        "round trip, ms",
        "raw MB/s",
        "a pull per round trip, MB/s",
        "CPU, %",
        "between two pulls, s",
        "log groups in each",
    )
    keys = ("mb_per_s", "ceiling_mb_per_s", "cpu_percent", "between_pulls_s", "groups_per_pull")
    rows = []
    for row in found["rows"]:
        cells = [number(row[key]) if row[key] else "-" for key in keys]
        rows.append([row["work"], f"{row['rtt_s'] * 1000:.0f}", *cells])
    return Table(heads, rows)


def goals(found: Figures) -> list[Goal]:
    """What SLS promises of one shard, from another continent's edge."""
    return [
        Goal(f"one shard, {row['work']}, 100 ms away, MB/s,", row["mb_per_s"], 10, at_least=True)
        for row in found["rows"]
        if row["rtt_s"] == 0.1
    ]


MEASUREMENT = Measurement(
    "distance",
    "One shard, far away",
    "A relay in a process of its own delays every byte by half a round trip each way and does not limit "
    "bandwidth, so slow starts and losses of a real network are not in it. Logs of 20 fields and 1 kB, "
    f"{SECONDS:.0f} s each. A shard is read by one request after the other, so a pull "
    "per round trip is the most there can be; SLS promises 10 MB/s of one shard.",
    run,
    table,
    goals,
)
