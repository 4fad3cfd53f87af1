"""Deliberate misbehaviour, by rules that match single requests.

Kinds, and what they do:

status    answer `status`/`code`/`message` (or `body` with `content_type`) instead of serving
delay     wait `delay` seconds, then serve
hang      send nothing for `delay` seconds (default an hour; clear_faults() ends it), then reset
reset     RST: `phase` before = nothing executed; after = executed, no answer; body = in the middle of the
answer truncate  promise the full Content-Length, send half of the body, close
half_close  send half of the body, shut down only the sending side, keep the socket open for `delay` seconds
corrupt   damage the answer: `mode` lz4, protobuf, rawsize, codec or json
oversize  append `size` zero bytes of raw data (lz4 and rawsize agree: a huge answer)
header    change answer headers: `headers` {name: value, or null to drop it}

With `phase="after"`, status too is sent only after the call was executed.
"""

from __future__ import annotations

import itertools
import threading
from dataclasses import dataclass, field
from typing import Any

from .damage import corrupt, oversize
from .errors import DEFAULTS, SlsError
from .knobs import Knobs
from .message import Request, Response

KINDS = ("status", "delay", "hang", "reset", "truncate", "half_close", "corrupt", "oversize", "header")


@dataclass
class Fault:
    """One rule. None means "any"; `times` is how often it strikes, `every` strikes only each n-th match."""

    id: int
    endpoint: str = "*"
    kind: str = "status"
    status: int | None = None
    code: str = "InternalServerError"
    message: str | None = None
    body: str | None = None
    content_type: str = "application/json"
    delay: float = 0.0
    times: int | None = None
    every: int = 1
    skip: int = 0
    phase: str = "before"
    mode: str = "lz4"
    size: int = 64 * 1024 * 1024
    headers: dict[str, str | None] = field(default_factory=dict)
    project: str | None = None
    logstore: str | None = None
    shard: str | None = None
    consumer_group: str | None = None
    consumer: str | None = None
    access_key_id: str | None = None
    matched: int = 0
    struck: int = 0
    released: threading.Event = field(default_factory=threading.Event)

    def strikes(self, facts: dict[str, Any]) -> bool:
        """Count a matching request and say whether this one is hit."""
        if self.endpoint not in ("*", facts.get("endpoint")):
            return False
        named = ("project", "logstore", "shard", "consumer_group", "consumer", "access_key_id")
        if any(getattr(self, name) not in (None, facts.get(name)) for name in named):
            return False
        if self.times is not None and self.struck >= self.times:
            return False
        self.matched += 1
        hit = self.matched > self.skip and (self.matched - self.skip) % self.every == 0
        self.struck += hit
        return hit

    def error(self) -> SlsError:
        """The error answer of a status fault."""
        status, text = DEFAULTS.get(self.code, (500, self.code))
        return SlsError(self.status or status, self.code, self.message if self.message is not None else text)

    def describe(self) -> dict[str, Any]:
        """The rule without its event."""
        return {name: value for name, value in vars(self).items() if name != "released"}


class Faults:
    """All rules; the first that strikes is used."""

    def __init__(self, knobs: Knobs | None = None) -> None:
        self._knobs = knobs or Knobs()
        self._rules: list[Fault] = []
        self._ids = itertools.count(1)
        self._lock = threading.Lock()

    def add(self, **settings: Any) -> int:
        """A new rule; returns its id. Raises ValueError for an unknown kind, TypeError for unknown
        settings."""
        if settings.get("kind", "status") not in KINDS:
            raise ValueError(f"unknown fault kind {settings['kind']!r}, known: {', '.join(KINDS)}")
        if settings.get("code") == "ServerBusy":
            settings.setdefault("status", self._knobs.server_busy_status)
        if "shard" in settings and settings["shard"] is not None:
            settings["shard"] = str(settings["shard"])
        with self._lock:
            rule = Fault(next(self._ids), **settings)
            self._rules.append(rule)
            return rule.id

    def clear(self, number: int | None = None) -> None:
        """Remove one rule or all, and let hanging requests go."""
        with self._lock:
            gone = [rule for rule in self._rules if number in (None, rule.id)]
            self._rules = [rule for rule in self._rules if rule not in gone]
        for rule in gone:
            rule.released.set()

    def pick(self, facts: dict[str, Any]) -> Fault | None:
        """The rule that strikes this request."""
        if not self._rules:
            return None
        with self._lock:
            return next((rule for rule in self._rules if rule.strikes(facts)), None)

    def describe(self) -> list[dict[str, Any]]:
        """All rules with their counters."""
        with self._lock:
            return [rule.describe() for rule in self._rules]


def strike_before(rule: Fault) -> Response | None:
    """What a rule does before the call is served; an answer ends the request there, SlsError too."""
    if rule.kind in ("delay", "hang"):
        rule.released.wait(rule.delay or (3600.0 if rule.kind == "hang" else 0.0))
        return Response(0, damage=rule) if rule.kind == "hang" else None
    if rule.phase != "before":
        return None
    if rule.kind == "status":
        return _status(rule)
    return Response(0, damage=rule) if rule.kind == "reset" else None


def strike_after(rule: Fault, request: Request, response: Response) -> Response:
    """What a rule does to the finished answer."""
    if rule.kind == "status" and rule.phase == "after":
        return _status(rule)
    if rule.kind == "corrupt":
        return corrupt(rule.mode, response)
    if rule.kind == "oversize":
        return oversize(rule.size, request, response)
    if rule.kind == "header":
        for name, value in rule.headers.items():
            response.headers.pop(name.lower(), None)
            if value is not None:
                response.headers[name.lower()] = value
    if rule.kind in ("reset", "truncate", "half_close"):
        response.damage = rule
    return response


def _status(rule: Fault) -> Response:
    if rule.body is None:
        raise rule.error()
    return Response(rule.status or 500, rule.body.encode(), {"content-type": rule.content_type})
