"""The packaged add-on delivers what lies in SLS: everything, once, in the right sourcetype, on any Python."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.functional.harness import LOGSTORE, PROJECT, Forwarder, Traffic, connect, wait_for
from tests.standins.sls import SlsServer

SOURCETYPES = {
    "actiontrail": ("actiontrail_event", "alibaba:actiontrail"),
    "oss": ("oss_access_log", "alibaba:oss:access"),
    "waf": ("waf_access_log", "alibaba:waf"),
    "rds": ("rds_audit_log", "alibaba:rds:audit"),
    "k8s": ("", "alibaba:sls"),
    "vpc_flow": ("flow_log", "alibaba:vpc:flow"),
}


def test_backlog_and_live_logs_arrive_once(
    make_forwarder: Callable[..., Forwarder], python: tuple[str, str], traffic: Traffic
) -> None:
    traffic.put(300)
    forwarder = make_forwarder(python=python)
    connect(forwarder)
    traffic.wait_until_all_arrived(forwarder)
    traffic.put(100)
    result = traffic.wait_until_all_arrived(forwarder)
    assert (result.total.produced, result.total.indexed, result.total.duplicate) == (400, 400, 0)
    assert result.unknown_numbers == []
    assert f"Running: {python[1]} " in forwarder.splunkd_log.read_text(encoding="utf-8")


def test_every_product_gets_its_sourcetype(forwarder: Forwarder, traffic: Traffic) -> None:
    for maker in SOURCETYPES:
        traffic.put(10, maker=maker)
    connect(forwarder)
    result = traffic.wait_until_all_arrived(forwarder)
    assert {row.topic: row.sourcetypes for row in result.rows} == {
        topic: {sourcetype} for topic, sourcetype in SOURCETYPES.values()
    }


def test_an_event_is_one_line_of_json_with_its_own_time(forwarder: Forwarder, traffic: Traffic) -> None:
    traffic.put(5, maker="rds", t=1_700_000_000)
    traffic.put(5, maker="waf", t=1_700_000_000)
    connect(forwarder)
    traffic.wait_until_all_arrived(forwarder)
    for event in forwarder.events("sourcetype = 'alibaba:waf'"):
        assert event.time == 1_700_000_000
    for event in forwarder.events("sourcetype = 'alibaba:rds:audit'"):
        fields = json.loads(event.raw)
        assert "\n" not in event.raw
        assert event.time == int(fields["origin_time"]) // 1000 / 1000, "the statement's own time"
        assert fields["__topic__"] == "rds_audit_log"
        assert event.source == f"sls://{PROJECT}/{LOGSTORE}"
        assert event.host == "log_service"


def test_checkpoints_reach_the_end_of_every_shard(
    forwarder: Forwarder, traffic: Traffic, sls: SlsServer
) -> None:
    for shard in (0, 1):
        traffic.put(100, shard=shard)
    connect(forwarder)
    traffic.wait_until_all_arrived(forwarder)
    ends = {shard["shardID"]: shard["end"] for shard in sls.control.shards(PROJECT, LOGSTORE)}
    wait_for(lambda: _checkpoints(sls) == ends, 10, f"the checkpoints {ends}")


def _checkpoints(sls: SlsServer) -> dict[int, str]:
    (group,) = sls.control.consumer_groups(PROJECT, LOGSTORE).values()
    return {number: shard["checkpoint"] for number, shard in group["shards"].items()}
