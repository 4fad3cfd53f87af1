"""Builds the consumer of one stanza, runs it, and stops it in order.

The stop, which SIGTERM, a closed pipe or a failure starts, in this order and within STOP_DEADLINE:
1. no batch is begun any more; one that is being written is finished;
2. each shard saves the checkpoint of what was written;
3. heartbeats go on until then, so that no other consumer takes a shard whose checkpoint still moves;
4. the event stream is ended and the process leaves without waiting for threads that hang in the network.
When the deadline passes first, the process leaves all the same: the checkpoint is behind what was written,
never ahead of it.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
from threading import Thread

from aliyun.log import LogException
from aliyun.log.consumer import CursorPosition, LogHubConfig

from . import system
from .arrivals import ArrivalTimes
from .control import RunControl
from .event_writer import BatchWriter
from .finishing import Finishing
from .lease import Lease
from .metrics import InputMetrics
from .outage import INTERNAL, SPLUNKD
from .processor import ShardProcessor
from .reporter import Reporter
from .sls_client import SlsConsumerClient
from .transport import Access
from .worker import STOP_DEADLINE, SlsWorker

_WATCH_INTERVAL = 0.5  # seconds between looks at the parent process, the pipe and the worker


class SplunkdWatch:
    """Notices that splunkd is gone, which an idle input would not."""

    def __init__(self, writer: BatchWriter, control: RunControl) -> None:
        self._writer, self._control = writer, control
        self._parent = os.getppid()

    def look(self) -> None:
        """Fail the run when this process was orphaned or its event pipe has no reader."""
        if os.getppid() != self._parent:
            self._control.fail("splunkd is gone (this process has a new parent)", SPLUNKD)
        elif self._writer.is_closed_by_reader():
            self._control.fail("splunkd closed the event pipe", SPLUNKD)


class Consumer:
    """The running consumer of one stanza."""

    def __init__(
        self, access: Access, name: str, writer: BatchWriter, control: RunControl, logger: logging.Logger
    ) -> None:
        self._access, self._name, self._writer = access, name, writer
        self._control, self._logger = control, logger
        self._metrics = InputMetrics(access.settings.data_fetch_interval)

    def run(self, watch: SplunkdWatch) -> bool:
        """Consume until told to stop, or until cursor_end_time is reached; return when all is in order.

        Returns:
            Whether all is read up to cursor_end_time, by all consumers of the group.

        Raises:
            RetriableError: SLS or the network refused the start.
        """
        client, settings = self._client(), self._access.settings
        stop = self._control.stop
        finishing = Finishing(self._access, client.window, self._logger, stop) if client.window else None
        if finishing and finishing.is_over_already():
            finishing.say_over()
            return True
        worker = self._connect(client)
        worker.start()
        if finishing:
            finishing.watch(worker.saved, worker.save_again, worker.stop)
        self._logger.info(
            "consuming %s as '%s' in group '%s'", settings.source, self._name, settings.consumer_group
        )
        reporter = self._reporter(worker)
        reporter.start()
        while worker.is_alive() and not stop.wait(_WATCH_INTERVAL):
            watch.look()
        if not worker.shut_down_flag and not self._control.stop.is_set():
            self._control.fail("the consumer library's worker has ended by itself", INTERNAL)
        self._stop(worker, reporter)
        if finishing is None or not finishing.over.is_set() or stop.is_set():
            return False
        finishing.say_over()
        return True

    def _client(self) -> SlsConsumerClient:
        return SlsConsumerClient(self._access, self._name, self._logger, self._control.stop, self._metrics)

    def _connect(self, client: SlsConsumerClient) -> SlsWorker:
        try:
            turn = threading.Lock()
            return SlsWorker(self._config(), client, lambda: self._processor(client.lease, turn))
        except LogException as error:
            raise self._access.retriable(error) from error

    def _config(self) -> LogHubConfig:
        settings = self._access.settings
        return LogHubConfig(
            settings.endpoint.url,
            "",  # the client has its own credentials
            "",
            settings.project,
            settings.logstore,
            settings.consumer_group,
            self._name,
            cursor_position=CursorPosition.BEGIN_CURSOR,  # our client answers this with the stanza's start
            heartbeat_interval=settings.heartbeat_interval,
            data_fetch_interval=settings.data_fetch_interval,
            in_order=settings.in_order,
            max_fetch_log_group_size=settings.max_fetch_log_group_size,
            worker_pool_size=settings.fetch_threads,
            query=settings.query or None,
            processor=settings.processor or None,
        )

    def _processor(self, lease: Lease, turn: threading.Lock) -> ShardProcessor:
        settings = self._access.settings
        return ShardProcessor(settings, self._writer, self._control, lease, self._logger, turn, self._metrics)

    def _reporter(self, worker: SlsWorker) -> Reporter:
        arrivals = ArrivalTimes(self._access)
        settings, metrics = self._access.settings, self._metrics
        return Reporter(settings, self._name, metrics, arrivals, worker.written, self._logger)

    def _stop(self, worker: SlsWorker, reporter: Reporter) -> None:
        worker.stop()
        worker.join(STOP_DEADLINE)
        reporter.finish()
        if worker.is_alive():
            self._logger.warning("shards did not settle in %s s; their last checkpoints stand", STOP_DEADLINE)
        worker.heart_beat.shutdown()
        self._logger.info("stopped")


def stop_on_signals(control: RunControl) -> None:
    """SIGTERM, SIGINT and Windows's Ctrl+Break ask for the ordered stop; a second one leaves at once.

    The signal only writes a byte into a pipe, and a thread does the rest: a handler that set the event itself
    could interrupt the main thread while that holds the event's lock, and wait for ever.
    """
    reader, writer = os.pipe()
    system.set_blocking(writer, False)
    signal.set_wakeup_fd(writer)
    for number in system.STOP_SIGNALS:
        signal.signal(number, lambda signum, frame: None)
    Thread(target=_obey, args=(reader, control), name="signals", daemon=True).start()


def _obey(reader: int, control: RunControl) -> None:
    os.read(reader, 1)
    control.ask_to_stop()
    os.read(reader, 1)
    os._exit(1)
