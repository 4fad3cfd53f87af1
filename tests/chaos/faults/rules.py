"""Faults that the SLS stand-in commits by rule: on calls, answers and headers."""

from __future__ import annotations

from typing import Any, Callable

from ..forwarder import GROUP_TIMEOUT
from .base import Draw, Fault

PULL, BEAT = "PullLogs", "ConsumerGroupHeartBeat"
SAVE, POSITION = "ConsumerGroupUpdateCheckPoint", "GetConsumerGroupCheckPoint"


class Rule(Fault):
    """One rule for a while."""

    def __init__(self, site: Any, draw: Draw, endpoint: str, hold: float, **settings: Any) -> None:
        super().__init__(site, draw)
        self.hold = hold
        self._endpoint, self._settings = endpoint, settings
        self._ids: list[int] = []
        self.facts = {"endpoint": endpoint, **settings}

    def inject(self) -> None:
        self._ids.append(self.site.fault(self._endpoint, **self._settings))

    def struck(self) -> bool:
        return any(rule["struck"] for rule in self.site.control.faults() if rule["id"] in self._ids)

    def heal(self) -> None:
        for number in self._ids:
            self.site.control.clear_faults(number)


Make = Callable[[Any, Draw], Fault]


def rule(endpoint: str, low: float, high: float, **settings: Any) -> Make:
    """A rule that lasts `low` to `high` seconds; a tuple among the settings is drawn from."""

    def make(site: Any, draw: Draw) -> Fault:
        drawn = {name: draw.one_of(*v) if isinstance(v, tuple) else v for name, v in settings.items()}
        return Rule(site, draw, endpoint, draw.hold(low, high), **drawn)

    return make


class OnOneShard(Rule):
    """A rule that strikes one shard, or all."""

    def inject(self) -> None:
        self._settings["shard"] = self.facts["shard"] = self.draw.one_of(None, *self.site.producer.writable)
        super().inject()


def shard_quota(site: Any, draw: Draw) -> Fault:
    """SLS says that a shard is read too fast."""
    hold = draw.hold(2.0, 4.0)
    return OnOneShard(site, draw, PULL, hold, kind="status", status=403, code="ShardReadQuotaExceed")


class OnOneMember(Rule):
    """A rule that strikes one forwarder only, longer than the group's time-out."""

    def inject(self) -> None:
        member = self.site.pick()
        self.facts["forwarder"] = member.home.name
        self._settings.update(self._aim(member))
        super().inject()

    def _aim(self, member: Any) -> dict[str, Any]:
        return {"access_key_id": member.key_id}


class OnOneConsumer(OnOneMember):
    """The same, by the name that only calls of the consumer group carry."""

    def _aim(self, member: Any) -> dict[str, Any]:
        return {"consumer": member.consumer}


def cut_off(site: Any, draw: Draw) -> Fault:
    """A forwarder reaches SLS no more."""
    hold = GROUP_TIMEOUT + draw.hold(1.0, 5.0)
    return OnOneMember(site, draw, "*", hold, kind="reset", phase=draw.one_of("before", "after"))


def heartbeat_loss(site: Any, draw: Draw) -> Fault:
    """The heartbeats of one consumer, and only those, are lost."""
    hold = GROUP_TIMEOUT + draw.hold(1.5, 4.0)
    how = draw.one_of({"kind": "reset"}, {"kind": "status", "status": 500})
    return OnOneConsumer(site, draw, BEAT, hold, **how)


class CorruptPosition(Rule):
    """The answer that says where a shard is to be read from is cut; an input starts meanwhile."""

    def inject(self) -> None:
        super().inject()
        member = self.site.pick()
        self.facts["forwarder"] = member.home.name
        member.signal(9)


def corrupt_position(site: Any, draw: Draw) -> Fault:
    return CorruptPosition(site, draw, POSITION, draw.hold(4.0, 6.0), kind="corrupt", mode="json")


class ClockSkew(Fault):
    """The clock of SLS is wrong by 20 minutes, and signatures are refused."""

    def __init__(self, site: Any, draw: Draw) -> None:
        super().__init__(site, draw)
        self.hold = draw.hold(3.0, 4.0)
        self.facts = {"offset": draw.one_of(-1200, 1200)}

    def inject(self) -> None:
        self.site.control.set_clock_offset(self.facts["offset"])

    def heal(self) -> None:
        self.site.control.set_clock_offset(0)
