"""The state of one run: go on, stop, or fail. Set from any thread, waited for by the main one."""

from __future__ import annotations

import logging
import threading
import traceback
from typing import Callable

from .outage import of_kind

LATEST_STOP = 4.4  # seconds from a stop's begin to the end of the process; users and splunkd are promised 5


class RunControl:
    """`stop` is set when the run must end; `exit_code` is 0 for a stop that was asked for.

    `leave` ends the process there and then. It is called LATEST_STOP seconds after the stop began, whatever
    hangs by then: the network, the pipe, a log. None = never.
    """

    def __init__(self, logger: logging.Logger, leave: Callable[[int], None] | None = None) -> None:
        self.stop = threading.Event()
        self.exit_code = 0
        self._logger, self._leave = logger, leave
        self._lock = threading.Lock()

    def fail(self, sentence: str, kind: str, error: BaseException | None = None) -> None:
        """End the run because of an error; only the first one is said, as a trouble of this `kind`.

        Of `error` the log gets where it came from, not its text, which could hold a piece of an event.
        """
        with self._lock:
            if self.stop.is_set():
                return
            self.exit_code = 1
            self._begin_stop()
        where = _where(error) if error else ""
        self._logger.error("%s%s; the input stops", sentence, where, extra=of_kind(kind))

    def ask_to_stop(self) -> None:
        """End the run in order; the exit code stays 0."""
        with self._lock:
            if not self.stop.is_set():
                self._begin_stop()

    def _begin_stop(self) -> None:
        if self._leave:
            watchdog = threading.Timer(LATEST_STOP, self._leave, (self.exit_code,))
            watchdog.daemon = True
            watchdog.start()
        self.stop.set()


def _where(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f" at {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
