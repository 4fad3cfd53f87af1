"""Logs that SLS dropped unread: announced once, where the logs lie, and no other log is passed over."""

from __future__ import annotations

import json
from typing import Any

import pytest

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
from tests.standins.sls import SlsServer

GAP = "sourcetype = 'alibaba:sls:gap'"


def gaps(forwarder: Forwarder) -> list[dict[str, Any]]:
    return [json.loads(event.raw) for event in forwarder.events(GAP)]


def stop(forwarder: Forwarder) -> None:
    forwarder.addon.disable_input("central")
    wait_for(lambda: all(row.state == "stopped" for row in forwarder.inputs()), 10, "the stop")


def run_and_stop(forwarder: Forwarder, traffic: Traffic, sls: SlsServer) -> str:
    """An input that has read something and was stopped; the checkpoint of shard 0."""
    connect(forwarder)
    traffic.put(10, shard=0, group_size=1)
    traffic.wait_until_all_arrived(forwarder)
    stop(forwarder)
    return saved(sls)[0]


@pytest.mark.parametrize(("stale_cursor", "kept"), [("error", 0), ("move", 4), ("move", 0)])
def test_what_retention_took_while_the_input_was_down_is_announced(
    forwarder: Forwarder, traffic: Traffic, sls: SlsServer, stale_cursor: str, kept: int
) -> None:
    sls.control.set_knob("stale_cursor", stale_cursor)
    lost = run_and_stop(forwarder, traffic, sls)
    traffic.put(10, shard=0, group_size=1)
    assert sls.control.expire(PROJECT, LOGSTORE, 0, keep_last=kept) == 20 - kept
    forwarder.addon.enable_input("central")
    traffic.put(5, shard=0)
    wait_for(lambda: traffic.reconcile(forwarder).total.missing == 10 - kept, 20, "what is left to arrive")
    (gap,) = gaps(forwarder)
    assert (gap["notice"], gap["shard"], gap["lost_checkpoint"]) == ("gap", 0, lost)
    assert (gap["project"], gap["logstore"], gap["stanza"]) == (PROJECT, LOGSTORE, "central")
    assert abs(gap["lost_checkpoint_saved_time"] - gap["first_available_time"]) < 60
    assert {event.source for event in forwarder.events(GAP)} == {f"sls://{PROJECT}/{LOGSTORE}"}
    assert traffic.reconcile(forwarder).total.duplicate == 0
    assert "logs were lost before they could be read" in forwarder.splunkd_log.read_text(encoding="utf-8")
    wait_for(lambda: saved(sls)[0] == ends(sls)[0], 10, "the checkpoint at the shard's end")


def test_a_contradiction_of_sls_is_no_gap(forwarder: Forwarder, traffic: Traffic, sls: SlsServer) -> None:
    connect(forwarder)
    traffic.put(10, shard=0)
    traffic.wait_until_all_arrived(forwarder)
    sls.control.fault("PullLogs", kind="status", status=400, code="InvalidCursor", times=4)
    traffic.put(10, shard=0)
    result = traffic.wait_until_all_arrived(forwarder)
    assert result.total.duplicate == 0
    assert gaps(forwarder) == []


def test_a_shard_that_vanishes_unread_is_announced(
    forwarder: Forwarder, traffic: Traffic, sls: SlsServer
) -> None:
    create_account(forwarder)
    create_input(forwarder, "central", heartbeat_interval=20)  # so that the fetch is the first to notice
    traffic.put(10, shard=0)
    traffic.wait_until_all_arrived(forwarder)
    sls.control.fault("PullLogs", kind="status", status=500, shard=0)
    traffic.put(10, shard=0)
    sls.control.split(PROJECT, LOGSTORE, 0)
    sls.control.expire(PROJECT, LOGSTORE, 0)
    sls.control.clear_faults()
    wait_for(lambda: gaps(forwarder), 25, "the gap to be announced")
    (gap,) = gaps(forwarder)
    assert gap["shard"] == 0
    assert "gone from SLS" in gap["reason"]
    traffic.put(10, shard=1)
    wait_for(lambda: traffic.reconcile(forwarder).total.missing == 10, 10, "the other shard to flow")


def test_a_start_is_kept_though_nothing_was_read_from_it(
    forwarder: Forwarder, traffic: Traffic, sls: SlsServer
) -> None:
    sls.control.fault("PullLogs", kind="status", status=500)
    connect(forwarder, cursor_start_time="end")
    wait_for(lambda: _started(sls), 15, "both shards to have a checkpoint")
    forwarder.kill()
    traffic.put(20)
    sls.control.clear_faults()
    forwarder.start()
    assert traffic.wait_until_all_arrived(forwarder).total.indexed == 20


def _started(sls: SlsServer) -> bool:
    groups = sls.control.consumer_groups(PROJECT, LOGSTORE).values()
    rows = [row for group in groups for row in group["shards"].values()]
    return len(rows) == 2 and all(row["checkpoint"] for row in rows)
