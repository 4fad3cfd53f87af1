"""``messages``: the bulletin board of an instance."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from .auth import ROLES
from .envelopes import Acl, Entry, Feed, Fields, Value, entity_path
from .errors import RestError, missing_arguments, no_object, no_target
from .instance import Instance
from .listing import paged
from .request import Request
from .router import Routes

_SEVERITIES = ("info", "warn", "error")


@dataclass
class Message:
    """One bulletin; ``born`` is epoch seconds."""

    name: str
    value: str
    severity: str = "warn"
    born: int = field(default_factory=lambda: int(time.time()))


class Messages:
    """GET list and one, POST (a second one of the same name overwrites), DELETE."""

    def __init__(self, instance: Instance) -> None:
        self._lock = threading.Lock()
        self._board: dict[str, Message] = {}

    def routes(self) -> Routes:
        return {"messages": self.handle}

    def post(self, name: str, value: str, severity: str = "warn") -> None:
        """Put up a message on the instance's own behalf."""
        with self._lock:
            self._board[name] = Message(name, value, severity)

    def clear(self) -> None:
        with self._lock:
            self._board.clear()

    def handle(self, request: Request, rest: list[str]) -> Feed:
        if rest == ["_new"]:
            fields = Fields(("name", "value"), ("severity", "role", "capability"))
            return _feed([Entry("_new", "/services/messages/_new", fields=fields)])
        if rest:
            return self._one(request, rest[0])
        if request.method == "POST":
            return self._create(request)
        if request.method != "GET":
            raise no_target(request.method)
        with self._lock:
            return paged(_feed([_entry(message) for message in self._board.values()]), request)

    def _create(self, request: Request) -> Feed:
        name, value = request.arg("name"), request.arg("value")
        absent = [key for key in ("name", "value") if not request.arg(key)]
        if absent:
            raise missing_arguments(absent)
        severity = request.arg("severity", "warn")
        if severity not in _SEVERITIES:
            raise RestError(400, f"Invalid severity: {severity}.")
        _check_audience(request)
        self.post(name, value, severity)
        feed = _feed([_entry(self._board[name])])
        feed.status = 201
        return feed

    def _one(self, request: Request, name: str) -> Feed:
        with self._lock:
            message = self._board.get(name)
            if message is None:
                raise no_object(name)
            if request.method == "DELETE":
                del self._board[name]
                return _feed([_entry(other) for other in self._board.values()])
        entry = _entry(message)
        entry.fields = Fields(optional=("severity", "value"))
        return _feed([entry])


def _check_audience(request: Request) -> None:
    capabilities = frozenset().union(*ROLES.values())
    for role in request.args.get("role", []):
        if role not in ROLES:
            raise RestError(400, f"Role={role} does not exist.")
    for capability in request.args.get("capability", []):
        if capability not in capabilities:
            raise RestError(400, f"Capability={capability} does not exist.")


def _entry(message: Message) -> Entry:
    content: dict[str, Value] = {
        message.name: message.value,
        "message": message.value,
        "severity": message.severity,
        "timeCreated_epochSecs": message.born,
        "server": "",
    }
    path = entity_path("nobody", "system", "messages", message.name)
    return Entry(message.name, path, content, Acl(removable=True), verbs=("list", "remove"))


def _feed(entries: list[Entry]) -> Feed:
    return Feed("messages", "/services/messages", entries, {"create": "/services/messages/_new"})
