"""``configs/conf-<file>``: the stanzas of a conf file as entities."""

from __future__ import annotations

from . import conf_meta, conf_view
from .conf_file import Stanza
from .conf_view import Seen
from .envelopes import Entry, Feed, Fields, entity_path
from .errors import RestError, exists, no_endpoint, no_target
from .instance import Instance
from .listing import paged
from .request import Request
from .router import Routes

_CONTROL = {"name", "count", "offset", "search", "sort_key", "sort_dir", "sort_mode", "f", "output_mode"}


#: Endpoints that show one conf file under a name of their own (documented).
_ALIASES = {
    "admin/macros": "macros",
    "saved/eventtypes": "eventtypes",
    "saved/searches": "savedsearches",
}


class Configs:
    """GET list and one, POST create and edit, DELETE, enable, disable, _reload, acl."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._conf = instance.conf

    def routes(self) -> Routes:
        aliases = {
            path: lambda request, rest, conf=conf: self._below(request, conf, rest)
            for path, conf in _ALIASES.items()
        }
        return {"configs": self.handle, **aliases}

    def handle(self, request: Request, rest: list[str]) -> Feed:
        if not rest or not rest[0].startswith("conf-"):
            raise no_endpoint()
        return self._below(request, rest[0][len("conf-") :], rest[1:])

    def _below(self, request: Request, conf: str, rest: list[str]) -> Feed:
        if not rest:
            return self._collection(request, conf)
        if rest[0] == "_reload":
            return self._reload(request, conf)
        if rest[0] in ("_new", "_acl"):
            return self._feed(request, conf, [self._template(request, conf)])
        return self._entity(request, conf, rest[0], rest[1:])

    # -- collection

    def _collection(self, request: Request, conf: str) -> Feed:
        if request.method == "GET":
            return paged(self._feed(request, conf, self.entries(request, conf)), request)
        if request.method == "POST" and request.arg("name"):
            return self._create(request, conf)
        raise no_target(request.method)

    def _create(self, request: Request, conf: str) -> Feed:
        conf_view.require(request)
        name, app = request.arg("name"), conf_view.write_app(self._conf, request)
        if len(name) >= 1024:
            raise RestError(400, 'Parameter "name" must be less than 1024 characters.')
        if any(seen.name == name and seen.layer.app == app for seen in self._visible(request, conf)):
            raise _taken(conf, name)
        user = request.context_user if conf != "inputs" else None
        self._conf.write(app, conf, name, _settings(request), user)
        self._changed(conf, name)
        return self._one(request, conf, name, 201)

    def _reload(self, request: Request, conf: str) -> Feed:
        self._conf.reload(conf)
        self._changed(conf, None)
        return self._feed(request, conf, [])

    # -- entity

    def _entity(self, request: Request, conf: str, name: str, action: list[str]) -> Feed:
        seen = conf_view.find(self._conf, conf, name, request)
        if action == ["acl"]:
            return self._acl(request, conf, seen)
        if action:
            return self._action(request, conf, seen, action)
        if request.method == "GET":
            return self._one(request, conf, name)
        conf_view.require(request)
        if request.method == "DELETE":
            conf_view.remove(self._conf, conf, seen)
            self._changed(conf, name)
            return self._feed(request, conf, [])
        self._write(request, conf, seen, _settings(request))
        return self._one(request, conf, name)

    def _action(self, request: Request, conf: str, seen: Seen, action: list[str]) -> Feed:
        if action not in (["enable"], ["disable"]) or request.method != "POST":
            raise no_endpoint()
        conf_view.require(request)
        self._write(request, conf, seen, {"disabled": "1" if action == ["disable"] else "0"})
        return self._one(request, conf, seen.name)

    def _write(self, request: Request, conf: str, seen: Seen, updates: Stanza) -> None:
        conf_view.change(self._conf, conf, seen, request, updates, private=conf != "inputs")
        self._changed(conf, seen.name)

    def _acl(self, request: Request, conf: str, seen: Seen) -> Feed:
        if request.method == "POST":
            conf_view.require(request)
            self._conf.meta.update(seen.layer.app, conf, seen.name, acl_settings(request))
        return self._one(request, conf, seen.name)

    def _changed(self, conf: str, stanza: str | None) -> None:
        if conf != "inputs":
            return
        for scheme in self._instance.schemes():
            if stanza is None or stanza == scheme:
                self._instance.inputs_changed(scheme, None)
            elif stanza.startswith(f"{scheme}://"):
                self._instance.inputs_changed(scheme, stanza)

    # -- rendering

    def _visible(self, request: Request, conf: str) -> list[Seen]:
        return conf_view.visible(self._conf, conf, request)

    def entries(self, request: Request, conf: str) -> list[Entry]:
        """Entries of all stanzas that the request's namespace sees."""
        seen_all = self._visible(request, conf)
        defaults: Stanza = {}
        for seen in seen_all:
            if seen.name == "default":
                defaults.update(seen.settings)
        aliased = request.parts[0] != "configs"
        shown = [seen for seen in seen_all if not (aliased and seen.name == "default")]
        return [self._entry(request, conf, seen, defaults) for seen in shown]

    def _entry(self, request: Request, conf: str, seen: Seen, defaults: Stanza) -> Entry:
        acl = conf_view.acl(self._conf, conf, seen)
        path = entity_path(acl.owner, acl.app, "/".join(request.parts[:2]), seen.name)
        content = conf_view.content(seen, defaults)
        if str(content.get("alert.severity", "")).isdigit():
            content["alert.severity"] = int(str(content["alert.severity"]))  # a number in JSON (observed)
        switch = "enable" if content["disabled"] else "disable"
        verbs = ("list", "edit", *(["remove"] if acl.removable else []), "_reload", switch)
        return Entry(seen.name, path, content, acl, verbs=verbs)

    def _one(self, request: Request, conf: str, name: str, status: int = 200) -> Feed:
        found = [entry for entry in self.entries(request, conf) if entry.name == name]
        for entry in found:
            entry.fields = Fields(optional=("disabled",), wildcard=(".*",))
        feed = self._feed(request, conf, found[-1:])
        feed.status = status
        return feed

    def _template(self, request: Request, conf: str) -> Entry:
        path = entity_path("nobody", request.context_app, "/".join(request.parts[:2]), "_new")
        return Entry("_new", path, fields=Fields(required=("name",), wildcard=(".*",)))

    def _feed(self, request: Request, conf: str, entries: list[Entry]) -> Feed:
        endpoint = "/".join(request.parts[:2])
        path = entity_path(request.owner or "nobody", request.context_app, endpoint)
        links = {"create": f"{path}/_new", "_reload": f"{path}/_reload", "_acl": f"{path}/_acl"}
        return Feed(request.parts[1], path, entries, links)


def _taken(conf: str, name: str) -> RestError:
    if conf != "savedsearches":
        return exists(name)
    text = f"Unable to create saved search with name '{name}'. A saved search with that name already exists."
    return RestError(409, text)


def _settings(request: Request) -> Stanza:
    query = {key: values[-1] for key, values in request.query.items() if key not in _CONTROL}
    form = {key: values[-1] for key, values in request.form.items() if key not in ("name", "output_mode")}
    return {key: value for key, value in {**query, **form}.items() if not key.startswith("eai:")}


def acl_settings(request: Request) -> dict[str, str]:
    """The metadata that a POST to ``<entity>/acl`` asks for."""
    settings: dict[str, str] = {}
    if request.arg("sharing"):
        settings["export"] = "system" if request.arg("sharing") == "global" else "none"
    if request.arg("owner"):
        settings["owner"] = request.arg("owner")
    if "perms.read" in request.args or "perms.write" in request.args:
        read, write = (request.arg(f"perms.{verb}", "*").split(",") for verb in ("read", "write"))
        settings["access"] = conf_meta.access(read, write)
    return settings
