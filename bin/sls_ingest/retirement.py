"""The end of an input whose backfill is read: it is disabled, so that splunkd does not start it again.

splunkd would start it at its next interval, for ever. Where it does not let the input be disabled, the
process stays, without a call to SLS, and tries again now and then: no start, no reading.
"""

from __future__ import annotations

import logging
import threading
from typing import Callable

from .control import RunControl
from .errors import RetriableError
from .outage import INTERNAL, SPLUNKD, Backoff, OutageLog
from .settings import InputSettings
from .splunkd import EXPIRED, Splunkd

_LOOK = 0.2  # seconds
_FIRST_TRY, _MOST = 2.0, 300.0  # seconds between two tries


def retire(
    wanted: InputSettings,
    splunkd: Splunkd,
    control: RunControl,
    logger: logging.Logger,
    look: Callable[[], None],
    *,
    is_fresh: bool,
) -> None:
    """Return when the input is disabled, or was changed meanwhile, or the run is stopped.

    `look` is called all the while, for what else may end the run. `is_fresh`: this process was started just
    now; one that was not ends when its session key has expired, as the next one gets a new key.
    """
    done = threading.Event()
    # On a thread of its own: splunkd may stop this process before it answers, and not wait for long.
    thread = threading.Thread(
        target=_disable,
        args=(wanted, splunkd, logger, control.stop, done, is_fresh),
        name="disable",
        daemon=True,
    )
    thread.start()
    while not done.wait(_LOOK) and not control.stop.is_set():
        look()


def _disable(
    wanted: InputSettings,
    splunkd: Splunkd,
    logger: logging.Logger,
    stop: threading.Event,
    done: threading.Event,
    is_fresh: bool,
) -> None:
    outages, backoff = OutageLog(logger), Backoff(_FIRST_TRY, _MOST)
    try:
        while not stop.is_set():
            try:
                is_done = splunkd.disable_input(wanted.stanza, wanted.end)
            except RetriableError as error:
                if error.kind == EXPIRED and not is_fresh:
                    logger.info("%s; the next start disables the input", error)
                    return
                outages.failed("disable", SPLUNKD, _left_enabled(wanted.stanza, str(error)))
            except Exception as error:  # noqa: BLE001  # without this thread, splunkd would start it for ever
                outages.failed("disable", INTERNAL, _left_enabled(wanted.stanza, type(error).__name__))
            else:
                logger.info("disabled" if is_done else "left enabled, as its end was changed meanwhile")
                return
            stop.wait(backoff.delay())
    finally:
        done.set()


def _left_enabled(stanza: str, why: str) -> str:
    return (
        f"input '{stanza}' has read all up to its end, but cannot be disabled: {why}; it stays and reads "
        "nothing; disable it on the Inputs page"
    )
