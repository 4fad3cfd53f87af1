"""The situations in which an input is stopped. Each brings its lane there and returns the stop's seconds."""

from __future__ import annotations

import time
from typing import Callable

from tests.chaos.stop_lane import SPARE, SPARE_STANZA, Lane

Case = Callable[[Lane], float]
START = 2.0  # seconds; at least the time in which an input starts


def idle(lane: Lane) -> float:
    lane.pause(0.2, 3.5)
    return lane.stop()


def in_full_flow(lane: Lane) -> float:
    with lane.flowing():
        lane.pause(0.3, 4.0)
        return lane.stop()


def pipe_full(lane: Lane) -> float:
    with lane.blocked():
        lane.put(1500)
        lane.wait_blocked()
        lane.pause(0.0, 3.0)
        return lane.stop()


def hanging(endpoint: str) -> Case:
    """SLS sends no answer to `endpoint` any more."""

    def case(lane: Lane) -> float:
        with lane.flowing(), lane.fault(endpoint, kind="hang") as fault:
            lane.wait_struck(fault, 6.0)
            lane.pause(0.0, 3.0)
            return lane.stop()

    return case


def at_the_start(lane: Lane) -> float:
    """Within two seconds after the process was started."""
    lane.put(200)
    lane.stop()
    return _young(lane)


def at_the_start_hanging(lane: Lane) -> float:
    lane.put(200)
    lane.stop()
    with lane.fault("*", kind="hang"):
        return _young(lane)


def _young(lane: Lane) -> float:
    _, born = lane.running()
    time.sleep(max(0.0, born + lane.rng.uniform(0.0, START) - time.time()))
    return lane.stop()


def hanging_at_the_start(endpoint: str) -> Case:
    """The process waits for the answer to the first `endpoint` of its life."""

    def case(lane: Lane) -> float:
        lane.put(200)
        lane.stop()
        with lane.fault(endpoint, kind="hang") as fault:
            _must_strike(lane, fault, endpoint)
            lane.pause(0.0, 2.0)
            return lane.stop()

    return case


def hanging_at_the_first_start(endpoint: str) -> Case:
    """The same where the consumer group has yet to be made."""

    def case(lane: Lane) -> float:
        with lane.fault(endpoint, kind="hang", logstore=SPARE) as fault, lane.first_start():
            _must_strike(lane, fault, endpoint)
            lane.pause(0.0, 2.0)
            return lane.stop(SPARE_STANZA)

    return case


def backing_off(lane: Lane) -> float:
    """SLS refuses everything with 500, so each thread waits longer and longer."""
    with lane.flowing(), lane.fault("*", kind="status", code="InternalServerError") as fault:
        lane.wait_struck(fault, 6.0)
        lane.pause(0.5, 5.0)
        return lane.stop()


def backing_off_at_the_start(lane: Lane) -> float:
    lane.stop()
    with lane.fault("*", kind="status", code="ServerBusy") as fault:
        _must_strike(lane, fault, "SLS")
        lane.pause(0.0, 4.0)
        return lane.stop()


def _must_strike(lane: Lane, fault: int, what: str) -> None:
    if not lane.wait_struck(fault, 15):
        raise AssertionError(f"an input that starts did not call {what}")


CASES: dict[str, Case] = {
    "idle": idle,
    "in full flow": in_full_flow,
    "pipe full": pipe_full,
    "all of SLS hangs": hanging("*"),
    "PullLogs hangs": hanging("PullLogs"),
    "heartbeat hangs": hanging("ConsumerGroupHeartBeat"),
    "checkpoint hangs": hanging("ConsumerGroupUpdateCheckPoint"),
    "at the start": at_the_start,
    "at the start, SLS hangs": at_the_start_hanging,
    "start hangs in ListConsumerGroup": hanging_at_the_start("ListConsumerGroup"),
    "start hangs in GetConsumerGroupCheckPoint": hanging_at_the_start("GetConsumerGroupCheckPoint"),
    "first start hangs in CreateConsumerGroup": hanging_at_the_first_start("CreateConsumerGroup"),
    "first start hangs in ListShards": hanging_at_the_first_start("ListShards"),
    "backing off": backing_off,
    "backing off at the start": backing_off_at_the_start,
}
