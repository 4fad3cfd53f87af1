"""``properties``: the older view of conf files, down to single keys."""

from __future__ import annotations

from . import conf_view
from .conf import SYSTEM
from .conf_file import Stanza
from .envelopes import Acl, Entry, Feed, entity_path, messages_json, messages_xml
from .errors import RestError, no_endpoint, no_object
from .instance import Instance
from .listing import paged
from .request import Reply, Request
from .router import Routes

#: Confs that exist on every instance, also when no file of that name is there yet.
_ALWAYS = {"eventtypes", "indexes", "inputs", "props", "savedsearches", "server", "transforms", "web"}


class Properties:
    """Files (POST ``__conf``), stanzas (POST ``__stanza``) and keys (GET is plain text)."""

    def __init__(self, instance: Instance) -> None:
        self._conf = instance.conf

    def routes(self) -> Routes:
        return {"properties": self.handle}

    def handle(self, request: Request, rest: list[str]) -> Feed | Reply:
        if not rest:
            return self._files(request)
        if rest[0] not in self._names(request):
            raise no_object(rest[0])
        if len(rest) == 1:
            return self._file(request, rest[0])
        if len(rest) == 2:
            return self._stanza(request, rest[0], rest[1])
        if len(rest) == 3:
            return self._key(request, rest[0], rest[1], rest[2])
        raise no_endpoint()

    def _files(self, request: Request) -> Feed | Reply:
        if request.method == "POST":
            conf_view.require(request)
            conf = request.arg("__conf")
            self._conf.touch(conf_view.write_app(self._conf, request), conf)
            return _created(request, [conf])
        return paged(self._feed(request, [], sorted(self._names(request))), request)

    def _file(self, request: Request, conf: str) -> Feed | Reply:
        if request.method == "POST":
            conf_view.require(request)
            name = request.arg("__stanza")
            self._conf.write(conf_view.write_app(self._conf, request), conf, name, {}, request.context_user)
            return _created(request, [conf, name])
        names = [seen.name for seen in conf_view.visible(self._conf, conf, request)]
        return paged(self._feed(request, [conf], names), request)

    def _stanza(self, request: Request, conf: str, name: str) -> Feed | Reply:
        seen = conf_view.find(self._conf, conf, name, request)
        if request.method == "POST":
            updates = {key: values[-1] for key, values in request.args.items()}
            return self._update(request, conf, seen, updates)
        entries = [
            Entry(key, self._path(request, [conf, name, key]), acl=Acl(seen.layer.app), text=value)
            for key, value in seen.settings.items()
        ]
        return paged(Feed(name, self._path(request, [conf, name]), entries), request)

    def _key(self, request: Request, conf: str, name: str, key: str) -> Reply:
        seen = conf_view.find(self._conf, conf, name, request)
        if request.method == "POST":
            return self._update(request, conf, seen, {key: request.arg("value")})
        if key not in seen.settings:
            raise no_object(key)
        return Reply(200, seen.settings[key], "text/plain; charset=UTF-8")

    def _update(self, request: Request, conf: str, seen: conf_view.Seen, updates: Stanza) -> Reply:
        conf_view.require(request)
        conf_view.change(self._conf, conf, seen, request, updates, private=True)
        return _info(request, f"Successfully modified {len(updates)} key(s)")

    def _names(self, request: Request) -> set[str]:
        app = request.context_app
        if app == conf_view.WILDCARD:
            layers = [layer for name in (SYSTEM, *self._conf.apps()) for layer in self._conf.layers("", name)]
            return _ALWAYS | self._conf.confs(layers)
        own = self._conf.confs(self._conf.layers("", app, request.context_user))
        return _ALWAYS | own | self._exported()

    def _exported(self) -> set[str]:
        names: set[str] = set()
        for app in self._conf.apps():
            layers = [layer for layer in self._conf.layers("", app) if layer.app == app]
            names |= {conf for conf in self._conf.confs(layers) if self._conf.exported(app, conf)}
        return names

    def _path(self, request: Request, parts: list[str]) -> str:
        path = entity_path(request.owner or "nobody", request.context_app, "properties")
        return "/".join([path, *(part.replace("/", "%252F") for part in parts)])

    def _feed(self, request: Request, parents: list[str], names: list[str]) -> Feed:
        acl = Acl(request.context_app)
        entries = [Entry(name, self._path(request, [*parents, name]), acl=acl, text="") for name in names]
        return Feed(parents[-1] if parents else "properties", self._path(request, parents), entries)


def _created(request: Request, parts: list[str]) -> Reply:
    if not parts[-1]:
        raise RestError(400, "A name is required.")
    reply = _info(request, f"Successfully created {parts[-1]}")
    reply.status = 201
    reply.headers.append(
        ("Location", entity_path(request.owner or "nobody", request.context_app, "properties"))
    )
    return reply


def _info(request: Request, text: str) -> Reply:
    if request.wants_json:
        return Reply(200, messages_json([("INFO", text)]), "application/json; charset=UTF-8")
    return Reply(200, messages_xml([("INFO", text)]))
