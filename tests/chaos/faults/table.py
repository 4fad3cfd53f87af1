"""All kinds of faults. Seconds are measured on two cores, with four cells of two or three forwarders."""

from __future__ import annotations

from .access import ActionDenied, KeyDisabled, KeyRotated
from .base import Kind
from .processes import (
    Joins,
    Killed,
    KilledAtFullPipe,
    Leaves,
    Paused,
    PipeClosed,
    ReadingStops,
    Restarted,
    SplunkdKilled,
    Terminated,
    TerminatedTwice,
)
from .rules import BEAT, PULL, SAVE, ClockSkew, corrupt_position, cut_off, heartbeat_loss, rule, shard_quota
from .shards import Merge, Poison, RetentionPasses, Split

_OFTEN = (1, 1, 2, 3)  # a rule strikes each call, or each second or third one
_ANY = ("before", "after")

KINDS: dict[str, Kind] = {
    # the input's process
    "input-killed": Kind(Killed, "input", 4, 4),
    "sigterm": Kind(Terminated, "input", 4, 4),
    "sigterm-twice": Kind(TerminatedTwice, "input", 6, 6, refuses=True),
    "process-paused": Kind(Paused, "input", 8, 9, holds=True),
    # splunkd and its pipe
    "splunkd-restarts": Kind(Restarted, "splunkd", 7, 7),
    "splunkd-killed": Kind(SplunkdKilled, "splunkd", 7, 8),
    "splunkd-stops-reading": Kind(ReadingStops, "reading", 7, 31, refuses=True, holds=True),
    "killed-at-full-pipe": Kind(KilledAtFullPipe, "alone", 8, 8, refuses=True, holds=True),
    "pipe-closed": Kind(PipeClosed, "splunkd", 4, 4),
    # SLS answers with errors
    "error-500": Kind(
        rule("*", 3, 4, code="InternalServerError", status=500, phase=_ANY), "outage", 5, 6, refuses=True
    ),
    "busy-503": Kind(rule("*", 3, 4, code="ServerBusy"), "outage", 5, 6, refuses=True),
    "read-quota": Kind(rule(PULL, 2, 4, status=403, code="ReadQuotaExceed", every=_OFTEN), "pull", 4, 5),
    "shard-read-quota": Kind(shard_quota, "pull", 4, 5),
    "checkpoint-refused": Kind(
        rule(SAVE, 4, 5, status=500, code="InternalServerError"), "group", 5, 6, refuses=True
    ),
    # SLS is slow or hangs
    "pull-hangs": Kind(rule(PULL, 6, 7, kind="hang", delay=60), "pull", 8, 9),
    "heartbeat-hangs": Kind(rule(BEAT, 3, 6, kind="hang", delay=60), "group", 5, 7),
    "checkpoint-hangs": Kind(rule(SAVE, 4, 6, kind="hang", delay=60), "group", 6, 7, refuses=True),
    "slow-answers": Kind(
        rule("*", 4, 6, kind="delay", delay=(0.3, 0.6, 1.2, 2.4), every=_OFTEN), "outage", 6, 7, refuses=True
    ),
    # broken connections
    "reset-before": Kind(rule("*", 2, 4, kind="reset", every=_OFTEN), "outage", 4, 5, refuses=True),
    "reset-after": Kind(
        rule("*", 2, 4, kind="reset", phase="after", every=_OFTEN), "outage", 4, 5, refuses=True
    ),
    "reset-in-the-body": Kind(
        rule("*", 2, 4, kind="reset", phase="body", every=_OFTEN), "outage", 4, 5, refuses=True
    ),
    "half-close": Kind(
        rule("*", 2, 4, kind="half_close", delay=(0.5, 3.0), every=_OFTEN), "outage", 4, 6, refuses=True
    ),
    "truncated": Kind(rule(PULL, 2, 4, kind="truncate", every=_OFTEN), "pull", 4, 5),
    # damaged answers
    "damaged-lz4": Kind(rule(PULL, 2, 4, kind="corrupt", mode="lz4", every=_OFTEN), "pull", 4, 5),
    "damaged-protobuf": Kind(rule(PULL, 2, 4, kind="corrupt", mode="protobuf", every=_OFTEN), "pull", 4, 5),
    "wrong-raw-size": Kind(rule(PULL, 2, 4, kind="corrupt", mode="rawsize", every=_OFTEN), "pull", 4, 5),
    "wrong-codec": Kind(rule(PULL, 2, 4, kind="corrupt", mode="codec", every=_OFTEN), "pull", 4, 5),
    "damaged-heartbeat": Kind(
        rule(BEAT, 2, 4, kind="corrupt", mode="json", every=_OFTEN), "group", 4, 5, refuses=True
    ),
    "damaged-checkpoint-list": Kind(corrupt_position, "input", 8, 9),
    "oversized-body": Kind(rule(PULL, 2, 3, kind="oversize", times=(1, 2, 3)), "pull", 5, 6),
    "header-x-log-cursor": Kind(
        rule(PULL, 2, 4, kind="header", headers=({"x-log-cursor": None},), every=_OFTEN), "pull", 4, 5
    ),
    "header-x-log-cursor-wrong": Kind(
        rule(PULL, 2, 4, kind="header", headers=({"x-log-cursor": "not-a-number"},), every=_OFTEN),
        "pull",
        4,
        5,
    ),
    "header-x-log-count": Kind(
        rule(
            PULL,
            2,
            4,
            kind="header",
            headers=({"x-log-count": None}, {"x-log-count": "many"}, {"x-log-count": "0"}),
            every=_OFTEN,
        ),
        "pull",
        4,
        5,
    ),
    "header-x-log-bodyrawsize": Kind(
        rule(
            PULL,
            2,
            4,
            kind="header",
            headers=({"x-log-bodyrawsize": None}, {"x-log-bodyrawsize": "1e3"}, {"x-log-bodyrawsize": "0"}),
            every=_OFTEN,
        ),
        "pull",
        4,
        5,
    ),
    # consumers
    "heartbeats-lost": Kind(heartbeat_loss, "group", 7, 8),
    "forwarder-cut-off": Kind(cut_off, "outage", 7, 9, refuses=True),
    "consumer-leaves": Kind(Leaves, "alone", 9, 9),
    "consumer-joins": Kind(Joins, "alone", 11, 6),
    # keys and clocks
    "key-disabled": Kind(KeyDisabled, "access", 5, 6, refuses=True),
    "action-denied": Kind(ActionDenied, "access", 5, 6, refuses=True),
    "key-rotated": Kind(KeyRotated, "access", 9, 9, refuses=True),
    "clock-skew": Kind(ClockSkew, "outage", 5, 6, refuses=True),
    # shards
    "shard-split": Kind(Split, "shards", 4, 4),
    "shards-merged": Kind(Merge, "shards", 4, 4),
    "retention-passes": Kind(RetentionPasses, "alone", 9, 9, refuses=True),
    "poison": Kind(Poison, "alone", 14, 14),
}
