"""Makes checks one after the other, leaves out those that make no sense any more, and ends in time."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import Callable, NamedTuple

from .verdict import FAILED, SKIPPED, WARNING, Result, found, skipped

LIMIT = 25.0
"""Seconds for all checks: splunkd is known to end a validation after 30."""


class Check(NamedTuple):
    """`needs` names the checks without which it makes no sense; `late` is its state when time runs out."""

    name: str
    needs: tuple[str, ...]
    run: Callable[[], Result]
    late: str = FAILED


def in_time(checks: Sequence[Check], limit: float, close: Callable[[], None] = lambda: None) -> list[Result]:
    """A result for each check, after `limit` seconds at most: the one under way then is `late`.

    `close` is called when no check runs any more, be it later than that.
    """
    done: list[Result] = []

    def run() -> None:
        try:
            for result in results(checks):
                done.append(result)
        finally:
            close()

    # A look-up of a name, or a peer that sends a byte now and then, cannot be interrupted otherwise.
    thread = threading.Thread(target=run, name="preflight", daemon=True)
    thread.start()
    thread.join(limit)
    got = list(done)
    return [*got, *_unfinished(checks[len(got) :], limit, thread.is_alive())]


def results(checks: Sequence[Check]) -> Iterator[Result]:
    """One result for each check, in their order."""
    causes: dict[str, str] = {}  # check that failed or was skipped -> the one that failed first
    for check in checks:
        cause = next((causes[need] for need in check.needs if need in causes), "")
        result = skipped(check.name, cause) if cause else check.run()
        if cause or result.state == FAILED:
            causes[check.name] = cause or check.name
        yield result


def _unfinished(checks: Sequence[Check], limit: float, is_running: bool) -> list[Result]:
    if not checks:
        return []
    current, *rest = checks
    if is_running:
        text = f"no answer within {limit:g} s; check DNS, the network, the proxy and the time-outs"
        left_out = "not tried, because no time was left"
        return [
            found(current.name, current.late, text),
            *(Result(check.name, SKIPPED, left_out) for check in rest),
        ]
    # A mistake of ours, whose traceback is on standard error: nobody is to be kept from saving by it.
    first = Result(current.name, WARNING, "cannot be told: the check itself has failed")
    return [first, *(skipped(check.name, current.name) for check in rest)]
