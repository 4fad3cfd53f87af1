"""Cursors, as far as they can be read: base64 of a number that grows inside a shard. Pure.

To SLS they are opaque; that they count log groups is observed in its clients.
"""

from __future__ import annotations

import base64
import binascii


def position(cursor: str) -> int | None:
    """A cursor as the number that it is base64 of (observed in clients); None when it is something else."""
    try:
        digits = base64.b64decode(cursor + "=" * (-len(cursor) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
    return int(digits) if digits.isdigit() and len(digits) <= 19 else None


def is_at(cursor: str, other: str) -> bool:
    """Whether `cursor` is `other`, or a position behind it in the same shard."""
    here, there = position(cursor), position(other)
    return cursor == other if here is None or there is None else here >= there
