"""Tells how far a backfill is, and notices that it is over: for the whole consumer group, not only for the
shards held here.

Forwarders can share a backfill. One that has read its own shards goes on with its heartbeats, since it has to
take over those of one that fails, until the checkpoint of every shard is at its end.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Mapping
from typing import Callable, TypeVar

from aliyun.log import LogException

from .errors import RetriableError
from .log_fields import Value, line
from .logs import FOR_SPLUNKD
from .outage import BAD_RESPONSE, INTERNAL, OutageLog
from .timespec import utc
from .transport import ODD_ANSWERS, Access
from .window import Window

_T = TypeVar("_T")


class Finishing:
    """Looks, once per heartbeat interval, whether all is read; `over` is set when it is."""

    def __init__(self, access: Access, window: Window, logger: logging.Logger, stop: threading.Event) -> None:
        self._access, self._window, self._logger, self._stop = access, window, logger, stop
        self._settings = access.settings
        self._outages = OutageLog(logger)
        self._left: list[int] = []
        self._tell_at = 0.0
        self.over = threading.Event()

    def unfinished(self) -> list[int] | None:
        """The shards that are not read to their end; None where there is no consumer group yet.

        Raises:
            RetriableError: SLS did not say.
        """
        return self._told(self._window.unfinished)

    def is_over_already(self) -> bool:
        """Whether there is nothing to read any more, at the start of the input.

        Raises:
            RetriableError: SLS did not say.
        """
        left = self.unfinished()
        if not left:
            return left == []
        if not self._told(lambda: all(self._window.is_dropped(shard) for shard in left)):
            return False
        self._logger.warning(
            "input '%s': SLS keeps nothing any more of what it received before %s in shards %s: it was read, "
            "if this input has ended before; if not, what was left of it is lost",
            self._settings.stanza,
            utc(self._window.end),
            left,
        )
        return True

    def _told(self, ask: Callable[[], _T]) -> _T | None:
        """What SLS answers; None where it knows no such consumer group."""
        try:
            return ask()
        except LogException as error:
            if error.get_error_code() == "ConsumerGroupNotExist":
                return None
            raise self._access.retriable(error) from error
        except ODD_ANSWERS as error:
            name = type(error).__name__
            raise RetriableError(
                f"what SLS says of shards and checkpoints makes no sense ({name})", BAD_RESPONSE
            ) from error

    def say_over(self) -> None:
        """Say that all is read, for programs and for people, in splunkd.log as well."""
        shards, end = self._window.shards, self._window.end
        self._say("backfill_finished", {"shards": shards, "end_time": end})
        self._logger.info(
            "input '%s' has read all that SLS received before %s, in all %s shards; it disables itself",
            self._settings.stanza,
            utc(end),
            shards,
            extra=FOR_SPLUNKD,
        )

    def watch(
        self,
        saved: Callable[[], Mapping[int, str]],
        save_again: Callable[[int], None],
        when_over: Callable[[], None],
    ) -> None:
        """Look on a thread of its own from now on.

        `saved` gives the checkpoints that this consumer has saved of the shards it holds: while one of them
        is not at its end, SLS need not be asked. `save_again` is called for one that SLS has otherwise.
        """
        args = saved, save_again, when_over
        threading.Thread(target=self._watch, args=args, name="backfill", daemon=True).start()

    def _watch(
        self,
        saved: Callable[[], Mapping[int, str]],
        save_again: Callable[[int], None],
        when_over: Callable[[], None],
    ) -> None:
        every = self._settings.metrics_interval
        self._tell_at = time.monotonic() + every
        while not self._stop.wait(min(self._settings.heartbeat_interval, every)):
            try:
                if self._look(saved(), save_again):
                    self.over.set()
                    when_over()
                    return
                self._outages.recovered("look")
            except Exception as error:  # noqa: BLE001  # without this thread, a backfill would never end
                sentence = f"whether the backfill is over cannot be told just now ({type(error).__name__})"
                self._outages.failed("look", INTERNAL, sentence)

    def _look(self, held: Mapping[int, str], save_again: Callable[[int], None]) -> bool:
        """Whether all is read; tells how far it is when that is due."""
        is_over = all(self._window.is_read(*row) for row in held.items())
        is_over = is_over and self._is_all_read(held, save_again)
        if is_over or time.monotonic() >= self._tell_at:
            self._tell_at = time.monotonic() + self._settings.metrics_interval
            self._say_progress(held)
        return is_over

    def _say_progress(self, held: Mapping[int, str]) -> None:
        for shard, cursor in sorted(held.items()):
            # What SLS does not tell is no trouble to talk of: whatever it is, the reading itself says it.
            with contextlib.suppress(LogException, *ODD_ANSWERS):
                if cursor:
                    standing = self._window.standing(shard, cursor)
                    self._say("backfill_progress", {"shard": shard, **standing.fields()})

    def _say(self, action: str, fields: Mapping[str, Value]) -> None:
        wanted = self._settings
        where: dict[str, Value] = {
            "project": wanted.project,
            "logstore": wanted.logstore,
            "consumer_group": wanted.consumer_group,
        }
        self._logger.info("%s", line(action, {**where, **fields}))

    def _is_all_read(self, held: Mapping[int, str], save_again: Callable[[int], None]) -> bool:
        """As SLS has it; `held` is read and saved."""
        try:
            left = self.unfinished()
        except RetriableError as error:
            self._outages.failed("backfill", error.kind, str(error))
            return False
        self._outages.recovered("backfill")
        for shard in set(held).intersection(left or ()):
            save_again(shard)
        if left and left != self._left:
            self._logger.info("all that is held here is read; shards %s are not yet", left)
        self._left = left or []
        return left == []
