"""What differs from one operating system to the next, in one place.

Windows cannot be asked what lies in a pipe or whether its reader is still there, and a process keeps the
number of a parent that has ended. So what is written counts as read there, and an input whose splunkd was
killed notices it at its next event.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
from typing import Final

try:
    import fcntl
    import termios
except ImportError:  # Windows
    fcntl = termios = None  # type: ignore[assignment]

_F_SETPIPE_SZ, _F_GETPIPE_SZ = 1031, 1032  # fcntl.h; Python has names for them from 3.10 on
_PIPE_SIZE = 1024 * 1024  # bytes; what Linux allows everybody by default
# splunkd stops an input with SIGTERM, on Windows with Ctrl+Break; SIGINT is a person's Ctrl+C.
STOP_SIGNALS: Final = tuple(
    getattr(signal, name) for name in ("SIGTERM", "SIGINT", "SIGBREAK") if hasattr(signal, name)
)


def prepare_event_pipe(pipe: int) -> None:
    """Have writes to `pipe` wait for room, change no byte, and wait seldom."""
    set_blocking(pipe, True)  # whoever made it
    _make_binary(pipe)
    _widen(pipe)


def set_blocking(pipe: int, blocking: bool) -> None:
    """As os.set_blocking where there is one; elsewhere (Windows before Python 3.12) all pipes block."""
    if hasattr(os, "set_blocking"):
        # Windows can do so for pipes only.
        with contextlib.suppress(OSError):
            os.set_blocking(pipe, blocking)


def unread(pipe: int) -> int:
    """Bytes that lie in the pipe; 0 where the system does not tell."""
    if fcntl is None:
        return 0
    try:
        return int.from_bytes(fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)), sys.byteorder)
    except OSError:  # not a pipe: a file or a terminal, when a person runs the input by hand
        return 0


def size_of(pipe: int) -> int:
    """Bytes that the pipe can hold; 0 where the system does not tell."""
    if sys.platform == "linux" and fcntl is not None:
        with contextlib.suppress(OSError):
            return int(fcntl.fcntl(pipe, _F_GETPIPE_SZ))
    return 0


def has_lost_its_reader(pipe: int) -> bool:
    """Whether the reader of a pipe has closed its end; False where the system does not tell."""
    if not hasattr(select, "poll"):
        return False
    poller = select.poll()
    poller.register(pipe, 0)
    return any(event & (select.POLLERR | select.POLLNVAL) for _, event in poller.poll(0))


def _make_binary(pipe: int) -> None:
    """Windows's C library can write each line end as two bytes."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.setmode(pipe, os.O_BINARY)


def _widen(pipe: int) -> None:
    """Have the pipe hold more than Linux's 64 KB: each time it is full costs both sides a wait."""
    if sys.platform == "linux" and fcntl is not None:
        # Not a pipe, or more than this user may have: then it stays as it is.
        with contextlib.suppress(OSError):
            fcntl.fcntl(pipe, _F_SETPIPE_SZ, _PIPE_SIZE)
