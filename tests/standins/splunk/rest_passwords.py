"""``storage/passwords``: names, masks and verbs as splunkd's clients see them."""

from __future__ import annotations

import time

from . import conf_view
from .conf_view import Seen
from .envelopes import Entry, Feed, Fields, entity_path
from .errors import exists, missing_arguments, no_endpoint, no_object, no_target, unsupported_argument
from .instance import Instance
from .listing import paged
from .passwords import PREFIX, Vault, entity_name, split_name
from .request import Request
from .router import Routes

_ENDPOINT = "storage/passwords"
_LIST_ARGS = {"count", "offset", "search", "sort_key", "sort_dir", "sort_mode", "f"}


class Passwords:
    """GET list and one, POST create (201) and edit, DELETE."""

    def __init__(self, instance: Instance) -> None:
        self._conf = instance.conf
        self._knobs = instance.knobs
        self._vault = Vault(instance.home / "var" / "lib" / "splunk" / "standin" / "passwords.json")

    def routes(self) -> Routes:
        return {_ENDPOINT: self.handle}

    def handle(self, request: Request, rest: list[str]) -> Feed:
        conf_view.require(request, "list_storage_passwords")
        if not rest:
            return self._collection(request)
        if rest == ["_reload"]:
            self._conf.reload("passwords")
            return self._feed(request, [])
        if rest == ["_new"]:
            return self._feed(request, [self._template(request)])
        if len(rest) > 1:
            raise no_endpoint()
        return self._entity(request, rest[0])

    def _collection(self, request: Request) -> Feed:
        if request.method == "GET":
            time.sleep(self._knobs.passwords_delay)
            entries = [self._entry(seen) for seen in self._visible(request)]
            return paged(self._feed(request, entries), request)
        if request.method == "POST":
            return self._create(request)
        raise no_target(request.method)

    def _create(self, request: Request) -> Feed:
        conf_view.require(request)
        self._check(request, {"name", "password", "realm"})
        absent = [name for name in ("name", "password") if not request.arg(name)]
        if absent:
            raise missing_arguments(absent)
        app = conf_view.write_app(self._conf, request)
        name = entity_name(request.arg("realm"), request.arg("name"))
        if any(seen.name == PREFIX + name and seen.layer.app == app for seen in self._visible(request)):
            raise exists(name)
        self._store(app, name, request.arg("password"))
        feed = self._one(request, name)
        feed.status = 201
        return feed

    def _entity(self, request: Request, name: str) -> Feed:
        seen = self._find(request, name)
        if request.method == "GET":
            return self._feed(request, [self._entry(seen)])
        conf_view.require(request)
        if request.method == "DELETE":
            conf_view.remove(self._conf, "passwords", seen)
            self._vault.drop(seen.layer.app, seen.name[len(PREFIX) :])
            return self._feed(request, [])
        self._check(request, {"password"})
        if not request.arg("password"):
            raise missing_arguments(["password"])
        self._store(seen.layer.app, seen.name[len(PREFIX) :], request.arg("password"))
        return self._feed(request, [self._entry(seen)])

    def _check(self, request: Request, known: set[str]) -> None:
        unknown = [key for key in request.args if key not in known | _LIST_ARGS]
        if unknown:
            raise unsupported_argument(unknown[0])

    def _store(self, app: str, name: str, password: str) -> None:
        opaque = self._vault.put(app, name, password)
        self._conf.write(app, "passwords", PREFIX + name, {"password": opaque})

    def _visible(self, request: Request) -> list[Seen]:
        every = conf_view.visible(self._conf, "passwords", request, private=False)
        return [seen for seen in every if seen.name.startswith(PREFIX)]

    def _find(self, request: Request, name: str) -> Seen:
        full = PREFIX + entity_name(*split_name(name))
        for seen in self._visible(request):
            if seen.name == full:
                return seen
        raise no_object(name)

    def _one(self, request: Request, name: str) -> Feed:
        return self._feed(request, [self._entry(self._find(request, name))])

    def _entry(self, seen: Seen) -> Entry:
        name = seen.name[len(PREFIX) :]
        realm, username = split_name(name)
        acl = conf_view.acl(self._conf, "passwords", seen)
        content = {
            "clear_password": self._vault.get(seen.layer.app, name),
            "encr_password": seen.settings.get("password", ""),
            "password": "********",
            "realm": realm,
            "username": username,
        }
        fields = Fields(required=("password",))
        return Entry(name, entity_path(acl.owner, acl.app, _ENDPOINT, name), content, acl, fields)

    def _template(self, request: Request) -> Entry:
        path = entity_path("nobody", request.context_app, _ENDPOINT, "_new")
        return Entry("_new", path, fields=Fields(required=("name", "password"), optional=("realm",)))

    def _feed(self, request: Request, entries: list[Entry]) -> Feed:
        path = entity_path(request.owner or "nobody", request.context_app, _ENDPOINT)
        links = {"create": f"{path}/_new", "_reload": f"{path}/_reload"}
        return Feed("passwords", path, entries, links)
