"""Where a new consumer group starts: begin, end, ISO 8601, epoch, relative; and the topic filter."""

from __future__ import annotations

import json
import time
from datetime import datetime, timezone

import pytest

from tests.functional.harness import LOGSTORE, PROJECT, Forwarder, connect, wait_for
from tests.standins.sls import SlsServer

NOW = int(time.time())
HOUR = 3600


def put(sls: SlsServer, name: str, received: int | None = None, topic: str = "t") -> None:
    sls.control.put_logs(PROJECT, LOGSTORE, [{"name": name}], topic=topic, shard=0, receive_time=received)


def names(forwarder: Forwarder) -> list[str]:
    return sorted(json.loads(event.raw)["name"] for event in forwarder.events())


def iso(moment: int) -> str:
    return datetime.fromtimestamp(moment, timezone.utc).isoformat()


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("begin", ["hour 4", "hour 2", "minute 10"]),
        ("-1h", ["minute 10"]),
        ("-3h", ["hour 2", "minute 10"]),
        (iso(NOW - 3 * HOUR), ["hour 2", "minute 10"]),
        (str(NOW - HOUR), ["minute 10"]),
        ("end", []),
    ],
    # Named without the time: each worker of a run in parallel must collect the same names.
    ids=["begin", "an hour ago", "three hours ago", "iso", "epoch", "end"],
)
def test_start(forwarder: Forwarder, sls: SlsServer, start: str, expected: list[str]) -> None:
    put(sls, "hour 4", NOW - 4 * HOUR)
    put(sls, "hour 2", NOW - 2 * HOUR)
    put(sls, "minute 10", NOW - 600)
    connect(forwarder, cursor_start_time=start)
    wait_for(lambda: _is_reading(sls), 15, "the shard to be read")
    put(sls, "now")
    wait_for(lambda: "now" in names(forwarder), 15, "the log written after the start")
    assert names(forwarder) == sorted([*expected, "now"])


def _is_reading(sls: SlsServer) -> bool:
    return any(row["endpoint"] == "PullLogs" and "/shards/0" in row["path"] for row in sls.control.requests())


def test_topic_filters_drop_and_checkpoints_pass(forwarder: Forwarder, sls: SlsServer) -> None:
    topics = ("waf_access_log", "waf_debug", "oss_access_log", "")
    for topic in topics:
        put(sls, f"<{topic}>", topic=topic)
    connect(forwarder, topics_include="waf_*;oss_*", topics_exclude="*_debug")
    wait_for(lambda: len(names(forwarder)) >= 2, 15, "the wanted topics")
    end = sls.control.shards(PROJECT, LOGSTORE)[0]["end"]
    wait_for(lambda: _saved(sls) == end, 15, "the checkpoint at the shard's end")
    assert names(forwarder) == ["<oss_access_log>", "<waf_access_log>"]


def test_a_query_is_run_by_sls_and_checkpoints_pass_what_it_drops(
    forwarder: Forwarder, sls: SlsServer
) -> None:
    for name in ("keep", "drop", "keep too", "drop"):
        put(sls, name)
    connect(forwarder, query="* | where name != 'drop'")
    wait_for(lambda: names(forwarder) == ["keep", "keep too"], 15, "the logs that the query leaves")
    wait_for(
        lambda: _saved(sls) == sls.control.shards(PROJECT, LOGSTORE)[0]["end"],
        15,
        "the checkpoint at the end",
    )


def _saved(sls: SlsServer) -> str:
    group = sls.control.consumer_groups(PROJECT, LOGSTORE)["splunk-central"]
    return next(str(row["checkpoint"]) for shard, row in group["shards"].items() if int(shard) == 0)
