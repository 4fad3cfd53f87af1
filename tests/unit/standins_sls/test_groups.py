"""The consumer group state machine."""

from __future__ import annotations

import pytest

from tests.standins.sls.errors import SlsError
from tests.standins.sls.groups import ALLOC, NOT_ALLOC, OVER, TRANSFER, WAIT, ConsumerGroup, ShardView
from tests.standins.sls.knobs import Knobs


def views(count: int) -> list[ShardView]:
    """That many readwrite shards, each with its end at 10."""
    return [ShardView(number, False, (), 10, False) for number in range(count)]


def group(*, order: bool = False, **knobs: object) -> ConsumerGroup:
    """A group with a timeout of 10 seconds."""
    return ConsumerGroup("cg", 10, order, Knobs(**knobs))  # type: ignore[arg-type]


def checkpoint(
    cg: ConsumerGroup, shards: list[ShardView], shard: int, value: int, consumer: str = "", force: bool = True
) -> None:
    """Write a checkpoint."""
    cg.update_checkpoint(shard, "Y3A=", value, consumer, force=force, views=shards, now_us=5)


def test_one_consumer_gets_everything_at_once() -> None:
    assert group().heartbeat("a", [], views(3), 0) == [0, 1, 2]


def test_an_unknown_consumer_may_not_claim_shards() -> None:
    with pytest.raises(SlsError) as caught:
        group().heartbeat("a", [0], views(2), 0)
    assert (caught.value.status, caught.value.code) == (400, "NotExistConsumerWithBody")


def test_surplus_moves_only_after_the_owner_lets_go() -> None:
    cg, shards = group(), views(4)
    assert cg.heartbeat("a", [], shards, 0) == [0, 1, 2, 3]
    assert cg.heartbeat("b", [], shards, 1) == []
    assert sorted(n for n, a in cg.shards.items() if a.state == TRANSFER) == [2, 3]
    assert cg.heartbeat("a", [0, 1, 2, 3], shards, 2) == [0, 1], "answer leaves out what must be given up"
    assert cg.heartbeat("b", [], shards, 3) == [], "the owner still names them"
    assert cg.heartbeat("a", [0, 1, 2], shards, 4) == [0, 1]
    assert cg.heartbeat("b", [], shards, 5) == [3]
    assert cg.heartbeat("a", [0, 1], shards, 6) == [0, 1]
    assert cg.heartbeat("b", [3], shards, 7) == [2, 3]


def test_shards_of_a_silent_consumer_come_free_after_the_timeout() -> None:
    cg, shards = group(), views(2)
    cg.heartbeat("a", [], shards, 0)
    assert cg.heartbeat("b", [], shards, 10) == [], "ten seconds are not more than the timeout"
    assert cg.heartbeat("b", [], shards, 10.5) == [0, 1]
    assert "a" not in cg.consumers
    with pytest.raises(SlsError, match="NotExistConsumerWithBody"):
        cg.heartbeat("a", [0, 1], shards, 11)
    assert cg.heartbeat("a", [], shards, 11) == []


def test_a_transfer_is_called_off_when_the_next_consumer_dies() -> None:
    cg, shards = group(), views(2)
    cg.heartbeat("a", [], shards, 0)
    cg.heartbeat("b", [], shards, 1)
    assert cg.heartbeat("a", [0, 1], shards, 9) == [0]
    assert cg.heartbeat("a", [0, 1], shards, 12) == [0, 1]


def test_a_transfer_is_free_when_the_owner_dies() -> None:
    cg, shards = group(), views(2)
    cg.heartbeat("a", [], shards, 0)
    cg.heartbeat("b", [], shards, 9)
    assert cg.heartbeat("b", [], shards, 11) == [0, 1]


def test_more_consumers_than_shards_wait_in_standby() -> None:
    cg, shards = group(), views(1)
    assert [cg.heartbeat(name, [], shards, 0) for name in "abc"] == [[0], [], []]


def test_new_shards_go_to_whoever_has_fewest() -> None:
    cg = group()
    cg.heartbeat("a", [], views(1), 0)
    cg.heartbeat("b", [], views(1), 0)
    assert cg.heartbeat("b", [], views(2), 1) == [1]


def test_assignment_can_be_late_and_on_a_timer() -> None:
    late = group(assign_after_heartbeats=1)
    assert late.heartbeat("a", [], views(2), 0) == []
    assert late.heartbeat("a", [], views(2), 1) == [0, 1]
    timed = group(rebalance_interval_seconds=5.0)
    assert timed.heartbeat("a", [], views(1), 0) == [0]
    assert timed.heartbeat("a", [0], views(2), 1) == [0]
    assert timed.heartbeat("a", [0], views(2), 5) == [0, 1]


def test_which_shard_moves_is_a_switch() -> None:
    cg, shards = group(rebalance_pick="lowest"), views(2)
    cg.heartbeat("a", [], shards, 0)
    cg.heartbeat("b", [], shards, 0)
    assert cg.heartbeat("a", [0, 1], shards, 0) == [1]


# -- split shards

SPLIT = [
    ShardView(0, True, (), 10, False),
    ShardView(1, False, (0,), 10, False),
    ShardView(2, False, (0,), 10, False),
]


def test_in_order_children_wait_until_the_parent_is_read_to_its_end() -> None:
    cg = group(order=True)
    assert cg.heartbeat("a", [], SPLIT, 0) == [0]
    assert [cg.shards[n].state for n in range(3)] == [ALLOC, WAIT, WAIT]
    checkpoint(cg, SPLIT, 0, 9)
    assert cg.heartbeat("a", [0], SPLIT, 1) == [0]
    checkpoint(cg, SPLIT, 0, 10)
    assert [cg.shards[n].state for n in range(3)] == [OVER, NOT_ALLOC, NOT_ALLOC]
    assert cg.heartbeat("a", [0], SPLIT, 2) == [1, 2]


def test_without_order_children_are_read_at_once() -> None:
    assert group().heartbeat("a", [], SPLIT, 0) == [0, 1, 2]


def test_grandchildren_wait_for_every_ancestor() -> None:
    shards = [SPLIT[0], ShardView(1, True, (0,), 10, False), ShardView(3, False, (1,), 10, False)]
    cg = group(order=True)
    cg.heartbeat("a", [], shards, 0)
    checkpoint(cg, shards, 1, 10)
    assert cg.shards[3].state == WAIT
    checkpoint(cg, shards, 0, 10)
    assert cg.shards[3].state == NOT_ALLOC


def test_children_of_a_vanished_parent_go_on() -> None:
    cg = group(order=True)
    cg.heartbeat("a", [], SPLIT, 0)
    assert cg.heartbeat("a", [0], SPLIT[1:], 1) == [1, 2]
    assert 0 not in cg.shards


def test_an_older_checkpoint_makes_a_finished_shard_readable_again() -> None:
    cg = group()
    cg.heartbeat("a", [], SPLIT, 0)
    checkpoint(cg, SPLIT, 0, 10)
    assert cg.heartbeat("a", [0, 1, 2], SPLIT, 1) == [1, 2]
    checkpoint(cg, SPLIT, 0, 3)
    assert cg.heartbeat("a", [1, 2], SPLIT, 2) == [0, 1, 2]


def test_a_readwrite_shard_is_never_over() -> None:
    cg = group()
    cg.heartbeat("a", [], views(1), 0)
    checkpoint(cg, views(1), 0, 10)
    assert cg.heartbeat("a", [0], views(1), 1) == [0]


def test_order_off_frees_waiting_shards_and_on_binds_only_later_ones() -> None:
    cg = group(order=True)
    cg.heartbeat("a", [], SPLIT, 0)
    cg.set_order(False)
    assert cg.heartbeat("a", [0], SPLIT, 1) == [0, 1, 2]
    cg.set_order(True)
    assert cg.heartbeat("a", [0, 1, 2], SPLIT, 2) == [0, 1, 2]
    later = [*SPLIT[:1], ShardView(1, True, (0,), 10, False), SPLIT[2], ShardView(3, False, (1,), 0, True)]
    assert cg.heartbeat("a", [0, 1, 2], later, 3) == [0, 1, 2]
    assert cg.shards[3].state == WAIT


def test_an_empty_readonly_shard_needs_a_checkpoint_unless_switched() -> None:
    shards = [ShardView(0, True, (), 10, True), *SPLIT[1:]]
    assert group(order=True).heartbeat("a", [], shards, 0) == [0]
    assert group(order=True, empty_readonly_is_over=True).heartbeat("a", [], shards, 0) == [1, 2]


# -- checkpoints


def test_without_force_only_the_holder_may_write() -> None:
    cg, shards = group(), views(2)
    with pytest.raises(SlsError, match="404 ConsumerNotExist"):
        checkpoint(cg, shards, 0, 1, "a", force=False)
    cg.heartbeat("a", [], shards, 0)
    cg.heartbeat("b", [], shards, 0)
    checkpoint(cg, shards, 0, 1, "a", force=False)
    checkpoint(cg, shards, 1, 1, "a", force=False)  # in transfer, still held
    with pytest.raises(SlsError, match="400 ConsumerNotMatch"):
        checkpoint(cg, shards, 1, 1, "b", force=False)
    checkpoint(cg, shards, 1, 1, "b", force=True)
    checkpoint(cg, shards, 1, 1, "", force=True)


def test_checkpoints_may_go_back() -> None:
    cg, shards = group(), views(1)
    for value in (9, 2):
        checkpoint(cg, shards, 0, value)
    assert cg.shards[0].update_time == 5


def test_a_checkpoint_needs_an_existing_shard() -> None:
    with pytest.raises(SlsError, match="404 ShardNotExist"):
        checkpoint(group(), views(1), 7, 1)


def test_allocated_shards_are_listed_before_their_first_checkpoint() -> None:
    cg, shards = group(), views(2)
    cg.refresh(shards)
    assert cg.checkpoints(None) == []
    cg.heartbeat("a", [], shards, 0)
    assert cg.checkpoints(0) == [{"shard": 0, "checkpoint": "", "updateTime": 0, "consumer": ""}]
    assert cg.checkpoints(7) == []
    checkpoint(cg, shards, 1, 3, "a", force=False)
    assert cg.checkpoints(1) == [{"shard": 1, "checkpoint": "Y3A=", "updateTime": 5, "consumer": "a"}]


def test_what_is_listed_and_whose_name_it_bears_are_switches() -> None:
    cg = group(checkpoint_list="all", checkpoint_consumer="owner")
    cg.refresh(views(1))
    assert [row["shard"] for row in cg.checkpoints(None)] == [0]
    cg.heartbeat("a", [], views(1), 0)
    checkpoint(cg, views(1), 0, 3, "b")
    assert cg.checkpoints(None)[0]["consumer"] == "a"
