"""``data/inputs/<scheme>``: the stanzas of a modular input scheme, validated, written and (re)started."""

from __future__ import annotations

from typing import Any

from . import conf_view
from .conf_file import Stanza
from .conf_view import Seen
from .envelopes import Entry, Feed, Fields, entity_path
from .errors import RestError, exists, missing_arguments, no_endpoint, no_target, unsupported_argument
from .instance import Instance
from .listing import paged
from .request import Request
from .rest_configs import acl_settings

#: Arguments that every scheme takes without declaring them (documented; the last line inferred).
IMPLICIT = (
    "source",
    "sourcetype",
    "host",
    "index",
    "disabled",
    "interval",
    "persistentQueueSize",
    "queueSize",
)
_IMPLICIT_MORE = ("python.version", "python.required", "start_by_shell", "run_introspection", "host_segment")
_LIST_ARGS = {"count", "offset", "search", "sort_key", "sort_dir", "sort_mode", "f"}


class SchemeInputs:
    """The endpoint of one scheme; ``scheme`` is what introspection learned about it."""

    def __init__(self, instance: Instance, scheme: Any) -> None:
        self._instance = instance
        self._conf = instance.conf
        self._scheme = scheme
        self._endpoint = f"data/inputs/{scheme.name}"
        self._prefix = f"{scheme.name}://"

    def handle(self, request: Request, rest: list[str]) -> Feed:
        if not rest:
            return self._collection(request)
        if rest == ["_reload"]:
            self._conf.reload("inputs")
            self._instance.inputs_changed(self._scheme.name, None)
            return self._feed(request, [])
        if rest == ["_new"]:
            return self._feed(request, [self._template(request)])
        return self._entity(request, rest[0], rest[1:])

    def _collection(self, request: Request) -> Feed:
        if request.method == "GET":
            return paged(self._feed(request, self.entries(request)), request)
        if request.method == "POST" and request.arg("name"):
            return self._create(request, request.arg("name"))
        raise no_target(request.method)

    # -- writing

    def _create(self, request: Request, name: str) -> Feed:
        conf_view.require(request)
        if len(name) >= 1024:
            raise RestError(400, 'Parameter "name" must be less than 1024 characters.')
        app = conf_view.write_app(self._conf, request)
        settings = self._settings(request)
        absent = [arg for arg in self._required("required_on_create") if not settings.get(arg)]
        if absent:
            raise missing_arguments(absent)
        if any(seen.name == self._prefix + name for seen in self._visible(request)):
            raise exists(name)
        self._validate(request, name, settings)
        self._conf.write(app, "inputs", self._prefix + name, settings)
        self._instance.inputs_changed(self._scheme.name, self._prefix + name)
        feed = self._one(request, name)
        feed.status = 201
        return feed

    def _entity(self, request: Request, name: str, action: list[str]) -> Feed:
        seen = self._find(request, name)
        if action:
            return self._action(request, seen, action)
        if request.method == "GET":
            return self._one(request, name)
        conf_view.require(request)
        if request.method == "DELETE":
            conf_view.remove(self._conf, "inputs", seen)
            self._instance.inputs_changed(self._scheme.name, seen.name)
            return self._feed(request, self.entries(request))
        return self._edit(request, name, seen)

    def _edit(self, request: Request, name: str, seen: Seen) -> Feed:
        settings = self._settings(request)
        absent = [arg for arg in self._required("required_on_edit") if not settings.get(arg)]
        if absent:
            raise missing_arguments(absent)
        self._validate(request, name, {**seen.settings, **settings})
        self._write(request, seen, settings)
        return self._one(request, name)

    def _action(self, request: Request, seen: Seen, action: list[str]) -> Feed:
        name = seen.name[len(self._prefix) :]
        if action == ["acl"]:
            if request.method == "POST":
                conf_view.require(request)
                self._conf.meta.update(seen.layer.app, "inputs", seen.name, acl_settings(request))
            return self._one(request, name)
        if action not in (["enable"], ["disable"]) or request.method != "POST":
            raise no_endpoint()
        if not self._instance.knobs.inputs_switchable:
            text = (
                "You do not have permission to perform this operation (requires capability: edit_modinput)."
            )
            raise RestError(403, text)
        conf_view.require(request)
        self._write(request, seen, {"disabled": "1" if action == ["disable"] else "0"})
        return self._one(request, name)

    def _write(self, request: Request, seen: Seen, updates: Stanza) -> None:
        conf_view.change(self._conf, "inputs", seen, request, updates, private=False)
        self._instance.inputs_changed(self._scheme.name, seen.name)

    # -- arguments

    def _settings(self, request: Request) -> Stanza:
        known = {*IMPLICIT, *_IMPLICIT_MORE, *self._arg_names()}
        settings = {key: values[-1] for key, values in request.args.items() if key not in _LIST_ARGS}
        settings.pop("name", None)
        for key in settings:
            if key not in known:
                raise unsupported_argument(key)
        return settings

    def _arg_names(self) -> list[str]:
        return [arg.name for arg in self._scheme.args.values() if arg.name != "name"]

    def _required(self, flag: str) -> list[str]:
        return [arg.name for arg in self._scheme.args.values() if getattr(arg, flag) and arg.name != "name"]

    def _validate(self, request: Request, name: str, params: Stanza) -> None:
        if not self._scheme.use_external_validation:
            return
        key = request.session.key or self._instance.auth.new_key(request.session.user)
        refusal = self._instance.validate(self._scheme, name, params, key)
        if refusal is not None:
            raise RestError(400, refusal)

    # -- rendering

    def _visible(self, request: Request) -> list[Seen]:
        return conf_view.visible(self._conf, "inputs", request, private=False)

    def _find(self, request: Request, name: str) -> Seen:
        for seen in self._visible(request):
            if seen.name == self._prefix + name:
                return seen
        raise RestError(404, f"Could not find object id={name}")

    def entries(self, request: Request) -> list[Entry]:
        """Entries of the scheme's stanzas that the request's namespace sees."""
        seen_all = self._visible(request)
        defaults: Stanza = {}
        for wanted in ("default", self._scheme.name):
            for seen in seen_all:
                if seen.name == wanted:
                    defaults.update(seen.settings)
        return [self._entry(seen, defaults) for seen in seen_all if seen.name.startswith(self._prefix)]

    def _entry(self, seen: Seen, defaults: Stanza) -> Entry:
        name = seen.name[len(self._prefix) :]
        acl = conf_view.acl(self._conf, "inputs", seen)
        content = conf_view.content(seen, defaults)
        content["host_resolved"] = self._instance.server_name
        switch = "enable" if content["disabled"] else "disable"
        verbs = ("list", "edit", *(["remove"] if acl.removable else []), switch)
        path = entity_path(acl.owner, acl.app, self._endpoint, name)
        return Entry(name, path, content, acl, verbs=verbs)

    def _one(self, request: Request, name: str) -> Feed:
        found = [entry for entry in self.entries(request) if entry.name == name]
        for entry in found:
            entry.fields = self._fields("required_on_edit")
        return self._feed(request, found[-1:])

    def _fields(self, flag: str, *required: str) -> Fields:
        needed = (*required, *self._required(flag))
        optional = tuple(name for name in (*self._arg_names(), *IMPLICIT) if name not in needed)
        return Fields(needed, optional)

    def _template(self, request: Request) -> Entry:
        path = entity_path("nobody", request.context_app, self._endpoint, "_new")
        return Entry("_new", path, fields=self._fields("required_on_create", "name"))

    def _feed(self, request: Request, entries: list[Entry]) -> Feed:
        path = entity_path(request.owner or "nobody", request.context_app, self._endpoint)
        links = {"create": f"{path}/_new", "_reload": f"{path}/_reload"}
        return Feed(self._scheme.name, path, entries, links)
