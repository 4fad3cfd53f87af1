"""``storage/collections``: collections.conf as entities, and the records over JSON."""

from __future__ import annotations

import json
from typing import Any

from . import conf_view
from .conf_view import Seen
from .envelopes import Entry, Feed, Fields, entity_path
from .errors import RestError, exists, missing_arguments, no_endpoint, no_target
from .instance import Instance
from .kvstore import Collection, DuplicateKeyError, KvStore, QueryError, arranged
from .listing import paged
from .request import Reply, Request
from .rest_configs import acl_settings
from .router import Routes

_CONFIG = "storage/collections/config"
_CONTROL = {"name", "count", "offset", "search", "sort_key", "sort_dir", "sort_mode", "f"}


class KvEndpoints:
    """``config`` answers in Atom or JSON like other entities, ``data`` always in JSON (observed)."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._conf = instance.conf
        self._kv = KvStore(instance.home / "var" / "lib" / "splunk" / "kvstore" / "standin.json")

    def routes(self) -> Routes:
        return {_CONFIG: self.config, "storage/collections/data": self.data}

    def _ready(self) -> None:
        if not self._instance.knobs.kvstore_ready:
            raise RestError(503, "KV Store is initializing. Please try again later.")

    # -- collections

    def config(self, request: Request, rest: list[str]) -> Feed:
        """``config[/<collection>[/acl]]``."""
        self._ready()
        if request.owner not in (None, "nobody", "-"):
            raise RestError(400, "Collections may only be configured by the owner nobody.")
        if not rest:
            return self._collections(request)
        if rest == ["_new"]:
            fields = Fields(("name",), wildcard=("field\\..*", "accelerated_fields\\..*"))
            return self._feed(
                request, [Entry("_new", entity_path("nobody", "search", _CONFIG, "_new"), fields=fields)]
            )
        return self._collection(request, rest[0], rest[1:])

    def _collections(self, request: Request) -> Feed:
        if request.method == "GET":
            return paged(self._feed(request, [self._entry(seen) for seen in self._seen(request)]), request)
        if request.method != "POST":
            raise no_target(request.method)
        conf_view.require(request)
        name, app = request.arg("name"), conf_view.write_app(self._conf, request)
        if not name:
            raise missing_arguments(["name"])
        if any(seen.name == name and seen.layer.app == app for seen in self._seen(request)):
            raise exists(name)
        self._conf.write(app, "collections", name, self._settings(request))
        return self._one(request, name, 201)

    def _collection(self, request: Request, name: str, action: list[str]) -> Feed:
        seen = conf_view.find(self._conf, "collections", name, request, private=False)
        if action == ["acl"]:
            if request.method == "POST":
                self._conf.meta.update(seen.layer.app, "collections", name, acl_settings(request))
            return self._one(request, name)
        if action:
            raise no_endpoint()
        if request.method == "GET":
            return self._one(request, name)
        conf_view.require(request)
        if request.method == "DELETE":
            conf_view.remove(self._conf, "collections", seen)
            self._kv.drop(seen.layer.app, name)
            return self._feed(request, [])
        updates = self._settings(request)
        conf_view.change(self._conf, "collections", seen, request, updates, private=False)
        return self._one(request, name)

    def _settings(self, request: Request) -> dict[str, str]:
        return {key: values[-1] for key, values in request.args.items() if key not in _CONTROL}

    def _seen(self, request: Request) -> list[Seen]:
        found = conf_view.visible(self._conf, "collections", request, private=False)
        return [seen for seen in found if seen.name != "default"]

    def _entry(self, seen: Seen) -> Entry:
        acl = conf_view.acl(self._conf, "collections", seen)
        content = {"profilingEnabled": "false", "type": "undefined", **conf_view.content(seen, {})}
        return Entry(seen.name, entity_path("nobody", acl.app, _CONFIG, seen.name), content, acl)

    def _one(self, request: Request, name: str, status: int = 200) -> Feed:
        seen = conf_view.find(self._conf, "collections", name, request, private=False)
        entry = self._entry(seen)
        entry.fields = Fields(wildcard=("field\\..*", "accelerated_fields\\..*"))
        feed = self._feed(request, [entry])
        feed.status = status
        return feed

    def _feed(self, request: Request, entries: list[Entry]) -> Feed:
        path = entity_path(request.owner or "nobody", request.context_app, _CONFIG)
        return Feed("collections-conf", path, entries, {"create": f"{path}/_new"})

    # -- records

    def data(self, request: Request, rest: list[str]) -> Reply:
        """``data/<collection>[/<key> | /batch_save | /batch_find]``."""
        self._ready()
        if not rest:
            raise no_endpoint()
        seen = conf_view.find(self._conf, "collections", rest[0], request, private=False)
        types = {
            key[len("field.") :]: value for key, value in seen.settings.items() if key.startswith("field.")
        }
        with self._kv.lock:
            records = self._kv.collection(seen.layer.app, seen.name, types)
            try:
                answer = self._records(request, records, rest[1:])
            except (ValueError, TypeError) as error:
                raise _refusal(error) from error
            if request.method != "GET":
                self._kv.save()
        return answer

    def _records(self, request: Request, records: Collection, rest: list[str]) -> Reply:
        owner = request.owner or "nobody"
        if not rest:
            return self._all(request, records, owner)
        if rest == ["batch_save"] and request.method == "POST":
            return _json(200, [_save(records, record, owner) for record in _list(request.json_body())])
        if rest == ["batch_find"] and request.method == "POST":
            return _json(200, [_query(records, owner, one) for one in _list(request.json_body())])
        return self._record(request, records, owner, "/".join(rest))

    def _all(self, request: Request, records: Collection, owner: str) -> Reply:
        if request.method == "POST":
            return _json(201, {"_key": records.insert(_dict(request.json_body()), owner)})
        if request.method == "DELETE":
            records.delete(_dict(json.loads(request.arg("query") or "{}")), owner)
            return Reply(200, "", "application/json; charset=UTF-8")
        arguments = {key: values[-1] for key, values in request.query.items()}
        arguments["query"] = json.loads(arguments.get("query") or "{}")
        return _json(200, _query(records, owner, arguments))

    def _record(self, request: Request, records: Collection, owner: str, key: str) -> Reply:
        record = records.records.get(key)
        if record is None or record["_user"] != owner:
            raise RestError(404, "Could not find object.")
        if request.method == "POST":
            records.put(key, _dict(request.json_body()), owner)
            return _json(200, {"_key": key})
        if request.method == "DELETE":
            del records.records[key]
            return Reply(200, "", "application/json; charset=UTF-8")
        return _json(200, record)


def _query(records: Collection, owner: str, options: dict[str, Any]) -> list[dict[str, Any]]:
    found = records.find(_dict(options.get("query") or {}), owner)
    skip, limit = int(options.get("skip") or 0), int(options.get("limit") or 0)
    return arranged(found, str(options.get("sort") or ""), skip, limit, str(options.get("fields") or ""))


def _save(records: Collection, record: Any, owner: str) -> str:
    record = _dict(record)
    key = str(record.get("_key") or "")
    if not key or key not in records.records:
        return records.insert(record, owner)
    records.put(key, record, owner)
    return key


def _dict(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise QueryError("JSON must be an object")
    return value


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise QueryError("JSON must be an array")
    return value


def _refusal(error: ValueError | TypeError) -> RestError:
    if isinstance(error, DuplicateKeyError):
        return RestError(409, "A document with the same key and user already exists.")
    return RestError(400, f"JSON in the request is invalid. ( {error} )")


def _json(status: int, value: Any) -> Reply:
    return Reply(status, json.dumps(value), "application/json; charset=UTF-8")
