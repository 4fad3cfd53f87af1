"""What the reporter writes, on a clock of the test's and with an SLS that answers as told."""

from __future__ import annotations

import dataclasses
import logging
import re
import threading
import time
from typing import Any

import pytest

from sls_ingest.metrics import Counts, InputMetrics
from sls_ingest.reporter import Arrival, Reporter
from tests.unit.core.inputs import parsed


class Scene:
    """One input between its metrics and its log."""

    def __init__(self, caplog: pytest.LogCaptureFixture, interval: Any = 60, **over: str) -> None:
        caplog.set_level(logging.INFO)
        self.now, self.positions, self.asked = 1000.0, {0: "c0", 1: "c1"}, list[tuple[int, str]]()
        self.answers: dict[int, Arrival] = {}
        self.slow = 0.0
        self.metrics = InputMetrics(0.2, lambda: self.now)
        self._caplog, self._read = caplog, 0
        settings = dataclasses.replace(parsed(**over), metrics_interval=interval)
        logger = logging.getLogger("unit")
        self.reporter = Reporter(settings, "guid-unit", self.metrics, self, lambda: self.positions, logger)

    def at(self, shard_id: int, cursor: str) -> Arrival | None:
        self.asked.append((shard_id, cursor))
        self.now += self.slow
        return self.answers.get(shard_id)

    def report(self) -> list[dict[str, str]]:
        self.now += 60
        self.reporter._report()
        return self.lines()

    def finish(self) -> list[dict[str, str]]:
        self.reporter.finish()
        return self.lines()

    def lines(self) -> list[dict[str, str]]:
        messages, self._read = self._caplog.messages[self._read :], len(self._caplog.messages)
        return [{k: v.strip('"') for k, v in re.findall(r'(\w+)=("[^"]*"|\S+)', text)} for text in messages]


def of(lines: list[dict[str, str]], action: str) -> list[dict[str, str]]:
    return [line for line in lines if line["action"] == action]


@pytest.fixture
def scene(caplog: pytest.LogCaptureFixture) -> Scene:
    return Scene(caplog)


def test_a_shard_at_its_end_costs_no_call(scene: Scene) -> None:
    scene.metrics.shard(0).fetched(0.1, 1059, "c0")
    scene.answers[1] = Arrival(1_764_036_000, 1200.0)
    first, second = of(scene.report(), "shard_metrics")
    assert scene.asked == [(1, "c1")]
    assert (first["shard"], first["lag_s"]) == ("0", "0.000")
    assert "cursor_time" not in first
    assert (second["lag_s"], second["cursor_time"]) == ("1200.000", "1764036000")
    assert first["seconds"] == "60.000"


def test_a_lag_goes_on_growing_when_sls_does_not_answer(scene: Scene) -> None:
    scene.answers[1] = Arrival(1_764_036_000, 1200.0)
    scene.report()
    del scene.answers[1]
    (line,) = [line for line in of(scene.report(), "shard_metrics") if line["shard"] == "1"]
    assert line["lag_s"] == "1260.000"
    assert "cursor_time" not in line


def test_an_unknown_lag_is_left_out(scene: Scene) -> None:
    lines = scene.report()
    assert all("lag_s" not in line for line in lines)


def test_the_input_has_the_sums_and_the_largest_lag(scene: Scene) -> None:
    scene.metrics.shard(0).fetched(0.5, 1059, "c0")
    scene.metrics.shard(0).add(Counts(events=2, gaps=1, retries=1))
    scene.metrics.shard(1).add(Counts(events=3, quarantined=1))
    scene.metrics.retried()
    scene.answers[1] = Arrival(1, 7.0)
    (line,) = of(scene.report(), "input_metrics")
    assert (line["project"], line["logstore"]) == ("audit-project", "actiontrail_log")
    assert (line["consumer"], line["account"], line["consumer_group"]) == ("guid-unit", "prod", "splunk-unit")
    assert (line["shards_held"], line["shards"]) == ("2", "0,1")
    assert (line["events"], line["gaps"], line["quarantined"], line["retries"]) == ("5", "1", "1", "2")
    assert line["lag_s"] == "7.000"


def test_an_input_without_shards_is_told_of_too(scene: Scene) -> None:
    scene.positions = {}
    (line,) = scene.report()
    assert (line["action"], line["shards_held"], line["shards"]) == ("input_metrics", "0", "")


def test_a_shard_that_went_away_is_told_of_once_more(scene: Scene) -> None:
    scene.metrics.shard(1).add(Counts(events=7))
    del scene.positions[1]
    lines = scene.report()
    told = {line["shard"]: line for line in of(lines, "shard_metrics")}
    assert told["1"]["events"] == "7"
    assert "lag_s" not in told["1"]
    assert of(lines, "input_metrics")[0]["events"] == "7"
    assert [line["shard"] for line in of(scene.report(), "shard_metrics")] == ["0"]
    scene.metrics.shard(1).add(Counts(events=1))
    scene.positions[1] = "c2"
    assert [line["events"] for line in of(scene.report(), "shard_metrics")] == ["0", "1"]


def test_a_shard_that_was_read_to_its_end_in_its_last_interval_says_so(scene: Scene) -> None:
    """Such as the parent of a split; or what was said of it last, 600 s, would stand for ever."""
    scene.metrics.begun(1)
    scene.answers[1] = Arrival(1, 600.0)
    assert of(scene.report(), "shard_metrics")[1]["lag_s"] == "600.000"
    scene.metrics.shard(1).fetched(0.1, scene.now, "c2")
    scene.now += 2
    scene.metrics.shard(1).given_up("c2")
    del scene.positions[1]
    lines = scene.report()
    assert of(lines, "shard_metrics")[1]["lag_s"] == "0.000"
    assert [line["shard"] for line in of(scene.report(), "shard_metrics")] == ["0"]
    assert list(scene.metrics.take()[0]) == [0]


def test_the_lag_of_a_shard_that_sls_has_not_told_of_grows_from_its_take_over(scene: Scene) -> None:
    scene.positions = {0: ""}
    scene.metrics.begun(0)
    assert of(scene.report(), "shard_metrics")[0]["lag_s"] == "60.000"
    shard, total = scene.report()
    assert (shard["lag_s"], total["lag_s"]) == ("120.000", "120.000")


def test_events_are_told_by_sourcetype_and_index_as_solnlib_does(scene: Scene) -> None:
    for shard in (0, 1):
        counts = Counts(events=3)
        counts.destinations.update({("alibaba:waf", "waf"): 2, ("alibaba:sls", ""): 1})
        scene.metrics.shard(shard).add(counts)
    other, waf = of(scene.report(), "events_ingested")
    assert waf["modular_input_name"] == "alibaba_sls://unit"
    assert (waf["sourcetype_ingested"], waf["n_events"], waf["event_index"]) == ("alibaba:waf", "4", "waf")
    assert (other["sourcetype_ingested"], other["event_index"]) == ("alibaba:sls", "default")
    assert (waf["event_input"], waf["event_account"]) == ("unit", "prod")


def test_a_backfill_reads_old_logs_by_intent(caplog: pytest.LogCaptureFixture) -> None:
    scene = Scene(caplog, cursor_start_time="begin", cursor_end_time="1735689600")
    scene.answers[1] = Arrival(1_735_000_000, 9e6)
    lines = scene.report()
    assert all("lag_s" not in line for line in lines)
    assert scene.asked == []


def test_a_backfill_says_where_a_shard_is_read_to_the_end_of_its_window(
    caplog: pytest.LogCaptureFixture,
) -> None:
    scene = Scene(caplog, cursor_start_time="begin", cursor_end_time="1735689600")
    scene.now += 58
    scene.metrics.begun(1)
    scene.metrics.shard(1).ended("c1")
    scene.now -= 58
    shards = of(lines := scene.report(), "shard_metrics")
    assert [(line["shard"], line["lag_s"]) for line in shards] == [("1", "0.000")]
    assert "lag_s" not in of(lines, "input_metrics")[0]


def test_the_last_lines_ask_nothing_and_hold_nothing(scene: Scene) -> None:
    scene.metrics.shard(0).add(Counts(events=4))
    scene.metrics.shard(0).received(900.0)
    lines = scene.finish()
    assert scene.asked == []
    assert of(lines, "shard_metrics")[0]["lag_s"] == "100.000"
    (line,) = of(lines, "input_metrics")
    assert (line["events"], line["shards_held"], line["shards"]) == ("4", "0", "")


def test_after_the_last_lines_there_are_none(scene: Scene) -> None:
    scene.finish()
    assert scene.report() == []


def test_where_time_does_not_do_for_all_shards_they_take_turns(scene: Scene) -> None:
    scene.positions = {number: f"c{number}" for number in range(6)}
    scene.slow = 20.0
    for _ in range(6):
        scene.report()
    assert [shard for shard, _ in scene.asked] == [0, 1, 2, 3, 4, 5] * 2


def test_a_call_that_hangs_delays_neither_the_stop_nor_its_counts(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = Scene(caplog, interval=0.01)
    asked, answer = threading.Event(), threading.Event()

    def hang(shard_id: int, cursor: str) -> Any:
        asked.set()
        answer.wait(10)

    monkeypatch.setattr(scene, "at", hang)
    scene.metrics.shard(0).add(Counts(events=4))
    scene.reporter.start()
    assert asked.wait(5)
    begun = time.monotonic()
    lines = scene.finish()
    assert time.monotonic() - begun < 1
    assert of(lines, "input_metrics")[0]["events"] == "4"
    answer.set()


def test_a_mistake_of_ours_does_not_end_the_reports(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = Scene(caplog, interval=0.01)
    calls: list[int] = []

    def broken(shard_id: int, cursor: str) -> Any:
        calls.append(shard_id)
        raise KeyError("body of an event")

    monkeypatch.setattr(scene, "at", broken)
    scene.reporter.start()
    until = time.monotonic() + 5
    while len(calls) < 2 and time.monotonic() < until:
        time.sleep(0.01)
    scene.reporter.finish()
    assert len(calls) >= 2
    assert "the metrics of this interval are not whole (KeyError)" in caplog.messages
    assert "body of an event" not in caplog.text


def test_a_mistake_of_ours_does_not_keep_the_stop_from_going_on(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> Any:
        raise RuntimeError("body of an event")

    monkeypatch.setattr(scene.reporter, "_positions", broken)
    scene.reporter.finish()
    assert caplog.messages == ["the metrics of this interval are not whole (RuntimeError)"]
    assert "body of an event" not in caplog.text
