"""Faults of AccessKeys and RAM."""

from __future__ import annotations

import time
from typing import Any

from .base import Draw, Fault

ACTIONS = (
    "GetCursorOrData",
    "ConsumerGroupHeartBeat",
    "ConsumerGroupUpdateCheckPoint",
    "GetConsumerGroupCheckPoint",
)
_OLD_KEY_GONE = 2.0  # seconds from the rotation at SLS until somebody edits the account


class KeyFault(Fault):
    """One forwarder's key as SLS knows it, changed for a while."""

    def __init__(self, site: Any, draw: Draw) -> None:
        super().__init__(site, draw)
        self.member = site.pick()
        self.hold = draw.hold(3.0, 6.0)
        self.facts = {"forwarder": self.member.home.name}

    def _key(self, **how: Any) -> None:
        self.site.control.add_access_key(self.member.key_id, self.member.key_secret, **how)

    def heal(self) -> None:
        self._key()


class KeyDisabled(KeyFault):
    """The key is disabled and enabled again."""

    def inject(self) -> None:
        self._key(enabled=False)


class ActionDenied(KeyFault):
    """RAM denies one action, and the permission comes back."""

    def inject(self) -> None:
        self.facts["action"] = self.draw.one_of(*ACTIONS)
        self._key(deny=[f"log:{self.facts['action']}"])


class KeyRotated(KeyFault):
    """SLS knows a new key only; two seconds later the account gets it, and the input goes on with it."""

    pid: int | None = None
    _entered = 0.0

    def inject(self) -> None:
        self.hold = _OLD_KEY_GONE
        self.pid = self.member.running_pid()
        self.site.control.remove_access_key(self.member.key_id)
        self.member.generation += 1
        self._key()

    def heal(self) -> None:
        self._key()
        self.member.enter_key()
        self._entered = time.time()

    def settled(self) -> bool:
        """It must itself be back: that others have taken its shards over is not enough."""
        return self.site.watcher.last_beat(self.member.consumer) > self._entered

    def check(self) -> None:
        """The running input must have done it: a restart would hide that it cannot."""
        if self.member.pid != self.pid:
            self.complaints.append("the input was restarted to get its new key")
