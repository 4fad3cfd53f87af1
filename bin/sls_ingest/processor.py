"""Write, then checkpoint. The one place where a cursor becomes a checkpoint.

Rules:
1. A checkpoint moves only over batches that are wholly in splunkd's pipe, and over stretches without logs.
2. `process` never raises: the library would drop the batch and let the next checkpoint pass it. What cannot
   be written is rolled back to the last written cursor, and fetched again.
3. A shard that SLS says is not ours is written no further until SLS takes our checkpoint again.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import Any, Callable

from aliyun.log import LogException
from aliyun.log.consumer import ConsumerProcessorBase
from aliyun.log.consumer.exceptions import CheckPointException

from .control import RunControl
from .errors import BadBatchError, PipeClosedError
from .event_writer import BatchWriter
from .metrics import ShardMetrics
from .outage import Backoff
from .pipeline import Pipeline, Rendered
from .pulled import PulledBatch

CHECKPOINT_INTERVAL = 3.0  # seconds; a crash repeats at most this much of what was written
_NOT_OURS = frozenset(("ConsumerNotMatch", "ConsumerNotExist", "ConsumerGroupNotExist", "ShardNotExist"))


def _as_pulled(batch: PulledBatch) -> PulledBatch:
    """The library's preprocessor, doing nothing: an error in it would fetch the same cursor for ever."""
    return batch


class ShardProcessor(ConsumerProcessorBase):  # type: ignore[misc]  # the SDK has no types
    """Delivers the batches of one shard; the library calls it from one thread at a time."""

    def __init__(
        self,
        pipeline: Pipeline,
        writer: BatchWriter,
        control: RunControl,
        logger: logging.Logger,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self._preprocessor = _as_pulled
        self._pipeline, self._writer, self._control = pipeline, writer, control
        self._logger, self._clock = logger, clock
        self._saving = threading.Lock()
        self._saved_at = clock()
        self._backoff = Backoff()
        self._disowned = self._repaired_said = False
        self.metrics = ShardMetrics()
        self.tracker: Any = None  # the library's checkpoint tracker, set when the shard starts

    def process(self, batch: PulledBatch, check_point_tracker: Any) -> str | None:
        """Deliver one batch.

        Returns:
            None when it is delivered, else the cursor to fetch again from.
        """
        back_to = str(check_point_tracker.get_check_point())
        if self._control.stop.is_set() or not self._still_ours():
            return back_to
        try:
            delivered = self._deliver(batch)
        except Exception as error:  # noqa: BLE001  # the border to the library, which would drop the batch
            self._control.fail(
                f"shard {self.shard_id}: {type(error).__name__} while delivering a batch", error
            )
            return back_to
        if not delivered:
            return back_to
        with self._saving:
            check_point_tracker.save_check_point(False, batch.get_next_cursor())
        self.save_if_due()
        return None

    def _deliver(self, batch: PulledBatch) -> bool:
        started = self._clock()
        try:
            rendered = self._pipeline.run(batch.raw or b"")
            rendering = self._clock()
            if rendered.payload:
                self._writer.write_batch(rendered.payload)
        except PipeClosedError as error:
            self._control.fail(str(error))
            return False
        except BadBatchError as error:
            self._logger.error("shard %s: damaged batch, fetching it again: %s", self.shard_id, error)
            self._control.stop.wait(self._backoff.delay())
            return False
        self._backoff.reset()
        self._count(batch, rendered, rendering - started, self._clock() - rendering)
        return True

    def _count(self, batch: PulledBatch, rendered: Rendered, render_time: float, write_time: float) -> None:
        self.metrics.add(batch.get_raw_size(), rendered, render_time, write_time)
        if rendered.repaired and not self._repaired_said:
            self._repaired_said = True
            self._logger.warning("shard %s: holds damaged UTF-8, replaced by U+FFFD", self.shard_id)

    # -- checkpoints -------------------------------------------------------------------------------------

    def pulled_nothing(self, cursor: str, next_cursor: str) -> None:
        """The shard had nothing from `cursor` on; `next_cursor` may lie further where a query filtered all.

        When all before `cursor` is written the checkpoint may follow, and it is saved soon: a quiet shard
        must not wait for more logs, and a read-only one is only over once its end is saved.
        """
        tracker = self.tracker
        if tracker is None or not cursor:
            return
        with self._saving:
            if tracker.get_check_point() == cursor and next_cursor:
                tracker.set_memory_check_point(next_cursor)
        self.save_if_due()

    def save_if_due(self) -> None:
        """Save the checkpoint unless that was done within the last few seconds."""
        if self._clock() - self._saved_at >= CHECKPOINT_INTERVAL:
            self.save()

    def save(self) -> bool:
        """Save what is written so far; False when SLS did not take it."""
        with self._saving:
            self._saved_at = self._clock()
            try:
                self.tracker.flush_check_point()
            except CheckPointException as error:
                self._not_saved(error)
                return False
            self._disowned = False
            return True

    def _not_saved(self, error: CheckPointException) -> None:
        cause = error.args[-1]
        code = cause.get_error_code() if isinstance(cause, LogException) else type(cause).__name__
        self._disowned = code in _NOT_OURS
        level = logging.INFO if self._disowned else logging.WARNING
        self._logger.log(
            level, "shard %s: checkpoint not saved, it will be tried again: %s", self.shard_id, code
        )

    def _still_ours(self) -> bool:
        if not self._disowned or self.save():
            return True
        self._control.stop.wait(self._backoff.delay())
        return False

    def shutdown(self, check_point_tracker: Any) -> None:
        """The shard is given up: save what was written, and nothing else."""
        self.tracker = check_point_tracker
        saved = self.save()
        self._logger.info(
            "shard %s: given up, checkpoint %s", self.shard_id, "saved" if saved else "not saved"
        )
