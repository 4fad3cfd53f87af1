"""Faults of shards and of the data in them."""

from __future__ import annotations

import time
from typing import Any

from tests.functional.harness import LOGSTORE, PROJECT
from tests.standins.sls.shard import cursor_value

from .. import payload
from ..forwarder import Member
from .base import Draw, Fault

FEWEST, MOST = 2, 8  # read-write shards


class Reshaping(Fault):
    """A split or a merge of read-write shards."""

    def _split(self) -> None:
        producer = self.site.producer
        with producer.lock:
            shard = self.draw.one_of(*producer.writable)
            made = self.site.control.split(PROJECT, LOGSTORE, shard)
            self._changed([row["shardID"] for row in made])

    def _merge(self) -> None:
        with self.site.producer.lock:
            shard = self.draw.one_of(*self._with_right_neighbour())
            made = self.site.control.merge(PROJECT, LOGSTORE, shard)
            self._changed([row["shardID"] for row in made])

    def _with_right_neighbour(self) -> list[int]:
        rows = [row for row in self.site.shards().values() if row["status"] == "readwrite"]
        begins = {row["inclusiveBeginKey"] for row in rows}
        return sorted(row["shardID"] for row in rows if row["exclusiveEndKey"] in begins)

    def _changed(self, touched: list[int]) -> None:
        rows = self.site.shards().values()
        self.site.producer.writable = sorted(r["shardID"] for r in rows if r["status"] == "readwrite")
        self.facts.setdefault("shards", []).append(touched)


class Split(Reshaping):
    """A shard is split; room is made first where there are too many."""

    def inject(self) -> None:
        if len(self.site.producer.writable) >= MOST:
            self._merge()
        self._split()


class Merge(Reshaping):
    """Two shards are merged; one is split first where there are too few."""

    def inject(self) -> None:
        if len(self.site.producer.writable) <= FEWEST:
            self._split()
        self._merge()


class Poison(Fault):
    """A LogGroup that nobody can read, between two good ones."""

    def inject(self) -> None:
        shard = self.draw.one_of(*self.site.producer.writable)
        raw = payload.damaged(self.draw.rng)
        self.facts.update(shard=shard, bytes=len(raw), position=self.site.put_poison(shard, raw))

    def settled(self) -> bool:
        """It must have been quarantined; recovery counts from then."""
        wanted = (self.facts.get("shard"), self.facts.get("position"))
        with self.site.tap.lock:
            found = [n for n in self.site.tap.notices if n.kind == "quarantine" and where(n.fields) == wanted]
        if found and self.since is None:
            self.since = found[0].at
        return bool(found)


class RetentionPasses(Fault):
    """The consumers are away or cut off while SLS drops logs that nobody has read."""

    def __init__(self, site: Any, draw: Draw) -> None:
        super().__init__(site, draw)
        self.facts = {"how": draw.one_of("disabled", "cut off"), "keep": draw.rng.randint(0, 3)}
        self._rule: int | None = None
        self._asleep: list[Member] = []
        self._notices = 0

    def inject(self) -> None:
        site = self.site
        self._stop_reading()
        shard = self.draw.one_of(*site.producer.writable)
        site.producer.put(shard, 80)
        self._notices = len(self._announced(shard))
        lost = site.expire(shard, self.facts["keep"])
        self.facts.update(shard=shard, lost=lost)

    def _stop_reading(self) -> None:
        if self.facts["how"] == "cut off":
            self._rule = self.site.fault("*", kind="reset")
            time.sleep(1.5)  # what was fetched before gets written
            return
        for member in self.site.present():
            self._asleep.append(member)
            member.go_away()
        for member in self._asleep:
            member.await_stop()

    def struck(self) -> bool:
        return bool(self.facts.get("lost"))

    def heal(self) -> None:
        if self._rule is not None:
            self.site.control.clear_faults(self._rule)
        for member in self._asleep:
            member.come_back()

    def settled(self) -> bool:
        """The gap must have been announced."""
        return len(self._announced(self.facts.get("shard"))) > self._notices

    def _announced(self, shard: Any) -> list[Any]:
        with self.site.tap.lock:
            return [n for n in self.site.tap.notices if n.kind == "gap" and n.fields["shard"] == shard]


def where(fields: dict[str, Any]) -> tuple[int, int]:
    """Shard and position that a quarantine event names."""
    return int(fields["shard"]), cursor_value(str(fields["cursor"]), unpadded=True)
