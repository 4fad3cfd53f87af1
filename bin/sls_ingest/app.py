"""Ties one stanza's settings, splunkd and SLS together, for the run and for the check before it is saved."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from dataclasses import replace

from . import connection, settings
from .consumer import Consumer, SplunkdWatch, stop_on_signals
from .control import RunControl
from .credentials import CurrentAccount
from .errors import ConfigError, RetriableError
from .event_writer import BatchWriter
from .heap import tune_heap
from .logs import Redactor, open_log, set_level
from .outage import Backoff, OutageLog
from .preflight import check_access
from .splunkd import Splunkd
from .transport import Access
from .wire import is_native


def run_input(
    stanza: str, params: Mapping[str, str], server_uri: str, session_key: str, writer: BatchWriter
) -> int:
    """Consume for `alibaba_sls://<stanza>` until splunkd says stop.

    Returns:
        The exit code: 0 for a stop that was asked for, 1 otherwise.
    """
    tune_heap()
    redactor = Redactor()
    logger = open_log(stanza, redactor)
    control = RunControl(logger, os._exit)
    stop_on_signals(control)
    splunkd = Splunkd(server_uri, session_key, redactor)
    if not is_native():
        logger.warning("protobuf runs without its native part: expect a tenth of the usual speed")
    try:
        _consume(settings.parse_input(params, stanza), splunkd, writer, control, logger)
    except ConfigError as error:
        control.fail(f"input '{stanza}': {error}".rstrip("."))
    return control.exit_code


def _consume(
    wanted: settings.InputSettings,
    splunkd: Splunkd,
    writer: BatchWriter,
    control: RunControl,
    logger: logging.Logger,
) -> None:
    outages, watch = OutageLog(logger), SplunkdWatch(writer, control)
    backoff = Backoff(1.0, wanted.heartbeat_interval)  # when SLS is back, an input that waits should not lag
    while not control.stop.is_set():
        try:
            # Read anew for each try: a corrected account heals a waiting input.
            access, guid = _access(wanted, splunkd, logger)
            set_level(logger, splunkd.log_level())
            # The same name after each restart takes the shards back at once, without a ghost until time-out.
            Consumer(access, f"{guid}-{wanted.stanza}", writer, control, logger).run(watch)
            return
        except RetriableError as error:
            outages.failed("start", error.kind, f"input '{wanted.stanza}': {error}")
            control.stop.wait(backoff.delay())
            watch.look()


def _access(wanted: settings.InputSettings, splunkd: Splunkd, logger: logging.Logger) -> tuple[Access, str]:
    """All that is needed to reach SLS, and the GUID of this forwarder."""

    def load() -> connection.AccountSettings:
        account = splunkd.account(wanted.account)
        settings.check_transport(wanted, account)
        return account

    account = CurrentAccount(load(), logger, load)
    guid, names = splunkd.identity()
    if wanted.host in names:  # splunkd's default for every input; nobody chose it
        wanted = replace(wanted, host="")
    return Access(wanted, account, splunkd.proxy(), splunkd.network()), guid


def check_input(stanza: str, params: Mapping[str, str], server_uri: str, session_key: str) -> None:
    """Check a stanza before it is saved, up to the consumer group in SLS.

    Raises:
        ConfigError, RetriableError: the text is the one sentence to show.
    """
    redactor = Redactor()
    logger = open_log("validation", redactor)
    splunkd = Splunkd(server_uri, session_key, redactor)
    access, _ = _access(settings.parse_input(params, stanza), splunkd, logger)
    check_access(access, logger)
