"""When SLS received the log at a cursor, for the metrics: asked with little patience, and no complaint."""

from __future__ import annotations

import time

from aliyun.log import LogException

from .reporter import Arrival
from .timespec import http_epoch
from .transport import ODD_ANSWERS, Access, SlsLogClient, date_of

_TIMEOUT = 5.0  # seconds


class ArrivalTimes:
    """Asks SLS, with a client of its own."""

    def __init__(self, access: Access) -> None:
        self._settings = access.settings
        self._client = SlsLogClient(access, min(_TIMEOUT, access.network.read_timeout))
        self._client.timeout = (min(_TIMEOUT, access.network.connect_timeout), self._client.timeout[1])

    def at(self, shard_id: int, cursor: str) -> Arrival | None:
        """When the log at `cursor` was received; None where SLS does not say."""
        settings = self._settings
        try:
            answer = self._client.get_cursor_time(settings.project, settings.logstore, shard_id, cursor)
            received = int(answer.get_cursor_time())
            there = http_epoch(date_of(answer))  # SLS's clock, as the receive time is by it, too
        except (LogException, *ODD_ANSWERS):
            return None
        return Arrival(received, (time.time() if there is None else there) - received)
