"""The library's worker with our client, our shards, and a stop that has a deadline."""

from __future__ import annotations

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Callable

from aliyun.log.consumer import ConsumerWorker, LogHubConfig
from aliyun.log.consumer.heart_beat import ConsumerHeatBeat
from aliyun.log.consumer.worker import ConsumerWorkerLoggerAdapter

from .narrowing import Narrowing
from .processor import ShardProcessor
from .shard import Announcing, SlsShard
from .sls_client import SlsConsumerClient

_LOOK = 0.5  # most seconds between two looks at all shards
STOP_DEADLINE = 4.0  # seconds from the signal to the end; users and splunkd are promised 5


class SlsWorker(ConsumerWorker):  # type: ignore[misc]  # the SDK has no types
    """Gives each shard its turn: when one of its tasks has ended, and at fixed intervals.

    Fetches have threads of their own: those that wait for memory must not keep the deliveries, which give it
    back, from being run.
    """

    def __init__(
        self, config: LogHubConfig, client: SlsConsumerClient, make_processor: Callable[[], ShardProcessor]
    ) -> None:
        # The library's own constructor would build its own client and talk to SLS before we can bend it.
        Thread.__init__(self, name="sls-worker", daemon=True)
        self.make_processor = make_processor
        self.option, self.consumer_client = config, client
        self.shut_down_flag = False
        self.logger = ConsumerWorkerLoggerAdapter(
            logging.getLogger("aliyun.log.consumer.worker"), {"consumer_worker": self}
        )
        self.shard_consumers: dict[int, SlsShard] = {}
        timeout = client.ensure_consumer_group_created(config.consumer_group_time_out, config.in_order)
        # An existing group may time out sooner than our setting expects: two beats must fit.
        beat = min(config.heartbeat_interval, max(1, timeout // 2))
        self.heart_beat = ConsumerHeatBeat(client, beat, timeout)
        self.heart_beat.daemon = True
        threads = config.worker_pool_size
        self._fetches = ThreadPoolExecutor(threads, thread_name_prefix="sls-fetch")
        self._tasks = ThreadPoolExecutor(threads, thread_name_prefix="sls-task")
        self._news: SimpleQueue[int | None] = SimpleQueue()
        client.observer = self

    def run(self) -> None:
        """Work until told to stop."""
        self.heart_beat.start()
        look_at = time.monotonic()
        while not self.shut_down_flag:
            wait = look_at - time.monotonic()
            if wait > 0:
                self._await_news(wait)
                continue
            look_at = time.monotonic() + min(self.option.data_fetch_interval, _LOOK)
            self._look_at_all()
        self.shutdown_and_wait()

    def _look_at_all(self) -> None:
        held = self.heart_beat.get_held_shards()
        for shard_id in held:
            self._get_shard_consumer(shard_id).consume()
        self.clean_shard_consumer(held)

    def clean_shard_consumer(self, owned_shards: list[int]) -> None:
        """Shut down the shards that are not ours any more, and let go of those that are done with that."""
        before = set(self.shard_consumers)
        super().clean_shard_consumer(owned_shards)
        for shard_id in before.difference(self.shard_consumers):
            self.consumer_client.given_up(shard_id)

    def _await_news(self, seconds: float) -> None:
        """Give the next shard of which a task ends its turn."""
        try:
            shard_id = self._news.get(timeout=seconds)
        except Empty:
            return
        shard = self.shard_consumers.get(shard_id) if shard_id is not None else None
        if shard is not None and not shard.shutdown:
            shard.consume()

    def _get_shard_consumer(self, shard_id: int) -> SlsShard:
        shard = self.shard_consumers.get(shard_id)
        if shard is None:
            shard = self.shard_consumers[shard_id] = self._new_shard(shard_id)
        return shard

    def _new_shard(self, shard_id: int) -> SlsShard:
        tell, option = partial(self._news.put, shard_id), self.option
        return SlsShard(
            self.consumer_client,
            shard_id,
            option.consumer_name,
            self.make_processor(),
            option.cursor_position,
            option.cursor_start_time,
            executor=Announcing(self._tasks, tell),
            fetches=Announcing(self._fetches, tell),
            interval=option.data_fetch_interval,
            max_fetch_log_group_size=option.max_fetch_log_group_size,
            query=option.query,
            consume_processor=option.processor,
        )

    def saved(self) -> dict[int, str]:
        """The checkpoint of each shard held; "" where this consumer has saved none yet."""
        trackers = {
            shard_id: shard.checkpoint_tracker for shard_id, shard in list(self.shard_consumers.items())
        }
        return {shard_id: tracker.last_persistent_checkpoint for shard_id, tracker in trackers.items()}

    def save_again(self, shard_id: int) -> None:
        """SLS has another checkpoint of that shard than this consumer has saved."""
        shard = self.shard_consumers.get(shard_id)
        if shard is not None:
            shard.checkpoint_tracker.save_again()

    def written(self) -> dict[int, str]:
        """The cursor before which all is written, of each shard held; "" where reading has not begun."""
        shards = list(self.shard_consumers.items())
        return {shard_id: shard.checkpoint_tracker.get_check_point() or "" for shard_id, shard in shards}

    # -- what the client asks for --------------------------------------------------------------------------

    def holds(self, shard_id: int) -> bool:
        """Whether that shard is held, or on its way out."""
        return shard_id in self.shard_consumers

    def search(self, shard_id: int) -> Narrowing | None:
        """That shard's search for a damaged log group, which says how to fetch."""
        shard = self.shard_consumers.get(shard_id)
        return shard.processor.narrowing if shard is not None else None

    def pulled_nothing(self, shard_id: int, cursor: str, next_cursor: str) -> None:
        """An empty answer: let that shard's processor settle its checkpoint."""
        shard = self.shard_consumers.get(shard_id)
        if shard is not None:
            shard.processor.pulled_nothing(cursor, next_cursor)

    # -- the stop ------------------------------------------------------------------------------------------

    def stop(self) -> None:
        """Give up all shards; heartbeats go on until each has saved its checkpoint."""
        self.shut_down_flag = True
        self._news.put(None)

    def shutdown_and_wait(self) -> None:
        """Shut down all shards side by side (the library does one after the other, half a second each)."""
        deadline = time.monotonic() + STOP_DEADLINE
        while time.monotonic() < deadline:
            waiting = [shard for shard in self.shard_consumers.values() if not shard.is_shutdown()]
            if not waiting:
                break
            for shard in waiting:
                shard.shut_down()
            time.sleep(0.02)
        self.heart_beat.shutdown()
