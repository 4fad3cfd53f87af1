"""The SDK's consumer client, bent where its defaults lose data.

- a cursor older than retention continues at the oldest log, never at the end;
- a shard born after its group starts at its beginning;
- a checkpoint is never forced over another owner's;
- a consumer that SLS timed out gives its shards up at once;
- an existing consumer group is taken as it is.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import Any, Callable, Protocol

from aliyun.log import LogException
from aliyun.log.consumer.consumer_client import ConsumerClient
from aliyun.log.consumer.exceptions import CheckPointException
from aliyun.log.version import USER_AGENT

from .new_shards import is_newer_than_group
from .outage import Backoff, OutageLog
from .pulled import PulledBatch, decompressed
from .transport import Access, SlsLogClient

_GROUP_EXISTS = "ConsumerGroupAlreadyExist"
_STALE_CONSUMER = "NotExistConsumerWithBody"


class PullObserver(Protocol):
    """Told of every answer that held no logs: the place to settle checkpoints of quiet shards."""

    def pulled_nothing(self, shard_id: int, cursor: str, next_cursor: str) -> None: ...


class SlsConsumerClient(ConsumerClient):  # type: ignore[misc]  # the SDK has no types
    """The consumer library's view of SLS. Heartbeats have a connection and a time-out of their own."""

    def __init__(self, access: Access, consumer: str, logger: logging.Logger, stop: threading.Event) -> None:
        settings = access.settings
        self.mproject, self.mlogstore = settings.project, settings.logstore
        self.mconsumer_group, self.mconsumer = settings.consumer_group, consumer
        self.mclient = SlsLogClient(access, access.network.read_timeout)
        self.mclient.set_user_agent(f"{USER_AGENT}-consumergroup-{settings.consumer_group}-{consumer}")
        self._beat_client = SlsLogClient(
            access, min(access.network.read_timeout, settings.heartbeat_interval)
        )
        self._access, self._stop, self.logger = access, stop, logger
        self._outages = OutageLog(logger)
        self._backoffs: dict[str, Backoff] = {}
        self._started = time.time()
        self.observer: PullObserver | None = None

    # -- the consumer group ------------------------------------------------------------------------------

    def ensure_consumer_group_created(self, timeout: int, in_order: bool) -> int:
        """Create the group unless it exists; an existing one keeps its own time-out and order.

        Returns:
            The time-out in force, in seconds.

        Raises:
            LogException: SLS refused.
        """
        group = self._existing_group()
        if group is None:
            try:
                self.mclient.create_consumer_group(
                    self.mproject, self.mlogstore, self.mconsumer_group, timeout, in_order
                )
            except LogException as error:
                if error.get_error_code() != _GROUP_EXISTS:
                    raise
            return timeout
        if (group.get_timeout(), group.is_in_order()) != (timeout, in_order):
            self.logger.warning(
                "consumer group '%s' exists with timeout=%s s and in_order=%s; "
                "it is used as it is, not with %s s and %s",
                self.mconsumer_group,
                group.get_timeout(),
                group.is_in_order(),
                timeout,
                in_order,
            )
        return int(group.get_timeout())

    def _existing_group(self) -> Any:
        try:
            return self.get_consumer_group()
        except LogException as error:
            if "listconsumergroup" not in str(error.get_error_message()).lower():
                raise
            return None  # no permission to list: creating it will tell whether it exists

    def heartbeat(self, shards: list[int], responce: list[int] | None = None) -> bool:
        """Report the shards held and learn those assigned; never raises, as the SDK's loop would spin.

        A consumer that SLS has timed out gets an empty answer, so that all its shards are given up at once:
        others own them by now.
        """
        answer = responce if responce is not None else []
        try:
            answer.extend(self._beat(shards))
        except LogException as error:
            if error.get_error_code() == _STALE_CONSUMER:
                self.logger.warning("SLS had timed out this consumer; its shards %s are given up", shards)
                return True
            self._outages.failed("heartbeat", error.get_error_code(), self._access.explain(error))
            return False
        self._outages.recovered("heartbeat")
        return True

    def _beat(self, shards: list[int]) -> list[int]:
        response = self._beat_client.heart_beat(
            self.mproject, self.mlogstore, self.mconsumer_group, self.mconsumer, shards
        )
        return list(response.get_shards())

    def update_check_point(self, shard: int, consumer: str, check_point: str) -> None:
        """Save a checkpoint, if this consumer still owns the shard.

        Raises:
            LogException: it was not saved; code ConsumerNotMatch means the shard has another owner.
        """
        self.mclient.update_check_point(
            self.mproject,
            self.mlogstore,
            self.mconsumer_group,
            shard,
            check_point,
            consumer,
            force_success=False,
        )

    # -- cursors and logs: failures wait here, as the SDK tries again at its next tick ---------------------

    def get_check_point(self, shard: int) -> Any:
        """The saved checkpoint of `shard`, as the library's dict.

        Raises:
            LogException, CheckPointException: it could not be had, after a wait.
        """
        return self._patiently(
            f"shard {shard}: checkpoint", lambda: ConsumerClient.get_check_point(self, shard)
        )

    def get_begin_cursor(self, shard_id: int) -> str:
        """Where a shard without a checkpoint starts; the library is told to ask for "begin" and gets this.

        Raises:
            LogException: it could not be had, after a wait.
        """
        return str(self._patiently(f"shard {shard_id}: start", lambda: self._start_cursor(shard_id)))

    def _start_cursor(self, shard_id: int) -> str:
        start = self._access.settings.start
        moment = start.resolve(self._started)
        if start.moves and self._is_newer_than_group(shard_id):
            self.logger.info(
                "shard %s is newer than the consumer group: it is read from its beginning", shard_id
            )
            moment = "begin"
        return str(self.mclient.get_cursor(self.mproject, self.mlogstore, shard_id, moment).get_cursor())

    def _is_newer_than_group(self, shard_id: int) -> bool:
        try:
            shards = self.mclient.list_shards(self.mproject, self.mlogstore).get_shards_info()
            saved = self.mclient.get_check_point(self.mproject, self.mlogstore, self.mconsumer_group)
        except LogException as error:
            self.logger.warning(
                "shard %s starts at cursor_start_time, as its age cannot be told: %s",
                shard_id,
                self._access.explain(error),
            )
            return False
        return is_newer_than_group(shard_id, shards, saved.get_consumer_group_check_points(), self._started)

    def get_cursor(self, shard_id: int, start_time: Any) -> str:
        """The cursor at a time (epoch seconds, begin, end), for the library's cursor_end_time.

        Raises:
            LogException: it could not be had, after a wait.
        """
        what = f"shard {shard_id}: end"
        return str(self._patiently(what, lambda: ConsumerClient.get_cursor(self, shard_id, start_time)))

    def pull_logs(
        self,
        shard_id: int,
        cursor: str,
        end_cursor: str | None = None,
        count: int = 1000,
        query: str | None = None,
        processor: str | None = None,
    ) -> PulledBatch:
        """Fetch one batch from `cursor` on; a cursor older than retention continues at the oldest log.

        Raises:
            LogException: the fetch failed, after the wait that its repetition calls for.
        """
        params = {"type": "log", "cursor": cursor, "count": str(count)}
        if query:
            params.update(pullMode="scan_on_stream", query=query)
        if end_cursor:
            params["end_cursor"] = end_cursor
        if processor:
            params["processor"] = processor
        batch: PulledBatch = self._patiently(f"shard {shard_id}: fetch", lambda: self._pull(shard_id, params))
        if batch.is_empty and self.observer:
            self.observer.pulled_nothing(shard_id, cursor, batch.get_next_cursor())
        return batch

    def _pull(self, shard_id: int, params: dict[str, str]) -> PulledBatch:
        try:
            return self._pull_once(shard_id, params)
        except LogException as error:
            if "invalidcursor" not in error.get_error_code().lower():
                raise
        oldest = self.mclient.get_begin_cursor(self.mproject, self.mlogstore, shard_id).get_cursor()
        self.logger.error(
            "shard %s: checkpoint %s is outside what SLS retains; logs were lost before they could be read. "
            "Reading goes on at the oldest log, cursor %s",
            shard_id,
            params["cursor"],
            oldest,
        )
        return self._pull_once(shard_id, {**params, "cursor": oldest})

    def _pull_once(self, shard_id: int, params: dict[str, str]) -> PulledBatch:
        compression = self._access.settings.compression
        headers = {
            "Accept": "application/x-protobuf",
            "Accept-Encoding": "" if compression == "none" else compression,
        }
        resource = f"/logstores/{self.mlogstore}/shards/{shard_id}"
        body, answer = self.mclient._send(
            "GET", self.mproject, None, resource, dict(params), headers, "binary"
        )
        batch = PulledBatch(answer, None)
        if batch.get_raw_size() > 0:
            batch.raw = decompressed(batch, body, shard_id, params["cursor"])
        return batch

    def _patiently(self, what: str, call: Callable[[], Any]) -> Any:
        """Run `call`; when it fails, say so once and wait a growing time before the error goes up."""
        try:
            result = call()
        except (LogException, CheckPointException) as error:
            if isinstance(error, LogException):
                self._outages.failed(what, error.get_error_code(), self._access.explain(error))
            self._stop.wait(self._backoffs.setdefault(what, Backoff()).delay())
            raise
        self._outages.recovered(what)
        self._backoffs.pop(what, None)
        return result
