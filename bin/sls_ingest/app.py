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
from .preflight import check_input as check
from .splunkd import Splunkd
from .temporary import CredentialSource
from .transport import Access
from .verdict import WARNING, blanked, raise_first_failure
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
        _consume(settings.parse_input(params, stanza), splunkd, redactor, writer, control, logger)
    except ConfigError as error:
        control.fail(f"input '{stanza}': {error}".rstrip("."))
    return control.exit_code


def _consume(
    wanted: settings.InputSettings,
    splunkd: Splunkd,
    redactor: Redactor,
    writer: BatchWriter,
    control: RunControl,
    logger: logging.Logger,
) -> None:
    outages, watch = OutageLog(logger), SplunkdWatch(writer, control)
    backoff = Backoff(1.0, wanted.heartbeat_interval)  # when SLS is back, an input that waits should not lag
    while not control.stop.is_set():
        try:
            # Read anew for each try: a corrected account heals a waiting input.
            set_level(logger, splunkd.log_level())
            access, guid = _access(wanted, splunkd, redactor, logger)
            # The same name after each restart takes the shards back at once, without a ghost until time-out.
            consumer = Consumer(access, f"{guid}-{wanted.stanza}", writer, control, logger)
            with access.account.kept_fresh():
                consumer.run(watch)
            return
        except RetriableError as error:
            outages.failed("start", error.kind, f"input '{wanted.stanza}': {error}")
            control.stop.wait(backoff.delay())
            watch.look()


def _access(
    wanted: settings.InputSettings, splunkd: Splunkd, redactor: Redactor, logger: logging.Logger
) -> tuple[Access, str]:
    """All that is needed to reach SLS, and the GUID of this forwarder."""

    def load() -> connection.AccountSettings:
        account = splunkd.account(wanted.account)
        settings.check_transport(wanted, account)
        return account

    first, proxy, network = load(), splunkd.proxy(), splunkd.network()
    guid, names = splunkd.identity()
    if wanted.host in names:  # splunkd's default for every input; nobody chose it
        wanted = replace(wanted, host="")
    source = CredentialSource(network, proxy, redactor.protect_passing)
    return Access(wanted, CurrentAccount(first, logger, load, source.fetch), proxy, network), guid


def check_input(stanza: str, params: Mapping[str, str], server_uri: str, session_key: str) -> None:
    """Check a stanza before it is saved, up to the consumer group in SLS. What may be wrong goes to the log.

    Raises:
        RefusedError: the text is the one sentence to show.
    """
    redactor = Redactor()
    logger = open_log("validation", redactor)
    splunkd = Splunkd(server_uri, session_key, redactor)
    results = blanked(check(stanza, params, splunkd, redactor.protect), redactor.blank)
    for result in results:
        if result.state == WARNING:
            logger.warning("input '%s': %s: %s", stanza, result.check, result.text)
    raise_first_failure(results)
