"""Writes the mix of logs and keeps the ledger: a backlog first, then live logs at a steady pace."""

from __future__ import annotations

import itertools
import random
import threading
import time
from dataclasses import dataclass

from tests.data_makers import MAKERS, LogMaker, make_group
from tests.data_makers.samples import sample_makers
from tests.demo.put_logs import LogWriter, PutLogsError
from tests.standins.ledger import Ledger

AUDIT, FLOW, CLUSTER = "audit-central", "network-flow", "k8s_log"

# maker -> (logstore, share of the events in per cent)
MIX = {
    "actiontrail": (AUDIT, 6),
    "oss": (AUDIT, 18),
    "waf": (AUDIT, 20),
    "rds": (AUDIT, 10),
    "k8s": (CLUSTER, 12),
    "vpc_flow": (FLOW, 34),
}
TICK_SECONDS = 0.25
SEED = 20240501


@dataclass(frozen=True)
class Planned:
    """One group to write: which maker, into which logstore, and how many events."""

    maker: LogMaker
    logstore: str
    size: int


def plan(events: int, rng: random.Random) -> list[Planned]:
    """Groups for about ``events`` events, shuffled: each sample once, the rest in the proportions of MIX."""
    groups = [Planned(maker, AUDIT, 1) for maker in sample_makers()]
    rest = max(0, events - len(groups))
    for name, (logstore, share) in MIX.items():
        maker, left = MAKERS[name], max(1, rest * share // 100)
        while left > 0:
            size = min(left, rng.randint(*maker.logs_per_group))
            groups.append(Planned(maker, logstore, size))
            left -= size
    rng.shuffle(groups)
    return groups


class Producer:
    """Writes planned groups; ``error`` holds what ended the live part early, if anything did."""

    def __init__(self, writer: LogWriter, ledger: Ledger, lock: threading.Lock) -> None:
        self.raw_bytes = self.backlog_bytes = 0
        self.error: str = ""
        self._writer, self._ledger, self._lock = writer, ledger, lock
        self._rng = random.Random(SEED)
        self._numbers = itertools.count(1)
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()

    def plan(self, events: int) -> list[Planned]:
        """A plan that depends on the seed only."""
        return plan(events, self._rng)

    def write(self, groups: list[Planned], live: bool) -> None:
        """Write groups at once. Live ones count for the lag. Raises PutLogsError or OSError."""
        for planned in groups:
            self._write(planned, live)

    def start_live(self, groups: list[Planned], seconds: float) -> None:
        """Write groups in the background, spread over ``seconds``."""
        self._thread = threading.Thread(
            target=self._live, args=(groups, seconds), name="producer", daemon=True
        )
        self._thread.start()

    @property
    def done(self) -> bool:
        return self._thread is not None and not self._thread.is_alive()

    def stop(self) -> None:
        """End the live part early and close the connection."""
        self._stop.set()
        if self._thread:
            self._thread.join(TICK_SECONDS * 20)
        self._writer.close()

    def _live(self, groups: list[Planned], seconds: float) -> None:
        per_tick = max(1, round(len(groups) * TICK_SECONDS / seconds))
        started = time.monotonic()
        try:
            for tick, first in enumerate(range(0, len(groups), per_tick)):
                if self._stop.wait(max(0.0, started + tick * TICK_SECONDS - time.monotonic())):
                    return
                self.write(groups[first : first + per_tick], live=True)
        except (PutLogsError, OSError) as error:
            self.error = f"The live logs stopped: {error}."

    def _write(self, planned: Planned, live: bool) -> None:
        """The record counts as produced once SLS has accepted it; its time is when it was sent."""
        now = time.time()
        group = make_group(planned.maker, self._rng, int(now), self._numbers, planned.size)
        size = self._writer.put(planned.logstore, group)
        with self._lock:
            self.raw_bytes += size
            self.backlog_bytes += 0 if live else size
            for number in group.numbers():
                self._ledger.produced(group.topic, planned.logstore, number, now if live else None)
