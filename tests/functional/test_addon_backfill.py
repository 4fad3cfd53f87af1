"""Inputs with cursor_end_time: read what SLS received until then, all of it and no more, and end for good."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Callable

from tests.addon import SCHEME
from tests.functional.harness import (
    PROJECT,
    Forwarder,
    Traffic,
    connect,
    create_account,
    create_input,
    wait_for,
)
from tests.functional.test_addon_errors import said
from tests.standins.sls import SlsServer

HOUR = 3600
STANZA = f"{SCHEME}://central"
SETTLED = 60.0
"""Seconds after the end until nothing can arrive in the window any more (docs/delivery.md)."""


def is_disabled(forwarder: Forwarder, name: str = "central") -> bool:
    reply = forwarder.rest("GET", f"/servicesNS/nobody/-/data/inputs/{SCHEME}/{name}?output_mode=json")
    return bool(reply.json["entry"][0]["content"]["disabled"])


def calls(sls: SlsServer) -> int:
    return len(sls.control.requests())


def exactly(traffic: Traffic, *forwarders: Forwarder) -> None:
    """All of the window arrived once, and nothing of outside."""
    result = traffic.reconcile(*forwarders)
    assert (result.total.missing, result.total.duplicate, result.unknown_numbers) == (0, 0, [])


def owners(sls: SlsServer) -> Counter[str]:
    shards = sls.control.consumer_groups(PROJECT, "wide").get("shared", {}).get("shards", {})
    return Counter(row["owner"] for row in shards.values() if row["state"] == "already_alloc")


def test_forwarders_that_share_a_backfill_finish_it_though_one_is_killed_and_one_dies(
    make_forwarder: Callable[..., Forwarder], sls: SlsServer, traffic: Traffic
) -> None:
    sls.control.create_logstore(PROJECT, "wide", shards=4)
    end = int(time.time()) - HOUR
    for shard in range(4):
        traffic.put(300, shard=shard, logstore="wide", group_size=5, received=end - HOUR)
        traffic.put(10, shard=shard, logstore="wide", received=end, wanted=False)
    sls.control.fault("PullLogs", kind="status", status=403, code="ReadQuotaExceed")  # until both are there
    first, second = make_forwarder("hf1"), make_forwarder("hf2")
    window = {"cursor_start_time": "begin", "cursor_end_time": str(end), "max_fetch_log_group_size": "3"}
    for forwarder in (first, second):
        create_account(forwarder)
        create_input(forwarder, "central", logstore="wide", consumer_group="shared", **window)
    wait_for(lambda: sorted(owners(sls).values()) == [2, 2], 20, "two shards for each")
    sls.control.clear_faults()
    sls.control.fault("PullLogs", kind="delay", delay=0.15)
    wait_for(lambda: second.event_count() > 30 and first.event_count() > 30, 20, "both at work")
    first.signal_input(STANZA, signal.SIGKILL)
    pid = second.inputs()[0].pid
    second.kill()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    sls.control.clear_faults()
    wait_for(lambda: is_disabled(first), 30, "the one that is left to finish")
    result = traffic.reconcile(first, second)
    assert (result.total.missing, result.unknown_numbers) == (0, [])
    assert first.inputs()[0].runs == 2


def test_an_end_in_the_future_is_waited_for_and_a_splunkd_that_refuses_is_not_read_for_again(
    forwarder: Forwarder, sls: SlsServer, traffic: Traffic
) -> None:
    end = int(time.time()) + 3
    forwarder.knobs.inputs_switchable = False
    connect(forwarder, cursor_start_time="begin", cursor_end_time=str(end))
    while time.time() < end - 0.5:
        traffic.put(5, group_size=5)
        time.sleep(0.2)
    traffic.wait_until_all_arrived(forwarder)
    wait_for(lambda: time.time() > end + 0.1, 5, "the end")
    traffic.put(20, wanted=False)
    time.sleep(1.2)
    exactly(traffic, forwarder)
    assert not said(forwarder, "has read all")  # something of the window might still turn up
    sls.control.set_clock_offset(SETTLED)
    wait_for(lambda: said(forwarder, "cannot be disabled"), 10, "the sentence about the refusal")
    before = calls(sls)
    time.sleep(1.2)
    (row,) = forwarder.inputs()
    assert (row.state, row.runs, calls(sls)) == ("running", 1, before)
    exactly(traffic, forwarder)
    forwarder.knobs.inputs_switchable = True
    wait_for(lambda: is_disabled(forwarder), 10, "the next try")
