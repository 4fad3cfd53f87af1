from __future__ import annotations

import logging
import threading
import time
from typing import Any

import pytest

from sls_ingest import retirement
from sls_ingest.control import RunControl
from sls_ingest.errors import RetriableError
from sls_ingest.splunkd import EXPIRED, Splunkd
from tests.unit.core.inputs import parsed

LOGGER = logging.getLogger("test.retirement")
ENDED = parsed(cursor_start_time="begin", cursor_end_time="2025-01-01T00:00:00Z")


class Refusing(Splunkd):
    """Refuses so many times, or hangs."""

    def __init__(self, times: int, kind: str = "", hangs: float = 0.0) -> None:
        self.times, self.kind, self.hangs, self.asked = times, kind, hangs, 0
        self.error: BaseException | None = None

    def disable_input(self, stanza: str, end: int | None) -> bool:
        assert (stanza, end) == (ENDED.stanza, 1735689600)
        self.asked += 1
        time.sleep(self.hangs)
        if self.asked <= self.times:
            raise self.error or RetriableError("splunkd refuses it", self.kind)
        return True


def retire(splunkd: Splunkd, control: RunControl, is_fresh: bool = True) -> float:
    started = time.monotonic()
    retirement.retire(ENDED, splunkd, control, LOGGER, lambda: None, is_fresh=is_fresh)
    return time.monotonic() - started


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retirement, "_FIRST_TRY", 0.02)
    monkeypatch.setattr(retirement, "_LOOK", 0.01)


def test_a_refusal_is_said_once_and_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    splunkd = Refusing(times=3)
    retire(splunkd, RunControl(LOGGER))
    assert splunkd.asked == 4
    (said,) = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert said.startswith(
        "input 'unit' has read all up to its end, but cannot be disabled: splunkd refuses it; "
    )


def test_an_expired_session_key_ends_an_old_process_and_not_a_fresh_one() -> None:
    old = Refusing(times=2, kind=EXPIRED)
    retire(old, RunControl(LOGGER), is_fresh=False)
    assert old.asked == 1
    fresh = Refusing(times=2, kind=EXPIRED)
    retire(fresh, RunControl(LOGGER))
    assert fresh.asked == 3


def test_a_mistake_of_ours_is_a_refusal_too(caplog: pytest.LogCaptureFixture) -> None:
    splunkd = Refusing(times=2)
    splunkd.error = KeyError("odd")
    retire(splunkd, RunControl(LOGGER))
    assert splunkd.asked == 3
    assert "cannot be disabled: KeyError; " in caplog.text


def test_it_does_not_wait_for_a_thread_that_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    splunkd = Refusing(times=1)
    splunkd.error = SystemExit()
    assert retire(splunkd, RunControl(LOGGER)) < 2.0


class Showing(Splunkd):
    """Shows inputs, and notes which it is told to disable."""

    def __init__(self, *ends: str) -> None:
        self.entries = [{"name": "unit", "content": {"cursor_end_time": end}} for end in ends]
        self.disabled: list[Any] = []

    def _inputs(self) -> Any:
        return [*self.entries, {"name": "another", "content": {}}]

    def _disable(self, entry: dict[str, Any]) -> None:
        self.disabled.append(entry)


@pytest.mark.parametrize(
    ("shown", "told"),
    [
        ("1735689600", True),
        ("2025-01-01 00:00:00Z", True),
        ("1735689601", False),
        ("", False),
        ("soon", False),
    ],
)
def test_an_input_that_somebody_gave_another_end_meanwhile_is_left_alone(shown: str, told: bool) -> None:
    splunkd = Showing(shown)
    assert splunkd.disable_input("unit", 1735689600) is told
    assert splunkd.disabled == (splunkd.entries if told else [])


def test_an_input_that_is_gone_needs_nothing() -> None:
    assert Showing().disable_input("unit", 1735689600)


def test_a_stop_waits_for_no_answer_of_splunkds() -> None:
    control = RunControl(LOGGER)
    threading.Timer(0.1, control.ask_to_stop).start()
    assert retire(Refusing(times=0, hangs=5.0), control) < 2.0
    assert control.exit_code == 0
