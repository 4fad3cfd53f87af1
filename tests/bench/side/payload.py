"""The logs that are read: in log groups of thirty, alone, and small ones that say when they were made."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from functools import cached_property

from tests.data_makers import LogGroup as PlainGroup
from tests.standins.sls import SlsControl
from tests.standins.sls.wire import Log, LogGroup, encode_group

STAMP = "bench_sent"
"""First field of a stamped log: epoch seconds with six decimals, when it was made."""
STAMP_LENGTH = 17
_TEMPLATES = 64  # a pull of 10 MB holds five times as many, so the stand-in packs it only once


@dataclass(frozen=True)
class Work:
    """A kind of log groups. `logs` in each, `fields` in each log of `field_bytes` with some XML to escape."""

    name: str
    logs: int
    fields: int
    field_bytes: int

    @cached_property
    def templates(self) -> list[bytes]:
        """Encoded log groups, all different, so that a batch compresses as text does."""
        rng = random.Random(1)
        return [self._template(rng, int(time.time())) for _ in range(_TEMPLATES)]

    @property
    def bytes_per_log(self) -> float:
        """Raw size of a log, with its share of the log group around it."""
        return sum(map(len, self.templates)) / len(self.templates) / self.logs

    def _template(self, rng: random.Random, when: int) -> bytes:
        logs = [Log(when, list(_pairs(rng, self.fields, self.field_bytes))) for _ in range(self.logs)]
        return encode_group(LogGroup(logs, b"bench", b"10.0.0.1", [(b"__hostname__", b"bench-1")]))


def _pairs(rng: random.Random, fields: int, size: int) -> list[tuple[bytes, bytes]]:
    return [(b"field_%02d" % n, rng.randbytes(size // 2 - 2).hex().encode() + b'<"&>') for n in range(fields)]


GROUPED = Work("groups of 30 logs", 30, 20, 40)
LONE = Work("groups of 1 log", 1, 20, 40)


def fill(control: SlsControl, place: tuple[str, str], shard: int, work: Work, groups: int) -> int:
    """Put so many log groups of a work into a shard at once; returns how many logs that are."""
    rounds, rest = divmod(groups, _TEMPLATES)
    for groups_, times in ((work.templates, rounds), (work.templates[:rest], 1)):
        if groups_ and times:
            control.put_raw_groups(*place, groups_, shard=shard, count_logs=work.logs, repeat=times)
    return groups * work.logs


def stamped(rng: random.Random, logs: int) -> PlainGroup:
    """A small log group made now: logs of some 1 kB, each with its time in the first field."""
    made: list[tuple[int, list[tuple[str, str]]]] = []
    for _ in range(logs):
        now = time.time()
        body = [(f"field_{n:02d}", rng.randbytes(18).hex() + '<"&>') for n in range(20)]
        made.append((int(now), [(STAMP, f"{now:.6f}"), *body]))
    return PlainGroup("bench", "10.0.0.1", (("__hostname__", "bench-1"),), made)
