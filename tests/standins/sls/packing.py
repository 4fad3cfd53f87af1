"""Bodies of PullLogs answers, packed once for those who ask for the very same log groups."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass

from .wire import compress

MOST_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class Packed:
    """A body in a codec, its size in bytes before that, and the frames it was made of."""

    body: bytes
    raw_size: int
    frames: list[bytes]


def pack(frames: list[bytes], codec: str) -> Packed:
    """`frames` joined, in `codec` ("" for none); nothing stays nothing in every codec."""
    body = b"".join(frames)
    return Packed(compress(codec, body) if codec and body else body, len(body), frames)


class Packs:
    """Remembers what was packed last, up to `most_bytes` raw.

    The key is which objects the frames are, not what they hold: an entry keeps its frames alive, so no other
    bytes can come to the same identity while it is there.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._held = 0
        self._entries: OrderedDict[tuple[str, tuple[int, ...]], Packed] = OrderedDict()
        self._lock = threading.Lock()

    def pack(self, frames: list[bytes], codec: str) -> Packed:
        """As the function of that name, from memory where it can be."""
        key = (codec, tuple(map(id, frames)))
        with self._lock:
            found = self._entries.get(key)
            if found is not None:
                self._entries.move_to_end(key)
                return found
        made = pack(frames, codec)
        self._remember(key, made)
        return made

    def _remember(self, key: tuple[str, tuple[int, ...]], made: Packed) -> None:
        with self._lock:
            if key in self._entries:
                return
            self._entries[key] = made
            self._held += made.raw_size
            while self._held > self._most_bytes:
                _, oldest = self._entries.popitem(last=False)
                self._held -= oldest.raw_size
