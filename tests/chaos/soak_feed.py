"""Keeps the shards of one logstore filled ahead of a reader, with log groups that were encoded once."""

from __future__ import annotations

import random
import threading
import time

from tests.standins.sls import SlsControl
from tests.standins.sls.shard import cursor_value
from tests.standins.sls.wire import Log, LogGroup, encode_group

LOGS_PER_GROUP, FIELDS, FIELD_BYTES = 30, 20, 40
_TEMPLATES = 50
_STEP = 0.1  # seconds between two looks at the shards
_PER_CALL = 100  # log groups, some 3 MB
_TRIM = 300  # log groups of a shard that are dropped at once


class Feeder(threading.Thread):
    """Holds `ahead` unsaved log groups in each shard, and drops what lies before the saved checkpoints.

    A context manager; `error` says why it ended early, if it did.
    """

    def __init__(self, control: SlsControl, place: tuple[str, str], group: str, ahead: int) -> None:
        super().__init__(name="feeder", daemon=True)
        self.error = ""
        self.put_groups = 0
        self._control, self._place, self._group, self._ahead = control, place, group, ahead
        self._templates = _templates(random.Random(1))
        self._ended = threading.Event()

    @property
    def bytes_per_log(self) -> float:
        """Raw size of a log, with its share of the log group around it."""
        return sum(map(len, self._templates)) / len(self._templates) / LOGS_PER_GROUP

    def __enter__(self) -> Feeder:
        self.fill()
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._ended.set()
        self.join()

    def run(self) -> None:
        try:
            while not self._ended.wait(_STEP):
                self.fill()
        except (OSError, RuntimeError) as error:
            self.error = f"{type(error).__name__}: {error}"

    def fill(self) -> None:
        """One round over the shards."""
        group = self._control.consumer_groups(*self._place).get(self._group, {"shards": {}})
        for row in self._control.shards(*self._place):
            shard, end = row["shardID"], _value(row["end"])
            saved = group["shards"].get(shard, {}).get("checkpoint") or row["begin"]
            unsaved = end - _value(saved)
            if row["log_groups"] - unsaved >= _TRIM:
                self._control.expire(*self._place, shard, keep_last=unsaved)
            while unsaved < self._ahead and not self._ended.is_set():
                self._put(shard)
                unsaved += _PER_CALL

    def _put(self, shard: int) -> None:
        groups = self._templates * (_PER_CALL // _TEMPLATES)
        self._control.put_raw_groups(*self._place, groups, shard=shard, count_logs=LOGS_PER_GROUP)
        self.put_groups += len(groups)


def _value(cursor: str) -> int:
    return cursor_value(cursor, unpadded=True)


def _templates(rng: random.Random) -> list[bytes]:
    """Log groups with `FIELDS` fields of some `FIELD_BYTES` bytes in each log: about 1 kB a log."""
    return [_template(rng, int(time.time())) for _ in range(_TEMPLATES)]


def _template(rng: random.Random, when: int) -> bytes:
    logs = []
    for _ in range(LOGS_PER_GROUP):
        pairs = [
            (b"field_%02d" % n, rng.randbytes(FIELD_BYTES // 2 - 2).hex().encode() + b'<"&>')
            for n in range(FIELDS)
        ]
        logs.append(Log(when, pairs))
    return encode_group(LogGroup(logs, b"soak", b"10.0.0.1", [(b"__hostname__", b"soak-1")]))
