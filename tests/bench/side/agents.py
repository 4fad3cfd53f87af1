"""The producers of stamped logs, in a process of their own: what many small agents write together."""

from __future__ import annotations

import multiprocessing
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Event
from pathlib import Path

from tests.bench.side.measurement import MeasureError
from tests.bench.side.payload import stamped
from tests.demo.put_logs import LogWriter, encode_group
from tests.functional.harness import KEY_ID, KEY_SECRET, PROJECT
from tests.standins.sls import SlsControl

Put = Callable[[random.Random], object]
"""Makes one put and sends it."""


@dataclass(frozen=True)
class Traffic:
    """`per_second` puts of `logs` logs each. With `shards` these in turn, else where SLS likes (PutLogs)."""

    logstore: str
    per_second: float
    logs: int
    shards: tuple[int, ...] = ()


@dataclass(frozen=True)
class Address:
    """How to reach the SLS stand-in from another process."""

    https_port: int
    ca_file: str
    control_url: str


class Agents:
    """The running producers."""

    def __init__(self, address: Address, traffic: Traffic) -> None:
        context = multiprocessing.get_context("spawn")
        self._written: Synchronized[int] = context.Value("q", 0)
        self._stop = context.Event()
        self._process = context.Process(
            target=_produce, args=(address, traffic, self._written, self._stop), daemon=True
        )
        self._process.start()

    @property
    def logs(self) -> int:
        """How many logs SLS has taken."""
        return self._written.value

    def end(self) -> int:
        """Stop writing; how many logs were written. Raises MeasureError when the producer had failed."""
        self._stop.set()
        self._process.join(20)
        if self._process.exitcode != 0:
            raise MeasureError(f"the producer of logs ended with {self._process.exitcode}")
        return self.logs


@contextmanager
def agents(address: Address, traffic: Traffic) -> Iterator[Agents]:
    """Agents that write while the context is open, or until their end()."""
    running = Agents(address, traffic)
    try:
        yield running
    finally:
        running._stop.set()
        running._process.join(20)


def _produce(address: Address, traffic: Traffic, written: Synchronized[int], stop: Event) -> None:
    put = _to_shards(address, traffic) if traffic.shards else _anywhere(address, traffic)
    rng, due = random.Random(2), time.monotonic()
    while not stop.is_set():
        put(rng)
        written.value += traffic.logs
        due = max(due + 1 / traffic.per_second, time.monotonic() - 1)
        time.sleep(max(0.0, due - time.monotonic()))


def _anywhere(address: Address, traffic: Traffic) -> Put:
    """Real, signed PutLogs."""
    writer = LogWriter(f"{PROJECT}.sls.test", address.https_port, Path(address.ca_file), KEY_ID, KEY_SECRET)
    return lambda rng: writer.put(traffic.logstore, stamped(rng, traffic.logs))


def _to_shards(address: Address, traffic: Traffic) -> Put:
    """Through the stand-in's back door, which lets one name the shard."""
    control, turn = SlsControl(address.control_url), 0

    def put(rng: random.Random) -> None:
        nonlocal turn
        shard = traffic.shards[turn % len(traffic.shards)]
        turn += 1
        raw = encode_group(stamped(rng, traffic.logs))
        control.put_raw_group(PROJECT, traffic.logstore, raw, shard=shard, count_logs=traffic.logs)

    return put
