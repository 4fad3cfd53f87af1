"""Who may write a shard: heartbeats, leases and checkpoints between two consumers of one group."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable

from tests.functional.harness import Forwarder, Traffic, all_saved, connect, wait_for
from tests.functional.test_addon_groups import GROUP, owners
from tests.standins.sls import SlsServer

STANZA = "alibaba_sls://central"


def calls(sls: SlsServer, endpoint: str, since: int = 0) -> list[dict[str, object]]:
    return [row for row in sls.control.requests(since) if row["endpoint"] == endpoint]


NONSENSE = ('{"shards": []}', "null", '["one"]', "[", "")


def test_a_heartbeat_answered_with_nonsense_is_neither_believed_nor_hurried(
    forwarder: Forwarder, traffic: Traffic, sls: SlsServer
) -> None:
    connect(forwarder, consumer_group=GROUP)
    traffic.put(20)
    traffic.wait_until_all_arrived(forwarder)
    wait_for(lambda: all_saved(sls), 10, "saved checkpoints")
    before = len(sls.control.requests())
    for answer in NONSENSE:
        fault = sls.control.fault("ConsumerGroupHeartBeat", kind="status", status=200, body=answer)
        time.sleep(1.2)
        sls.control.clear_faults(fault)
    beats = calls(sls, "ConsumerGroupHeartBeat", before)
    assert len(NONSENSE) <= len(beats) <= 50  # one a second, a few tries each
    assert len({beat["fault"] for beat in beats if beat["fault"]}) == len(NONSENSE)
    traffic.put(20)
    assert traffic.wait_until_all_arrived(forwarder).total.duplicate == 0
    assert [row.runs for row in forwarder.inputs()] == [1]


def test_heartbeats_go_on_until_the_last_checkpoint_is_saved(
    forwarder: Forwarder, traffic: Traffic, sls: SlsServer
) -> None:
    connect(forwarder, consumer_group=GROUP, interval=600)
    traffic.put(20)
    traffic.wait_until_all_arrived(forwarder)
    wait_for(lambda: all_saved(sls), 10, "saved checkpoints")
    sls.control.fault("ConsumerGroupUpdateCheckPoint", kind="status", status=500)
    traffic.put(20)
    traffic.wait_until_all_arrived(forwarder)
    before = len(sls.control.requests())
    forwarder.signal_input(STANZA, signal.SIGTERM)
    time.sleep(2)
    sls.control.clear_faults()
    wait_for(lambda: all(row.state != "running" for row in forwarder.inputs()), 5, "the end of the process")
    beats = [float(str(row["t"])) for row in calls(sls, "ConsumerGroupHeartBeat", before)]
    saves = [
        float(str(row["t"]))
        for row in calls(sls, "ConsumerGroupUpdateCheckPoint", before)
        if row["status"] == 200
    ]
    assert all_saved(sls)
    assert len([beat for beat in beats if beat < min(saves)]) >= 1


def test_a_paused_consumer_writes_nothing_that_its_successor_wrote(
    make_forwarder: Callable[..., Forwarder], traffic: Traffic, sls: SlsServer
) -> None:
    first, second = make_forwarder("hf1"), make_forwarder("hf2")
    connect(first, consumer_group=GROUP)
    traffic.put(40)
    traffic.wait_until_all_arrived(first)
    connect(second, consumer_group=GROUP)
    wait_for(lambda: sorted(owners(sls).values()) == [1, 1], 20, "a shard for each")
    wait_for(lambda: all_saved(sls), 10, "saved checkpoints")
    both = set(owners(sls))
    first.signal_input(STANZA, signal.SIGSTOP)
    traffic.put(200)
    traffic.wait_until_all_arrived(first, second)
    wait_for(lambda: all_saved(sls), 10, "saved checkpoints")
    (paused,) = both - set(owners(sls))
    # Nobody tells it that its shards are gone: it has to know that it cannot know.
    sls.control.fault("ConsumerGroupHeartBeat", kind="hang", delay=60, consumer=paused)
    first.signal_input(STANZA, signal.SIGCONT)
    time.sleep(3)
    sls.control.clear_faults()
    traffic.put(200)
    result = traffic.wait_until_all_arrived(first, second)
    wait_for(lambda: sorted(owners(sls).values()) == [1, 1], 20, "a shard for each again")
    assert result.total.duplicate == 0


def test_no_checkpoint_is_ever_forced(forwarder: Forwarder, traffic: Traffic, sls: SlsServer) -> None:
    connect(forwarder, consumer_group=GROUP)
    traffic.put(20)
    traffic.wait_until_all_arrived(forwarder)
    wait_for(lambda: all_saved(sls), 10, "saved checkpoints")
    saves = calls(sls, "ConsumerGroupUpdateCheckPoint")
    assert {str(dict(row["query"])["forceSuccess"]).lower() for row in saves} == {"false"}  # type: ignore[call-overload]


def test_heartbeats_that_fail_for_less_than_the_time_out_cost_no_shard(
    forwarder: Forwarder, traffic: Traffic, sls: SlsServer
) -> None:
    connect(forwarder, consumer_group=GROUP, heartbeat_interval=2)
    traffic.put(20)
    traffic.wait_until_all_arrived(forwarder)
    before = len(sls.control.requests())
    sls.control.fault("ConsumerGroupHeartBeat", kind="status", status=500, times=3)
    time.sleep(5)  # tries a second apart would take longer than the group waits
    sls.control.fault("ConsumerGroupHeartBeat", kind="reset", every=2)
    time.sleep(5)
    traffic.put(20)
    traffic.wait_until_all_arrived(forwarder)
    sls.control.clear_faults()
    codes = {row["code"] for row in sls.control.requests(before)}
    assert not codes & {"NotExistConsumerWithBody", "ConsumerNotMatch", "ConsumerNotExist"}
