"""The SDK's consumer client, bent where its defaults lose data.

- a cursor older than retention continues at the oldest log, never at the end (see fetch.py);
- where a shard starts is saved before its first log is read, so that a restart does not choose again;
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
from aliyun.log.version import USER_AGENT

from .credentials import is_refusal
from .fetch import Fetcher, pull_params
from .lease import Lease
from .memory import Memory
from .metrics import Counts, InputMetrics
from .narrowing import Narrowing
from .new_shards import is_newer_than_group
from .outage import BAD_RESPONSE, Backoff, OutageLog, of_kind
from .outcomes import Group, difference
from .pulled import PulledBatch
from .transport import ODD_ANSWERS, Access, PullClient, SlsLogClient
from .window import Window

NOT_OURS = frozenset(("ConsumerNotMatch", "ConsumerNotExist", "ConsumerGroupNotExist", "ShardNotExist"))
"""Error codes of a checkpoint that is not this consumer's to save."""
_GROUP_EXISTS = "ConsumerGroupAlreadyExist"
_STALE_CONSUMER = "NotExistConsumerWithBody"


class PullObserver(Protocol):
    """The shards' side of a pull: told of answers without logs, asked how to fetch."""

    def pulled_nothing(self, shard_id: int, cursor: str, next_cursor: str) -> None: ...

    def search(self, shard_id: int) -> Narrowing | None: ...

    def holds(self, shard_id: int) -> bool: ...


class FetchError(LogException):  # type: ignore[misc]  # the SDK has no types
    """A failed call that was waited for. Its code says nothing, as the library has ideas about some codes:
    it would jump to the end of the shard on one, and sleep for five seconds on others."""

    def __init__(self, cause: LogException) -> None:
        super().__init__("Waited", f"{cause.get_error_code()}, and it was waited for")


class SlsConsumerClient(ConsumerClient):  # type: ignore[misc]  # the SDK has no types
    """The consumer library's view of SLS; heartbeats and checkpoints have a time-out of their own."""

    def __init__(
        self,
        access: Access,
        consumer: str,
        logger: logging.Logger,
        stop: threading.Event,
        metrics: InputMetrics,
    ) -> None:
        settings = access.settings
        self.mproject, self.mlogstore = settings.project, settings.logstore
        self.mconsumer_group, self.mconsumer = settings.consumer_group, consumer
        self.mclient = SlsLogClient(access, access.network.read_timeout)
        pulls = PullClient(access, Memory(settings.fetch_buffer, stop))
        for client in (self.mclient, pulls):
            client.set_user_agent(f"{USER_AGENT}-consumergroup-{settings.consumer_group}-{consumer}")
        self._control = SlsLogClient(access, min(access.network.read_timeout, settings.heartbeat_interval))
        self._access, self._stop, self.logger, self._metrics = access, stop, logger, metrics
        self._fetcher = Fetcher(access, self.mclient, pulls, logger)
        self._outages = OutageLog(logger)
        self._backoffs: dict[str, Backoff] = {}
        self._started = time.time()
        self.lease = Lease(2.0 * settings.heartbeat_interval)
        self.observer: PullObserver | None = None
        self.window = Window(settings, settings.end, self.mclient) if settings.end else None

    # -- the consumer group ------------------------------------------------------------------------------

    def ensure_consumer_group_created(self, timeout: int, in_order: bool) -> int:
        """Create the group unless it exists; an existing one keeps its own time-out and order.

        Returns:
            The time-out in force, in seconds, which is the lease's from now on.

        Raises:
            LogException: SLS refused.
        """
        timeout = self._ensure_group(timeout, in_order)
        self.lease.timeout = timeout
        return timeout

    def _ensure_group(self, timeout: int, in_order: bool) -> int:
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
        existing = Group(int(group.get_timeout()), bool(group.is_in_order()))
        text = difference(self.mconsumer_group, existing, Group(timeout, in_order))
        if text:
            self.logger.warning("%s", text)
        return existing.timeout

    def _existing_group(self) -> Any:
        try:
            return self.get_consumer_group()
        except LogException as error:
            if "listconsumergroup" not in str(error.get_error_message()).lower():
                raise
            return None  # no permission to list: creating it will tell whether it exists

    # -- heartbeats and checkpoints ------------------------------------------------------------------------

    def heartbeat(self, shards: list[int], responce: list[int] | None = None) -> bool:
        """Report the shards held and learn those assigned; never raises, as the SDK's loop would spin.

        A consumer that SLS has timed out gets an empty answer, so that all its shards are given up at once:
        others own them by now. A beat that fails is tried again before the next one is due, because two lost
        in a row cost all shards.
        """
        answer = responce if responce is not None else []
        interval = self._access.settings.heartbeat_interval
        backoff, until = Backoff(0.5, interval / 4), time.monotonic() + interval * 0.8
        while True:
            sent = time.monotonic()
            error = self._try_beat(shards, answer)
            if error is None:
                self.lease.renewed(sent)
                self._outages.recovered("heartbeat")
                return True
            if error.get_error_code() == _STALE_CONSUMER:
                self.lease.lost()
                self.logger.warning(
                    "SLS had timed out this consumer; its shards %s are given up",
                    shards,
                    extra=of_kind(_STALE_CONSUMER),
                )
                return True
            self._failed("heartbeat", error)
            pause = backoff.delay()
            if time.monotonic() + pause > until:
                return False
            time.sleep(pause)  # also while stopping, when heartbeats must go on

    def _try_beat(self, shards: list[int], answer: list[int]) -> LogException | None:
        try:
            given = self._control.heart_beat(
                self.mproject, self.mlogstore, self.mconsumer_group, self.mconsumer, shards
            ).get_shards()
            answer.extend([int(shard) for shard in given])
        except LogException as error:
            return error
        except ODD_ANSWERS as error:
            return _nonsense(error)
        return None

    def update_check_point(self, shard: int, consumer: str, check_point: str) -> None:
        """Save a checkpoint, if this consumer still owns the shard.

        Raises:
            LogException: it was not saved; a code of NOT_OURS means that the shard has another owner.
        """
        what = f"shard {shard}: checkpoint"
        try:
            self._control.update_check_point(
                self.mproject,
                self.mlogstore,
                self.mconsumer_group,
                shard,
                check_point,
                consumer,
                force_success=False,
            )
        except LogException as error:
            if error.get_error_code() not in NOT_OURS:
                self._failed(what, error, shard)
            raise
        self._outages.recovered(what)

    # -- cursors and logs: failures wait here, as the SDK tries again at its next tick ---------------------

    def get_check_point(self, shard: int) -> Any:
        """The saved checkpoint of `shard`, as the library's dict.

        Raises:
            LogException: it could not be had, after a wait.
        """
        return self._patiently(shard, "position", lambda: self._saved_check_point(shard))

    def _saved_check_point(self, shard: int) -> dict[str, str]:
        answer = self.mclient.get_check_point(self.mproject, self.mlogstore, self.mconsumer_group, shard)
        row = answer.get_consumer_group_check_points()[0]
        return {"checkpoint": str(row["checkpoint"] or "")}

    def get_begin_cursor(self, shard_id: int) -> str:
        """Where a shard without a checkpoint starts; the library is told to ask for "begin" and gets this.

        Raises:
            LogException: it could not be had, after a wait.
        """
        return str(self._patiently(shard_id, "start", lambda: self._start_cursor(shard_id)))

    def _start_cursor(self, shard_id: int) -> str:
        start = self._access.settings.start
        moment = start.resolve(self._started)
        if start.moves and self._is_newer_than_group(shard_id):
            self.logger.info(
                "shard %s is newer than the consumer group: it is read from its beginning", shard_id
            )
            moment = "begin"
        cursor = str(self.mclient.get_cursor(self.mproject, self.mlogstore, shard_id, moment).get_cursor())
        # Saved at once: whoever reads this shard next, after a crash too, must not choose another start.
        self.update_check_point(shard_id, self.mconsumer, cursor)
        return cursor

    def get_end_cursor(self, shard_id: int) -> str:
        """The library asks for it only to skip what is left of a shard.

        Raises:
            LogException: always.
        """
        raise LogException("NotAllowed", f"shard {shard_id} is not skipped to its end")

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

        At cursor_end_time there is nothing more to fetch, and SLS is not asked for it.

        Raises:
            LogException: the fetch failed, after the wait that its repetition calls for.
        """
        search = self.observer.search(shard_id) if self.observer else None
        limit, uncompressed = (search.limit, search.uncompressed) if search else (None, False)
        params = pull_params(cursor, min(count, limit or count), end_cursor, query, processor)
        batch: PulledBatch = self._patiently(
            shard_id, "fetch", lambda: self._pull(shard_id, params, uncompressed)
        )
        if batch.is_empty and self.observer:
            self.observer.pulled_nothing(shard_id, cursor, batch.next_cursor)
        return batch

    def _pull(self, shard_id: int, params: dict[str, str], uncompressed: bool) -> PulledBatch:
        if self.window is not None:
            cursor = params["cursor"]
            try:
                end = self.window.end_beyond(shard_id, cursor)
            except LogException as error:
                return self._fetcher.if_vanished(shard_id, cursor, error)
            if end is None:
                self._metrics.shard(shard_id).ended(cursor)
                return PulledBatch(cursor, cursor, at_end=True)
            params["end_cursor"] = end
        sent = self._metrics.clock()
        batch = self._fetcher.pull(shard_id, params, uncompressed)
        waited = batch.room.waited if batch.room else 0.0
        read_out = batch.next_cursor if batch.is_all else None
        self._metrics.shard(shard_id).fetched(self._metrics.clock() - sent - waited, sent, read_out)
        return batch

    # -- failures ------------------------------------------------------------------------------------------

    def _patiently(self, shard_id: int, verb: str, call: Callable[[], Any]) -> Any:
        """Run `call`; when it fails, say so once and wait a growing time before an error goes up."""
        what = f"shard {shard_id}: {verb}"
        try:
            result = call()
        except LogException as error:
            cause = error
        except ODD_ANSWERS as error:
            cause = _nonsense(error)
        else:
            self._outages.recovered(what)
            self._backoffs.pop(what, None)
            return result
        backoff = self._backoffs.setdefault(what, self._new_backoff())
        if cause.get_error_code() not in NOT_OURS:
            self._failed(what, cause, shard_id)
        self._stop.wait(backoff.delay())
        raise FetchError(cause)

    def _new_backoff(self) -> Backoff:
        """Never longer than a heartbeat: when SLS is back, so are we, about as soon as the shards are."""
        return Backoff(0.5, min(30.0, self._access.settings.heartbeat_interval))

    def _failed(self, what: str, error: LogException, shard_id: int | None = None) -> None:
        if shard_id is None:
            self._metrics.retried()
        else:
            self._metrics.shard(shard_id).add(Counts(retries=1))
        self._outages.failed(what, self._access.kind(error), self._access.explain(error))
        if shard_id is not None and self.observer and not self.observer.holds(shard_id):
            self.given_up(shard_id)  # the call was on its way when the shard was
        if is_refusal(error):
            self._access.account.refused()

    def given_up(self, shard_id: int) -> None:
        """The shard is held no longer; unless it comes back, what fails for it is another's trouble."""
        self._outages.leave(f"shard {shard_id}:")
        for what in [what for what in list(self._backoffs) if what.startswith(f"shard {shard_id}:")]:
            self._backoffs.pop(what, None)


def _nonsense(error: Exception) -> LogException:
    """An answer that is not what the call answers with, as an SLS error; the text holds none of it."""
    return LogException(BAD_RESPONSE, f"the answer makes no sense ({type(error).__name__})")
