"""The event pipe: standard output as splunkd reads it, with one owner and one lock.

Standard output is a protocol, and libraries print. `claim_stdout` therefore keeps a private duplicate of file
descriptor 1 for events and points 1 at standard error, where a stray print becomes a line of splunkd.log.
"""

from __future__ import annotations

import os
import sys
import threading
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Callable

from splunklib.modularinput.event_writer import EventWriter

from . import system
from .errors import PipeClosedError

_STDOUT, _STDERR = 1, 2
_SURE = 15 / 16  # of a pipe's bytes; it counts pages, and the last one of each write may be part empty
Blocked = Callable[[], AbstractContextManager[None]]


def claim_stdout() -> int:
    """Take standard output for events alone.

    Returns:
        The file descriptor to write events to; child processes do not inherit it.
    """
    sys.stdout.flush()
    pipe = os.dup(_STDOUT)
    system.prepare_event_pipe(pipe)
    os.dup2(_STDERR, _STDOUT)
    return pipe


class BatchWriter(EventWriter):  # type: ignore[misc]  # splunklib has no types
    """splunklib's EventWriter with one write for a whole batch of rendered events."""

    def __init__(self, pipe: int) -> None:
        self._stream = PipeStream(pipe)
        super().__init__(output=self._stream, error=sys.stderr)
        self.header_written = False
        self._pipe = pipe
        self._lock = threading.Lock()
        self._torn = False  # a write began and did not end: nothing that follows would be XML

    def write_batch(self, payload: bytes, blocked: Blocked = nullcontext) -> None:
        """Write rendered events; on return all of it is in splunkd's pipe, which has no other buffer.

        A full pipe blocks: that is the back-pressure. `blocked` is entered for as long as that lasts.

        Raises:
            PipeClosedError: splunkd has closed its end, or an earlier write failed; an unknown part was
            written.
        """
        with self._lock:
            self._begin()
            if not self.header_written:
                self._out.write("<stream>")
                self.header_written = True
            self._stream.write(payload, blocked)
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
        return written - system.unread(self._pipe)

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
        return system.has_lost_its_reader(self._pipe)


class PipeStream:
    """The file object that splunklib writes to: unbuffered, and complete or an error."""

    def __init__(self, pipe: int) -> None:
        self._pipe, self._size = pipe, system.size_of(pipe)
        self.written = 0  # bytes of complete writes

    def write(self, data: str | bytes, blocked: Blocked = nullcontext) -> int:
        """Write all of `data`. `blocked` is entered when it has to wait for room, as far as can be told.

        Raises:
            PipeClosedError: the reader is gone.
        """
        rest = memoryview(data.encode("utf-8") if isinstance(data, str) else data)
        size = len(rest)
        try:
            with nullcontext() if size <= self._room() else blocked():
                while rest:
                    rest = rest[os.write(self._pipe, rest) :]
        except (BrokenPipeError, ConnectionResetError) as error:
            raise PipeClosedError("splunkd closed the event pipe") from error
        except OSError as error:
            raise PipeClosedError(f"the event pipe failed ({error.strerror})") from error
        self.written += size
        return size

    def _room(self) -> int:
        """Bytes that surely fit into the pipe now; 0 where the system does not tell."""
        return int(self._size * _SURE) - system.unread(self._pipe) if self._size else 0

    def flush(self) -> None:
        """Nothing is buffered."""
