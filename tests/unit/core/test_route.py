from __future__ import annotations

import pytest

from sls_ingest.pipeline import Pipeline
from sls_ingest.route import Route, Router
from tests.unit.core.inputs import parsed
from tests.unit.core.log_groups import batch, rendered


def route(topic: str = "t", source: str = "10.1.1.1", **over: str) -> Route:
    chosen = Router(parsed(**over)).route(topic, source)
    assert chosen is not None
    return chosen


@pytest.mark.parametrize(
    ("topic", "sourcetype"),
    [
        ("actiontrail_event", "alibaba:actiontrail"),
        ("drds_audit_log_inst_db", "alibaba:polardbx:audit"),
        ("sas-vul-log", "alibaba:sas"),
        ("Actiontrail_event", "alibaba:sls"),
        ("", "alibaba:sls"),
        ("my\nactiontrail_event", "alibaba:sls"),
    ],
)
def test_auto_sourcetype_follows_the_topic(topic: str, sourcetype: str) -> None:
    assert route(topic).sourcetype == sourcetype


def test_a_fixed_sourcetype_wins() -> None:
    assert route("actiontrail_event", sourcetype="my:type").sourcetype == "my:type"


def test_host_is_the_logs_source_unless_set() -> None:
    assert route().host == "10.1.1.1"
    assert route(host="siem").host == "siem"
    assert route(host="$decideOnStartup").host == "10.1.1.1"


def test_index_routes_win_over_the_index() -> None:
    over = {"index": "main", "index_routes": "waf_*=waf; flow_log=netflow"}
    assert [route(topic, **over).index for topic in ("waf_access_log", "flow_log", "x")] == [
        "waf",
        "netflow",
        "main",
    ]
    assert route(index="default").index == ""


@pytest.mark.parametrize(
    ("include", "exclude", "kept"),
    [
        ("", "", ["a_log", "b_log", ""]),
        ("a_*", "", ["a_log"]),
        ("a_*;b_log", "b*", ["a_log"]),
        ("", "*_log", [""]),
        ("?_log;[a]_log;a.log", "", []),
    ],
)
def test_topic_filter(include: str, exclude: str, kept: list[str]) -> None:
    router = Router(parsed(topics_include=include, topics_exclude=exclude))
    assert [topic for topic in ("a_log", "b_log", "") if router.route(topic, "")] == kept


def test_filtered_logs_are_counted_and_not_rendered() -> None:
    raw = batch({"topic": "a", "logs": [(1, []), (1, [])]}, {"topic": "b", "logs": [(1, [])]})
    done = rendered(raw, topics_exclude="a")
    assert (done.filtered, done.events, done.payload.count(b"<event>")) == (2, 1, 1)


def test_hostile_topics_do_not_fill_the_memory() -> None:
    pipeline = Pipeline(parsed())
    for number in range(10_000):
        pipeline._target(f"topic{number}", "")
    assert len(pipeline._targets) <= 4096
