"""Ties one stanza's settings, splunkd and SLS together, for the run and for the check before it is saved."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Mapping

from . import settings
from .access import open_access
from .consumer import Consumer, SplunkdWatch, stop_on_signals
from .control import RunControl
from .errors import ConfigError, RetriableError
from .event_writer import BatchWriter
from .heap import tune_heap
from .logs import VALIDATION, Redactor, open_input_log, open_log, set_level
from .outage import SETTINGS, Backoff, OutageLog
from .preflight import check_input as check
from .retirement import retire
from .splunkd import Splunkd
from .verdict import WARNING, blanked, raise_first_failure
from .wire import is_native

_FRESH = 60.0  # seconds in which a session key does not expire


def run_input(
    stanza: str, params: Mapping[str, str], server_uri: str, session_key: str, writer: BatchWriter
) -> int:
    """Consume for `alibaba_sls://<stanza>` until splunkd says stop.

    Returns:
        The exit code: 0 for a stop that was asked for, 1 otherwise.
    """
    tune_heap()
    redactor = Redactor()
    logger = open_input_log(stanza, redactor)
    control = RunControl(logger, os._exit)
    stop_on_signals(control)
    splunkd = Splunkd(server_uri, session_key, redactor)
    if not is_native():
        logger.warning("protobuf runs without its native part: expect a tenth of the usual speed")
    try:
        _consume(settings.parse_input(params, stanza), splunkd, redactor, writer, control, logger)
    except ConfigError as error:
        control.fail(f"input '{stanza}': {error}".rstrip("."), SETTINGS)
    return control.exit_code


def _consume(
    wanted: settings.InputSettings,
    splunkd: Splunkd,
    redactor: Redactor,
    writer: BatchWriter,
    control: RunControl,
    logger: logging.Logger,
) -> None:
    outages, watch, begun = OutageLog(logger), SplunkdWatch(writer, control), time.monotonic()
    backoff = Backoff(1.0, wanted.heartbeat_interval)  # when SLS is back, an input that waits should not lag
    while not control.stop.is_set():
        try:
            # Read anew for each try: a corrected account heals a waiting input.
            set_level(logger, splunkd.log_level())
            access, guid = open_access(wanted, splunkd, redactor, logger)
            # The same name after each restart takes the shards back at once, without a ghost until time-out.
            consumer = Consumer(access, f"{guid}-{wanted.stanza}", writer, control, logger)
            with access.account.kept_fresh():
                is_read = consumer.run(watch)
            if is_read:
                is_fresh = time.monotonic() - begun < _FRESH
                retire(wanted, splunkd, control, logger, watch.look, is_fresh=is_fresh)
            return
        except RetriableError as error:
            outages.failed("start", error.kind, f"input '{wanted.stanza}': {error}")
            control.stop.wait(backoff.delay())
            watch.look()


def check_input(stanza: str, params: Mapping[str, str], server_uri: str, session_key: str) -> None:
    """Check a stanza before it is saved, up to the consumer group in SLS. What may be wrong goes to the log.

    Raises:
        RefusedError: the text is the one sentence to show.
    """
    redactor = Redactor()
    logger = open_log(VALIDATION, redactor, stanza)
    splunkd = Splunkd(server_uri, session_key, redactor)
    results = blanked(check(stanza, params, splunkd, redactor.protect), redactor.blank)
    for result in results:
        if result.state == WARNING:
            logger.warning("input '%s': %s: %s", stanza, result.check, result.text)
    raise_first_failure(results)
