"""One shard: write a batch to the pipe, then move its checkpoint.

Rules:
- the checkpoint moves only after splunkd has read everything before it out of the pipe;
- `process` never raises (the library would drop the batch): it delivers, or returns the cursor to fetch
  again;
- nothing is written once the run stops, nor while another consumer may own the shard;
- a batch that cannot be read is fetched again, narrowed to one log group, and that one goes out as it is;
- what is gone for good is announced in its place among the other batches;
- one batch is unpacked at a time, whatever the number of shards: Python would take turns anyway, and many
  at once would only take memory.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from typing import Callable

from aliyun.log import LogException
from aliyun.log.consumer import ConsumerProcessorBase

from .checkpoints import Checkpoints
from .control import RunControl
from .errors import BadBatchError, PipeClosedError
from .event_writer import BatchWriter
from .lease import Lease
from .metrics import Counts, InputMetrics, ShardMetrics, delivered
from .narrowing import Narrowing
from .notices import Damaged, gap_event, quarantine_events
from .outage import INTERNAL, QUARANTINE, SPLUNKD, Backoff, of_kind
from .pipeline import Pipeline, Rendered
from .pulled import PulledBatch
from .record import Origin
from .settings import InputSettings
from .sls_client import NOT_OURS

# Seconds; a crash repeats at most this much of what was written. Shorter where heartbeats are closer
# together, so that a consumer that SLS times out has saved what it wrote.
CHECKPOINT_INTERVAL = 3.0
_LEASE_WAIT, _LEASE_LOOK = 5.0, 0.2  # seconds of waiting for a lapsed lease, and between two looks at it
_SAVE_NOW = 1.0  # seconds in which splunkd is expected to read what was just written
_SAVE_AGAIN = 0.1  # seconds between tries to save a checkpoint that must not wait


def _as_pulled(batch: PulledBatch) -> PulledBatch:
    """The library's preprocessor, doing nothing: an error in it would fetch the same cursor for ever."""
    return batch


class ShardProcessor(ConsumerProcessorBase):  # type: ignore[misc]  # the SDK has no types
    """Delivers the batches of one shard; the library calls it from one thread at a time."""

    def __init__(
        self,
        settings: InputSettings,
        writer: BatchWriter,
        control: RunControl,
        lease: Lease,
        logger: logging.Logger,
        turn: threading.Lock,
        metrics: InputMetrics,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self._preprocessor = _as_pulled
        self._settings, self._pipeline = settings, Pipeline(settings)
        self._writer, self._control, self._lease = writer, control, lease
        self._logger, self._turn, self._clock = logger, turn, clock
        # At once for the first time: what it took over, in its name, shows that it is at work.
        self._saved_at, self._save_every = -math.inf, min(CHECKPOINT_INTERVAL, settings.heartbeat_interval)
        self._backoff = Backoff(0.5, min(30.0, settings.heartbeat_interval))
        self._disowned = self._repaired_said = self._passed_by = False
        self.narrowing = Narrowing()
        self._all_metrics = metrics
        self.checkpoints: Checkpoints | None = None  # set when the shard starts

    def initialize(self, shard: int) -> None:
        """The library: from now on the shard is ours. It says so again where the start of the shard fails."""
        is_news = self.shard_id != shard
        super().initialize(shard)
        if is_news:
            self._all_metrics.begun(shard)

    @property
    def metrics(self) -> ShardMetrics:
        return self._all_metrics.shard(self.shard_id)

    # -- batches -----------------------------------------------------------------------------------------

    def process(self, batch: PulledBatch, check_point_tracker: Checkpoints) -> str | None:
        """Deliver one batch.

        Returns:
            None when it is delivered, else the cursor to fetch again from.
        """
        back_to = str(check_point_tracker.get_check_point())
        try:
            done = self._may_write() and self._deliver(batch)
        except Exception as error:  # noqa: BLE001  # the border to the library, which would drop the batch
            self._control.fail(
                f"shard {self.shard_id}: {type(error).__name__} while delivering a batch", INTERNAL, error
            )
            done = False
        finally:
            if batch.room:
                batch.room.leave()
        if not done:
            return back_to
        check_point_tracker.written_up_to(batch.next_cursor, self._writer.written)
        self.metrics.written(batch.next_cursor)
        if self._passed_by:
            self._passed_by = False
            self._save_now()  # or a crash would have the next owner search for the same log group again
        else:
            self.save_if_due()
        return None

    def _may_write(self) -> bool:
        """Whether the run goes on and the shard is ours; if it may not be, after a wait for news of it."""
        if self._control.stop.is_set():
            return False
        if self._lease.lapsed:
            self._await_lease()
            return False  # even if it is renewed by now: the shard may have been elsewhere meanwhile
        if self._disowned:
            self.save()
        if not self._disowned:
            return True
        self._control.stop.wait(self._backoff.delay())
        return False

    def _await_lease(self) -> None:
        """Wait for the next answered heartbeat, a while at most.

        Hardly at all once SLS has taken the shards: as long as one is not given up, heartbeats name it, and
        SLS answers them all alike.
        """
        until = self._clock() + _LEASE_WAIT
        while self._lease.lapsed and self._clock() < until and not self._control.stop.wait(_LEASE_LOOK):
            if self._lease.is_lost:
                return

    def _deliver(self, batch: PulledBatch) -> bool:
        try:
            if batch.gap:
                event = gap_event(batch.gap, self._settings, time.time())
                self._writer.write_batch(event, self.metrics.blocked)
                self.metrics.add(Counts(batches=1, gaps=1))
            elif not self._write(batch):
                return False
        except PipeClosedError as error:
            self._control.fail(str(error), SPLUNKD)
            return False
        except BadBatchError as error:
            return self._unreadable(batch, str(error))
        self._backoff.reset()
        self.narrowing.read(batch.groups)
        return True

    def _write(self, batch: PulledBatch) -> bool:
        """Write the batch when its turn comes; False when it may not be written any more by then."""
        origin = Origin(self.shard_id, batch.cursor, batch.first, batch.groups)
        rendered, writing, metrics = Rendered(), 0.0, self.metrics
        with self._turn:
            if self._control.stop.is_set() or self._lease.lapsed:
                return False
            started = self._clock()
            for payload in self._pipeline.run(batch.unpacked(), origin, rendered):
                before = self._clock()
                self._writer.write_batch(payload, metrics.blocked)
                writing += self._clock() - before
            spent = self._clock() - started
        metrics.add(delivered(batch.size, rendered, spent - writing, writing))
        if rendered.repaired and not self._repaired_said:
            self._repaired_said = True
            self._logger.warning("shard %s: holds damaged UTF-8, replaced by U+FFFD", self.shard_id)
        return True

    # -- what cannot be read -----------------------------------------------------------------------------

    def _unreadable(self, batch: PulledBatch, why: str) -> bool:
        """Have it fetched again, in parts; True when it is one log group that was passed by."""
        search = self.narrowing
        if not search.limit:
            self._logger.warning("shard %s: damaged batch, fetching it again: %s", self.shard_id, why)
        if not search.failed(batch.cursor, batch.get_loggroup_count(), self._clock()):
            self.metrics.add(Counts(retries=1))
            self._control.stop.wait(self._backoff.delay() if search.wait is None else search.wait)
            return False
        damaged = Damaged(
            self.shard_id,
            batch.cursor,
            batch.next_cursor,
            why,
            batch.encoding or "LogGroupList",
            batch.body,
        )
        events = quarantine_events(damaged, self._settings, time.time())
        self._writer.write_batch(events, self.metrics.blocked)
        self.metrics.add(Counts(batches=1, quarantined=1))
        self._logger.error(
            "shard %s: the log group at cursor %s cannot be read (%s); it was sent on as it is, sourcetype "
            "alibaba:sls:quarantine, and reading goes on behind it",
            self.shard_id,
            batch.cursor,
            why,
            extra=of_kind(QUARANTINE),
        )
        search.over()
        self._backoff.reset()
        self._passed_by = True
        return True

    # -- checkpoints -------------------------------------------------------------------------------------

    def pulled_nothing(self, cursor: str, next_cursor: str) -> None:
        """The shard had nothing from `cursor` on; `next_cursor` may lie further where a query filtered all.

        Saved soon, as a quiet shard must not wait for more logs.
        """
        if self.checkpoints is not None:
            self.checkpoints.nothing_between(cursor, next_cursor)
            self.save_if_due()

    def save_if_due(self) -> None:
        """Save the checkpoint unless that was done within the last few seconds."""
        if self._clock() - self._saved_at >= self._save_every:
            self.save()

    def _save_now(self) -> None:
        """Save as soon as splunkd has read what was written, if that is within a moment."""
        until = self._clock() + _SAVE_NOW
        while not self.save() and not self._disowned and self._clock() < until:
            if self._control.stop.wait(_SAVE_AGAIN):
                return

    def save(self) -> bool:
        """Save what splunkd has read so far.

        Returns:
            Whether that is all that was written; False, too, when SLS did not take it, which the client has
            said.
        """
        if self.checkpoints is None:
            return True
        self._saved_at = self._clock()
        try:
            everything = self.checkpoints.save(self._writer.read_by_splunkd())
        except LogException as error:
            code = error.get_error_code()
            if code in NOT_OURS and not self._disowned:
                self._logger.info("shard %s: not ours any more (%s)", self.shard_id, code)
            self._disowned = code in NOT_OURS
            return False
        self._disowned = False
        return everything

    def shutdown(self, check_point_tracker: Checkpoints) -> None:
        """The shard is given up: save what was written, and nothing else.

        The next owner waits for this, as heartbeats still name the shard; so splunkd is given time to read,
        and a save that fails is repeated, while the shard is ours and for one time-out at most.
        """
        self.checkpoints = check_point_tracker
        self.metrics.given_up(check_point_tracker.get_check_point() or "")
        until = self._clock() + self._lease.timeout
        while not (saved := self.save()) and not self._disowned:
            if self._lease.lapsed or self._clock() >= until:
                break
            time.sleep(_SAVE_AGAIN)  # also while stopping: the stop has a deadline of its own
        self._logger.info(
            "shard %s: given up, checkpoint %s", self.shard_id, "saved" if saved else "not saved"
        )
