"""The packaged add-on delivers what lies in SLS, on any Python. Where it belongs: tests/scenarios."""

from __future__ import annotations

from collections.abc import Callable

from tests.functional.harness import Forwarder, Traffic, connect


def test_backlog_and_live_logs_arrive_once(
    make_forwarder: Callable[..., Forwarder], python: tuple[str, str], traffic: Traffic
) -> None:
    traffic.put(300)
    forwarder = make_forwarder(python=python)
    connect(forwarder)
    traffic.wait_until_all_arrived(forwarder)
    traffic.put(100)
    result = traffic.wait_until_all_arrived(forwarder)
    assert (result.total.produced, result.total.indexed, result.total.duplicate) == (400, 400, 0)
    assert result.unknown_numbers == []
    assert f"Running: {python[1]} " in forwarder.splunkd_log.read_text(encoding="utf-8")
