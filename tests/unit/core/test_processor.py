from __future__ import annotations

import logging
from typing import Any

import pytest
from aliyun.log import LogException
from aliyun.log.consumer.checkpoint_tracker import ConsumerCheckpointTracker

from sls_ingest.control import RunControl
from sls_ingest.errors import PipeClosedError
from sls_ingest.pipeline import Pipeline
from sls_ingest.processor import CHECKPOINT_INTERVAL, ShardProcessor
from sls_ingest.pulled import PulledBatch
from tests.unit.core.inputs import parsed
from tests.unit.core.log_groups import one_log

START = "c0"


class Sls:
    """Takes checkpoints, or answers with an error code."""

    def __init__(self) -> None:
        self.saved: list[str] = []
        self.refusal = ""

    def update_check_point(self, shard: int, consumer: str, check_point: str) -> None:
        if self.refusal:
            raise LogException(self.refusal, "refused")
        self.saved.append(check_point)


class Writer:
    """Records what reached the pipe, or is a closed pipe."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.error: Exception | None = None

    def write_batch(self, payload: bytes) -> None:
        if self.error:
            raise self.error
        self.written.append(payload)


class Shard:
    """One shard's processor with everything around it that is not under test."""

    def __init__(self, **over: str) -> None:
        self.sls, self.writer, self.now = Sls(), Writer(), 0.0
        self.control = RunControl(logging.getLogger("unit"))
        self.tracker = ConsumerCheckpointTracker(self.sls, "consumer", 3)
        self.tracker.set_memory_check_point(START)
        writer: Any = self.writer
        self.processor = ShardProcessor(
            Pipeline(parsed(**over)), writer, self.control, logging.getLogger("unit"), lambda: self.now
        )
        self.processor.initialize(3)
        self.processor.tracker = self.tracker

    def deliver(self, cursor: str, raw: bytes | None = None) -> str | None:
        raw = one_log(("n", cursor)) if raw is None else raw
        headers = {"x-log-cursor": cursor, "x-log-count": "1", "x-log-bodyrawsize": str(len(raw))}
        return self.processor.process(PulledBatch(headers, raw), self.tracker)

    def later(self) -> None:
        self.now += CHECKPOINT_INTERVAL


@pytest.fixture
def shard() -> Shard:
    return Shard()


def test_a_batch_is_written_before_its_cursor_is_saved(shard: Shard) -> None:
    shard.later()
    assert shard.deliver("c1") is None
    assert (len(shard.writer.written), shard.sls.saved) == (1, ["c1"])


def test_checkpoints_are_saved_every_few_seconds_and_at_the_end(shard: Shard) -> None:
    for number in range(1, 5):
        shard.deliver(f"c{number}")
    assert shard.sls.saved == []
    shard.processor.shutdown(shard.tracker)
    assert shard.sls.saved == ["c4"]


def test_a_stopping_input_writes_nothing_more_and_rolls_back(shard: Shard) -> None:
    shard.deliver("c1")
    shard.control.ask_to_stop()
    assert shard.deliver("c2") == "c1"
    shard.processor.shutdown(shard.tracker)
    assert (len(shard.writer.written), shard.sls.saved) == (1, ["c1"])


def test_a_closed_pipe_ends_the_run_and_moves_no_checkpoint(shard: Shard) -> None:
    shard.writer.error = PipeClosedError("closed")
    shard.later()
    assert shard.deliver("c1") == START
    assert shard.control.stop.is_set()
    assert shard.control.exit_code == 1
    assert shard.sls.saved == []


def test_a_bug_never_reaches_the_library_which_would_drop_the_batch(
    shard: Shard, caplog: pytest.LogCaptureFixture
) -> None:
    shard.writer.error = KeyError("body of an event")
    assert shard.deliver("c1") == START
    assert shard.control.exit_code == 1
    assert "KeyError" in caplog.text
    assert "body of an event" not in caplog.text


def test_a_damaged_batch_is_fetched_again(shard: Shard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shard.control.stop, "wait", lambda timeout: False)
    assert shard.deliver("c1", b"\xff\xff") == START
    assert not shard.control.stop.is_set()
    assert shard.deliver("c1") is None


def test_a_filtered_batch_is_checkpointed_without_a_write() -> None:
    shard = Shard(topics_exclude="t")
    shard.later()
    assert shard.deliver("c1") is None
    assert (shard.writer.written, shard.sls.saved) == ([], ["c1"])
    assert shard.processor.metrics.take().filtered == 1


def test_a_refused_checkpoint_is_saved_later(shard: Shard) -> None:
    shard.sls.refusal = "InternalServerError"
    shard.later()
    assert shard.deliver("c1") is None
    shard.sls.refusal = ""
    shard.later()
    shard.deliver("c2")
    assert shard.sls.saved == ["c2"]


def test_a_shard_of_another_owner_is_not_written_until_sls_takes_its_checkpoint(
    shard: Shard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shard.control.stop, "wait", lambda timeout: False)
    shard.sls.refusal = "ConsumerNotMatch"
    shard.later()
    assert shard.deliver("c1") is None  # written before the refusal could be known
    assert shard.deliver("c2") == "c1"
    assert len(shard.writer.written) == 1
    shard.sls.refusal = ""
    assert shard.deliver("c2") is None
    assert shard.sls.saved == ["c1"]


def test_an_empty_shard_saves_where_it_stands(shard: Shard) -> None:
    shard.later()
    shard.processor.pulled_nothing(START, START)
    assert shard.sls.saved == [START]


def test_the_checkpoint_follows_a_query_that_filters_all(shard: Shard) -> None:
    shard.deliver("c1")
    shard.later()
    shard.processor.pulled_nothing("c1", "c9")
    assert shard.sls.saved == ["c9"]


def test_the_checkpoint_does_not_follow_while_an_earlier_batch_is_unwritten(shard: Shard) -> None:
    shard.later()
    shard.processor.pulled_nothing("c1", "c9")  # the batch that ends at c1 is still being delivered
    assert shard.sls.saved == [START]
