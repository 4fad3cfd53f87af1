"""A log group that cannot be read goes out as it is; everything around it arrives as usual."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

from tests.functional.harness import LOGSTORE, PROJECT, Forwarder, Traffic, connect, ends, saved, wait_for
from tests.standins.sls import SlsServer

QUARANTINE = "sourcetype = 'alibaba:sls:quarantine'"
POISON = b"\x0a\x7f no log group \xff\xff" + bytes(range(256)) * 300  # about 75 kB: more than one event


def quarantined(forwarder: Forwarder) -> list[dict[str, Any]]:
    return [json.loads(event.raw) for event in forwarder.events(QUARANTINE)]


def test_a_damaged_log_group_among_good_ones_is_quarantined_alone(
    forwarder: Forwarder, traffic: Traffic, sls: SlsServer
) -> None:
    connect(forwarder, metrics_interval=1)
    traffic.put(40, shard=0, group_size=1)
    stored = sls.control.put_raw_group(PROJECT, LOGSTORE, POISON, shard=0, count_logs=1)
    traffic.put(40, shard=0, group_size=1)
    result = traffic.wait_until_all_arrived(forwarder, timeout=60)
    assert (result.total.indexed, result.total.duplicate) == (80, 0)
    parts = quarantined(forwarder)
    assert [part["part"] for part in parts] == list(range(1, parts[0]["parts"] + 1))
    assert POISON in b"".join(base64.b64decode(part["data_base64"]) for part in parts)
    assert {(part["shard"], part["cursor"]) for part in parts} == {(0, stored["cursor"])}
    log = forwarder.splunkd_log.read_text(encoding="utf-8")
    assert f"log group at cursor {stored['cursor']} cannot be read" in log
    fetched = [
        row for row in sls.control.requests() if row["endpoint"] == "PullLogs" and row["log_groups"] != "0"
    ]
    wait_for(lambda: saved(sls)[0] == ends(sls)[0], 10, "the checkpoint at the shard's end")
    assert len(fetched) < 60
    counted = re.compile(r"action=input_metrics .* quarantined=([1-9]\d*)\n")
    wait_for(lambda: counted.search(forwarder.addon.log_text()), 5, "the metrics to tell of it")
    own = forwarder.addon.log_text()
    assert counted.findall(own) == ["1"]
    assert re.search(r'log_level=ERROR .*cannot be read.* exc_l="quarantine"\n', own)
    assert "no log group" not in own


PASSING: list[dict[str, Any]] = [
    {"kind": "corrupt", "mode": "lz4"},
    {"kind": "corrupt", "mode": "protobuf"},
    {"kind": "corrupt", "mode": "rawsize"},
    {"kind": "corrupt", "mode": "codec"},
    {"kind": "truncate"},
    {"kind": "half_close", "delay": 0.2},
    {"kind": "oversize", "size": 64 * 1024 * 1024},
    {"kind": "header", "headers": {"x-log-count": None}},
    {"kind": "header", "headers": {"x-log-count": "0"}},
    {"kind": "header", "headers": {"x-log-cursor": None}},
    {"kind": "header", "headers": {"x-log-bodyrawsize": "0"}},
    {"kind": "header", "headers": {"x-log-bodyrawsize": "many"}},
    {"kind": "status", "status": 200, "body": "<html>sign in first</html>", "content_type": "text/html"},
]


def test_damage_that_passes_loses_repeats_and_quarantines_nothing(
    forwarder: Forwarder, traffic: Traffic, sls: SlsServer
) -> None:
    connect(forwarder)
    for damage in PASSING:
        traffic.put(10, shard=0)
        sls.control.fault("PullLogs", shard=0, times=3, **damage)
        traffic.put(10, shard=0)
        result = traffic.wait_until_all_arrived(forwarder)
        assert result.total.duplicate == 0, damage
        (fault,) = sls.control.faults()
        assert fault["struck"] >= 1, damage
        sls.control.clear_faults()
    assert quarantined(forwarder) == []
    assert [row.runs for row in forwarder.inputs()] == [1]
