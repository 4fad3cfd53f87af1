"""One shard: which of its tasks is due, fetch or delivery.

The library looks at each shard at fixed intervals, and takes one step at each look. Here a step follows as
soon as the task before it has ended, and a fetch follows a fetch at once while the shard has more: at a round
trip of 200 ms an interval of 200 ms would halve the rate.
"""

from __future__ import annotations

import time
from concurrent.futures import Executor, Future
from typing import Any, Callable

from aliyun.log.consumer.config import ConsumerStatus
from aliyun.log.consumer.fetched_log_group import FetchedLogGroup
from aliyun.log.consumer.shard_worker import ShardConsumerWorker
from aliyun.log.consumer.tasks import FetchTaskResult, consumer_fetch_task

from .checkpoints import Checkpoints
from .processor import ShardProcessor
from .pulled import PulledBatch

# (raw bytes, log groups, seconds): an answer of less than both is followed after so many seconds, counted
# from the fetch's begin. The steps are the library's, which spare SLS's quota where little is to be had.
_PAUSES = ((1 << 20, 100, 0.5), (2 << 20, 500, 0.2), (4 << 20, 1000, 0.05))


def pause_after(batch: PulledBatch, most: int, interval: float) -> float:
    """Seconds from one fetch's begin to the next one's: 0, or at least `interval` when the shard has no more.

    `most` log groups were asked for.
    """
    size = max(batch.size, batch.size_before_query)
    groups = max(batch.groups, batch.groups_before_query)
    if batch.at_end is False or groups >= most:
        return 0.0
    pause = next((pause for most_bytes, count, pause in _PAUSES if size < most_bytes and groups < count), 0.0)
    return max(pause, interval) if pause or batch.at_end else 0.0


class Announcing:
    """An executor that tells when a task has ended well; one that failed must not be repeated at once."""

    def __init__(self, executor: Executor, tell: Callable[[], None]) -> None:
        self._executor, self._tell = executor, tell

    def submit(self, task: Callable[..., Any], *args: Any, **kwargs: Any) -> Future[Any]:
        """As Executor.submit."""
        future = self._executor.submit(task, *args, **kwargs)
        future.add_done_callback(self._ended)
        return future

    def _ended(self, future: Future[Any]) -> None:
        if not future.cancelled() and not future.exception() and not future.result().get_exception():
            self._tell()


class SlsShard(ShardConsumerWorker):  # type: ignore[misc]  # the SDK has no types
    """The library's shard, driven by events; all methods are called from the worker's thread."""

    processor: ShardProcessor
    fetch_data_future: Future[Any] | None

    def __init__(self, *args: Any, fetches: Announcing, interval: float, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._fetches, self._interval = fetches, interval
        self._fetch_at = self._begun = 0.0
        # The library's own tracker saves at moments of its own.
        self.checkpoint_tracker = Checkpoints(self.log_client, self.consumer_name, self.shard_id)
        self.processor.checkpoints = self.checkpoint_tracker

    def consume(self) -> None:
        """Take every step that is due."""
        self.check_and_generate_next_task()
        if self.consumer_status == ConsumerStatus.PROCESSING and self.last_fetch_log_group is None:
            self.fetch_data()
            if self.last_fetch_log_group is not None:
                self.check_and_generate_next_task()

    def fetch_data(self) -> None:
        """Take the batch that was fetched, and begin the next fetch when it is time."""
        future = self.fetch_data_future
        if future is not None:
            if not future.done():
                return
            self.fetch_data_future = None
            result = self.get_task_result(future)
            if isinstance(result, FetchTaskResult):
                self._take(result)
            else:  # it has waited already
                self._sample_log_error(result)
        if time.monotonic() >= self._fetch_at:
            self._fetch()

    def _take(self, result: Any) -> None:
        batch: PulledBatch = result.get_data()
        self.last_success_fetch_time = time.time()
        self.next_fetch_cursor = result.get_cursor()
        self.last_fetch_count = result.get_log_group_count()
        self.last_fetch_log_group = FetchedLogGroup(
            self.shard_id, batch, self.next_fetch_cursor, self.last_fetch_count
        )
        self._fetch_at = self._begun + pause_after(batch, self.max_fetch_log_group_size, self._interval)

    def _fetch(self) -> None:
        self._begun = time.monotonic()
        self.fetch_data_future = self._fetches.submit(
            consumer_fetch_task,
            self.log_client,
            self.preprocessor,
            self.shard_id,
            self.next_fetch_cursor,
            max_fetch_log_group_size=self.max_fetch_log_group_size,
            end_cursor=self.fetch_end_cursor,
            query=self.query,
            consume_processor=self.consume_processor,
        )
