"""The checks behind --validate-arguments: can this input consume? Each failure is one sentence."""

from __future__ import annotations

import logging
import threading

from aliyun.log import LogException

from .sls_client import SlsConsumerClient
from .transport import Access


def check_access(access: Access, logger: logging.Logger) -> None:
    """Try the calls that consuming starts with, in their order.

    The consumer group is created where it does not exist yet, as the input would do a moment later: only that
    tells whether the logstore has room for it and the account may use it.

    Raises:
        RetriableError: SLS or the network refused; the text says which and what to do.
    """
    settings = access.settings
    client = SlsConsumerClient(access, "splunk-check", logger, threading.Event())
    try:
        client.mclient.list_shards(settings.project, settings.logstore)
        client.ensure_consumer_group_created(settings.heartbeat_interval * 2, settings.in_order)
        client.mclient.get_check_point(settings.project, settings.logstore, settings.consumer_group)
    except LogException as error:
        raise access.retriable(error) from error
