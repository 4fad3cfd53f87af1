"""When a shard has its next turn: at once while it has more, else at a pace that spares SLS's quota."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from aliyun.log import LogException
from aliyun.log.consumer.tasks import TaskResult

from sls_ingest.pulled import PulledBatch
from sls_ingest.shard import Announcing, pause_after

MB = 1 << 20


@pytest.mark.parametrize(
    ("answer", "pause"),
    [
        ({"at_end": False, "groups": 1, "size": 100}, 0.0),
        ({"at_end": None, "groups": 1000, "size": 100}, 0.0),
        ({"at_end": None, "groups": 10, "size": 4 * MB}, 0.0),
        ({"at_end": None, "groups": 10, "size": 100}, 0.5),
        ({"at_end": None, "groups": 200, "size": 100}, 0.2),
        ({"at_end": None, "groups": 600, "size": 100}, 0.2),
        ({"at_end": True, "groups": 0, "size": 0}, 0.5),
        ({"at_end": True, "groups": 10, "size": 5 * MB}, 0.2),
        ({"at_end": True, "groups": 0, "size": 0, "groups_before_query": 1000}, 0.0),
    ],
)
def test_pause_after_an_answer(answer: dict[str, Any], pause: float) -> None:
    assert pause_after(PulledBatch("c", "n", **answer), 1000, 0.2) == pause


def test_a_longer_interval_is_kept_but_never_while_there_is_more() -> None:
    assert pause_after(PulledBatch("c", "n", at_end=True), 1000, 5.0) == 5.0
    assert pause_after(PulledBatch("c", "n", 10, at_end=False), 1000, 5.0) == 0.0


def fails() -> TaskResult:
    raise KeyError("odd")


@pytest.mark.parametrize(
    ("task", "told"),
    [
        (lambda: TaskResult(None), 1),
        (lambda: TaskResult(LogException("Waited", "")), 0),
        (fails, 0),
    ],
)
def test_a_task_that_failed_is_not_followed_at_once(task: Callable[[], TaskResult], told: int) -> None:
    calls: list[int] = []
    with ThreadPoolExecutor(1) as pool:
        Announcing(pool, lambda: calls.append(1)).submit(task)
    assert len(calls) == told
