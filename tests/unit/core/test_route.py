from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sls_ingest.log_types import LOG_TYPES
from sls_ingest.pipeline import Pipeline
from sls_ingest.route import Route, Router, glob_matcher
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
        ("sas-vul-log", "alibaba:sas:vulnerability"),
        ("sas-something-new", "alibaba:sas"),
        ("Actiontrail_event", "alibaba:sls"),
        ("", "alibaba:sls"),
        ("my\nactiontrail_event", "alibaba:sls"),
    ],
)
def test_auto_sourcetype_follows_the_topic(topic: str, sourcetype: str) -> None:
    assert route(topic).sourcetype == sourcetype


def test_a_fixed_sourcetype_wins() -> None:
    assert route("actiontrail_event", sourcetype="my:type").sourcetype == "my:type"


def test_a_log_type_without_a_topic_is_known_by_its_logstore_or_the_inputs_sourcetype() -> None:
    assert route("whatever").sourcetype == "alibaba:sls"
    assert route("whatever", logstore="k8s_log").sourcetype == "alibaba:k8s:audit"
    assert route("flow_log", logstore="k8s_log").sourcetype == "alibaba:vpc:flow", "a known topic says more"
    assert route("whatever", sourcetype="alibaba:actiontrail").unfold[0] == "event"
    assert route("actiontrail_event", sourcetype="my:type").unfold[0] == "event", "known by its topic"
    assert route("actiontrail_event", sourcetype="alibaba:vpc:flow").unfold == ()
    assert route("whatever", sourcetype="my:type").unfold == ()


def test_every_topic_of_the_table_is_reached_and_means_one_thing() -> None:
    topics = [row.topic for row in LOG_TYPES if row.topic]
    assert len(topics) == len(set(topics))
    for row in LOG_TYPES:
        if row.topic:
            assert route(row.topic.replace("*", "_x")).sourcetype == row.sourcetype
    products = {row.sourcetype: row.vendor_product for row in LOG_TYPES}
    assert all(products[row.sourcetype] == row.vendor_product for row in LOG_TYPES)


def test_the_time_is_the_log_types_or_the_inputs() -> None:
    assert route("actiontrail_event").time == "event.eventTime"
    assert route("actiontrail_event", time_field="none").time == route("x").time == ""
    assert route("x", time_field="ts").time == "ts"


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


@pytest.mark.parametrize(
    ("glob", "topic", "fits"),
    [
        ("a*b", "ab", True),
        ("a*b", "aXb", True),
        ("ab*b", "ab", False),
        ("a*a", "a", False),
        ("*", "", True),
        ("**", "x\ny", True),
        ("*mid*", "amidst", True),
        ("a*b*c", "abbc", True),
        ("a*bc*bc", "abc", False),
        ("a*bc*bc", "abcbc", True),
        ("", "", True),
        ("", "x", False),
        ("*x", "ax\n", False),
    ],
)
def test_globs(glob: str, topic: str, fits: bool) -> None:
    assert bool(glob_matcher((glob,))(topic)) is fits


@given(st.text("ab*", max_size=8), st.text("ab", max_size=12))
def test_a_glob_means_what_a_regex_of_it_does(glob: str, topic: str) -> None:
    regex = ".*".join(map(re.escape, glob.split("*")))
    assert bool(glob_matcher((glob,))(topic)) is bool(re.fullmatch(regex, topic, re.DOTALL))
