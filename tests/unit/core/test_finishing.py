from __future__ import annotations

import logging
import threading
from types import SimpleNamespace
from typing import Any

import pytest

from sls_ingest.finishing import Finishing
from tests.unit.core.inputs import parsed


class Answers:
    """A window whose shards are read; says what is left, each time the next of these."""

    shards, end = 1, 1735689600

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)

    def is_read(self, shard: int, cursor: str) -> bool:
        return True

    def unfinished(self) -> list[int]:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return list(answer)


def watched(*answers: Any, held: tuple[int, ...] = ()) -> list[int]:
    """Watch until it is over; the shards that were to be saved again."""
    settings = parsed(cursor_start_time="begin", cursor_end_time="1735689600", metrics_interval="10")
    access: Any = SimpleNamespace(settings=settings)
    window: Any = Answers(*answers)
    again, told = list[int](), threading.Event()
    finishing = Finishing(access, window, logging.getLogger("test.finishing"), Quick())
    finishing._say_progress = lambda held: None  # type: ignore[method-assign]
    finishing.watch(lambda: dict.fromkeys(held, "end"), again.append, told.set)
    assert told.wait(5)
    assert finishing.over.is_set()
    assert window.answers == []
    return again


def test_a_mistake_of_ours_does_not_end_the_look_for_the_end(caplog: pytest.LogCaptureFixture) -> None:
    watched(RuntimeError("secret text"), RuntimeError("secret text"), [])
    (said,) = [row.getMessage() for row in caplog.records if row.levelno >= logging.WARNING]
    assert said == "whether the backfill is over cannot be told just now (RuntimeError)"


def test_a_checkpoint_that_somebody_took_back_is_saved_again() -> None:
    """Or the backfill would never end: the consumer has saved its end, and has nothing more to save."""
    assert watched([1, 2], [2], [], held=(0, 1)) == [1]


class Quick(threading.Event):
    """Its waits take no time."""

    def wait(self, timeout: float | None = None) -> bool:
        return super().wait(0.01)
