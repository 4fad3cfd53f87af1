"""Projects, logstores and access keys: what the service remembers."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from .clock import Clock
from .errors import bad, invalid, no_logstore, no_project, no_shard
from .groups import ConsumerGroup, ShardView
from .knobs import Knobs
from .packing import Packs
from .ram import AccessKey
from .shard import KEY_SPACE, Shard

DEFAULT_OWNER = "1234567890123456"
DAY = 86_400


@dataclass
class Logstore:
    """One logstore; `lock` guards everything in it."""

    name: str
    ttl: int
    created: int
    clock: Clock
    knobs: Knobs
    config: dict[str, Any] = field(default_factory=dict)
    index: dict[str, Any] | None = None
    ready_at: float = 0.0
    shards: dict[int, Shard] = field(default_factory=dict)
    groups: dict[str, ConsumerGroup] = field(default_factory=dict)
    modified: int = 0
    next_shard: int = 0
    turn: int = 0
    lock: threading.RLock = field(default_factory=threading.RLock)

    def add_shard(self, begin: int, end: int, parents: tuple[int, ...] = ()) -> Shard:
        """A new readwrite shard with the next free id."""
        start = (
            self.clock.now_ns() if self.knobs.cursor_start == "creation_ns" else int(self.knobs.cursor_start)
        )
        shard = Shard(self.next_shard, begin, end, int(self.clock.now()), start + self.next_shard, parents)
        self.shards[shard.id] = shard
        self.next_shard += 1
        return shard

    def cut(self, count: int) -> None:
        """The first shards: `count` even ranges over the whole key space."""
        for number in range(count):
            self.add_shard(KEY_SPACE * number // count, KEY_SPACE * (number + 1) // count)

    @contextmanager
    def open(self) -> Iterator[Logstore]:
        """Hold the lock, with expired data gone."""
        with self.lock:
            self.retain()
            yield self

    def retain(self) -> None:
        """Drop log groups past the retention window, and readonly shards that have none left."""
        before = int(self.clock.now()) - (self.ttl + self.knobs.ttl_extra_days) * DAY
        for shard in list(self.shards.values()):
            shard.expire(before)
            if shard.readonly_since is not None and not shard.frames and shard.readonly_since < before:
                del self.shards[shard.id]

    def shard(self, number: str, status: int) -> Shard:
        """The shard with that id; raises ShardNotExist with `status`, or ParameterInvalid."""
        if not number.isdigit():
            raise invalid(f"invalid shard id: {number}")
        found = self.shards.get(int(number))
        if found is None:
            raise no_shard(number, status)
        return found

    def writable(self, key: int | None = None) -> Shard:
        """The readwrite shard that holds `key`, or the next one in turn."""
        ready = [shard for shard in self.shards.values() if not shard.readonly]
        if key is not None:
            ready = [shard for shard in ready if shard.holds(key)]
        if not ready:
            raise bad("LogStoreWithoutShard", "logstore has no shard")
        if self.knobs.lb_policy == "random":
            return random.choice(ready)
        self.turn += 1
        return ready[self.turn % len(ready)]

    def views(self) -> list[ShardView]:
        """What the consumer group state machine needs to know of the shards."""
        return [ShardView(s.id, s.readonly, s.parents, s.end, not s.frames) for s in self.shards.values()]


@dataclass
class Project:
    """One project."""

    name: str
    region: str
    owner: str
    created: int
    description: str = ""
    status: str = "Normal"
    modified: int = 0
    logstores: dict[str, Logstore] = field(default_factory=dict)
    processors: dict[str, dict[str, Any]] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def logstore(self, name: str) -> Logstore:
        """The logstore of that name; raises LogStoreNotExist."""
        found = self.logstores.get(name)
        if found is None:
            raise no_logstore(name)
        return found

    def ready_logstore(self, name: str) -> Logstore:
        """The logstore, if its data can be used already; raises LogStoreNotExist."""
        found = self.logstore(name)
        if found.ready_at > found.clock.monotonic():
            raise no_logstore(name)
        return found


class Store:
    """All state of the service."""

    def __init__(self, knobs: Knobs, clock: Clock) -> None:
        self.knobs = knobs
        self.clock = clock
        self.projects: dict[str, Project] = {}
        self.keys: dict[str, AccessKey] = {}
        self.packs = Packs()
        self.lock = threading.RLock()

    def project(self, name: str) -> Project:
        """The project of that name; raises ProjectNotExist."""
        found = self.projects.get(name)
        if found is None:
            raise no_project(name)
        return found

    def create_project(self, name: str, region: str, owner: str, description: str = "") -> Project:
        """A new project; raises ProjectAlreadyExist."""
        with self.lock:
            if name in self.projects:
                raise bad("ProjectAlreadyExist", f"Project {name} already exist")
            now = int(self.clock.now())
            project = Project(name, region, owner, now, description, modified=now)
            self.projects[name] = project
            return project

    def create_logstore(
        self,
        project: Project,
        name: str,
        ttl: int,
        shards: int,
        config: dict[str, Any] | None = None,
        delay: float = 0.0,
    ) -> Logstore:
        """A new logstore, usable after `delay` seconds; raises LogStoreAlreadyExist or ProjectQuotaExceed."""
        with project.lock:
            if name in project.logstores:
                raise bad("LogStoreAlreadyExist", f"logstore {name} already exists")
            if len(project.logstores) >= self.knobs.logstores_per_project:
                raise bad("ProjectQuotaExceed", "project quota exceed")
            now = int(self.clock.now())
            logstore = Logstore(name, ttl, now, self.clock, self.knobs, config or {}, modified=now)
            logstore.ready_at = self.clock.monotonic() + delay
            logstore.cut(shards)
            project.logstores[name] = logstore
            return logstore
