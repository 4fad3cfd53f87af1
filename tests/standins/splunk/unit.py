"""One scheduled command: runs it when due, never twice at a time, until it is retired."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from .interpreters import InterpreterError
from .knobs import Knobs
from .process import InputProcess, Launch
from .pump import ReadGate
from .schedule import Schedule
from .splunkd_log import SplunkdLog

_LONGEST_SLEEP = 5.0  # seconds, so that a clock step is noticed


@dataclass
class InputInfo:
    """`state`: "waiting", "running", "stopping", "done" (not due again), "stopped", "failed" (to start)."""

    stanza: str
    pid: int | None = None
    started: float | None = None
    runs: int = 0
    exit_code: int | None = None
    state: str = "waiting"


class ExecUnit(threading.Thread):
    """The life of one command between two changes of its configuration.

    `launch()` builds a fresh document for each run; `begin(launch, on_end)` starts the process. A unit that
    replaces another one starts when that has ended, unless the knob allows an overlap.
    """

    def __init__(
        self,
        name: str,
        schedule: Schedule,
        single: bool,
        launch: Callable[[], Launch],
        begin: Callable[[Launch, ReadGate, Callable[[], None]], InputProcess],
        gate: ReadGate,
        knobs: Knobs,
        log: SplunkdLog,
        after: ExecUnit | None,
    ) -> None:
        super().__init__(name=f"exec-{name}", daemon=True)
        self.gate = gate
        self.process: InputProcess | None = None
        self._info = InputInfo(name, runs=after.info.runs if after is not None else 0)
        self._schedule = schedule
        self._single = single
        self._launch = launch
        self._begin = begin
        self._knobs = knobs
        self._log = log
        self._after = after
        self._wake = threading.Event()
        self._retired = False
        self._abandoned = False
        self._grace = 0.0

    @property
    def info(self) -> InputInfo:
        """A copy of the present state."""
        info = replace(self._info)
        if self._retired and self.is_alive():
            info.state = "stopping"
        return info

    @property
    def retired(self) -> bool:
        return self._retired

    def retire(self, grace: float) -> None:
        """Stop the process, allowing `grace` seconds per signal, and never start another; returns at once."""
        self._grace = grace
        self._retired = True
        self._wake.set()

    def abandon(self) -> None:
        """Let go of the process without a signal, as a killed splunkd does."""
        self._abandoned = self._retired = True
        process = self.process
        if process is not None:
            process.abandon()
        self._wake.set()

    def run(self) -> None:
        if self._after is not None and not self._knobs.edit_overlap:
            self._after.join()
        self._after = None
        start = due = self._schedule.first(time.time())
        while self._sleep_until(due):
            failed = self._run_once()
            following = self._next(start, failed)
            if following is None:
                self._info.state = "stopped" if self._retired else "done"
                return
            due = following
        self._info.state = "stopped"

    def _next(self, start: float, failed: bool) -> float | None:
        now, knobs = time.time(), self._knobs
        if self._retired:
            return None
        if self._single:
            return now + knobs.restart_delay if knobs.single_instance_restart else None
        if failed and knobs.restart_after_failure == "never":
            return None
        if failed and knobs.restart_after_failure == "after_delay":
            return now + knobs.restart_delay
        following = self._schedule.next(start, now)
        return following + knobs.restart_delay if following is not None and following <= now else following

    def _sleep_until(self, due: float) -> bool:
        """False when retired meanwhile."""
        while not self._retired:
            left = due - time.time()
            if left <= 0:
                return True
            self._wake.wait(min(left, _LONGEST_SLEEP))
            self._wake.clear()
        return False

    def _run_once(self) -> bool:
        """One run to its end; True when it failed."""
        info = self._info
        try:
            launch = self._launch()
            info.runs += 1
            process = self.process = self._begin(launch, self.gate, self._wake.set)
        except (OSError, InterpreterError) as error:
            self._log.write("ERROR", "ExecProcessor", f"Couldn't start {info.stanza}: {error}")
            info.state = "failed"
            return True
        info.pid, info.started, info.exit_code, info.state = process.pid, process.started, None, "running"
        self._wait_for_end(process, launch.command)
        info.exit_code, info.state = process.exit_code, "waiting"
        return process.exit_code != 0

    def _wait_for_end(self, process: InputProcess, command: str) -> None:
        skips = not self._single and not self._schedule.at_once
        tick = self._schedule.next(process.started, time.time()) if skips else None
        while not process.ended.is_set() and not self._retired:
            left = _LONGEST_SLEEP if tick is None else tick - time.time()
            if tick is not None and left <= 0:
                self._log.write("DEBUG", "ExecProcessor", f"cmd='{command}' Not added to run queue")
                tick = self._schedule.next(process.started, time.time())
                continue
            self._wake.wait(min(left, _LONGEST_SLEEP))
            self._wake.clear()
        if self._abandoned:
            process.abandon()
        elif self._retired:
            process.stop(self._grace)
