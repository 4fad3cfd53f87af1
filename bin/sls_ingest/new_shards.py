"""Whether a shard came into being after its consumer group did. Pure.

A start such as `end` or `-1h` is meant for the shards that exist when the group first starts. A shard born
of a later split or merge has no checkpoint either, but all of its logs are news: starting it at `end` would
lose whatever arrived before its first heartbeat, and all of it when the forwarder was down meanwhile.
SLS does not tell a group's age, so it is read off the group's checkpoints and the shards' creation times.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_MICROSECONDS = 1_000_000


def is_newer_than_group(
    shard_id: int,
    shards: Sequence[Mapping[str, Any]],
    checkpoints: Iterable[Mapping[str, Any]],
    process_start: float,
) -> bool:
    """Judge one shard that has no checkpoint.

    Args:
        shard_id: the shard.
        shards: the answer of ListShards (createTime in epoch seconds, keys as 32 hex digits).
        checkpoints: the answer of GetCheckPoint for the whole group (updateTime in epoch microseconds).
        process_start: when this process began to consume, epoch seconds.
    """
    by_id = {int(shard["shardID"]): shard for shard in shards}
    shard = by_id.get(shard_id)
    if shard is None:
        return False
    born = int(shard["createTime"])
    if born > process_start:
        return True
    saved = {
        int(row["shard"]): int(row.get("updateTime") or 0) for row in checkpoints if row.get("checkpoint")
    }
    if any(updated <= born * _MICROSECONDS for updated in saved.values()):
        return True
    return any(_is_parent(by_id[other], shard) for other in saved if other in by_id)


def _is_parent(other: Mapping[str, Any], shard: Mapping[str, Any]) -> bool:
    """Whether `other` was split or merged into `shard`: read-only, older, and their key ranges overlap."""
    return (
        other["status"] == "readonly"
        and int(other["createTime"]) <= int(shard["createTime"])
        and str(other["inclusiveBeginKey"]) < str(shard["exclusiveEndKey"])
        and str(shard["inclusiveBeginKey"]) < str(other["exclusiveEndKey"])
    )
