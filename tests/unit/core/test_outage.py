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


def test_another_kind_of_trouble_is_news(log: Log) -> None:
    outages, _, caplog = log
    outages.failed("fetch", "DNS", "no name")
    outages.failed("fetch", "TLS", "no trust")
    assert caplog.messages == ["no name", "no trust"]


def test_backoff_grows_to_its_bound_and_starts_over() -> None:
    backoff = Backoff(first=1, most=8)
    delays = [backoff.delay() for _ in range(6)]
    for delay, step in zip(delays, [1, 2, 4, 8, 8, 8]):
        assert step / 2 <= delay <= step
    backoff.reset()
    assert backoff.delay() <= 1
