"""Takes away from Python what Windows has not got; the add-on's import_declare_test imports it in one test.

What Windows does otherwise (line ends, file locks, Ctrl+Break itself) is not shown by it.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import sys

for name in ("fcntl", "termios", "resource", "pwd", "grp", "readline"):
    sys.modules[name] = None  # type: ignore[assignment]  # an import fails

_set_blocking, _set_wakeup_fd = os.set_blocking, signal.set_wakeup_fd
for name in ("set_blocking", "get_blocking", "uname", "fork", "getuid", "geteuid", "killpg", "confstr"):
    delattr(os, name)
for name in ("poll", "epoll"):
    delattr(select, name)


def set_wakeup_fd(fd: int) -> int:
    """Windows takes a pipe that blocks; POSIX refuses it."""
    _set_blocking(fd, False)
    return _set_wakeup_fd(fd)


def only_by_name(name: object = None, *rest: object) -> object:
    """Windows has no library without a name."""
    if name is None:
        raise TypeError("LoadLibrary() argument 1 must be str, not None")
    return _library(name, *rest)


_library = ctypes.CDLL
_parent = os.getppid()
signal.set_wakeup_fd = set_wakeup_fd  # type: ignore[assignment]
signal.SIGBREAK = signal.SIGUSR1  # type: ignore[attr-defined, misc]
signal.signal(signal.SIGTERM, signal.SIG_IGN)
ctypes.CDLL = only_by_name  # type: ignore[assignment, misc]
os.getppid = lambda: _parent
sys.stdin.reconfigure(encoding="cp1252")  # type: ignore[union-attr]
