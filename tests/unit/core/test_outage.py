from __future__ import annotations

import logging

import pytest

from sls_ingest.outage import Backoff, OutageLog


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> tuple[OutageLog, Clock, pytest.LogCaptureFixture]:
    caplog.set_level(logging.INFO)
    clock = Clock()
    return OutageLog(logging.getLogger("outage"), clock), clock, caplog


Log = tuple[OutageLog, Clock, pytest.LogCaptureFixture]


def test_one_trouble_of_many_shards_is_said_once(log: Log) -> None:
    outages, _, caplog = log
    for _ in range(100):
        for shard in range(8):
            outages.failed(f"shard {shard}", "ServerBusy", "SLS is busy")
    assert caplog.messages == ["SLS is busy"]


def test_it_is_said_again_after_five_minutes(log: Log) -> None:
    outages, clock, caplog = log
    for _ in range(601):
        outages.failed("fetch", "ServerBusy", "SLS is busy")
        clock.now += 1
    assert len(caplog.messages) == 3


def test_the_end_is_said_when_the_last_one_works(log: Log) -> None:
    outages, _, caplog = log
    outages.failed("a", "k", "down")
    outages.failed("b", "k", "down")
    outages.recovered("a")
    assert caplog.messages == ["down"]
    outages.recovered("b")
    assert caplog.messages == ["down", "b works again"]
    outages.recovered("b")
    outages.failed("a", "k", "down")
    assert caplog.messages == ["down", "b works again", "down"]


def test_a_shard_that_stays_away_hides_neither_the_end_nor_the_next_begin(log: Log) -> None:
    outages, clock, caplog = log
    for what in ("shard 1: fetch", "shard 1: checkpoint", "shard 10: fetch"):
        outages.failed(what, "k", "down")
    outages.leave("shard 1:")
    clock.now += 10
    outages.recovered("shard 10: fetch")
    assert caplog.messages == ["down"]  # shard 1 may come back, and the trouble with it
    clock.now += 50
    outages.recovered("heartbeat")
    assert caplog.messages == ["down", "shard 10: fetch works again"]
    outages.failed("shard 10: fetch", "k", "down")
    assert caplog.messages[2:] == ["down"]


def test_the_next_begin_is_said_though_nothing_was_tried_since_the_shard_went(log: Log) -> None:
    outages, clock, caplog = log
    outages.failed("shard 1: fetch", "k", "down")
    outages.leave("shard 1:")
    clock.now += 60
    outages.failed("shard 2: fetch", "k", "down")
    assert caplog.messages == ["down", "down"]


def test_a_shard_that_an_outage_costs_for_a_moment_does_not_end_the_outage(log: Log) -> None:
    outages, clock, caplog = log
    outages.failed("heartbeat", "k", "down")
    outages.failed("shard 1: fetch", "k", "down")
    outages.leave("shard 1:")
    outages.recovered("heartbeat")
    clock.now += 30
    outages.failed("shard 1: fetch", "k", "down")  # it is back, and still fails
    clock.now += 200
    outages.recovered("heartbeat")
    assert caplog.messages == ["down"]
    outages.recovered("shard 1: fetch")
    assert caplog.messages == ["down", "shard 1: fetch works again"]


def test_another_kind_of_trouble_is_news(log: Log) -> None:
    outages, _, caplog = log
    outages.failed("fetch", "DNS", "no name")
    outages.failed("fetch", "TLS", "no trust")
    assert caplog.messages == ["no name", "no trust"]
    assert [vars(record)["exc_l"] for record in caplog.records] == ["DNS", "TLS"]


def test_backoff_grows_to_its_bound_and_starts_over() -> None:
    backoff = Backoff(first=1, most=8)
    delays = [backoff.delay() for _ in range(6)]
    for delay, step in zip(delays, [1, 2, 4, 8, 8, 8]):
        assert step / 2 <= delay <= step
    backoff.reset()
    assert backoff.delay() <= 1
