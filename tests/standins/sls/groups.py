"""The server side of a consumer group: who holds which shard, and how far it was read.

States of a shard inside a group: not_alloc, already_alloc, transfer, wait, over. The rules follow the state
machine published with the Java consumer; when the real service rebalances, and which shards it moves, is
unknown (knobs). Pure: no clock, no sockets, no locks; the caller passes the time in seconds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from .errors import SlsError, missing, no_shard
from .knobs import Knobs

NOT_ALLOC, ALLOC, TRANSFER, WAIT, OVER = "not_alloc", "already_alloc", "transfer", "wait", "over"


@dataclass(frozen=True)
class ShardView:
    """What a group knows of a shard: `end` is the cursor value of the next log group to be written."""

    id: int
    readonly: bool
    parents: tuple[int, ...]
    end: int
    empty: bool


@dataclass
class Allocation:
    """One shard inside one group. `checkpoint` is the text as written, `update_time` microseconds."""

    state: str = NOT_ALLOC
    owner: str = ""
    next: str = ""
    checkpoint: str = ""
    update_time: int = 0
    updater: str = ""

    def free(self, state: str = NOT_ALLOC) -> None:
        """Nobody holds the shard any more."""
        self.state, self.owner, self.next = state, "", ""


@dataclass
class Consumer:
    """One member: when it last beat (seconds of the caller's clock), and how often."""

    last_beat: float
    beats: int = 0


@dataclass
class ConsumerGroup:
    """One consumer group of a logstore. `timeout` in seconds."""

    name: str
    timeout: int
    order: bool
    knobs: Knobs
    consumers: dict[str, Consumer] = field(default_factory=dict)
    shards: dict[int, Allocation] = field(default_factory=dict)
    last_balance: float = float("-inf")

    # -- calls

    def heartbeat(self, consumer: str, held: Iterable[int], views: list[ShardView], now: float) -> list[int]:
        """One beat of `consumer` that says it holds `held`; returns the shards it may read."""
        held = set(held)
        self.expire(now)
        if consumer not in self.consumers and held:
            text = "non-exist consumer with non-empty body of heartbeat message"
            raise SlsError(400, "NotExistConsumerWithBody", text)
        member = self.consumers.setdefault(consumer, Consumer(now))
        member.last_beat, member.beats = now, member.beats + 1
        self._hand_over(consumer, held)
        self.refresh(views)
        self._assign(now)
        return sorted(n for n, a in self.shards.items() if a.state == ALLOC and a.owner == consumer)

    def update_checkpoint(
        self,
        shard: int,
        checkpoint: str,
        value: int | None,
        consumer: str,
        *,
        force: bool,
        views: list[ShardView],
        now_us: int,
    ) -> None:
        """Store a checkpoint (`value`: its cursor value, None if it is no number); raises the API's
        errors."""
        self.refresh(views)
        view = next((v for v in views if v.id == shard), None)
        if view is None:
            raise no_shard(shard, 404)
        entry = self.shards[shard]
        if not force:
            self._must_hold(entry, consumer)
        entry.checkpoint, entry.update_time, entry.updater = checkpoint, now_us, consumer
        if view.readonly and value == view.end:
            entry.free(OVER)
        elif entry.state == OVER:
            entry.free()
        self.refresh(views)

    def set_order(self, order: bool) -> None:
        """Change the order flag: switching it off frees waiting shards; switching on affects later shards."""
        self.order = order
        if not order:
            for entry in self.shards.values():
                if entry.state == WAIT:
                    entry.free()

    def checkpoints(self, only: int | None) -> list[dict[str, Any]]:
        """GetCheckPoint's list, of one shard or of all."""
        listed = []
        for number, entry in sorted(self.shards.items()):
            shown = self.knobs.checkpoint_list == "all" or entry.owner or entry.update_time
            if shown and only in (None, number):
                who = entry.updater if self.knobs.checkpoint_consumer == "updater" else entry.owner
                row = {
                    "shard": number,
                    "checkpoint": entry.checkpoint,
                    "updateTime": entry.update_time,
                    "consumer": who,
                }
                listed.append(row)
        return listed

    # -- transitions

    def expire(self, now: float) -> None:
        """Drop consumers that have not beaten for more than the timeout, and free what they hold."""
        for name in [n for n, c in self.consumers.items() if now - c.last_beat > self.timeout]:
            del self.consumers[name]
            for entry in self.shards.values():
                if entry.owner == name:
                    entry.free()
                elif entry.state == TRANSFER and entry.next == name:
                    entry.state, entry.next = ALLOC, ""

    def refresh(self, views: list[ShardView]) -> None:
        """Learn new shards, forget vanished ones, and let children go on whose ancestors are over."""
        known = {view.id: view for view in views}
        for number in [n for n in self.shards if n not in known]:
            del self.shards[number]
        fresh = [view for view in views if view.id not in self.shards]
        for view in fresh:
            self.shards[view.id] = Allocation()
        for view in views:
            entry = self.shards[view.id]
            if view.readonly and view.empty and self.knobs.empty_readonly_is_over:
                entry.free(OVER)
        for view in fresh:
            if self.order and not self._ancestors_over(view, known):
                self.shards[view.id].state = WAIT
        for view in views:
            if self.shards[view.id].state == WAIT and self._ancestors_over(view, known):
                self.shards[view.id].state = NOT_ALLOC

    def _ancestors_over(self, view: ShardView, known: dict[int, ShardView]) -> bool:
        """True when every ancestor that still exists is over."""
        for parent in view.parents:
            over = parent not in known or self.shards[parent].state == OVER
            if not over or (parent in known and not self._ancestors_over(known[parent], known)):
                return False
        return True

    def _hand_over(self, consumer: str, held: set[int]) -> None:
        """Shards in transfer that the owner no longer names go to the next consumer."""
        for number, entry in self.shards.items():
            if entry.state == TRANSFER and entry.owner == consumer and number not in held:
                entry.state, entry.owner, entry.next = ALLOC, entry.next, ""

    def _assign(self, now: float) -> None:
        interval = self.knobs.rebalance_interval_seconds
        ready = [n for n, c in self.consumers.items() if c.beats > self.knobs.assign_after_heartbeats]
        if not ready or now - self.last_balance < interval:
            return
        self.last_balance = now
        load = {name: self._load(name) for name in ready}
        for number in sorted(n for n, a in self.shards.items() if a.state == NOT_ALLOC):
            name = min(ready, key=lambda n: len(load[n]))
            entry = self.shards[number]
            entry.state, entry.owner = ALLOC, name
            load[name].append(number)
        self._balance(load)

    def _balance(self, load: dict[str, list[int]]) -> None:
        """Move shards from the fullest to the emptiest consumer until they differ by at most one."""
        while True:
            fullest, emptiest = max(load, key=lambda n: len(load[n])), min(load, key=lambda n: len(load[n]))
            movable = [n for n in sorted(load[fullest]) if self.shards[n].state == ALLOC]
            if len(load[fullest]) - len(load[emptiest]) <= 1 or not movable:
                return
            number = movable[-1 if self.knobs.rebalance_pick == "highest" else 0]
            entry = self.shards[number]
            entry.state, entry.next = TRANSFER, emptiest
            load[fullest].remove(number)
            load[emptiest].append(number)

    def _load(self, name: str) -> list[int]:
        """Shards `name` will hold once all transfers are through."""
        held = [n for n, a in self.shards.items() if a.state == ALLOC and a.owner == name]
        return held + [n for n, a in self.shards.items() if a.state == TRANSFER and a.next == name]

    def _must_hold(self, entry: Allocation, consumer: str) -> None:
        if consumer not in self.consumers:
            raise missing("ConsumerNotExist", "consumer not exist")
        if entry.owner != consumer:
            text = f"consumer {consumer} does not hold the shard"
            raise SlsError(self.knobs.consumer_not_match_status, "ConsumerNotMatch", text)

    def describe(self, age: float) -> dict[str, Any]:
        """The whole state, for tests; `age` is added to beat times to make them epoch seconds."""
        return {
            "timeout": self.timeout,
            "order": self.order,
            "consumers": {name: member.last_beat + age for name, member in self.consumers.items()},
            "shards": {number: vars(entry).copy() for number, entry in self.shards.items()},
        }
