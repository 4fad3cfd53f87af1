"""Inputs, forwarders and shards: who reads what, and what happens when that changes."""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from tests.functional.harness import (
    LOGSTORE,
    PROJECT,
    Forwarder,
    Traffic,
    connect,
    wait_for,
)
from tests.standins.sls import SlsServer

Maker = Callable[..., Forwarder]
GROUP = "shared"


def owners(sls: SlsServer, group: str = GROUP) -> Counter[str]:
    """How many shards each consumer of a group holds; shards in transfer count for nobody."""
    shards = sls.control.consumer_groups(PROJECT, LOGSTORE).get(group, {}).get("shards", {})
    return Counter(row["owner"] for row in shards.values() if row["state"] == "already_alloc")


def checkpoints(sls: SlsServer, group: str) -> dict[Any, str]:
    """The saved checkpoint of each shard of a group."""
    shards = sls.control.consumer_groups(PROJECT, LOGSTORE)[group]["shards"]
    return {shard: row["checkpoint"] for shard, row in shards.items()}


def test_two_forwarders_share_a_group_and_read_nothing_twice(
    make_forwarder: Maker, traffic: Traffic, sls: SlsServer
) -> None:
    sls.control.create_logstore(PROJECT, "wide", shards=4)
    forwarders = [make_forwarder("hf1"), make_forwarder("hf2")]
    for forwarder in forwarders:
        connect(forwarder, logstore="wide", consumer_group=GROUP)

    def shared_out() -> bool:
        shards = sls.control.consumer_groups(PROJECT, "wide").get(GROUP, {}).get("shards", {})
        held = Counter(row["owner"] for row in shards.values() if row["state"] == "already_alloc")
        return sorted(held.values()) == [2, 2]

    wait_for(shared_out, 20, "two shards for each forwarder")
    for shard in range(4):
        traffic.put(50, logstore="wide", shard=shard, group_size=10)
    result = traffic.wait_until_all_arrived(*forwarders)
    assert result.total.duplicate == 0
    assert all(forwarder.event_count() > 0 for forwarder in forwarders)


def test_another_forwarder_takes_over_from_a_killed_one(
    make_forwarder: Maker, traffic: Traffic, sls: SlsServer
) -> None:
    first, second = make_forwarder("hf1"), make_forwarder("hf2")
    connect(first, consumer_group=GROUP, interval=600)
    traffic.put(60)
    traffic.wait_until_all_arrived(first)
    wait_for(lambda: all(checkpoints(sls, GROUP).values()), 10, "saved checkpoints")
    connect(second, consumer_group=GROUP)
    first.signal_input("alibaba_sls://central", signal.SIGKILL)
    traffic.put(60)
    result = traffic.wait_until_all_arrived(first, second)
    assert result.total.produced == 120
    wait_for(lambda: list(owners(sls).values()) == [2], 15, "both shards with the second forwarder")


def test_split_and_merged_shards_are_read_to_the_end(
    forwarder: Forwarder, traffic: Traffic, sls: SlsServer
) -> None:
    connect(forwarder, cursor_start_time="end", consumer_group=GROUP)
    wait_for(lambda: sum(owners(sls).values()) == 2, 15, "both shards")
    wait_for(lambda: all(checkpoints(sls, GROUP).values()), 15, "the start of both shards to be saved")
    traffic.put(20, shard=0)
    children = [row["shardID"] for row in sls.control.split(PROJECT, LOGSTORE, 0) if row["shardID"] > 1]
    for shard in children:
        traffic.put(20, shard=shard)
    merged = max(row["shardID"] for row in sls.control.merge(PROJECT, LOGSTORE, min(children)))
    traffic.put(20, shard=merged)
    result = traffic.wait_until_all_arrived(forwarder)
    assert (result.total.indexed, result.total.duplicate) == (80, 0)


def test_a_shard_split_while_the_input_was_down_is_read_from_its_beginning(
    forwarder: Forwarder, traffic: Traffic, sls: SlsServer
) -> None:
    connect(forwarder, cursor_start_time="end", consumer_group=GROUP)
    wait_for(lambda: sum(owners(sls).values()) == 2, 15, "both shards")
    wait_for(lambda: all(checkpoints(sls, GROUP).values()), 15, "the start of both shards to be saved")
    forwarder.addon.disable_input("central")
    for row in sls.control.split(PROJECT, LOGSTORE, 1):
        if row["shardID"] > 1:
            traffic.put(20, shard=row["shardID"])
    forwarder.addon.enable_input("central")
    result = traffic.wait_until_all_arrived(forwarder)
    assert (result.total.indexed, result.total.duplicate) == (40, 0)


def test_in_order_reads_the_parent_of_a_split_before_its_children(
    forwarder: Forwarder, traffic: Traffic, sls: SlsServer
) -> None:
    connect(forwarder, in_order="1", consumer_group=GROUP)
    wait_for(lambda: sum(owners(sls).values()) == 2, 15, "both shards")
    traffic.put(20, shard=1)
    for parent in (0, 1):  # without logs, and with some
        for row in sls.control.split(PROJECT, LOGSTORE, parent):
            if row["shardID"] > 1:
                traffic.put(20, shard=row["shardID"])
    # Unless the end of a parent is saved as its checkpoint, its children wait for ever.
    assert traffic.wait_until_all_arrived(forwarder).total.indexed == 100


def test_a_pulling_timeout_longer_than_the_groups_gives_the_shards_up(
    forwarder: Forwarder, traffic: Traffic, sls: SlsServer
) -> None:
    connect(forwarder, consumer_group=GROUP)
    traffic.put(20)
    traffic.wait_until_all_arrived(forwarder)
    before = len(sls.control.requests())
    forwarder.signal_input("alibaba_sls://central", signal.SIGSTOP)
    wait_for(
        lambda: len(owners(sls)) == 0 or _timed_out(sls), 15, "SLS to time the paused consumer out", poll=0.2
    )
    forwarder.signal_input("alibaba_sls://central", signal.SIGCONT)
    traffic.put(20)
    result = traffic.wait_until_all_arrived(forwarder)
    assert result.total.indexed == 40
    refused = [row["code"] for row in sls.control.requests(before) if row["status"] != 200]
    assert set(refused) <= {"NotExistConsumerWithBody", "ConsumerNotMatch", "ConsumerNotExist"}


def _timed_out(sls: SlsServer) -> bool:
    """The stand-in notices a silent consumer when someone else asks; a second consumer's beat is that."""
    group = sls.control.consumer_groups(PROJECT, LOGSTORE)[GROUP]
    last = max(group["consumers"].values(), default=0)
    return bool(time.time() - last > 2 * group["timeout"])
