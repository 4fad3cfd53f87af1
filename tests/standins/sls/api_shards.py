"""Shard calls: list, split, merge, delete."""

from __future__ import annotations

import re

from .call import Call
from .errors import bad, invalid
from .message import Response, json_response
from .model import Logstore
from .shard import Shard


def list_shards(call: Call) -> Response:
    """ListShards, readonly ones included."""
    with call.logstore().open() as logstore:
        return json_response([logstore.shards[number].describe() for number in sorted(logstore.shards)])


def change_shard(call: Call) -> Response:
    """SplitShard or MergeShards, by `action`."""
    action = call.query("action")
    with call.logstore().open() as logstore:
        shard = _writable(logstore, call.params["shard"])
        if action == "split":
            made = split(logstore, shard, call.query("key"), call.integer("shardCount", 0, 2, 100))
        elif action == "merge":
            made = merge(logstore, shard)
        else:
            raise invalid(f"invalid action: {action}")
        return json_response([item.describe() for item in made])


def _writable(logstore: Logstore, number: str) -> Shard:
    shard = logstore.shards.get(int(number)) if number.isdigit() else None
    if shard is None or shard.readonly:
        raise invalid("invalid shard id.")
    return shard


def split(logstore: Logstore, shard: Shard, key: str, count: int) -> list[Shard]:
    """Split at `key` (32 hex digits) or into `count` even parts; returns the parent and its children."""
    cuts = [shard.begin_key, *_middle(shard, key, count), shard.end_key]
    shard.readonly_since = int(logstore.clock.now())
    return [shard, *(logstore.add_shard(a, b, (shard.id,)) for a, b in zip(cuts, cuts[1:]))]


def _middle(shard: Shard, key: str, count: int) -> list[int]:
    width = shard.end_key - shard.begin_key
    if count:
        return [shard.begin_key + width * number // count for number in range(1, count)]
    if not re.fullmatch(r"[0-9a-fA-F]{32}", key) or not shard.begin_key < int(key, 16) < shard.end_key:
        raise invalid("invalid mid hash.")
    return [int(key, 16)]


def merge(logstore: Logstore, shard: Shard) -> list[Shard]:
    """Join a shard with its right neighbour; returns the new shard and its two parents."""
    ready = [s for s in logstore.shards.values() if not s.readonly]
    other = next((s for s in ready if s.begin_key == shard.end_key), None)
    if other is None:
        raise invalid("can not merge the last shard.")
    now = int(logstore.clock.now())
    shard.readonly_since = other.readonly_since = now
    return [logstore.add_shard(shard.begin_key, other.end_key, (shard.id, other.id)), shard, other]


def delete_shard(call: Call) -> Response:
    """DeleteShard; only readonly shards (inferred)."""
    with call.logstore().open() as logstore:
        shard = logstore.shard(call.params["shard"], 400)
        if not shard.readonly:
            raise bad("ParameterInvalid", "invalid shard id.")
        del logstore.shards[shard.id]
    return Response()
