"""One heap for all threads.

glibc gives each thread a heap of its own, and batches of megabytes that pass from one thread to the next
leave holes in all of them: memory creeps for hours. Python's own lock lets one thread allocate at a time
anyway.
"""

from __future__ import annotations

import ctypes

_M_ARENA_MAX = -8  # malloc.h


def use_one_heap() -> None:
    """Call before any thread is started; does nothing where the C library is another."""
    try:
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)
    except (AttributeError, OSError, TypeError):  # musl and macOS have no mallopt, Windows no such library
        return
