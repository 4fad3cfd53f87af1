"""What the add-on's log says of lag, throughput and trouble, against what really happened."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from tests.functional.harness import LOGSTORE, PROJECT, Forwarder, Traffic, all_saved, connect
from tests.functional.test_addon_groups import GROUP, owners
from tests.standins.sls import SlsServer
from tests.traffic import wait_for

STANZA = "alibaba_sls://central"
AHEAD = 300  # seconds by which SLS's clock is ahead of the forwarder's; a lag is told by SLS's
OLD = 1200  # seconds ago
Line = dict[str, str]


def lines(forwarder: Forwarder, action: str, **wanted: str) -> list[Line]:
    """The metrics in the add-on's log, as Splunk would extract them."""
    pairs = (re.findall(r'(\w+)=("[^"]*"|\S+)', line) for line in forwarder.addon.log_text().splitlines())
    found = [{name: value.strip('"') for name, value in line} for line in pairs]
    return [line for line in found if {**line, **wanted, "action": action} == line]


def total(forwarders: list[Forwarder], action: str, field: str) -> int:
    return sum(int(line[field]) for forwarder in forwarders for line in lines(forwarder, action))


def last(forwarder: Forwarder, shard: int) -> Line:
    found = lines(forwarder, "shard_metrics", shard=str(shard))
    return found[-1] if found else {}


def lag(forwarder: Forwarder, shard: int) -> float:
    return float(last(forwarder, shard).get("lag_s", "nan"))


def held(*forwarders: Forwarder) -> set[str]:
    """How many shards each one says that it holds."""
    return {lines(forwarder, "input_metrics")[-1]["shards_held"] for forwarder in forwarders}


def troubles(forwarder: Forwarder) -> set[str]:
    return set(re.findall(r'log_level=ERROR .* exc_l="([^"]*)"\n', forwarder.addon.log_text()))


def stop(*forwarders: Forwarder) -> None:
    for forwarder in forwarders:
        forwarder.addon.disable_input("central")
    for forwarder in forwarders:
        wait_for(lambda fw=forwarder: all(row.state == "stopped" for row in fw.inputs()), 10, "the stop")


def test_lag_retries_and_blocked_time(forwarder: Forwarder, traffic: Traffic, sls: SlsServer) -> None:
    sls.control.set_clock_offset(AHEAD)
    received = int(time.time()) + AHEAD - OLD
    traffic.put(200, shard=0, received=received)
    sls.control.fault("PullLogs", kind="status", status=500, code="InternalServerError", shard=0)
    connect(forwarder, metrics_interval=1)

    wait_for(lambda: lag(forwarder, 0) >= OLD, 20, "the lag of what nobody can read")
    assert lag(forwarder, 0) < OLD + 30
    assert last(forwarder, 0)["cursor_time"] == str(received)
    assert int(lines(forwarder, "shard_metrics", shard="0")[0]["retries"]) > 0
    wait_for(lambda: lag(forwarder, 1) == 0, 10, "the other shard to be at its end")
    assert troubles(forwarder) == {"InternalServerError"}
    assert float(lines(forwarder, "input_metrics")[-1]["lag_s"]) >= OLD

    sls.control.clear_faults()
    wait_for(lambda: lag(forwarder, 0) == 0, 15, "the lag to be gone")
    wait_for(lambda: lines(forwarder, "input_metrics")[-1]["retries"] == "0", 10, "a calm interval")
    assert total([forwarder], "shard_metrics", "events") == 200
    asked = [row for row in sls.control.requests() if row["endpoint"] == "GetCursorTime"]
    assert 1 <= len(asked) <= len(lines(forwarder, "input_metrics")) * 2

    forwarder.pause_reading(STANZA)
    traffic.put(3000, shard=1)
    wait_for(lambda: float(last(forwarder, 1)["blocked_s"]) > 0.9, 15, "a whole interval that is blocked")
    wait_for(lambda: lag(forwarder, 1) > 1, 15, "the lag of what splunkd does not read")
    assert float(last(forwarder, 0)["blocked_s"]) == 0
    forwarder.resume_reading(STANZA)
    wait_for(lambda: lag(forwarder, 1) == 0, 15, "the lag to be gone")
    stop(forwarder)
    assert traffic.reconcile(forwarder).complete
    assert total([forwarder], "shard_metrics", "events") == 3200
    for line in lines(forwarder, "input_metrics"):
        assert float(line["blocked_s"]) <= float(line["seconds"]) + 0.1


def test_all_lines_together_count_what_arrived(
    make_forwarder: Callable[..., Forwarder], traffic: Traffic, sls: SlsServer
) -> None:
    first, second = make_forwarder("hf1"), make_forwarder("hf2")
    connect(first, consumer_group=GROUP, metrics_interval=2)
    traffic.put(100)
    traffic.wait_until_all_arrived(first)
    wait_for(lambda: all_saved(sls), 10, "saved checkpoints")
    stop(first)

    sls.control.put_raw_group(PROJECT, LOGSTORE, b"\x08\x01", shard=0)
    assert sls.control.expire(PROJECT, LOGSTORE, 0) > 0  # a gap, of the one that was just written
    first.addon.enable_input("central")
    traffic.put(100)
    wait_for(lambda: troubles(first), 10, "the gap to be seen")
    connect(second, consumer_group=GROUP, metrics_interval=2)  # takes a shard over, in the midst of traffic
    for _ in range(10):
        traffic.put(50)
        time.sleep(0.2)
    wait_for(lambda: sorted(owners(sls).values()) == [1, 1], 20, "a shard for each")
    traffic.put(50)
    result = traffic.wait_until_all_arrived(first, second)
    wait_for(lambda: held(first, second) == {"1"}, 10, "both to say so")
    stop(first, second)

    assert (result.total.indexed, result.total.duplicate) == (750, 0)
    both = [first, second]
    for action, field in [
        ("shard_metrics", "events"),
        ("input_metrics", "events"),
        ("events_ingested", "n_events"),
    ]:
        assert total(both, action, field) == 750, action
        assert total([second], action, field) == len(second.addon.arrivals()), action
    assert (total(both, "shard_metrics", "gaps"), total(both, "input_metrics", "gaps")) == (1, 1)
    assert (troubles(first), troubles(second)) == ({"gap"}, set())
    assert held(first, second) == {"0"}
    for forwarder in both:  # no piece of an event
        assert "demo_seq" not in forwarder.addon.log_text()
