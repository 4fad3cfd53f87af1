"""Events on their way from the Splunk stand-in into the ledger, and checkpoints as they were seen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos import payload
from tests.chaos.ledger import BulkLedger
from tests.chaos.tap import Tap
from tests.chaos.watcher import CheckpointWatcher
from tests.standins.sls import SlsControl
from tests.standins.sls.shard import cursor_text
from tests.standins.sls.wire import decode_group
from tests.standins.splunk.index import EventStore
from tests.standins.splunk.knobs import Knobs
from tests.standins.splunk.records import Row

EPOCH = 1_700_000_000.0


@pytest.fixture
def tap() -> Tap:
    ledger = BulkLedger(EPOCH)
    ledger.produce(10, 0, EPOCH)
    return Tap(ledger)


@pytest.fixture
def store(tmp_path: Path, tap: Tap) -> Iterator[EventStore]:
    made = EventStore(tmp_path / "events.sqlite", lambda: {"main"}, Knobs(store="tap"))
    made.tap = tap.of(1)
    yield made
    made.close()


def row(raw: str, sourcetype: str = "alibaba:sls", index: str = "main") -> Row:
    return (EPOCH, index, "h", "s", sourcetype, raw, "alibaba_sls://x", 1, EPOCH + 2)


def test_tapped_events_reach_the_ledger_and_no_database(store: EventStore, tap: Tap) -> None:
    store.add_many([row('{"demo_seq":"000000003","a":"b"}'), row('{"a":"b","demo_seq":"000000004"}')])
    assert tap.ledger.arrived == 2
    assert store.count() == 0


def test_events_for_an_unknown_index_do_not_arrive(store: EventStore, tap: Tap) -> None:
    store.add_many([row('{"demo_seq":"000000003"}', index="nowhere")])
    assert tap.ledger.arrived == 0
    assert store.problems.counts == {"unknown_index": 1}


def test_notices_and_strangers_are_kept_apart(store: EventStore, tap: Tap) -> None:
    gap = row(json.dumps({"shard": 3}), "alibaba:sls:gap")
    store.add_many([gap, row("who are you"), row('{"demo_seq":"000000010"}')])
    assert [(n.kind, n.reader, n.fields, n.at) for n in tap.notices] == [("gap", 1, {"shard": 3}, EPOCH + 2)]
    assert tap.strangers == ["who are you"]
    assert tap.ledger.unknown == ["10"]


def test_a_log_group_holds_its_numbers_and_nothing_changes_but_them() -> None:
    for template in payload.templates(1_700_000_000):
        group = decode_group(payload.group(41, 3, template, payload.group_tail(5)))
        assert [dict(log.contents)[b"demo_seq"] for log in group.logs] == [
            b"000000041",
            b"000000042",
            b"000000043",
        ]
        assert len({dict(log.contents)[b"message"] for log in group.logs}) == 1
        assert (group.topic, group.tags) == (b"chaos", [(b"__hostname__", b"host-5")])


def watched(*saves: tuple[float, int]) -> CheckpointWatcher:
    """A watcher that has seen shard 0 at these positions at these times."""
    watcher = CheckpointWatcher(SlsControl("http://127.0.0.1:1"), "p", "l")
    for at, position in saves:
        watcher._note({0: {"checkpoint": cursor_text(position)}}, at)
    return watcher


def test_a_copy_is_stale_only_when_its_checkpoint_stood_for_good() -> None:
    watcher = watched((100.0, 10), (103.0, 20))
    assert watcher.saved_past(0, 15, before=104.0) == 103.0
    assert watcher.saved_past(0, 15, before=102.0) is None
    assert watcher.saved_past(0, 20, before=104.0) is None
    assert watcher.saved_past(7, 0, before=104.0) is None


def test_a_checkpoint_that_went_back_holds_everything_behind_it() -> None:
    watcher = watched((100.0, 10), (103.0, 20), (104.0, 10))
    assert watcher.saved_past(0, 15, before=103.5) is None
    assert watcher.trim_position(0) == 10
