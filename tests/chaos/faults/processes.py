"""Faults of the input's process, of splunkd and its pipe, and of membership in the consumer group."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from typing import Any, Callable

from tests.functional.harness import wait_for

from ..forwarder import GROUP_TIMEOUT, STANZA, Member
from .base import Draw, Fault

_TRIES = 4  # of a second signal before the first one has ended the process
_FULL = 61_440  # bytes in a pipe of 64 KiB beyond which a batch hardly fits
_ENOUGH = 800  # logs of one shard that fill it
_FILLS = 20.0  # seconds until it is full, at the least
_LONG_BLOCK, _SHORT_BLOCK = 30.0, 6.0  # seconds that splunkd does not read


class OnMember(Fault):
    """A fault of one forwarder, drawn when it begins."""

    def __init__(self, site: Any, draw: Draw) -> None:
        super().__init__(site, draw)
        self.member: Member = site.pick()
        self.facts = {"forwarder": self.member.home.name}


def blow(strike: Callable[[Member], object]) -> type[OnMember]:
    """A fault that is over at once."""

    class Blow(OnMember):
        def inject(self) -> None:
            strike(self.member)

    return Blow


Killed = blow(lambda member: member.signal(signal.SIGKILL))
Terminated = blow(lambda member: member.signal(signal.SIGTERM))
Restarted = blow(lambda member: member.restart())
PipeClosed = blow(lambda member: member.close_pipe(STANZA))


class TerminatedTwice(OnMember):
    """A stop that takes long because SLS hangs, and the impatient second signal."""

    _rule = 0
    _hit = False

    def inject(self) -> None:
        self._rule = self.site.fault("*", kind="hang", delay=60, access_key_id=self.member.key_id)
        for _ in range(_TRIES):
            time.sleep(1.0)  # let its threads run into the hanging calls
            self._hit = self._signal_twice(self.member.running_pid())
            if self._hit:
                return

    def _signal_twice(self, pid: int) -> bool:
        """Whether it still ran when the second signal came; two at the same moment would be one."""
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
            time.sleep(self.draw.rng.uniform(0.03, 0.2))
            os.kill(pid, signal.SIGTERM)
            return True
        return False

    def struck(self) -> bool:
        return self._hit

    def heal(self) -> None:
        self.site.control.clear_faults(self._rule)


class Paused(OnMember):
    """The process stands still for longer than the group's time-out, then goes on."""

    _pid = 0

    def inject(self) -> None:
        self.hold = GROUP_TIMEOUT + self.draw.hold(2.5, 4.0)
        self._pid = self.member.running_pid()
        os.kill(self._pid, signal.SIGSTOP)

    def heal(self) -> None:
        if self._pid:
            with suppress(ProcessLookupError):  # what overlaps with this may have ended it
                os.kill(self._pid, signal.SIGCONT)


class SplunkdKilled(OnMember):
    """splunkd is killed and started again."""

    def inject(self) -> None:
        self.hold = self.draw.hold(0.5, 2.0)
        self.member.kill()

    def heal(self) -> None:
        self.member.start()


class ReadingStops(OnMember):
    """splunkd's queues are blocked, and it does not read the event pipe."""

    def inject(self) -> None:
        self.hold = _SHORT_BLOCK if self.draw.short else _LONG_BLOCK
        self.member.pause_reading(STANZA)

    def heal(self) -> None:
        self.member.resume_reading(STANZA)


class KilledAtFullPipe(OnMember):
    """splunkd does not read, the input is stuck in a write, and then one of the two ends."""

    _is_down = False

    def inject(self) -> None:
        self.hold = self.draw.hold(0.5, 2.0)
        self.member.running_pid()
        self.member.pause_reading(STANZA)
        for shard in self.site.producer.writable:
            self.site.producer.put(shard, _ENOUGH)
        wait_for(self._is_full, _FILLS, "a full pipe")
        self.facts["end"] = self.draw.one_of("SIGKILL", "SIGTERM", "splunkd killed", "pipe closed")
        if self.facts["end"] == "splunkd killed":
            self._is_down = True
            self.member.kill()
        elif self.facts["end"] == "pipe closed":
            self.member.close_pipe(STANZA)
        else:
            self.member.signal_input(STANZA, signal.Signals[self.facts["end"]])

    def _is_full(self) -> bool:
        return (self.member.unread_bytes(STANZA) or 0) >= _FULL

    def heal(self) -> None:
        if self._is_down:
            self.member.start()
        self.member.resume_reading(STANZA)


class Leaves(Fault):
    """A consumer leaves the group for good; at most one is away at a time."""

    def inject(self) -> None:
        for other in [m for m in self.site.members if m.is_away]:
            other.come_back()
        member = self.site.pick()
        self.facts["forwarder"] = member.home.name
        member.go_away()


class Joins(Fault):
    """A consumer joins the group, or comes back to it."""

    def inject(self) -> None:
        away = [m for m in self.site.members if m.is_away]
        if not away:
            away = [self.site.pick()]
            away[0].go_away()
            away[0].await_stop()
            time.sleep(GROUP_TIMEOUT + 2)  # the others take its shards over
        self.facts["forwarder"] = away[0].home.name
        away[0].come_back()
