"""glibc's malloc, set for a few threads that pass megabytes around.

- One heap for all threads. glibc gives each thread a heap of its own, and batches that pass from one thread
  to the next leave holes in all of them: memory creeps for hours. Python's own lock lets one thread allocate
  at a time anyway.
- Memory of a batch is kept for the next one. By default every larger block is handed back to the system at
  once, and asking for it again costs a page fault for each 4 kB: a third of the time of rendering.
"""

from __future__ import annotations

import ctypes

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8  # malloc.h
_KEPT = 16 * 1024 * 1024  # bytes of free memory that are not handed back
_LARGE = 4 * 1024 * 1024  # bytes from which on a block comes from the system and returns to it


def tune_heap() -> None:
    """Call before any thread is started; does nothing where the C library is another."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # musl and macOS have no mallopt, Windows no such library
        return
    mallopt(_M_ARENA_MAX, 1)
    mallopt(_M_TRIM_THRESHOLD, _KEPT)
    mallopt(_M_MMAP_THRESHOLD, _LARGE)
