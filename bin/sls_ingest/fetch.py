"""PullLogs, one attempt: a batch, or the news that the logs at a cursor are gone.

The library goes on at a shard's END when SLS calls a cursor invalid, and skips all that is retained. So it
never hears of one: what is lost becomes a batch without logs that carries the gap and goes on at the oldest
log, in turn with the other batches of the shard, so that it is announced before the checkpoint passes it.
"""

from __future__ import annotations

import logging
from typing import Any, Callable

from aliyun.log import LogException

from .cursors import position
from .notices import Gap
from .outage import GAP, of_kind
from .pulled import PulledBatch, read_answer
from .transport import Access, PullClient, SlsLogClient

_RETENTION = "the checkpoint is older than what SLS retains"
_VANISHED = "the shard is gone from SLS, with any logs in it that were not read before"
_MICROSECONDS = 1_000_000


class Fetcher:
    """Pulls from the shards of one logstore; threads may share it."""

    def __init__(
        self, access: Access, client: SlsLogClient, pulls: PullClient, logger: logging.Logger
    ) -> None:
        self._settings, self._logger = access.settings, logger
        self._client, self._pulls = client, pulls
        self._vanished: set[int] = set()  # shards whose end is announced

    def pull(self, shard_id: int, params: dict[str, str], uncompressed: bool = False) -> PulledBatch:
        """One PullLogs with the query `params`, among them cursor and count.

        Raises:
            LogException: the call failed; its code is never one that the library knows better than we do.
        """
        cursor = params["cursor"]
        try:
            batch = self._call(shard_id, params, uncompressed)
        except LogException as error:
            if "invalidcursor" in str(error.get_error_code()).lower():
                return self._after_gap(shard_id, cursor, error)
            return self.if_vanished(shard_id, cursor, error)
        asked, begun = position(cursor), _begun(batch, params)
        if begun is not None and asked is not None and begun > asked:
            return self._after_silent_move(shard_id, cursor, asked, batch)
        return batch

    def if_vanished(self, shard_id: int, cursor: str, error: LogException) -> PulledBatch:
        """The announcement, once, that the shard is gone, if that is why a call for it failed.

        Raises:
            LogException: `error`, which says something else, or the same again.
        """
        if str(error.get_error_code()).lower() != "shardnotexist" or shard_id in self._vanished:
            raise error
        self._vanished.add(shard_id)
        return self._gap(shard_id, PulledBatch(cursor, cursor, gap=Gap(shard_id, _VANISHED, cursor)))

    def _call(self, shard_id: int, params: dict[str, str], uncompressed: bool) -> PulledBatch:
        compression = "none" if uncompressed else self._settings.compression
        headers = {
            "Accept": "application/x-protobuf",
            "Accept-Encoding": "" if compression == "none" else compression,
        }
        resource = f"/logstores/{self._settings.logstore}/shards/{shard_id}"
        body, answer = self._pulls._send(
            "GET", self._settings.project, None, resource, dict(params), headers, "binary"
        )
        try:
            return read_answer(params["cursor"], answer, body.data, body.room)
        except LogException:
            body.room.leave()
            raise

    # -- gaps --------------------------------------------------------------------------------------------

    def _after_gap(self, shard_id: int, cursor: str, error: LogException) -> PulledBatch:
        oldest, newest = self._cursor(shard_id, "begin"), self._cursor(shard_id, "end")
        begin, asked, end = position(oldest), position(cursor), position(newest)
        inside = begin is not None and asked is not None and end is not None and begin <= asked <= end
        if inside or oldest == cursor:  # SLS contradicts itself: nothing is known to be lost
            raise error
        return self._gap(shard_id, self._lost(shard_id, cursor, oldest))

    def _after_silent_move(self, shard_id: int, cursor: str, asked: int, batch: PulledBatch) -> PulledBatch:
        """SLS answered from further on. If that is where retention has got to, the logs between are gone."""
        oldest = self._cursor(shard_id, "begin")
        begin = position(oldest)
        if begin is None or begin <= asked:
            return batch
        return self._gap(shard_id, self._lost(shard_id, cursor, oldest))

    def _lost(self, shard_id: int, cursor: str, oldest: str) -> PulledBatch:
        saved = self._if_told(lambda: self._saved_time(shard_id))
        first = self._if_told(lambda: self._receive_time(shard_id, oldest))
        return PulledBatch(cursor, oldest, gap=Gap(shard_id, _RETENTION, cursor, saved, oldest, first))

    def _gap(self, shard_id: int, batch: PulledBatch) -> PulledBatch:
        self._logger.error(
            "shard %s: logs were lost before they could be read: %s (checkpoint %s). Reading goes on at "
            "the oldest log, cursor %s",
            shard_id,
            batch.gap.reason if batch.gap else "",
            batch.cursor,
            batch.next_cursor,
            extra=of_kind(GAP),
        )
        return batch

    def _cursor(self, shard_id: int, start: str) -> str:
        s = self._settings
        return str(self._client.get_cursor(s.project, s.logstore, shard_id, start).get_cursor())

    def _receive_time(self, shard_id: int, cursor: str) -> float:
        s = self._settings
        return float(self._client.get_cursor_time(s.project, s.logstore, shard_id, cursor).get_cursor_time())

    def _saved_time(self, shard_id: int) -> float | None:
        """When the consumer group's checkpoint of the shard was saved, in epoch seconds."""
        s = self._settings
        answer = self._client.get_check_point(s.project, s.logstore, s.consumer_group, shard_id)
        rows = answer.get_consumer_group_check_points()
        return float(rows[0]["updateTime"]) / _MICROSECONDS or None if rows else None

    def _if_told(self, ask: Callable[[], float | None]) -> float | None:
        """A detail of the announcement, which goes out without it rather than not at all."""
        try:
            return ask()
        except (LogException, LookupError, TypeError, ValueError) as error:
            self._logger.info("a time of the gap is unknown (%s)", type(error).__name__)
            return None


def _begun(batch: PulledBatch, params: dict[str, str]) -> int | None:
    """The position from which SLS has answered, where it can be told: a query leaves log groups out."""
    if batch.groups or "query" in params or "processor" in params:
        return batch.first
    return position(batch.next_cursor)


def pull_params(cursor: str, count: int, end_cursor: Any, query: Any, processor: Any) -> dict[str, str]:
    """The query of PullLogs; a query of the user's runs in scan mode, as every client asks for it."""
    params = {"type": "log", "cursor": cursor, "count": str(count)}
    if query:
        params.update(pullMode="scan_on_stream", query=query)
    if end_cursor:
        params["end_cursor"] = end_cursor
    if processor:
        params["processor"] = processor
    return params
