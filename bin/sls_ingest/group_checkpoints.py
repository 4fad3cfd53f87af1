"""The checkpoints of a consumer group as somebody outside of it sees and moves them.

Nobody can ask SLS who is at work in a group. But it names who saved a checkpoint last, and each of our
consumers saves one when it takes a shard over. And SLS takes a checkpoint without force only from the
consumer that holds the shard: so the value that is there already is saved once more in the name of whoever
is named. A heartbeat would tell as well, but it would take shards from those that are at work, or keep one
alive that is gone.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from aliyun.log import LogException
from aliyun.log.version import USER_AGENT

from .errors import RetriableError
from .new_shards import is_newer_than_group
from .rewind import Position
from .timespec import Moment
from .transport import ODD_ANSWERS, Access, SlsLogClient

_REFUSALS = ("ConsumerNotExist", "ConsumerNotMatch")
_CHANGED = "changed"
_NOBODY = "splunk-nobody-"


class Row(NamedTuple):
    """One shard's checkpoint; `updated` in epoch microseconds."""

    cursor: str
    consumer: str
    updated: int


class GroupCheckpoints:
    """Calls for one group; every method raises LogException, or RetriableError for a senseless answer."""

    def __init__(self, access: Access) -> None:
        settings = access.settings
        self._store = settings.project, settings.logstore
        self._group = settings.consumer_group
        self._client = SlsLogClient(access, access.network.read_timeout)
        self._client.set_user_agent(f"{USER_AGENT}-rewind")

    def shards(self) -> dict[int, Mapping[str, Any]]:
        """All shards of the logstore by number, as SLS describes them."""
        with _sense():
            rows = self._client.list_shards(*self._store).get_shards_info()
            return dict(sorted((int(row["shardID"]), row) for row in rows))

    def rows(self) -> dict[int, Row]:
        """What SLS has of each shard that the group has read from, or that somebody holds."""
        with _sense():
            answer = self._client.get_check_point(*self._store, self._group)
            return {
                int(row["shard"]): Row(
                    str(row["checkpoint"] or ""),
                    str(row.get("consumer") or ""),
                    int(row.get("updateTime") or 0),
                )
                for row in answer.get_consumer_group_check_points()
            }

    def timeout(self, default: int) -> int:
        """Seconds after which SLS gives a silent consumer up; `default` where it does not tell."""
        try:
            groups = self._client.list_consumer_group(*self._store).get_consumer_groups()
            return next(
                (int(g.get_timeout()) for g in groups if g.get_consumer_group_name() == self._group), default
            )
        except (LogException, *ODD_ANSWERS):
            return default

    def cursor(self, shard: int, moment: Moment) -> str:
        """Where the shard's first log lies that SLS received at `moment` or later."""
        with _sense():
            return str(self._client.get_cursor(*self._store, shard, moment).get_cursor())

    def position(self, shard: int, cursor: str) -> Position:
        """`cursor` with its time."""
        try:
            with _sense():
                answer = self._client.get_cursor_time(*self._store, shard, cursor)
                return Position(cursor, float(answer.get_cursor_time()))
        except LogException as error:
            if "invalidcursor" in str(error.get_error_code()).lower():
                return Position(cursor, None)
            raise

    def move(self, shard: int, cursor: str, consumer: str) -> None:
        """Set the checkpoint, whoever holds the shard, in the name that stands there, if one does: or the
        next rewind could not tell who is at work."""
        with _sense():
            self._client.update_check_point(
                *self._store, self._group, shard, cursor, consumer, force_success=True
            )

    # -- who is at work

    def at_work(self, rows: dict[int, Row]) -> list[str]:
        """The consumers named in `rows` that SLS knows as members of the group."""
        latest_first = sorted(rows.items(), key=lambda item: item[1].updated, reverse=True)
        # The shard that each has left alone for longest, as it is the least likely to be saved just now.
        known = {row.consumer: (shard, row) for shard, row in latest_first if row.consumer}
        if not known:
            return []
        shard, row = next(iter(known.values()))
        unknown = self._try(shard, row, _NOBODY + secrets.token_hex(4)) if row.cursor else _REFUSALS[0]
        if not unknown:
            raise RetriableError(
                "it cannot be told who is at work: SLS takes checkpoints of consumers that do not exist"
            )
        if unknown == _CHANGED:
            return sorted(known)
        return sorted(
            name for name, (shard, row) in known.items() if self._is_member(name, shard, row, unknown)
        )

    def _is_member(self, name: str, shard: int, row: Row, unknown: str) -> bool:
        """A shard without a checkpoint has a consumer's name only while that holds it."""
        return not row.cursor or self._try(shard, row, name) != unknown

    def _try(self, shard: int, row: Row, consumer: str) -> str:
        """Save what is saved already in the name of `consumer`; "" when SLS took it, else why not.

        _CHANGED when it is another by now, and nothing was saved: a newer one must not be taken back.
        """
        if self.rows().get(shard) != row:
            return _CHANGED
        try:
            with _sense():
                self._client.update_check_point(
                    *self._store, self._group, shard, row.cursor, consumer, force_success=False
                )
        except LogException as error:
            code = str(error.get_error_code())
            if code not in _REFUSALS:
                raise
            return code
        return ""


def is_newer(
    shard: int, shards: Mapping[int, Mapping[str, Any]], rows: Mapping[int, Row], now: float
) -> bool:
    """Whether an input would read `shard`, which has no checkpoint, from its beginning (new_shards.py).

    Raises:
        RetriableError: SLS's description of the shards makes no sense.
    """
    saved = [{"shard": n, "checkpoint": row.cursor, "updateTime": row.updated} for n, row in rows.items()]
    with _sense():
        return is_newer_than_group(shard, list(shards.values()), saved, now)


@contextmanager
def _sense() -> Iterator[None]:
    try:
        yield
    except ODD_ANSWERS as error:
        raise RetriableError(f"SLS's answer makes no sense ({type(error).__name__})") from error
