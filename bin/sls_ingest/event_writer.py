"""The event pipe: standard output as splunkd reads it, with one owner and one lock.

Standard output is a protocol, and libraries print. `claim_stdout` therefore keeps a private duplicate of file
descriptor 1 for events and points 1 at standard error, where a stray print becomes a line of splunkd.log.
"""

from __future__ import annotations

import contextlib
import os
import select
import sys
import threading
from typing import Any

from splunklib.modularinput.event_writer import EventWriter

from .errors import PipeClosedError

try:
    import fcntl
    import termios
except ImportError:  # Windows
    fcntl = termios = None  # type: ignore[assignment]

_STDOUT, _STDERR = 1, 2
_F_SETPIPE_SZ = 1031  # fcntl.h; Python has a name for it from 3.10 on
_PIPE_SIZE = 1024 * 1024  # bytes; what Linux allows everybody by default


def claim_stdout() -> int:
    """Take standard output for events alone.

    Returns:
        The file descriptor to write events to; child processes do not inherit it.
    """
    sys.stdout.flush()
    pipe = os.dup(_STDOUT)
    os.set_blocking(pipe, True)  # whoever made it: a write must wait for room, not fail
    os.dup2(_STDERR, _STDOUT)
    _widen(pipe)
    return pipe


def _widen(pipe: int) -> None:
    """Have the pipe hold more than Linux's 64 KB: each time it is full costs both sides a wait."""
    if sys.platform == "linux":
        # Not a pipe, or more than this user may have: then it stays as it is.
        with contextlib.suppress(OSError):
            fcntl.fcntl(pipe, _F_SETPIPE_SZ, _PIPE_SIZE)


class BatchWriter(EventWriter):  # type: ignore[misc]  # splunklib has no types
    """splunklib's EventWriter with one write for a whole batch of rendered events."""

    def __init__(self, pipe: int) -> None:
        self._stream = PipeStream(pipe)
        super().__init__(output=self._stream, error=sys.stderr)
        self.header_written = False
        self._pipe = pipe
        self._lock = threading.Lock()
        self._torn = False  # a write began and did not end: nothing that follows would be XML

    def write_batch(self, payload: bytes) -> None:
        """Write rendered events; on return all of it is in splunkd's pipe, which has no other buffer.

        A full pipe blocks: that is the back-pressure.

        Raises:
            PipeClosedError: splunkd has closed its end, or an earlier write failed; an unknown part was
            written.
        """
        with self._lock:
            self._begin()
            if not self.header_written:
                self._out.write("<stream>")
                self.header_written = True
            self._out.write(payload)
            self._torn = False

    @property
    def written(self) -> int:
        """Bytes of the event stream that are in the pipe or through it."""
        return self._stream.written

    def read_by_splunkd(self) -> int:
        """Bytes of the event stream that splunkd has read out of the pipe, or fewer while a write goes on.

        Where the system does not tell, all that is written counts as read.
        """
        written = self.written  # first: what comes after it may be unread
        return written - _unread(self._pipe)

    def write_event(self, event: Any) -> None:
        """Write one splunklib Event, in turn with the batches."""
        with self._lock:
            self._begin()
            super().write_event(event)
            self._torn = False

    def _begin(self) -> None:
        if self._torn:
            raise PipeClosedError("the event stream has ended")
        self._torn = True

    def close(self) -> None:
        """End the stream for good, unless another thread is stuck in a write: then it stays open-ended."""
        if not self._lock.acquire(timeout=0.2):
            return
        try:
            self._begin()
            super().close()
        except PipeClosedError:
            pass  # nobody is left to read the end tag, or it would end nothing
        finally:
            self._lock.release()

    def is_closed_by_reader(self) -> bool:
        """Whether splunkd has closed its end, seen without writing (an idle input would not notice)."""
        if not hasattr(select, "poll"):
            return False
        poller = select.poll()
        poller.register(self._pipe, 0)
        return any(event & (select.POLLERR | select.POLLNVAL) for _, event in poller.poll(0))


class PipeStream:
    """The file object that splunklib writes to: unbuffered, and complete or an error."""

    def __init__(self, pipe: int) -> None:
        self._pipe = pipe
        self.written = 0  # bytes of complete writes

    def write(self, data: str | bytes) -> int:
        """Write all of `data`.

        Raises:
            PipeClosedError: the reader is gone.
        """
        rest = memoryview(data.encode("utf-8") if isinstance(data, str) else data)
        size = len(rest)
        try:
            while rest:
                rest = rest[os.write(self._pipe, rest) :]
        except (BrokenPipeError, ConnectionResetError) as error:
            raise PipeClosedError("splunkd closed the event pipe") from error
        except OSError as error:
            raise PipeClosedError(f"the event pipe failed ({error.strerror})") from error
        self.written += size
        return size

    def flush(self) -> None:
        """Nothing is buffered."""


def _unread(pipe: int) -> int:
    """Bytes that lie in the pipe; 0 where the system does not tell."""
    if fcntl is None:
        return 0
    try:
        return int.from_bytes(fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)), sys.byteorder)
    except OSError:  # not a pipe: a file or a terminal, when a person runs the input by hand
        return 0
