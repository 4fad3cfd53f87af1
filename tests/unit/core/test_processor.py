from __future__ import annotations

import dataclasses
import json
import logging
import threading
from typing import Any

import pytest
from aliyun.log import LogException

from sls_ingest.checkpoints import Checkpoints
from sls_ingest.control import RunControl
from sls_ingest.errors import PipeClosedError
from sls_ingest.lease import Lease
from sls_ingest.metrics import InputMetrics
from sls_ingest.notices import Gap
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
        self.written_batches: list[bytes] = []
        self.error: Exception | None = None
        self.unread = 0

    @property
    def written(self) -> int:
        return sum(map(len, self.written_batches))

    def read_by_splunkd(self) -> int:
        return self.written - self.unread

    def write_batch(self, payload: bytes, blocked: Any) -> None:
        if self.error:
            raise self.error
        self.written_batches.append(payload)


class Shard:
    """One shard's processor with everything around it that is not under test."""

    def __init__(self, **over: str) -> None:
        self.sls, self.writer, self.now = Sls(), Writer(), 0.0
        self.control = RunControl(logging.getLogger("unit"))
        self.lease = Lease(40, lambda: self.now)
        self.tracker = Checkpoints(self.sls, "consumer", 3)
        self.tracker.set_memory_check_point(START)
        writer: Any = self.writer
        logger = logging.getLogger("unit")
        self.processor = ShardProcessor(
            parsed(**over),
            writer,
            self.control,
            self.lease,
            logger,
            threading.Lock(),
            InputMetrics(0.2, lambda: self.now),
            lambda: self.now,
        )
        self.processor.initialize(3)
        self.processor.checkpoints = self.tracker

    def deliver(self, cursor: str, raw: bytes | None = None, **over: Any) -> str | None:
        raw = one_log(("n", cursor)) if raw is None else raw
        batch = PulledBatch(self.tracker.get_check_point(), cursor, 1, raw, "", len(raw))
        return self.processor.process(dataclasses.replace(batch, **over), self.tracker)

    def deliver_until_passed(self, cursor: str, **over: Any) -> int:
        """Fetch one log group again and again, a second apart; how often it took."""
        for count in range(1, 100):
            self.now += 1
            self.lease.renewed(self.now)
            if self.deliver(cursor, **over) is None:
                return count
        raise AssertionError("it is fetched for ever")

    def later(self) -> None:
        self.now += CHECKPOINT_INTERVAL

    def take_over(self) -> None:
        """Save what is saved already, which is done but once, and forget that it was."""
        self.processor.pulled_nothing(START, START)
        assert self.sls.saved == [START]
        self.sls.saved.clear()


@pytest.fixture
def shard() -> Shard:
    return Shard()


def test_a_batch_is_written_before_its_cursor_is_saved(shard: Shard) -> None:
    shard.later()
    assert shard.deliver("c1") is None
    assert (len(shard.writer.written_batches), shard.sls.saved) == (1, ["c1"])


def test_checkpoints_are_saved_every_few_seconds_and_at_the_end(shard: Shard) -> None:
    shard.take_over()
    for number in range(1, 5):
        shard.deliver(f"c{number}")
    assert shard.sls.saved == []
    shard.processor.shutdown(shard.tracker)
    assert shard.sls.saved == ["c4"]


def test_the_lag_counts_from_the_first_try_to_start_and_ends_where_the_shard_is_given_up(
    shard: Shard,
) -> None:
    metrics = shard.processor.metrics
    shard.now = 20
    shard.processor.initialize(3)  # the library does so at each try
    assert metrics.lag("") == 20
    metrics.fetched(0.1, 20, "c1")
    assert shard.deliver("c1") is None
    shard.processor.shutdown(shard.tracker)
    shard.now = 100
    assert metrics.last_lag == 0


def test_a_stopping_input_writes_nothing_more_and_rolls_back(shard: Shard) -> None:
    shard.deliver("c1")
    shard.control.ask_to_stop()
    assert shard.deliver("c2") == "c1"
    shard.processor.shutdown(shard.tracker)
    assert (len(shard.writer.written_batches), shard.sls.saved) == (1, ["c1"])


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
    assert (shard.writer.written_batches, shard.sls.saved) == ([], ["c1"])
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
    assert len(shard.writer.written_batches) == 1
    shard.sls.refusal = ""
    assert shard.deliver("c2") is None
    assert shard.sls.saved == ["c1"]


def test_an_empty_shard_saves_where_it_stands(shard: Shard) -> None:
    shard.later()
    shard.processor.pulled_nothing(START, START)
    assert shard.sls.saved == [START]


def test_the_checkpoint_follows_a_query_that_filters_all(shard: Shard) -> None:
    shard.take_over()
    shard.deliver("c1")
    shard.later()
    shard.processor.pulled_nothing("c1", "c9")
    assert shard.sls.saved == ["c9"]


def test_the_checkpoint_does_not_follow_while_an_earlier_batch_is_unwritten(shard: Shard) -> None:
    shard.later()
    shard.processor.pulled_nothing("c1", "c9")  # the batch that ends at c1 is still being delivered
    assert shard.sls.saved == [START]


def test_the_checkpoint_follows_a_stretch_without_logs_behind_a_batch_that_is_still_written(
    shard: Shard,
) -> None:
    shard.take_over()
    shard.processor.pulled_nothing("c1", "c5")  # fetched ahead, while the batch up to c1 is on its way
    shard.processor.pulled_nothing("c5", "c8")
    shard.deliver("c1")
    shard.processor.shutdown(shard.tracker)
    assert shard.sls.saved == ["c8"]


def test_nothing_is_written_once_the_lease_has_lapsed(shard: Shard, monkeypatch: pytest.MonkeyPatch) -> None:
    def pass_time(seconds: float) -> bool:
        shard.now += seconds
        return False

    monkeypatch.setattr(shard.control.stop, "wait", pass_time)
    shard.now += 40
    assert shard.deliver("c1") == START
    assert shard.writer.written_batches == []
    shard.lease.renewed(shard.now)
    assert shard.deliver("c1") is None


def test_a_shard_that_sls_has_taken_is_not_waited_for(shard: Shard, monkeypatch: pytest.MonkeyPatch) -> None:
    """Five seconds of waiting would be five more without this consumer, as heartbeats name the shard."""

    def pass_time(seconds: float) -> bool:
        shard.now += seconds
        return False

    monkeypatch.setattr(shard.control.stop, "wait", pass_time)
    shard.now = 10.0
    shard.lease.lost()
    assert shard.deliver("c1") == START
    assert (shard.writer.written_batches, shard.now) == ([], pytest.approx(10.2))


def test_the_librarys_own_saves_do_nothing(shard: Shard) -> None:
    shard.sls.refusal = "InternalServerError"
    shard.deliver("c1")
    shard.tracker.flush_check_point()
    shard.tracker.flush_check()
    shard.sls.refusal = ""
    shard.tracker.flush_check_point()
    assert shard.sls.saved == []


@pytest.mark.parametrize("is_busy", [False, True])
def test_whoever_takes_a_shard_over_saves_its_checkpoint_at_once_so_that_sls_names_them(
    shard: Shard, is_busy: bool
) -> None:
    shard.tracker.set_persistent_check_point(START)  # as the library does when it has read it
    if is_busy:
        shard.writer.unread = 1_000_000  # splunkd is slow
        shard.deliver("c1")
    for _ in range(2):
        shard.processor.pulled_nothing(START, START)
        assert shard.sls.saved == [START]
        shard.later()


def test_a_checkpoint_is_saved_again_when_sls_has_another(shard: Shard) -> None:
    shard.take_over()
    for _ in range(2):
        shard.tracker.save_again()
        shard.later()
        shard.processor.pulled_nothing(START, START)
    assert shard.sls.saved == [START, START]


def test_a_shard_that_is_given_up_has_its_checkpoint_saved_when_sls_takes_it_again(
    shard: Shard, monkeypatch: pytest.MonkeyPatch
) -> None:
    def heal(seconds: float) -> None:
        shard.sls.refusal = ""

    monkeypatch.setattr("sls_ingest.processor.time.sleep", heal)
    shard.deliver("c1")
    shard.sls.refusal = "InternalServerError"
    shard.processor.shutdown(shard.tracker)
    assert shard.sls.saved == ["c1"]


@pytest.mark.parametrize(("refusal", "most"), [("ConsumerNotMatch", 0), ("Unauthorized", 500)])
def test_giving_up_a_shard_ends_even_where_sls_never_takes_the_checkpoint(
    shard: Shard, monkeypatch: pytest.MonkeyPatch, refusal: str, most: int
) -> None:
    pauses: list[float] = []

    def pass_time(seconds: float) -> None:
        pauses.append(seconds)
        shard.now += seconds
        shard.lease.renewed(shard.now)

    monkeypatch.setattr("sls_ingest.processor.time.sleep", pass_time)
    shard.take_over()
    shard.deliver("c1")
    shard.sls.refusal = refusal
    shard.processor.shutdown(shard.tracker)
    assert len(pauses) <= most
    assert shard.sls.saved == []


def test_a_gap_is_announced_before_the_checkpoint_passes_it(shard: Shard) -> None:
    gap = Gap(3, "why", START, 1_700_000_000.5, "c7", 1_700_000_100)
    shard.later()
    assert shard.deliver("c7", b"", groups=0, gap=gap) is None
    (event,) = shard.writer.written_batches
    assert b"<sourcetype>alibaba:sls:gap</sourcetype>" in event
    fields = json.loads(event.split(b"<data>")[1].split(b"</data>")[0])
    assert (fields["shard"], fields["lost_checkpoint"], fields["first_available_cursor"]) == (3, START, "c7")
    assert (fields["lost_checkpoint_saved_time"], fields["first_available_time"]) == (
        1700000000.5,
        1700000100,
    )
    assert shard.sls.saved == ["c7"]


def test_a_gap_that_cannot_be_announced_is_not_passed(shard: Shard) -> None:
    shard.writer.error = PipeClosedError("closed")
    assert shard.deliver("c7", b"", groups=0, gap=Gap(3, "why", START)) == START


@pytest.mark.parametrize(
    "damaged",
    [
        {"body": b"\xff\xff", "size": 2},
        {"body": b"\x00\x01", "size": 900, "encoding": "lz4"},
    ],
)
def test_a_log_group_that_stays_damaged_goes_out_as_it_is_and_the_shard_flows_on(
    shard: Shard, monkeypatch: pytest.MonkeyPatch, damaged: dict[str, Any]
) -> None:
    monkeypatch.setattr(shard.control.stop, "wait", lambda timeout: False)
    assert 6 <= shard.deliver_until_passed("c1", **damaged) < 30
    (event,) = shard.writer.written_batches
    assert b"<sourcetype>alibaba:sls:quarantine</sourcetype>" in event
    assert (
        shard.sls.saved[-1] == shard.tracker.get_check_point() == "c1"
    )  # at once: it took long to get there
    assert shard.processor.narrowing.limit is None
    assert shard.deliver("c2") is None


def test_what_splunkd_has_not_read_yet_is_not_saved(shard: Shard) -> None:
    shard.take_over()
    shard.deliver("c1")
    first = shard.writer.written
    shard.deliver("c2")
    shard.writer.unread = shard.writer.written - first + 1
    shard.processor.save()
    shard.processor.pulled_nothing("c2", "c5")
    assert shard.sls.saved == []
    shard.writer.unread -= 1
    shard.processor.save()
    assert shard.sls.saved == ["c1"]
    shard.writer.unread = 0
    shard.processor.save()
    assert shard.sls.saved == ["c1", "c5"]


def test_a_shard_is_given_up_when_splunkd_has_read_the_rest(
    shard: Shard, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(seconds: float) -> None:
        shard.writer.unread //= 2

    monkeypatch.setattr("sls_ingest.processor.time.sleep", read)
    shard.deliver("c1")
    shard.writer.unread = shard.writer.written
    shard.processor.shutdown(shard.tracker)
    assert shard.sls.saved[-1] == "c1"
