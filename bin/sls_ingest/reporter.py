"""Writes the metrics of one input into the add-on's log: every interval, and once more at the end of a run.

It has a thread of its own, so that no call to SLS that hangs keeps the main thread from its watch of splunkd.
What SLS does not tell is no trouble to talk of: the lag is then what is known without it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Callable, NamedTuple, Protocol

from .log_fields import Value, line
from .logs import events_ingested
from .metrics import Counts, InputMetrics
from .outage import INTERNAL, of_kind
from .settings import InputSettings


class Arrival(NamedTuple):
    """When a log was received: epoch seconds by SLS's clock, and how many seconds ago."""

    time: int
    age: float


class Arrivals(Protocol):
    """Tells when the log at a cursor was received; None where SLS does not say."""

    def at(self, shard_id: int, cursor: str) -> Arrival | None: ...


class Reporter:
    """`positions` gives the shards that are held now, each with the cursor before which all is written."""

    def __init__(
        self,
        settings: InputSettings,
        consumer: str,
        metrics: InputMetrics,
        arrivals: Arrivals,
        positions: Callable[[], Mapping[int, str]],
        logger: logging.Logger,
    ) -> None:
        self._settings, self._metrics, self._arrivals = settings, metrics, arrivals
        self._positions, self._logger = positions, logger
        self._where: dict[str, Value] = {
            "project": settings.project,
            "logstore": settings.logstore,
            "consumer_group": settings.consumer_group,
            "consumer": consumer,
        }
        self._since = metrics.clock()
        self._asked: dict[int, float] = {}  # when each shard was last asked for, as time may not do for all
        self._over = threading.Event()
        self._saying = threading.Lock()

    def start(self) -> None:
        """Report every interval from now on."""
        threading.Thread(target=self._run, name="metrics", daemon=True).start()

    def finish(self) -> None:
        """Report for the last time, without asking SLS; nothing is held any more. Never raises."""
        self._over.set()
        with self._harmless(), self._saying:
            self._say(self._positions(), {}, held=())

    def _run(self) -> None:
        while not self._over.wait(self._settings.metrics_interval):
            with self._harmless():
                self._report()

    @contextmanager
    def _harmless(self) -> Iterator[None]:
        """Without the thread an input would seem silent; and the stop has more to do than to report."""
        try:
            yield
        except Exception as error:  # noqa: BLE001  # see above; a mistake of ours is said all the same
            sentence = "the metrics of this interval are not whole (%s)"
            self._logger.error(sentence, type(error).__name__, extra=of_kind(INTERNAL))

    def _report(self) -> None:
        told = {} if self._settings.end else self._ask(self._positions())
        with self._saying:
            if not self._over.is_set():
                positions = self._positions()
                self._say(positions, told, positions)

    # -- asking

    def _ask(self, positions: Mapping[int, str]) -> dict[int, Arrival]:
        """When the first log was received that is not written, of shards that are not read to their end."""
        told: dict[int, Arrival] = {}
        until = self._metrics.clock() + self._settings.metrics_interval / 2
        for shard_id in sorted(positions, key=lambda shard_id: self._asked.get(shard_id, 0.0)):
            shard, position = self._metrics.shard(shard_id), positions[shard_id]
            if not position or shard.lag(position) == 0:
                continue
            now = self._metrics.clock()
            if now > until or self._over.is_set():
                break
            self._asked[shard_id] = now
            arrival = self._arrivals.at(shard_id, position)
            if arrival is not None:
                told[shard_id] = arrival
                shard.received(self._metrics.clock() - arrival.age)
        return told

    # -- saying

    def _say(self, positions: Mapping[int, str], told: Mapping[int, Arrival], held: Collection[int]) -> None:
        shards, retries = self._metrics.take()
        now = self._metrics.clock()
        seconds, self._since = now - self._since, now
        total, lags = Counts(retries=retries), []
        for shard_id, counts in shards.items():
            total.add(counts)
            lag = self._lag(shard_id, positions)
            if lag is not None:
                lags.append(lag)
            if counts or shard_id in positions:
                self._say_shard(shard_id, counts, seconds, lag, told.get(shard_id))
        self._say_input(held, total, seconds, None if self._settings.end else max(lags, default=None))
        destinations = total.destinations
        events_ingested(self._logger, self._settings.stanza, self._settings.account, destinations)
        self._metrics.forget()

    def _lag(self, shard_id: int, positions: Mapping[int, str]) -> float | None:
        """A backfill reads old logs by intent: of it only the end of a shard is told, as 0."""
        shard, position = self._metrics.shard(shard_id), positions.get(shard_id)
        lag = shard.last_lag if position is None else shard.lag(position)
        return None if self._settings.end and lag else lag

    def _say_shard(
        self, shard_id: int, counts: Counts, seconds: float, lag: float | None, arrival: Arrival | None
    ) -> None:
        behind: dict[str, Value] = {"lag_s": lag, "cursor_time": arrival.time if arrival and lag else None}
        fields = {**self._where, "shard": shard_id, "seconds": seconds, **behind, **counts.numbers()}
        self._logger.info("%s", line("shard_metrics", fields))

    def _say_input(self, held: Collection[int], total: Counts, seconds: float, lag: float | None) -> None:
        shards: dict[str, Value] = {
            "account": self._settings.account,
            "shards_held": len(held),
            "shards": ",".join(str(shard_id) for shard_id in sorted(held)),
        }
        fields = {**self._where, **shards, "seconds": seconds, "lag_s": lag, **total.numbers()}
        self._logger.info("%s", line("input_metrics", fields))
