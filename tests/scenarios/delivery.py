"""What lies in SLS arrives: everything, once, where and when it belongs, whatever it holds."""

from __future__ import annotations

import json
from typing import Any

from tests.scenarios.site import PROJECT
from tests.scenarios.stage import Stage, scenario

SOURCETYPES = {
    "actiontrail": ("actiontrail_event", "alibaba:actiontrail"),
    "oss": ("oss_access_log", "alibaba:oss:access"),
    "waf": ("waf_access_log", "alibaba:waf"),
    "rds": ("rds_audit_log", "alibaba:rds:audit"),
    "k8s": ("", "alibaba:sls"),
    "vpc_flow": ("flow_log", "alibaba:vpc:flow"),
}
MOMENT = 1_760_000_000
HOSTILE = (
    "\"q\" 'a' <&> ]]> </data></event></stream> "
    "\x00\x01\x1b\x7f\x85\u2028 \ufffe\uffff \r\n\t \U0001f600 \\u0000"
)
LONG = "x<&>" * 262_144
LINES = "2026-01-02 03:04:05 first line\r\n    at second.line(Third.java:4)\n\nlast"


@scenario()
def events_arrive_once_where_they_belong(stage: Stage) -> None:
    """Backlog and live logs of six products arrive once each, with the log's time, host, source, sourcetype
    and the input's index; then every shard's checkpoint is its end.
    """
    for maker in SOURCETYPES:
        stage.put(10, maker=maker, t=MOMENT)
    stage.create_input()
    stage.arrived()
    stage.put(60, t=MOMENT)
    result = stage.arrived()
    assert (result.total.indexed, result.total.duplicate, result.unknown_numbers) == (120, 0, [])
    assert {row.topic: row.sourcetypes for row in result.rows} == {
        topic: {sourcetype} for topic, sourcetype in SOURCETYPES.values()
    }
    for event in stage.events():
        fields = json.loads(event.raw)
        assert "\n" not in event.raw
        assert (event.index, event.source) == (stage.name, f"sls://{PROJECT}/{stage.name}")
        if event.sourcetype == "alibaba:rds:audit":  # the statement's own time, to the millisecond
            assert event.time == int(fields["origin_time"]) // 1000 / 1000
            assert (fields["__topic__"], event.host) == ("rds_audit_log", "log_service")
        if event.sourcetype == "alibaba:waf":
            assert event.time == MOMENT
    stage.until(stage.all_saved, 10, "the checkpoints at the end of each shard")


@scenario()
def hostile_and_long_values_stay_one_event(stage: Stage) -> None:
    """A log with control characters, what looks like the end of the stream, and more than 1 MB in one field
    arrives as one event with every value unchanged; a raw event of several lines stays one, its line breaks
    spelled out.
    """
    put(stage, stage.name, [("odd", HOSTILE), (HOSTILE, "name"), ("long", LONG), ("last", "end")])
    lines = stage.add_logstore(f"{stage.name}-raw")
    put(stage, lines, [("message", LINES)])
    put(stage, lines, [("message", "the next one")])
    stage.create_input()
    stage.create_input(
        f"{stage.name}_raw", logstore=lines, event_format="raw:message", sourcetype="our:lines"
    )
    stage.until(lambda: len(stage.events()) >= 3, 30, "three events")
    (event,) = stage.events(logstore=stage.name)
    fields = json.loads(event.raw)
    assert (fields["odd"], fields[HOSTILE], fields["last"]) == (HOSTILE, "name", "end")
    assert fields["long"] == LONG
    assert event.time == MOMENT
    spelled = LINES.replace("\r", "\\r").replace("\n", "\\n")
    assert sorted(one.raw for one in stage.events("our:lines")) == sorted([spelled, "the next one"])


def put(stage: Stage, logstore: str, pairs: list[tuple[str, Any]]) -> None:
    stage.site.sls.put_logs(PROJECT, logstore, [(MOMENT, pairs)], topic="t", source="s", shard=0)
