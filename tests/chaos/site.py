"""One cell's world: an SLS stand-in, forwarders that share a consumer group on it, producer and ledger."""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.app_package import place_app
from tests.functional.harness import LOGSTORE, PROJECT, wait_for
from tests.pythons import pythons_for_splunk
from tests.standins.sls import Knobs, SlsServer
from tests.standins.sls.shard import cursor_value

from .forwarder import GROUP, Member
from .journal import Journal
from .ledger import BulkLedger
from .producer import Producer
from .tap import Tap
from .watcher import CheckpointWatcher

SHARDS = 4
_TRACE = 5000  # requests that the SLS stand-in remembers


class Site:
    """Everything that a fault may touch. `rng` is the cell's, and draws only what the seed is to repeat."""

    def __init__(self, home: Path, app: Path, rng: random.Random, events: int, forwarders: int) -> None:
        self.rng = rng
        self.ledger = BulkLedger(time.time())
        self.tap = Tap(self.ledger)
        self.sls = SlsServer(workdir=home / "sls", knobs=Knobs(trace_size=_TRACE)).start()
        self.control = self.sls.control
        self.control.create_project(PROJECT)
        self.control.create_logstore(PROJECT, LOGSTORE, shards=SHARDS)
        self.journal = Journal(home / "journal.jsonl")
        self.watcher = CheckpointWatcher(self.control, PROJECT, LOGSTORE)
        self.producer = Producer(
            self.control, (PROJECT, LOGSTORE), self.tap, events, random.Random(rng.random()), self.trim
        )
        self.producer.writable = list(range(SHARDS))
        self.members = [self._member(home, app, number) for number in range(forwarders)]
        self.gaps: set[int] = set()  #: shards of which SLS has dropped logs unread
        self.poison: set[tuple[int, int]] = set()  #: shard and position of each damaged LogGroup

    def _member(self, home: Path, app: Path, number: int) -> Member:
        folder = home / f"hf{number + 1}"
        place_app(app, folder)
        pythons = pythons_for_splunk()
        if number % 2 and len(pythons) > 1:  # the older of Splunk's interpreters has its turn, too
            pythons = {"3.9": pythons["3.9"]}
        return Member(folder, self.sls, number, self.tap.of(number), pythons)

    def open(self) -> None:
        """Start the forwarders side by side; return when their inputs run."""
        with ThreadPoolExecutor(len(self.members)) as pool:
            list(pool.map(Member.join, self.members))
        wait_for(self._shared_out, 60, "every forwarder to own shards")
        self.watcher.start()
        self.producer.start()

    def _shared_out(self) -> bool:
        owners = {row["owner"] for row in self.group_shards().values()}
        return "" not in owners and len(owners) == len(self.members)

    def close(self) -> None:
        """End everything; also what failed to start."""
        self.control.clear_faults()
        for thread in (self.producer, self.watcher):
            thread.stop()
            if thread.is_alive():
                thread.join(10)
        for member in self.members:
            member.resume_reading()
        with ThreadPoolExecutor(len(self.members)) as pool:
            list(pool.map(Member.close, self.members))
        self.sls.stop()
        self.journal.close()

    # -- looking

    def present(self) -> list[Member]:
        """The forwarders whose input is enabled."""
        return [member for member in self.members if not member.is_away]

    def pick(self) -> Member:
        """A forwarder to strike, drawn by the seed."""
        return self.rng.choice(self.present())

    def group_shards(self) -> dict[int, dict[str, Any]]:
        """The consumer group's state of each shard."""
        shards: dict[int, dict[str, Any]] = (
            self.control.consumer_groups(PROJECT, LOGSTORE).get(GROUP, {}).get("shards", {})
        )
        return shards

    def shards(self) -> dict[int, dict[str, Any]]:
        """All shards by id, cursors as numbers."""
        rows = {row["shardID"]: row for row in self.control.shards(PROJECT, LOGSTORE)}
        for row in rows.values():
            row["begin"], row["end"] = (cursor_value(row[name], unpadded=True) for name in ("begin", "end"))
        return rows

    def are_beating(self, since: float) -> bool:
        """Whether each forwarder that should takes part in the group and has sent a heartbeat since then."""
        return all(self.watcher.last_beat(member.consumer) > since for member in self.present())

    def ends(self) -> dict[int, int]:
        """The end of each shard that has logs."""
        return {shard: row["end"] for shard, row in self.shards().items() if row["end"] > row["begin"]}

    def are_saved(self, ends: dict[int, int]) -> bool:
        """Whether every shard's checkpoint has come this far."""
        return all((self.watcher.saved_position(shard) or 0) >= end for shard, end in ends.items())

    # -- SLS

    def fault(self, endpoint: str, **settings: Any) -> int:
        """A rule of the SLS stand-in; returns its id."""
        return self.control.fault(endpoint, **settings)

    def put_poison(self, shard: int, raw: bytes) -> int:
        """Store a damaged LogGroup between two good ones; returns its position."""
        position = self.producer.put_around(shard, raw)
        self.poison.add((shard, position))
        return position

    def expire(self, shard: int, keep: int) -> int:
        """Retention passes: all but the last `keep` LogGroups go. Returns how many logs were lost unread."""
        with self.producer.lock:
            begin = self.shards()[shard]["begin"]
            dropped = self.control.expire(PROJECT, LOGSTORE, shard, keep_last=keep)
            with self.tap.lock:
                gone = list(self.ledger.blocks(shard, begin, begin + dropped))
                lost = sum(self.ledger.drop(block) for block in gone)
        if lost:
            self.gaps.add(shard)
        return lost

    def trim(self) -> None:
        """Free memory: drop LogGroups that have arrived and lie behind every checkpoint of the last minute.

        Called under the producer's lock, so that no shard grows meanwhile.
        """
        for shard, row in self.shards().items():
            until = self.watcher.trim_position(shard)
            if until is None or until <= row["begin"]:
                continue
            with self.tap.lock:
                late = [
                    block.position
                    for block in self.ledger.blocks(shard, row["begin"], until)
                    if not self.ledger.has_arrived(block)
                ]
            until = min([until, row["end"] - 1, *late])  # one stays, as an empty read-only shard vanishes
            if until > row["begin"]:
                self.control.expire(PROJECT, LOGSTORE, shard, keep_last=row["end"] - until)
