"""One run of an input: start, hand over the document, read both pipes, stop."""

from __future__ import annotations

import fcntl
import itertools
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from .knobs import Knobs
from .pump import LineSink, Pump, ReadGate
from .runner import Runner, kill_group, signal_number
from .sink import EventSink
from .splunkd_log import SplunkdLog, split_level

_F_SETPIPE_SZ = 1031
_unique_ids = itertools.count(1)


@dataclass(frozen=True)
class Launch:
    """What to start. `document` goes to stdin; `sink(pid, kill)` makes the end of the event pipe."""

    argv: list[str]
    cwd: str
    document: bytes = field(repr=False)
    sink: Callable[[int, Callable[[], None]], EventSink]

    @property
    def command(self) -> str:
        return " ".join(self.argv)


class InputProcess:
    """A started process. `ended` is set once stdout has ended and the direct child is gone.

    So a grandchild that holds stdout open keeps the run alive (inferred). Raises OSError if it cannot start.
    """

    def __init__(
        self, launch: Launch, runner: Runner, log: SplunkdLog, gate: ReadGate, on_end: Callable[[], None]
    ) -> None:
        self.started = time.time()
        self.ended = threading.Event()
        self.exit_code: int | None = None
        self._knobs: Knobs = runner.knobs
        self._command = launch.command
        self._log = log
        self._on_end = on_end
        self._stopping = False
        self._id = next(_unique_ids)
        self._debug(f"Running: {self._command} on PipelineSet 0")
        self._child = runner.spawn(launch.argv, launch.cwd)
        self.pid = self._child.pid
        self._debug(
            f'PipelineSet 0: Created new ExecedCommandPipe for "{self._command}", uniqueId={self._id}'
        )
        self._sink = launch.sink(self.pid, self._kill)
        self._stdout, self._stderr = self._pumps(gate)
        for target in (self._watch, lambda: self._write(launch.document)):
            threading.Thread(target=target, name=f"ExecProcessor-{self.pid}", daemon=True).start()

    def _pumps(self, gate: ReadGate) -> tuple[Pump, Pump]:
        child, knobs = self._child, self._knobs
        assert child.stdout is not None and child.stderr is not None
        if knobs.pipe_bytes is not None:
            fcntl.fcntl(child.stdout, _F_SETPIPE_SZ, knobs.pipe_bytes)
        lines = LineSink(self._log_stderr)
        hold = not knobs.stop_reading_when_blocked
        size = knobs.read_bytes
        stdout = Pump(f"stdout-{self.pid}", child.stdout, size, self._sink.feed, self._at_eof, gate, hold)
        stderr = Pump(f"stderr-{self.pid}", child.stderr, 65536, lines.feed, lines.close)
        stdout.start()
        stderr.start()
        return stdout, stderr

    def _write(self, document: bytes) -> None:
        stdin = self._child.stdin
        assert stdin is not None
        with suppress(BrokenPipeError):
            remaining = memoryview(document)
            while remaining:
                remaining = remaining[stdin.write(remaining) or 0 :]
        with suppress(BrokenPipeError):
            stdin.close()

    def _watch(self) -> None:
        self._stdout.join()
        self.exit_code = self._child.wait()
        self._stderr.join(0.5)
        self._stderr.close()  # a descendant may hold it
        took = time.time() - self.started
        self._debug(
            f"PipelineSet 0: Ran script: {self._command}, took {took:.6f} seconds to run, "
            f"{self._sink.bytes_read} bytes read {self._sink.events_read} events read"
        )
        self._debug(f'PipelineSet 0: Destroying ExecedCommandPipe for "{self._command}" id={self._id}')
        if self._sink.cut and self.exit_code >= 0 and not self._stopping:
            self._sink.cut_event()
        self.ended.set()
        self._on_end()

    def _at_eof(self) -> None:
        self._debug(f'PipelineSet 0: Got EOF from "{self._command}", uniqueId={self._id}')
        if self._sink.bytes_read:
            self._debug(f"PipelineSet 0: Sending 'done' key for \"{self._command}\", uniqueId={self._id}")
        self._sink.close()

    def send(self, number: int) -> None:
        """Signal the direct child, which is the shell where one is used. Raises ProcessLookupError."""
        if self._child.poll() is not None:
            raise ProcessLookupError(f"pid {self.pid} has exited")
        self._child.send_signal(number)

    def close_pipe(self) -> None:
        """Close the read end of stdout; the process goes on."""
        self._stdout.close()

    def unread_bytes(self) -> int | None:
        """Bytes that wait in stdout; None once it is closed."""
        return self._stdout.waiting()

    def abandon(self) -> None:
        """What a process sees when splunkd is killed: both pipes close, and no signal."""
        self._stopping = True
        self._stdout.close()
        self._stderr.close()

    def stop(self, grace: float) -> None:
        """The stop sequence of the knobs; returns when the direct child is gone and its pipe is closed."""
        self._stopping = True
        if self._knobs.stop_closes_pipe_first:
            self._stdout.close()
        if not self._signal_until_exit(grace):
            self._warn_forced()
            self._to_target(signal.SIGKILL)
        self._child.wait()
        self._stdout.join(min(grace, 1.0))
        self._stdout.close()
        self._stdout.join()
        self.ended.wait()

    def _signal_until_exit(self, grace: float) -> bool:
        for name in self._knobs.stop_signals:
            self._to_target(signal_number(name))
            with suppress(subprocess.TimeoutExpired):
                self._child.wait(grace)
                return True
        return False

    def _to_target(self, number: int) -> None:
        if self._knobs.stop_target == "group":
            kill_group(self.pid, number)
        else:
            self._child.send_signal(number)

    def _kill(self) -> None:
        self._stopping = True
        self._log.write("ERROR", "ExecProcessor", f'Killing "{self._command}" for malformed XML')
        self._to_target(signal.SIGKILL)

    def _warn_forced(self) -> None:
        text = (
            f"Process with pid {self.pid} did not exit within a given grace period after being signaled "
            "to exit. Will have to forcibly terminate."
        )
        self._log.write("WARN", "ProcessRunner", text)

    def _log_stderr(self, line: str) -> None:
        level, text = split_level(line)
        message = f'message from "{self._command}" {text}'
        self._log.write(level, "ExecProcessor", message, "ExecProcessorSchedulerThread")

    def _debug(self, text: str) -> None:
        if self._knobs.exec_debug:
            self._log.write("DEBUG", "ExecProcessor", text, "ExecProcessor")
