"""Inputs with cursor_end_time: read what SLS received until then, all of it and no more, and end for good."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Callable

from tests.addon import SCHEME
from tests.functional.harness import (
    LOGSTORE,
    PROJECT,
    Forwarder,
    Traffic,
    connect,
    create_account,
    create_input,
    ends,
    saved,
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


def test_a_closed_window_is_read_exactly_and_the_input_disables_itself(
    forwarder: Forwarder, sls: SlsServer, traffic: Traffic
) -> None:
    end = int(time.time()) - HOUR
    start = end - 2 * HOUR
    traffic.put(10, shard=0, received=start - 1, wanted=False)
    for shard in (0, 1):
        traffic.put(40, shard=shard, received=start)
        traffic.put(40, shard=shard, received=end - HOUR)
    split_at(sls, 0, end - 1000)  # within the window: its children, 2 and 3, hold logs of it
    for shard in (2, 3):
        traffic.put(40, shard=shard, received=end - 500)
        traffic.put(40, shard=shard, received=end - 1)
        traffic.put(10, shard=shard, received=end, wanted=False)
    traffic.put(10, shard=1, received=end, wanted=False)
    split_at(sls, 1, end + 600)  # behind it: in_order, nobody may read its children, 4 and 5, before the end
    traffic.put(10, shard=4, received=end + 700, wanted=False)
    connect(
        forwarder, cursor_start_time=str(start), cursor_end_time=str(end), in_order="1", metrics_interval=1
    )
    wait_for(lambda: is_disabled(forwarder), 20, "the input to disable itself")
    exactly(traffic, forwarder)
    assert all(saved(sls)[shard] != ends(sls)[shard] for shard in (1, 2, 3))
    it_has_ended(forwarder, sls, runs=1)
    log = forwarder.addon.log_text()
    group = f'project="{PROJECT}" logstore="{LOGSTORE}" consumer_group="splunk-central"'
    assert f"action=backfill_finished {group} shards=6 end_time={end}" in log
    (told,) = said(forwarder, "has read all that SLS received before ")
    assert "INFO" in told
    progress = [line for line in log.splitlines() if "action=backfill_progress" in line]
    assert progress and all(f"start_time={start} end_time={end}" in line for line in progress)
    assert f"{group} shard=3 percent=100.000 position_time={end} " in log

    before = calls(sls)
    forwarder.addon.enable_input("central")
    wait_for(lambda: forwarder.inputs()[0].runs == 2, 10, "another start")
    wait_for(lambda: is_disabled(forwarder), 10, "the input to disable itself again")
    exactly(traffic, forwarder)
    made = sls.control.requests(since=before)
    assert {row["endpoint"] for row in made}.isdisjoint({"PullLogs", "ConsumerGroupHeartBeat"})


def owners(sls: SlsServer) -> Counter[str]:
    shards = sls.control.consumer_groups(PROJECT, "wide").get("shared", {}).get("shards", {})
    return Counter(row["owner"] for row in shards.values() if row["state"] == "already_alloc")


def split_at(sls: SlsServer, shard: int, moment: int) -> None:
    sls.control.set_clock_offset(moment - time.time())
    sls.control.split(PROJECT, LOGSTORE, shard)
    sls.control.set_clock_offset(0)


def it_has_ended(forwarder: Forwarder, sls: SlsServer, runs: int) -> None:
    """And is not started again, though its interval is a second."""

    def ended() -> bool:
        return forwarder.inputs()[0].exit_code is not None

    wait_for(ended, 10, "the process to end")
    before = calls(sls)
    time.sleep(1.5)
    (row,) = forwarder.inputs()
    assert (row.exit_code, row.runs, calls(sls)) == (0, runs, before)


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
    it_has_ended(first, sls, runs=2)


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
    time.sleep(1.5)
    exactly(traffic, forwarder)
    assert not said(forwarder, "has read all")  # something of the window might still turn up
    sls.control.set_clock_offset(SETTLED)
    wait_for(lambda: said(forwarder, "cannot be disabled"), 10, "the sentence about the refusal")
    before = calls(sls)
    time.sleep(1.5)
    (row,) = forwarder.inputs()
    assert (row.state, row.runs, calls(sls)) == ("running", 1, before)
    exactly(traffic, forwarder)
    forwarder.knobs.inputs_switchable = True
    wait_for(lambda: is_disabled(forwarder), 10, "the next try")
    it_has_ended(forwarder, sls, runs=1)
