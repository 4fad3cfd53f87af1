"""The log makers: documented names, string values, and the same logs for the same seed."""

from __future__ import annotations

import itertools
import json
import random
from pathlib import Path

import pytest

from tests.data_makers import MAKERS, SEQ_FIELD, LogMaker, make_group, make_record, samples

T = 1_700_000_000
EVERY = pytest.mark.parametrize("maker", MAKERS.values(), ids=lambda maker: maker.name)
TOPICS = {
    "actiontrail": "actiontrail_event",
    "oss": "oss_access_log",
    "waf": "waf_access_log",
    "rds": "rds_audit_log",
    "k8s": "",
    "vpc_flow": "flow_log",
}


def test_topics_are_the_documented_ones() -> None:
    assert {name: maker.topic for name, maker in MAKERS.items()} == TOPICS


@EVERY
def test_same_seed_same_records(maker: LogMaker) -> None:
    first, second = ([maker.make(random.Random(7), T + n) for n in range(50)] for _ in range(2))
    assert first == second


@EVERY
def test_another_seed_makes_other_records(maker: LogMaker) -> None:
    one, other = random.Random(1), random.Random(2)
    assert [maker.make(one, T) for _ in range(5)] != [maker.make(other, T) for _ in range(5)]


@EVERY
def test_values_are_text_that_sls_accepts(maker: LogMaker) -> None:
    rng = random.Random(3)
    for number in range(300):
        pairs = make_record(maker, rng, T, number)
        keys = [key for key, _ in pairs]
        assert len(keys) == len(set(keys)), "a duplicate key would hide a value"
        for key, value in pairs:
            assert isinstance(value, str)
            assert 0 < len(key.encode()) <= 128
            assert len(value.encode()) <= 1024 * 1024


@EVERY
def test_groups_have_the_size_the_product_is_used_to(maker: LogMaker) -> None:
    rng, numbers = random.Random(4), itertools.count()
    fewest, most = maker.logs_per_group
    groups = [make_group(maker, rng, T, numbers) for _ in range(20)]
    assert all(fewest <= len(group.logs) <= most for group in groups)
    assert all(group.topic == maker.topic and group.tags == maker.tags for group in groups)


@EVERY
def test_numbers_are_unique_and_in_order(maker: LogMaker) -> None:
    rng, numbers = random.Random(5), itertools.count(10)
    seen = [number for _ in range(5) for number in make_group(maker, rng, T, numbers).numbers()]
    assert seen == [f"{number:08d}" for number in range(10, 10 + len(seen))]


def test_a_size_may_be_asked_for() -> None:
    group = make_group(MAKERS["vpc_flow"], random.Random(1), T, itertools.count(), size=3)
    assert len(group.logs) == 3


@EVERY
def test_no_maker_uses_the_ledger_field(maker: LogMaker) -> None:
    rng = random.Random(6)
    assert all(SEQ_FIELD not in dict(maker.make(rng, T)) for _ in range(50))


def test_actiontrail_event_is_nested_json() -> None:
    rng = random.Random(8)
    events = [json.loads(dict(MAKERS["actiontrail"].make(rng, T))["event"]) for _ in range(200)]
    assert {"ApiCall", "ConsoleSignin"} == {event["eventType"] for event in events}
    assert all(isinstance(event["userIdentity"], dict) and len(event["eventId"]) == 36 for event in events)
    assert any("errorCode" in event for event in events)


def test_k8s_nested_parts_are_json_texts() -> None:
    record = dict(MAKERS["k8s"].make(random.Random(9), T))
    for name in ("user", "objectRef", "responseStatus", "annotations"):
        assert isinstance(json.loads(record[name]), dict)
    assert isinstance(json.loads(record["sourceIPs"]), list)


def test_flow_records_without_flow_carry_dashes() -> None:
    rng = random.Random(10)
    records = [dict(MAKERS["vpc_flow"].make(rng, T)) for _ in range(400)]
    empty = [record for record in records if record["log-status"] == "NODATA"]
    assert empty
    assert all(record["srcaddr"] == "-" for record in empty)
    assert all(int(record["end"]) - int(record["start"]) == 60 for record in records)


def test_waf_logs_carry_what_attackers_send() -> None:
    rng = random.Random(11)
    text = "".join(value for _ in range(400) for _, value in MAKERS["waf"].make(rng, T))
    for piece in ("]]>", "<script>", "\x01", "\r\n", "一句话"):
        assert piece in text


def test_samples_move_to_the_time_of_writing() -> None:
    rng, was = random.Random(1), 1_767_225_600
    record = {
        "a": "2026-01-01T00:00:00Z",
        "b": f"[{was}] {was}123 {was}123456 9{was} {was}1234567890",
        "c": "2026-01-01T08:00:00+08:00 x",
    }
    sample = {"topic": "t", "source": "s", "time": was, "log": record, "tags": {"k": "v"}}
    maker = samples._maker(Path("folder/name.json"), sample)
    assert dict(maker.make(rng, was)) == record
    assert dict(maker.make(rng, was + 86_400)) == {
        "a": "2026-01-02T00:00:00Z",
        "b": f"[{was + 86_400}] {was + 86_400}123 {was + 86_400}123456 9{was} {was}1234567890",
        "c": "2026-01-02T08:00:00+08:00 x",
    }
    assert (maker.name, maker.topic, maker.tags) == ("folder/name", "t", (("k", "v"),))


def test_every_sample_of_a_topic_is_a_maker_that_sls_accepts() -> None:
    makers = samples.sample_makers()
    assert len(makers) > 300
    for maker in makers:
        assert all(value is not None for _, value in make_record(maker, random.Random(1), T, 1))
