"""Blocks of lz4 by the system's own library. Raises OSError at import where there is none."""

from __future__ import annotations

import ctypes
import ctypes.util

_LIBRARY = ctypes.CDLL(ctypes.util.find_library("lz4") or "liblz4.so.1")


def decompress(source: bytes, uncompressed_size: int) -> bytes:
    """The bytes of one raw block. Raises ValueError when it is damaged or of another size."""
    target = ctypes.create_string_buffer(uncompressed_size)
    size = _LIBRARY.LZ4_decompress_safe(source, target, len(source), uncompressed_size)
    if size != uncompressed_size:
        raise ValueError(f"the block has {size} bytes instead of {uncompressed_size}")
    return target.raw
