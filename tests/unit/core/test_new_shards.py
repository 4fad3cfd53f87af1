from __future__ import annotations

from typing import Any

import pytest

from sls_ingest.new_shards import is_newer_than_group

ZERO, HALF, END = "0" * 32, "8" + "0" * 31, "f" * 32


def shard(
    number: int, born: int, begin: str = ZERO, end: str = END, status: str = "readwrite"
) -> dict[str, Any]:
    return {
        "shardID": number,
        "createTime": born,
        "inclusiveBeginKey": begin,
        "exclusiveEndKey": end,
        "status": status,
    }


def saved(number: int, updated: int, checkpoint: str = "MTIz") -> dict[str, Any]:
    return {"shard": number, "checkpoint": checkpoint, "updateTime": updated * 1_000_000}


ORIGINAL = [shard(0, 100, ZERO, HALF), shard(1, 100, HALF, END)]
SPLIT = [shard(0, 100, ZERO, HALF, "readonly"), ORIGINAL[1], shard(2, 500, ZERO, "4" + "0" * 31)]


@pytest.mark.parametrize(
    ("shards", "checkpoints", "process_start", "newer"),
    [
        pytest.param(ORIGINAL, [], 1000, False, id="first start of the group"),
        pytest.param(
            ORIGINAL, [saved(1, 1001), saved(2, 0, "")], 1000, False, id="its sister has a checkpoint"
        ),
        pytest.param(SPLIT, [], 1000, False, id="split before the group's first start"),
        pytest.param(SPLIT, [saved(1, 1001)], 1000, False, id="split before the first start, sister saved"),
        pytest.param(SPLIT, [saved(0, 600), saved(1, 600)], 400, True, id="split while this process runs"),
        pytest.param(
            SPLIT, [saved(0, 450), saved(1, 450)], 1000, True, id="split while the forwarder was down"
        ),
        pytest.param(
            SPLIT,
            [saved(0, 600), saved(1, 600)],
            1000,
            True,
            id="split under another forwarder: parent saved",
        ),
    ],
)
def test_a_shard_born_after_the_group_is_news(
    shards: list[dict[str, Any]], checkpoints: list[dict[str, Any]], process_start: float, newer: bool
) -> None:
    number = max(int(row["shardID"]) for row in shards)
    assert is_newer_than_group(number, shards, checkpoints, process_start) is newer


def test_a_shard_that_sls_no_longer_lists_is_not_judged() -> None:
    assert not is_newer_than_group(9, ORIGINAL, [saved(1, 50)], 0)
