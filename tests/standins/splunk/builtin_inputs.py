"""The input kinds that are not modular: stanzas that clients can list and edit, but that never run."""

from __future__ import annotations

from . import conf_view
from .conf_file import Stanza
from .conf_view import Seen
from .envelopes import Entry, Feed, Fields, entity_path
from .errors import RestError, exists, no_endpoint, no_object, no_target
from .instance import Instance
from .listing import paged
from .request import Request

#: Endpoint below ``data/inputs`` -> stanza prefix of inputs.conf (documented).
KINDS = {
    "http": "http://",
    "monitor": "monitor://",
    "script": "script://",
    "tcp/cooked": "splunktcp://",
    "tcp/raw": "tcp://",
    "udp": "udp://",
}
_NETWORK = {"tcp/cooked", "tcp/raw", "udp"}


class BuiltinInputs:
    """One built-in kind: GET, POST, DELETE, enable, disable on its stanzas."""

    def __init__(self, instance: Instance, kind: str) -> None:
        self._instance = instance
        self._conf = instance.conf
        self._kind = kind
        self._prefix = KINDS[kind]

    def handle(self, request: Request, rest: list[str]) -> Feed:
        if not rest:
            return self._collection(request)
        if rest == ["_reload"]:
            self._conf.reload("inputs")
            return self._feed(request, [])
        if len(rest) == 2 and rest[1] in ("enable", "disable"):
            request.form = {"disabled": ["1" if rest[1] == "disable" else "0"]}
        elif len(rest) > 1:
            raise no_endpoint()
        return self._entity(request, rest[0])

    def _collection(self, request: Request) -> Feed:
        if request.method == "GET":
            return paged(self._feed(request, self._entries(request)), request)
        if request.method == "POST" and request.arg("name"):
            return self._create(request)
        raise no_target(request.method)

    def _create(self, request: Request) -> Feed:
        conf_view.require(request)
        app = conf_view.write_app(self._conf, request)
        settings = self._settings(request)
        name = self._checked_name(request, request.arg("name"), settings.get("restrictToHost", ""))
        self._conf.write(app, "inputs", self._prefix + name, settings)
        feed = self._one(request, name)
        feed.status = 201
        return feed

    def _checked_name(self, request: Request, name: str, only_from: str) -> str:
        taken = {self._name(seen) for seen in self._seen(request)}
        if self._kind in _NETWORK:
            if not name.isdigit() or not 0 < int(name) < 65536:
                raise RestError(400, f"Parameter name: {name} is not a valid port.")
            if name in taken:
                raise exists(name)
        full = f"{only_from}:{name}" if only_from else name
        if full in taken:
            raise exists(full)
        return full

    def _entity(self, request: Request, name: str) -> Feed:
        seen = self._find(request, name)
        if request.method == "GET":
            return self._one(request, name)
        conf_view.require(request)
        if request.method == "DELETE":
            conf_view.remove(self._conf, "inputs", seen)
            return self._feed(request, self._entries(request))
        conf_view.change(self._conf, "inputs", seen, request, self._settings(request), private=False)
        return self._one(request, name)

    def _settings(self, request: Request) -> Stanza:
        skipped = ("name", "count", "offset", "search", "output_mode")
        return {key: values[-1] for key, values in request.args.items() if key not in skipped}

    def _seen(self, request: Request) -> list[Seen]:
        every = conf_view.visible(self._conf, "inputs", request, private=False)
        return [seen for seen in every if self._name(seen)]

    def _name(self, seen: Seen) -> str:
        """The entity's name; the settings of all HTTP inputs are an entity too (observed), others are not."""
        if self._kind == "http" and seen.name == "http":
            return "http"
        return seen.name[len(self._prefix) :] if seen.name.startswith(self._prefix) else ""

    def _find(self, request: Request, name: str) -> Seen:
        for seen in self._seen(request):
            if self._name(seen) == name:
                return seen
        raise no_object(name)

    def _entries(self, request: Request) -> list[Entry]:
        defaults = self._conf.merged("inputs").get("default", {})
        return [self._entry(seen, defaults) for seen in self._seen(request)]

    def _entry(self, seen: Seen, defaults: Stanza) -> Entry:
        name = self._name(seen)
        acl = conf_view.acl(self._conf, "inputs", seen)
        content = conf_view.content(seen, defaults)
        content["host_resolved"] = self._instance.server_name
        path = entity_path(acl.owner, acl.app, f"data/inputs/{self._kind}", name)
        return Entry(name, path, content, acl)

    def _one(self, request: Request, name: str) -> Feed:
        entries = [entry for entry in self._entries(request) if entry.name == name]
        for entry in entries:
            entry.fields = Fields(optional=("host", "index", "source", "sourcetype"), wildcard=(".*",))
        return self._feed(request, entries[-1:])

    def _feed(self, request: Request, entries: list[Entry]) -> Feed:
        path = entity_path(request.owner or "nobody", request.context_app, f"data/inputs/{self._kind}")
        return Feed(self._kind, path, entries, {"create": f"{path}/_new", "_reload": f"{path}/_reload"})
