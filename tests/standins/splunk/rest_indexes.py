"""``data/indexes`` and the receivers that write straight into one."""

from __future__ import annotations

import re
import time
from pathlib import Path

from . import conf_view
from .conf_view import Seen
from .envelopes import Acl, Entry, Feed, Fields, Value, entity_path
from .errors import RestError, exists, no_endpoint, no_object, no_target
from .instance import Instance, is_index
from .listing import paged
from .request import Reply, Request
from .router import Routes

_ENDPOINT = "data/indexes"
_CONTROL = {"name", "count", "offset", "search", "sort_key", "sort_dir", "sort_mode", "f", "datatype"}


class Indexes:
    """GET, create, edit, enable, disable, delete; ``receivers/simple`` and ``receivers/stream``."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._conf = instance.conf

    def routes(self) -> Routes:
        return {
            _ENDPOINT: self.handle,
            "receivers/simple": self._receive,
            "receivers/stream": self._receive,
            "data/inputs/oneshot": self._oneshot,
        }

    def handle(self, request: Request, rest: list[str]) -> Feed:
        if rest == ["_new"]:
            return self._feed([Entry("_new", f"/services/{_ENDPOINT}/_new", fields=Fields(("name",)))])
        if rest == ["_reload"]:
            self._conf.reload("indexes")
            return self._feed([])
        if rest:
            return self._entity(request, rest[0], rest[1:])
        if request.method == "GET":
            return paged(self._feed([self._entry(seen) for seen in self._seen(request)]), request)
        if request.method == "POST" and request.arg("name"):
            return self._create(request, request.arg("name"))
        raise no_target(request.method)

    def _create(self, request: Request, name: str) -> Feed:
        conf_view.require(request, "indexes_edit")
        if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", name) or "kvstore" in name:
            raise RestError(400, f"Index name={name} is invalid.")
        if name in {seen.name for seen in self._seen(request)}:
            raise exists(name)
        settings = {"homePath": f"$SPLUNK_DB/{name}/db", "coldPath": f"$SPLUNK_DB/{name}/colddb"}
        settings["thawedPath"] = f"$SPLUNK_DB/{name}/thaweddb"
        settings.update(self._settings(request))
        self._conf.write(conf_view.write_app(self._conf, request), "indexes", name, settings)
        return self._one(request, name, 201)

    def _entity(self, request: Request, name: str, action: list[str]) -> Feed:
        seen = self._find(request, name)
        if action in (["enable"], ["disable"]) and request.method == "POST":
            conf_view.require(request, "indexes_edit")
            self._write(request, seen, {"disabled": "1" if action == ["disable"] else "0"})
            return self._one(request, name)
        if action:
            raise no_endpoint()
        if request.method == "GET":
            return self._one(request, name)
        conf_view.require(request, "indexes_edit")
        if request.method == "DELETE":
            conf_view.remove(self._conf, "indexes", seen)
            return self._feed([])
        self._write(request, seen, self._settings(request))
        return self._one(request, name)

    def _write(self, request: Request, seen: Seen, updates: dict[str, str]) -> None:
        conf_view.change(self._conf, "indexes", seen, request, updates, private=False)

    def _settings(self, request: Request) -> dict[str, str]:
        return {key: values[-1] for key, values in request.args.items() if key not in _CONTROL}

    def _seen(self, request: Request) -> list[Seen]:
        """Indexes are global: every namespace sees all of them (documented)."""
        everywhere = Request("GET", "", "nobody", conf_view.WILDCARD, [], {})
        found = conf_view.visible(self._conf, "indexes", everywhere, private=False)
        return [seen for seen in found if is_index(seen.name)]

    def _find(self, request: Request, name: str) -> Seen:
        for seen in self._seen(request):
            if seen.name == name:
                return seen
        raise no_object(name)

    def _entry(self, seen: Seen) -> Entry:
        acl = conf_view.acl(self._conf, "indexes", seen)
        defaults = self._conf.merged("indexes").get("default", {})
        content: dict[str, Value] = {**defaults, **conf_view.content(seen, defaults)}
        content.update(
            {
                "datatype": seen.settings.get("datatype", "event"),
                "isInternal": seen.name.startswith("_"),
                "isVirtual": False,
                "sync": 0,
                "totalEventCount": self._instance.store.count('"index" = ?', (seen.name,)),
                "currentDBSizeMB": 1,
                "defaultDatabase": "main",
            }
        )
        path = entity_path(acl.owner, acl.app, _ENDPOINT, seen.name)
        verbs = ("list", "edit", "remove", "enable" if content["disabled"] else "disable")
        return Entry(seen.name, path, content, acl, verbs=verbs)

    def _one(self, request: Request, name: str, status: int = 200) -> Feed:
        entry = self._entry(self._find(request, name))
        entry.fields = Fields(optional=("maxTotalDataSizeMB", "frozenTimePeriodInSecs"))
        feed = self._feed([entry])
        feed.status = status
        return feed

    def _feed(self, entries: list[Entry]) -> Feed:
        return Feed("indexes", f"/services/{_ENDPOINT}", entries, {"create": f"/services/{_ENDPOINT}/_new"})

    # -- receivers

    def _receive(self, request: Request, rest: list[str]) -> Reply:
        """A body becomes events: one for ``simple``, one per line for ``stream``."""
        text = request.body.decode("utf-8", "replace")
        lines = [text] if request.parts[-1] == "simple" else text.splitlines()
        query = {key: values[-1] for key, values in request.query.items()}
        self._add(lines, query)
        return Reply(200, '<?xml version="1.0" encoding="UTF-8"?>\n<response/>\n')

    def _oneshot(self, request: Request, rest: list[str]) -> Feed:
        conf_view.require(request, "edit_monitor")
        path = Path(request.arg("name"))
        if not path.is_file():
            raise RestError(400, f"Parameter name: Path does not exist: {path}")
        settings = {key: values[-1] for key, values in request.args.items()}
        self._add(path.read_text("utf-8", "replace").splitlines(), {"source": str(path), **settings})
        entry = Entry(
            str(path), entity_path("nobody", "search", "data/inputs/oneshot", str(path)), acl=Acl("search")
        )
        return Feed("oneshot", "/services/data/inputs/oneshot", [entry], status=201)

    def _add(self, lines: list[str], meta: dict[str, str]) -> None:
        index = meta.get("index", "default")
        enabled = self._instance.known_indexes()
        index = "main" if index == "default" else index
        if index not in enabled:
            raise RestError(400, f"supplied index '{index}' missing")
        now = time.time()
        host, source = meta.get("host", self._instance.server_name), meta.get("source", "www_form")
        sourcetype = meta.get("sourcetype", "unknown")
        rows = [(now, index, host, source, sourcetype, line, "", 0, now) for line in lines if line]
        self._instance.store.add_many(rows)
