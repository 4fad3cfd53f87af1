"""The other consumers of a group, in a process of their own: they beat, hold shards, and save checkpoints."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.synchronize import Event
from typing import Any

from tests.bench.side.agents import Address
from tests.bench.side.measurement import MeasureError
from tests.functional.harness import KEY_ID, KEY_SECRET, PROJECT
from tests.functional.sls_caller import Caller, cursor

BEAT = 2.0  # seconds between two heartbeats of one consumer
_PATIENCE = 30.0  # seconds until every one of them has beaten once


@dataclass(frozen=True)
class Place:
    """Which group of which logstore; `timeout` in seconds as the input that is measured would set it."""

    logstore: str
    group: str
    timeout: int

    @property
    def groups(self) -> str:
        """Path of the logstore's consumer groups."""
        return f"/logstores/{self.logstore}/consumergroups"


@contextmanager
def members(address: Address, place: Place, count: int) -> Iterator[None]:
    """So many consumers that take part in a new group while the context is open."""
    context = multiprocessing.get_context("spawn")
    ready, stop = context.Event(), context.Event()
    process = context.Process(target=_take_part, args=(address, place, count, ready, stop), daemon=True)
    process.start()
    try:
        if not ready.wait(_PATIENCE):
            raise MeasureError(f"{count} consumers did not join within {_PATIENCE:.0f} s")
        yield
        if not process.is_alive():
            raise MeasureError("the other consumers ended early")
    finally:
        stop.set()
        process.join(10)


@dataclass
class _Server:
    """What the signing caller asks of a stand-in, for one in another process."""

    https_port: int
    ca_file: str
    host: str = "127.0.0.1"
    endpoint: str = "sls.test"


@dataclass
class _Member:
    """One consumer: what it was given last it holds, and where those shards begin."""

    call: Caller
    place: Place
    name: str
    held: list[int] = field(default_factory=list)
    starts: dict[int, str] = field(default_factory=dict)

    def beat(self) -> None:
        """Name the shards that are held, and take what the answer gives."""
        answer = self._ask({"type": "heartbeat", "consumer": self.name}, self.held)
        self.held = list(answer.json())

    def save(self, turn: int) -> None:
        """Save the beginning of one of its shards as the checkpoint."""
        if not self.held:
            return
        shard = self.held[turn % len(self.held)]
        if shard not in self.starts:
            self.starts[shard] = cursor(self._at_project, self.place.logstore, shard)  # type: ignore[arg-type]
        query = {"type": "checkpoint", "consumer": self.name, "forceSuccess": "false"}
        self._ask(query, {"shard": shard, "checkpoint": self.starts[shard]})

    def _at_project(self, method: str, path: str, params: dict[str, Any]) -> Any:
        return self.call(method, path, params, project=PROJECT)

    def _ask(self, query: dict[str, str], body: Any) -> Any:
        path = f"{self.place.groups}/{self.place.group}"
        answer = self.call("POST", path, query, body, project=PROJECT)
        if answer.status_code != 200:
            raise MeasureError(f"SLS refused {query['type']} of {self.name}: {answer.text}")
        return answer


def _take_part(address: Address, place: Place, count: int, ready: Event, stop: Event) -> None:
    server: Any = _Server(address.https_port, address.ca_file)
    call = Caller(server, tls=True, key_id=KEY_ID, secret=KEY_SECRET)
    wanted = {"consumerGroup": place.group, "timeout": place.timeout, "order": False}
    call("POST", place.groups, None, wanted, project=PROJECT)
    everyone = [_Member(call, place, f"member-{number}") for number in range(count)]
    turn = 0
    while not stop.is_set():
        for one in everyone:
            one.beat()
            if ready.is_set():
                one.save(turn)
            if stop.wait(BEAT / count if ready.is_set() else 0):
                return
        turn += 1
        if turn > 1:
            ready.set()
