"""Realistic logs for SLS with a ledger of what was written, and waiting for what is to come of them."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable
from typing import TypeVar

from tests.data_makers import MAKERS, make_group
from tests.standins.ledger import Ledger
from tests.standins.sls import SlsControl

T = TypeVar("T")


class Producer:
    """Writes logs through the stand-in's back door and enters each in `ledger`."""

    def __init__(self, control: SlsControl, project: str, logstore: str, seed: int = 1) -> None:
        self.ledger = Ledger()
        self._project, self._logstore = project, logstore
        self._control = control
        self._rng = random.Random(seed)
        self._numbers = itertools.count(1)

    def put(
        self,
        events: int,
        *,
        maker: str = "waf",
        project: str = "",
        logstore: str = "",
        shard: int | None = None,
        group_size: int | None = None,
        t: int | None = None,
        received: int | None = None,
        wanted: bool = True,
    ) -> None:
        """Write ``events`` logs of epoch second ``t``, in groups of ``group_size`` (or the usual).

        ``received``: when the service is to have received them, epoch seconds. What is not ``wanted`` stays
        out of the ledger: if it arrives, it is unknown.
        """
        left, into = events, logstore or self._logstore
        while left > 0:
            size = min(left, group_size or self._rng.randint(*MAKERS[maker].logs_per_group))
            when = int(time.time()) if t is None else t
            group = make_group(MAKERS[maker], self._rng, when, self._numbers, size)
            self._control.put_logs(
                project or self._project,
                into,
                group.logs,
                topic=group.topic,
                source=group.source,
                tags=dict(group.tags),
                shard=shard,
                receive_time=received,
            )
            for number in group.numbers() if wanted else ():
                self.ledger.produced(group.topic, into, number, time.time())
            left -= size


def wait_for(
    predicate: Callable[[], T | None], timeout: float, what: str | Callable[[], str], poll: float = 0.05
) -> T:
    """The first true value of ``predicate``, polled until ``timeout`` seconds have passed.

    Raises AssertionError that says what was waited for; the test report adds the tails of all logs.
    """
    deadline = time.monotonic() + timeout
    while True:
        value = predicate()
        if value:
            return value
        if time.monotonic() > deadline:
            break
        time.sleep(poll)
    text = what if isinstance(what, str) else what()
    raise AssertionError(f"waited {timeout:g} s in vain for {text}")
